"""400 days of a few hundred members: payments, failures, refunds, chargebacks, cancellations, guests; reports that are
dropped, doubled and late. No clock is read and nobody waits: the days are passed in. ``LIVESALES_SIMULATED_MEMBERS``
makes them more than 240.

At the end of each day the sweep has run, and then the books agree with the shop to the cent (line by line each fourth
day), each membership with its charges, and each quiet member's time with what a few lines of arithmetic say.
"""

from __future__ import annotations

import dataclasses
import datetime
import os
import random
from collections import defaultdict
from decimal import Decimal

import pytest
from django.core import mail
from django.db.models import F, Sum

from saleor_livesales import conf, shop
from saleor_livesales.members import actions, books, machine, orders, periods, renewals, sweeps
from saleor_livesales.members.actors import By
from saleor_livesales.members.models import Charge, Membership, MembershipChange, Plan, Renewal
from tests.fakes import FakeShop

from .build import CHANNEL, NOW, OTHER, PRICE, PRODUCT, VARIANT, a_plan

# Committed as it goes: within one transaction nothing is ever swept away, and every look gets slower than the last.
pytestmark = [pytest.mark.django_db(transaction=True)]

DAYS = 400
MEMBERS = int(os.environ.get("LIVESALES_SIMULATED_MEMBERS", "240"))
DROPPED, DOUBLED, LATE = 0.15, 0.25, 0.2


