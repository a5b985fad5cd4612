"""The append statement on a real PostgreSQL against a list for each session: gapless, each once, one order.

Several senders in several batches at once, resends, sessions that somebody holds or ends, and Django's side beside.
"""

from __future__ import annotations

import asyncio
import datetime
import uuid
from typing import Any

import psycopg
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from saleor_livesales.gateway import database
from saleor_livesales.ids import uuid7
from saleor_livesales.models import Rep, Session, Visitor
from saleor_livesales.sessions.append import Appended, Locked, Message, Refusal, append, append_async, distinct

from .effort import effort

NOW = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)
HOLD = "SELECT 1 FROM saleor_livesales_session WHERE id = %s FOR UPDATE"
ROWS = "SELECT number, sender_id, key, text FROM saleor_livesales_entry WHERE session_id = %s ORDER BY number"
OPEN = {"visitor": {"queued", "ringing", "active", "on_hold"}, "rep": {"active", "on_hold"}}

Said = tuple[int, str, int, str]  # session, who, key, text
words = st.tuples(
    st.integers(0, 2),
    st.sampled_from(["visitor", "visitor", "rep", "stranger", "other"]),
    st.integers(0, 7),
    st.sampled_from(["hello", "höre 'x' \\", "\U0001f600", "x" * 4000]),
)
batches = st.lists(words, min_size=1, max_size=8)


