"""WebSockets by picows: frames in, frames out, bounds kept. What they mean is the protocol's business.

Compression is off (it costs 35-215 KiB an idle connection). picows leaves fragments to us: they are put together within
the bound of a frame. A reader so slow that its data piles up is closed: it resumes from its last number later, while a
buffer that grows would take the gateway down for everybody.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Final
from urllib.parse import urlsplit

import picows

from . import identity, protocol
from .hub import Hub
from .protocol import Action, Connection

logger = logging.getLogger(__name__)

READ_BUFFER: Final = 2048  # bytes at first, a connection; 16 KiB would double the memory of an idle one
CLOSE_PATIENCE: Final = 1.0  # seconds for the other side to answer a close
CLOSE_WRONG: Final = 1002

_TEXT = picows.WSMsgType.TEXT
_BINARY = picows.WSMsgType.BINARY
_CONTINUATION = picows.WSMsgType.CONTINUATION
_CLOSE = picows.WSMsgType.CLOSE


class Socket(picows.WSListener):
    """One WebSocket of the hub."""

    __slots__ = ("_hub", "_parts", "_paused", "_size", "_transport", "connection", "open", "pinged", "seen", "waiting")

    def __init__(self, hub: Hub, connection: Connection) -> None:
        self._hub = hub
        self._transport: Any = None
        self._parts: list[bytes] | None = None  # of a fragmented message
        self._size = 0
        self._paused = False
        self.connection = connection
        self.waiting: list[Action] | None = None
        self.open = False
        self.seen = 0.0  # when it last said anything
        self.pinged = False

    # From picows

    def on_ws_connected(self, transport: Any) -> None:
        self._transport = transport
        self.open = True
        self.seen = self._hub.clock().mono
        self._hub.opened(self)

    def on_ws_frame(self, transport: Any, frame: Any) -> None:
        kind = frame.msg_type
        if kind == _CLOSE:
            transport.send_close(frame.get_close_code() if frame.payload_size else picows.WSCloseCode.OK)
            transport.disconnect()
            return
        if not self.open:
            return
        now = self._hub.clock()
        self.seen = now.mono
        self.pinged = False
        if kind == _TEXT and frame.fin and self._parts is None:
            data = frame.get_payload_as_bytes()
        elif kind == _BINARY:
            self._hub.perform(self, self.connection.receive_binary())
            return
        elif kind in (_TEXT, _CONTINUATION):
            whole = self._assemble(kind, frame)
            if whole is None:
                return
            data = whole
        else:
            return  # a pong
        if frame.rsv1 or frame.rsv2 or frame.rsv3:
            self.close(CLOSE_WRONG, "NO_EXTENSIONS")
            return
        actions = self.connection.receive(data, now)
        if actions:
            self._hub.perform(self, actions)

    def on_ws_disconnected(self, transport: Any) -> None:
        self.open = False
        closing = transport.close_handshake
        if closing is not None and closing.sent is not None and closing.sent.code == protocol.CLOSE_TOO_BIG:
            self._hub.metrics.drop("oversized")
        self._hub.closed(self)

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False

    # For the hub

    def send(self, payload: bytes) -> None:
        if not self.open:
            return
        self._transport.send(_TEXT, payload)
        if self._paused and self._transport.underlying_transport.get_write_buffer_size() > (
            self._hub.settings.pending_writes
        ):
            self._hub.metrics.count("refused:SLOW_CONSUMER")
            self.close(protocol.CLOSE_SLOW, "SLOW_CONSUMER")

    def close(self, code: int, reason: str) -> None:
        """Says why, ignores what still comes, and hangs up once that is heard, or soon."""
        if not self.open:
            return
        self.open = False
        self._transport.send_close(code, reason.encode())
        asyncio.get_running_loop().call_later(CLOSE_PATIENCE, self._transport.disconnect, False)

    def ping(self) -> None:
        self.pinged = True
        self._transport.send_ping()

    def abort(self) -> None:
        self.open = False
        self._transport.disconnect(False)

    def _assemble(self, kind: Any, frame: Any) -> bytes | None:
        """The whole message once its last fragment is here."""
        if (kind == _TEXT) is not (self._parts is None):
            self.close(CLOSE_WRONG, "FRAGMENTS_MIXED")
            return None
        if self._parts is None:
            self._parts, self._size = [], 0
        self._parts.append(frame.get_payload_as_bytes())
        self._size += frame.payload_size
        if self._size > self._hub.limits.frame or len(self._parts) > 1024:
            self._parts = None
            self.close(protocol.CLOSE_TOO_BIG, "FRAME_TOO_BIG")
            return None
        if not frame.fin:
            return None
        whole, self._parts = b"".join(self._parts), None
        return whole


async def listen(hub: Hub) -> asyncio.Server:
    """Accepts sockets on the gateway's address, at the path that browsers are told."""
    settings = hub.settings
    path = urlsplit(settings.gateway_url).path or "/"

    def accept(request: Any) -> Any:
        if request.path.partition(b"?")[0].decode("latin-1") != path:
            return None
        if hub.draining:
            hub.metrics.count("handshake:STOPPING")
            return _refuse(503, b"This gateway is about to stop. Try again.")
        if not identity.origin_allowed(request.headers.get("Origin"), settings.gateway_origins):
            hub.metrics.count("handshake:ORIGIN")
            return _refuse(403, b"Pages of this origin may not connect. See LIVESALES_GATEWAY_ORIGINS.")
        now = hub.clock()
        handshake = identity.shake_hands(
            request.headers,
            signer=settings.signer,
            cookie_name=settings.cookie_name,
            secure=settings.cookie_secure,
            now=now.wall,
        )
        headers = {"Set-Cookie": handshake.cookie} if handshake.cookie else {}
        connection = Connection(
            handshake=handshake, limits=hub.limits, signer=settings.signer, limiter=hub.limiter, now=now.mono
        )
        response = picows.WSUpgradeResponse.create_101_response(extra_headers=headers)
        return picows.WSUpgradeResponseWithListener(response, Socket(hub, connection))

    return await picows.ws_create_server(
        accept,
        settings.gateway_host,
        settings.gateway_port,
        max_frame_size=settings.frame_limit,
        read_buffer_init_size=READ_BUFFER,
        websocket_handshake_timeout=settings.hello_timeout,
        enable_auto_ping=False,  # one sweep over all sockets does it, without a task for each
        enable_auto_pong=True,
        use_aiofastnet=False,
        backlog=4096,
    )


def _refuse(status: int, body: bytes) -> Any:
    return picows.WSUpgradeResponseWithListener(picows.WSUpgradeResponse.create_error_response(status, body), None)
