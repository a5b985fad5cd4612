"""What is wrong with a gateway's settings, before it serves anybody: ``livesales gateway --check``."""

from __future__ import annotations

import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import psycopg
import redis

from .. import slots
from ..conf import Misconfigured, Settings
from . import files, transport

FILES_AT_LEAST: Final = 4096
CLOCKS_DIFFER: Final = 5.0  # seconds
SERVER_VERSION: Final = 6  # Redis with all that we use of streams
CLUSTER_VERSION: Final = 7  # with sharded pub/sub


def problems(settings: Settings) -> list[str]:
    """Sentences that say what is wrong and what to do. Empty: the gateway would work."""
    return [
        *_transport(settings),
        *_addresses(settings),
        *_files(files.limit()),
        *_postgresql(settings),
        *_redis(settings),
    ]


def _transport(settings: Settings) -> list[str]:
    try:
        transport.load(settings.gateway_transport)
    except Misconfigured as error:
        return [str(error)]
    return []


def _addresses(settings: Settings) -> list[str]:
    found = []
    parts = urlsplit(settings.gateway_url)
    if parts.scheme not in ("ws", "wss") or not parts.hostname:
        found.append("LIVESALES_GATEWAY_URL must be the address as browsers reach it, such as wss://shop.example/live.")
    if parts.scheme == "wss" and not settings.cookie_secure:
        found.append("LIVESALES_COOKIE_SECURE is 0, but browsers come by TLS. Remove it.")
    if parts.scheme == "wss" and not settings.trusted_proxies:
        found.append(
            "LIVESALES_TRUSTED_PROXIES is empty, but TLS ends at a proxy: all visitors would share the limits of one "
            "network. Name the proxy, and let it send X-Forwarded-For."
        )
    for origin in settings.gateway_origins:
        if origin != "*" and (urlsplit(origin).scheme not in ("http", "https") or urlsplit(origin).path.strip("/")):
            found.append(f"LIVESALES_GATEWAY_ORIGINS has {origin!r}. Write origins such as https://shop.example.")
    if settings.gateway_port and settings.gateway_port == settings.gateway_health_port:
        found.append("LIVESALES_GATEWAY_PORT and LIVESALES_GATEWAY_HEALTH_PORT are the same. Choose two.")
    return found


def _files(limit: int | None) -> list[str]:
    """Each socket is an open file. The gateway takes as many as it may (the hard limit) when it starts."""
    if limit is None or limit >= FILES_AT_LEAST:
        return []
    return [
        f"This process may open {limit} files, so hardly {limit} sockets. Raise the limit: `ulimit -Hn`, LimitNOFILE= "
        "of systemd, --ulimit nofile= of a container."
    ]


def _connect(settings: Settings) -> psycopg.Connection[Any]:
    return psycopg.connect(settings.database_url, connect_timeout=5)


def _postgresql(settings: Settings) -> list[str]:
    try:
        with _connect(settings) as connection:
            connection.execute("SELECT last_number, awaiting_since FROM saleor_livesales_session LIMIT 0")
            connection.execute("SELECT number, key FROM saleor_livesales_entry LIMIT 0")
            connection.execute("SELECT lease_until, status FROM saleor_livesales_rep LIMIT 0")
            allowed = connection.execute(
                "SELECT has_table_privilege('saleor_livesales_entry', 'INSERT')"
                " AND has_table_privilege('saleor_livesales_session', 'UPDATE')"
                " AND has_table_privilege('saleor_livesales_rep', 'UPDATE')"
            ).fetchone()
            if allowed != (True,):
                return ["The database user may not write our tables. Use the one of DATABASE_URL of Saleor."]
            return [*_clock(connection), *_pooler(connection, settings)]
    except psycopg.errors.UndefinedTable:
        return ["Our tables are not in this database. Run Saleor's `manage.py migrate`, and check DATABASE_URL."]
    except psycopg.errors.UndefinedColumn:
        return ["Our tables are older than this gateway. Run Saleor's `manage.py migrate`."]
    except psycopg.Error as error:
        return [f"PostgreSQL can't be reached ({type(error).__name__}). Check DATABASE_URL."]


