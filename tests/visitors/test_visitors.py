"""Visitors on a real PostgreSQL: links to accounts, checkouts, the list for reps, counts of drops."""

from __future__ import annotations

import datetime
import threading
import uuid
from decimal import Decimal

import pytest
import redis as redis_client
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_livesales import bus, wire
from saleor_livesales.ids import uuid7
from saleor_livesales.visitors import actions, events, queries, store
from saleor_livesales.visitors.facts import Facts, Worth
from saleor_livesales.visitors.models import Visit, Visitor, VisitorCheckout, VisitorLink

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis")]

NOW = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)
USER, OTHER = "VXNlcjox", "VXNlcjoy"
CART = "Q2hlY2tvdXQ6MQ=="


def later(seconds: float) -> datetime.datetime:
    return NOW + datetime.timedelta(seconds=seconds)


def links(visitor_id: uuid.UUID) -> list[tuple[str, bool, str]]:
    rows = VisitorLink.objects.filter(visitor_id=visitor_id).order_by("at", "linked")
    return list(rows.values_list("user_id", "linked", "reason"))


def identify(visitor_id: uuid.UUID, user_id: str | None, name: str = "", seconds: float = 0) -> Visitor:
    return actions.identify(visitor_id=visitor_id, user_id=user_id, name=name, now=later(seconds))


def test_ensure_makes_one_row_however_often() -> None:
    visitor_id = uuid7()

    assert actions.ensure(visitor_id=visitor_id, now=NOW) == actions.ensure(visitor_id=visitor_id, now=later(9))
    assert Visitor.objects.get().created_at == NOW


def test_signing_in_out_and_in_as_another() -> None:
    visitor_id = uuid7()

    visitor = identify(visitor_id, USER, "Ada")
    assert (visitor.user_id, visitor.name, visitor.assurance, visitor.identified_at) == (USER, "Ada", "signed_in", NOW)
    visitor = identify(visitor_id, USER, "Ada", seconds=10)
    assert (visitor.identified_at, links(visitor_id)) == (NOW, [(USER, True, "signed_in")])
    visitor = identify(visitor_id, OTHER, "Bob", seconds=20)
    assert (visitor.user_id, visitor.name, visitor.identified_at) == (OTHER, "Bob", later(20))
    visitor = identify(visitor_id, None, seconds=30)
    assert (visitor.user_id, visitor.name, visitor.assurance) == (None, "", "cookie")
    identify(visitor_id, None, seconds=40)

    assert links(visitor_id) == [
        (USER, True, "signed_in"),
        (USER, False, "other_account"),
        (OTHER, True, "signed_in"),
        (OTHER, False, "signed_out"),
    ]


def test_a_visitor_without_account_keeps_the_name_it_gave() -> None:
    visitor_id = uuid7()

    visitor = identify(visitor_id, None, "<b>Eve\0</b>" + "x" * 300)
    assert (visitor.name[:10], len(visitor.name), visitor.assurance) == ("<b>Eve</b>", 255, "anonymous")
    assert identify(visitor_id, None).name == visitor.name
    assert links(visitor_id) == []


def test_a_change_of_account_reaches_the_stream(redis: redis_client.Redis) -> None:
    visitor_id = uuid7()
    identify(visitor_id, USER)
    identify(visitor_id, USER)

    found = [wire.decode_noticed(fields[b"d"]) for _, fields in redis.xrange(bus.visitor_stream(visitor_id))]
    assert [(event.visitor, event.kind) for event in found] == [(visitor_id, "account")]


