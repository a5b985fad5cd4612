"""WebSockets by picows: frames in, frames out, bounds kept. What they mean is the protocol's business.

Compression is off (it costs 35-215 KiB an idle connection). picows leaves fragments to us: they are put together within
the bound of a frame. A reader so slow that its data piles up is closed: it resumes from its last number later, while a
buffer that grows would take the gateway down for everybody.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Callable
from typing import Any, Final

import picows

from .actions import CLOSE_SLOW, CLOSE_TOO_BIG, CLOSE_WRONG, Action
from .admission import Door, Refusal
from .hub import Hub
from .protocol import Connection
from .transport import BACKLOG, CLOSE_PATIENCE

logger = logging.getLogger(__name__)

READ_BUFFER: Final = 2048  # bytes at first, a connection; 16 KiB would double the memory of an idle one

_TEXT = picows.WSMsgType.TEXT
_BINARY = picows.WSMsgType.BINARY
_CONTINUATION = picows.WSMsgType.CONTINUATION
_PING = picows.WSMsgType.PING
_CLOSE = picows.WSMsgType.CLOSE
_SENT_BACK: Final = frozenset({*range(1000, 1004), *range(1007, 1015)})  # RFC 6455, section 7.4, and what came later


def _told(method: Callable[..., None]) -> Callable[..., None]:
    """What fails here is logged by us: picows closes the socket, with 1011, and says so only in its own log."""

    @functools.wraps(method)
    def call(*arguments: Any) -> None:
        try:
            method(*arguments)
        except Exception:
            logger.exception("A socket failed")
            raise

    return call


class Socket(picows.WSListener):
    """One WebSocket of the hub."""

    __slots__ = (
        "_door",
        "_hub",
        "_parts",
        "_paused",
        "_size",
        "_transport",
        "connection",
        "open",
        "pinged",
        "seen",
        "waiting",
    )

    def __init__(self, hub: Hub, door: Door, connection: Connection) -> None:
        self._hub = hub
        self._door = door
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

    @_told
    def on_ws_connected(self, transport: Any) -> None:
        self._transport = transport
        self.open = True
        self.seen = self._hub.clock().mono
        peer = transport.underlying_transport.get_extra_info("peername")
        forwarded = transport.request.headers.getall("X-Forwarded-For", [])
        self._hub.opened(self, self._door.network(peer[0] if peer else None, forwarded))

    def on_ws_frame(self, transport: Any, frame: Any) -> None:
        try:  # not by _told: this is called for each frame
            kind = frame.msg_type
            if kind == _CLOSE:
                closing = transport.close_handshake
                if closing is None or closing.sent is None:  # else this is the answer to ours
                    code: Any = frame.get_close_code() if frame.payload_size else picows.WSCloseCode.OK
                    transport.send_close(code if code in _SENT_BACK or 3000 <= code < 5000 else CLOSE_WRONG)
                transport.disconnect()
                return
            if not self.open:
                return
            if frame.rsv1 or frame.rsv2 or frame.rsv3:
                self.close(CLOSE_WRONG, "NO_EXTENSIONS")
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
                if kind == _PING:
                    transport.send_pong(frame.get_payload_as_bytes())
                    self._look_at_buffer()
                return
            actions = self.connection.receive(data, now)
            if actions:
                self._hub.perform(self, actions)
        except Exception:
            logger.exception("A socket failed")
            raise

    @_told
    def on_ws_disconnected(self, transport: Any) -> None:
        self.open = False
        closing = transport.close_handshake
        if closing is not None and closing.sent is not None and closing.sent.code == CLOSE_TOO_BIG:
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
        if self._paused:
            self._look_at_buffer()

    def close(self, code: int, reason: str) -> None:
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

    def _look_at_buffer(self) -> None:
        if self._transport.underlying_transport.get_write_buffer_size() > self._hub.settings.pending_writes:
            self._hub.metrics.count("refused:SLOW_CONSUMER")
            self.close(CLOSE_SLOW, "SLOW_CONSUMER")

    def _assemble(self, kind: Any, frame: Any) -> bytes | None:
        """The whole message once its last fragment is here."""
        if (kind == _TEXT) is not (self._parts is None):
            self.close(CLOSE_WRONG, "FRAGMENTS_MIXED")
            return None
        if self._parts is None:
            self._parts, self._size = [], 0
        self._parts.append(frame.get_payload_as_bytes())
        self._size += frame.payload_size
        limits = self._hub.limits
        if self._size > limits.frame or len(self._parts) > limits.fragments:
            self._parts = None
            self.close(CLOSE_TOO_BIG, "FRAME_TOO_BIG" if self._size > limits.frame else "TOO_MANY_FRAGMENTS")
            return None
        if not frame.fin:
            return None
        whole, self._parts = b"".join(self._parts), None
        return whole


class Listening:
    def __init__(self, server: asyncio.Server) -> None:
        self._server = server

    @property
    def address(self) -> tuple[str, int]:
        name: tuple[str, int] = self._server.sockets[0].getsockname()[:2]
        return name

    def close(self) -> None:
        self._server.close()

    async def stop(self) -> None:
        """Nothing is left to end."""


def _normalize(headers: Any) -> None:
    """Writes what picows looks at next as it expects it.

    ``Connection`` is a list (RFC 9110, section 7.6.1; Firefox sends ``keep-alive, Upgrade``), where picows knows one
    word only; and its refusal of a version that is not ASCII fails.
    """
    connection = ",".join(headers.getall("Connection", ())).lower()
    if connection != "upgrade" and "upgrade" in (word.strip() for word in connection.split(",")):
        headers["Connection"] = "upgrade"
    if not headers.get("Sec-WebSocket-Version", "").isascii():
        headers["Sec-WebSocket-Version"] = ""


async def listen(hub: Hub) -> Listening:
    settings, door = hub.settings, Door(hub)
    logging.getLogger("picows").setLevel(logging.CRITICAL)  # it speaks of each connection, with addresses

    def accept(request: Any) -> Any:
        answer = door.admit(request.path.partition(b"?")[0].decode("latin-1"), request.headers)
        if isinstance(answer, Refusal):
            return picows.WSUpgradeResponseWithListener(
                picows.WSUpgradeResponse.create_error_response(answer.status, answer.text.encode()), None
            )
        _normalize(request.headers)
        headers = {"Set-Cookie": answer.cookie} if answer.cookie else {}
        response = picows.WSUpgradeResponse.create_101_response(extra_headers=headers)
        return picows.WSUpgradeResponseWithListener(response, Socket(hub, door, answer.connection))

    server = await picows.ws_create_server(
        accept,
        settings.gateway_host,
        settings.gateway_port,
        max_frame_size=settings.frame_limit,
        read_buffer_init_size=READ_BUFFER,
        websocket_handshake_timeout=settings.hello_timeout,
        enable_auto_ping=False,  # one sweep over all sockets does it, without a task for each
        enable_auto_pong=False,  # it would answer without end somebody who asks and never reads
        use_aiofastnet=False,  # a fifth faster, but 5 KiB more an idle visitor, and those are many
        backlog=BACKLOG,
    )
    return Listening(server)
