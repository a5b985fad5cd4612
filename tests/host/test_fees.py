"""Fees on a real Saleor: the owner's key, the member's card, the order's transaction, and what Stripe tells."""

import json
import urllib.error
import urllib.request

import pytest

from tests.collectors.stripe_server import KEY, SECRET

from .test_members import MAIL, Buyer, plan, work  # noqa: F401

SETTINGS = """mutation($c: [ConfigurationItemInput!]) {
  pluginUpdate(id: "saleor.livesales", input: {configuration: $c}) {
  plugin { globalConfiguration { configuration { name type value } } } errors { field message code } } }"""


def save(web, admin, key, secret=SECRET):
    given = [{"name": "Stripe secret key", "value": key}, {"name": "Stripe webhook signing secret", "value": secret}]
    return web.data(SETTINGS, {"c": given}, admin)["pluginUpdate"]


@pytest.fixture
def charging(host, web, admin, stripe):
    """The owner has written the key of the account at Stripe."""
    assert save(web, admin, KEY)["errors"] == []
    yield
    # The codes of these members are mailed nowhere: other tests count theirs.
    host.run("from saleor_livesales.members.tasks import members_codes\nmembers_codes()", env={**web.env, **MAIL})
    assert save(web, admin, "", "")["errors"] == []


def test_the_key_is_a_secret_of_the_plugins_settings(web, admin, rows):
    refused = save(web, admin, "pk_live_public")
    assert [(error["field"], error["code"]) for error in refused["errors"]] == [("Stripe secret key", "INVALID")]
    refused = save(web, admin, KEY, "secret")
    assert [error["field"] for error in refused["errors"]] == ["Stripe webhook signing secret"]
    saved = save(web, admin, KEY)
    shown = {item["name"]: item for item in saved["plugin"]["globalConfiguration"]["configuration"]}
    assert shown["Stripe secret key"]["type"] == "SECRET"
    assert KEY not in json.dumps(shown) and SECRET not in json.dumps(shown)
    # A key that was written stays when something else is saved, as the Dashboard does it.
    others = [{"name": "Dashboard addresses", "value": "http://dashboard.test"}]
    assert web.data(SETTINGS, {"c": others}, admin)["pluginUpdate"]["errors"] == []
    [(kept,)] = rows.execute(
        "SELECT configuration FROM plugins_pluginconfiguration WHERE identifier = 'saleor.livesales'"
    )
    assert {item["name"]: item["value"] for item in kept}["Stripe secret key"] == KEY
    save(web, admin, "", "")


RENEW = """
import datetime
from django.core import mail
from saleor_livesales import shop
from saleor_livesales.fees import work as fees
from saleor_livesales.members import actions, orders, renewals
from saleor_livesales.members.models import Membership, Renewal
from saleor_livesales.ids import uuid_from_global_id
mail.outbox = []
with shop.current().writer():
    member = Membership.objects.get(pk=uuid_from_global_id("LiveMembership", MEMBER))
    end = member.paid_until
    for moment in (end - datetime.timedelta(days=2), end - datetime.timedelta(minutes=30), end):
        renewals.plan_due(now=moment)
        renewals.work(now=moment)
        renewals.work(now=moment)
    renewal = Renewal.objects.filter(membership=member).latest("created_at")
    answer([renewal.state, renewal.error, renewal.order_id, [[letter.to, letter.body] for letter in mail.outbox]])
"""
FEES = """
import datetime
from saleor_livesales.members import tasks
tasks.members_fees()
"""
ORDER = """query($id: ID!) { order(id: $id) { isPaid paymentStatus chargeStatus totalCharged { amount }
  transactions { name pspReference externalUrl chargedAmount { amount } refundedAmount { amount }
    events { type pspReference amount { amount } } } } }"""


