"""What a gateway does when PostgreSQL, Redis or the gateway itself goes away, and comes back."""

import asyncio
import signal
import uuid

import psycopg
import pytest
import websockets
from asgiref.sync import sync_to_async

from saleor_livesales import wire
from saleor_livesales.gateway import database
from saleor_livesales.models import Entry

from .conftest import Client, gid, make_session, rep, until, visitor


def message(session, text):
    return wire.SendMessage(session=gid(session), key=uuid.uuid4(), text=text)


async def stored(session):
    rows = Entry.objects.filter(session=session).order_by("number").values_list("number", "text")
    return await sync_to_async(list)(rows)


async def test_without_redis_messages_are_committed_and_reach_this_gateways_sockets(gateway, redis_server):
    session = await make_session()
    async with visitor(gateway, subject=session.visitor_id) as shopper, rep(gateway, session.rep_id) as seller:
        try:
            await asyncio.to_thread(redis_server.stop)
            await until(lambda: "redis: away" in gateway.health("ready")[1])
            assert gateway.health("ready")[0] == 200
            assert (await shopper.send(session, "anybody?")).number == 1
            assert (await seller.hear(wire.Entry)).text == "anybody?"
            async with visitor(gateway) as late:
                assert late.welcome.ticket
        finally:
            redis_server.start()  # in this thread: servers die with the one that started them
        # back: everybody is told to look for what was missed, and announcements flow again
        await shopper.hear(wire.Resync)
        await seller.hear(wire.Resync)
        await seller.send(session, "here I am")
        while (await shopper.hear(wire.Entry)).text != "here I am":
            pass
    assert await stored(session) == [(1, "anybody?"), (2, "here I am")]


async def test_a_redis_that_answers_nothing_holds_up_no_message(gateway, redis_server):
    session = await make_session()
    async with visitor(gateway, subject=session.visitor_id) as shopper, rep(gateway, session.rep_id) as seller:
        try:
            redis_server.freeze()
            async with asyncio.timeout(1):
                assert (await shopper.send(session, "hello")).number == 1
            assert (await seller.hear(wire.Entry, 5)).text == "hello"
        finally:
            redis_server.thaw()
        await seller.hear(wire.Resync)


async def test_while_postgresql_is_away_messages_wait_and_then_go_out_once_in_order(gateway, postgres):
    session = await make_session()
    async with visitor(gateway, subject=session.visitor_id) as shopper, rep(gateway, session.rep_id) as seller:
        await shopper.send(session, "1")
        await shopper.hear(wire.Entry)
        try:
            await asyncio.to_thread(postgres.stop)
            for number in range(2, 12):
                await shopper.say(message(session, str(number)))
            await shopper.silence(0.5)
            assert gateway.health("ready")[0] == 503
            assert gateway.health("live")[0] == 200
        finally:
            postgres.start()
        numbers = [(await shopper.hear(wire.Ack)).number for _ in range(10)]
        assert numbers == list(range(2, 12))
        while (await seller.hear(wire.Entry)).number != 11:
            pass
    await close_stale()
    assert await stored(session) == [(number, str(number)) for number in range(1, 12)]


async def test_what_waits_too_long_is_refused_and_may_be_sent_again(start_gateway, postgres):
    gateway = start_gateway(LIVESALES_PENDING_FOR="1", LIVESALES_PENDING_MESSAGES="3")
    session = await make_session()
    async with visitor(gateway, subject=session.visitor_id) as shopper:
        await shopper.send(session, "1")
        frames = [message(session, str(number)) for number in range(2, 6)]
        try:
            await asyncio.to_thread(postgres.stop)
            for frame in frames:
                await shopper.say(frame)
            refused = [await shopper.hear(wire.Refused) for _ in range(4)]
        finally:
            postgres.start()
        assert {(answer.code, answer.session) for answer in refused} == {("UNAVAILABLE", gid(session))}
        assert refused[0].key == frames[3].key  # one more than may wait
        await until(lambda: gateway.health("ready")[0] == 200)
        for number, frame in enumerate(frames, 2):
            await shopper.say(frame)
            assert (await shopper.hear(wire.Ack)).number == number
    await close_stale()
    assert await stored(session) == [(number, str(number)) for number in range(1, 6)]


