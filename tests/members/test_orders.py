"""Memberships follow orders: bought, refunded, cancelled, in any order and as often as anybody tells."""

from __future__ import annotations

import dataclasses
import itertools
import threading
from decimal import Decimal

import pytest
from django.db import connection

from saleor_livesales.inbox import actions as inbox
from saleor_livesales.inbox import nudge, work
from saleor_livesales.members import books, orders, sweeps
from saleor_livesales.members.models import Charge, Membership, MembershipChange
from tests.fakes import FakeShop

from .build import ADA, BOB, NOW, OTHER, PRICE, a_line, a_plan, an_order, at, days, refunded, stands, the_member

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis")]


@pytest.fixture(autouse=True)
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nudge, "worker", lambda: None)


def follow(shop: FakeShop, order, now=NOW) -> None:
    shop.put_order(order)
    orders.follow(order_id=order.id, now=now)
    assert list(books.compare(also=[order.id])) == []


def everything() -> list:
    return [list(model.objects.order_by("pk").values()) for model in (Membership, Charge, MembershipChange)]


def test_a_paid_order_makes_a_member(shop: FakeShop) -> None:
    plan = a_plan()
    follow(shop, an_order(1, a_line(1, quantity=2)))
    member = the_member()
    assert (member.plan, member.state, member.periods, member.channel) == (plan, "active", 2, "default-channel")
    assert (member.since, member.anchor, member.paid_until) == (NOW, NOW, at(2027, 3, 31))
    charge = Charge.objects.get()
    assert (charge.order_id, charge.line_id, charge.order_number) == ("order-1", "line-1", "1")
    assert (charge.amount, charge.currency, charge.periods, charge.refunded, charge.returned) == (
        Decimal("60.00"), "USD", 2, 0, 0
    )  # fmt: skip
    change = MembershipChange.objects.get()
    assert (change.kind, change.before, change.after, change.actor, change.charge) == (
        "pay", "new", "active", "shop", charge
    )  # fmt: skip


def test_what_is_not_paid_or_no_plan_makes_none(shop: FakeShop) -> None:
    follow(shop, an_order(1))
    assert Charge.objects.count() == 0  # there is no plan yet
    a_plan()
    follow(shop, an_order(2, paid=False))
    follow(shop, an_order(3, a_line(3, variant=OTHER)))
    follow(shop, an_order(4, a_line(4, variant=None)))
    orders.follow(order_id="order-99", now=NOW)
    assert everything() == [[], [], []]


def test_told_again_nothing_changes(shop: FakeShop) -> None:
    a_plan()
    order = an_order(1, a_line(1, quantity=3))
    follow(shop, order)
    once = everything()[:1], everything()[2]
    follow(shop, order, NOW + days(3))
    assert (everything()[:1], everything()[2]) == once


def test_a_second_order_extends_and_a_late_one_begins_anew(shop: FakeShop) -> None:
    a_plan()
    follow(shop, an_order(1))
    follow(shop, an_order(2), NOW + days(10))
    member = the_member()
    assert (member.term, member.periods, member.since, member.paid_until) == (1, 2, NOW, at(2027, 3, 31))
    late = at(2027, 4, 20, 8)  # 31 March + 7 + 5 days are over
    assert stands(member, late) == ("lapsed", False)
    follow(shop, an_order(3), late)
    member = the_member()
    assert (member.term, member.periods, member.since, member.paid_until) == (2, 1, late, at(2027, 5, 20, 8))
    log = [(row.kind, row.after, row.at) for row in MembershipChange.objects.order_by("at", "id")]
    assert log == [
        ("pay", "active", NOW), ("pay", "active", NOW + days(10)), ("fall_due", "past_due", at(2027, 3, 31)),
        ("wait", "grace", at(2027, 4, 7)), ("lapse", "lapsed", at(2027, 4, 12)), ("pay", "active", late),
    ]  # fmt: skip


def test_paid_in_the_days_of_grace_the_periods_have_no_gap(shop: FakeShop) -> None:
    a_plan()
    follow(shop, an_order(1))
    assert stands(the_member(), at(2027, 3, 9)) == ("grace", True)
    follow(shop, an_order(2), at(2027, 3, 9))
    assert (the_member().state, the_member().paid_until, the_member().term) == ("active", at(2027, 3, 31), 1)


