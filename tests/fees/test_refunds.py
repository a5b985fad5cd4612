"""What staff of the shop gives back of a charge."""

from __future__ import annotations

from decimal import Decimal

import pytest

from saleor_livesales.errors import NotFound
from saleor_livesales.fees import charging, events, refunds, work
from saleor_livesales.fees.models import Fee, FeeRefund
from tests.collectors.stripe_server import FakeStripe
from tests.fakes import FakeShop
from tests.sessions.build import at_once

from .build import ADA, NOW, an_order, later, leave_card
from .test_events import tell

pytestmark = pytest.mark.django_db(transaction=True)
TEN = Decimal("10.00")


def a_charge(shop: FakeShop, stripe: FakeStripe, **values: object) -> Fee:
    leave_card(stripe, **values)  # type: ignore[arg-type]
    fee = charging.collect(user_id=ADA, order=an_order(shop), reference="renewal", number=1, now=NOW)
    assert fee is not None
    return fee


def ask(fee: Fee, amount: Decimal = TEN, asked_as: str = "event-1") -> FeeRefund:
    return refunds.ask(charge=fee.charge_ref, amount=amount, asked_as=asked_as, now=NOW)


def booked(shop: FakeShop) -> list[tuple[str, str, Decimal]]:
    return [(kind, reference, amount) for (_, kind, reference), amount in shop.backs.items()]


def sent(stripe: FakeStripe) -> list[int]:
    return [row["amount"] for row in stripe.tables["refunds"].values()]


def test_it_goes_back_once_and_is_entered_once(shop: FakeShop, stripe: FakeStripe) -> None:
    fee = a_charge(shop, stripe)
    row = ask(fee)
    assert ask(fee) == row
    assert (sent(stripe), row.state) == ([], "asked")  # whoever asks waits for nobody
    assert work.work(now=NOW).orders == {"order-1"}
    row.refresh_from_db()
    assert (sent(stripe), row.state, row.work_at) == ([1000], "made", None)
    assert booked(shop) == [("refund", str(row.pk), TEN)]
    ask(fee)
    work.work(now=NOW)
    assert tell(stripe, stripe.reports()[-1]) == 200
    events.act(now=NOW)
    assert (len(sent(stripe)), len(booked(shop))) == (1, 1)
    assert shop.order_table["order-1"].refunded == TEN


def test_two_that_are_asked_are_two(shop: FakeShop, stripe: FakeStripe) -> None:
    fee = a_charge(shop, stripe)
    ask(fee)
    ask(fee, asked_as="event-2")
    work.work(now=NOW)
    assert sent(stripe) == [1000, 1000]
    assert shop.order_table["order-1"].refunded == 2 * TEN


@pytest.mark.parametrize("fault", ["cut", "lost", 500, 429])
def test_stripe_is_away_for_a_while(shop: FakeShop, stripe: FakeStripe, fault: object) -> None:
    row = ask(a_charge(shop, stripe))
    stripe.faults = ["", *[fault] * 20]  # type: ignore[list-item]
    work.work(now=NOW)
    row.refresh_from_db()
    assert (row.state, row.attempts, booked(shop)) == ("asked", 1, [])
    stripe.faults = []
    stripe.forget_keys()
    work.work(now=NOW)  # not before its time
    assert booked(shop) == []
    work.work(now=later(minutes=2))
    assert (sent(stripe), booked(shop)) == ([1000], [("refund", str(row.pk), TEN)])


def test_killed_after_it_was_sent(shop: FakeShop, stripe: FakeStripe, monkeypatch: pytest.MonkeyPatch) -> None:
    row = ask(a_charge(shop, stripe))
    with monkeypatch.context() as killed:
        killed.setattr(charging, "backs", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            work.work(now=NOW)
    assert (sent(stripe), booked(shop)) == ([1000], [])
    stripe.forget_keys()
    work.work(now=later(minutes=6))
    assert (sent(stripe), booked(shop)) == ([1000], [("refund", str(row.pk), TEN)])


def test_many_workers_send_it_once(shop: FakeShop, stripe: FakeStripe) -> None:
    row = ask(a_charge(shop, stripe))
    results = at_once(*[lambda: work.work(now=NOW)] * 5)
    assert not [result for result in results if isinstance(result, BaseException)]
    assert (sent(stripe), booked(shop)) == ([1000], [("refund", str(row.pk), TEN)])


def test_what_stripe_refuses_is_told_with_its_reason(shop: FakeShop, stripe: FakeStripe) -> None:
    fee = a_charge(shop, stripe)
    row = ask(fee)
    stripe.refund(fee.charge_ref)
    work.work(now=NOW)
    row.refresh_from_db()
    assert (row.state, row.reason, row.work_at) == ("refused", "charge_already_refunded", None)
    assert booked(shop) == [("refund_refused", str(row.pk), TEN)]
    assert shop.order_table["order-1"].refunded == 0


@pytest.mark.parametrize("after", [False, True], ids=["before it was told", "after"])
def test_the_bank_takes_its_time_and_then_refuses(shop: FakeShop, stripe: FakeStripe, after: bool) -> None:
    row = ask(a_charge(shop, stripe))
    stripe.refunds_are = "succeeded" if after else "pending"
    work.work(now=NOW)
    assert booked(shop) == ([("refund", str(row.pk), TEN)] if after else [])
    [refund] = stripe.tables["refunds"].values()
    refund["status"] = "failed"
    assert tell(stripe, stripe.tell("refund.failed", refund)) == 200
    events.act(now=NOW)
    assert booked(shop)[-1] == ("refund_refused", str(row.pk), TEN)
    assert shop.order_table["order-1"].refunded == 0


def test_what_was_not_charged_here_is_not_given_back(shop: FakeShop, stripe: FakeStripe) -> None:
    fee = a_charge(shop, stripe)
    with pytest.raises(NotFound):
        refunds.ask(charge="pi_other", amount=TEN, asked_as="event-1", now=NOW)
    shop.plugin_settings = {}
    with pytest.raises(NotFound):
        ask(fee)
    assert not FeeRefund.objects.exists()


def test_a_charge_that_was_refused_is_not_given_back(shop: FakeShop, stripe: FakeStripe) -> None:
    fee = a_charge(shop, stripe, bank="card_declined")
    assert fee.state == "refused"
    with pytest.raises(NotFound):
        ask(fee)
