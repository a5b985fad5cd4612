"""What comes in pieces: WebSocket fragments for the picows transport, replies of Redis for its link."""

from __future__ import annotations

import asyncio
import types
from typing import Any, Final

import picows

from saleor_livesales.gateway import actions
from saleor_livesales.gateway.metrics import Metrics
from saleor_livesales.gateway.protocol import Limits
from saleor_livesales.gateway.redis_link import Link
from saleor_livesales.gateway.transport_picows import Socket

from .grammar import Source

LIMITS: Final = Limits(frame=100, fragments=4)
KINDS: Final = [picows.WSMsgType.TEXT, picows.WSMsgType.CONTINUATION, picows.WSMsgType.BINARY, picows.WSMsgType.PONG]

_loop: asyncio.AbstractEventLoop | None = None


def _in_loop(work: Any) -> None:
    """Runs a coroutine in one event loop that is kept: a new one each time would cost more than the work."""
    global _loop
    if _loop is None:
        _loop = asyncio.new_event_loop()
    _loop.run_until_complete(work)


class Frame:
    """As picows hands it over."""

    def __init__(self, msg_type: Any, payload: bytes, *, fin: bool, reserved: int = 0) -> None:
        self.msg_type = msg_type
        self.payload = payload
        self.fin = fin
        self.payload_size = len(payload)
        self.rsv1, self.rsv2, self.rsv3 = bool(reserved & 4), bool(reserved & 2), bool(reserved & 1)

    def get_payload_as_bytes(self) -> bytes:
        return self.payload

    def get_close_code(self) -> int:
        return int.from_bytes(self.payload[:2], "big")


class Transport:
    """The other end of a socket: notes how it was closed."""

    def __init__(self) -> None:
        self.closes: list[int] = []
        self.disconnected = False
        self.underlying_transport = types.SimpleNamespace(
            get_extra_info=lambda name: ("10.0.0.1", 9), get_write_buffer_size=lambda: 0
        )
        self.request = types.SimpleNamespace(headers=types.SimpleNamespace(getall=lambda name, default: default))
        self.close_handshake = None

    def send_close(self, code: int, reason: bytes = b"") -> None:
        self.closes.append(int(code))

    def disconnect(self, graceful: bool = True) -> None:
        self.disconnected = True

    def send(self, kind: Any, payload: bytes) -> None:
        assert not self.closes, "it speaks after it said goodbye"


