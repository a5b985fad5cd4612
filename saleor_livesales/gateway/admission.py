"""Who may open a socket, from the HTTP request alone: the same for every transport."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from .. import networks
from ..conf import Settings
from . import identity
from .protocol import Connection, Limits
from .rates import Allowed, Limiter

if TYPE_CHECKING:
    from .hub import Hub


logger = logging.getLogger(__name__)


def limits(settings: Settings) -> Limits:
    return Limits(
        frame=settings.frame_limit,
        fragments=settings.fragments_limit,
        nesting=settings.nesting_limit,
        text=settings.message_limit,
        sessions=settings.sessions_per_socket,
        hello=settings.hello_timeout,
        ticket=settings.visitor_ticket,
    )


def limiter(settings: Settings) -> Limiter:
    return Limiter(
        events_per_minute=settings.events_per_minute,
        messages_per_minute=settings.messages_per_minute,
        signals_per_minute=settings.signals_per_minute,
        connections=settings.connections_per_visitor,
        allowed=Allowed(
            burst=settings.burst,
            connections_per_network=settings.connections_per_network,
            strangers_per_network=settings.strangers_per_network,
            arrivals_per_network=settings.arrivals_per_network,
            events_per_network=settings.events_per_network,
            messages_per_network=settings.messages_per_network,
        ),
    )


class Refusal(msgspec.Struct, frozen=True):
    """An HTTP answer instead of a socket. ``reason`` is what is counted."""

    status: int
    reason: str
    text: str


class Admitted(msgspec.Struct, frozen=True):
    """``cookie`` is the Set-Cookie header of the answer, where there is one."""

    connection: Connection
    cookie: str | None


class Door:
    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._path = urlsplit(hub.settings.gateway_url).path or "/"
        self._proxies = networks.Proxies(hub.settings.trusted_proxies)
        self._told = False

    def admit(self, path: str, headers: Mapping[str, str]) -> Admitted | Refusal:
        """``headers`` by their usual names (``Sec-Fetch-Site``), whatever their case on the wire."""
        try:
            return self._admit(path, headers)
        except Exception:  # transports would answer with its text, and tell nobody
            logger.exception("A handshake failed")
            self._hub.metrics.count("handshake:FAILED")
            return Refusal(500, "FAILED", "The handshake failed.")

    def _admit(self, path: str, headers: Mapping[str, str]) -> Admitted | Refusal:
        refusal = self._refusal(path, headers.get("Origin"))
        if refusal is not None:
            self._hub.metrics.count(f"handshake:{refusal.reason}")
            return refusal
        hub, settings = self._hub, self._hub.settings
        now = hub.clock()
        handshake = identity.shake_hands(
            headers,
            signer=settings.signer,
            cookie_name=settings.cookie_name,
            secure=settings.cookie_secure,
            now=now.wall,
        )
        connection = Connection(
            handshake=handshake, limits=hub.limits, signer=settings.signer, limiter=hub.limiter, now=now.mono
        )
        return Admitted(connection, handshake.cookie)

    def _refusal(self, path: str, origin: str | None) -> Refusal | None:
        if path != self._path:
            return Refusal(404, "PATH", "There is nothing here.")
        if self._hub.draining:
            return Refusal(503, "STOPPING", "This gateway is about to stop. Try again.")
        if not identity.origin_allowed(origin, self._hub.settings.gateway_origins):
            return Refusal(403, "ORIGIN", "Pages of this origin may not connect. See LIVESALES_GATEWAY_ORIGINS.")
        return None

    def network(self, peer: str | None, forwarded: Sequence[str]) -> bytes | None:
        """Whose limits hold for a socket from ``peer``, which sent these X-Forwarded-For headers.

        None where that can't be known: a proxy is at the other end and does not say who is behind it. Then the limits
        of a network don't hold, for they would be those of all visitors together.
        """
        address = self._proxies.client(peer, forwarded) if peer else None
        if forwarded and address is not None and not self._told and networks.parse(peer or "") == address:
            self._told = True
            logger.warning(
                "X-Forwarded-For came from an address that LIVESALES_TRUSTED_PROXIES does not name. If that is a proxy "
                "of yours, name it: until then all who come through it share the limits of one network."
            )
        return None if address is None else networks.network(address)
