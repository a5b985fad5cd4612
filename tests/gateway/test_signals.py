"""Typing and presence pass without the database, and no message stands in their way."""

import asyncio
import uuid

import psycopg
from asgiref.sync import sync_to_async
from django.db import connections

from saleor_livesales import bus, conf, wire
from saleor_livesales.gateway import protocol
from saleor_livesales.gateway.hub import Hub
from saleor_livesales.ids import to_global_id, uuid7

from .conftest import gid, make_session, rep, until, visitor
from .test_hub import NOW, Socket
from .test_sockets import noticed, visitor_id


async def test_typing_passes_while_postgresql_is_away(gateway, postgres, redis):
    session, other = await make_session(), await make_session()
    async with (
        visitor(gateway, subject=session.visitor_id) as shopper,
        rep(gateway, session.rep_id) as seller,
        visitor(gateway, subject=other.visitor_id) as stranger,
        rep(gateway, other.rep_id) as colleague,
    ):
        await shopper.send(session, "now it is known who takes part")
        try:
            await asyncio.to_thread(postgres.stop)
            for _ in range(3):
                await seller.say(wire.Typing(session=gid(session)))
                assert (await shopper.hear(wire.Typing)).sender == "rep"
                await shopper.say(wire.Typing(session=gid(session), active=False))
                assert await seller.hear(wire.Typing) == wire.Typing(
                    session=gid(session), active=False, sender="visitor"
                )
            # Where that is not known the frame comes to nothing, and nothing else does.
            await stranger.say(wire.Typing(session=gid(other)))
            await until(lambda: redis.hget("ls:drops", "unavailable") == b"1", 20)
            await colleague.silence(0.1)
        finally:
            postgres.start()
        await until(lambda: gateway.health("ready")[0] == 200, 20)
        await stranger.say(wire.Typing(session=gid(other)))
        assert (await colleague.hear(wire.Typing)).session == gid(other)
    await sync_to_async(connections.close_all)()


async def test_typing_overtakes_messages_that_cannot_be_committed(gateway, postgres_url):
    session = await make_session()
    async with (
        visitor(gateway, subject=session.visitor_id) as shopper,
        rep(gateway, session.rep_id) as seller,
        await psycopg.AsyncConnection.connect(postgres_url) as holder,
    ):
        await holder.execute("SELECT 1 FROM saleor_livesales_session WHERE id = %s FOR UPDATE", [session.pk])
        for number in range(20):
            await shopper.say(wire.SendMessage(session=gid(session), key=uuid.uuid4(), text=str(number)))
        await shopper.say(wire.Typing(session=gid(session)))
        await seller.hear(wire.Typing)
        await seller.say(wire.Typing(session=gid(session)))
        await shopper.hear(wire.Typing)
        heard = [type(frame) for frame in shopper.frames]
        assert wire.Ack not in heard
        await holder.rollback()
        assert [(await shopper.hear(wire.Ack)).number for _ in range(20)] == list(range(1, 21))


async def test_visitors_come_browse_and_leave_while_postgresql_is_away(gateway, postgres, redis):
    async with visitor(gateway) as first:
        try:
            await asyncio.to_thread(postgres.stop)
            async with visitor(gateway) as late:
                subject = visitor_id(late)
                await late.say(wire.PageViewed(url="https://shop.example/p/7"))
                await until(lambda: len(noticed(redis, subject)) == 2)
            await until(lambda: len(noticed(redis, subject)) == 3)
            assert [event.kind for event in noticed(redis, subject)] == ["arrive", "page", "leave"]
            await first.say(wire.Resume(session="x"))
            assert (await first.hear(wire.Refused)).code == "NOT_FOUND"
        finally:
            postgres.start()
    await sync_to_async(connections.close_all)()


async def test_participants_hold_until_a_look_tells_otherwise(monkeypatch):
    # given: a visitor in a session of which nothing was heard for a long time
    hub = Hub(conf.load(), clock=lambda: NOW)
    asked, published = [], []
    monkeypatch.setattr(hub.reader, "submit", lambda *job: asked.append(job))
    monkeypatch.setattr(hub.relay, "publish", lambda channel, payload: published.append(channel))
    session, seller, successor = uuid7(), uuid7(), uuid7()
    socket = Socket(hub)
    socket.connection.subject = shopper = uuid7()
    hub._know(session, shopper, seller).until = 0.0

    def type_something() -> list[bytes]:
        published.clear()
        frame = wire.Typing(session=to_global_id("LiveSession", session), sender="visitor")
        hub.perform(socket, [protocol.Signal(session, frame)])
        return list(published)

    # then: it is passed on at once, and looked up meanwhile, once
    sellers, successors = [bus.rep_channel(pk).encode() for pk in (seller, successor)]
    assert type_something() == [sellers]
    assert type_something() == [sellers]
    assert len(asked) == 1
    _, parameters, answer = asked.pop()
    assert parameters == {"session_id": session}
    answer(None)  # PostgreSQL is away
    assert type_something() == [sellers]
    answer([(shopper, successor)])
    assert type_something() == [successors]
    answer([])
    assert type_something() == []