class Hub:
    """Keeps what arrives whole."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.limits = LIMITS
        self.metrics = Metrics()
        self.clock = lambda: actions.Now(1.0, None)  # type: ignore[arg-type]
        self.left = 0

    def opened(self, socket: Socket, network: bytes | None) -> None:
        assert network is not None

    def closed(self, socket: Socket) -> None:
        self.left += 1

    def perform(self, socket: Socket, found: list[actions.Action]) -> None:
        for action in found:
            assert isinstance(action, actions.Close)
            socket.close(action.code, action.reason)


class Connection:
    def __init__(self, hub: Hub) -> None:
        self.hub = hub

    def receive(self, data: bytes, now: actions.Now) -> list[actions.Action]:
        self.hub.heard.append(data)
        return []

    def receive_binary(self) -> list[actions.Action]:
        return [actions.Close(actions.CLOSE_BINARY, "TEXT_ONLY")]


def fragments(data: bytes) -> None:
    _in_loop(_fragments(Source(data)))


async def _fragments(source: Source) -> None:
    """The same frames by a second, plainer reading of RFC 6455, section 5.4."""
    hub, transport = Hub(), Transport()
    door: Any = types.SimpleNamespace(network=lambda peer, forwarded: b"\x0a\0\0\x01")
    socket = Socket(hub, door, Connection(hub))  # type: ignore[arg-type]
    socket.on_ws_connected(transport)
    expected: list[bytes] = []
    open_message: list[bytes] | None = None
    closes: set[int] = set()  # what it may be closed with, once it must be
    while source and not closes:
        kind, flags = source.one_of(KINDS), source.byte()
        fin, reserved = bool(flags & 1), 0 if flags < 230 else flags & 7
        if kind == picows.WSMsgType.PONG:
            fin, reserved = True, 0
        payload = bytes([source.byte()]) * (source.byte() % 128)
        if reserved:
            closes.add(actions.CLOSE_WRONG)
        if kind == picows.WSMsgType.BINARY:
            closes.add(actions.CLOSE_BINARY)
        elif kind != picows.WSMsgType.PONG:
            if (kind == picows.WSMsgType.TEXT) == (open_message is not None):
                closes.add(actions.CLOSE_WRONG)
            parts = (open_message or []) + [payload]
            if len(payload) > LIMITS.frame:
                return  # picows lets no such frame through
            if sum(map(len, parts)) > LIMITS.frame or (len(parts) > LIMITS.fragments and not (fin and len(parts) == 1)):
                closes.add(actions.CLOSE_TOO_BIG)
            if not closes:
                open_message = None if fin else parts
                if fin:
                    expected.append(b"".join(parts))
        socket.on_ws_frame(transport, Frame(kind, payload, fin=fin, reserved=reserved))
    assert hub.heard == expected
    if not closes:
        assert transport.closes == []
        assert socket.open
    else:
        assert len(transport.closes) == 1
        assert transport.closes[0] in closes
        assert not socket.open
        for kind in KINDS:  # what comes afterwards is not heard
            socket.on_ws_frame(transport, Frame(kind, b"late", fin=True))
        assert hub.heard == expected
    assert len(transport.closes) <= 1
    socket.on_ws_disconnected(transport)
    assert hub.left == 1
    assert not socket.open


REPLIES: Final = [
    b"+OK\r\n", b":7\r\n", b"$-1\r\n", b"$3\r\nabc\r\n", b"-ERR no\r\n", b"*0\r\n", b"*-1\r\n",
    b"*2\r\n:1\r\n$1\r\nx\r\n", b"*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$2\r\nhi\r\n", b"*1\r\n*1\r\n*1\r\n:1\r\n",
    b"$0\r\n\r\n", b":-9223372036854775808\r\n",
]  # fmt: skip
BROKEN: Final = [
    b"?", b"$5\r\nab", b"*9999999999\r\n", b"$99999999999999\r\n", b":x\r\n", b"\r\n", b"*-7\r\n", b"$-2\r\n",
    b"#f\r\n", b"#t\r\n", b"_\r\n", b">1\r\n:1\r\n", b"%1\r\n:1\r\n:2\r\n", b"(123\r\n", b",inf\r\n", b"*1\r\n" * 20,
]  # fmt: skip


class Wire:
    """What the link writes to."""

    def __init__(self) -> None:
        self.written = 0
        self.aborted = False

    def write(self, data: bytes) -> None:
        assert not self.aborted
        self.written += len(data)

    def abort(self) -> None:
        self.aborted = True


def replies(data: bytes) -> None:
    _in_loop(_replies(Source(data)))


async def _replies(source: Source) -> None:
    """Every command gets its reply, in order, or is given back once; a reply that is none ends the connection."""
    answered: list[int] = []
    lost: list[Any] = []
    pushed: list[Any] = []
    subscribes = bool(source.byte() & 1)
    link = Link(on_push=pushed.append if subscribes else None, on_lost=lost.append)
    link.connection_made(Wire())  # type: ignore[arg-type]
    sent, whole, arrays, broken = 0, 0, 0, False
    stream = b""
    while source:
        step = source.byte()
        if step < 90 and link.up:
            link.send(b"PING", context=lambda reply, number=sent: answered.append(number))
            sent += 1
        elif step < 200:
            reply = source.one_of(REPLIES)
            if not broken:
                is_array = reply.startswith(b"*") and reply != b"*-1\r\n"
                arrays += is_array
                whole += not (is_array and subscribes)
            stream += reply
        elif step < 210:
            stream += source.one_of(BROKEN)
            broken = True
        elif step < 214:
            stream += source.some(20)
            broken = True
        elif step < 240 and link.up:
            size = source.byte()
            link.data_received(stream[:size])
            stream = stream[size:]
        elif step < 250:
            await asyncio.sleep(0)
        else:
            break
    if link.up:
        link.data_received(stream)
    await asyncio.sleep(0)
    # replies come to commands in their order; those to nobody are let go
    assert answered == list(range(len(answered)))
    if not broken:
        assert link.up
        assert len(answered) <= min(sent, whole)
        assert link.replies == whole + (arrays if subscribes else 0)
        assert len(pushed) == (arrays if subscribes else 0)
    if not link.up:
        assert link.lost.is_set()
    link.abort()
    assert len(lost) == 1
    assert len(answered) + len(lost[0]) == sent, "a command has neither reply nor end"
    assert not link.contexts
    assert not link.up
    link.connection_lost(None)
    assert len(lost) == 1