def test_all_refunded_ends_it_at_once(shop: FakeShop) -> None:
    a_plan()
    order = an_order(1, a_line(1, quantity=2))
    follow(shop, order)
    follow(shop, refunded(order), NOW + days(1))
    assert stands(the_member(), NOW + days(1)) == ("refunded", False)
    charge = Charge.objects.get()
    assert (charge.refunded, charge.returned, charge.shortened) == (Decimal("60.00"), 2, 2)
    follow(shop, refunded(order), NOW + days(2))
    assert MembershipChange.objects.count() == 2


@pytest.mark.parametrize(
    ("amount", "pieces", "left"),
    [("29.99", {}, 3), ("30.00", {}, 2), ("59.99", {}, 2), ("60.00", {}, 1), ("30.00", {"line_1": 1}, 2),
     ("45.00", {"line_1": 1}, 2), ("60.00", {"line_1": 1}, 1), ("10.00", {"line_1": 1}, 2)],
)  # fmt: skip
def test_a_part_refunded_takes_back_what_it_paid_for(
    shop: FakeShop, amount: str, pieces: dict[str, int], left: int
) -> None:
    a_plan()
    order = an_order(1, a_line(1, quantity=3))
    follow(shop, order)
    follow(shop, refunded(order, amount, **pieces), NOW + days(1))
    member = the_member()
    assert (member.state, member.periods) == ("active", left)
    assert Charge.objects.get().refunded == Decimal(amount)


def test_a_refund_is_for_other_goods_first_unless_it_says_so(shop: FakeShop) -> None:
    a_plan()
    order = an_order(1, a_line(1, quantity=2), a_line(2, variant=OTHER, total=Decimal("50.00")))
    follow(shop, order)
    follow(shop, refunded(order, "50.00"))
    assert (the_member().periods, Charge.objects.get().refunded) == (2, 0)
    follow(shop, refunded(order, "79.99"))
    assert (the_member().periods, Charge.objects.get().refunded) == (2, Decimal("29.99"))
    follow(shop, refunded(order, "80.00"))
    assert (the_member().periods, Charge.objects.get().refunded) == (1, Decimal("30.00"))
    follow(shop, refunded(order, "80.00", line_1=2))
    assert (the_member().state, Charge.objects.get().refunded) == ("refunded", Decimal("60.00"))


def test_cancelled_and_charged_back_orders_take_all_back(shop: FakeShop) -> None:
    a_plan()
    first, second = an_order(1), an_order(2, user_id=BOB)
    follow(shop, first)
    follow(shop, second)
    follow(shop, dataclasses.replace(first, cancelled=True))
    follow(shop, dataclasses.replace(second, paid=False))
    assert [(the_member(who).state, stands(the_member(who), NOW)[1]) for who in (ADA, BOB)] == [
        ("refunded", False), ("refunded", False)
    ]  # fmt: skip
    assert set(Charge.objects.values_list("refunded", "returned")) == {(Decimal(0), 1)}
    follow(shop, second, NOW + days(2))  # the bank decided for the store
    assert (the_member(BOB).state, the_member(BOB).paid_until) == ("active", at(2027, 2, 28))


def test_a_period_that_is_over_is_not_taken_from_a_later_one(shop: FakeShop) -> None:
    a_plan()
    first, second = an_order(1), an_order(2)
    follow(shop, first)
    follow(shop, second, at(2027, 2, 20))
    follow(shop, refunded(first), at(2027, 3, 5))
    assert (the_member().state, the_member().paid_until) == ("active", at(2027, 3, 31))
    charge = Charge.objects.get(order_id="order-1")
    assert (charge.returned, charge.shortened, charge.refunded) == (1, 0, PRICE)


def test_a_running_period_given_back_lets_the_later_ones_move_up(shop: FakeShop) -> None:
    a_plan()
    first, second = an_order(1), an_order(2)
    follow(shop, first)
    follow(shop, second, NOW + days(1))
    follow(shop, refunded(first), NOW + days(2))
    assert (the_member().state, the_member().paid_until) == ("active", at(2027, 2, 28))
    follow(shop, refunded(second), NOW + days(3))
    assert the_member().state == "refunded"


