"""The gateway's end of the bus, against a real Redis."""

from __future__ import annotations

import asyncio

from saleor_livesales import wire
from saleor_livesales.gateway.metrics import Metrics
from saleor_livesales.gateway.relay import Relay

CHANNEL = b"ls:visitor:somebody"
PAYLOAD = wire.encode(wire.OfferClosed(id="o", reason="expired"))


async def until(condition, seconds=5.0):
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0)


async def test_others_hear_resync_for_what_could_not_be_published(redis, redis_url):
    # given: a relay, and a listener as another gateway is one
    here = []
    relay = Relay(redis_url, deliver=lambda *announced: here.append(announced), resync=lambda: None, metrics=Metrics())
    relay.start()
    await until(lambda: relay.up)
    elsewhere = redis.pubsub()
    elsewhere.subscribe(CHANNEL.decode())
    assert elsewhere.get_message(timeout=2)

    # when: the connection that publishes is cut, and something is published before it is back
    redis.client_kill_filter(_type="normal", skipme=True)
    await until(lambda: relay._commands is None)
    relay.publish(CHANNEL, PAYLOAD)

    # then: those here have it, and those elsewhere are told to refetch, once
    assert here == [(CHANNEL, PAYLOAD)]
    await until(lambda: relay.up)
    relay.publish(CHANNEL, PAYLOAD)
    heard = []
    for _ in range(40):
        if message := await asyncio.to_thread(elsewhere.get_message, ignore_subscribe_messages=True, timeout=0.05):
            heard.append(message["data"])
    assert heard == [wire.encode(wire.Resync()), PAYLOAD]
    await relay.stop()
    elsewhere.close()


async def test_a_gateway_waits_for_redis_before_it_opens_its_doors_but_not_for_ever(redis, redis_url):
    relay = Relay(redis_url, deliver=lambda *_: None, resync=lambda: None, metrics=Metrics())
    relay.start()
    assert not relay.up
    await relay.first_up(patience=5.0)
    assert relay.up
    await relay.stop()

    nobody = Relay("redis://127.0.0.1:1", deliver=lambda *_: None, resync=lambda: None, metrics=Metrics())
    nobody.start()
    async with asyncio.timeout(1.0):
        await nobody.first_up(patience=0.1)
    assert not nobody.up
    await nobody.stop()


async def test_a_proxy_with_nothing_behind_it_is_no_redis():
    """It accepts a connection and closes it: neither up nor back, and not tried without a pause."""
    opened = []

    async def slam(reader, writer):
        opened.append(writer)
        await asyncio.sleep(0.01)
        writer.close()

    server = await asyncio.start_server(slam, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    resyncs = []
    relay = Relay(
        f"redis://127.0.0.1:{port}/0",
        deliver=lambda *_: None,
        resync=lambda: resyncs.append(True),
        metrics=Metrics(),
    )
    relay.start()
    await asyncio.sleep(2.0)
    assert not relay.up
    await relay.stop()
    server.close()
    assert resyncs == []
    assert 2 <= len(opened) < 30  # two connections, whose pauses grow to a second


async def test_a_connection_lost_before_it_listens_tells_nobody_that_redis_is_back(redis, redis_url):
    """Everybody would refetch for nothing, again and again while connections are cut."""
    resyncs = []
    relay = Relay(redis_url, deliver=lambda *_: None, resync=lambda: resyncs.append(True), metrics=Metrics())
    relay.start()
    await until(lambda: relay.up)
    listener = relay._listener
    relay.subscribe(b"livesales-gateway-fence", relay._fenced)  # as after a connection that was lost
    listener.abort()
    assert resyncs == []
    await until(lambda: resyncs)
    await asyncio.sleep(0.3)
    assert resyncs == [True]
    await relay.stop()
