"""Two people talk while something that they talk through goes away and comes back."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import redis

from sandbox.runner.stack import Stack

from ..live_client import Live
from ..shop.client import CHANNEL, Api
from ..shop.people import Rep, Visitor, codes
from .ledger import Talker, settle, talking, wait_until

CREATE = "mutation($input: CheckoutCreateInput!) { checkoutCreate(input: $input) { checkout { id } errors { code } } }"


@pytest.fixture
def talkers(api: Api, rep: Rep) -> Iterator[tuple[Talker, Talker]]:
    """A visitor and a rep in an active session, who write all the time."""
    visitor = Visitor(api)
    session = visitor.start()["session"]["id"]
    assert codes(rep.accept(session)) == []
    visitor.live.close()

    def as_visitor() -> Live:
        live = Live(api.stack.urls["gateway"], origin=api.origin)
        live.greet(CHANNEL, token=visitor.token)
        return live

    def as_rep() -> Live:
        ticket = rep.presence("ONLINE")["ticket"]
        live = Live(api.stack.urls["gateway"], origin=api.stack.urls["console"].rstrip("/"))
        live.greet_as_rep(ticket)
        return live

    pair = (
        Talker(name="visitor", connect=as_visitor, session=session, seed=1),
        Talker(name="rep", connect=as_rep, session=session, seed=2),
    )
    with talking(*pair):
        yield pair


def counts(talkers: tuple[Talker, Talker]) -> list[int]:
    return [len(talker.acked) for talker in talkers]


def go_on(talkers: tuple[Talker, Talker], more: int = 10) -> None:
    """Waits until each of them has got so many more messages acknowledged."""
    before = counts(talkers)
    wait_until(
        lambda: all(now >= then + more for now, then in zip(counts(talkers), before, strict=True)),
        "they can't go on",
    )


def test_redis_goes_away_and_comes_back(stack: Stack, api: Api, talkers: tuple[Talker, Talker]):
    line = {"variantId": api.variant("tray-table"), "quantity": 1}
    cart = {"channel": CHANNEL, "lines": [line]}
    stack.redis.stop()
    try:
        # messages are acknowledged all the same, and the shop sells
        go_on(talkers)
        for _ in range(3):
            began = time.monotonic()
            assert api.only(CREATE, input=cart)["errors"] == []
            assert time.monotonic() - began < 3.0
    finally:
        stack.redis.start()
    go_on(talkers)
    settle(talkers)


def test_redis_is_emptied(stack: Stack, api: Api, talkers: tuple[Talker, Talker]):
    client = redis.Redis.from_url(stack.redis.url)
    for _ in range(3):
        client.flushall()
        go_on(talkers)
    client.close()
    settle(talkers)
    # the decider goes on as well
    visitor = Visitor(api)
    assert visitor.offered().forms == ["chat"]
    visitor.live.close()


def test_postgresql_goes_away_for_five_seconds(stack: Stack, talkers: tuple[Talker, Talker]):
    stack.postgres.stop()
    try:
        time.sleep(0.5)
        before = counts(talkers)
        time.sleep(4.5)
        assert counts(talkers) == before  # nothing is acknowledged that is not committed
    finally:
        stack.postgres.start()
    go_on(talkers)
    settle(talkers)


def test_the_gateway_is_killed(stack: Stack, talkers: tuple[Talker, Talker]):
    gateway = stack.process("gateway")
    for _ in range(2):
        gateway.kill()
        gateway.start()
        gateway.wait_ready()
        go_on(talkers)
    settle(talkers)
    assert all(talker.connections >= 3 for talker in talkers)
