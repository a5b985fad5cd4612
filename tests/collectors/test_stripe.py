"""What is asked of Stripe, and how its answers are read."""

from __future__ import annotations

import datetime
import json
import logging
import socket
import threading
from decimal import Decimal

import pytest

from saleor_livesales import collectors
from saleor_livesales.collectors import Back, Event, Keys, Outcome, Wanted, http
from saleor_livesales.collectors.stripe import KINDS, Stripe, in_smallest
from tests.published import contract

from . import parameters
from .stripe_server import KEY, SAMPLES, SECRET, FakeStripe


def right_now() -> datetime.datetime:
    """Read in each test: a long run begins much earlier."""
    return datetime.datetime.now(datetime.UTC)


@pytest.fixture
def client(stripe: FakeStripe) -> Stripe:
    return Stripe(Keys(secret=KEY, webhook_secrets=(SECRET,)), api=stripe.url)


def wanted(stripe: FakeStripe, bank: str = "paid", **values: object) -> Wanted:
    method = stripe.card("cus_1", bank)
    given = {
        "customer": "cus_1", "method": method["id"], "method_kind": "card", "amount": Decimal("30.000"),
        "currency": "USD", "description": "Order 1042", "metadata": {"livesales_fee": "1"}, **values,
    }  # fmt: skip
    return Wanted(**given)  # type: ignore[arg-type]


def a_link(client: Stripe, customer: str) -> collectors.Link:
    return client.link(
        customer=customer, return_url="https://shop.example.com/back", cancel_url="https://shop.example.com/",
        language="ar", key="link-1", metadata={"livesales_method": "1"},
    )  # fmt: skip


def test_a_method_is_left_on_the_providers_page(stripe: FakeStripe, client: Stripe) -> None:
    customer = client.customer(email="ada@example.com", name="Ada", key="customer-1", metadata={"saleor_user": "VX"})
    link = a_link(client, customer)
    assert link.url.startswith("https://checkout.stripe.com/") and link.expires_at > right_now()
    _, _, asked = stripe.said[-1]
    assert (asked["mode"], asked["customer"], asked["locale"]) == ("setup", customer, "auto")
    assert client.left(link.reference) is None
    stripe.leave_card(link.reference, exp_month=12, exp_year=2031, last4="1881", brand="visa", display_brand="visa")
    method = client.left(link.reference)
    assert method is not None
    assert (method.customer, method.kind, method.brand, method.last_digits, method.expires) == (
        customer, "card", "visa", "1881", datetime.date(2032, 1, 1),
    )  # fmt: skip
    assert client.method(method.reference) == method
    client.forget(method.reference)
    client.forget(method.reference)
    stripe.forget_keys()
    client.forget(method.reference)
    client.forget("pm_never")
    assert client.method(method.reference) is None


def test_a_page_that_is_over_is_refused(stripe: FakeStripe, client: Stripe) -> None:
    link = a_link(client, "cus_1")
    stripe.tables["checkout/sessions"][link.reference]["status"] = "expired"
    with pytest.raises(collectors.Refused):
        client.left(link.reference)


def test_a_charge_is_made_and_then_confirmed_once(stripe: FakeStripe, client: Stripe) -> None:
    order = wanted(stripe)
    charge = client.make(order, key="fee-1")
    assert client.make(order, key="fee-1") == charge
    assert (stripe.charged, client.look(charge)) == ([], Outcome(state="open"))
    _, _, asked = next(each for each in stripe.said if each[1] == "/v1/payment_intents")
    assert (asked["amount"], asked["currency"]) == ("3000", "usd")
    for _ in range(3):
        assert client.confirm(charge, method=order.method) == Outcome(state="paid")
    stripe.forget_keys()
    assert client.confirm(charge, method=order.method) == Outcome(state="paid")
    assert (stripe.charged, client.look(charge)) == ([charge], Outcome(state="paid"))
    assert client.cancel(charge) == Outcome(state="paid")


