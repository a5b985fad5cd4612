"""WebSockets by uvicorn, as an ASGI application: for hosts where picows can't run. The same protocol, the same bounds.

uvicorn reads and writes frames by the sans-I/O part of the websockets library, which puts fragments together and checks
UTF-8 and the size of a whole message. What ASGI has no word for comes over a small extension of the connection:
pings by our own sweep, how much waits to be written, and hanging up on somebody who reads nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import socket as network_sockets
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, Final

import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState

from .actions import CLOSE_SLOW, CLOSE_TOO_BIG, Action
from .admission import Door, Refusal
from .hub import Hub
from .protocol import Connection
from .transport import BACKLOG, CLOSE_PATIENCE

logger = logging.getLogger(__name__)

# Before, headers of the handshake were sent in small letters, values too: no cookie came back whole.
if tuple(map(int, uvicorn.__version__.split(".")[:2])) < (0, 42):
    raise ImportError(f"there is uvicorn {uvicorn.__version__}")

LINE: Final = "livesales.line"  # the ASGI extension
GONE: Final = 1006  # nobody said goodbye

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]


class Line(WebSocketsSansIOProtocol):
    """uvicorn's connection, from the first byte of the handshake, with what ASGI can't tell."""

    def __init__(self, *arguments: Any, patience: float, fragments: int, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._patience = patience
        self._fragments = fragments
        self._count = 0  # of the message that is coming in
        self._due: asyncio.TimerHandle | None = None
        self.heard: Callable[[], None] | None = None
        self.answered: Callable[[], object] | None = None  # a ping, that is

    # From asyncio

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._due = self.loop.call_later(self._patience, self.abort)  # uvicorn waits for a request for ever

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.heard is not None:
            self.heard()
        super().data_received(data)

    # From uvicorn

    def handle_connect(self, event: Any) -> None:
        self._wait_no_more()
        super().handle_connect(event)
        if self.response.status_code == 101:
            extensions: Any = self.scope["extensions"]
            extensions[LINE] = self

    def handle_text(self, event: Any) -> None:
        self._count = 1
        super().handle_text(event)

    def handle_bytes(self, event: Any) -> None:
        self._count = 1
        super().handle_bytes(event)

    def handle_cont(self, event: Any) -> None:
        self._count += 1
        if self._count <= self._fragments:
            super().handle_cont(event)
        elif not self.close_sent:
            self.conn.fail(CLOSE_TOO_BIG, "TOO_MANY_FRAGMENTS")
            self.handle_parser_exception()

    def send_receive_event_to_app(self) -> None:
        with contextlib.suppress(InvalidState):  # no UTF-8, and the peer's Close came with it: that is answered next
            super().send_receive_event_to_app()

    def handle_ping(self) -> None:
        super().handle_ping()
        if self.answered is not None:
            self.answered()

    # For the socket

    def ping(self) -> None:
        if self.handshake_complete and not (self.close_sent or self.transport.is_closing()):
            self.conn.send_ping(b"")
            self.transport.write(b"".join(self.conn.data_to_send()))

    def unsent(self) -> int:
        """Bytes that the kernel has not taken yet."""
        return self.transport.get_write_buffer_size()

    def abort(self) -> None:
        self.transport.abort()

    def _wait_no_more(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None


class Socket:
    """One WebSocket of the hub."""

    __slots__ = (
        "_closing",
        "_hub",
        "_line",
        "_queue",
        "_queued",
        "_send",
        "_writing",
        "connection",
        "open",
        "pinged",
        "seen",
        "waiting",
    )

    def __init__(self, hub: Hub, connection: Connection, line: Line, send: Send) -> None:
        self._hub = hub
        self._line = line
        self._send = send
        self._queue: deque[bytes] = deque()
        self._queued = 0  # bytes
        self._closing: tuple[int, str] | None = None
        self._writing: asyncio.Task[None] | None = None  # only while there is something to write
        self.connection = connection
        self.waiting: list[Action] | None = None
        self.open = True
        self.seen = hub.clock().mono
        self.pinged = False
        line.heard = self._heard
        line.answered = self._look_at_buffers

    # From the application

    def received(self, message: Mapping[str, Any]) -> None:
        if not self.open:
            return
        text = message.get("text")
        if text is None:
            self._hub.perform(self, self.connection.receive_binary())
        elif actions := self.connection.receive(text.encode(), self._hub.clock()):
            self._hub.perform(self, actions)

    def ended(self, code: int) -> None:
        self.open = False
        self._line.heard = self._line.answered = None
        if self._writing is not None and self._closing is None:
            self._writing.cancel()
        if code == CLOSE_TOO_BIG:
            self._hub.metrics.drop("oversized")
        self._hub.closed(self)

    def _heard(self) -> None:
        self.seen = self._hub.clock().mono
        self.pinged = False

    # For the hub

    def send(self, payload: bytes) -> None:
        if not self.open:
            return
        self._queue.append(payload)
        self._queued += len(payload)
        if self._look_at_buffers():
            self._write()

    def _look_at_buffers(self) -> bool:
        """Whether what waits to be written is within its bound. Else the socket is closed."""
        if self._queued + self._line.unsent() <= self._hub.settings.pending_writes:
            return True
        if self.open:
            self._hub.metrics.count("refused:SLOW_CONSUMER")
            self._queue.clear()
            self.close(CLOSE_SLOW, "SLOW_CONSUMER")
        else:
            self.abort()  # it still asks, and does not read
        return False

    def close(self, code: int, reason: str) -> None:
        if not self.open:
            return
        self.open = False
        self._closing = code, reason
        self._write()
        asyncio.get_running_loop().call_later(CLOSE_PATIENCE, self.abort)

    def ping(self) -> None:
        self.pinged = True
        self._line.ping()

    def abort(self) -> None:
        self.open = False
        if self._writing is not None:
            self._writing.cancel()
        self._line.abort()

    def _write(self) -> None:
        if self._writing is None:
            self._writing = asyncio.get_running_loop().create_task(self._write_all())

    async def _write_all(self) -> None:
        """ASGI's ``send`` waits while the connection takes no more: meanwhile the queue grows, up to its bound."""
        try:
            while self._queue:
                payload = self._queue.popleft()
                await self._send({"type": "websocket.send", "text": payload.decode()})
                self._queued -= len(payload)
            if self._closing is not None:
                code, reason = self._closing
                await self._send({"type": "websocket.close", "code": code, "reason": reason})
        except (OSError, RuntimeError):  # it ended, or uvicorn has closed it for what came in
            self.open = False  # the end follows on the other side
        finally:
            self._writing = None


