"""What the provider tells: checked, kept once, and acted on in any order."""

from __future__ import annotations

import itertools
import json
from decimal import Decimal
from typing import Any

import pytest
from django.test import RequestFactory

from saleor_livesales.fees import charging, events, methods, work
from saleor_livesales.fees.models import Fee, FeeEvent, FeesSwept
from tests.collectors.stripe_server import FakeStripe
from tests.fakes import FakeShop

from .build import ADA, NOW, RETURN, an_order, later, leave_card

pytestmark = [pytest.mark.django_db(transaction=True)]


def tell(stripe: FakeStripe, event: dict[str, Any], name: str = "stripe", signature: str | None = None) -> int:
    body, signed = stripe.signed(event, at=NOW.timestamp())
    request = RequestFactory().post(
        "/webhooks/fees/stripe/", data=body, content_type="application/json",
        HTTP_STRIPE_SIGNATURE=signed if signature is None else signature,
    )  # fmt: skip
    return events.respond(name, request, now=NOW).status_code


def test_a_late_yes_is_entered_as_soon_as_it_is_told(shop: FakeShop, stripe: FakeStripe) -> None:
    leave_card(stripe, bank="pending")
    order = an_order(shop)
    fee = charging.collect(user_id=ADA, order=order, reference="renewal", number=1, now=NOW)
    assert fee is not None
    stripe.settle(fee.charge_ref)
    assert tell(stripe, stripe.reports()[-1]) == 200
    assert shop.payments == {}  # kept, and not acted on in the request
    assert work.work(now=NOW).orders == {"order-1"}
    assert list(shop.payments) == [fee.charge_ref]


def test_a_card_that_was_left_is_saved_when_it_is_told(shop: FakeShop, stripe: FakeStripe) -> None:
    methods.ask(user_id=ADA, return_url=RETURN, cancel_url=RETURN, now=NOW)
    [link] = stripe.tables["checkout/sessions"]
    stripe.leave_card(link)
    assert tell(stripe, stripe.reports()[-1]) == 200
    assert events.act(now=NOW).users == {ADA}
    assert methods.of_user(ADA) is not None


def everything(shop: FakeShop, stripe: FakeStripe) -> list[dict[str, Any]]:
    """A charge that was disputed and won back, and of which a part was refunded, and another refund failed."""
    leave_card(stripe)
    fee = charging.collect(user_id=ADA, order=an_order(shop), reference="renewal", number=1, now=NOW)
    assert fee is not None
    dispute = stripe.dispute(fee.charge_ref)
    dispute["status"] = "won"
    stripe.tell("charge.dispute.closed", dispute)
    stripe.refund(fee.charge_ref, 1000)
    failed = stripe.refund(fee.charge_ref, 500)
    failed["status"] = "failed"
    stripe.tell("refund.failed", failed)
    return [event for event in stripe.reports() if not event["type"].startswith("checkout")]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3)))[:6])
def test_in_any_order_and_twice_it_ends_the_same(shop: FakeShop, stripe: FakeStripe, order: tuple[int, ...]) -> None:
    told = everything(shop, stripe)
    thirds = [told[place::3] for place in order]
    for number, event in enumerate([*itertools.chain(*thirds), *told]):
        assert tell(stripe, event) == 200
        events.act(now=later(seconds=number))
    fee = Fee.objects.get()
    assert {(kind, amount) for (_, kind, _), amount in shop.backs.items()} == {
        ("chargeback", Decimal("30.00")), ("reinstated", Decimal("30.00")), ("refund", Decimal("10.00")),
    }  # fmt: skip
    assert (FeeEvent.objects.count(), FeeEvent.objects.filter(work_at__isnull=False).count()) == (len(told), 0)
    assert shop.order_table["order-1"].refunded == Decimal("10.00")
    assert fee.recorded_at is not None


def test_what_nobody_heard_is_found_by_the_sweep(shop: FakeShop, stripe: FakeStripe) -> None:
    told = everything(shop, stripe)
    assert events.sweep(now=NOW) == len(told) + 1
    events.sweep(now=NOW)
    assert FeeEvent.objects.count() == len(told) + 1
    events.act(now=NOW)
    assert shop.order_table["order-1"].refunded == Decimal("10.00")
    events.sweep(now=later(days=50))
    assert FeeEvent.objects.count() == 0