@pytest.mark.parametrize(
    ("bank", "reason"),
    [("insufficient_funds", "insufficient_funds"), ("lost_card", "lost_card"), ("auth", "authentication_required")],
)
def test_the_banks_reason_is_kept(stripe: FakeStripe, client: Stripe, bank: str, reason: str) -> None:
    order = wanted(stripe, bank)
    charge = client.make(order, key="fee-1")
    assert client.confirm(charge, method=order.method) == Outcome(state="refused", reason=reason)
    assert client.look(charge) == Outcome(state="refused", reason=reason)
    assert stripe.charged == []


def test_a_silent_bank_is_pending(stripe: FakeStripe, client: Stripe) -> None:
    order = wanted(stripe, "pending")
    charge = client.make(order, key="fee-1")
    assert client.confirm(charge, method=order.method) == Outcome(state="pending")
    stripe.settle(charge)
    assert client.look(charge) == Outcome(state="paid")


def test_a_method_that_is_gone_is_refused(stripe: FakeStripe, client: Stripe) -> None:
    with pytest.raises(collectors.Refused, match="resource_missing"):
        client.make(wanted(stripe, method="pm_gone"), key="fee-1")


def test_a_charge_that_is_given_up(stripe: FakeStripe, client: Stripe) -> None:
    charge = client.make(wanted(stripe), key="fee-1")
    assert client.cancel(charge) == Outcome(state="cancelled")
    stripe.forget_keys()
    assert client.cancel(charge) == Outcome(state="cancelled")
    assert client.look(charge) == Outcome(state="cancelled")


def test_money_that_went_back(stripe: FakeStripe, client: Stripe) -> None:
    order = wanted(stripe)
    charge = client.make(order, key="fee-1")
    client.confirm(charge, method=order.method)
    parts = [stripe.refund(charge, 100) for _ in range(4)]
    failed, _ = stripe.refund(charge, 100, "failed"), stripe.refund(charge, 100, "pending")
    dispute, _ = stripe.dispute(charge, "won"), stripe.dispute(charge, "warning_needs_response")
    assert sorted(client.backs(charge), key=lambda back: (back.kind, back.reference)) == [
        Back(kind="chargeback", reference=dispute["id"], amount=Decimal("30.00")),
        *[Back(kind="refund", reference=part["id"], amount=Decimal("1.00")) for part in parts],
        Back(kind="refund_failed", reference=failed["id"], amount=Decimal("1.00")),
        Back(kind="reinstated", reference=f"{dispute['id']}-won", amount=Decimal("30.00")),
    ]


def test_a_charge_is_given_back_once(stripe: FakeStripe, client: Stripe) -> None:
    order = wanted(stripe)
    charge = client.make(order, key="fee-1")
    client.confirm(charge, method=order.method)
    client.give_back(charge, key="return-1")
    stripe.forget_keys()
    client.give_back(charge, key="return-1")
    assert [back.kind for back in client.backs(charge)] == ["refund"]


def test_parts_are_given_back_once_each_however_late_they_are_asked_again(stripe: FakeStripe, client: Stripe) -> None:
    order = wanted(stripe)
    charge = client.make(order, key="fee-1")
    client.confirm(charge, method=order.method)

    def refund(reference: str, amount: str) -> None:
        client.refund(charge, amount=Decimal(amount), currency="USD", reference=reference)

    parts = {"first": "10.000", "second": "2.50", "third": "2.50", "fourth": "2.50", "fifth": "2.50"}
    for reference, amount in parts.items():
        refund(reference, amount)
        refund(reference, amount)
    stripe.forget_keys()
    for reference, amount in parts.items():
        refund(reference, amount)
    assert {back.reference: back.amount for back in client.backs(charge)} == {
        reference: Decimal(amount) for reference, amount in parts.items()
    }
    assert all(back.asked and back.kind == "refund" for back in client.backs(charge))
    assert len(stripe.tables["refunds"]) == 5
    with pytest.raises(collectors.Refused, match="invalid_request_error"):
        refund("too-much", "10.01")
    refund("the-rest", "10.00")
    with pytest.raises(collectors.Refused, match="charge_already_refunded"):
        refund("more", "1.00")
    assert stripe.problems == []


