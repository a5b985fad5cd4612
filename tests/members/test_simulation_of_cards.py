"""400 days of members who left a card: banks that refuse, answer late or not, a provider that falters, workers that are
killed while they ask it, reports that are dropped, doubled and late, refunds at the provider and in the shop, disputes,
and members who pay by the link all the same. ``LIVESALES_SIMULATED_CARDS`` makes them more than 40.

Each day: the provider's books, the shop's and ours say the same of every charge, and no order is charged twice.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import os
from collections import Counter, defaultdict
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.test import RequestFactory

from saleor_livesales import conf, shop
from saleor_livesales.collectors.stripe import Stripe
from saleor_livesales.errors import NotFound
from saleor_livesales.fees import events, methods, refunds
from saleor_livesales.fees.models import Fee, FeeRefund, FeeState, SavedMethod
from saleor_livesales.members import tasks
from saleor_livesales.members.models import Charge, Membership, Renewal
from tests.collectors import stripe_server
from tests.collectors.stripe_server import FakeStripe
from tests.fakes import FakeShop

from .build import NOW
from .test_simulation import World

pytestmark = [pytest.mark.django_db(transaction=True)]

DAYS = 400
CARDS = int(os.environ.get("LIVESALES_SIMULATED_CARDS", "40"))
MEMBERS = CARDS * 5 // 4  # with those who have none
BANKS = ("paid",) * 5 + ("pending",) * 3 + ("insufficient_funds", "insufficient_funds", "lost_card", "auth")
FAULTS = ("cut", "lost", 500, 429, "nonsense")
ASKING = ("make", "confirm", "look", "cancel", "give_back", "refund", "backs", "left", "method", "forget")


class Killed(BaseException):
    """What a killed worker does not catch."""


class CardWorld(World):
    """Accounts below ``CARDS`` leave cards; beat's tasks run for them as a worker runs them."""

    def __init__(self, fake: FakeShop, stripe: FakeStripe, seed: int) -> None:
        super().__init__(fake, seed)
        self.stripe = stripe
        self.heard = 0
        self.faulty = True
        self.clock = NOW
        self.reports: dict[int, list[dict]] = defaultdict(list)
        stripe.clock = lambda: self.clock.timestamp()
        for name in ("record_payment", "record_back"):
            setattr(fake, name, self.announced(getattr(fake, name)))

    def announced(self, record: Callable[..., None]) -> Callable[..., None]:
        """The shop tells of what is entered in its books, as Saleor's sweep does: also to who died at it."""

        def recorded(*, order_id: str, **values: Any) -> None:
            record(order_id=order_id, **values)
            self.shop.put_order(self.shop.order_table[order_id], self.clock)

        return recorded

    def dies(self) -> bool:
        return self.faulty and self.random.random() < 0.02

    def pays_by_link(self, order: shop.Order) -> float:
        return 0.1 if self.faulty else 0

    def give_back(self, order: shop.Order, now: datetime.datetime, day: int) -> None:
        charge = next((key for key, (order_id, _, _) in self.shop.payments.items() if order_id == order.id), None)
        if charge is None:
            return super().give_back(order, now, day)
        left = self.left(charge)
        if self.random.random() < 0.3 and not any(
            row["payment_intent"] == charge for row in self.stripe.tables["disputes"].values()
        ):
            self.stripe.dispute(charge)["amount"] = left
            self.counts["disputed"] += 1
        elif left:
            part = min(left, self.random.choice((333, left)))
            if self.random.random() < 0.5:
                self.stripe.refund(charge, part)
                self.counts["refunded"] += 1
                return None
            asked = f"event-{self.counts['asked']}"  # by staff, in the shop's own Dashboard
            self.counts["asked"] += 1
            with contextlib.suppress(NotFound):  # charged, and not noted yet
                for _ in range(self.random.choice((1, 1, 2))):
                    refunds.ask(charge=charge, amount=Decimal(part) / 100, asked_as=asked, now=self.clock)
        return None

    def left(self, charge: str) -> int:
        """What of a charge is still the store's, in cents."""
        gone = sum(
            row["amount"]
            for name in ("refunds", "disputes")
            for row in self.stripe.tables[name].values()
            if row["payment_intent"] == charge and row["status"] != "won"
        )
        return self.stripe.tables["payment_intents"][charge]["amount"] - gone

    def buy(self, index: int, now: datetime.datetime, day: int) -> None:
        super().buy(index % MEMBERS, now, day)

    def a_day(self, day: int) -> None:
        self.clock = NOW + datetime.timedelta(days=day)
        self.stripe.faults = [self.random.choice(FAULTS)] * self.random.randint(1, 3) if self.chance(0.2) else []
        self.leave_cards(day)
        self.banks_answer()
        if self.chance(0.1):
            for dispute in self.stripe.tables["disputes"].values():
                if dispute["status"] == "needs_response":
                    dispute["status"] = self.random.choice(("won", "lost"))
                    self.stripe.tell("charge.dispute.closed", dispute)
        self.hear(day)
        self.task(tasks.members_fees)
        super().a_day(day)
        self.clock = NOW + datetime.timedelta(days=day, hours=11)
        if not self.faulty or self.chance(0.5):
            self.task(tasks.members_fees_sweep)
        self.task(tasks.members_fees)
        self.compare()

    def chance(self, probability: float) -> bool:
        return self.faulty and self.random.random() < probability

    def leave_cards(self, day: int) -> None:
        for index in range(CARDS) if day == 0 else [self.random.randrange(CARDS)] if self.chance(0.3) else []:
            saved = methods.of_user(self.user(index))
            if saved is not None and self.random.random() < 0.2:
                methods.remove(method_id=saved.pk, owner=saved.user_id, now=self.clock)
                continue
            try:
                methods.ask(
                    user_id=self.user(index), return_url="https://a.test/", cancel_url="https://a.test/", now=self.clock
                )
            except methods.CollectorAway:
                continue
            row = SavedMethod.objects.filter(user_id=self.user(index)).latest("created_at", "id")
            if self.random.random() < 0.9:
                self.stripe.leave_card(row.link_ref, self.random.choice(BANKS))
                self.counts["cards"] += 1

    def banks_answer(self) -> None:
        for method in self.stripe.banks:
            if self.chance(0.02):
                self.stripe.banks[method] = self.random.choice(BANKS)
        for intent in list(self.stripe.tables["payment_intents"].values()):
            if intent["status"] == "processing" and (not self.faulty or self.random.random() < 0.2):
                yes = self.random.random() < 0.6
                self.stripe.settle(intent["id"], *(("succeeded",) if yes else ("requires_payment_method", "declined")))

    def hear(self, day: int) -> None:
        """The provider reports: once, twice, late or never."""
        told = self.stripe.reports()
        for event in told[self.heard :]:
            if self.chance(0.15):
                self.counts["unheard"] += 1
                continue
            self.reports[day + (self.random.randint(1, 3) if self.chance(0.2) else 0)].append(event)
            if self.chance(0.25):
                self.reports[day + self.random.randint(0, 2)].append(event)
        self.heard = len(told)
        for event in self.random.sample(self.reports[day], len(self.reports[day])):
            body, signature = self.stripe.signed(event, at=self.clock.timestamp())
            request = RequestFactory().post(
                "/", data=body, content_type="application/json", HTTP_STRIPE_SIGNATURE=signature
            )
            assert events.respond("stripe", request, now=self.clock).status_code == 200

    def renew(self, now: datetime.datetime) -> None:
        self.clock = now
        self.task(tasks.members_renew)
        self.task(tasks.members_renew)

    def task(self, task: object) -> None:
        """What a worker does, twice at most as it may be killed once."""
        try:
            task()  # type: ignore[operator]
        except Killed:
            self.counts["killed"] += 1

    def compare(self) -> None:
        """Charge by charge: what the provider took, what the shop's books say, and what we noted."""
        assert max(Counter(self.stripe.charged).values(), default=1) == 1
        fees = {fee.charge_ref: fee for fee in Fee.objects.exclude(charge_ref="")}
        assert set(self.stripe.charged) <= fees.keys()
        recorded = Counter(fee.order_id for fee in fees.values() if fee.recorded_at is not None)
        assert max(recorded.values(), default=1) == 1
        assert {key for key, fee in fees.items() if fee.recorded_at is not None} == set(self.shop.payments)
        assert set(self.shop.payments) <= set(self.stripe.charged)
        for charge in set(self.stripe.charged) - set(self.shop.payments):
            assert fees[charge].state in ("made", "pending", "paid", "returning", "returned")

    def settled(self) -> None:
        """Once nothing falters any more: to the cent."""
        left = Fee.objects.filter(state__in=["planned", "made", "pending", "returning"])
        assert list(left.filter(work_at__lte=self.clock)) == []
        assert not FeeRefund.objects.filter(state="asked").exists()
        backs = defaultdict(Decimal)
        for (payment, kind, reference), amount in self.shop.backs.items():
            if kind != "refund_refused" or (payment, "refund", reference) in self.shop.backs:
                backs[payment] += amount if kind in ("refund", "chargeback") else -amount
        for charge in self.stripe.charged:
            theirs = Decimal(self.left(charge)) / 100
            if charge in self.shop.payments:
                assert self.shop.payments[charge][1] - backs[charge] == theirs, charge
            else:
                assert (Fee.objects.get(charge_ref=charge).state, theirs) == (FeeState.RETURNED, 0)
        users = SavedMethod.objects.filter(state="saved").values_list("user_id", flat=True)
        assert len(set(users)) == len(users)
        for method in SavedMethod.objects.exclude(state="saved").exclude(method_ref=""):
            assert self.stripe.tables["payment_methods"][method.method_ref]["customer"] is None


