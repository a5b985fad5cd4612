"""The append statement against a real PostgreSQL: what it promises to any number of senders at once."""

import asyncio
import datetime
import threading
import uuid

import psycopg
import pytest
from django.db import connection, transaction

from saleor_livesales.ids import uuid7
from saleor_livesales.models import Entry, Rep, Session, Visitor
from saleor_livesales.sessions import append as appending
from saleor_livesales.sessions.append import Appended, Locked, Message, Refusal

NOW = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)


def make_session(state="active", **values):
    visitor = Visitor.objects.create(created_at=NOW)
    rep = Rep.objects.create(user_id=uuid7().hex, name="Rita", load=1)
    return Session.objects.create(visitor=visitor, rep=rep, channel="eu", state=state, created_at=NOW, **values)


def by_visitor(session, text="hello", *, key=None, at=NOW, sender_id=None):
    return Message(
        session_id=session.pk,
        sender="visitor",
        sender_id=sender_id or session.visitor_id,
        key=key or uuid.uuid4(),
        text=text,
        at=at,
    )


def by_rep(session, text="welcome", *, key=None, at=NOW, sender_id=None):
    return Message(
        session_id=session.pk,
        sender="rep",
        sender_id=sender_id or session.rep_id,
        key=key or uuid.uuid4(),
        text=text,
        at=at,
    )


def run(messages, **options):
    with connection.cursor() as cursor:
        statement = appending.APPEND_UNLOCKED_SQL if options.get("wait") is False else appending.APPEND_SQL
        cursor.execute(statement, appending.parameters(messages))
        return [appending.result(row, message) for row, message in zip(cursor.fetchall(), messages, strict=True)]


def numbers(session):
    return list(Entry.objects.filter(session=session).order_by("id").values_list("number", flat=True))


@pytest.mark.django_db
def test_a_message_gets_the_next_number_and_is_stored_as_it_was_said():
    # given
    session = make_session(last_number=4)
    message = by_visitor(session, "<b>höre</b> 'x' \\ \U0001f600")

    # when
    with connection.cursor() as cursor:
        answer = appending.append(cursor, message)

    # then
    assert answer == Appended(
        number=5, at=NOW, visitor_id=session.visitor_id, rep_id=session.rep_id, existed=False, text=message.text
    )
    entry = Entry.objects.get()
    assert (entry.session_id, entry.number, entry.kind, entry.sender) == (session.pk, 5, "message", "visitor")
    assert (entry.sender_id, entry.key, entry.text, entry.data, entry.at) == (
        session.visitor_id, message.key, message.text, {}, NOW,
    )  # fmt: skip
    session.refresh_from_db()
    assert (session.last_number, session.last_message_at, session.awaiting_since) == (5, NOW, NOW)


@pytest.mark.django_db
def test_a_batch_numbers_each_session_by_itself_in_the_given_order():
    one, two = make_session(), make_session(last_number=7)
    messages = [by_visitor(one, "a"), by_visitor(two, "b"), by_rep(one, "c"), by_rep(two, "d"), by_visitor(one, "e")]

    assert [answer.number for answer in run(messages)] == [1, 8, 2, 9, 3]
    assert list(Entry.objects.filter(session=one).order_by("number").values_list("text", flat=True)) == ["a", "c", "e"]
    assert set(Session.objects.values_list("last_number", flat=True)) == {3, 9}


@pytest.mark.django_db
def test_a_message_sent_again_keeps_its_number_and_its_first_text():
    session = make_session()
    message = by_visitor(session, "first")
    later = by_visitor(session, "another text", key=message.key, at=NOW + datetime.timedelta(hours=1))
    first, second = by_visitor(session, "next"), by_visitor(session, "last")

    answers = [run([message])[0], *run([first, later, second])]

    assert [(answer.number, answer.existed, answer.text) for answer in answers] == [
        (1, False, "first"), (2, False, "next"), (1, True, "first"), (3, False, "last"),
    ]  # fmt: skip
    assert answers[2].at == NOW
    assert numbers(session) == [1, 2, 3]


@pytest.mark.django_db
def test_the_same_key_of_two_senders_is_two_messages():
    session = make_session()
    key = uuid.uuid4()

    answers = run([by_visitor(session, "mine", key=key), by_rep(session, "yours", key=key)])

    assert [(answer.number, answer.existed) for answer in answers] == [(1, False), (2, False)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "sender", "expected"),
    [
        ("requested", by_visitor, "NOT_ALLOWED_NOW"),
        ("queued", by_visitor, None),
        ("ringing", by_visitor, None),
        ("active", by_visitor, None),
        ("on_hold", by_visitor, None),
        ("ended", by_visitor, "SESSION_ENDED"),
        ("queued", by_rep, "NOT_ALLOWED_NOW"),
        ("ringing", by_rep, "NOT_ALLOWED_NOW"),
        ("active", by_rep, None),
        ("on_hold", by_rep, None),
        ("ended", by_rep, "SESSION_ENDED"),
    ],
)
def test_who_may_write_when(state, sender, expected):
    session = make_session(state=state)

    (answer,) = run([sender(session)])

    session.refresh_from_db()
    if expected:
        assert answer == Refusal(code=expected)
        assert (Entry.objects.count(), session.last_number, session.last_message_at) == (0, 0, None)
    else:
        assert (answer.number, session.last_number) == (1, 1)


