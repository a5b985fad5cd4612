"""Refund pressed at an order in Saleor's Dashboard: Saleor asks, Stripe gives back, and the books say so once."""

import json
import urllib.error
import urllib.request

import pytest

from .test_fees import FEES, ORDER, RENEW, charging, tell  # noqa: F401
from .test_members import MAIL, Buyer, plan, work  # noqa: F401

REASONS = (
    """{ refundSettings { reasonReferenceType { id } } pages(first: 100) { edges { node { id pageType { id } } } } }"""
)
REFUND = """mutation($id: ID!, $amount: PositiveDecimal, $reason: ID) {
  transactionRequestAction(id: $id, actionType: REFUND, amount: $amount, refundReasonReference: $reason) {
    transaction { id } errors { field code message } } }"""
TRANSACTION = """query($id: ID!) { order(id: $id) { totalCharged { amount } transactions { id actions createdBy {
  ... on App { name } } chargedAmount { amount } refundedAmount { amount } refundPendingAmount { amount }
  events { type pspReference message amount { amount } } } } }"""
# What Saleor's worker does with the delivery that the mutation made. The address is where this test's Saleor listens.
DELIVER = """
from saleor.core.models import EventDelivery
from saleor.payment.models import TransactionEvent
from saleor.webhook.models import Webhook
from saleor.webhook.transport import signature_for_payload
from saleor.webhook.transport.synchronous.transport import handle_transaction_request_task
Webhook.objects.filter(app__identifier="saleor.livesales.payments").update(target_url=URL)
delivery = EventDelivery.objects.filter(event_type="transaction_refund_requested").latest("pk")
asked = TransactionEvent.objects.filter(type="refund_request").latest("pk")
body = delivery.payload.get_payload()
handle_transaction_request_task.apply(args=[delivery.pk, asked.pk])
left = EventDelivery.objects.filter(pk=delivery.pk).first()  # removed where it went well
answer([left and left.attempts.latest("pk").response, body, signature_for_payload(body.encode(), None)])
"""


@pytest.fixture
def charged(host, web, admin, plan, stripe, charging):  # noqa: F811
    """A member whose renewal was charged: (buyer, the order's id, the charge's reference)."""
    buyer = Buyer(host, web, admin, plan["variant"])
    buyer.buy()
    assert work(host, web) == []
    web.data('mutation { livePaymentMethodLink(returnUrl: "https://store.test/") { url } }', token=buyer.token)
    stripe.leave_card(list(stripe.tables["checkout/sessions"])[-1])
    tell(web, stripe, stripe.reports()[-1])
    host.run(FEES, env={**web.env, **MAIL})
    code = f"MEMBER = {buyer.membership()['id']!r}\n" + RENEW
    state, _, order, _ = host.run(code, env={**web.env, **MAIL})
    assert state == "paid"
    yield buyer, order, stripe.charged[-1]
    stripe.refunds_are = "succeeded"


def address(web):
    return f"http://127.0.0.1:{web.port}/plugins/saleor.livesales/webhooks/saleor/refunds/"


def deliver(host, web):
    """What was wrong, or None; and what Saleor said, with its signature."""
    code = f"URL = {address(web)!r}\n" + DELIVER
    return host.run(code, env={**web.env, **MAIL, "HTTP_IP_FILTER_ALLOW_LOOPBACK_IPS": "True"})


