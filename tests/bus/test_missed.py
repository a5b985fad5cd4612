"""Whoever missed an announcement is told so when Redis answers again."""

from __future__ import annotations

import time

import pytest

from saleor_livesales import bus, conf, ids, wire


@pytest.fixture
def hasty(monkeypatch, redis):
    """The timeout of a deployment, which a frozen Redis exceeds."""
    monkeypatch.setenv("LIVESALES_REDIS_TIMEOUT", "0.05")
    conf.load.cache_clear()
    bus.reset()
    yield
    bus.reset()
    monkeypatch.undo()
    conf.load.cache_clear()


def heard(listener, seconds):
    """What came on which channel, until nothing more is expected."""
    found, deadline = [], time.monotonic() + seconds
    while time.monotonic() < deadline:
        if message := listener.get_message(ignore_subscribe_messages=True, timeout=0.1):
            frame = wire.decode_from_server(message["data"])
            found.append((message["channel"].decode(), type(frame).__name__))
    return found


def test_resync_follows_what_was_lost_while_redis_did_not_answer(hasty, redis, redis_server):
    # given: somebody listens, somebody else does too, and Redis stops answering
    missed, other = bus.visitor_channel(ids.uuid7()), bus.visitor_channel(ids.uuid7())
    listener = redis.pubsub()
    listener.subscribe(missed, other)
    assert listener.get_message(timeout=2)
    assert listener.get_message(timeout=2)
    assert bus.publish([(other, wire.OfferClosed(id="o", reason="expired"))]) is True
    assert heard(listener, 0.3) == [(other, "OfferClosed")]
    redis_server.freeze()
    try:
        # when: the first of these is still on its way, the second is not even tried
        bus.publish([(missed, wire.OfferClosed(id="o", reason="expired"))])
        assert bus.publish([(missed, wire.OfferClosed(id="o", reason="expired"))]) is False
    finally:
        redis_server.thaw()

    # then: well before the breaker closes, whoever missed something hears it, once, and nobody else does
    found = heard(listener, 4)
    assert found.count((missed, "Resync")) == 1
    assert {channel for channel, _ in found} == {missed}
    listener.close()


def test_nothing_is_left_behind_when_nothing_was_lost(redis):
    import threading

    assert bus.publish([(bus.reps_channel(), wire.OfferClosed(id="o", reason="expired"))]) is True
    assert "livesales-missed" not in {thread.name for thread in threading.enumerate()}


def test_how_many_are_remembered_is_bounded(hasty, redis_server, monkeypatch):
    monkeypatch.setattr(bus, "MISSED_LIMIT", 3)
    redis_server.freeze()
    try:
        lost = [(f"ls:visitor:{number}", wire.OfferClosed(id="o", reason="expired")) for number in range(5)]
        assert bus.publish(lost) is False
        assert bus._missed is not None
        assert len(bus._missed._channels) == 3
    finally:
        redis_server.thaw()
