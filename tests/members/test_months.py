"""Months of fees and members, compared with what the log says when it is read line by line."""

from __future__ import annotations

import datetime
import random
from decimal import Decimal

import pytest

from saleor_livesales.errors import Invalid
from saleor_livesales.members import actions, changing, machine, months, orders
from saleor_livesales.members.actors import By
from saleor_livesales.members.models import Charge, Membership, MembershipChange

from .build import ADA, BOB, CHANNEL, NOW, OTHER, PRODUCT, a_line, a_plan, an_order, at, days, refunded

OWNER = By(kind="staff", user_id="VXNlcjo5")


def told(now, *, number=12, zone="UTC"):
    return months.months(number=number, time_zone=zone, now=now)


def counts(rows):
    return [(row.came, row.stayed, row.left) for row in rows]


def buys(shop, number, plan, user_id, now, quantity=1):
    shop.put_order(an_order(number, a_line(number, quantity, variant=plan.variant_id), user_id=user_id))
    orders.follow(order_id=f"order-{number}", now=now)
    return Membership.objects.get(user_id=user_id, plan=plan)


def test_who_comes_stays_and_leaves(shop, db):
    plan = a_plan(grace_days=0)
    buys(shop, 1, plan, ADA, at(2027, 1, 10))  # lapses on 17 February
    buys(shop, 2, plan, BOB, at(2027, 2, 5), quantity=12)
    actions.tick(now=at(2027, 4, 20))
    rows = told(at(2027, 4, 20), number=5)
    assert [row.since.date().isoformat() for row in rows] == [
        "2026-12-01", "2027-01-01", "2027-02-01", "2027-03-01", "2027-04-01",
    ]  # fmt: skip
    assert rows[-1].until == at(2027, 4, 20)
    assert counts(rows) == [(0, 0, 0), (1, 0, 0), (1, 0, 1), (0, 1, 0), (0, 1, 0)]
    assert counts(told(at(2027, 4, 20), number=2)) == [(0, 1, 0), (0, 1, 0)]


def test_a_change_of_plan_is_neither_coming_nor_leaving(shop, db):
    silver = a_plan()
    shop.add_item(PRODUCT, "100.00", variant_id=OTHER)
    gold = a_plan(variant_id=OTHER, name="Gold")
    member = buys(shop, 1, silver, ADA, at(2027, 1, 10), quantity=6)
    me = By(kind="member", user_id=ADA)
    changing.change(membership_id=member.pk, plan_id=gold.pk, at_once=True, by=me, now=at(2027, 2, 10))
    assert counts(told(at(2027, 3, 5), number=3)) == [(1, 0, 0), (0, 1, 0), (0, 1, 0)]


def test_who_has_two_leaves_with_the_last(shop, db):
    silver = a_plan(grace_days=0)
    gold = a_plan(variant_id=OTHER, name="Gold")
    member = buys(shop, 1, silver, ADA, at(2027, 1, 10), quantity=6)
    other = buys(shop, 2, gold, ADA, at(2027, 1, 20), quantity=6)
    actions.revoke(membership_id=member.pk, reason="x", by=OWNER, now=at(2027, 2, 3))
    assert counts(told(at(2027, 2, 20), number=2)) == [(1, 0, 0), (0, 1, 0)]
    actions.revoke(membership_id=other.pk, reason="x", by=OWNER, now=at(2027, 2, 21))
    assert counts(told(at(2027, 2, 28), number=2)) == [(1, 0, 0), (0, 0, 1)]


def test_fees_are_those_of_the_months_charges_less_what_went_back(shop, db):
    plan = a_plan(time_zone="Europe/Berlin")
    buys(shop, 1, plan, ADA, at(2027, 1, 10), quantity=2)
    shop.put_order(refunded(shop.order_table["order-1"], "12.50"))
    orders.follow(order_id="order-1", now=at(2027, 3, 1))
    buys(shop, 2, plan, BOB, datetime.datetime(2027, 1, 31, 23, 30, tzinfo=datetime.UTC))
    Charge.objects.filter(order_id="order-2").update(currency="EUR")
    actions.grant(user_id=BOB, plan_id=plan.pk, channel=CHANNEL, periods=1, reason="x", by=OWNER, now=at(2027, 2, 2))

    def kept(zone):
        return [
            [(row.currency, row.kept) for row in month.income] for month in told(at(2027, 2, 20), number=2, zone=zone)
        ]

    usd, eur = ("USD", Decimal("47.50")), ("EUR", Decimal("30.00"))
    assert kept("UTC") == [[eur, usd], []]
    assert kept("Europe/Berlin") == [[usd], [eur]]  # half past midnight there


@pytest.mark.parametrize(("number", "zone"), [(0, "UTC"), (37, "UTC"), (12, "Mars/Olympus")])
def test_what_can_not_be_asked_for(db, number, zone):
    with pytest.raises(Invalid):
        told(NOW, number=number, zone=zone)


def test_two_queries_whatever_there_is(shop, db, django_assert_num_queries):
    plan = a_plan()
    with django_assert_num_queries(2):
        assert counts(told(NOW)) == [(0, 0, 0)] * 12
    for number in range(10):
        buys(shop, number, plan, f"user-{number}", NOW - days(number * 30))
    with django_assert_num_queries(2):
        assert sum(row.came for row in told(NOW + days(1))) > 5


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_happened_it_agrees_with_the_log(shop, db, seed):
    chance = random.Random(seed)
    shop.add_item(PRODUCT, "50.00", variant_id=OTHER)
    plans = [a_plan(grace_days=2), a_plan(variant_id=OTHER, name="Gold", period="P14D")]
    begin, now = at(2026, 9, 3), at(2026, 9, 3)
    number = 0
    while now < at(2027, 9, 20):
        now += datetime.timedelta(hours=chance.randint(5, 90))
        actions.tick(now=now)
        user = f"user-{chance.randrange(12)}"
        number += 1
        held = [row for row in Membership.objects.filter(user_id=user) if machine.entitled(row=row, now=now)]
        what = chance.random()
        if what < 0.5 or not held:
            buys(shop, number, chance.choice(plans), user, now, quantity=chance.choice((1, 1, 2)))
        elif what < 0.6:
            actions.revoke(membership_id=held[0].pk, reason="x", by=OWNER, now=now)
        elif what < 0.8:
            other = plans[0] if held[0].plan_id == plans[1].pk else plans[1]
            try:
                changing.change(membership_id=held[0].pk, plan_id=other.pk, at_once=True, by=OWNER, now=now)
            except (changing.AlreadyMember, changing.NothingLeft, machine.NotAllowedInState):
                continue
        else:
            charge = Charge.objects.filter(membership=held[0], order_id__isnull=False).order_by("?").first()
            if charge is not None:
                shop.put_order(refunded(shop.order_table[charge.order_id]))
                orders.follow(order_id=charge.order_id, now=now)
    actions.tick(now=now)
    rows = told(now)
    assert len(rows) == 12 and rows[0].since > begin

    def there(moment):
        """The accounts that were members just before this moment, by reading each membership's log."""
        found = set()
        for row in Membership.objects.all():
            lines = MembershipChange.objects.filter(membership=row, at__lt=moment).order_by("at", "id")
            last = lines.last()
            if last is not None and last.after in machine.LIVE_STATES:
                found.add(row.user_id)
        return found

    for row in rows:
        before, after = there(row.since), there(row.until if row is not rows[-1] else now + days(1))
        assert (row.came, row.stayed, row.left) == (len(after - before), len(after & before), len(before - after))
    assert sum(row.left for row in rows) > 3 and sum(row.came for row in rows) > 3
