"""Going over to another plan: what is left is neither lost nor multiplied, and refunds reach what went along."""

from __future__ import annotations

import dataclasses
import datetime
import random
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from saleor_livesales import shop as interface
from saleor_livesales.errors import Invalid, LiveSalesError, NotFound
from saleor_livesales.members import (
    actions,
    benefits,
    books,
    carrying,
    changing,
    codes,
    machine,
    orders,
    periods,
    renewals,
)
from saleor_livesales.members.actors import By
from saleor_livesales.members.machine import NotAllowedInState
from saleor_livesales.members.models import Carried, Charge, MemberCode, Membership, MembershipChange, Plan, Renewal
from tests.sessions.build import at_once as at_the_same_time

from .build import ADA, BOB, CHANNEL, NOW, OTHER, PRODUCT, VARIANT, a_line, a_plan, an_order, at, days, refunded

SELF = By(kind="member", user_id=ADA)
OWNER = By(kind="staff", user_id="VXNlcjo5")
THIRD = "UHJvZHVjdFZhcmlhbnQ6OA=="
DAY = days(1)


@pytest.fixture
def silver(db, shop) -> Plan:
    """30.00 a month."""
    return a_plan(name="Silver")


@pytest.fixture
def gold(db, shop) -> Plan:
    """100.00 for 30 days."""
    shop.add_item(PRODUCT, "100.00", variant_id=OTHER)
    return a_plan(name="Gold", variant_id=OTHER, period="P30D", level=2)


def buys(shop, plan, *, number=1, quantity=1, total=None, now=NOW):
    line = a_line(number, quantity, variant=plan.variant_id, total=total)
    order = an_order(number, line)
    shop.put_order(order)
    orders.follow(order_id=order.id, now=now)
    return Membership.objects.get(user_id=ADA, plan=plan)


def gives_back(shop, number, *, now, amount=None, **pieces):
    shop.put_order(refunded(shop.order_table[f"order-{number}"], amount, **pieces))
    orders.follow(order_id=f"order-{number}", now=now)


def change(membership, plan, *, now, at_once=True, by=SELF):
    """What was quoted is what comes, and what can't be done is not quoted."""
    given = {"membership_id": membership.pk, "plan_id": plan.pk, "by": by, "now": now}
    quoted, refused = None, None
    try:
        quoted = changing.quote(**given) if at_once else None
    except LiveSalesError as error:
        refused = error
    try:
        changed = changing.change(**given, at_once=at_once)
    except LiveSalesError as error:
        assert quoted is None and (refused is None or type(refused) is type(error))
        raise
    if quoted is not None:
        assert (changed.plan_id, changed.paid_until) == (quoted.plan.pk, quoted.until)
        assert changed.paid_until == now + days(quoted.days) and quoted.left > 0
    return changed


def kinds(membership):
    return [line.kind for line in MembershipChange.objects.filter(membership=membership).order_by("at", "id")]


def test_at_once_the_rest_of_what_was_paid_becomes_days_of_the_other(shop, silver, gold):
    old = buys(shop, silver)  # 31 January to 28 February at 15:00
    half = NOW + days(14)
    new = change(old, gold, now=half)  # 15.00 are left: 4.5 days of 3.33
    old.refresh_from_db()
    assert (old.state, old.ended_at) == ("cancelled", half)
    assert (new.state, new.periods, new.anchor, new.paid_until) == ("active", 0, half + days(4), half + days(4))
    assert (new.user_id, new.channel, new.since, new.term) == (ADA, CHANNEL, half, 1)
    assert (kinds(old)[-1], kinds(new)) == ("change", ["carry"])
    [row] = Carried.objects.all()
    assert (row.value, row.currency, row.periods, row.span) == (Decimal("15"), "USD", Decimal("0.5"), days(4))
    assert benefits.span(new, now=half) == (half, half + days(4))
    assert not machine.entitled(row=old, now=half) and machine.entitled(row=new, now=half)


def test_the_books_and_the_orders_stay_as_they_are(shop, silver, gold):
    old = buys(shop, silver, quantity=2)
    before = list(Charge.objects.values())
    change(old, gold, now=NOW + days(3))
    assert list(Charge.objects.values()) == before
    assert list(books.compare(also=["order-1"])) == []