def test_an_old_order_refunded_leaves_a_new_term_alone(shop: FakeShop) -> None:
    a_plan()
    first, second = an_order(1), an_order(2)
    follow(shop, first)
    follow(shop, second, NOW + days(100))
    follow(shop, refunded(first), NOW + days(101))
    assert (the_member().state, the_member().term, the_member().periods) == ("active", 2, 1)


def test_refunded_before_it_was_heard_of_makes_no_member(shop: FakeShop) -> None:
    a_plan()
    follow(shop, refunded(an_order(1)))
    follow(shop, refunded(an_order(2, a_line(2, quantity=3), user_id=BOB), "60.00"))
    assert (Membership.objects.filter(user_id=ADA).exists(), the_member(BOB).periods) == (False, 1)
    follow(shop, refunded(an_order(2, a_line(2, quantity=3), user_id=BOB), "90.00"))
    assert the_member(BOB).state == "refunded"


@pytest.mark.parametrize(
    "reports", list(itertools.permutations(("order_fully_paid", "order_refunded", "order_created")))
)
def test_reports_in_any_order_and_twice(shop: FakeShop, reports: tuple[str, ...]) -> None:
    a_plan()
    shop.put_order(refunded(an_order(1, a_line(1, quantity=2)), "30.00"))
    for kind in reports * 2:
        inbox.record(kind=kind, object_id="order-1", payload={"user_id": ADA, "checkout_id": None}, now=NOW)
    assert work.work_off(now=NOW) == 6
    assert (the_member().periods, Charge.objects.count(), MembershipChange.objects.count()) == (1, 1, 1)
    assert list(books.compare()) == []


def test_a_guests_order_waits_for_a_confirmed_account(shop: FakeShop) -> None:
    a_plan()
    guest = an_order(1, user_id=None)
    follow(shop, guest)
    follow(shop, dataclasses.replace(guest, user_id=ADA, confirmed=False), NOW + days(1))
    assert (Membership.objects.count(), Charge.objects.get().waits_since) == (0, NOW)
    assert orders.recheck_waiting(now=NOW + days(1)) == 1
    assert Membership.objects.count() == 0
    shop.put_order(dataclasses.replace(guest, user_id=ADA, confirmed=True))
    assert orders.recheck_waiting(now=NOW + days(2)) == 1
    assert (the_member().state, the_member().since) == ("active", NOW + days(2))
    assert orders.recheck_waiting(now=NOW + days(3)) == 0
    assert Charge.objects.get().waits_since is None


def test_a_guests_order_that_was_refunded_waits_no_more(shop: FakeShop) -> None:
    a_plan()
    guest = an_order(1, user_id=None)
    follow(shop, guest)
    follow(shop, refunded(guest))
    assert (Membership.objects.count(), Charge.objects.get().waits_since) == (0, None)
    assert orders.recheck_waiting(now=NOW) == 0


def test_the_sweep_finds_what_nobody_told(shop: FakeShop) -> None:
    a_plan()
    order = shop.put_order(an_order(1), NOW - days(0.5))
    shop.put_order(an_order(2, a_line(2, variant=OTHER)), NOW - days(0.5))
    assert sweeps.changed_orders(now=NOW) == 1
    assert the_member().state == "active"
    shop.put_order(refunded(order), NOW + days(0.1))  # a second and third refund have no flag that a sweep could miss
    assert sweeps.changed_orders(now=NOW + days(0.1)) == 1
    assert the_member().state == "refunded"


@pytest.mark.parametrize("period", ["P10Y", "P3660D", "P1M"])
def test_more_periods_than_there_are_years(shop: FakeShop, period: str) -> None:
    """A plan that costs nothing can be bought in any number."""
    a_plan(period=period, grace_days=365)
    line = a_line(1, quantity=200_000 if period == "P1M" else 2000, total=Decimal(0))
    follow(shop, an_order(1, line))
    far = the_member().paid_until
    assert (far.year, the_member().state) == (9990, "active")
    follow(shop, an_order(2))
    assert (the_member().paid_until, the_member().periods) == (far, line.quantity + 1)
    follow(shop, refunded(an_order(2)))
    assert (the_member().paid_until, the_member().periods) == (far, line.quantity)


