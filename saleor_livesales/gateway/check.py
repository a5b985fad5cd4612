"""What is wrong with a gateway's settings, before it serves anybody: ``livesales gateway --check``."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import psycopg
import redis

from ..conf import Misconfigured, Settings
from . import transport


def problems(settings: Settings) -> list[str]:
    """Sentences that say what is wrong and what to do. Empty: the gateway would work."""
    return [*_transport(settings), *_addresses(settings), *_postgresql(settings), *_redis(settings)]


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


def _postgresql(settings: Settings) -> list[str]:
    try:
        with psycopg.connect(settings.database_url, connect_timeout=5) as connection:
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
    except psycopg.errors.UndefinedTable:
        return ["Our tables are not in this database. Run Saleor's `manage.py migrate`, and check DATABASE_URL."]
    except psycopg.errors.UndefinedColumn:
        return ["Our tables are older than this gateway. Run Saleor's `manage.py migrate`."]
    except psycopg.Error as error:
        return [f"PostgreSQL can't be reached ({type(error).__name__}). Check DATABASE_URL."]
    return []


def _redis(settings: Settings) -> list[str]:
    client = redis.Redis.from_url(settings.redis_url, socket_connect_timeout=5, socket_timeout=5)
    try:
        client.ping()
        answer: Any = client.config_get("maxmemory-policy")
    except redis.ResponseError:
        return []  # a managed Redis that tells nothing of its settings
    except (redis.RedisError, OSError) as error:
        return [f"Redis can't be reached ({type(error).__name__}). Check REDIS_URL or LIVESALES_REDIS_URL."]
    finally:
        client.close()
    policy = answer.get("maxmemory-policy", "noeviction")
    if policy != "noeviction":
        return [f"Redis evicts entries ({policy}). Set maxmemory-policy to noeviction, or streams vanish unread."]
    return []
