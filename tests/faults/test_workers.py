"""What goes on around the messages: offers, the inbox, and the shop itself."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable

import redis

from saleor_livesales import wire
from sandbox.runner.stack import Stack
from sandbox.runner.targets import ROOT

from ..shop.client import CHANNEL, Api
from ..shop.people import IDENTIFY, Rep, Visitor, decisions

CREATE = "mutation($input: CheckoutCreateInput!) { checkoutCreate(input: $input) { checkout { id } errors { code } } }"
RENAME = """
import sys, django; django.setup()
from django.utils import timezone
from sandbox.shop import actions
from sandbox.shop.models import User
user = User.objects.get(email="shopper@example.com")
actions.rename_customer(user=user, first_name="Sam", last_name=sys.argv[1], now=timezone.now())
"""


def wait_until(condition: Callable[[], object], what: str, patience: float) -> None:
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def test_the_shop_sells_while_redis_is_away(stack: Stack, api: Api):
    cart = {"channel": CHANNEL, "lines": [{"variantId": api.variant("tray-table"), "quantity": 1}]}
    stack.redis.stop()
    try:
        for _ in range(3):
            began = time.monotonic()
            assert api.only(CREATE, input=cart)["errors"] == []
            assert time.monotonic() - began < 3.0
    finally:
        stack.redis.start()


def test_an_emptied_redis_ends_no_offers(stack: Stack, api: Api, rep: Rep):
    client = redis.Redis.from_url(stack.redis.url)
    client.flushall()
    client.close()
    visitor = Visitor(api)
    assert visitor.offered().forms == ["chat"]
    visitor.live.close()


def test_the_decider_is_killed_and_each_visitor_gets_one_offer(stack: Stack, api: Api, rep: Rep):
    # given: visitors who look at something while the decider is killed, before, while and after it works on them
    decider, chance = stack.process("decider"), random.Random(3)
    visitors = [Visitor(api) for _ in range(8)]
    for visitor in visitors[:4]:
        visitor.look_at("tray-table")
    time.sleep(chance.uniform(0.0, 0.05))
    decider.kill()
    for visitor in visitors[4:]:
        visitor.look_at("tray-table")
    # when: it comes back, and is killed and comes back once more
    decider.start()
    time.sleep(chance.uniform(1.5, 2.5))
    decider.kill()
    decider.start()
    # then: everybody has an offer, and one alone; who heard of one heard of that one, once. Whose decider was killed
    # between committing and telling hears nothing: the row is the truth, and only the bell was lost.
    deadline = time.monotonic() + 60
    waiting = list(visitors)
    while waiting and time.monotonic() < deadline:
        waiting = [visitor for visitor in waiting if not offers_of(api, visitor)]
        time.sleep(0.2)
    time.sleep(1.0)
    heard_of = 0
    for visitor in visitors:
        heard = [frame.id for frame in visitor.live.heard(wire.OfferMade)]
        [made] = offers_of(api, visitor)
        assert set(heard) <= {made}
        heard_of += bool(heard)
        visitor.live.close()
    assert heard_of >= len(visitors) - 2  # two kills, each at one visitor at most


def offers_of(api: Api, visitor: Visitor) -> set[str]:
    return {entry["offer"]["id"] for entry in decisions(api, visitor.id) if entry["offer"]}


def test_the_celery_worker_is_killed_and_what_happened_meanwhile_is_worked_off(stack: Stack, api: Api, rep: Rep):
    # given: a customer who talks to a rep
    visitor = Visitor(api)
    api.only(IDENTIFY, api.token("shopper"), input={"ticket": visitor.ticket})
    session = visitor.start()["session"]["id"]
    query = "query($id: ID!) { liveSession(id: $id) { visitor { name } } }"

    def name() -> str:
        return api.only(query, api.token("rep"), id=session)["visitor"]["name"]

    assert name() == "Sam Shopper"

    # when: the shop hears of another name while the worker is dead
    worker = stack.process("worker")
    worker.kill()
    subprocess.run([sys.executable, "-c", RENAME, "Renamed"], env=stack.env, cwd=ROOT, check=True)
    time.sleep(1.0)
    assert name() == "Sam Shopper"
    worker.start()

    # then
    wait_until(lambda: name() == "Sam Renamed", "the inbox is not worked off", 40)

    # and when: it is killed as it works
    subprocess.run([sys.executable, "-c", RENAME, "Shopper"], env=stack.env, cwd=ROOT, check=True)
    worker.kill()
    worker.start()

    # then
    wait_until(lambda: name() == "Sam Shopper", "the inbox is not worked off", 40)
    visitor.live.close()