def say(web, body, signature):
    request = urllib.request.Request(
        address(web), data=body.encode(), headers={"Saleor-Signature": signature.encode().decode("latin-1")}
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, None


def ask(web, admin, order, amount):
    [shown] = web.data(TRANSACTION, {"id": order}, admin)["order"]["transactions"]
    found = web.data(REASONS, token=admin)
    wanted = found["refundSettings"]["reasonReferenceType"]
    reasons = [edge["node"]["id"] for edge in found["pages"]["edges"] if edge["node"]["pageType"] == wanted]
    given = {"id": shown["id"], "amount": amount, "reason": reasons[0] if wanted else None}
    asked = web.data(REFUND, given, admin)["transactionRequestAction"]
    assert asked["errors"] == []


def books(web, admin, order):
    [shown] = web.data(TRANSACTION, {"id": order}, admin)["order"]["transactions"]
    amounts = [shown[name]["amount"] for name in ("chargedAmount", "refundedAmount", "refundPendingAmount")]
    told = [(event["type"], event["pspReference"]) for event in shown["events"]]
    return amounts, shown["actions"], sorted(told, key=str)


def given_back(stripe, charge):
    return [row for row in stripe.tables["refunds"].values() if row["payment_intent"] == charge]


def give_back(host, web, admin, order, amount):
    """Asked in the Dashboard, delivered by Saleor's worker, worked off by ours. What Saleor had said."""
    ask(web, admin, order, amount)
    wrong, body, signature = deliver(host, web)
    assert wrong is None
    host.run(FEES, env={**web.env, **MAIL})
    return body, signature


def test_a_part_and_then_the_rest(host, web, admin, rows, stripe, charged):
    buyer, order, charge = charged
    assert books(web, admin, order) == ([30.0, 0.0, 0.0], ["REFUND"], [("CHARGE_SUCCESS", "")])
    before = buyer.membership()

    ask(web, admin, order, 10)
    wrong, body, signature = deliver(host, web)
    assert (wrong, given_back(stripe, charge)) == (None, [])
    assert books(web, admin, order)[0] == [20.0, 0.0, 10.0]  # on its way
    host.run(FEES, env={**web.env, **MAIL})
    [refund] = given_back(stripe, charge)
    reference = refund["metadata"]["livesales_refund"]
    entered = [("CHARGE_SUCCESS", ""), ("REFUND_REQUEST", reference), ("REFUND_SUCCESS", reference)]
    assert (refund["amount"], books(web, admin, order)) == (1000, ([20.0, 10.0, 0.0], ["REFUND"], entered))

    # Asked again, and told by Stripe as well: still once.
    assert [say(web, body, signature)[1]["pspReference"] for _ in range(2)] == [reference] * 2
    for _ in range(2):
        assert tell(web, stripe, stripe.reports()[-1]) == 200
        host.run(FEES, env={**web.env, **MAIL})
    assert len(given_back(stripe, charge)) == 1
    assert books(web, admin, order) == ([20.0, 10.0, 0.0], ["REFUND"], entered)
    assert work(host, web) == []
    assert buyer.membership() == before  # a part of a fee takes nothing back

    # Whoever changes what Saleor said, or makes it up, is refused; and so is what Saleor sends when it tries again.
    other = body.replace("10.0", "20.0")
    for changed, signed in ((other, signature), (body, ""), (body, "nonsense"), (body, "é"), ("", signature)):
        assert say(web, changed, signed) == (400, None)
    assert other != body

    give_back(host, web, admin, order, None)  # all that is left
    assert [row["amount"] for row in given_back(stripe, charge)] == [1000, 2000]
    assert books(web, admin, order)[:2] == ([0.0, 30.0, 0.0], [])
    assert work(host, web) == []
    assert buyer.membership()["paidUntil"] < before["paidUntil"]


def test_the_bank_is_silent_and_then_refuses(host, web, admin, stripe, charged):
    _, order, charge = charged
    stripe.refunds_are = "pending"
    give_back(host, web, admin, order, 30)
    [refund] = given_back(stripe, charge)
    amounts, actions, _ = books(web, admin, order)
    assert (amounts, actions) == ([0.0, 0.0, 30.0], [])

    refund["status"] = "failed"
    tell(web, stripe, stripe.tell("refund.failed", refund))
    for _ in range(2):
        host.run(FEES, env={**web.env, **MAIL})
    amounts, actions, told = books(web, admin, order)
    assert (amounts, actions) == ([30.0, 0.0, 0.0], ["REFUND"])
    assert [kind for kind, _ in told] == ["CHARGE_SUCCESS", "REFUND_FAILURE", "REFUND_REQUEST"]


def test_what_stripe_gave_back_already_is_refused_with_its_reason(host, web, admin, stripe, charged):
    _, order, charge = charged
    ask(web, admin, order, 30)
    stripe.refund(charge)
    assert deliver(host, web)[0] is None
    host.run(FEES, env={**web.env, **MAIL})
    [shown] = web.data(TRANSACTION, {"id": order}, admin)["order"]["transactions"]
    [failed] = [event for event in shown["events"] if event["type"] == "REFUND_FAILURE"]
    assert failed["message"] == "Stripe: charge_already_refunded"
    tell(web, stripe, stripe.reports()[-1])
    host.run(FEES, env={**web.env, **MAIL})
    assert books(web, admin, order)[0] == [0.0, 30.0, 0.0]


def test_the_app_of_payments_has_no_frame_and_is_there_only_where_cards_are_charged(web, admin, rows, charging):  # noqa: F811
    question = """SELECT a.name, a.app_url, array_agg(p.codename) FROM app_app a
      LEFT JOIN app_app_permissions ap ON ap.app_id = a.id LEFT JOIN permission_permission p ON p.id = ap.permission_id
      WHERE a.identifier = 'saleor.livesales.payments' GROUP BY a.id"""
    assert rows.execute(question).fetchall() == [("Live sales payments", None, ["handle_payments"])]
    [(codes,)] = rows.execute(
        """SELECT array_agg(p.codename ORDER BY p.codename) FROM app_app a
        JOIN app_app_permissions ap ON ap.app_id = a.id JOIN permission_permission p ON p.id = ap.permission_id
        WHERE a.identifier = 'saleor.livesales'"""
    )
    assert codes == ["handle_live_sales", "manage_live_sales"]


def test_without_a_key_there_is_none(web, rows):
    assert rows.execute("SELECT count(*) FROM app_app WHERE identifier LIKE 'saleor.livesales.%'").fetchone() == (0,)