@pytest.mark.django_db
def test_somebody_elses_session_is_not_found_and_does_not_hold_up_the_batch():
    mine, other = make_session(), make_session()
    stranger = uuid7()

    answers = run(
        [
            by_visitor(other, sender_id=mine.visitor_id),
            by_rep(other, sender_id=mine.rep_id),
            by_rep(mine, sender_id=mine.visitor_id),  # the visitor, posing as the rep
            by_visitor(mine, sender_id=mine.rep_id),
            Message(session_id=uuid7(), sender="visitor", sender_id=stranger, key=uuid.uuid4(), text="x", at=NOW),
            by_visitor(mine, "in between"),
        ]
    )

    assert answers[:5] == [Refusal(code="NOT_FOUND")] * 5
    assert answers[5].number == 1
    assert list(Entry.objects.values_list("session_id", "text")) == [(mine.pk, "in between")]


@pytest.mark.django_db
def test_a_message_that_was_acknowledged_before_the_end_is_acknowledged_again_after_it():
    session = make_session()
    message = by_visitor(session)
    run([message])
    Session.objects.update(state="ended")

    assert run([message])[0].number == 1
    assert run([by_visitor(session)]) == [Refusal(code="SESSION_ENDED")]


@pytest.mark.django_db
def test_awaiting_since_is_the_oldest_message_that_no_rep_answered():
    def minute(number):
        return NOW + datetime.timedelta(minutes=number)

    def awaiting():
        session.refresh_from_db()
        return session.awaiting_since

    session = make_session()
    run([by_visitor(session, at=minute(1)), by_visitor(session, at=minute(2))])
    assert awaiting() == minute(1)
    run([by_visitor(session, at=minute(3))])
    assert awaiting() == minute(1)
    run([by_visitor(session, at=minute(4)), by_rep(session, at=minute(5)), by_visitor(session, at=minute(6))])
    assert awaiting() == minute(6)
    run([by_rep(session, at=minute(7))])
    assert awaiting() is None
    assert session.last_message_at == minute(7)


def test_distinct_splits_off_repetitions():
    session = Session(id=uuid7(), visitor_id=uuid7())
    one, two = by_visitor(session, "one"), by_visitor(session, "two")
    again = by_visitor(session, "one again", key=one.key)

    assert appending.distinct([one, two, again, one]) == ([one, two], [again, one])


@pytest.mark.django_db(transaction=True)
def test_a_race_inside_a_transaction_is_tried_again_without_losing_the_rest(postgres_url):
    # given: another sender holds the session and writes the same message
    session = make_session()
    message = by_visitor(session)
    started, answers = threading.Event(), []

    def late():
        with psycopg.connect(postgres_url) as other, other.cursor() as cursor:
            cursor.execute("CREATE TEMP TABLE witness (x int)")
            started.set()
            answers.append(appending.append(cursor, message))
            cursor.execute("INSERT INTO witness VALUES (1)")
            answers.append(cursor.execute("SELECT count(*) FROM witness").fetchone()[0])

    thread = threading.Thread(target=late)
    with transaction.atomic(), connection.cursor() as cursor:
        first = appending.append(cursor, message)
        thread.start()
        started.wait(5)
        with psycopg.connect(postgres_url) as watcher:  # until it waits for our lock
            for _ in range(500):
                waiting = watcher.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()[0]
                watcher.rollback()
                if waiting:
                    break
        assert waiting == 1
    thread.join(10)

    # then
    assert (first.number, first.existed) == (1, False)
    assert (answers[0].number, answers[0].existed, answers[1]) == (1, True, 1)
    assert numbers(session) == [1]
    session.refresh_from_db()
    assert session.last_number == 1


@pytest.mark.django_db(transaction=True)
def test_an_append_is_undone_with_the_transaction_around_it():
    session = make_session()

    with pytest.raises(RuntimeError), transaction.atomic():
        with connection.cursor() as cursor:
            assert appending.append(cursor, by_visitor(session)).number == 1
        raise RuntimeError

    session.refresh_from_db()
    assert (numbers(session), session.last_number) == ([], 0)