@pytest.mark.parametrize(
    ("status", "kinds"),
    [("pending", []), ("requires_action", []), ("failed", ["refund_failed"]), ("canceled", ["refund_failed"])],
)
def test_a_refund_for_which_the_bank_waits_or_that_it_refuses(
    stripe: FakeStripe, client: Stripe, status: str, kinds: list[str]
) -> None:
    order = wanted(stripe)
    charge = client.make(order, key="fee-1")
    client.confirm(charge, method=order.method)
    stripe.refunds_are = status
    client.refund(charge, amount=Decimal("1.00"), currency="USD", reference="asked")
    assert [back.kind for back in client.backs(charge)] == kinds


@pytest.mark.parametrize("fault", ["cut", "lost", "nonsense", 500, 503, 429, 409])
def test_a_provider_that_is_away_is_asked_again(stripe: FakeStripe, client: Stripe, fault: str | int) -> None:
    order = wanted(stripe)
    stripe.faults.append(fault)
    with pytest.raises(collectors.Unreachable):
        client.make(order, key="fee-1")
    charge = client.make(order, key="fee-1")
    assert list(stripe.tables["payment_intents"]) == [charge]
    stripe.faults.append(fault)
    with pytest.raises(collectors.Unreachable):
        client.confirm(charge, method=order.method)
    assert client.confirm(charge, method=order.method) == Outcome(state="paid")
    assert stripe.charged == [charge]


def test_a_provider_that_does_not_answer_is_given_up(
    stripe: FakeStripe, client: Stripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "TIMEOUTS", (0.2, 0.2))
    stripe.slow, stripe.faults = 1.0, ["slow"]
    with pytest.raises(collectors.Unreachable):
        client.look("pi_1")
    with socket.socket() as taken:  # listens, and never accepts
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        with pytest.raises(collectors.Unreachable):
            Stripe(Keys(secret=KEY), api=f"http://127.0.0.1:{taken.getsockname()[1]}").look("pi_1")


def test_an_endless_answer_is_not_read(stripe: FakeStripe, client: Stripe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "BODY_LIMIT", 100)
    with pytest.raises(collectors.Unreachable, match="too long"):
        client.make(wanted(stripe), key="fee-1")


def test_a_redirect_is_not_followed() -> None:
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            for _ in range(1):
                connection, _ = server.accept()
                heard.append(connection.recv(65536))
                connection.sendall(
                    b"HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 2\r\n\r\n{}"
                )
                connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        client = Stripe(Keys(secret=KEY), api=f"http://127.0.0.1:{server.getsockname()[1]}")
        with pytest.raises(collectors.CollectorError, match="307"):
            client.look("pi_1")
        thread.join()
    assert len(heard) == 1