def test_a_period_paid_then_begins_where_the_brought_time_ends(shop, silver, gold):
    half = NOW + days(14)
    new = change(buys(shop, silver), gold, now=half)
    again = buys(shop, gold, number=2, now=half + DAY)
    assert (again.pk, again.periods, again.anchor) == (new.pk, 1, half + days(4))
    assert again.paid_until == half + days(34)


def test_unpaid_it_falls_due_at_the_end_of_the_brought_time_and_is_renewed_as_any(shop, silver, gold):
    half = NOW + days(14)
    new = change(buys(shop, silver), gold, now=half)
    assert renewals.plan_due(now=half + days(1)) == 1
    assert Renewal.objects.get().due_on == half + days(4)
    assert machine.standing(row=new, now=half + days(4)) == "past_due"


def test_gifts_and_money_of_another_currency_do_not_go_along(shop, silver, gold):
    actions.grant(user_id=ADA, plan_id=silver.pk, channel=CHANNEL, periods=12, reason="prize", by=OWNER, now=NOW)
    member = Membership.objects.get()
    with pytest.raises(changing.NothingLeft):
        change(member, gold, now=NOW)
    buys(shop, silver)
    Charge.objects.filter(kind="order").update(currency="EUR")
    with pytest.raises(changing.OtherCurrency):
        change(member, gold, now=NOW)
    Charge.objects.filter(kind="order").update(currency="USD")
    assert change(member, gold, now=NOW).paid_until == NOW + days(9)  # 30.00, the gift is left behind


def test_money_noted_by_hand_goes_along(shop, silver, gold):
    member = buys(shop, silver)
    actions.extend(membership_id=member.pk, periods=1, amount=Decimal("20"), reason="cash", by=OWNER, now=NOW)
    assert change(member, gold, now=NOW).paid_until == NOW + days(15)


def test_what_was_refunded_in_part_is_worth_less(shop, silver, gold):
    member = buys(shop, silver)
    gives_back(shop, 1, amount="10.00", now=NOW)  # no whole period
    assert change(member, gold, now=NOW).paid_until == NOW + days(6)  # 20.00


def test_tax_counts_on_both_sides(shop, silver, gold):
    key = (CHANNEL, PRODUCT, OTHER)
    shop.item_table[key] = dataclasses.replace(shop.item_table[key], gross=Decimal("150.00"))
    assert change(buys(shop, silver), gold, now=NOW).paid_until == NOW + days(6)  # 30 of 150 for 30 days


@pytest.mark.parametrize("state", ["trial", "past_due", "cancelled"])
def test_at_once_needs_time_that_is_paid(shop, silver, gold, state):
    silver.trial = "P14D"
    silver.save()
    now = NOW
    if state == "trial":
        member = actions.start_trial(plan_id=silver.pk, user_id=ADA, channel=CHANNEL, now=NOW)
    else:
        member = buys(shop, silver)
        now = member.paid_until
    if state == "cancelled":
        now = NOW
        actions.revoke(membership_id=member.pk, reason="x", by=OWNER, now=NOW)
    with pytest.raises(NotAllowedInState):
        change(member, gold, now=now)
    assert Membership.objects.filter(plan=gold).count() == 0


def test_what_can_not_be_changed_to(shop, silver, gold):
    member = buys(shop, silver)
    with pytest.raises(changing.AlreadyMember):
        change(member, silver, now=NOW)
    with pytest.raises(NotFound):
        change(member, gold, now=NOW, by=By(kind="member", user_id=BOB))
    with pytest.raises(NotFound):
        changing.change(membership_id=member.pk, plan_id=member.pk, at_once=True, by=SELF, now=NOW)
    key = (CHANNEL, PRODUCT, OTHER)
    shop.item_table[key] = dataclasses.replace(shop.item_table[key], price=None, gross=None)
    with pytest.raises(Invalid) as error:
        change(member, gold, now=NOW)
    assert error.value.field == "plan_id"
    shop.add_item(PRODUCT, "100.00", variant_id=OTHER)
    gold.active = False
    gold.save()
    with pytest.raises(NotFound):
        change(member, gold, now=NOW)
    gold.active = True
    gold.save()
    buys(shop, gold, number=2)
    with pytest.raises(changing.AlreadyMember):
        change(member, gold, now=NOW)
    with pytest.raises(changing.NothingLeft):
        Charge.objects.filter(order_id="order-1").update(amount=Decimal("0.01"))
        Membership.objects.filter(plan=gold).update(state="lapsed", ended_at=NOW, due_at=None)
        change(member, gold, now=NOW)
    assert Membership.objects.get(plan=silver).state == "active"


