"""The append on the gateway's connection: its plan, made while the tables were empty, and its binary parameters."""

import asyncio
import datetime
import json
import uuid

import psycopg
import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from saleor_livesales.gateway import database
from saleor_livesales.ids import uuid7
from saleor_livesales.models import Session
from saleor_livesales.sessions import append as appending
from saleor_livesales.sessions import packed
from saleor_livesales.sessions.append import Appended, Message
from saleor_livesales.sessions.prepared import Statement

from .conftest import make_session

pytestmark = pytest.mark.django_db(transaction=True)

OURS = {"saleor_livesales_session", "saleor_livesales_entry"}


def nodes(plan):
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


async def plan_of(conn, statement):
    """The plan that this connection keeps for a statement, and how often it used a plan of the other kind."""
    cursor = await conn.execute(
        "SELECT name, custom_plans FROM pg_prepared_statements WHERE statement LIKE %s", [f"%{statement}%"]
    )
    ((name, custom),) = await cursor.fetchall()
    arguments = ", ".join(["NULL"] * 7)
    cursor = await conn.execute(f'EXPLAIN (FORMAT JSON) EXECUTE "{name}"({arguments})')
    ((plan,),) = await cursor.fetchall()
    plan = plan if isinstance(plan, list) else json.loads(plan)
    return list(nodes(plan[0]["Plan"])), custom


def grow():
    """Sessions and entries of a shop that has been at it for a while, in one statement each."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO saleor_livesales_session (id, visitor_id, rep_id, channel, form, state, end_reason,"
            " last_number, visitor_read, rep_read, rung, created_at)"
            " SELECT gen_random_uuid(), visitor_id, rep_id, 'eu', 'chat', 'ended', 'rep', 20, 0, 0, '[]', now()"
            " FROM saleor_livesales_session, generate_series(1, 2000) LIMIT 2000"
        )
        cursor.execute(
            "INSERT INTO saleor_livesales_entry (session_id, number, kind, sender, sender_id, key, text, data, at)"
            " SELECT id, n, 'message', 'visitor', visitor_id, gen_random_uuid(), 'hello', '{}', now()"
            " FROM saleor_livesales_session, generate_series(1, 20) n WHERE state = 'ended'"
        )


@sync_to_async
def in_database(action):
    return action()


def analyze():
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE saleor_livesales_session; ANALYZE saleor_livesales_entry")


async def append(conn, sessions, texts=1):
    """Messages of the visitors of these sessions, in one batch."""
    messages = [
        Message(
            session_id=session.pk, sender="visitor", sender_id=session.visitor_id, key=uuid.uuid4(), text=f"{number}",
            at=datetime.datetime.now(datetime.UTC),
        )
        for session in sessions
        for number in range(texts)
    ]  # fmt: skip
    return await appending.append_async(conn, messages, wait=False)


async def test_the_append_reaches_every_row_by_an_index_whenever_its_plan_was_made(postgres_url):
    sessions = [await make_session() for _ in range(3)]
    conn = await database.connect(postgres_url)
    try:
        for _ in range(8):  # more than PostgreSQL plans anew before it settles
            await append(conn, sessions[:1])
        for step in (None, grow, analyze):
            if step is not None:
                await in_database(step)
            answers = await append(conn, sessions, texts=3)
            assert all(type(answer) is Appended for answer in answers)

            steps, custom = await plan_of(conn, "inserted AS")

            kinds = {node["Node Type"] for node in steps}
            assert custom == 0, step
            assert not kinds & {"Seq Scan", "Hash Join", "Merge Join", "Bitmap Heap Scan"}, (step, kinds)
            looked_at = [node for node in steps if node.get("Relation Name") in OURS and "Scan" in node["Node Type"]]
            assert {node["Node Type"] for node in looked_at} <= {"Index Scan", "Index Only Scan"}
            assert sorted((node["Index Name"], "Index Cond" in node) for node in looked_at) == [
                ("livesales_entry_key", True),
                ("saleor_livesales_session_pkey", True),  # to lock
                ("saleor_livesales_session_pkey", True),  # to tell what is locked from what isn't there
                ("saleor_livesales_session_pkey", True),  # to raise
            ]
    finally:
        await conn.close()


@pytest.mark.parametrize("text", ["", "plain", "höre \U0001f600 \"'\\ \x7f", "x" * 4000])
async def test_a_batch_in_binary_says_what_lists_of_objects_say(postgres_url, text):
    at = datetime.datetime(2026, 3, 1, 12, 30, 59, 123456, tzinfo=datetime.timezone(datetime.timedelta(hours=2)))
    first, second = uuid7(), uuid7()
    messages = [
        Message(session_id=first, sender="visitor", sender_id=uuid7(), key=uuid.UUID(int=0), text=text, at=at),
        Message(session_id=second, sender="rep", sender_id=uuid7(), key=uuid.UUID(int=2**128 - 1), text=text, at=at),
        Message(session_id=first, sender="rep", sender_id=uuid7(), key=uuid.uuid4(), text="b", at=at),
    ]
    columns = ", ".join(f"%s::{kind}::text" for kind in packed.TYPES)
    mirror = Statement("mirror", f"SELECT {columns}", packed.TYPES)
    conn = await database.connect(postgres_url)
    try:
        cursor = await conn.execute(f"SELECT {columns}", appending.parameters(messages))
        said = await cursor.fetchone()
        (packed_row,) = await mirror.fetch(conn, packed.parameters(messages))
    finally:
        await conn.close()
    got = tuple(value.decode() for value in packed_row)
    assert set(got[0].strip("{}").split(",")) == {str(first), str(second)}
    assert got[1:] == said[1:]


async def test_an_error_of_a_prepared_statement_is_that_of_psycopg_and_the_connection_goes_on(postgres_url):
    divide = Statement("divide", "SELECT 1 / %s", ["integer"])
    conn = await database.connect(postgres_url)
    try:
        with pytest.raises(psycopg.errors.DivisionByZero) as raised:
            await divide.fetch(conn, [bytes(4)])
        assert appending.sqlstate(raised.value) == "22012"
        assert await divide.fetch(conn, [b"\0\0\0\1"]) == [(b"\0\0\0\1",)]
    finally:
        await conn.close()


async def test_a_prepared_statement_on_a_lost_connection_fails_and_the_connection_says_so(postgres_url):
    one = Statement("one", "SELECT pg_sleep(20), %s", ["integer"])
    conn = await database.connect(postgres_url)
    try:
        asyncio.get_running_loop().call_later(0.2, database.cut, conn)
        with pytest.raises(psycopg.OperationalError):
            await one.fetch(conn, [bytes(4)])
        assert conn.closed
    finally:
        await conn.close()


async def test_more_than_the_kernel_takes_at_once_comes_through(postgres_url):
    length = Statement("length", "SELECT length(%s), %s", ["text", "text"])
    text = b"x" * 20_000_000
    conn = await database.connect(postgres_url)
    try:
        ((number, back),) = await length.fetch(conn, [text, text])
    finally:
        await conn.close()
    assert (int.from_bytes(number, "big"), back == text) == (20_000_000, True)


async def test_participants_come_back_as_they_are(postgres_url):
    session = await make_session()
    conn = await database.connect(postgres_url)
    try:
        (answer,) = await append(conn, [session])
    finally:
        await conn.close()
    assert isinstance(answer, Appended)
    assert (answer.number, answer.visitor_id, answer.rep_id) == (1, session.visitor_id, session.rep_id)
    assert await in_database(lambda: Session.objects.get(pk=session.pk).last_number) == 1