async def test_connections_that_are_cut_lose_and_double_nothing(gateway, postgres_url):
    session = await make_session()
    frames = [message(session, str(number)) for number in range(30)]

    def cut():
        with psycopg.connect(postgres_url, autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'livesales-gateway'"
            )

    async with visitor(gateway, subject=session.visitor_id) as shopper:
        for position, frame in enumerate(frames):
            await shopper.say(frame)
            if position % 10 == 5:
                await asyncio.to_thread(cut)
        acks = [await shopper.hear(wire.Ack) for _ in frames]
    assert [ack.key for ack in acks] == [frame.key for frame in frames]
    assert await stored(session) == [(number + 1, str(number)) for number in range(30)]


@pytest.mark.parametrize(("default", "ours"), [("off", "local"), ("on", "on"), ("remote_apply", "remote_apply")])
async def test_an_ack_waits_for_the_disk_whatever_the_server_does_by_default(postgres_url, default, ours):
    async with await psycopg.AsyncConnection.connect(postgres_url, autocommit=True) as admin:
        name = (await (await admin.execute("SELECT current_database()")).fetchone())[0]
        await admin.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = {default}')
        try:
            conn = await database.connect(postgres_url)
            assert (await (await conn.execute("SHOW synchronous_commit")).fetchone())[0] == ours
            await conn.close()
        finally:
            await admin.execute(f'ALTER DATABASE "{name}" RESET synchronous_commit')


async def test_a_locked_session_stalls_no_other(gateway, postgres_url):
    locked, free = await make_session(), await make_session()
    async with (
        visitor(gateway, subject=locked.visitor_id) as stuck,
        visitor(gateway, subject=free.visitor_id) as lucky,
        await psycopg.AsyncConnection.connect(postgres_url) as holder,
    ):
        await holder.execute("SELECT 1 FROM saleor_livesales_session WHERE id = %s FOR UPDATE", [locked.pk])
        for number in range(5):
            await stuck.say(message(locked, str(number)))
        async with asyncio.timeout(2):
            for number in range(10):
                assert (await lucky.send(free, str(number))).number == number + 1
        await stuck.silence(0.3)
        await holder.rollback()
        assert [(await stuck.hear(wire.Ack)).number for _ in range(5)] == [1, 2, 3, 4, 5]
    assert await stored(locked) == [(number + 1, str(number)) for number in range(5)]


async def test_kill_9_loses_nothing_that_was_acknowledged(gateway):
    """The client sends again what was not acknowledged, and asks for what it did not hear."""
    session = await make_session()
    frames = [message(session, str(number)) for number in range(25)]
    acked: dict[uuid.UUID, int] = {}
    async with visitor(gateway, subject=session.visitor_id) as shopper:
        for frame in frames:
            await shopper.say(frame)
        for _ in range(3):
            ack = await shopper.hear(wire.Ack)
            acked[ack.key] = ack.number
        gateway.process.kill()
        await collect(shopper, acked)
    await asyncio.to_thread(gateway.stop, signal.SIGKILL)
    await asyncio.to_thread(gateway.start)
    async with visitor(gateway, subject=session.visitor_id) as shopper:
        for frame in frames:
            if frame.key not in acked:
                await shopper.say(frame)
        for _ in range(len(frames) - len(acked)):
            ack = await shopper.hear(wire.Ack)
            acked[ack.key] = ack.number
        await shopper.say(wire.Resume(session=gid(session)))
        page = await shopper.hear(wire.Resumed)

    assert [(entry.number, entry.key) for entry in page.entries] == sorted((n, key) for key, n in acked.items())
    assert [entry.text for entry in page.entries] == [str(number) for number in range(25)]


async def collect(client: Client, acked: dict[uuid.UUID, int]) -> None:
    try:
        while True:
            ack = await client.hear(wire.Ack)
            acked[ack.key] = ack.number
    except websockets.ConnectionClosed:
        return


async def close_stale() -> None:
    """Django's own connections died with the server."""
    from django.db import connections

    await sync_to_async(connections.close_all)()