@pytest.mark.parametrize("seed", [1])
def test_400_days_of_cards(shop: FakeShop, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    with stripe_server.running() as stripe:
        stripe.page = 100
        settings = dataclasses.replace(
            conf.load(), mail_backend="django.core.mail.backends.locmem.EmailBackend", stripe_api=stripe.url,
            stripe_key=stripe_server.KEY, stripe_webhook_secrets=(stripe_server.SECRET,),
        )  # fmt: skip
        monkeypatch.setattr(conf, "load", lambda: settings)
        mail.outbox = []
        world = CardWorld(shop, stripe, seed)
        monkeypatch.setattr(tasks, "_now", lambda: world.clock)
        monkeypatch.setattr("tests.members.test_simulation.MEMBERS", max(150, MEMBERS))
        for name in ASKING:
            real = getattr(Stripe, name)

            def asked(*args: object, real: object = real, **kwargs: object) -> object:
                if world.dies():
                    raise Killed
                answer = real(*args, **kwargs)  # type: ignore[operator]
                if world.dies():
                    raise Killed
                return answer

            monkeypatch.setattr(Stripe, name, asked)
        for index in range(MEMBERS):
            shop.add_customer(f"user-{index}", name=f"Member {index}", email=f"member{index}@example.com")
        for day in range(DAYS):
            world.a_day(day)
        world.faulty = False
        for day in range(DAYS, DAYS + 20):
            world.a_day(day)
        world.settled()
    states = Counter(Fee.objects.values_list("state", flat=True))
    for happened in ("paid", "refused", "returned"):
        assert states[happened] > 0, states
    for happened in ("cards", "killed", "unheard", "refunded", "asked", "disputed"):
        assert world.counts[happened] > 3, (happened, world.counts)
    assert states["paid"] > 100
    assert FeeRefund.objects.filter(state="made").count() > 3
    assert Charge.objects.filter(order_id__in=Fee.objects.filter(state="paid").values("order_id")).count() > 100
    assert Renewal.objects.filter(state="paid").count() > 100
    assert Membership.objects.count() > 40
    assert len({letter.extra_headers["Message-ID"] for letter in mail.outbox}) > 100
