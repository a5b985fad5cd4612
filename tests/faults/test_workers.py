"""The processes that work behind the scenes are killed at their work."""

from __future__ import annotations

import random
import subprocess
import sys
import time

from saleor_livesales import wire
from sandbox.runner.stack import Stack
from sandbox.runner.targets import ROOT

from ..shop.client import Api
from ..shop.people import IDENTIFY, Rep, Visitor, decisions
from .ledger import wait_until

RENAME = """
import sys, django; django.setup()
from django.utils import timezone
from sandbox.shop import actions
from sandbox.shop.models import User
user = User.objects.get(email="shopper@example.com")
actions.rename_customer(user=user, first_name="Sam", last_name=sys.argv[1], now=timezone.now())
"""


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
    # then: everybody has an offer, and one alone
    offers = {visitor.id: visitor.live.next(wire.OfferMade, timeout=40).id for visitor in visitors}
    time.sleep(1.0)
    for visitor in visitors:
        heard = {frame.id for frame in visitor.live.heard(wire.OfferMade)}
        made = {entry["offer"]["id"] for entry in decisions(api, visitor.id) if entry["offer"]}
        assert heard == made == {offers[visitor.id]}
        visitor.live.close()


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