def test_asked_for_again_it_comes_back_and_gives_nothing_more(shop, silver, gold):
    old = buys(shop, silver)
    new = change(old, gold, now=NOW + DAY)
    again = change(old, gold, now=NOW + days(2))
    assert (again.pk, again.paid_until) == (new.pk, new.paid_until)
    assert Carried.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_requests_at_once_change_it_once(shop, silver, gold):
    old = buys(shop, silver)
    found = at_the_same_time(*[lambda: change(old, gold, now=NOW + DAY) for _ in range(4)])
    assert {getattr(row, "plan_id", row) for row in found} == {gold.pk}
    assert (Carried.objects.count(), Membership.objects.count()) == (1, 2)
    assert MembershipChange.objects.filter(kind="carry").count() == 1


# --- refunds after the change -----------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_changes_in_opposite_directions_wait_for_each_other_in_turn(shop, silver, gold):
    """Both lock the account's memberships in one order: none is ended by PostgreSQL as a deadlock."""
    old = buys(shop, silver)
    new = change(old, gold, now=NOW + DAY)
    refusals = (NotAllowedInState, changing.AlreadyMember, changing.NothingLeft)
    for day in range(2, 10):
        now = NOW + days(day)
        back = [lambda now=now: change(new, silver, now=now)] * 3
        forth = [lambda now=now: change(old, gold, now=now)] * 3
        found = at_the_same_time(*(call for pair in zip(back, forth, strict=True) for call in pair))
        assert [each for each in found if not isinstance(each, (Membership, *refusals))] == []
        states = list(Membership.objects.filter(user_id=ADA).values_list("state", flat=True))
        assert states.count("active") <= 1


def test_a_refund_takes_back_what_went_along_and_a_failed_one_gives_it_again(shop, silver, gold):
    old = buys(shop, silver)
    new = change(old, gold, now=NOW)  # 9 days
    gives_back(shop, 1, now=NOW + days(2))
    new.refresh_from_db()
    assert (new.state, new.paid_until) == ("refunded", NOW + days(2))
    gives_back(shop, 1, now=NOW + days(2))  # told twice
    assert kinds(new) == ["carry", "refund"]
    shop.put_order(dataclasses.replace(shop.order_table["order-1"], refunded=Decimal(0)))
    orders.follow(order_id="order-1", now=NOW + days(3))
    new.refresh_from_db()
    assert (new.state, new.paid_until) == ("active", NOW + days(9))


def test_a_refund_of_one_of_two_orders_takes_back_its_part(shop, silver, gold):
    buys(shop, silver)
    old = buys(shop, silver, number=2, total=Decimal("20.00"))
    new = change(old, gold, now=NOW)  # 9 days and 6
    assert new.paid_until == NOW + days(15)
    gives_back(shop, 1, now=NOW + days(4))
    new.refresh_from_db()
    assert (new.state, new.paid_until) == ("active", NOW + days(10))  # 4 days of the first are over
    gives_back(shop, 2, now=NOW + days(5))
    new.refresh_from_db()
    assert (new.state, new.paid_until) == ("refunded", NOW + days(5))


def test_a_refund_of_a_piece_takes_back_the_last_period_of_what_went_along(shop, silver, gold):
    old = buys(shop, silver, quantity=3)
    halfway = NOW + days(14)
    new = change(old, gold, now=halfway)  # 2.5 periods: 75.00, 22 days
    assert new.paid_until == halfway + days(22)
    gives_back(shop, 1, amount="30.00", line_1=1, now=halfway)
    new.refresh_from_db()
    assert new.paid_until == halfway + days(22) * 0.6
    gives_back(shop, 1, amount="90.00", line_1=3, now=halfway + days(1))
    new.refresh_from_db()
    assert new.state == "refunded"


def test_later_paid_periods_move_up_and_the_membership_goes_on(shop, silver, gold):
    old = buys(shop, silver)
    new = change(old, gold, now=NOW)
    buys(shop, gold, number=2, now=NOW)
    gives_back(shop, 1, now=NOW + days(2))
    new.refresh_from_db()
    assert (new.state, new.anchor, new.paid_until) == ("active", NOW + days(2), NOW + days(32))
    gives_back(shop, 1, now=NOW + days(20))
    new.refresh_from_db()
    assert new.paid_until == NOW + days(32)