def test_more_reports_than_are_read_at_once_are_not_left_out(
    shop: FakeShop, stripe: FakeStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = everything(shop, stripe)
    with monkeypatch.context() as few:
        few.setattr("saleor_livesales.collectors.stripe.MOST_PAGES", 1)
        assert events.sweep(now=NOW) == 0
    assert not FeesSwept.objects.exists()  # the next sweep begins there again
    assert events.sweep(now=NOW) == len(told) + 1


def test_a_report_of_a_charge_that_is_not_ours_is_let_go(shop: FakeShop, stripe: FakeStripe) -> None:
    event = stripe.tell("payment_intent.succeeded", {"object": "payment_intent", "id": "pi_of_another_app"})
    assert tell(stripe, event) == 200
    for hours in range(10):
        events.act(now=later(hours=hours))
    assert FeeEvent.objects.get().work_at is None


def test_what_another_app_does_at_the_provider_is_not_kept(shop: FakeShop, stripe: FakeStripe) -> None:
    """A busy shop's checkouts by the same account would keep ours waiting, and are none of our business."""
    for kind, about in (
        ("payment_intent.succeeded", {"object": "payment_intent", "id": "pi_1", "metadata": {"order": "7"}}),
        ("charge.refunded", {"object": "charge", "id": "ch_1", "payment_intent": "pi_1", "metadata": {}}),
        ("checkout.session.completed", {"object": "checkout.session", "id": "cs_1", "metadata": {}}),
    ):
        assert tell(stripe, stripe.tell(kind, about)) == 200
    events.sweep(now=NOW)
    assert FeeEvent.objects.count() == 0


def test_a_provider_that_is_away_is_asked_later(shop: FakeShop, stripe: FakeStripe) -> None:
    told = everything(shop, stripe)
    tell(stripe, told[-1])
    stripe.faults = [500]
    events.act(now=NOW)
    assert shop.backs == {}
    events.act(now=later(minutes=5))
    assert len(shop.backs) == 3


def test_only_the_provider_is_believed(shop: FakeShop, stripe: FakeStripe) -> None:
    event = stripe.tell("payment_intent.succeeded", {"object": "payment_intent", "id": "pi_1"})
    body, _ = stripe.signed(event, secret="whsec_guessed")
    assert tell(stripe, event, signature=stripe.signed(event, secret="whsec_guessed", at=NOW.timestamp())[1]) == 400
    assert tell(stripe, event, signature="") == 400
    assert tell(stripe, event, name="paypal") == 404
    assert tell(stripe, {"id": "x"}) == 400
    request = RequestFactory().post("/", data=b"x" * (events.BODY_LIMIT + 1), content_type="application/json")
    assert events.respond("stripe", request, now=NOW).status_code == 413
    for length in ("", "²", "-1"):
        request.META["CONTENT_LENGTH"] = length
        assert events.respond("stripe", request, now=NOW).status_code == 413
    assert events.respond("stripe", RequestFactory().get("/"), now=NOW).status_code == 405
    shop.plugin_settings = {}
    assert tell(stripe, event) == 404
    assert FeeEvent.objects.count() == 0
    assert json.loads(body)["id"] == event["id"]


def test_what_is_kept_names_no_person_and_no_card(shop: FakeShop, stripe: FakeStripe) -> None:
    told = everything(shop, stripe)
    for event in told:
        tell(stripe, event)
    kept = json.dumps(list(FeeEvent.objects.values()), default=str)
    assert "ada@example.com" not in kept and "4242" not in kept


def test_a_sweep_that_failed_is_made_up_for(shop: FakeShop, stripe: FakeStripe) -> None:
    events.sweep(now=NOW)
    told = everything(shop, stripe)
    stripe.faults = [500]
    assert events.sweep(now=later(days=5)) == 0
    assert events.sweep(now=later(days=20)) == len(told) + 1
    assert events.sweep(now=later(days=20, hours=7)) == 0