def test_a_wrong_key_is_told_and_not_quoted(stripe: FakeStripe, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    keys = Keys(secret="sk_test_secret_of_the_store", webhook_secrets=("whsec_secret",))
    client = Stripe(keys, api=stripe.url)
    with pytest.raises(collectors.KeyRefused) as raised:
        client.look("pi_1")
    told = f"{raised.value!r} {raised.value.__cause__!r} {raised.value.__context__!r} {keys!r} {caplog.text}"
    assert "secret_of_the_store" not in told and "whsec_secret" not in told


def test_a_report_is_read(stripe: FakeStripe, client: Stripe) -> None:
    order = wanted(stripe)
    charge = client.make(order, key="fee-1")
    client.confirm(charge, method=order.method)
    refund = stripe.refund(charge, 100)
    link = a_link(client, "cus_1")
    method = stripe.leave_card(link.reference)
    client.forget(method["id"])
    read = []
    for event in stripe.reports():
        body, signature = stripe.signed(event)
        read.append(client.read_event(body=body, headers={"Stripe-Signature": signature}, now=right_now()))
    ids = [event["id"] for event in stripe.reports()]
    assert refund["payment_intent"] == charge
    assert read == [
        Event(id=ids[0], kind="charge", charge=charge),
        Event(id=ids[1], kind="back", charge=charge),
        Event(id=ids[2], kind="method", link=link.reference),
        Event(id=ids[3], kind="method", method=method["id"]),
    ]
    assert sorted(client.events_since(right_now() - datetime.timedelta(minutes=1)), key=lambda event: event.id) == read
    assert parameters.problems("GET", "events", {"types": {str(place): kind for place, kind in enumerate(KINDS)}}) == []


def test_a_report_of_somebody_else_is_refused(stripe: FakeStripe, client: Stripe) -> None:
    event = stripe.tell("payment_intent.succeeded", {"object": "payment_intent", "id": "pi_1"})
    body, good = stripe.signed(event)
    stamp = good.partition(",")[0]
    wrong = [
        "", "t=,v1=", good.replace("v1=", "v1=0"), stamp, f"{stamp},v1=", f"{stamp},v1=é", "t=x,v1=y", good[2:],
        stripe.signed(event, secret="whsec_other")[1], stripe.signed(event, at=right_now().timestamp() - 301)[1],
        stripe.signed(event, at=right_now().timestamp() + 400)[1], good.replace(stamp, f"t={10**30}"),
    ]  # fmt: skip
    for signature in wrong:
        with pytest.raises(collectors.BadSignature):
            client.read_event(body=body, headers={"Stripe-Signature": signature}, now=right_now())
    with pytest.raises(collectors.BadSignature):
        client.read_event(body=body + b" ", headers={"Stripe-Signature": good}, now=right_now())
    with pytest.raises(collectors.BadSignature):  # no secret is set: nobody is believed
        Stripe(Keys(secret=KEY)).read_event(body=body, headers={"Stripe-Signature": good}, now=right_now())
    two = Stripe(Keys(secret=KEY, webhook_secrets=("whsec_new", SECRET)))
    assert two.read_event(body=body, headers={"Stripe-Signature": good}, now=right_now()).charge == "pi_1"


@pytest.mark.parametrize("body", ["[]", "{}", '{"id": 1}', '{"id": "e", "type": "t", "data": []}', "x", "null"])
def test_a_signed_report_that_is_none_is_not_understood(stripe: FakeStripe, client: Stripe, body: str) -> None:
    import hashlib
    import hmac

    stamp = int(right_now().timestamp())
    digest = hmac.new(SECRET.encode(), f"{stamp}.{body}".encode(), hashlib.sha256).hexdigest()
    with pytest.raises(ValueError):
        client.read_event(body=body.encode(), headers={"Stripe-Signature": f"t={stamp},v1={digest}"}, now=right_now())


@pytest.mark.parametrize(
    ("amount", "currency", "counted"),
    [("30.00", "USD", 3000), ("30", "JPY", 30), ("1.230", "KWD", 1230), ("0.01", "EUR", 1), ("500", "ISK", 50000)],
)
def test_amounts_are_counted_in_the_smallest_unit(amount: str, currency: str, counted: int) -> None:
    assert in_smallest(Decimal(amount), currency) == counted


@pytest.mark.parametrize(("amount", "currency"), [("30.5", "JPY"), ("0.001", "USD")])
def test_an_amount_without_coins_is_refused(amount: str, currency: str) -> None:
    with pytest.raises(collectors.Refused):
        in_smallest(Decimal(amount), currency)


def test_the_servers_objects_are_the_published_ones() -> None:
    published = json.loads(contract("stripe-fixtures3.json"))["resources"]
    assert {name: published.get(name) for name in SAMPLES} == SAMPLES
    assert len(SAMPLES) == 8


def test_the_test_server_refuses_what_stripe_would() -> None:
    assert parameters.problems("POST", "payment_intents", {"amount": "1.5", "curency": "usd"}) == [
        "curency: unknown", "amount: not a whole number", "currency: missing",
    ]  # fmt: skip
