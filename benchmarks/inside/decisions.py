"""Times decisions, of the pure rules alone and of whole batches: ``python -m benchmarks.inside.decisions``.

Reads a command a line and answers with a line of JSON. ``rules``: seconds of processor time for a decision.
``batch KIND VISITORS EVENTS``: a batch of so many events; ``{"seconds", "cpu", "queries", "trips"}``, where cpu is this
process's processor time and trips are round trips to Redis.
"""

from __future__ import annotations

import datetime
import gc
import itertools
import json
import sys
import time
import uuid
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

import django

CHANNEL: Final = "default-channel"
DECISIONS: Final = 20_000
URL: Final = "https://shop.example/products/"


def situations() -> list[Any]:
    """Visitors in the various ways in which they can stand: with an item, a cart, both, asking, refused, bought."""
    from saleor_livesales.visitors.facts import Facts, Standing, Worth

    now = 1_800_000_000.0
    items = [None, "40.00", "100.00", "100.01", "999.00"]
    carts = [None, "20.00", "250.00"]
    standings = [
        Standing(), Standing(open_offer=True), Standing(open_session=True),
        Standing(last_offer_at=now - 60, last_refusal_at=now - 60, last_refusal="declined"),
    ]  # fmt: skip
    made: list[Facts] = []
    for item, cart, standing, asked, bought in itertools.product(
        items, carts, standings, (0.0, now - 5), (0.0, now - 9)
    ):
        made.append(
            Facts(
                visitor=uuid.UUID(int=len(made) + 1), visit=uuid.UUID(int=1), online=True, channel=CHANNEL,
                last_seen_at=now - 3, product="UHJvZHVjdDox" if item else None,
                item=Worth(amount=Decimal(item), currency="USD") if item else None,
                checkout="Q2hlY2tvdXQ6MQ==" if cart else None,
                cart=Worth(amount=Decimal(cart), currency="USD") if cart else None,
                standing=standing, requested_at=asked, purchased_at=bought,
            )
        )  # fmt: skip
    return made


def rules() -> dict[str, float]:
    from saleor_livesales.offers.decide import OfferOutcome, decide
    from saleor_livesales.offers.rules import PriceRule, RequestRule, Rules

    facts = situations()
    given = Rules(
        channel=CHANNEL, active=True, currency="USD", available=True, greeting="Hello",
        price=PriceRule(threshold=Decimal("100.00"), currency="USD"), request=RequestRule(),
    )  # fmt: skip
    gc.collect()
    began = time.process_time()
    offers = 0
    for one in itertools.islice(itertools.cycle(facts), DECISIONS):
        offers += isinstance(decide(one, given, 1_800_000_000.0), OfferOutcome)
    taken = time.process_time() - began
    return {"seconds": taken / DECISIONS, "offers": offers / DECISIONS, "situations": len(facts)}


class Trips:
    """Counts round trips to Redis: commands that are sent by themselves, and pipelines."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.number = 0
        plain, pipelined = client.execute_command, client.pipeline

        def execute_command(*args: Any, **options: Any) -> Any:
            self.number += 1
            return plain(*args, **options)

        def pipeline(*args: Any, **options: Any) -> Any:
            made = pipelined(*args, **options)
            run = made.execute

            def execute(*args: Any, **options: Any) -> Any:
                self.number += bool(made.command_stack)
                return run(*args, **options)

            made.execute = execute
            return made

        client.execute_command, client.pipeline = execute_command, pipeline


class Site:
    """Visitors that do what visitors do, and a clock of their events' ids."""

    def __init__(self) -> None:
        from saleor_livesales import bus
        from saleor_livesales.ids import uuid7
        from saleor_livesales.offers import streams
        from saleor_livesales.sessions.models import Rep
        from sandbox.shop.models import Product

        self.trips = [Trips(streams.connect()), Trips(bus.client())]
        self.client = self.trips[0].client
        self.sequence = itertools.count(1)
        self.uuid7 = uuid7
        self.products = self._products(Product)
        self.visitors: list[uuid.UUID] = []
        lease = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)
        Rep.objects.create(user_id="VXNlcjox", name="Rita", status="online", lease_until=lease)

    @staticmethod
    def _products(model: Any) -> list[str]:
        from saleor_livesales.ids import to_global_id

        return [to_global_id("Product", pk) for pk in model.objects.order_by("pk").values_list("pk", flat=True)[:10]]

    def event(self, visitor: uuid.UUID, kind: str, **data: Any) -> Any:
        from saleor_livesales import wire
        from saleor_livesales.offers import batch

        moment = time.time()
        noticed = wire.Noticed(visitor=visitor, kind=kind, at=moment, channel=CHANNEL, **data)
        return batch.Event(f"{int(moment * 1000)}-{next(self.sequence)}", noticed)

    def events(self, kind: str, visitors: int, number: int) -> list[Any]:
        """``new``: visitors that come, open a page and a product. ``busy``: known ones that go on. ``beats``: signs
        of life of known ones alone."""
        if kind == "new":
            fresh = [self.uuid7() for _ in range(visitors)]
            self.visitors = (self.visitors + fresh)[-5000:]
            steps: Iterator[Any] = itertools.cycle(
                [("arrive", {}), ("page", {"url": URL, "title": "A lamp"}), ("product", {})]
            )
            chosen: Iterator[uuid.UUID] = iter([one for one in fresh for _ in range(-(-number // visitors))])
        else:
            steps = itertools.cycle(
                [("beat", {})] if kind == "beats" else [("page", {}), ("product", {}), ("beat", {})]
            )
            chosen = itertools.cycle(self.visitors[-visitors:])
        made = []
        for index, (visitor, (name, data)) in enumerate(zip(chosen, steps, strict=False)):
            if index == number:
                break
            if name == "page":
                data = {"url": f"{URL}{next(self.sequence)}", "title": "A lamp"}
            if name == "product":
                data = {"product": self.products[index % len(self.products)]}
            made.append(self.event(visitor, name, **data))
        return made

    def batch(self, kind: str, visitors: int, number: int) -> dict[str, float]:
        from saleor_livesales.offers import batch, queries

        from .operations import watched

        events = self.events(kind, visitors, number)
        known = queries.rules_by_channel()
        before = sum(trips.number for trips in self.trips)
        gc.collect()
        with watched() as statements:
            began, processor = time.perf_counter(), time.process_time()
            batch.work(events, client=self.client, rules=known, now=datetime.datetime.now(datetime.UTC))
            taken, cpu = time.perf_counter() - began, time.process_time() - processor
        return {
            "seconds": taken,
            "cpu": cpu,
            "queries": len(statements.sent),
            "sql": statements.seconds,
            "trips": sum(trips.number for trips in self.trips) - before,
            "events": len(events),
        }


def main() -> int:
    django.setup()
    site = Site()
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        name, *arguments = line.split()
        if name == "rules":
            print(json.dumps(rules()), flush=True)
        else:
            print(json.dumps(site.batch(arguments[0], int(arguments[1]), int(arguments[2]))), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