@pytest.mark.django_db(transaction=True)
def test_a_locked_session_does_not_hold_up_the_others(postgres_url):
    locked, free = make_session(), make_session()
    messages = [by_visitor(locked), by_visitor(free), by_rep(locked), by_rep(free)]

    async def race():
        async with (
            await psycopg.AsyncConnection.connect(postgres_url) as holder,
            await psycopg.AsyncConnection.connect(postgres_url, autocommit=True) as writer,
        ):
            await holder.execute("SELECT 1 FROM saleor_livesales_session WHERE id = %s FOR UPDATE", [locked.pk])
            first = await asyncio.wait_for(appending.append_async(writer, messages, wait=False), 2)
            await holder.rollback()
            return first, await appending.append_async(writer, [messages[0], messages[2]], wait=False)

    first, second = asyncio.run(race())

    assert [first[0], first[2]] == [Locked(), Locked()]
    assert [first[1].number, first[3].number] == [1, 2]
    assert [answer.number for answer in second] == [1, 2]
    assert numbers(locked) == numbers(free) == [1, 2]
    assert run([by_visitor(locked, sender_id=uuid7())], wait=False) == [Refusal(code="NOT_FOUND")]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("wait", [True, False])
def test_many_senders_at_once_leave_no_gap_and_no_double(postgres_url, wait):
    """Six writers send the same 120 messages of three sessions, shuffled and in batches, each message many times."""
    sessions = [make_session() for _ in range(3)]
    messages = [
        make(session, f"{number}") for session in sessions for number in range(20) for make in (by_visitor, by_rep)
    ]
    given = {}  # identity -> numbers that any writer was told

    async def writer(seed):
        import random

        order = random.Random(seed)
        async with await psycopg.AsyncConnection.connect(postgres_url, autocommit=True) as conn:
            pending = messages * 2
            order.shuffle(pending)
            while pending:
                batch, repeated = appending.distinct(pending[: order.randint(1, 12)])
                rest = pending[len(batch) + len(repeated) :]
                answers = await appending.append_async(conn, batch, wait=wait)
                again = [m for m, answer in zip(batch, answers, strict=True) if isinstance(answer, Locked)]
                for message, answer in zip(batch, answers, strict=True):
                    if not isinstance(answer, Locked):
                        assert isinstance(answer, Appended)
                        given.setdefault(message.identity, set()).add(answer.number)
                if again:
                    await asyncio.sleep(0.001)
                pending = again + repeated + rest

    async def everybody():
        await asyncio.wait_for(asyncio.gather(*(writer(seed) for seed in range(6))), 60)

    asyncio.run(everybody())

    assert len(given) == 120
    for session in sessions:
        rows = list(Entry.objects.filter(session=session).order_by("number"))
        assert [row.number for row in rows] == list(range(1, 41))
        for row in rows:
            assert given[session.pk, row.sender_id, row.key] == {row.number}
        session.refresh_from_db()
        assert session.last_number == 40


@pytest.mark.django_db
def test_entries_after_a_number_are_read_in_pages_and_only_by_those_who_take_part():
    session = make_session()
    run([by_visitor(session, str(number)) for number in range(1, 6)])
    Entry.objects.create(session=session, number=6, kind="state", sender="system", data={"to": "ended"}, at=NOW)
    Session.objects.update(last_number=6)

    def page(after, limit, sender="visitor", sender_id=session.visitor_id):
        with connection.cursor() as cursor:
            cursor.execute(
                appending.ENTRIES_SQL,
                {
                    "after": after,
                    "limit": limit + 1,
                    "session_id": session.pk,
                    "sender": sender,
                    "sender_id": sender_id,
                },
            )
            return appending.entries_page(cursor.fetchall(), session.pk, limit)

    first = page(1, 3)
    assert ([entry.text for entry in first.entries], first.last_number, first.more) == (["2", "3", "4"], 6, True)
    rest = page(4, 3)
    assert ([entry.number for entry in rest.entries], rest.more) == ([5, 6], False)
    empty = page(6, 3)
    assert (empty.entries, empty.last_number, empty.more) == ([], 6, False)
    assert page(0, 3, "rep", session.rep_id).entries[0].text == "1"
    assert page(0, 3, "rep", session.visitor_id) is None
    assert page(0, 3, "visitor", uuid7()) is None


@pytest.mark.django_db
def test_a_read_mark_never_goes_back_nor_beyond_what_is_there():
    session = make_session(last_number=10)

    def read(number, sender="visitor", sender_id=session.visitor_id):
        with connection.cursor() as cursor:
            cursor.execute(
                appending.READ_SQL,
                {"number": number, "session_id": session.pk, "sender": sender, "sender_id": sender_id},
            )
            return cursor.fetchone()

    assert read(4) == (session.visitor_id, session.rep_id, 4)
    assert read(2)[2] == 4
    assert read(99)[2] == 10
    assert read(3, "rep", session.rep_id)[2] == 3
    assert read(5, "rep", session.visitor_id) is None
    session.refresh_from_db()
    assert (session.visitor_read, session.rep_read) == (10, 3)