class Application:
    """The ASGI application. It serves WebSockets only."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._door = Door(hub)

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        headers = _by_usual_names(scope["headers"])
        answer = self._door.admit(scope["path"], headers)
        await receive()  # websocket.connect
        if isinstance(answer, Refusal):
            await _refuse(send, answer)
            return
        cookies = [(b"set-cookie", answer.cookie.encode())] if answer.cookie else []
        await send({"type": "websocket.accept", "headers": cookies})
        forwarded = headers.get("X-Forwarded-For")
        network = self._door.network(scope["client"][0] if scope["client"] else None, [forwarded] if forwarded else [])
        socket = Socket(self._hub, answer.connection, scope["extensions"][LINE], send)
        code = GONE
        try:
            self._hub.opened(socket, network)
            while (message := await receive())["type"] != "websocket.disconnect":
                socket.received(message)
            code = message["code"]
        except OSError:
            pass  # it ended while it was answered
        except Exception:
            logger.exception("A socket failed")
        finally:
            socket.ended(code)


def _by_usual_names(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers as HTTP/1.1 is used to write them; those that were sent more than once joined (RFC 9110, section 5.3)."""
    found: dict[str, str] = {}
    for raw, value in headers:
        name, text = raw.decode("latin-1").title(), value.decode("latin-1")
        if name in found:
            text = found[name] + ("; " if name == "Cookie" else ", ") + text
        found[name] = text
    return found


async def _refuse(send: Send, refusal: Refusal) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "websocket.http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": refusal.text.encode()})


class _Server(uvicorn.Server):
    """Signals are the gateway's business."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Listening:
    def __init__(self, server: _Server, task: asyncio.Task[None], address: tuple[str, int]) -> None:
        self._server = server
        self._task = task
        self.address = address

    def close(self) -> None:
        for server in self._server.servers:
            server.close()

    async def stop(self) -> None:
        self._server.should_exit = True
        await self._task


async def listen(hub: Hub) -> Listening:
    settings = hub.settings
    for name in ("uvicorn.error", "uvicorn.access"):  # they speak of each connection, with addresses
        logging.getLogger(name).setLevel(logging.CRITICAL)
    line: Any = functools.partial(Line, patience=settings.hello_timeout, fragments=settings.fragments_limit)
    config = uvicorn.Config(
        Application(hub),
        interface="asgi3",
        http=line,  # it reads the handshake too, so that one deadline and one parser see everything
        ws="none",
        ws_max_size=settings.frame_limit,
        ws_per_message_deflate=False,
        ws_ping_interval=None,  # one sweep over all sockets does it
        lifespan="off",
        proxy_headers=False,  # whom to trust is told by LIVESALES_TRUSTED_PROXIES
        server_header=False,
        date_header=False,
        access_log=False,
        log_config=None,
        backlog=BACKLOG,
        timeout_graceful_shutdown=int(CLOSE_PATIENCE) + 1,
    )
    bound = _bind(settings.gateway_host, settings.gateway_port)
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[bound]))
    name = bound.getsockname()[:2]
    while not server.started:
        await asyncio.sleep(0.01)
        if task.done():
            task.result()
    return Listening(server, task, name)


def _bind(host: str, port: int) -> network_sockets.socket:
    """Raises OSError: the address is taken."""
    if not host:
        family, both = network_sockets.AF_INET6, network_sockets.has_dualstack_ipv6()
        if both:
            return network_sockets.create_server((host, port), family=family, backlog=BACKLOG, dualstack_ipv6=True)
    family = network_sockets.AF_INET6 if ":" in host else network_sockets.AF_INET
    return network_sockets.create_server((host, port), family=family, backlog=BACKLOG)
