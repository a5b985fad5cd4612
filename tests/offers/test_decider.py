"""Deciders as real processes on a real PostgreSQL and Redis: killed, doubled, cut off."""

from __future__ import annotations

import datetime
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
import redis as redis_client
from django.db import connection

from saleor_livesales import bus, wire
from saleor_livesales.channels.models import ChannelSettings
from saleor_livesales.ids import uuid7
from saleor_livesales.offers.models import Decision, Offer
from saleor_livesales.offers.streams import CONSUMER, GROUP
from saleor_livesales.sessions.models import Rep
from saleor_livesales.visitors.models import Visit, Visitor, VisitorCheckout

from .process import LAMP

pytestmark = pytest.mark.django_db(transaction=True)

Start = Callable[..., subprocess.Popen]


@pytest.fixture
def start(service_env: dict[str, str], redis: redis_client.Redis) -> Iterator[Start]:
    """Starts deciders, and ends them all when the test is over."""
    now = datetime.datetime.now(datetime.UTC)
    ChannelSettings.objects.create(
        channel="default-channel", active=True, currency="USD", price_threshold=Decimal("100.00"), updated_at=now
    )
    Rep.objects.create(user_id="VXNlcjox", name="Rita", status="online", lease_until=now + datetime.timedelta(days=1))
    started: list[subprocess.Popen] = []

    def begin(*arguments: str) -> subprocess.Popen:
        process = subprocess.Popen([sys.executable, "-m", "tests.offers.process", *arguments], env=service_env)
        started.append(process)
        return process

    yield begin
    for process in started:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGCONT)
            process.kill()
        process.wait(10)


def eventually(holds: Callable[[], bool], within: float = 20.0) -> None:
    until = time.monotonic() + within
    while not holds():
        assert time.monotonic() < until, "It did not happen in time."
        time.sleep(0.02)


def notice(visitor: uuid.UUID, kind: str, **data: object) -> None:
    data.setdefault("channel", "default-channel")
    event = wire.Noticed(visitor=visitor, kind=kind, at=time.time(), **data)  # type: ignore[arg-type]
    assert bus.notice([event])


def browses(visitors: list[uuid.UUID], *, rounds: int = 4) -> None:
    """Each visitor arrives, opens the lamp, and stays ``rounds`` seconds."""
    for visitor in visitors:
        notice(visitor, "arrive")
        notice(visitor, "page", url="https://shop.example/lamp")
        notice(visitor, "product", product=LAMP)
    for _ in range(rounds):
        for visitor in visitors:
            notice(visitor, "dwell", seconds=1)


