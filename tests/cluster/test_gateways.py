"""Two gateways and a decider on a cluster: messages, offers, and what becomes of both when a node is gone."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import subprocess
import sys
import urllib.request
import uuid
from collections.abc import Callable
from decimal import Decimal

import pytest
from asgiref.sync import sync_to_async
from prometheus_client.parser import text_string_to_metric_families

from saleor_livesales import bus, wire
from saleor_livesales.channels.models import ChannelSettings
from saleor_livesales.models import Entry, Offer, Rep, Session
from tests.gateway.conftest import Client, Gateway, connect, gid, make_session, rep, until, visitor
from tests.offers.process import LAMP

from .servers import Cluster, Server

Start = Callable[..., Gateway]
PATIENCE = 60.0


@pytest.fixture
def two(cluster: Cluster, start_gateway: Start) -> tuple[Gateway, Gateway]:
    """Each knows another node to begin with."""
    urls = cluster.url.split(",")
    return start_gateway(LIVESALES_REDIS_URL=urls[0]), start_gateway(LIVESALES_REDIS_URL=urls[1])


def figures(gateway: Gateway) -> dict[str, float]:
    with urllib.request.urlopen(f"http://127.0.0.1:{gateway.health_port}/metrics", timeout=5) as answer:
        return {
            "".join([sample.name, *sample.labels.values()]): sample.value
            for family in text_string_to_metric_families(answer.read().decode())
            for sample in family.samples
        }


async def hear(client: Client, text: str) -> wire.Entry:
    while (entry := await client.hear(wire.Entry, PATIENCE)).text != text:
        pass
    return entry


async def comes_through(session: Session, sender: Client, receiver: Client) -> None:
    """Messages arrive without being asked for, once all nodes agree on whose the slot is."""
    async with asyncio.timeout(PATIENCE):
        while True:
            await sender.send(session, "after")
            with contextlib.suppress(TimeoutError):
                return await receiver.hear(wire.Entry, 1.0)


async def session_on(cluster: Cluster, visitors: Server, reps: Server) -> Session:
    """One whose visitor's channel is on the one master and whose rep's on the other."""
    while True:
        session = await make_session()
        if (
            cluster.owner(bus.visitor_channel(session.visitor_id)) is visitors
            and cluster.owner(bus.rep_channel(session.rep_id)) is reps
        ):
            return session
        await session.adelete()


async def test_messages_both_ways_between_two_gateways(cluster, two):
    one, other = two
    for visitors in cluster.masters:
        session = await session_on(cluster, visitors, cluster.masters[2])
        async with visitor(one, subject=session.visitor_id) as shopper, rep(other, session.rep_id) as seller:
            await shopper.send(session, "hello")
            await hear(seller, "hello")
            await seller.send(session, "good morning")
            await hear(shopper, "good morning")
            await shopper.say(wire.Typing(session=gid(session)))
            assert (await seller.hear(wire.Typing)).sender == "visitor"
    found = figures(one)
    assert (found["livesales_redis_nodesup"], found["livesales_redis_nodesaway"], found["livesales_redis_up"]) == (
        3,
        0,
        1,
    )
    await until(lambda: figures(one)["livesales_bus_lag_seconds_count"] >= 3)  # one probe for each master
    assert figures(one)["livesales_bus_probes_lost_total"] == 0


async def test_who_leaves_one_gateway_for_another_has_not_left(cluster, two):
    """PUBSUB SHARDNUMSUB at the node that has the channel."""
    one, other = two
    shopper_id = uuid.uuid4()

    def kinds() -> list[str]:
        client = bus.connect()
        stream = client.execute_command("XRANGE", bus.visitor_stream(shopper_id), "-", "+")
        events = [
            wire.decode_noticed(dict(fields)[b"d"] if isinstance(fields, dict) else fields[1]) for _, fields in stream
        ]
        return [event.kind for event in events if event.visitor == shopper_id]

    async with visitor(one, subject=shopper_id):
        async with visitor(other, subject=shopper_id):
            pass
        await asyncio.sleep(4.0)  # longer than LEAVE_AFTER
        assert "leave" not in kinds()
    await until(lambda: "leave" in kinds(), PATIENCE)
    assert kinds().count("leave") == 1


async def test_an_offer_made_by_a_decider(cluster, two, service_env):
    now = datetime.datetime.now(datetime.UTC)
    await ChannelSettings.objects.acreate(
        channel="default-channel", active=True, currency="USD", price_threshold=Decimal("100.00"), updated_at=now
    )
    await Rep.objects.acreate(
        user_id="VXNlcjox", name="Rita", status="online", lease_until=now + datetime.timedelta(days=1)
    )
    decider = subprocess.Popen([sys.executable, "-m", "tests.offers.process"], env=service_env)
    try:
        for gateway in two:
            async with connect(gateway) as socket:
                shopper = Client(socket)
                await shopper.say(wire.Hello(role="visitor", channel="default-channel"))
                await shopper.say(wire.PageViewed(url="https://shop.example/lamp", title="Lamp"))
                await shopper.say(wire.ProductViewed(product=LAMP))
                assert (await shopper.hear(wire.OfferMade, PATIENCE)).product == LAMP
    finally:
        decider.terminate()
        assert decider.wait(20) == 0
    assert await sync_to_async(Offer.objects.count)() == 2


async def test_a_slot_that_moves_takes_its_listeners_along(cluster, two):
    one, other = two
    first, second, third = cluster.masters
    session = await session_on(cluster, first, third)
    channel = bus.visitor_channel(session.visitor_id)
    async with visitor(one, subject=session.visitor_id) as shopper, rep(other, session.rep_id) as seller:
        await seller.send(session, "before")
        await hear(shopper, "before")
        try:
            await asyncio.to_thread(cluster.move, channel, second)
            await shopper.hear(wire.Resync, PATIENCE)
            await comes_through(session, seller, shopper)
            # only who listens there was told
            assert not [frame for frame in seller.frames if isinstance(frame, wire.Resync)]
        finally:
            await asyncio.to_thread(cluster.move, channel, first)


async def test_a_master_without_a_replica_is_killed_and_comes_back_empty(own_cluster, start_gateway):
    """Its channels are silent between gateways until it is back, and then hear resync; the others notice nothing."""
    cluster = own_cluster
    one, other = start_gateway(), start_gateway()
    first, second, third = cluster.masters
    theirs, unharmed = await session_on(cluster, first, first), await session_on(cluster, second, third)
    async with (
        visitor(one, subject=theirs.visitor_id) as shopper,
        rep(one, theirs.rep_id) as near,
        rep(other, theirs.rep_id) as far,
        visitor(one, subject=unharmed.visitor_id) as lucky,
        rep(other, unharmed.rep_id) as calm,
    ):
        await shopper.send(theirs, "one")
        for seller in (near, far):
            await hear(seller, "one")
        await asyncio.to_thread(first.stop)
        await until(lambda: figures(one)["livesales_redis_nodesaway"] == 1, PATIENCE)

        # committed and acknowledged, heard on the same gateway, and elsewhere when the node is back
        assert (await shopper.send(theirs, "two")).number == 2
        await hear(near, "two")
        await lucky.send(unharmed, "nothing happened")
        await hear(calm, "nothing happened")
        assert one.health("ready") == (200, "postgresql: up\nredis: away\n")

        await asyncio.to_thread(first.start)
        await far.hear(wire.Resync, PATIENCE)
        await far.say(wire.Resume(session=gid(theirs), after=1))
        page = await far.hear(wire.Resumed)
        assert [entry.text for entry in page.entries] == ["two"]
        await until(lambda: figures(one)["livesales_redis_up"] == figures(other)["livesales_redis_up"] == 1, PATIENCE)
        await far.send(theirs, "three")
        await hear(shopper, "three")
        assert not [frame for client in (lucky, calm) for frame in client.frames if isinstance(frame, wire.Resync)]
    assert await sync_to_async(Entry.objects.filter(session=theirs).count)() == 3


async def test_a_replica_takes_over_from_a_killed_master(own_cluster, start_gateway, service_env):
    cluster = own_cluster
    first, second, _ = cluster.masters
    replica = await asyncio.to_thread(cluster.add_replica, first)
    one, other = start_gateway(), start_gateway()
    session = await session_on(cluster, first, second)
    key = bus.visitor_channel(session.visitor_id)
    async with visitor(one, subject=session.visitor_id) as shopper, rep(other, session.rep_id) as seller:
        await seller.send(session, "one")
        await hear(shopper, "one")

        await asyncio.to_thread(first.stop)
        await seller.send(session, "two")  # its channel has no node just now
        await until(lambda: cluster.owner(key) is replica, PATIENCE)
        await shopper.hear(wire.Resync, PATIENCE)
        await until(lambda: figures(other)["livesales_redis_up"] == figures(one)["livesales_redis_up"] == 1, PATIENCE)
        await seller.send(session, "three")
        await hear(shopper, "three")

    # Saleor's side finds the way as well
    visitor_id = next(pk for pk in iter(uuid.uuid4, None) if cluster.owner(bus.visitor_stream(pk)) is replica)
    await until(lambda: bus.notice([wire.Noticed(visitor=visitor_id, kind="beat", at=1.0)]), PATIENCE)
    assert replica.client.xlen(bus.visitor_stream(visitor_id)) >= 1
