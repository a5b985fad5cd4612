"""What members and the owner do."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from saleor_livesales.errors import Invalid, LiveSalesError, NotFound
from saleor_livesales.ids import uuid7
from saleor_livesales.members import actions, machine, orders, plans, queries
from saleor_livesales.members.actors import By
from saleor_livesales.members.models import Charge, Membership, MembershipChange, Plan
from tests.fakes import FakeShop

from .build import (
    ADA,
    BOB,
    CHANNEL,
    NOW,
    OTHER,
    PRODUCT,
    VARIANT,
    a_plan,
    an_order,
    at,
    days,
    refunded,
    stands,
    the_member,
)
from .test_orders import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("shop")]

OWNER = By(kind="staff", user_id="VXNlcjo5")
MEMBER = By(kind="member", user_id=ADA)


def bought(shop: FakeShop, number: int = 1, **values: object) -> Membership:
    order = shop.put_order(an_order(number, **values))
    orders.follow(order_id=order.id, now=NOW)
    assert order.user_id is not None
    return the_member(order.user_id)


def last_change(member: Membership) -> MembershipChange:
    return member.changes.order_by("-at", "-id")[0]


def test_cancelled_it_holds_to_the_end_of_what_is_paid(shop: FakeShop) -> None:
    a_plan()
    member = bought(shop)
    actions.cancel(membership_id=member.pk, by=MEMBER, now=NOW + days(1))
    actions.cancel(membership_id=member.pk, by=MEMBER, now=NOW + days(2))
    assert stands(member, at(2027, 2, 28) - days(0.01)) == ("active", True)
    assert stands(member, at(2027, 2, 28)) == ("cancelled", False)
    line = last_change(member)
    assert (line.kind, line.actor, line.actor_user_id, line.at) == ("ending", "member", ADA, NOW + days(1))
    assert member.changes.count() == 2


def test_resumed_it_goes_on(shop: FakeShop) -> None:
    a_plan()
    member = bought(shop)
    actions.cancel(membership_id=member.pk, by=MEMBER, now=NOW)
    actions.resume(membership_id=member.pk, by=MEMBER, now=NOW + days(1))
    assert stands(member, at(2027, 2, 28)) == ("past_due", True)
    with pytest.raises(machine.NotAllowedInState):
        actions.resume(membership_id=member.pk, by=MEMBER, now=at(2027, 4, 1))


def test_cancelled_when_the_paid_period_is_over_it_ends_at_once(shop: FakeShop) -> None:
    a_plan()
    member = bought(shop)
    actions.cancel(membership_id=member.pk, by=MEMBER, now=at(2027, 3, 2))
    assert stands(member, at(2027, 3, 2)) == ("cancelled", False)
    assert [row.kind for row in member.changes.order_by("at", "id")] == ["pay", "fall_due", "cancel"]


def test_another_members_membership_is_not_there(shop: FakeShop) -> None:
    a_plan()
    member = bought(shop)
    other = By(kind="member", user_id=BOB)
    for act in (actions.cancel, actions.resume):
        with pytest.raises(NotFound):
            act(membership_id=member.pk, by=other, now=NOW)
        with pytest.raises(NotFound):
            act(membership_id=uuid7(), by=MEMBER, now=NOW)
    assert (stands(member, NOW), member.changes.count()) == (("active", True), 1)


def test_revoked_it_ends_at_once_and_a_later_refund_is_only_booked(shop: FakeShop) -> None:
    a_plan()
    member = bought(shop)
    actions.revoke(membership_id=member.pk, reason=" abuse  of  reps ", by=OWNER, now=NOW + days(1))
    assert stands(member, NOW + days(1)) == ("cancelled", False)
    assert (last_change(member).reason, last_change(member).actor_user_id) == ("abuse of reps", OWNER.user_id)
    shop.put_order(refunded(an_order(1)))
    orders.follow(order_id="order-1", now=NOW + days(2))
    assert stands(member, NOW + days(2)) == ("cancelled", False)
    assert Charge.objects.get().refunded == Decimal("30.00")
    with pytest.raises(machine.NotAllowedInState):
        actions.revoke(membership_id=member.pk, reason="again", by=OWNER, now=NOW + days(2))


def test_granted_and_extended(shop: FakeShop) -> None:
    plan = a_plan(time_zone="Europe/Berlin")
    member = actions.grant(
        user_id=ADA, plan_id=plan.pk, channel=CHANNEL, periods=2, reason="won a prize", by=OWNER, now=NOW
    )
    assert (stands(member, NOW), member.paid_until) == (("active", True), at(2027, 3, 31, 14))  # 16:00 in Berlin
    actions.extend(membership_id=member.pk, periods=1, amount=None, reason="a fair", by=OWNER, now=NOW)
    actions.extend(membership_id=member.pk, periods=1, amount=Decimal("12.50"), reason="cash", by=OWNER, now=NOW)
    member.refresh_from_db()
    assert (member.periods, member.paid_until) == (4, at(2027, 5, 31, 14))
    rows = Charge.objects.order_by("created_at", "id").values_list("kind", "amount", "currency", "order_id")
    assert sorted(rows) == [
        ("gift", 0, "", None), ("gift", 0, "", None), ("hand", Decimal("12.50"), "USD", None)
    ]  # fmt: skip
    [income] = queries.income(since=NOW, until=NOW + days(1))
    assert (income.currency, income.charged, income.kept) == ("USD", Decimal("12.50"), Decimal("12.50"))
    assert queries.income(since=NOW + days(1), until=NOW + days(2)) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [({"periods": 0}, "periods"), ({"periods": 121}, "periods"), ({"reason": "  "}, "reason"),
     ({"reason": "x" * 201}, "reason"), ({"amount": Decimal(0)}, "amount"), ({"amount": Decimal("NaN")}, "amount"),
     ({"amount": Decimal("0.0001")}, "amount"), ({"amount": Decimal("0.005")}, "amount"),
     ({"amount": Decimal("1e13")}, "amount")],
)  # fmt: skip
def test_what_is_no_extension(shop: FakeShop, change: dict, field: str) -> None:
    a_plan()
    member = bought(shop)
    given = {"periods": 1, "amount": None, "reason": "why not", **change}
    with pytest.raises(Invalid) as refused:
        actions.extend(membership_id=member.pk, by=OWNER, now=NOW, **given)
    assert (refused.value.field, Charge.objects.count()) == (field, 1)


def test_what_can_not_be_granted(shop: FakeShop) -> None:
    plan = a_plan()
    given = {"user_id": ADA, "plan_id": plan.pk, "channel": CHANNEL, "periods": 1, "reason": "gift"}
    for change in ({"user_id": "VXNlcjo3Nw=="}, {"plan_id": uuid7()}, {"channel": "moon"}):
        with pytest.raises(NotFound):
            actions.grant(**{**given, **change}, by=OWNER, now=NOW)
    assert Membership.objects.count() == 0


def test_a_trial_is_had_once_and_paid_time_follows_it(shop: FakeShop) -> None:
    plan = a_plan(trial="P14D")
    given = {"plan_id": plan.pk, "channel": CHANNEL}
    member = actions.start_trial(user_id=ADA, now=NOW, **given)
    assert (stands(member, NOW), member.paid_until) == (("trial", True), at(2027, 2, 14))
    assert actions.start_trial(user_id=ADA, now=NOW + days(1), **given) == member
    bought(shop)
    assert (stands(member, NOW), member.paid_until, member.term) == (("active", True), at(2027, 3, 14), 1)
    with pytest.raises(actions.TrialUsed):
        actions.start_trial(user_id=ADA, now=NOW + days(2), **given)
    other = actions.start_trial(user_id=BOB, now=NOW, **given)
    assert stands(other, at(2027, 2, 14)) == ("lapsed", False)
    with pytest.raises(actions.TrialUsed):
        actions.start_trial(user_id=BOB, now=at(2027, 2, 15), **given)
    assert Membership.objects.count() == 2


def test_no_trial_where_there_is_none(shop: FakeShop) -> None:
    for plan in (a_plan(), a_plan(variant_id=OTHER, trial="P14D", active=False)):
        with pytest.raises(Invalid):
            actions.start_trial(plan_id=plan.pk, user_id=ADA, channel=CHANNEL, now=NOW)
    assert Membership.objects.count() == 0


def test_two_tabs_start_one_trial(shop: FakeShop) -> None:
    plan = a_plan(trial="P14D")
    at_once(5, lambda _: actions.start_trial(plan_id=plan.pk, user_id=ADA, channel=CHANNEL, now=NOW))
    assert (Membership.objects.count(), MembershipChange.objects.count()) == (1, 1)


def test_the_clock_writes_down_what_was_read_before(shop: FakeShop) -> None:
    a_plan()
    member = bought(shop)
    bought(shop, 2, user_id=BOB)
    late = at(2027, 3, 8)
    assert stands(member, late) == ("grace", True)
    at_once(3, lambda _: actions.tick(now=late))
    assert actions.tick(now=late) == 0
    member.refresh_from_db()
    assert (member.state, member.due_at) == ("grace", at(2027, 3, 12))
    assert [(row.kind, row.at) for row in member.changes.order_by("at", "id")] == [
        ("pay", NOW), ("fall_due", at(2027, 2, 28)), ("wait", at(2027, 3, 7))
    ]  # fmt: skip
    assert actions.tick(now=late + days(30)) == 2
    member.refresh_from_db()
    assert (member.state, member.ended_at, member.due_at) == ("lapsed", at(2027, 3, 12), None)


def test_of_several_the_one_that_holds_and_is_highest_counts(shop: FakeShop) -> None:
    low, high = a_plan(level=1), a_plan(variant_id=OTHER, level=5, grace_days=0)
    for plan in (low, high):
        actions.grant(user_id=ADA, plan_id=plan.pk, channel=CHANNEL, periods=1, reason="gift", by=OWNER, now=NOW)
    assert queries.best_of([ADA, BOB], now=NOW).keys() == {ADA}
    assert [queries.entitled_level(ADA, now=NOW), queries.entitled_level(BOB, now=NOW)] == [5, None]
    assert queries.entitled_level(ADA, now=at(2027, 3, 8)) == 1  # the higher one has no days of grace
    assert queries.entitled_level(ADA, now=at(2027, 3, 13)) is None


def test_the_owners_list_is_filtered_by_what_holds_now(shop: FakeShop) -> None:
    plan = a_plan()
    bought(shop)
    bought(shop, 2, user_id=BOB)
    actions.cancel(membership_id=the_member(BOB).pk, by=OWNER, now=NOW)

    def found(now: datetime.datetime = NOW, **given: object) -> set[str]:
        return {row.user_id for row in queries.memberships(now=now, **given)}

    assert found() == found(plan_id=plan.pk) == found(states=["active"]) == {ADA, BOB}
    assert (found(search="bob@"), found(search="nobody"), found(plan_id=uuid7())) == ({BOB}, set(), set())
    late = at(2027, 3, 1)  # nothing was written down
    assert (found(late, states=["active"]), found(late, states=["past_due"]), found(late, states=["cancelled"])) == (
        set(), {ADA}, {BOB}
    )  # fmt: skip


PLAN = {"name": " The  circle ", "product_id": PRODUCT, "variant_id": VARIANT, "period": "P1M"}


def test_a_plan_is_made_and_changed() -> None:
    plan = plans.create(values={**PLAN, "grace_days": 3}, now=NOW)
    assert (plan.name, plan.grace_days, plan.time_zone, plan.active) == ("The circle", 3, "UTC", True)
    plans.update(plan_id=plan.pk, changes={"period": "P1Y", "payment_url": "https://a.example/pay/{order}"}, now=NOW)
    plan.refresh_from_db()
    assert (plan.period, plan.payment_url, plan.name) == ("P1Y", "https://a.example/pay/{order}", "The circle")
    with pytest.raises(NotFound):
        plans.update(plan_id=uuid7(), changes={}, now=NOW)


@pytest.mark.parametrize(
    ("change", "field"),
    [({"name": " "}, "name"), ({"name": "x" * 121}, "name"), ({"period": "monthly"}, "period"),
     ({"period": ""}, "period"),
     ({"trial": "P0D"}, "trial"), ({"time_zone": "Berlin"}, "time_zone"), ({"grace_days": -1}, "grace_days"),
     ({"grace_days": 366}, "grace_days"), ({"level": 101}, "level"), ({"variant_id": OTHER}, "variant_id"),
     ({"payment_url": "https://a.example/pay"}, "payment_url"), ({"payment_url": "javascript:{order}"}, "payment_url"),
     ({"payment_url": "https://a.example/ {order}"}, "payment_url"), ({"name": None}, "name")],
)  # fmt: skip
def test_what_is_no_plan(change: dict, field: str) -> None:
    with pytest.raises(LiveSalesError) as refused:
        plans.create(values={**PLAN, **change}, now=NOW)
    assert (refused.value.field, Plan.objects.count()) == (field, 0)


def test_what_was_bought_stays_as_it_was(shop: FakeShop) -> None:
    plan = a_plan()
    with pytest.raises(plans.VariantTaken):
        plans.create(values=PLAN, now=NOW)
    bought(shop)
    for change in ({"period": "P1Y"}, {"time_zone": "Europe/Berlin"}, {"variant_id": OTHER}):
        with pytest.raises(plans.PlanInUse):
            plans.update(plan_id=plan.pk, changes=change, now=NOW)
    plans.update(plan_id=plan.pk, changes={"period": "P1M", "name": "Ring", "grace_days": 0, "active": False}, now=NOW)
    plan.refresh_from_db()
    assert (plan.name, plan.period, plan.active) == ("Ring", "P1M", False)
    assert the_member().grace_days == 5  # what the running term was sold with
