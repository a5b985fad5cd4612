"""One client for all contenders: picows, and what each server wants to read. Nothing is parsed beyond its first bytes.

Frames of one sender come in their order, so that what arrives is matched with what was sent without looking inside.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import deque
from collections.abc import Callable
from typing import Any, ClassVar, Final

import picows

TEXT: Final = "The blue one comes in your size, and it is in stock today."  # of every message
_TEXT_FRAME: Final = picows.WSMsgType.TEXT
_CLOSE_FRAME: Final = picows.WSMsgType.CLOSE
_RUN: Final = os.urandom(8).hex()
_number = 0


def next_key() -> str:
    """A key that no message had before: 32 hexadecimal digits with their dashes."""
    global _number
    _number += 1
    digits = f"{_RUN}{_number:016x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


class Client(picows.WSListener):
    """A socket. ``on_message`` and ``on_ack`` are called with the seconds since what they answer was sent."""

    sends_ack: ClassVar[bool] = True

    def __init__(self) -> None:
        self.transport: Any = None
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.sent: deque[float] = deque()  # waiting for their acks
        self.on_message: Callable[[], None] | None = None
        self.on_ack: Callable[[float], None] | None = None
        self.problem: str | None = None

    # What differs

    def greet(self) -> None:
        """After the handshake."""

    def hear(self, payload: bytes) -> None:
        raise NotImplementedError

    def message(self) -> bytes:
        """The frame of a new durable message."""
        raise NotImplementedError

    def typing(self) -> bytes:
        raise NotImplementedError

    def question(self) -> bytes:
        """What is answered at once, with as little as the server can do."""
        raise NotImplementedError

    def behaviour(self) -> bytes:
        """What is noticed, and not answered."""
        raise NotImplementedError

    # What is the same

    def on_ws_connected(self, transport: Any) -> None:
        self.transport = transport
        self.greet()

    def on_ws_frame(self, transport: Any, frame: Any) -> None:
        if frame.msg_type == _TEXT_FRAME:
            self.hear(frame.get_payload_as_bytes())
        elif frame.msg_type == _CLOSE_FRAME:
            self.fail(f"closed: {frame.get_close_code()} {frame.get_close_message()!r}")
            transport.disconnect()

    def on_ws_disconnected(self, transport: Any) -> None:
        self.fail("disconnected")

    def fail(self, problem: str) -> None:
        self.problem = self.problem or problem
        if not self.ready.done():
            self.ready.set_exception(ConnectionError(problem))
            self.ready.exception()

    def is_ready(self) -> None:
        if not self.ready.done():
            self.ready.set_result(None)

    def acked(self) -> None:
        if self.sent and self.on_ack is not None:
            self.on_ack(time.perf_counter() - self.sent.popleft())

    def messaged(self) -> None:
        if self.on_message is not None:
            self.on_message()

    def send(self, payload: bytes) -> None:
        self.transport.send(_TEXT_FRAME, payload)

    def close(self) -> None:
        if self.transport is not None:
            self.transport.disconnect(False)


class Ours(Client):
    """A visitor with a token, or a rep with a ticket."""

    def __init__(self, *, session: str = "", token: str | None = None, ticket: str | None = None) -> None:
        super().__init__()
        if ticket:
            self._hello = f'{{"type":"hello","role":"rep","ticket":"{ticket}"}}'
        else:
            known = f',"token":"{token}"' if token else ""
            self._hello = f'{{"type":"hello","role":"visitor","channel":"eu"{known}}}'
        self._head = f'{{"type":"send","session":"{session}","key":"'
        self._typing = f'{{"type":"typing","session":"{session}","active":true}}'.encode()
        self._question = b'{"type":"hello","role":"visitor","channel":"eu"}'
        self._behaviour = b'{"type":"page","url":"https://shop.example/products/a-blue-one","title":"A blue one"}'

    def greet(self) -> None:
        self.send(self._hello.encode())

    def hear(self, payload: bytes) -> None:
        if payload.startswith((b'{"type":"entry"', b'{"type":"typing"')):
            self.messaged()
        elif payload.startswith(b'{"type":"ack"'):
            self.acked()
        elif payload.startswith(b'{"type":"welcome"'):
            self.is_ready()
        elif payload.startswith(b'{"type":"error","code":"INVALID"'):
            self.messaged()  # the answer to a second Hello
        elif payload.startswith(b'{"type":"error"'):
            self.fail(payload.decode())

    def message(self) -> bytes:
        return f'{self._head}{next_key()}","text":"{TEXT}"}}'.encode()

    def typing(self) -> bytes:
        return self._typing

    def question(self) -> bytes:
        return self._question

    def behaviour(self) -> bytes:
        return self._behaviour


class SocketIO(Client):
    """Engine.IO 4 and Socket.IO 5, the protocol of Socket.IO 4. Sends to ``room``, and is in it when it ``joins``."""

    def __init__(self, *, room: str, joins: bool) -> None:
        super().__init__()
        self._room = room
        self._joins = joins
        self._acks = 0
        self._typing = f'42["typing","{room}",{{"type":"typing","room":"{room}","active":true}}]'.encode()
        self._question = b'42["echo",{"type":"hello","role":"visitor","channel":"eu"}]'

    def hear(self, payload: bytes) -> None:
        if payload.startswith(b"42["):
            self.messaged()
        elif payload.startswith(b"43"):
            if self.ready.done():
                self.acked()
            else:
                self.is_ready()
        elif payload == b"2":
            self.send(b"3")  # its ping
        elif payload.startswith(b"0"):
            self.send(b"40")
        elif payload.startswith(b"40"):
            if self._joins:
                self.send(f'420["join","{self._room}"]'.encode())
            else:
                self.is_ready()
        else:
            self.fail(payload.decode())

    def message(self) -> bytes:
        self._acks += 1
        return f'42{self._acks}["send","{self._room}","{next_key()}","{TEXT}"]'.encode()

    def typing(self) -> bytes:
        return self._typing

    def question(self) -> bytes:
        return self._question


class Channels(Client):
    """JSON objects with a ``type``. Sends to ``room``, and is in it when it ``joins``."""

    def __init__(self, *, room: str, joins: bool) -> None:
        super().__init__()
        self._room = room
        self._joins = joins
        self._typing = f'{{"type":"typing","room":"{room}","active":true}}'.encode()
        self._question = b'{"type":"echo","role":"visitor","channel":"eu"}'

    def greet(self) -> None:
        if self._joins:
            self.send(f'{{"type":"join","room":"{self._room}"}}'.encode())
        else:
            self.is_ready()

    def hear(self, payload: bytes) -> None:
        if payload.startswith(b'{"type":"ack"'):
            self.acked()
        elif payload.startswith(b'{"type":"joined"'):
            self.is_ready()
        else:
            self.messaged()

    def message(self) -> bytes:
        return f'{{"type":"send","room":"{self._room}","key":"{next_key()}","text":"{TEXT}"}}'.encode()

    def typing(self) -> bytes:
        return self._typing

    def question(self) -> bytes:
        return self._question


KINDS: Final[dict[str, type[Client]]] = {"ours": Ours, "socketio": SocketIO, "channels": Channels}


async def connect(kind: str, url: str, **who: Any) -> Client:
    """A client that is ready: greeted, welcomed, and in its room. Raises ConnectionError, TimeoutError, OSError."""
    client = KINDS[kind](**who)
    await picows.ws_connect(
        lambda: client, url, extra_headers={"Origin": "http://127.0.0.1"}, websocket_handshake_timeout=30
    )
    async with asyncio.timeout(60):
        await client.ready
    return client