def test_refunding_a_period_paid_on_the_new_plan_leaves_what_went_along(shop, silver, gold):
    new = change(buys(shop, silver), gold, now=NOW)
    buys(shop, gold, number=2, now=NOW)
    gives_back(shop, 2, now=NOW + days(1))
    new.refresh_from_db()
    assert (new.state, new.paid_until) == ("active", NOW + days(9))


def test_a_refund_after_the_brought_time_takes_back_nothing(shop, silver, gold):
    new = change(buys(shop, silver), gold, now=NOW)
    buys(shop, gold, number=2, now=NOW)
    gives_back(shop, 1, now=NOW + days(9))
    new.refresh_from_db()
    assert (new.state, new.paid_until) == ("active", NOW + days(39))


def test_the_value_goes_on_to_a_third_plan_and_a_refund_finds_it_there(shop, silver, gold):
    shop.add_item(PRODUCT, "10.00", variant_id=THIRD)
    bronze = a_plan(name="Bronze", variant_id=THIRD, period="P10D")
    second = change(buys(shop, silver), gold, now=NOW)  # 9 days for 30.00
    third = change(second, bronze, now=NOW + days(3))  # 20.00 are left
    assert third.paid_until == NOW + days(23)
    gives_back(shop, 1, now=NOW + days(5))
    third.refresh_from_db()
    assert (third.state, third.paid_until) == ("refunded", NOW + days(5))
    second.refresh_from_db()
    assert second.state == "cancelled"


# --- never more than was paid -----------------------------------------------------------------------------------------

PERIODS = st.sampled_from(["P1M", "P1Y", "P14D", "P30D", "P1D", "P3M", "P1Y6M"])
MONEY = st.decimals("0.01", "5000", places=2)
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"])
MOMENTS = st.datetimes(datetime.datetime(2026, 1, 1), datetime.datetime(2028, 12, 31)).map(
    lambda moment: moment.replace(tzinfo=datetime.UTC)
)


