"""The second lane: recorded once, worked off at least once, mended by the sweep."""

from __future__ import annotations

import datetime
import threading

import pytest
import redis as redis_client
from django.db import connection, transaction

from saleor_livesales import bus, wire
from saleor_livesales.ids import uuid7
from saleor_livesales.inbox import actions, handlers, nudge, sweeps, tasks, work
from saleor_livesales.inbox.models import ShopEvent, ShopOrder, SweepMark
from saleor_livesales.sessions.models import Rating, Rep, Session
from saleor_livesales.visitors import actions as visitors
from saleor_livesales.visitors.models import Visitor, VisitorLink
from tests.fakes import FakeShop

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("shop", "redis")]

NOW = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)
ORDER, USER, CART = "T3JkZXI6MQ==", "VXNlcjox", "Q2hlY2tvdXQ6MQ=="


@pytest.fixture(autouse=True)
def no_worker(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was asked of the worker, instead of asking it."""
    asked: list[str] = []
    monkeypatch.setattr(nudge, "worker", lambda: asked.append("asked"))
    return asked


def seconds(number: float) -> datetime.timedelta:
    return datetime.timedelta(seconds=number)


def record(kind: str, object_id: str = ORDER, **payload: object) -> ShopEvent:
    return actions.record(kind=kind, object_id=object_id, payload=payload, source="hook", now=NOW)


def signed_in(user_id: str = USER, name: str = "Ada Buyer") -> Visitor:
    return visitors.identify(visitor_id=uuid7(), user_id=user_id, name=name, now=NOW)


def purchases(client: redis_client.Redis, visitor: Visitor) -> int:
    entries = client.xrange(bus.visitor_stream(visitor.id))
    events = [wire.decode_noticed(fields[b"d"]) for _, fields in entries]
    return sum(event.kind == "purchase" and event.visitor == visitor.id for event in events)


def test_recording_is_one_insert_in_the_callers_transaction(
    no_worker: list[str], django_assert_num_queries: object
) -> None:
    with transaction.atomic():
        with django_assert_num_queries(1):  # type: ignore[operator]
            record("order_created", user_id=USER, checkout_id=None)
        assert no_worker == []  # not before the commit

    event = ShopEvent.objects.get()
    assert (event.kind, event.object_id, event.payload) == (
        "order_created", ORDER, {"user_id": USER, "checkout_id": None}
    )  # fmt: skip
    assert (event.source, event.done_at, no_worker) == ("hook", None, ["asked"])


def test_a_rolled_back_report_is_none() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        record("order_created")
        raise RuntimeError
    assert ShopEvent.objects.count() == 0


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="teleported"):
        record("teleported")


def test_an_order_is_remembered_and_told_once(redis: redis_client.Redis) -> None:
    buyer, by_cart, other = signed_in(), Visitor.objects.create(created_at=NOW), signed_in("VXNlcjoy")
    assert visitors.claim_checkout(visitor_id=by_cart.id, checkout_id=CART, now=NOW)
    for kind in ("order_created", "order_fully_paid", "order_created"):
        record(kind, user_id=USER, checkout_id=CART)

    assert work.work_off(now=NOW) == 3
    assert work.work_off(now=NOW) == 0

    row = ShopOrder.objects.get()
    assert (row.order_id, row.user_id, row.checkout_id) == (ORDER, USER, CART)
    assert (row.created_seen, row.paid_seen, row.cancelled_seen, row.refunded_seen) == (True, True, False, False)
    assert [purchases(redis, visitor) for visitor in (buyer, by_cart, other)] == [1, 1, 0]


@pytest.mark.parametrize(("kind", "seen"), [("order_cancelled", "cancelled_seen"), ("order_refunded", "refunded_seen")])
def test_a_cancelled_or_refunded_order_is_no_purchase(redis: redis_client.Redis, kind: str, seen: str) -> None:
    buyer = signed_in()
    record(kind, user_id=USER, checkout_id=None)

    assert work.work_off(now=NOW) == 1
    assert getattr(ShopOrder.objects.get(), seen) is True
    assert purchases(redis, buyer) == 0


def test_each_handler_is_safe_twice(shop: FakeShop) -> None:
    visitor = signed_in()
    shop.add_customer(USER, name="Ada Lovelace")
    Session.objects.create(visitor=visitor, channel="default-channel", state="queued", created_at=NOW)
    for kind in sorted(handlers.HANDLERS, key=lambda kind: ("deleted" in kind, kind)):
        event = record(kind, USER if "order" not in kind else ORDER, user_id=USER)
        with transaction.atomic():
            handlers.handle(event=event, now=NOW)
        once = _everything()
        with transaction.atomic():
            handlers.handle(event=event, now=NOW + seconds(5))
        assert _everything() == once, kind


def _everything() -> list:
    return [list(model.objects.order_by("pk").values()) for model in (ShopOrder, Visitor, VisitorLink, Session)]


def test_the_name_is_the_one_the_shop_has_now(shop: FakeShop) -> None:
    visitor, other = signed_in(), signed_in("VXNlcjoy", "Bob")
    shop.add_customer(USER, name="Ada Lovelace")
    record("customer_updated", USER)
    record("customer_updated", "VXNlcjo5OQ==")

    assert work.work_off(now=NOW) == 2

    visitor.refresh_from_db()
    other.refresh_from_db()
    assert (visitor.name, other.name) == ("Ada Lovelace", "Bob")
    assert shop.calls["customers"] == 1  # nobody is linked to the other account


@pytest.mark.parametrize("kind", ["account_deleted", "customer_deleted"])
def test_a_deleted_account_is_forgotten(kind: str) -> None:
    visitor, other = signed_in(), signed_in("VXNlcjoy", "Bob")
    for one in (visitor, other):
        Session.objects.create(visitor=one, channel="default-channel", state="queued", created_at=NOW)
    ShopOrder.objects.create(order_id=ORDER, user_id=USER, changed_at=NOW)
    rep = Rep.objects.create(user_id="VXNlcjo3", name="Rita")
    for one in (visitor, other):
        rated = Session.objects.create(visitor=one, channel="default-channel", state="ended", rep=rep, created_at=NOW)
        Rating.objects.create(session=rated, rep=rep, score=2, comment="I am Ada", rated_at=NOW, changed_at=NOW)
    record(kind, USER)

    assert work.work_off(now=NOW) == 1

    comments = Rating.objects.values_list("session__visitor", "score", "comment")
    assert sorted(comments) == sorted([(visitor.pk, 2, ""), (other.pk, 2, "I am Ada")])
    visitor.refresh_from_db()
    assert (visitor.user_id, visitor.name, visitor.assurance) == (None, "", "cookie")
    ended = Session.objects.filter(visitor=visitor, rating=None).values_list("state", "end_reason")
    assert list(ended) == [("ended", "erased")]
    links = VisitorLink.objects.filter(visitor=visitor).order_by("at", "id").values_list("linked", "reason")
    assert sorted(links) == [(False, "account_deleted"), (True, "signed_in")]
    assert ShopOrder.objects.get().user_id is None
    other.refresh_from_db()
    [state] = Session.objects.filter(visitor=other, rating=None).values_list("state", flat=True)
    assert (other.user_id, other.name, state) == ("VXNlcjoy", "Bob", "queued")


def test_a_poisoned_event_blocks_no_other_and_is_tried_less_and_less(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(event: ShopEvent, now: datetime.datetime) -> None:
        Visitor.objects.create(created_at=now)  # must not stay
        raise LookupError("secret@example.com")

    monkeypatch.setattr(handlers, "HANDLERS", {**handlers.HANDLERS, "customer_updated": broken})
    record("customer_updated", USER)
    record("order_created")

    assert work.work_off(now=NOW) == 1

    tried = []
    for second in range(200):
        work.work_off(now=NOW + seconds(second))
        tried.append(ShopEvent.objects.get(kind="customer_updated").attempts)
    assert [tried.index(attempt) for attempt in (1, 2, 3, 4)] == [0, 15, 45, 105]
    event = ShopEvent.objects.get(kind="customer_updated")
    assert (event.done_at, event.error, Visitor.objects.count()) == (None, "LookupError", 0)

    monkeypatch.undo()
    assert work.work_off(now=NOW + seconds(3600)) == 1
    assert ShopEvent.objects.filter(done_at__isnull=True).count() == 0


def test_two_workers_do_not_wait_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    holds, may_go = threading.Event(), threading.Event()
    handled: list[str] = []

    def slow(event: ShopEvent, now: datetime.datetime) -> None:
        handled.append(event.object_id)
        if event.object_id == "first":
            holds.set()
            assert may_go.wait(10)

    monkeypatch.setattr(handlers, "HANDLERS", dict.fromkeys(handlers.HANDLERS, slow))
    record("order_created", "first")
    ShopEvent.objects.update(created_at=NOW - seconds(1))
    for name in ("second", "third"):
        record("order_created", name)

    def other_worker() -> None:
        try:
            work.work_off(now=NOW)
        finally:
            connection.close()

    thread = threading.Thread(target=other_worker)
    thread.start()
    assert holds.wait(10)
    assert work.work_off(now=NOW) == 2
    may_go.set()
    thread.join(10)

    assert sorted(handled) == ["first", "second", "third"]
    assert ShopEvent.objects.filter(done_at__isnull=True).count() == 0


def test_a_worker_that_dies_leaves_the_event(monkeypatch: pytest.MonkeyPatch, redis: redis_client.Redis) -> None:
    buyer = signed_in()
    record("order_created", user_id=USER)

    def dies(**_: object) -> None:
        handlers.HANDLERS["order_created"](ShopEvent.objects.get(), NOW)
        raise SystemExit  # as when the process goes: nothing is caught, the transaction rolls back

    monkeypatch.setattr(handlers, "handle", dies)
    with pytest.raises(SystemExit):
        work.work_off(now=NOW)
    monkeypatch.undo()
    assert (ShopOrder.objects.count(), purchases(redis, buyer)) == (0, 0)

    assert work.work_off(now=NOW) == 1
    assert (ShopOrder.objects.count(), purchases(redis, buyer)) == (1, 1)


def order(number: int, changed_at: datetime.datetime, **changes: object) -> dict:
    return {
        "id": f"order-{number}", "user_id": None, "checkout_id": None, "status": "unfulfilled", "fully_paid": False,
        "changed_at": changed_at, **changes,
    }  # fmt: skip


def test_the_sweep_records_what_no_hook_reported(shop: FakeShop) -> None:
    shop.orders_changed = [
        order(1, NOW - seconds(60), user_id=USER),
        order(2, NOW - seconds(50), fully_paid=True),
        order(3, NOW - seconds(40), status="canceled"),
        order(4, NOW - seconds(30), refunded=True, fully_paid=True),
        order(5, NOW - datetime.timedelta(days=2)),
    ]
    ShopOrder.objects.create(order_id="order-2", created_seen=True, changed_at=NOW)
    record("order_created", "order-3")  # waits in the inbox

    assert sweeps.orders(now=NOW) == 6

    swept = ShopEvent.objects.filter(source="sweep").values_list("object_id", "kind")
    assert sorted(swept) == [
        ("order-1", "order_created"),
        ("order-2", "order_fully_paid"),
        ("order-3", "order_cancelled"),
        ("order-4", "order_created"),
        ("order-4", "order_fully_paid"),
        ("order-4", "order_refunded"),
    ]
    assert SweepMark.objects.get(name="orders").until == NOW - seconds(30)
    assert sweeps.orders(now=NOW) == 0  # they wait in the inbox
    work.work_off(now=NOW)
    assert sweeps.orders(now=NOW) == 0  # they are done
    assert ShopOrder.objects.count() == 4


def test_the_sweep_goes_on_page_by_page(shop: FakeShop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeps, "PAGE", 3)
    shop.orders_changed = [order(number, NOW - seconds(60 - number // 2)) for number in range(20)]

    assert sweeps.orders(now=NOW) == 20
    assert SweepMark.objects.get().until == NOW - seconds(51)


def test_the_mark_moves_only_with_what_was_recorded(shop: FakeShop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.orders_changed = [order(1, NOW - seconds(60))]

    def fails(**_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(sweeps.actions, "record", fails)
    with pytest.raises(RuntimeError):
        sweeps.orders(now=NOW)
    assert (SweepMark.objects.count(), ShopEvent.objects.count()) == (0, 0)


def test_vanished_accounts_are_found_once_an_hour(shop: FakeShop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeps, "PAGE", 2)
    for number in range(5):
        signed_in(f"user-{number}")
        if number % 2:
            shop.add_customer(f"user-{number}")

    assert sweeps.accounts(now=NOW) == 3
    assert sorted(ShopEvent.objects.values_list("object_id", "kind", "source")) == [
        (f"user-{number}", "account_deleted", "sweep") for number in (0, 2, 4)
    ]
    assert sweeps.accounts(now=NOW + seconds(3599)) == 0
    assert sweeps.accounts(now=NOW + seconds(3600)) == 0  # still in the inbox
    work.work_off(now=NOW)
    assert Visitor.objects.filter(user_id__isnull=False).count() == 2


def test_the_tasks_do_it_all(shop: FakeShop) -> None:
    now = datetime.datetime.now(datetime.UTC)
    shop.orders_changed = [order(1, now - seconds(1))]
    signed_in("gone")

    assert tasks.sweep() == 2
    assert tasks.work_off() == 2
    assert (ShopOrder.objects.count(), Visitor.objects.get().user_id) == (1, None)
