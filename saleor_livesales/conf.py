"""Settings of a deployment, read from the environment. What a store owner edits is in the channels room instead.

Every process of the product (Saleor's web and workers, the gateway, the decider) is started with the same values.
Nothing is read at import: call :func:`load`. A secret may stand in a file named by the same variable with ``_FILE``.
"""

from __future__ import annotations

import functools
import ipaddress
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from .tokens import MIN_SECRET_BYTES, Signer

TRANSPORTS: Final = ("picows", "asgi")
MOST_CODE_KEYS: Final = 2
KEY_ID_LIMIT: Final = 32  # characters, as the columns

# Where the proxies in front of a gateway usually are: this host, and private networks (RFC 1918, RFC 4193). What comes
# from a public address is no proxy unless it is named.
PRIVATE_NETWORKS: Final = ("127.0.0.0/8", "::1", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")


class Misconfigured(Exception):
    """A setting is missing or malformed; the text names it and says what to do."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Durations are in seconds, sizes in bytes unless a name says otherwise."""

    database_url: str
    redis_url: str
    signing_keys: Mapping[str, str] = field(repr=False)
    gateway_host: str = "127.0.0.1"
    gateway_port: int = 8400
    gateway_health_port: int = 8401  # /health/live, /health/ready and /metrics
    decider_health_port: int = 0  # the same of a decider; 0: none
    health_host: str = ""  # where both listen; empty: where the gateway does
    log_format: str = "json"  # json: without personal data; text: to read at a desk
    gateway_url: str = "ws://127.0.0.1:8400/live"  # as browsers reach it
    gateway_origins: tuple[str, ...] = ("*",)
    dashboard_origins: tuple[str, ...] = ()  # Dashboards that may frame the console, beside the plugin's own setting
    cookie_name: str = "livesales"
    cookie_secure: bool = True
    redis_cluster: bool = False  # LIVESALES_REDIS_URL names a node of a cluster, or several, separated by commas
    redis_prefix: str = "ls:"
    redis_timeout: float = 0.05  # how long a hook may wait for Redis, once
    streams: int = 16  # visitor event streams; fixed for the life of a deployment
    visit_gap: int = 1800  # a visit ends after this silence (the usual web analytics value)
    online_window: int = 70  # two missed heartbeats of 25 s and some slack
    ring_for: int = 30
    rep_lease: int = 45
    offer_lifetime: int = 120
    offer_pause: int = 900  # after a declined or ignored offer, none is made for this long
    queue_fair_after: int = 600  # who waited this long is passed by nobody who came later, whatever their plan
    abandon_after: int = 120
    idle_after: int = 1800
    gateway_transport: str = "picows"  # or asgi: uvicorn, where picows can't run (pip install saleor-livesales[asgi])
    trusted_proxies: tuple[str, ...] = PRIVATE_NETWORKS  # whose X-Forwarded-For tells a visitor's network
    message_limit: int = 4000  # characters
    frame_limit: int = 65536  # of a whole message, in however many fragments
    fragments_limit: int = 256  # of one message
    nesting_limit: int = 8  # of JSON; our frames need one
    events_per_minute: int = 120  # per visitor; more are dropped and counted
    messages_per_minute: int = 60  # per visitor; more are refused. A rep, who serves several, may send five times that
    signals_per_minute: int = 600  # per visitor, all other frames; the socket is closed beyond. A rep: five times that
    burst: float = 30.0  # what a rate allows in this time may come at once
    connections_per_visitor: int = 20  # tabs; per rep as well
    sessions_per_socket: int = 200  # that one socket may speak of; it is then closed and makes a new one
    # Of one network: an IPv4 address or 64 bits of an IPv6 one. Room for an office of 200 people with several tabs.
    connections_per_network: int = 2000
    strangers_per_network: int = 500  # sockets that have not said Hello
    arrivals_per_network: int = 1800  # new sockets a minute
    events_per_network: int = 6000  # a minute
    messages_per_network: int = 3000  # a minute, of visitors
    visitor_ticket: int = 300  # renewed on the socket when a fifth is left
    hello_timeout: float = 5.0
    idle_ping: float = 25.0  # a socket silent for this long is pinged, and closed after the same time without an answer
    pending_writes: int = 262144  # bytes waiting for one slow reader before it is closed
    pending_messages: int = 10000  # per gateway, while PostgreSQL is away; more are refused
    pending_for: float = 30.0  # a message that can't be committed for this long is refused
    # Of the codes themselves: without, none is issued and none is valid. Each at most two keys, the first one is used.
    code_keys: Mapping[str, str] = field(default_factory=dict, repr=False)  # of the digests that codes are known by
    delivery_keys: Mapping[str, str] = field(default_factory=dict, repr=False)  # seal codes until they are delivered
    # Tries of sign-in codes in a quarter of an hour. Wrong ones beyond the alarm are told in log and figures.
    code_tries_per_visitor: int = 10
    code_tries_per_network: int = 1000
    code_misses_per_prefix: int = 2000
    code_alarm: int = 5000
    picture_limit: int = 10485760  # bytes of a picture as it comes
    picture_pixels: int = 40000000
    pictures_per_minute: int = 6  # per visitor; more are refused. A rep may send five times that
    pictures_per_session: int = 100
    picture_link: int = 300  # how long the address of a picture is good for
    picture_storage: str = ""  # a storage class of Django's by its dotted path; empty: the shop's own for private files
    picture_scan: str = ""  # a function by its dotted path: bytes in, True out where they may pass
    mail_backend: str = "django.core.mail.backends.smtp.EmailBackend"
    mail_url: str = "smtp://127.0.0.1:1025"
    mail_from: str = "live-sales@localhost"
    mail_templates: str = ""  # a folder whose files go before our templates
    mail_options: Mapping[str, Any] = field(default_factory=dict, repr=False)  # JSON: arguments of another backend
    mail_webhooks: Mapping[str, Any] = field(default_factory=dict, repr=False)  # JSON: of each provider, its secrets
    stripe_key: str = field(default="", repr=False)  # where the plugin's settings name none
    stripe_webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    stripe_api: str = "https://api.stripe.com"
    mail_opens: bool = False  # whether providers may tell that a mail was opened
    letter_providers: Mapping[str, Any] = field(default_factory=dict, repr=False)  # JSON: by name, key and secrets
    member_code_uses: int = 10  # visitors (browsers) that may enter a member's code

    @functools.cached_property
    def signer(self) -> Signer:
        return Signer(self.signing_keys)


def _secret(environ: Mapping[str, str], name: str) -> str:
    if path := environ.get(f"{name}_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    return environ.get(name, "")


def _code_keys(environ: Mapping[str, str], name: str) -> dict[str, str]:
    """At most two keys for sign-in codes; none: codes are not used here. Raises Misconfigured."""
    text = _secret(environ, name)
    keys = _pairs(text, name)
    if len(keys) > MOST_CODE_KEYS:
        raise Misconfigured(f"{name} has {len(keys)} keys. Two may be valid at once: the one in use and the last one.")
    for key_id, secret in keys.items():
        if len(secret.encode()) < MIN_SECRET_BYTES:
            raise Misconfigured(f"{name}: the key {key_id!r} is shorter than {MIN_SECRET_BYTES} bytes.")
        if len(key_id) > KEY_ID_LIMIT:
            raise Misconfigured(f"{name}: a key's id has at most {KEY_ID_LIMIT} characters.")
    return keys


def _object(environ: Mapping[str, str], name: str) -> dict[str, Any]:
    """A JSON object; empty where nothing is set. Raises Misconfigured, without the text: it holds secrets."""
    text = _secret(environ, name)
    try:
        value = json.loads(text) if text.strip() else {}
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise Misconfigured(f'{name} must be a JSON object, for example {{"api_key": "…"}}.')
    return value


def _keys(text: str) -> dict[str, str]:
    if not text.strip(" ,"):
        raise Misconfigured(
            "LIVESALES_SIGNING_KEYS is not set. Give every process the same value, for example "
            "LIVESALES_SIGNING_KEYS=\"k1:$(python -c 'import secrets; print(secrets.token_urlsafe(48))')\"."
        )
    return _pairs(text, "LIVESALES_SIGNING_KEYS")


def _pairs(text: str, name: str) -> dict[str, str]:
    pairs = [part.strip().partition(":") for part in text.split(",") if part.strip()]
    if any(not (key_id and secret) for key_id, _, secret in pairs):
        raise Misconfigured(f"{name} must be 'id:secret' pairs, separated by commas.")
    return {key_id: secret for key_id, _, secret in pairs}


def from_environ(environ: Mapping[str, str]) -> Settings:
    """Settings from ``environ``. Raises Misconfigured with a sentence that says what to set."""
    values: dict[str, object] = {
        "database_url": environ.get("DATABASE_URL", ""),
        "redis_url": environ.get("LIVESALES_REDIS_URL") or environ.get("REDIS_URL", ""),
        "signing_keys": _keys(_secret(environ, "LIVESALES_SIGNING_KEYS")),
        "code_keys": _code_keys(environ, "LIVESALES_CODE_KEYS"),
        "delivery_keys": _code_keys(environ, "LIVESALES_DELIVERY_KEYS"),
        "mail_options": _object(environ, "LIVESALES_MAIL_OPTIONS"),
        "mail_webhooks": _object(environ, "LIVESALES_MAIL_WEBHOOKS"),
        "stripe_key": _secret(environ, "LIVESALES_STRIPE_KEY").strip(),
        "stripe_webhook_secrets": tuple(_secret(environ, "LIVESALES_STRIPE_WEBHOOK_SECRETS").replace(",", " ").split()),
        "letter_providers": _object(environ, "LIVESALES_LETTER_PROVIDERS"),
    }
    for name in ("database_url", "redis_url"):
        if not values[name]:
            raise Misconfigured(f"{name.upper()} is not set. Use the same value as for Saleor.")
    for name, spec in Settings.__dataclass_fields__.items():
        raw = environ.get(f"LIVESALES_{name.upper()}")
        if name in values or raw is None:
            continue
        kind = str(spec.type)
        try:
            if kind == "int":
                values[name] = int(raw)
            elif kind == "float":
                values[name] = float(raw)
            elif kind == "bool":
                values[name] = {"1": True, "true": True, "0": False, "false": False}[raw.strip().lower()]
            elif kind.startswith("tuple"):
                values[name] = tuple(part.strip() for part in raw.split(",") if part.strip())
            else:
                values[name] = raw
        except (ValueError, KeyError):
            raise Misconfigured(f"LIVESALES_{name.upper()} must be a {kind}, not {raw!r}.") from None
    try:
        settings = Settings(**values)  # type: ignore[arg-type]
        _ = settings.signer
    except ValueError as error:
        raise Misconfigured(str(error)) from None
    for name in settings.trusted_proxies:
        try:
            ipaddress.ip_network(name)
        except ValueError as error:
            raise Misconfigured(f"LIVESALES_TRUSTED_PROXIES: {error}. Write addresses or ranges: 10.0.0.0/8.") from None
    if settings.gateway_transport not in TRANSPORTS:
        raise Misconfigured(f"LIVESALES_GATEWAY_TRANSPORT must be picows or asgi, not {settings.gateway_transport!r}.")
    if settings.redis_cluster and not environ.get("LIVESALES_REDIS_URL"):
        raise Misconfigured(
            "LIVESALES_REDIS_CLUSTER is set without LIVESALES_REDIS_URL. Name a node of the cluster there: REDIS_URL "
            "is Celery's, which can't work on a cluster."
        )
    if settings.log_format not in ("json", "text"):
        raise Misconfigured(f"LIVESALES_LOG_FORMAT must be json or text, not {settings.log_format!r}.")
    return settings


@functools.lru_cache(maxsize=1)
def load() -> Settings:
    """The settings of this process. Tests call ``load.cache_clear()`` after they changed the environment."""
    return from_environ(os.environ)
