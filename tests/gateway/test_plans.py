"""The plans of the gateway's statements: made while the tables were empty, good when they are full."""

import datetime
import json
import uuid

import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from saleor_livesales.gateway import database
from saleor_livesales.ids import uuid7
from saleor_livesales.models import Session
from saleor_livesales.sessions import append as appending
from saleor_livesales.sessions import packed
from saleor_livesales.sessions.append import Appended, Message

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
    same = "SELECT " + ", ".join(
        f"(SELECT array_agg(x ORDER BY x) FROM unnest(%s::{kind}[]) x) IS NOT DISTINCT FROM"
        f" (SELECT array_agg(x ORDER BY x) FROM unnest(%s::{kind}[]) x)"
        if position == 0
        else f"%s::{kind}[] = %s::{kind}[]"
        for position, kind in enumerate(("uuid", "uuid", "text", "uuid", "uuid", "text", "timestamptz"))
    )
    arguments = [
        one for both in zip(appending.parameters(messages), packed.parameters(messages), strict=True) for one in both
    ]
    conn = await database.connect(postgres_url)
    try:
        cursor = await conn.execute(same, arguments)
        assert await cursor.fetchone() == (True,) * 7
    finally:
        await conn.close()


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
