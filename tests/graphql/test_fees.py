"""Payment methods through the API: left and removed by their owner, seen by it and by the store's owner alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_livesales import conf
from saleor_livesales.fees import charging, methods
from saleor_livesales.fees.models import SavedMethod
from saleor_livesales.ids import to_global_id
from saleor_livesales.members import orders
from saleor_livesales.members.models import Membership, Renewal
from tests.collectors import stripe_server
from tests.fees.build import an_order, leave_card
from tests.members import build

from .conftest import CUSTOMER, NOBODY, ONLY_MANAGER, PRODUCT, REP, SHOPPER, VARIANT, now

LINK = """mutation($to: String!, $back: String) { livePaymentMethodLink(returnUrl: $to, cancelUrl: $back) {
  url errors { field code } } }"""
MINE = "{ livePaymentMethod { id kind brand lastDigits expiresOn savedAt } }"
REMOVE = "mutation($id: ID!) { livePaymentMethodRemove(id: $id) { paymentMethod { id } errors { field code } } }"
FEES = """paymentMethod { lastDigits } fees { state reason number orderId orderNumber amount { amount currency }
  method { brand } settledAt }"""
OWN = f"{{ liveMembership {{ {FEES} }} }}"
ALL = f"{{ liveMemberships(first: 50) {{ edges {{ node {{ {FEES} }} }} }} }}"
TO = "https://shop.example.com/account"


@pytest.fixture
def stripe(monkeypatch, shop) -> Iterator[stripe_server.FakeStripe]:
    with stripe_server.running() as fake:
        settings = dataclasses.replace(conf.load(), stripe_api=fake.url, stripe_key=stripe_server.KEY)
        monkeypatch.setattr(conf, "load", lambda: settings)
        yield fake


def a_member(shop, stripe, number: int = 1, user_id: str = CUSTOMER, bank: str = "insufficient_funds") -> Membership:
    shop.add_customer(user_id)
    plan = build.a_plan(product_id=PRODUCT, variant_id=f"{VARIANT}{number}")
    shop.put_order(build.an_order(number, build.a_line(number, variant=plan.variant_id), user_id=user_id))
    orders.follow(order_id=f"order-{number}", now=now())
    member = Membership.objects.get(user_id=user_id)
    renewal = Renewal.objects.create(membership=member, term=1, number=2, due_on=member.paid_until, created_at=now())
    leave_card(stripe, user_id=user_id, bank=bank, now=now())
    order = an_order(shop, 100 + number, user_id=user_id)
    charging.collect(user_id=user_id, order=order, reference=str(renewal.pk), number=1, now=now())
    return member


def test_a_member_leaves_a_card_and_takes_it_away(ask, shop, stripe):
    assert ask(MINE, SHOPPER).data is None
    made = ask(LINK, SHOPPER, to=TO)
    assert made.codes == [] and made.data["url"].startswith("https://checkout.stripe.com/")
    row = SavedMethod.objects.get()
    stripe.leave_card(row.link_ref, last4="1881", exp_month=1, exp_year=2031)
    methods.told(provider=charging.collector(), link_ref=row.link_ref, method_ref="", now=now())
    mine = ask(MINE, SHOPPER).data
    assert (mine["kind"], mine["brand"], mine["lastDigits"], mine["expiresOn"]) == (
        "card",
        "visa",
        "1881",
        "2031-02-01",
    )
    for _ in range(2):
        removed = ask(REMOVE, SHOPPER, id=mine["id"])
        assert (removed.codes, removed.data["paymentMethod"]) == ([], {"id": mine["id"]})
    assert ask(MINE, SHOPPER).data is None


def test_what_is_wrong_is_told(ask, shop, stripe):
    assert ask(LINK, NOBODY, to=TO).errors
    assert ask(LINK, SHOPPER, to="javascript:alert(1)").codes == [("returnUrl", "INVALID")]
    assert ask(LINK, SHOPPER, to=TO, back="x").codes == [("cancelUrl", "INVALID")]
    stripe.faults = [500]
    assert ask(LINK, SHOPPER, to=TO).codes == [(None, "PAYMENT_PROVIDER")]
    shop.is_active = False
    assert ask(LINK, SHOPPER, to=TO).codes == [(None, "INACTIVE")]


def test_a_store_that_charges_no_cards_says_so(ask, shop):
    assert ask("{ livePaymentMethodsCharged }", NOBODY).data is False
    assert ask(LINK, SHOPPER, to=TO).codes == [(None, "NO_FEE_COLLECTOR")]


def test_only_its_owner_and_the_stores_owner_remove_it(ask, shop, stripe):
    card = leave_card(stripe, user_id="VXNlcjo5OQ==" if shop.add_customer("VXNlcjo5OQ==") else "", now=now())
    key = to_global_id("LivePaymentMethod", card.pk)
    assert ask(REMOVE, SHOPPER, id=key).codes == [("id", "NOT_FOUND")]
    assert ask(REMOVE, REP, id=key).codes == [("id", "NOT_FOUND")]
    assert ask(REMOVE, NOBODY, id=key).errors
    assert ask(REMOVE, ONLY_MANAGER, id=key).codes == []


def test_the_tries_are_shown_to_the_member_and_the_owner(ask, shop, stripe):
    a_member(shop, stripe)
    expected = {
        "state": "REFUSED", "reason": "insufficient_funds", "number": 1, "orderId": "order-101", "orderNumber": "1101",
        "amount": {"amount": 30.0, "currency": "USD"}, "method": {"brand": "visa"},
    }  # fmt: skip
    own = ask(OWN, SHOPPER).data
    assert own["fees"][0].pop("settledAt")
    assert own == {"paymentMethod": {"lastDigits": "4242"}, "fees": [expected]}
    [node] = ask(ALL, ONLY_MANAGER).nodes
    node["fees"][0].pop("settledAt")
    assert node == own
    assert ask(ALL, REP).errors


def test_a_list_of_members_costs_the_same_however_many_they_are(ask, shop, stripe):
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert not ask(ALL, ONLY_MANAGER).errors
        return len(queries)

    a_member(shop, stripe)
    one = cost()
    for number in range(2, 6):
        a_member(shop, stripe, number, user_id=f"VXNlcjo{number}")
    assert cost() == one