class World:
    def __init__(self, fake: FakeShop, seed: int) -> None:
        self.random = random.Random(seed)
        self.shop = fake
        self.plans = [
            a_plan(period="P1M", grace_days=5, time_zone="Europe/Berlin"),
            a_plan(variant_id=OTHER, name="Fortnight", period="P14D", grace_days=0, time_zone="America/New_York"),
        ]
        fake.add_item(PRODUCT, "9.99", variant_id=OTHER)
        self.prices = {VARIANT: PRICE, OTHER: Decimal("9.99")}
        self.late: dict[int, list[str]] = defaultdict(list)
        self.number = 0
        self.paid_at: dict[str, datetime.datetime] = {}
        self.disturbed: set[str] = set()  # accounts with refunds, cancellations and the like
        self.counts: dict[str, int] = defaultdict(int)
        self.guests: list[tuple[str, int]] = []  # orders without an account, and whose they are

    def user(self, index: int) -> str:
        return f"user-{index}"

    def changed(self, order: shop.Order, now: datetime.datetime, day: int) -> None:
        """The order changed in the shop: told once, twice, late or never."""
        self.shop.put_order(order, now)
        chance = self.random.random()
        if chance < DROPPED:
            self.counts["dropped"] += 1
            return
        self.late[day + (self.random.randint(1, 3) if chance < DROPPED + LATE else 0)].append(order.id)
        if self.random.random() < DOUBLED:
            self.counts["doubled"] += 1
            self.late[day + self.random.randint(0, 2)].append(order.id)

    def buy(self, index: int, now: datetime.datetime, day: int) -> None:
        self.number += 1
        quantity = self.random.choice((1, 1, 1, 2, 3))
        variant = self.random.choice((VARIANT, VARIANT, OTHER)) if index % 3 else OTHER
        line = shop.OrderLine(
            id=f"line-{self.number}", variant_id=variant, quantity=quantity, total=self.prices[variant] * quantity,
            refunded_quantity=0,
        )  # fmt: skip
        guest = self.random.random() < 0.1
        order = shop.Order(
            id=f"order-{self.number}", number=str(self.number), placed_at=now, channel=CHANNEL, currency="USD",
            user_id=None if guest else self.user(index), confirmed=not guest, cancelled=False, paid=True,
            total=line.total, refunded=Decimal(0), lines=(line,),
        )  # fmt: skip
        if guest:
            self.counts["guests"] += 1
            self.disturbed.add(self.user(index))
            self.guests.append((order.id, index))
        self.paid_at[order.id] = now
        self.changed(order, now, day)

    def a_day(self, day: int) -> None:
        now = NOW + datetime.timedelta(days=day, minutes=self.random.randint(0, 600))
        if day % 2 == 0 and day < 300:
            for _ in range(MEMBERS // 150):
                self.buy(self.random.randrange(MEMBERS), now, day)
        if day < 60:
            self.buy(day * 4 % MEMBERS, now, day)
        self.pay_renewals(now, day)
        self.disturb(now, day)
        for order_id in self.random.sample(self.late[day], len(self.late[day])):
            orders.follow(order_id=order_id, now=now)
        if self.random.random() < 0.9:  # beat was away on other days
            actions.tick(now=now)
            self.renew(now)
        sweeps.changed_orders(now=now)
        orders.recheck_waiting(now=now)
        self.check(now, lines=day % 4 == 3)

    def renew(self, now: datetime.datetime) -> None:
        renewals.plan_due(now=now)
        renewals.work(now=now, limit=1000)

    def pay_renewals(self, now: datetime.datetime, day: int) -> None:
        for renewal in Renewal.objects.filter(state="ordered").order_by("order_number"):
            order = self.shop.order_table[renewal.order_id]
            if not order.paid and not order.cancelled and self.random.random() < self.pays_by_link(order):
                self.paid_at[order.id] = now
                self.changed(dataclasses.replace(order, paid=True, outstanding=Decimal(0)), now, day)
                self.counts["renewed"] += 1

    def pays_by_link(self, order: shop.Order) -> float:
        """How likely it is that a renewal's order is paid on this day."""
        return 0.3

    def disturb(self, now: datetime.datetime, day: int) -> None:
        paid = [order for order in self.shop.order_table.values() if order.paid]
        for order in self.random.sample(paid, min(len(paid), 2)):
            if self.random.random() < 0.25:
                self.disturbed.add(order.user_id or "")
                self.give_back(order, now, day)
        known = list(Membership.objects.order_by("created_at", "user_id"))
        for act, among in (
            (actions.cancel, known), (actions.resume, [row for row in known if row.ends_with_period])
        ):  # fmt: skip
            membership = self.random.choice(among) if among and self.random.random() < 0.15 else None
            if membership is not None and machine.entitled(row=membership, now=now):
                self.disturbed.add(membership.user_id)
                act(membership_id=membership.pk, by=By(kind="member", user_id=membership.user_id), now=now)
                self.counts[act.__name__] += 1
        for guest in self.random.sample(self.guests, min(1, len(self.guests))):
            self.guests.remove(guest)
            order = dataclasses.replace(self.shop.order_table[guest[0]], user_id=self.user(guest[1]), confirmed=True)
            self.shop.order_table[order.id] = order  # Saleor moves no date for this, and calls no hook of an order

    def give_back(self, order: shop.Order, now: datetime.datetime, day: int) -> None:
        left = order.total - order.refunded
        how = self.random.choice(("all", "cents", "piece", "chargeback", "won", "cancelled"))
        line = order.lines[0]
        match how:
            case "all":
                changed = dataclasses.replace(order, refunded=order.total)
            case "cents":
                changed = dataclasses.replace(order, refunded=order.refunded + min(left, Decimal("3.33")))
            case "piece" if line.refunded_quantity < line.quantity:
                line = dataclasses.replace(line, refunded_quantity=line.refunded_quantity + 1)
                money = min(order.total, order.refunded + (line.total / line.quantity).quantize(Decimal("0.01")))
                changed = dataclasses.replace(order, refunded=money, lines=(line,))
            case "chargeback":
                changed = dataclasses.replace(order, paid=False)
            case "cancelled":
                changed = dataclasses.replace(order, cancelled=True, refunded=order.total)
            case _:  # a refund failed after all
                changed = dataclasses.replace(order, refunded=Decimal(0), lines=(
                    dataclasses.replace(line, refunded_quantity=0),))  # fmt: skip
        self.counts[how] += 1
        self.changed(changed, now, day)

    def check(self, now: datetime.datetime, *, lines: bool) -> None:
        ids = [order.id for order in self.shop.order_table.values() if order.paid]
        if lines:  # each line of each order
            assert list(books.compare(also=ids)) == []
        ours = Charge.objects.aggregate(sum=Sum(F("amount") - F("refunded")))["sum"] or 0
        charged = [self.shop.order_table[key] for key in Charge.objects.values_list("order_id", flat=True)]
        assert ours == sum(order.total - order.refunded for order in charged)
        assert {order.id for order in charged} >= set(ids)
        charges = self.charges()
        for membership in Membership.objects.all():
            rows = [row for row in charges[membership.pk] if row.term == membership.term]
            assert membership.periods == sum(row.periods - row.shortened for row in rows), membership.pk
            if membership.periods:
                assert membership.paid_until == periods.end_of(membership, membership.periods)

    def charges(self) -> dict:
        found = defaultdict(list)
        for charge in Charge.objects.filter(membership__isnull=False):
            found[charge.membership_id].append(charge)
        return found

    def quiet(self, now: datetime.datetime) -> int:
        """Those whom nothing disturbed, by arithmetic alone: what was paid when, and nothing of what we keep."""
        told = dict(Charge.objects.values_list("order_id", "applied_at"))
        checked = 0
        for plan in self.plans:
            paid = defaultdict(list)
            for order in self.shop.order_table.values():
                if order.paid and order.user_id and order.lines[0].variant_id == plan.variant_id:
                    paid[order.user_id].append((told[order.id], order.lines[0].quantity))
            for user_id, payments in paid.items():
                if user_id in self.disturbed:
                    continue
                anchor, number, until = None, 0, None
                for moment, quantity in sorted(payments):
                    lapse = until and until + machine.PAST_DUE + datetime.timedelta(days=plan.grace_days)
                    if lapse is None or moment >= lapse:
                        anchor, number = moment, 0
                    number += quantity
                    zone = periods.zone(plan.time_zone)
                    until = periods.end(anchor=anchor, number=number, period=periods.parse(plan.period), zone=zone)
                membership = Membership.objects.get(user_id=user_id, plan=plan)
                assert (membership.anchor, membership.periods, membership.paid_until) == (anchor, number, until)
                lapse = until + machine.PAST_DUE + datetime.timedelta(days=plan.grace_days)
                assert machine.entitled(row=membership, now=now) == (now < lapse)
                checked += 1
        return checked


@pytest.mark.parametrize("seed", [1, 2])
def test_400_days(shop: FakeShop, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    settings = dataclasses.replace(conf.load(), mail_backend="django.core.mail.backends.locmem.EmailBackend")
    monkeypatch.setattr(conf, "load", lambda: settings)
    mail.outbox = []
    for index in range(MEMBERS):
        shop.add_customer(f"user-{index}", name=f"Member {index}", email=f"member{index}@example.com")
    world = World(shop, seed)
    for day in range(DAYS):
        world.a_day(day)
    assert world.quiet(NOW + datetime.timedelta(days=DAYS + 1)) > 20
    assert Membership.objects.count() > 100
    for happened in (
        "dropped",
        "doubled",
        "guests",
        "renewed",
        "cancel",
        "resume",
        "all",
        "cents",
        "piece",
        "chargeback",
    ):
        assert world.counts[happened] > 3, (happened, world.counts)
    kinds = set(MembershipChange.objects.values_list("kind", flat=True))
    assert kinds >= {"pay", "fall_due", "wait", "lapse", "cancel", "refund", "ending", "resumed", "shortened"}
    assert Renewal.objects.filter(state="paid").count() > 100
    assert Plan.objects.count() == 2
    assert len({letter.extra_headers["Message-ID"] for letter in mail.outbox}) == len(mail.outbox)
