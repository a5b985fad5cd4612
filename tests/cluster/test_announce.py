"""Saleor's side of a cluster: what is announced, and the decider's client."""

from __future__ import annotations

import dataclasses
import time
import uuid

import pytest
import redis

from saleor_livesales import bus, conf, wire
from saleor_livesales.cluster import Cluster, NodeAway
from saleor_livesales.gateway import check
from saleor_livesales.offers.streams import Streams, connect

from .servers import eventually

FRAME = wire.OfferClosed(id="o", reason="expired")
RESYNC = wire.encode(wire.Resync())


def channels_by_master(cluster, number=1):
    """Channels of visitors, as many on each master."""
    found = {server.port: [] for server in cluster.masters}
    while any(len(names) < number for names in found.values()):
        name = bus.visitor_channel(uuid.uuid4())
        found[cluster.owner(name).port].append(name)
    return {port: names[:number] for port, names in found.items()}


class Ears:
    """What is said on channels, by the node that has them."""

    def __init__(self, cluster, channels) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self._pubsubs = []
        for channel in channels:
            pubsub = redis.Redis(port=cluster.owner(channel).port, protocol=2).pubsub()
            pubsub.execute_command("SSUBSCRIBE", channel)
            assert pubsub.connection is not None
            self._pubsubs.append(pubsub)

    def listen(self, number: int) -> list[tuple[str, bytes]]:
        def more() -> bool:
            for pubsub in self._pubsubs:
                if pubsub.connection.can_read(timeout=0.05):
                    kind, channel, data = pubsub.connection.read_response()
                    if kind == b"smessage":
                        self.heard.append((channel.decode(), data))
            return len(self.heard) >= number

        eventually(more)
        return sorted(self.heard)


def test_announcements_reach_the_node_that_has_the_channel(cluster):
    names = [name for own in channels_by_master(cluster).values() for name in own]
    ears = Ears(cluster, names)

    assert bus.publish((name, FRAME) for name in names) is True

    assert ears.listen(3) == sorted((name, wire.encode(FRAME)) for name in names)


def test_events_are_on_their_visitors_streams(cluster):
    events = [wire.Noticed(visitor=uuid.uuid4(), kind="beat", at=1.0) for _ in range(40)]

    assert bus.notice(events) is True
    assert bus.notice_shop(wire.ShopNoticed(kind="product", id="UHJvZHVjdDox", at=1.0)) is True

    found = set()
    for server in cluster.masters:
        keys = server.client.keys("*")
        assert keys  # each has some of the streams
        for key in keys:
            if key.decode() != bus.shop_stream():
                found |= {wire.decode_noticed(fields[b"d"]).visitor for _, fields in server.client.xrange(key)}
    assert found == {event.visitor for event in events}


def test_a_slot_that_moved_is_followed(cluster):
    first, second, _ = cluster.masters
    visitor = uuid.uuid4()
    while cluster.owner(bus.visitor_stream(visitor)) is not first:
        visitor = uuid.uuid4()
    stream = bus.visitor_stream(visitor)
    event = wire.Noticed(visitor=visitor, kind="beat", at=1.0)
    assert bus.notice([event]) is True
    try:
        cluster.move(stream, second)
        assert bus.notice([event]) is True
        assert bus.notice([event]) is True
        assert second.client.xlen(stream) == 3
    finally:
        cluster.move(stream, first)


def test_a_slot_that_is_just_being_moved(cluster):
    """ASK: the key is already there, the slot is not."""
    first, second, _ = cluster.masters
    client = connect()
    key = next(f"ls:x{n}" for n in range(1000) if cluster.owner(f"ls:x{n}") is first)
    number = cluster.masters[0].client.execute_command("CLUSTER KEYSLOT", key)
    second.client.execute_command("CLUSTER SETSLOT", number, "IMPORTING", first.id)
    first.client.execute_command("CLUSTER SETSLOT", number, "MIGRATING", second.id)
    try:
        client.hincrby(key, "reason", 2)
        assert client.hgetall(key) == {b"reason": b"2"}
    finally:
        for server in (second, first):
            server.client.execute_command("CLUSTER SETSLOT", number, "STABLE")
        second.client.flushall()
        client.close()


def test_a_node_that_is_away_takes_only_its_part_with_it(own_cluster, monkeypatch):
    monkeypatch.setattr(bus, "PAUSE_AFTER_FAILURE", 1.0)
    names = [own[0] for own in channels_by_master(own_cluster).values()]
    assert bus.publish((name, FRAME) for name in names) is True
    gone = own_cluster.owner(names[0])
    gone.stop()
    others = Ears(own_cluster, names[1:])

    assert bus.publish((name, FRAME) for name in names) is False

    assert others.listen(2) == sorted((name, wire.encode(FRAME)) for name in names[1:])
    gone.start()
    late = Ears(own_cluster, names[:1])
    assert late.listen(1) == [(names[0], RESYNC)]
    assert sorted(others.heard) == sorted((name, wire.encode(FRAME)) for name in names[1:])
    eventually(lambda: bus.publish([(names[0], FRAME)]))


def test_reading_and_keeping_on_a_cluster(cluster):
    client = connect()
    keys = [f"ls:facts:{uuid.uuid4()}" for _ in range(30)]
    pipeline = client.pipeline(transaction=False)
    for key in keys[:20]:
        pipeline.set(key, key.encode(), ex=60)
    pipeline.incr("ls:item-stamp:")
    pipeline.expire("ls:item-stamp:", 60)
    assert pipeline.execute() == [True] * 20 + [1, True]
    assert client.mget(keys) == [key.encode() for key in keys[:20]] + [None] * 10

    streams = Streams(client)
    names = [bus.event_stream(number) for number in range(16)] + [bus.shop_stream()]
    assert streams.fresh(names, block=0.01) == []
    visitors = [uuid.uuid4() for _ in range(50)]
    bus.notice(wire.Noticed(visitor=visitor, kind="beat", at=1.0) for visitor in visitors)
    arrived = streams.fresh(names, block=5)
    assert {wire.decode_noticed(entry.data).visitor for entry in arrived} == set(visitors)
    left = [entry for name in names for entry in streams.left_over(name)]
    assert sorted(left, key=lambda e: e.event_id) == sorted(arrived, key=lambda e: e.event_id)
    streams.acknowledge(arrived)
    assert [entry for name in names for entry in streams.left_over(name)] == []
    began = time.monotonic()
    assert streams.fresh(names, block=0.3) == []
    assert time.monotonic() - began >= 0.3
    client.close()


def test_a_cluster_that_is_away_is_told_as_such():
    client = Cluster("redis://127.0.0.1:1", socket_connect_timeout=1)
    with pytest.raises(NodeAway):
        client.get("x")
    with pytest.raises(redis.RedisError):
        client.mget(["x", "y"])


def test_check_finds_nothing_wrong_with_a_cluster(cluster, postgres_url):
    settings = dataclasses.replace(conf.load(), database_url=postgres_url)
    assert check.problems(settings) == []
    one = dataclasses.replace(settings, redis_url=cluster.url.split(",")[0])
    assert check.problems(dataclasses.replace(one, redis_cluster=False)) == [
        "This Redis is a node of a cluster. Set LIVESALES_REDIS_CLUSTER=1."
    ]
    assert check.problems(dataclasses.replace(one, redis_prefix="{ls}")) == [
        "LIVESALES_REDIS_PREFIX has a brace, which puts all keys on one node of the cluster. Leave it out."
    ]