def _clock(connection: psycopg.Connection[Any]) -> list[str]:
    """Deadlines go by PostgreSQL's clock, but tickets by those of the machines that sign and read them."""
    before = datetime.datetime.now(datetime.UTC)
    ((there,),) = connection.execute("SELECT clock_timestamp()").fetchall()
    after = datetime.datetime.now(datetime.UTC)
    off = max((before - there).total_seconds(), (there - after).total_seconds())
    if off < CLOCKS_DIFFER:
        return []
    return [f"This machine's clock and PostgreSQL's are {off:.0f} s apart. Tickets live for minutes: let both run NTP."]


def _pooler(connection: psycopg.Connection[Any], settings: Settings) -> list[str]:
    """Behind a pooler that gives a server connection away after each transaction, two clients meet the same one."""
    connection.commit()
    ((first,),) = connection.execute("SELECT pg_backend_pid()").fetchall()
    connection.commit()
    with _connect(settings) as other:
        ((second,),) = other.execute("SELECT pg_backend_pid()").fetchall()
    if first != second:
        return []
    return [
        "Behind DATABASE_URL is a pooler in transaction mode, which forgets what a connection was set up with. Give "
        "gateway and decider PostgreSQL's own address, or a pool in session mode."
    ]


def _redis(settings: Settings) -> list[str]:
    if "{" in settings.redis_prefix and settings.redis_cluster:
        return ["LIVESALES_REDIS_PREFIX has a brace, which puts all keys on one node of the cluster. Leave it out."]
    found = []
    for url in slots.seeds(settings.redis_url) if settings.redis_cluster else [settings.redis_url]:
        client = redis.Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5)
        try:
            client.ping()
            found += _kind(client, settings)
        except (redis.RedisError, OSError) as error:
            where = f" at {slots.address(url)[0]}:{slots.address(url)[1]}" if settings.redis_cluster else ""
            found.append(
                f"Redis can't be reached{where} ({type(error).__name__}). Check REDIS_URL or LIVESALES_REDIS_URL."
            )
        finally:
            client.close()
    return list(dict.fromkeys(found))


def _kind(client: redis.Redis, settings: Settings) -> list[str]:
    """Whether it is what the settings say, and does what we need."""
    try:
        about: Any = client.info()
        clustered = bool(int(about.get("cluster_enabled", 0)))
    except redis.ResponseError:
        return []  # a managed Redis that tells nothing of itself
    if clustered and not settings.redis_cluster:
        return ["This Redis is a node of a cluster. Set LIVESALES_REDIS_CLUSTER=1."]
    if settings.redis_cluster and not clustered:
        return ["LIVESALES_REDIS_CLUSTER is set, but the Redis of LIVESALES_REDIS_URL is no cluster's. Remove it."]
    version = str(about.get("redis_version", ""))  # Valkey tells the Redis version that it stands for
    needed = CLUSTER_VERSION if clustered else SERVER_VERSION
    if version.partition(".")[0].isdecimal() and int(version.partition(".")[0]) < needed:
        return [f"This Redis is version {version}. Version {needed} is needed{' for a cluster' if clustered else ''}."]
    found = _settings_of(client)
    if clustered:
        state: Any = client.execute_command("CLUSTER INFO")
        text = state.decode() if isinstance(state, bytes) else str(state)
        if "cluster_state:ok" not in text and "'cluster_state': 'ok'" not in text:
            found.append("The Redis cluster says that it is down. See `redis-cli cluster info`.")
    return found


def _settings_of(client: redis.Redis) -> list[str]:
    try:
        answer: Any = client.config_get("maxmemory-policy")
    except redis.ResponseError:
        return []
    policy = answer.get("maxmemory-policy", "noeviction")
    if policy != "noeviction":
        return [f"Redis evicts entries ({policy}). Set maxmemory-policy to noeviction, or streams vanish unread."]
    return []