def tell(web, stripe, event, secret=SECRET):
    body, signature = stripe.signed(event, secret=secret)
    request = urllib.request.Request(
        f"http://127.0.0.1:{web.port}/plugins/saleor.livesales/webhooks/fees/stripe/", data=body,
        headers={"Stripe-Signature": signature, "Content-Type": "application/json"},
    )  # fmt: skip
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_a_card_is_left_charged_refunded_and_disputed(host, web, admin, plan, stripe, charging):  # noqa: F811
    buyer = Buyer(host, web, admin, plan["variant"])
    buyer.buy()
    assert work(host, web) == []
    member = buyer.membership()
    link = """mutation { livePaymentMethodLink(returnUrl: "https://store.test/account") {
      url errors { field code message } } }"""
    made = web.data(link, token=buyer.token)["livePaymentMethodLink"]
    assert made["errors"] == [] and made["url"].startswith("https://checkout.stripe.com/")
    page = list(stripe.tables["checkout/sessions"])[-1]
    stripe.leave_card(page, last4="1881")
    assert tell(web, stripe, stripe.reports()[-1], secret="whsec_guessed") == 400
    assert [tell(web, stripe, stripe.reports()[-1]) for _ in range(2)] == [200, 200]
    host.run(FEES, env={**web.env, **MAIL})
    mine = web.data("{ livePaymentMethod { id brand lastDigits } livePaymentMethodsCharged }", token=buyer.token)
    assert (mine["livePaymentMethod"]["lastDigits"], mine["livePaymentMethodsCharged"]) == ("1881", True)

    before = len(stripe.charged)
    code = f"MEMBER = {member['id']!r}\n" + RENEW
    state, error, order, letters = host.run(code, env={**web.env, **MAIL})
    assert (state, error, len(stripe.charged) - before) == ("paid", "", 1)
    [[_, body]] = [letter for letter in letters if letter[0] == [buyer.email]]
    assert "Visa •••• 1881" in body
    charge = stripe.charged[-1]
    shown = web.data(ORDER, {"id": order}, admin)["order"]
    [transaction] = shown["transactions"]
    assert (shown["isPaid"], shown["chargeStatus"], shown["totalCharged"]) == (True, "FULL", {"amount": 30.0})
    assert (transaction["pspReference"], transaction["externalUrl"]) == (
        charge, f"https://dashboard.stripe.com/payments/{charge}",
    )  # fmt: skip
    assert work(host, web) == []
    renewed = buyer.membership()
    assert renewed["paidUntil"] > member["paidUntil"]

    stripe.refund(charge, 1000)
    told = stripe.reports()[-1]
    assert [tell(web, stripe, told) for _ in range(2)] == [200, 200]
    for _ in range(2):
        host.run(FEES, env={**web.env, **MAIL})
    [transaction] = web.data(ORDER, {"id": order}, admin)["order"]["transactions"]
    assert (transaction["chargedAmount"], transaction["refundedAmount"]) == ({"amount": 20.0}, {"amount": 10.0})
    assert work(host, web) == []
    assert buyer.membership()["paidUntil"] == renewed["paidUntil"]

    dispute = stripe.dispute(charge)
    dispute["amount"] = 2000
    tell(web, stripe, stripe.reports()[-1])
    host.run(FEES, env={**web.env, **MAIL})
    assert work(host, web) == []
    assert buyer.membership()["paidUntil"] == member["paidUntil"]
    dispute["status"] = "won"
    tell(web, stripe, stripe.tell("charge.dispute.closed", dispute))
    host.run(FEES, env={**web.env, **MAIL})
    assert work(host, web) == []
    assert buyer.membership()["paidUntil"] == renewed["paidUntil"]
    [transaction] = web.data(ORDER, {"id": order}, admin)["order"]["transactions"]
    assert (transaction["chargedAmount"], transaction["refundedAmount"]) == ({"amount": 20.0}, {"amount": 10.0})
    assert sorted(event["type"] for event in transaction["events"] if event["pspReference"][:2] in ("re", "dp")) == [
        "CHARGE_BACK", "CHARGE_SUCCESS", "REFUND_SUCCESS",
    ]  # fmt: skip

    remove = """mutation($id: ID!) { livePaymentMethodRemove(id: $id) { paymentMethod { id } errors { code } } }"""
    own = {"id": mine["livePaymentMethod"]["id"]}
    stranger = Buyer(host, web, admin, plan["variant"])
    assert web.data(remove, own, stranger.token)["livePaymentMethodRemove"]["errors"] == [{"code": "NOT_FOUND"}]
    assert web.data(remove, own, buyer.token)["livePaymentMethodRemove"]["errors"] == []
    assert web.data("{ livePaymentMethod { id } }", token=buyer.token) == {"livePaymentMethod": None}


def test_an_order_that_was_paid_meanwhile_is_not_paid_twice(host, web, admin, plan, stripe, charging):  # noqa: F811
    """The bank answers after the member has paid by the link: the money goes back, the shop's books never have it."""
    buyer = Buyer(host, web, admin, plan["variant"])
    buyer.buy()
    assert work(host, web) == []
    member = buyer.membership()
    web.data('mutation { livePaymentMethodLink(returnUrl: "https://store.test/") { url } }', token=buyer.token)
    stripe.leave_card(list(stripe.tables["checkout/sessions"])[-1], "pending")
    tell(web, stripe, stripe.reports()[-1])
    host.run(FEES, env={**web.env, **MAIL})
    state, error, order, _ = host.run(f"MEMBER = {member['id']!r}\n" + RENEW, env={**web.env, **MAIL})
    assert (state, error) == ("ordered", "")
    buyer.charge(order, 30)
    assert work(host, web) == []
    renewed = buyer.membership()
    pending = list(stripe.tables["payment_intents"])[-1]
    stripe.settle(pending)
    tell(web, stripe, stripe.reports()[-1])
    for _ in range(2):
        host.run(FEES, env={**web.env, **MAIL})
    assert [row["amount"] for row in stripe.tables["refunds"].values() if row["payment_intent"] == pending] == [3000]
    assert work(host, web) == []
    assert buyer.membership() == renewed
    shown = web.data(ORDER, {"id": order}, admin)["order"]
    assert (shown["totalCharged"], len(shown["transactions"])) == ({"amount": 30.0}, 1)