def owners() -> list[int]:
    """How many shards each decider has, the fewest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE objid < 1000000) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2"
            " AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) GROUP BY pid"
        )
        return sorted(row[0] for row in cursor.fetchall())


def pending(client: redis_client.Redis) -> int:
    found = 0
    for shard in range(16):
        name = bus.event_stream(shard)
        if client.exists(name):
            groups = client.xinfo_groups(name)
            found += sum(
                group["pending"] + (group["lag"] or 0) if "lag" in group else group["pending"] for group in groups
            )
            last = client.xinfo_stream(name)["last-generated-id"]
            found += sum(group["last-delivered-id"] != last for group in groups if group["name"] == GROUP.encode())
            found += not groups
    return found


def test_an_offer_comes_within_a_second(start: Start, redis: redis_client.Redis) -> None:
    start()
    eventually(lambda: owners() == [17])
    visitor = uuid7()
    heard = redis.pubsub()
    heard.subscribe(bus.visitor_channel(visitor))
    heard.get_message(timeout=1)

    notice(visitor, "arrive")
    notice(visitor, "page", url="https://shop.example/lamp")
    notice(visitor, "product", product=LAMP)
    began = time.monotonic()
    message = heard.get_message(timeout=5)

    assert time.monotonic() - began < 1.0
    assert message is not None
    assert isinstance(wire.decode_from_server(message["data"]), wire.OfferMade)


POINTS = ["load", "rows", "offers", "decisions", "cache", "announce", "acknowledge"]


@pytest.mark.parametrize("point", POINTS)
def test_killed_anywhere_it_loses_nothing_and_offers_once(start: Start, redis: redis_client.Redis, point: str) -> None:
    visitors = [uuid7() for _ in range(10)]
    browses(visitors)
    first = start(point, "3")
    assert first.wait(30) == -signal.SIGKILL

    start()
    eventually(lambda: Visit.objects.filter(facts__dwell=4).count() == 10)
    eventually(lambda: pending(redis) == 0)

    assert Offer.objects.count() == 10
    assert {offer.visitor_id for offer in Offer.objects.all()} == set(visitors)
    made = Decision.objects.filter(outcome="offer")
    assert sorted(made.values_list("offer_id", flat=True)) == sorted(Offer.objects.values_list("id", flat=True))
    assert Visit.objects.count() == 10
    assert all(visit.facts["pages"] == 1 for visit in Visit.objects.all())


def test_what_a_former_owner_was_still_given_is_not_lost(start: Start, redis: redis_client.Redis) -> None:
    # given: a decider between two reads, and its predecessor's read that Redis answers only now
    decider, visitor = start(), uuid7()
    eventually(lambda: owners() == [17])
    browses([uuid7()])
    eventually(lambda: Offer.objects.count() == 1 and pending(redis) == 0)
    os.kill(decider.pid, signal.SIGSTOP)
    time.sleep(1.0)  # longer than a read waits
    browses([visitor])
    taken = redis.xreadgroup(GROUP, CONSUMER, {bus.visitor_stream(visitor): ">"}, count=200)
    assert len(taken[0][1]) == 7
    # when: it goes on
    os.kill(decider.pid, signal.SIGCONT)
    # then: it finds them
    eventually(lambda: pending(redis) == 0)
    assert Offer.objects.filter(visitor_id=visitor).count() == 1


def test_two_deciders_share_the_streams_and_offer_once(start: Start, redis: redis_client.Redis) -> None:
    first, second = start(), start()
    eventually(lambda: owners() == [8, 9])
    visitors = [uuid7() for _ in range(40)]
    browses(visitors)
    eventually(lambda: Visit.objects.filter(facts__dwell=4).count() == 40)
    assert Offer.objects.count() == 40

    first.kill()
    eventually(lambda: owners() == [17], within=5)
    browses(visitors, rounds=1)
    eventually(lambda: Visit.objects.filter(facts__dwell=5).count() == 40)

    start()
    eventually(lambda: owners() == [8, 9])
    browses(visitors, rounds=1)
    eventually(lambda: Visit.objects.filter(facts__dwell=6).count() == 40)
    assert Offer.objects.count() == 40
    second.terminate()
    assert second.wait(5) == 0
    eventually(lambda: owners() == [17], within=5)


def test_an_emptied_redis_costs_no_facts(start: Start, redis: redis_client.Redis) -> None:
    start()
    visitors = [uuid7() for _ in range(5)]
    browses(visitors)
    eventually(lambda: Visit.objects.filter(facts__dwell=4).count() == 5)

    redis.flushall()
    browses(visitors, rounds=3)

    eventually(lambda: Visit.objects.filter(facts__dwell=7).count() == 5)
    assert (Visit.objects.count(), Offer.objects.count()) == (5, 5)


def test_redis_goes_and_comes_back(start: Start, redis: redis_client.Redis, redis_server: object) -> None:
    process = start()
    visitors = [uuid7()]
    browses(visitors)
    eventually(lambda: Visit.objects.filter(facts__dwell=4).count() == 1)

    redis_server.stop()  # type: ignore[attr-defined]
    Offer.objects.update(due_at=datetime.datetime.now(datetime.UTC))
    try:
        eventually(lambda: Offer.objects.get().state == "expired", within=10)  # deadlines need no Redis
    finally:
        redis_server.start()  # type: ignore[attr-defined]
    bus.reset()
    browses(visitors, rounds=1)

    eventually(lambda: Visit.objects.filter(facts__dwell=5).count() == 1)
    assert process.poll() is None


def test_a_lost_database_connection_comes_back(start: Start, redis: redis_client.Redis) -> None:
    process = start()
    visitors = [uuid7() for _ in range(5)]
    browses(visitors)
    eventually(lambda: Visit.objects.filter(facts__dwell=4).count() == 5)

    for _ in range(3):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        browses(visitors, rounds=1)

    eventually(lambda: Visit.objects.filter(facts__dwell=7).count() == 5)
    eventually(lambda: owners() == [17])
    assert (Offer.objects.count(), process.poll()) == (5, None)


def test_the_shop_stream_reaches_the_visitor_and_forgets_prices(start: Start, redis: redis_client.Redis) -> None:
    now = datetime.datetime.now(datetime.UTC)
    visitor = Visitor.objects.create(created_at=now)
    VisitorCheckout.objects.create(checkout_id="Q2hlY2tvdXQ6MQ==", visitor=visitor, claimed_at=now)
    start()

    assert bus.notice_shop(wire.ShopNoticed(kind="checkout", id="Q2hlY2tvdXQ6MQ==", at=time.time()))
    assert bus.notice_shop(wire.ShopNoticed(kind="checkout", id="Q2hlY2tvdXQ6Mg==", at=time.time()))
    assert bus.notice_shop(wire.ShopNoticed(kind="product", id=LAMP, at=time.time()))

    eventually(lambda: redis.exists(bus.visitor_stream(visitor.id)) == 1 and redis.exists(f"ls:item-stamp:{LAMP}") == 1)
    entries = redis.xrange(bus.visitor_stream(visitor.id))
    events = [wire.decode_noticed(fields[b"d"]) for _, fields in entries]
    assert [(event.visitor, event.kind, event.checkout) for event in events] == [
        (visitor.id, "checkout", "Q2hlY2tvdXQ6MQ==")
    ]