class Appending(RuleBasedStateMachine):
    url: str

    @initialize()
    def start(self) -> None:
        self.sessions = []
        for _ in range(3):
            visitor = Visitor.objects.create(created_at=NOW)
            rep = Rep.objects.create(user_id=uuid7().hex, name="Rita", load=1)
            self.sessions.append(
                Session.objects.create(visitor=visitor, rep=rep, channel="eu", state="active", created_at=NOW)
            )
        self.state = ["active"] * 3
        self.keys = [uuid.uuid4() for _ in range(8)]
        self.model: list[list[tuple[uuid.UUID, uuid.UUID, str]]] = [[], [], []]
        self.holder: psycopg.Connection | None = None
        self.held: int | None = None
        self.runner = asyncio.Runner()
        self.conns = [self.runner.run(database.connect(self.url)) for _ in range(2)]
        self.django = psycopg.connect(self.url, autocommit=True)

    def _message(self, said: Said) -> Message:
        at, who, key, text = said
        session = self.sessions[at]
        senders = {
            "visitor": session.visitor_id,
            "rep": session.rep_id,
            "stranger": uuid.UUID(int=5),
            "other": self.sessions[at - 1].visitor_id,
        }
        return Message(
            session_id=session.pk,
            sender="rep" if who == "rep" else "visitor",
            sender_id=senders[who],
            key=self.keys[key],
            text=text,
            at=NOW,
        )

    def _expected(self, message: Message, *, wait: bool) -> Any:
        """What the model answers, and keeps. The number of what is new is worked out by the caller's order."""
        at = next(at for at, session in enumerate(self.sessions) if session.pk == message.session_id)
        if at == self.held and not wait:
            return Locked()
        rows = self.model[at]
        for number, (sender, key, text) in enumerate(rows, 1):
            if (sender, key) == (message.sender_id, message.key):
                return number, True, text
        session = self.sessions[at]
        if message.sender_id != (session.rep_id if message.sender == "rep" else session.visitor_id):
            return Refusal(code="NOT_FOUND")
        if self.state[at] == "ended":
            return Refusal(code="SESSION_ENDED")
        if self.state[at] not in OPEN[message.sender]:
            return Refusal(code="NOT_ALLOWED_NOW")
        rows.append((message.sender_id, message.key, message.text))
        return len(rows), False, message.text

    @staticmethod
    def _plain(answer: Any) -> Any:
        return (answer.number, answer.existed, answer.text) if isinstance(answer, Appended) else answer

    @rule(batch=batches)
    def say(self, batch: list[Said]) -> None:
        messages, _ = distinct(self._message(said) for said in batch)
        answers = self.runner.run(append_async(self.conns[0], messages, wait=False))
        assert [self._plain(answer) for answer in answers] == [self._expected(m, wait=False) for m in messages]

    @rule(one=batches, two=batches)
    def say_at_once(self, one: list[Said], two: list[Said]) -> None:
        """Two gateways. Which is first is open; that each message stands once, under one number, is not."""
        first, _ = distinct(self._message(said) for said in one)
        second, _ = distinct(self._message(said) for said in two)

        async def both() -> list[list[Any]]:
            return await asyncio.gather(
                append_async(self.conns[0], first, wait=False), append_async(self.conns[1], second, wait=False)
            )

        given = self.runner.run(both())
        before = [len(rows) for rows in self.model]
        for at in range(3):
            self.model[at] = self._rows(at)
        for messages, answers in zip((first, second), given, strict=True):
            for message, answer in zip(messages, answers, strict=True):
                if isinstance(answer, Appended):
                    at = next(at for at, session in enumerate(self.sessions) if session.pk == message.session_id)
                    stored = self.model[at][answer.number - 1]
                    assert stored == (message.sender_id, message.key, answer.text)
                    assert answer.existed or answer.number > before[at]
                    assert at != self.held
            for session in self.sessions:  # in the order of the batch
                fresh = [
                    answer.number
                    for message, answer in zip(messages, answers, strict=True)
                    if message.session_id == session.pk and isinstance(answer, Appended) and not answer.existed
                ]
                assert fresh == sorted(fresh)

    @rule(said=words, commit=st.booleans())
    def django_says(self, said: Said, commit: bool) -> None:
        """In a transaction of its own, which may come to nothing."""
        message = self._message(said)
        if self.held is not None and self.sessions[self.held].pk == message.session_id:
            return  # it would wait
        self.django.autocommit = False
        kept = [list(rows) for rows in self.model]
        with self.django.cursor() as cursor:
            answer = append(cursor, message)
        assert self._plain(answer) == self._expected(message, wait=True)
        if commit:
            self.django.commit()
        else:
            self.django.rollback()
            self.model = kept
        self.django.autocommit = True

    @precondition(lambda self: self.held is None)
    @rule(at=st.integers(0, 2))
    def hold(self, at: int) -> None:
        self.holder = psycopg.connect(self.url)
        self.holder.execute(HOLD, [self.sessions[at].pk])
        self.held = at

    @precondition(lambda self: self.held is not None)
    @rule()
    def let_go(self) -> None:
        assert self.holder is not None
        self.holder.rollback()  # to close alone would free the row a moment later
        self.holder.close()
        self.held = None

    @rule(at=st.integers(0, 2), state=st.sampled_from(["queued", "ringing", "active", "on_hold", "ended"]))
    def change(self, at: int, state: str) -> None:
        if at != self.held and self.state[at] != "ended":
            Session.objects.filter(pk=self.sessions[at].pk).update(state=state)
            self.state[at] = state

    def _rows(self, at: int) -> list[tuple[uuid.UUID, uuid.UUID, str]]:
        rows = self.django.execute(ROWS, [self.sessions[at].pk]).fetchall()
        assert [row[0] for row in rows] == list(range(1, len(rows) + 1)), "a gap, or a number twice"
        assert len({row[1:3] for row in rows}) == len(rows), "a message twice"
        return [row[1:] for row in rows]

    @invariant()
    def the_rows_are_the_models(self) -> None:
        for at, rows in enumerate(self.model):
            assert self._rows(at) == rows
            found = Session.objects.values_list("last_number", flat=True).get(pk=self.sessions[at].pk)
            assert found == len(rows)

    def teardown(self) -> None:
        if not hasattr(self, "runner"):
            return
        if self.held is not None:
            self.let_go()
        for conn in self.conns:
            self.runner.run(conn.close())
        self.runner.close()
        self.django.close()


@pytest.mark.django_db(transaction=True)
def test_sessions_are_gapless_and_in_one_order(postgres_url):
    Appending.url = postgres_url
    run_machine(Appending, settings=effort(12, steps=20))
