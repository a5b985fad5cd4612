"""Visitors and reps on their sockets, as widget and console behave, each with its own books.

One event loop drives hundreds. ``live/socket.ts`` and ``live/conversation.ts`` are what this follows: resume from the
last number without a gap, resend what was not acknowledged under the same keys, back off with jitter, heed the reason
of a close. Whatever a person does is decided by its own seed.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import websockets
from websockets.asyncio.client import ClientConnection, connect
from websockets.protocol import State

from saleor_livesales import wire

FIRST_PAUSE: Final = 0.5  # seconds; doubles up to the longest, each shortened by chance
LONGEST_PAUSE: Final = 30.0
WELCOME_WITHIN: Final = 10.0
ACK_WITHIN: Final = 10.0
RETRY_AFTER: Final = 3.0
RESYNC_SPREAD: Final = 2.0
SLOWLY: Final = frozenset({4400, 4429})
FOR_NOW: Final = frozenset({"TOO_FREQUENT", "INTERNAL", "UNAVAILABLE"})
PENDING_AT_MOST: Final = 12  # nobody goes on writing for long without an answer

Known = tuple[str, str, "uuid.UUID | None", str]  # kind, sender, key, text


@dataclass
class Habits:
    """What people do to the gateway beside writing, as chances per message."""

    repeat: float = 0.02  # the same key again, at once or later
    swap: float = 0.02  # after the next one
    twin: float = 0.0  # the same key over a second socket, at another gateway, at the same time
    long: float = 0.01  # a text of thousands of characters


@dataclass(eq=False)
class Line:
    """One side of one session. ``acked``: what was promised, by key. ``seen``: the session by number."""

    session: str
    me: str
    person: Person
    written: dict[uuid.UUID, str] = field(default_factory=dict)
    pending: dict[uuid.UUID, str] = field(default_factory=dict)
    acked: dict[uuid.UUID, int] = field(default_factory=dict)
    seen: dict[int, Known] = field(default_factory=dict)
    whole: int = 0
    asked_at: float = 0.0  # when Resume was sent, 0 while none is open
    waiting_since: float = 0.0  # an unanswered message was sent then; 0 for none
    retry_at: float = 0.0
    resume_at: float = 0.0
    over: bool = False  # nobody writes to it any more: it has ended, or both sides have nothing to say
    held_back: uuid.UUID | None = None
    probe: uuid.UUID | None = None
    probed_at: float = 0.0
    recovered: float | None = None  # seconds from the probe to its ack

    def say(self, text: str) -> uuid.UUID:
        """Writes a message; it is sent now, or as soon as that is possible."""
        chance, habits = self.person.random, self.person.habits
        key = uuid.UUID(int=chance.getrandbits(128), version=4)
        self.written[key] = self.pending[key] = text
        before, self.held_back = self.held_back, None
        if before is None and chance.random() < habits.swap:
            self.held_back = key
            asyncio.get_running_loop().call_later(chance.uniform(0.1, 0.5), self.let_go, key)
            return key
        self.transmit(key)
        if before is not None:
            self.transmit(before)
        if chance.random() < habits.repeat:
            asyncio.get_running_loop().call_later(chance.choice((0.0, 0.05, 0.7)), self.transmit, key)
        return key

    def let_go(self, key: uuid.UUID) -> None:
        if self.held_back == key:
            self.held_back = None
            self.transmit(key)

    def ask_probe(self) -> None:
        """One more message, whose acknowledgement tells that this side is served again."""
        self.probed_at, self.recovered = time.monotonic(), None
        self.probe = self.say(f"{self.me} probe")

    def transmit(self, key: uuid.UUID) -> None:
        """Sends a message, acknowledged or not."""
        frame = wire.encode(wire.SendMessage(session=self.session, key=key, text=self.written[key]))
        person = self.person
        sent = person.put(frame)
        if person.twin is not None and person.random.random() < person.habits.twin:
            person.put_on(person.twin, frame)
        if sent and key in self.pending and not self.waiting_since:
            self.waiting_since = time.monotonic()

    def flush(self) -> None:
        self.retry_at = 0.0
        for key in list(self.pending):
            if key != self.held_back:
                self.transmit(key)

    def connected(self) -> None:
        self.asked_at = self.waiting_since = 0.0
        self.resume()
        self.flush()

    def resume(self) -> None:
        self.resume_at = 0.0
        if not self.asked_at and self.person.put(wire.encode(wire.Resume(session=self.session, after=self.whole))):
            self.asked_at = time.monotonic()

    def hear(self, frame: Any) -> None:
        match frame:
            case wire.Ack(key=key, number=number):
                if self.acked.setdefault(key, number) != number:
                    self.person.wrong.append(f"acknowledged under two numbers: {key} {self.acked[key]} {number}")
                if key not in self.written:
                    self.person.wrong.append(f"acknowledged what was never written: {key}")
                    return
                if key == self.probe and self.recovered is None:
                    self.recovered = time.monotonic() - self.probed_at
                self.keep(number, ("message", self.me, key, self.written[key]))
            case wire.Entry():
                self.keep(frame.number, (frame.kind, frame.sender, frame.key, frame.text))
            case wire.Resumed(entries=entries, more=more, last_number=last):
                self.asked_at = 0.0
                for entry in entries:
                    self.keep(entry.number, (entry.kind, entry.sender, entry.key, entry.text))
                if more or max(last, max(self.seen, default=0)) > self.whole:
                    self.resume()
            case wire.Refused(code=code, key=key) if code in FOR_NOW:
                if key in self.pending:
                    self.retry_at = time.monotonic() + RETRY_AFTER
                elif key is None:
                    self.asked_at = 0.0
                    self.resume_at = time.monotonic() + RETRY_AFTER
            case wire.Refused():
                self.refused(frame)
            case wire.SessionChanged(last_number=last):
                if last > self.whole:
                    self.resume()

    def refused(self, frame: wire.Refused) -> None:
        """In a session that goes on nothing is refused for good."""
        self.person.wrong.append(f"refused: {frame.code} {frame.message}")

    def keep(self, number: int, known: Known) -> None:
        before = self.seen.setdefault(number, known)
        if before != known:
            self.person.wrong.append(f"two entries under number {number}: {before} {known}")
        if known[2] is not None and self.pending.pop(known[2], None) is not None:
            self.waiting_since = time.monotonic() if self.pending else 0.0
        while self.whole + 1 in self.seen:
            self.whole += 1
        if number > self.whole:
            self.resume()

    def tick(self, now: float) -> None:
        """What time brings; asks for a new connection when this one seems dead."""
        if self.retry_at and now >= self.retry_at:
            self.flush()
        if self.resume_at and now >= self.resume_at:
            self.resume()
        if self.waiting_since and now - self.waiting_since > ACK_WITHIN and self.pending:
            self.waiting_since = 0.0
            self.person.reconnect("stalled")


class Person:
    """A visitor or a rep with one socket at a time. ``hello`` makes the first frame of each connection."""

    def __init__(
        self,
        *,
        name: str,
        role: str,
        gateways: Mapping[str, str],
        origin: str,
        hello: Callable[[], Awaitable[wire.Hello]],
        seed: int,
        habits: Habits,
        pause: float,
        counts: Counter[str],
    ) -> None:
        self.name, self.role, self.gateways, self.origin, self.hello = name, role, gateways, origin, hello
        self.random, self.habits, self.pause, self.counts = random.Random(seed), habits, pause, counts
        self.lines: dict[str, Line] = {}
        self.ws: ClientConnection | None = None
        self.at: str | None = None  # the gateway
        self.twin: ClientConnection | None = None
        self.zombies: list[ClientConnection] = []  # sockets that were left half open
        self.ticket: str | None = None  # for GraphQL
        self.wrong: list[str] = []
        self.quiet = False
        self.attempts = 0
        self.hurry = False  # the next attempt comes without a pause
        self.connections = 0
        self.others: Callable[[Any], None] = lambda frame: None  # frames of no line
        self._tasks: list[asyncio.Task[None]] = []

    def take_part(self, session: str) -> Line:
        line = self.lines[session] = Line(session, self.role, self)
        if self.ws is not None:
            line.connected()
        return line

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._live()), asyncio.create_task(self._write())]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for ws in (self.ws, self.twin, *self.zombies):
            if ws is not None:
                ws.transport.abort()
        self.ws = self.twin = None

    # Speaking

    def put(self, payload: bytes) -> bool:
        return self.ws is not None and self.put_on(self.ws, payload)

    @staticmethod
    def put_on(ws: ClientConnection, payload: bytes) -> bool:
        if ws.state is not State.OPEN or ws.transport.is_closing():
            return False
        ws.protocol.send_text(payload)
        for data in ws.protocol.data_to_send():
            if data:
                ws.transport.write(data)
        return True

    async def _write(self) -> None:
        """Now and then, in a session chosen by chance."""
        number = 0
        await asyncio.sleep(self.random.uniform(0, self.pause))
        while True:
            lines = [line for line in self.lines.values() if not line.over]
            if lines and not self.quiet:
                line = self.random.choice(lines)
                if len(line.pending) < PENDING_AT_MOST:
                    number += 1
                    text = f"{self.name} {number} äöü 你好"
                    if self.random.random() < self.habits.long:
                        text = (text + " ") * (3500 // len(text))
                    line.say(text)
            await asyncio.sleep(self.random.expovariate(1 / self.pause))

    # Connections

    async def _live(self) -> None:
        while True:
            code: int | None = None
            try:
                ws = await self._connect()
            except (OSError, TimeoutError, websockets.WebSocketException, ConnectionError) as error:
                self.counts[f"failed:{type(error).__name__}"] += 1
            else:
                code = await self._serve(ws)
            self.ws = None
            if code in SLOWLY:
                self.attempts = max(self.attempts, 5)
            longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2**self.attempts)
            if self.hurry:
                self.hurry = False
                continue
            self.attempts += 1
            await asyncio.sleep(longest * (0.5 + self.random.random() / 2))

    async def _open(self, names: list[str]) -> ClientConnection:
        """At the first of these gateways that takes the connection, as a load balancer chooses."""
        failure: Exception = ConnectionError("no gateway")
        for name in names:
            try:
                ws = await connect(
                    self.gateways[name], origin=self.origin, compression=None, max_size=None, max_queue=None,  # type: ignore[arg-type]
                    ping_interval=None, open_timeout=WELCOME_WITHIN, close_timeout=1, proxy=None,
                )  # fmt: skip
            except (ConnectionRefusedError, websockets.InvalidStatus) as error:
                failure = error
                continue
            self.at = name
            return ws
        raise failure

    async def _connect(self) -> ClientConnection:
        names = list(self.gateways)
        self.random.shuffle(names)
        async with asyncio.timeout(WELCOME_WITHIN):
            ws = await self._open(names)
            try:
                await ws.send(wire.encode(await self.hello()), text=True)
                welcome = wire.decode_from_server(await ws.recv(decode=False))
            except BaseException:
                ws.transport.abort()
                raise
        if not isinstance(welcome, wire.Welcome):
            self.wrong.append(f"{welcome} instead of Welcome")
        else:
            self.ticket = welcome.ticket
        return ws

    async def _serve(self, ws: ClientConnection) -> int | None:
        self.ws = ws
        self.attempts = 0
        self.connections += 1
        self.counts["connections"] += 1
        for line in self.lines.values():
            line.connected()
        with contextlib.suppress(websockets.ConnectionClosed):
            while self.ws is ws:
                self._hear(await ws.recv(decode=False))
        if self.ws is not ws:  # it was left behind
            return None
        self.counts[f"closed:{ws.close_code} {ws.close_reason or ''}".strip()] += 1
        return ws.close_code

    def _hear(self, data: bytes) -> None:
        frame = wire.decode_from_server(data)
        session = getattr(frame, "session", None) or (frame.id if isinstance(frame, wire.SessionChanged) else None)
        line = self.lines.get(session) if session else None
        if isinstance(frame, wire.Renewed):
            self.ticket = frame.ticket
        if line is not None:
            line.hear(frame)
        elif isinstance(frame, wire.Resync):
            now = time.monotonic()
            for known in self.lines.values():
                known.asked_at, known.resume_at = 0.0, now + self.random.uniform(0, RESYNC_SPREAD)
        elif isinstance(frame, wire.Refused):
            self.wrong.append(f"refused: {frame.code} {frame.message}")
        self.others(frame)

    def reconnect(self, why: str) -> None:
        """Drops the connection and makes another at once."""
        ws, self.ws = self.ws, None
        self.attempts, self.hurry = 0, ws is not None
        self.counts[why] += 1
        if ws is not None:
            ws.transport.abort()

    def tick(self, now: float) -> None:
        if self.ws is not None:
            for line in self.lines.values():
                line.tick(now)

    # What happens to a client

    def cut_in_frame(self) -> None:
        """The network goes in the middle of a frame: its head says 120 bytes, and 40 come."""
        if self.ws is not None:
            self.ws.transport.write(b"\x81\xf8\x00\x00\x00\x00" + b'{"type":"send","session":"abc","key":"abcd')
            self.reconnect("cut in a frame")

    def leave_half_open(self) -> None:
        """Moves to another network: the old socket stays open, reads nothing and answers nothing."""
        if self.ws is not None:
            ws, self.ws = self.ws, None
            ws.transport.pause_reading()
            self.zombies.append(ws)
            self.counts["left half open"] += 1
            # wake whoever reads it: nothing comes any more
            for task in self._tasks[:1]:
                task.cancel()
            self._tasks[0] = asyncio.create_task(self._live())

    async def read_nothing(self, seconds: float, *, asking: int) -> None:
        """A slow reader: asks for much, and reads nothing of it for a while."""
        ws = self.ws
        if ws is None:
            return
        ws.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        ws.transport.pause_reading()
        self.counts["read nothing"] += 1
        for session in list(self.lines)[:1]:
            for _ in range(asking * (6 if self.role == "rep" else 1)):  # below what counts as a flood
                self.put_on(ws, wire.encode(wire.Resume(session=session)))
        await asyncio.sleep(seconds)
        if not ws.transport.is_closing():
            ws.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            ws.transport.resume_reading()

    async def open_twin(self) -> None:
        """A second tab of the same person, at another gateway where there is one."""
        names = sorted(self.gateways, key=lambda name: name == self.at)
        at = self.at
        with contextlib.suppress(OSError, TimeoutError, websockets.WebSocketException):
            ws = await self._open(names)
            await ws.send(wire.encode(await self.hello()), text=True)
            self.twin = ws
            self._tasks.append(asyncio.create_task(self._drain(ws)))
        self.at = at

    async def _drain(self, ws: ClientConnection) -> None:
        with contextlib.suppress(websockets.ConnectionClosed):
            while True:
                frame = wire.decode_from_server(await ws.recv(decode=False))
                line = self.lines.get(getattr(frame, "session", None) or "")
                if line is not None and isinstance(frame, wire.Ack | wire.Entry):
                    line.hear(frame)
        self.twin = None