def worth_of(until, *, price, begin, period, zone):
    """What the time from ``begin`` to ``until`` costs: whole periods, and the last by its length."""
    whole = 0
    while periods.end(anchor=begin, number=whole + 1, period=period, zone=zone) <= until:
        whole += 1
    start, end = (periods.end(anchor=begin, number=number, period=period, zone=zone) for number in (whole, whole + 1))
    micro = datetime.timedelta(microseconds=1)
    return (whole + Fraction((until - start) // micro, (end - start) // micro)) * Fraction(price)


@settings(max_examples=300, deadline=None)
@given(value=MONEY, price=MONEY, begin=MOMENTS, period=PERIODS, zone=ZONES)
def test_days_cost_no_more_than_the_value_and_a_day_more_would(value, price, begin, period, zone):
    if value / price > 300:
        price = value / 300
    given = {"price": price, "begin": begin, "period": periods.parse(period), "zone": periods.zone(zone)}
    number = carrying.days_for(value=Fraction(value), **given)
    assert worth_of(begin + days(number), **given) <= Fraction(value) < worth_of(begin + days(number + 1), **given)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    prices=st.tuples(*[st.decimals("1", "300", places=2)] * 3),
    lengths=st.tuples(*[st.sampled_from(["P1M", "P14D", "P30D", "P3M", "P1Y"])] * 3),
    quantity=st.integers(1, 3),
    pauses=st.lists(st.tuples(st.integers(0, 20 * 24), st.integers(0, 2)), min_size=1, max_size=6),
)
@example(
    prices=(Decimal("218.14"), Decimal("1.01"), Decimal("1.00")), lengths=("P1M", "P1M", "P1M"), quantity=1,
    pauses=[(0, 1), (7, 0), (20, 2), (8, 0), (1, 1)],
)  # fmt: skip
def test_whatever_a_member_changes_to_and_fro_it_never_has_more_than_it_paid(
    shop, db, prices, lengths, quantity, pauses
):
    for model in (Carried, MembershipChange, Charge, Membership, Plan):
        model.objects.all().delete()
    shop.order_table.clear()
    plans = []
    for variant, price, length in zip((VARIANT, OTHER, THIRD), prices, lengths, strict=True):
        shop.add_item(PRODUCT, str(price), variant_id=variant)
        plans.append(a_plan(variant_id=variant, period=length))
    now = NOW
    member = buys(shop, plans[0], quantity=quantity, total=prices[0] * quantity)
    paid = Fraction(prices[0] * quantity)
    used = Fraction(0)
    began = now
    for hours, choice in pauses:
        now += datetime.timedelta(hours=hours)
        plan = plans[choice]
        if not machine.entitled(row=member, now=now) or machine.standing(row=member, now=now) != "active":
            break
        left = sum((each.value for each in carrying.rest(member, now=now)), Fraction(0))
        try:
            new = change(member, plan, now=now)
        except (changing.AlreadyMember, changing.NothingLeft):
            continue
        # What was used on the former plan, at what it cost there, and what is left now are no more than was paid.
        used += worth_here(member, began, now)
        brought = worth_of(
            new.paid_until, price=prices[choice], begin=now,
            period=periods.parse(plan.period), zone=periods.zone("UTC"),
        )  # fmt: skip
        assert brought <= left
        assert used + brought <= paid + Fraction(1, 10**6)
        per_day = brought_day(prices[choice], plan, now)
        assert left - brought < per_day
        member, began = new, now
    assert Charge.objects.count() == 1
    assert list(books.compare(also=["order-1"])) == []


def worth_here(member, began, now):
    """What the time from ``began`` to ``now`` on this plan took from what was paid."""
    rows = list(Carried.objects.filter(membership=member, term=member.term))
    if rows:
        first = sum((row.span + row.taken for row in rows), datetime.timedelta(0))
        return sum(Fraction(row.value) for row in rows) * Fraction(
            (now - began) // datetime.timedelta(microseconds=1), first // datetime.timedelta(microseconds=1)
        )
    charge = Charge.objects.get()
    price = charge.amount / charge.periods
    given = {"period": periods.parse(member.period), "zone": periods.zone("UTC")}
    return worth_of(now, price=price, begin=member.anchor, **given)


def brought_day(price, plan, now):
    """The most that a day of this plan can cost within the next year."""
    period = periods.parse(plan.period)
    shortest = min(
        periods.end(anchor=now, number=n + 1, period=period, zone=datetime.UTC)
        - periods.end(anchor=now, number=n, period=period, zone=datetime.UTC)
        for n in range(120)
    )
    return Fraction(price) / Fraction(shortest // DAY)


# --- with the next period ---------------------------------------------------------------------------------------------


def test_with_the_next_period_nothing_changes_before_it_is_paid(shop, silver, gold):
    old = buys(shop, silver)
    chosen = change(old, gold, now=NOW + DAY, at_once=False)
    assert (chosen.pk, chosen.next_plan_id, chosen.state) == (old.pk, gold.pk, "active")
    assert change(old, gold, now=NOW + DAY, at_once=False).pk == old.pk
    assert kinds(old) == ["pay", "chosen"]
    assert Membership.objects.count() == 1
    end = old.paid_until
    renewals.plan_due(now=end - days(3))
    renewals.work(now=end - days(3))
    renewal = Renewal.objects.get()
    order = shop.order_table[renewal.order_id]
    assert [line.variant_id for line in order.lines] == [gold.variant_id]
    assert "Gold" in mail_of(renewal)
    shop.put_order(dataclasses.replace(order, paid=True))
    orders.follow(order_id=order.id, now=end - days(1))
    new = Membership.objects.get(plan=gold)
    assert (new.state, new.periods, new.anchor, new.paid_until) == ("active", 1, end, end + days(30))
    old.refresh_from_db()
    assert (old.state, old.ends_with_period, old.next_plan_id) == ("active", True, None)
    assert machine.standing(row=old, now=end) == "cancelled"
    renewal.refresh_from_db()
    assert (renewal.state, renewal.work_at) == ("paid", None)
    assert renewals.plan_due(now=end - days(1)) == 0


def mail_of(renewal):
    customer = interface.current().customers([ADA])[ADA]
    return renewals.compose(renewal=renewals._read(renewal.pk), customer=customer).subject


def test_paid_late_the_new_plan_begins_where_the_old_one_ended(shop, silver, gold):
    old = buys(shop, silver)
    change(old, gold, now=NOW, at_once=False)
    end = old.paid_until
    assert machine.standing(row=old, now=end + days(2)) == "past_due"
    new = buys(shop, gold, number=2, now=end + days(2))
    assert (new.anchor, new.since, new.paid_until) == (end, end, end + days(30))
    old.refresh_from_db()
    assert old.state == "cancelled"
    assert kinds(old)[-2:] == ["fall_due", "change"]


def test_bought_long_before_the_end_both_run_side_by_side(shop, silver, gold):
    old = buys(shop, silver, quantity=12)
    change(old, gold, now=NOW, at_once=False)
    new = buys(shop, gold, number=2, now=NOW + DAY)
    assert (new.anchor, new.paid_until) == (NOW + DAY, NOW + days(31))
    old.refresh_from_db()
    assert (old.state, old.next_plan_id, old.ends_with_period) == ("active", gold.pk, False)


def test_another_choice_after_the_order_was_made_cancels_it_and_orders_anew(shop, silver, gold):
    old = buys(shop, silver)
    soon = old.paid_until - days(3)
    renewals.plan_due(now=soon)
    renewals.work(now=soon)
    first = Renewal.objects.get()
    change(old, gold, now=soon + days(1), at_once=False)
    renewals.work(now=soon + days(1))
    second = Renewal.objects.get()
    assert shop.order_table[first.order_id].cancelled
    assert second.order_id != first.order_id
    assert shop.order_table[second.order_id].lines[0].variant_id == gold.variant_id
    change(old, silver, now=soon + days(2), at_once=False)  # back again
    renewals.work(now=soon + days(2))
    third = Renewal.objects.get()
    assert shop.order_table[second.order_id].cancelled
    assert shop.order_table[third.order_id].lines[0].variant_id == silver.variant_id
    renewals.work(now=soon + days(2))
    assert Renewal.objects.get().order_id == third.order_id


def test_an_order_that_is_paid_while_the_plan_changes_counts(shop, silver, gold):
    old = buys(shop, silver)
    soon = old.paid_until - days(3)
    renewals.plan_due(now=soon)
    renewals.work(now=soon)
    first = Renewal.objects.get()
    change(old, gold, now=soon, at_once=False)
    shop.put_order(dataclasses.replace(shop.order_table[first.order_id], paid=True))
    renewals.work(now=soon)
    old.refresh_from_db()
    assert (old.periods, Renewal.objects.get().state) == (2, "paid")
    assert old.next_plan_id == gold.pk


def test_a_plan_that_is_switched_off_meanwhile_is_not_asked_for(shop, silver, gold):
    old = buys(shop, silver)
    change(old, gold, now=NOW, at_once=False)
    Plan.objects.filter(pk=gold.pk).update(active=False)
    renewals.plan_due(now=old.paid_until - days(1))
    renewals.work(now=old.paid_until - days(1))
    assert shop.order_table[Renewal.objects.get().order_id].lines[0].variant_id == silver.variant_id


def test_choosing_takes_a_cancellation_back_and_ending_forgets_the_choice(shop, silver, gold):
    old = buys(shop, silver)
    actions.cancel(membership_id=old.pk, by=SELF, now=NOW)
    assert not change(old, gold, now=NOW, at_once=False).ends_with_period
    actions.revoke(membership_id=old.pk, reason="x", by=OWNER, now=NOW)
    old.refresh_from_db()
    assert old.next_plan_id is None


def test_on_trial_the_other_plan_is_chosen_for_what_comes_after(shop, silver, gold):
    silver.trial = "P14D"
    silver.save()
    trial = actions.start_trial(plan_id=silver.pk, user_id=ADA, channel=CHANNEL, now=NOW)
    change(trial, gold, now=NOW, at_once=False)
    new = buys(shop, gold, now=NOW + days(12))
    assert (new.anchor, new.paid_until) == (NOW + days(14), NOW + days(44))


# --- codes ------------------------------------------------------------------------------------------------------------


def test_the_code_of_the_old_plan_ends_and_one_of_the_new_is_issued(shop, silver, gold):
    old = buys(shop, silver)
    codes.issue_due(now=NOW)
    new = change(old, gold, now=NOW + DAY)
    codes.issue_due(now=NOW + DAY)
    first, second = MemberCode.objects.order_by("created_at", "id")
    assert (first.membership_id, first.ended_at) == (old.pk, NOW + DAY)
    assert (second.membership_id, second.number, second.ended_at) == (new.pk, 0, None)
    assert codes.reconcile(now=NOW + days(2)) == codes.Mended()
    new.refresh_from_db()
    assert codes.current_period(new, now=new.paid_until) == 0  # past due: it holds
    assert codes.current_period(new, now=at(2028, 1, 1)) is None


# --- anything, in any order -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_through_changes_and_refunds_time_and_books_agree(shop, silver, gold, seed):
    """Of three members: bought, changed, refunded in part and whole, refunds that failed, reports that come twice."""
    chance = random.Random(seed)
    plans = [silver, gold]
    now, number = NOW, 0
    happened: set[str] = set()
    for _ in range(160):
        now += datetime.timedelta(hours=chance.randint(1, 60))
        actions.tick(now=now)
        user = f"user-{chance.randrange(3)}"
        rows = [row for row in Membership.objects.filter(user_id=user) if machine.entitled(row=row, now=now)]
        what = chance.random()
        if what < 0.3 or not rows:
            number += 1
            plan = chance.choice(plans)
            line = a_line(number, chance.choice((1, 1, 3)), variant=plan.variant_id)
            shop.put_order(an_order(number, line, user_id=user))
            orders.follow(order_id=f"order-{number}", now=now)
        elif what < 0.6:
            row = chance.choice(rows)
            other = gold if row.plan_id == silver.pk else silver
            try:
                by = By(kind="member", user_id=user)
                changing.change(membership_id=row.pk, plan_id=other.pk, at_once=chance.random() < 0.8, by=by, now=now)
                happened.add("changed")
            except (changing.AlreadyMember, changing.NothingLeft, NotAllowedInState):
                pass
        else:
            order = shop.order_table[f"order-{chance.randint(1, number)}"]
            pieces = chance.randint(0, order.lines[0].quantity)
            if pieces == order.lines[0].quantity:
                changed = refunded(order)
            else:
                line = dataclasses.replace(order.lines[0], refunded_quantity=pieces)
                money = order.total * pieces / line.quantity
                changed = dataclasses.replace(order, refunded=money, lines=(line,))
            shop.put_order(changed)
            for _ in range(chance.choice((1, 2))):
                orders.follow(order_id=order.id, now=now)
        for row in Membership.objects.all():
            charges = [charge for charge in row.charges.all() if charge.term == row.term]
            assert row.periods == sum(charge.periods - charge.shortened for charge in charges)
            assert row.paid_until == periods.end_of(row, row.periods)
            carried = [each for each in row.carried.all() if each.term == row.term and not each.moved]
            assert all(each.span >= datetime.timedelta(0) and each.taken >= datetime.timedelta(0) for each in carried)
            if carried:
                happened.add("carried")
                assert row.anchor == carried[0].at + sum((each.span for each in carried), datetime.timedelta(0))
                happened |= {"taken"} if any(each.taken for each in carried) else set()
        assert Carried.objects.filter(moved=False).count() == len(
            set(Carried.objects.filter(moved=False).values_list("charge_id", flat=True))
        )
    assert list(books.compare(also=list(shop.order_table))) == []
    assert happened == {"changed", "carried", "taken"}


def test_a_quote_tells_what_is_left_and_changes_nothing(silver, gold, shop):
    member = buys(shop, silver)
    half = at(2027, 2, 14)
    before = list(MembershipChange.objects.values_list("id", flat=True))
    quoted = changing.quote(membership_id=member.pk, plan_id=gold.pk, by=SELF, now=half)
    assert (quoted.days, quoted.left, quoted.price, quoted.currency) == (4, Decimal("15.00"), Decimal("100.00"), "USD")
    assert quoted.until == half + days(4)
    assert list(MembershipChange.objects.values_list("id", flat=True)) == before
    with pytest.raises(NotFound):
        changing.quote(membership_id=member.pk, plan_id=gold.pk, by=By(kind="member", user_id=BOB), now=half)
    with pytest.raises(changing.AlreadyMember):
        changing.quote(membership_id=member.pk, plan_id=silver.pk, by=SELF, now=half)
    with pytest.raises(changing.NothingLeft):
        changing.quote(membership_id=member.pk, plan_id=gold.pk, by=SELF, now=at(2027, 2, 28, 14))
    with pytest.raises(NotAllowedInState):
        changing.quote(membership_id=member.pk, plan_id=gold.pk, by=SELF, now=at(2027, 3, 1))
