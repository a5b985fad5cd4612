"""The writer of messages, with connections that fail at every moment, against a plain model of the database.

Time is virtual and PostgreSQL a dictionary, so that thousands of orders of events are tried; what the real statement
promises is tried in ``test_append``.
"""

from __future__ import annotations

import asyncio
import datetime
import uuid
from typing import Any

import psycopg
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from saleor_livesales.gateway import writer as writing
from saleor_livesales.gateway.metrics import Metrics
from saleor_livesales.gateway.writer import Unavailable, Writer
from saleor_livesales.sessions.append import Appended, Locked, Message, Refusal

from .effort import effort

NOW = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)
SESSIONS = [uuid.UUID(int=number) for number in range(1, 5)]
SENDERS = [uuid.UUID(int=11), uuid.UUID(int=12)]
PENDING = 12
PENDING_FOR = 30.0


class VirtualLoop(asyncio.SelectorEventLoop):
    """Time passes only where everybody waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self.at = 1000.0

    def time(self) -> float:
        return self.at

    def _run_once(self) -> None:
        due = [handle.when() for handle in self._scheduled if not handle.cancelled()]
        if not self._ready and due:
            self.at = max(self.at, min(due))
        super()._run_once()


class Store:
    """What is committed, who holds locks, and what will go wrong."""

    def __init__(self) -> None:
        self.rows: dict[uuid.UUID, list[Message]] = {session: [] for session in SESSIONS}
        self.ended: set[uuid.UUID] = set()
        self.locked: set[uuid.UUID] = set()
        self.refused = 0  # connections
        self.failures: list[str] = []  # of the next statements

    def append(self, messages: list[Message]) -> list[Any]:
        identities = [message.identity for message in messages]
        assert len(set(identities)) == len(identities), "one identity twice in a batch"
        return [self._append(message) for message in messages]

    def _append(self, message: Message) -> Any:
        if message.session_id in self.locked:
            return Locked()
        rows = self.rows[message.session_id]
        for number, row in enumerate(rows, 1):
            if row.identity == message.identity:
                return self._appended(number, row, existed=True)
        if message.session_id in self.ended:
            return Refusal(code="SESSION_ENDED")
        rows.append(message)
        return self._appended(len(rows), message, existed=False)

    def _appended(self, number: int, row: Message, *, existed: bool) -> Appended:
        return Appended(
            number=number, at=row.at, visitor_id=SENDERS[0], rep_id=SENDERS[1], existed=existed, text=row.text
        )


class Connection:
    def __init__(self) -> None:
        self.closed = False

    async def execute(self, statement: str) -> None:
        await asyncio.sleep(0)

    async def close(self) -> None:
        self.closed = True

    def fileno(self) -> int:
        raise OSError


class Writing(RuleBasedStateMachine):
    patch: pytest.MonkeyPatch

    @initialize()
    def start(self) -> None:
        self.loop = VirtualLoop()
        self.store = Store()
        self.sent: list[tuple[int, Message]] = []
        self.outcomes: dict[int, Any] = {}
        self.numbers: dict[Any, int] = {}
        self.patch.setattr(writing, "append_async", self.append)
        self.patch.setattr(writing.database, "connect", self.connect)
        self.loop.run_until_complete(self._start())

    async def _start(self) -> None:
        self.writer = Writer("", done=self.done, pending=PENDING, pending_for=PENDING_FOR, metrics=Metrics())
        self.writer.start()

    async def connect(self, url: str) -> Connection:
        await asyncio.sleep(0)
        if self.store.refused > 0:
            self.store.refused -= 1
            raise psycopg.OperationalError("refused")
        return Connection()

    async def append(self, conn: Connection, messages: list[Message], *, wait: bool) -> list[Any]:
        assert not conn.closed
        assert not wait
        await asyncio.sleep(0)
        how = self.store.failures.pop(0) if self.store.failures else ""
        if how == "error":  # nothing was written, and the connection is well: a timeout, a deadlock
            raise psycopg.errors.LockNotAvailable
        if how == "strange":  # what no database says
            raise ValueError("a message that can't be encoded")
        if how == "before":
            conn.closed = True
            raise psycopg.OperationalError("lost before the commit")
        answers = self.store.append(messages)
        await asyncio.sleep(0)
        if how == "after":
            conn.closed = True
            raise psycopg.OperationalError("lost after the commit")
        if how == "slow":
            await asyncio.sleep(1.5)
        return answers

    def done(self, context: int, message: Message, outcome: Any) -> None:
        assert context not in self.outcomes, "answered twice"
        self.outcomes[context] = outcome
        if isinstance(outcome, Appended):
            assert self.store.rows[message.session_id][outcome.number - 1].identity == message.identity
            assert self.numbers.setdefault(message.identity, outcome.number) == outcome.number
        if len(self.outcomes) % 5 == 0 and not isinstance(outcome, Unavailable):
            raise RuntimeError("a socket that can't be written to")

    @rule(session=st.sampled_from(SESSIONS), sender=st.sampled_from(SENDERS), copies=st.integers(1, 3))
    def say(self, session: uuid.UUID, sender: uuid.UUID, copies: int) -> None:
        for _ in range(copies):
            text = str(len(self.sent))
            self._submit(
                Message(session_id=session, sender="visitor", sender_id=sender, key=uuid.uuid4(), text=text, at=NOW)
            )

    @rule(position=st.integers(0, 60))
    def say_again(self, position: int) -> None:
        if self.sent:
            self._submit(self.sent[position % len(self.sent)][1])

    def _submit(self, message: Message) -> None:
        context = len(self.sent)
        self.sent.append((context, message))
        full = self.writer.pending >= PENDING
        self.loop.run_until_complete(self._call(lambda: self.writer.submit(message, context)))
        assert not full or self.outcomes[context] == Unavailable()

    @staticmethod
    async def _call(what: Any) -> None:
        what()

    @rule(session=st.sampled_from(SESSIONS))
    def lock(self, session: uuid.UUID) -> None:
        self.store.locked ^= {session}

    @rule(session=st.sampled_from(SESSIONS))
    def end(self, session: uuid.UUID) -> None:
        self.store.ended.add(session)

    @rule(how=st.lists(st.sampled_from(["error", "error", "", "before", "after", "slow", "strange"]), max_size=8))
    def fail(self, how: list[str]) -> None:
        self.store.failures = how

    @rule(times=st.integers(1, 6))
    def refuse(self, times: int) -> None:
        self.store.refused = times

    @rule(turns=st.integers(1, 6))
    def turn(self, turns: int) -> None:
        """A few turns of the event loop: it is caught in the middle of things."""
        for _ in range(turns):
            self.loop.run_until_complete(self._call(lambda: None))

    @rule(seconds=st.sampled_from([0.001, 0.01, 0.1, 1.0, 5.0, 31.0]))
    def wait(self, seconds: float) -> None:
        self.loop.run_until_complete(asyncio.sleep(seconds))

    @invariant()
    def it_is_well(self) -> None:
        if not hasattr(self, "writer"):
            return
        assert not self.writer._task.done(), "the writer has ended"
        assert self.writer.pending == len(self.sent) - len(self.outcomes)
        assert 0 <= self.writer.pending <= PENDING
        for rows in self.store.rows.values():
            assert len({row.identity for row in rows}) == len(rows)

    def teardown(self) -> None:
        if not hasattr(self, "writer"):
            return
        self.store.failures, self.store.refused = [], 0
        self.store.locked.clear()
        left = self.loop.run_until_complete(self.writer.drain(PENDING_FOR + 5))
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.close()
        assert left == 0
        assert len(self.outcomes) == len(self.sent)
        self._in_order()

    def _in_order(self) -> None:
        """Messages of one sender stand in the order in which they were said, where none had to be said again."""
        again = {message.identity for _, message in self.sent}
        times = [message.identity for _, message in self.sent]
        for rows in self.store.rows.values():
            for sender in SENDERS:
                once = [
                    int(row.text) for row in rows
                    if row.sender_id == sender and row.identity in again and times.count(row.identity) == 1
                ]  # fmt: skip
                assert once == sorted(once), "a sender's messages in another order"


def test_every_message_is_answered_once_whatever_fails(monkeypatch):
    Writing.patch = monkeypatch
    run_state_machine_as_test(Writing, settings=effort(150, steps=25))