def test_an_order_that_can_not_be_followed_holds_up_no_other(
    shop: FakeShop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    a_plan()
    for number, user_id in ((1, ADA), (2, BOB)):
        shop.put_order(an_order(number, user_id=user_id), NOW - days(0.5) + days(number / 100))
    for number in (3, 4):
        shop.put_order(an_order(number, user_id=None), NOW - days(0.4))
        orders.follow(order_id=f"order-{number}", now=NOW)
        shop.put_order(an_order(number, user_id=BOB), NOW - days(0.4))
    real = orders.follow

    def follow_most(*, order_id: str, now: object) -> None:
        if order_id in ("order-1", "order-3"):
            raise ValueError("private")
        real(order_id=order_id, now=now)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(orders, "follow", follow_most)
        assert sweeps.changed_orders(now=NOW) == 2
        assert orders.recheck_waiting(now=NOW) == 1
    told = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert (
        told
        == ["Order order-1 could not be followed: ValueError"] + ["Order order-3 could not be followed: ValueError"] * 2
    )
    assert (Membership.objects.filter(user_id=ADA).exists(), the_member(BOB).periods) == (False, 2)
    assert sweeps.changed_orders(now=NOW) == 4
    assert (the_member(ADA).periods, the_member(BOB).periods) == (1, 3)


def test_the_account_is_gone(shop: FakeShop) -> None:
    a_plan()
    follow(shop, an_order(1))
    inbox.record(kind="account_deleted", object_id=ADA, payload={}, now=NOW)
    inbox.record(kind="account_deleted", object_id=ADA, payload={}, now=NOW)
    assert work.work_off(now=NOW) == 2
    assert stands(the_member(), NOW) == ("cancelled", False)
    assert Charge.objects.get().amount == PRICE
    assert MembershipChange.objects.filter(kind="cancel").count() == 1


def at_once(number: int, act) -> None:
    """Run ``act`` in so many threads, each with a connection of its own, from one moment on."""
    gate, failures = threading.Barrier(number), []

    def run(index: int) -> None:
        try:
            gate.wait(10)
            act(index)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []


def test_doubled_workers_and_sweeps_count_a_line_once(shop: FakeShop) -> None:
    a_plan()
    for number in range(1, 7):
        shop.put_order(an_order(number), NOW)
        for kind in ("order_created", "order_fully_paid", "order_fully_paid"):
            payload = {"user_id": ADA, "checkout_id": None}
            inbox.record(kind=kind, object_id=f"order-{number}", payload=payload, now=NOW)

    def act(index: int) -> None:
        if index % 2:
            work.work_off(now=NOW)
        else:
            sweeps.changed_orders(now=NOW)

    at_once(6, act)
    work.work_off(now=NOW)
    member = the_member()
    assert (member.periods, member.term, Charge.objects.count()) == (6, 1, 6)
    assert MembershipChange.objects.filter(kind="pay").count() == 6
    assert list(books.compare()) == []


def test_a_refund_beside_stale_workers_stays(shop: FakeShop) -> None:
    """Workers that looked before the refund must not write after it."""
    a_plan()
    order = shop.put_order(an_order(1, a_line(1, quantity=4)))
    orders.follow(order_id=order.id, now=NOW)

    def act(index: int) -> None:
        for step in range(5):
            if index == 0:
                shop.put_order(refunded(order, PRICE * min(step, 3)))
            orders.follow(order_id=order.id, now=NOW)

    at_once(4, act)
    assert (the_member().periods, Charge.objects.get().returned) == (1, 3)
    assert list(books.compare()) == []


def test_books_tell_each_difference(shop: FakeShop) -> None:
    a_plan()
    for number in (1, 2, 3):
        follow(shop, an_order(number))
    shop.put_order(an_order(4))
    shop.put_order(refunded(an_order(1)))
    del shop.order_table["order-2"]
    Charge.objects.filter(order_id="order-3").update(amount="31.00", currency="EUR")
    found = {(row.order_id, row.what, row.ours, row.shops) for row in books.compare(also=["order-4", "order-3"])}
    assert found == {
        ("order-1", "refunded", "0.000", "30.00"), ("order-1", "returned", "0", "1"), ("order-2", "gone", "30.000", ""),
        ("order-3", "amount", "31.000", "30.00"), ("order-3", "currency", "EUR", "USD"),
        ("order-4", "missing", "None", "30.00"),
    }  # fmt: skip