def test_a_checkout_is_the_first_visitors_even_in_a_race() -> None:
    visitors = [uuid7() for _ in range(6)]
    won: list[uuid.UUID] = []
    barrier = threading.Barrier(len(visitors))

    def claim(visitor_id: uuid.UUID) -> None:
        try:
            barrier.wait(10)
            if actions.claim_checkout(visitor_id=visitor_id, checkout_id=CART, now=NOW):
                won.append(visitor_id)
        finally:
            connection.close()

    threads = [threading.Thread(target=claim, args=[visitor_id]) for visitor_id in visitors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert [VisitorCheckout.objects.get().visitor_id] == won
    assert actions.claim_checkout(visitor_id=won[0], checkout_id=CART, now=NOW) is True


def test_forgetting_an_account_blanks_all_its_visitors() -> None:
    first, second, other = uuid7(), uuid7(), uuid7()
    identify(first, USER, "Ada")
    identify(second, USER, "Ada")
    identify(other, OTHER, "Bob")

    assert sorted(actions.forget_user(user_id=USER, now=later(5))) == sorted([first, second])
    assert actions.forget_user(user_id=USER, now=later(6)) == []

    assert list(Visitor.objects.order_by("name").values_list("user_id", "name")) == [
        (None, ""), (None, ""), (OTHER, "Bob")
    ]  # fmt: skip
    assert links(first) == [(USER, True, "signed_in"), (USER, False, "account_deleted")]


def visit(name: str, seconds: float, **changes: object) -> Visit:
    visitor = Visitor.objects.create(
        id=uuid7(), created_at=NOW, name=name, assurance=str(changes.pop("assurance", "anonymous"))
    )
    values = {
        "channel": "default-channel",
        "started_at": later(seconds),
        "last_seen_at": later(seconds),
        "last_event_id": "1-0",
        "page_url": f"https://shop.example/{name}",
    }
    return Visit.objects.create(visitor=visitor, **{**values, **changes})


def names(**filters: object) -> list[str]:
    found = queries.online(now=later(70), **filters)  # type: ignore[arg-type]
    return [row.visitor.name for row in found]


def test_the_list_for_reps(django_assert_num_queries: object) -> None:
    visit("ada", 30, cart_total=Decimal("9.00"), currency="USD")
    visit("bob", 10, channel="channel-pln", assurance="signed_in", page_title="A Lamp")
    visit("cyd", 20, cart_total=Decimal("0"), currency="USD")
    visit("dan", 40, online=False)
    visit("eve", 50, current=False)
    visit("fay", 0)  # silent for exactly the window: gone, marked or not

    with django_assert_num_queries(1):  # type: ignore[operator]
        assert names() == ["ada", "cyd", "bob"]
    assert names(channels=["channel-pln"]) == ["bob"]
    assert names(channels=[]) == []
    assert names(has_cart=True) == ["ada"]
    assert names(has_cart=False) == ["cyd", "bob"]
    assert names(assurances=["signed_in", "code"]) == ["bob"]
    assert names(search="LAMP") == ["bob"]
    assert names(search="example/cy") == ["cyd"]
    assert names(search="%") == []


def test_a_page_of_the_list_stays_put_while_visitors_move() -> None:
    first, second = visit("ada", 30), visit("bob", 20)
    before = names()

    Visit.objects.filter(id=second.id).update(last_seen_at=later(60))

    assert names() == before == ["ada", "bob"]
    assert queries.current_visits(visitor_ids=[first.visitor_id, uuid7()]) == {first.visitor_id: first}


def test_a_batch_of_snapshots_takes_a_constant_number_of_statements() -> None:
    cart = Worth(amount=Decimal("1e30"), currency="USD")

    def statements(size: int) -> int:
        batch = [
            Facts(visitor=uuid7(), visit=uuid7(), visits=1, started_at=1.0, online=True, checkout=CART, cart=cart)
            for _ in range(size)
        ]
        with CaptureQueriesContext(connection) as captured:
            store.save_rows(batch)
        return len(captured)

    assert statements(1) == statements(100)
    assert (Visit.objects.count(), Visitor.objects.count()) == (101, 101)
    assert Visit.objects.filter(cart_total__isnull=False).count() == 0  # more than the column holds


def test_unreadable_facts_are_set_aside(redis: redis_client.Redis) -> None:
    row = visit("ada", 0, facts={"visitor": 7})
    redis.set(store.facts_key(row.visitor_id), b'{"visitor": "nonsense"}')

    found = store.load(redis, [row.visitor_id])[row.visitor_id]

    assert found == Facts(visitor=row.visitor_id, visit=row.id, visits=1, last_event_id="1-0")


def test_drops_are_counted_by_reason(redis: redis_client.Redis) -> None:
    events.count_drops(redis, {"unknown": 2, "oversized": 0})
    events.count_drops(redis, {"unknown": 1, "too_frequent": 5})

    assert events.drops(redis) == {"unknown": 3, "oversized": 0, "too_frequent": 5, "invalid": 0, "failed": 0}
