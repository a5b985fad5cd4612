"""An order's money is charged once: whoever doubles, dies, answers late or twice."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
from django.db import connection

from saleor_livesales.collectors.stripe import Stripe
from saleor_livesales.fees import charging, methods
from saleor_livesales.fees.models import Fee
from tests.collectors.stripe_server import FakeStripe
from tests.fakes import FakeShop

from .build import ADA, NOW, PRICE, an_order, later, leave_card, take_away

pytestmark = [pytest.mark.django_db(transaction=True)]


def collect(fake: FakeShop, number: int = 1, **after: float) -> Fee | None:
    return charging.collect(
        user_id=ADA, order=fake.order_table["order-1"], reference="renewal", number=number, now=later(**after)
    )


def the_fee() -> tuple[str, str]:
    fee = Fee.objects.latest("created_at", "id")
    return fee.state, fee.reason


def test_the_order_is_paid_and_entered_in_the_shops_books(shop: FakeShop, stripe: FakeStripe) -> None:
    leave_card(stripe)
    an_order(shop)
    fee = collect(shop)
    assert fee is not None
    assert (fee.state, fee.amount, fee.work_at) == ("paid", PRICE, None)
    assert shop.payments == {fee.charge_ref: ("order-1", PRICE, "USD")}
    assert shop.order_table["order-1"].paid
    assert collect(shop, 2, days=1) == fee
    assert stripe.charged == [fee.charge_ref]
    intent = stripe.tables["payment_intents"][fee.charge_ref]
    assert (intent["amount"], intent["metadata"]["saleor_order"]) == (3000, "order-1")


def test_without_a_method_or_a_provider_nothing_is_charged(shop: FakeShop, stripe: FakeStripe) -> None:
    an_order(shop)
    assert collect(shop) is None
    leave_card(stripe)
    take_away()
    assert collect(shop) is None
    leave_card(stripe)
    shop.plugin_settings = {}
    assert collect(shop) is None
    assert (Fee.objects.count(), stripe.charged) == (0, [])


def test_a_refusal_is_kept_and_tried_again_on_the_next_day_alone(shop: FakeShop, stripe: FakeStripe) -> None:
    row = leave_card(stripe, bank="insufficient_funds")
    an_order(shop)
    for hours in (0, 1, 5):
        collect(shop, hours=hours)
    assert (the_fee(), Fee.objects.count()) == (("refused", "insufficient_funds"), 1)
    stripe.banks[row.method_ref] = "paid"
    collect(shop, 2, days=1)
    assert (the_fee(), Fee.objects.count(), len(stripe.charged)) == (("paid", ""), 2, 1)


def test_what_is_refused_for_good_is_asked_of_another_method_alone(shop: FakeShop, stripe: FakeStripe) -> None:
    leave_card(stripe, bank="lost_card")
    an_order(shop)
    for number in (1, 2, 3):
        collect(shop, number, days=number)
    assert (the_fee(), Fee.objects.count()) == (("refused", "lost_card"), 1)
    leave_card(stripe, now=later(days=3))
    collect(shop, 3, days=3)
    assert (the_fee(), Fee.objects.count()) == (("paid", ""), 2)


def test_a_method_that_the_provider_lost_is_lost_here(shop: FakeShop, stripe: FakeStripe) -> None:
    row = leave_card(stripe)
    stripe.tables["payment_methods"][row.method_ref]["customer"] = None
    an_order(shop)
    collect(shop)
    assert the_fee() == ("refused", "payment_method_gone")
    assert methods.of_user(ADA) is None


@pytest.mark.parametrize("fault", ["cut", "lost", 500, 429, 409, "nonsense"])
@pytest.mark.parametrize("place", [0, 1])
def test_a_provider_that_falters_charges_once(shop: FakeShop, stripe: FakeStripe, fault: str | int, place: int) -> None:
    leave_card(stripe)
    an_order(shop)
    stripe.faults = [None] * place + [fault]  # type: ignore[list-item]
    collect(shop)
    assert the_fee()[0] in ("planned", "made")
    assert Fee.objects.get().attempts == 1
    collect(shop)  # not before its pause is over
    assert the_fee()[0] in ("planned", "made")
    stripe.forget_keys() if place else None
    charging.work(now=later(minutes=3))
    assert (the_fee(), len(stripe.charged), len(shop.payments)) == (("paid", ""), 1, 1)


class Killed(BaseException):
    """What a killed worker does not catch."""


@contextlib.contextmanager
def killed(monkeypatch: pytest.MonkeyPatch, owner: object, name: str, after: bool) -> Iterator[None]:
    """The process dies before, or after, its first call of this."""
    real: Callable = getattr(owner, name)
    with monkeypatch.context() as patch:

        def dies(*args: object, **kwargs: object) -> object:
            if after:
                real(*args, **kwargs)
            raise Killed

        patch.setattr(owner, name, dies)
        yield


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", ["make", "confirm", "_owed", "_settle", "_record", "record_payment"])
def test_a_worker_that_is_killed_at_any_step_charges_once(
    shop: FakeShop, stripe: FakeStripe, monkeypatch: pytest.MonkeyPatch, step: str, after: bool
) -> None:
    leave_card(stripe)
    an_order(shop)
    owner = {"make": Stripe, "confirm": Stripe, "record_payment": FakeShop}.get(step, charging)
    with killed(monkeypatch, owner, step, after), pytest.raises(Killed):
        collect(shop)
    if step == "record_payment" and after:  # a shop's books and our row are one transaction: FakeShop has none
        shop.payments.clear()
        an_order(shop)
    charging.work(now=later(minutes=1))  # its lease holds
    assert the_fee()[0] != "paid" or step in ("_record", "record_payment", "_settle")
    for minutes in (6, 12, 18):
        charging.work(now=later(minutes=minutes))
    assert (the_fee(), len(stripe.charged), len(shop.payments)) == (("paid", ""), 1, 1)
    assert shop.order_table["order-1"].paid


def test_workers_at_once_charge_once(shop: FakeShop, stripe: FakeStripe) -> None:
    leave_card(stripe)
    an_order(shop)
    start = threading.Barrier(6)

    def run() -> None:
        try:
            start.wait()
            collect(shop)
            charging.work(now=NOW)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (Fee.objects.count(), len(stripe.charged), len(shop.payments)) == (1, 1, 1)


def test_two_that_hold_it_at_once_charge_once(shop: FakeShop, stripe: FakeStripe) -> None:
    """A worker that is slower than its lease goes on beside the next one."""
    leave_card(stripe)
    order = an_order(shop)
    fee = charging._next(user_id=ADA, order=order, reference="renewal", number=1, now=NOW)
    assert fee is not None
    copies = [Fee.objects.select_related("method").get(pk=fee.pk) for _ in range(5)]
    start = threading.Barrier(5)

    def run(row: Fee) -> None:
        try:
            start.wait()
            charging.advance(row, now=NOW)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(row,)) for row in copies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    charging.work(now=later(minutes=30))
    assert (the_fee(), len(stripe.charged), len(shop.payments)) == (("paid", ""), 1, 1)


def test_an_order_that_is_paid_otherwise_before_is_not_charged(shop: FakeShop, stripe: FakeStripe) -> None:
    leave_card(stripe)
    order = an_order(shop)
    stripe.faults = [None, 500]  # type: ignore[list-item]
    collect(shop)
    shop.put_order(dataclasses.replace(order, paid=True, outstanding=Decimal(0)))
    charging.work(now=later(minutes=3))
    assert (the_fee(), stripe.charged, shop.payments) == (("dropped", ""), [], {})


def test_a_method_that_is_taken_away_before_is_not_charged(shop: FakeShop, stripe: FakeStripe) -> None:
    leave_card(stripe)
    an_order(shop)
    stripe.faults = [None, 500]  # type: ignore[list-item]
    collect(shop)
    take_away()
    charging.work(now=later(minutes=3))
    assert (the_fee(), stripe.charged) == (("dropped", ""), [])


@pytest.mark.parametrize("change", [{"paid": True, "outstanding": Decimal(0)}, {"cancelled": True}])
def test_money_that_is_not_owed_any_more_goes_back_at_once(
    shop: FakeShop, stripe: FakeStripe, change: dict[str, object]
) -> None:
    leave_card(stripe, bank="pending")
    order = an_order(shop)
    collect(shop)
    assert the_fee() == ("pending", "")
    shop.put_order(dataclasses.replace(order, **change))  # type: ignore[arg-type]
    stripe.settle(Fee.objects.get().charge_ref)
    charging.work(now=later(hours=2))
    charging.work(now=later(hours=4))
    assert (the_fee(), shop.payments) == (("returned", ""), {})
    [refund] = stripe.tables["refunds"].values()
    assert (refund["amount"], refund["payment_intent"]) == (3000, stripe.charged[0])


def test_a_silent_bank_is_asked_and_its_no_is_kept(shop: FakeShop, stripe: FakeStripe) -> None:
    leave_card(stripe, bank="pending")
    an_order(shop)
    fee = collect(shop)
    collect(shop, 2, days=1)
    assert (the_fee(), Fee.objects.count()) == (("pending", ""), 1)
    assert fee is not None
    stripe.settle(fee.charge_ref, "requires_payment_method", "insufficient_funds")
    charging.work(now=later(days=2))
    assert the_fee() == ("refused", "insufficient_funds")


def test_an_amount_without_coins_is_refused_and_not_tried_for_ever(shop: FakeShop, stripe: FakeStripe) -> None:
    leave_card(stripe)
    an_order(shop, outstanding=Decimal("30.005"), total=Decimal("30.005"))
    collect(shop)
    assert the_fee() == ("refused", "amount_not_whole")


def test_a_wrong_key_waits_for_a_right_one(shop: FakeShop, stripe: FakeStripe) -> None:
    leave_card(stripe)
    an_order(shop)
    key, shop.plugin_settings["Stripe secret key"] = shop.plugin_settings["Stripe secret key"], "sk_test_wrong"
    collect(shop)
    fee = Fee.objects.get()
    assert (fee.state, fee.attempts, fee.error.partition(" ")[0]) == ("planned", 1, "KeyRefused")
    shop.plugin_settings["Stripe secret key"] = key
    charging.work(now=later(minutes=3))
    assert the_fee() == ("paid", "")
