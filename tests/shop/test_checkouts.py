"""Carts as the demo storefront uses them."""

from __future__ import annotations

import base64
import uuid

import pytest

from .client import CHANNEL, Api

SHOWN = """checkout { id token quantity channel { slug } totalPrice { gross { amount currency } }
  lines { id quantity variant { id } totalPrice { gross { amount } } } }
  errors { field message code variants }"""
CREATE = f"mutation($input: CheckoutCreateInput!) {{ checkoutCreate(input: $input) {{ {SHOWN} }} }}"
ADD = f"""mutation($id: ID, $lines: [CheckoutLineInput!]!) {{
  checkoutLinesAdd(id: $id, lines: $lines) {{ {SHOWN} }} }}"""
UPDATE = f"""mutation($id: ID, $lines: [CheckoutLineUpdateInput!]!) {{
  checkoutLinesUpdate(id: $id, lines: $lines) {{ {SHOWN} }} }}"""
READ = """query($id: ID) { checkout(id: $id) { id quantity user { id } email
  totalPrice { gross { amount currency } } } }"""
NO_VARIANT = base64.b64encode(b"ProductVariant:2000000000").decode()
NO_CHECKOUT = base64.b64encode(f"Checkout:{uuid.UUID(int=404)}".encode()).decode()


def create(api: Api, *lines: tuple[str, int], token: str | None = None, **more):
    wanted = [{"variantId": variant, "quantity": quantity} for variant, quantity in lines]
    return api.only(CREATE, token, input={"channel": CHANNEL, "lines": wanted, **more})


@pytest.fixture
def side(api: Api) -> str:
    return api.variant("side-table")


@pytest.fixture
def tray(api: Api) -> str:
    return api.variant("tray-table")


def refusal(answer) -> tuple[str | None, str, str]:
    assert answer["checkout"] is None
    (error,) = answer["errors"]
    return error["field"], error["code"], error["message"]


def test_a_cart_grows_and_shrinks(api: Api, side, tray):
    answer = create(api, (side, 1), (tray, 2))
    assert answer["errors"] == []
    made = answer["checkout"]
    assert base64.b64decode(made["id"]).decode() == f"Checkout:{made['token']}"
    assert uuid.UUID(made["token"]).version == 4
    assert (made["quantity"], made["channel"]) == (3, {"slug": CHANNEL})
    assert made["totalPrice"] == {"gross": {"amount": 300.02, "currency": "USD"}}
    assert [(line["variant"]["id"], line["quantity"]) for line in made["lines"]] == [(side, 1), (tray, 2)]
    assert [line["totalPrice"]["gross"]["amount"] for line in made["lines"]] == [100.0, 200.02]

    more = api.only(ADD, id=made["id"], lines=[{"variantId": side, "quantity": 2}])
    assert (more["errors"], more["checkout"]["quantity"]) == ([], 5)
    lines = {line["variant"]["id"]: line["id"] for line in more["checkout"]["lines"]}
    less = api.only(
        UPDATE,
        id=made["id"],
        lines=[{"lineId": lines[side], "quantity": 1}, {"variantId": tray, "quantity": 0}],
    )
    assert less["errors"] == []
    assert [(line["variant"]["id"], line["quantity"]) for line in less["checkout"]["lines"]] == [(side, 1)]
    assert api.only(READ, id=made["id"]) == {
        "id": made["id"],
        "quantity": 1,
        "user": None,
        "email": None,
        "totalPrice": {"gross": {"amount": 100.0, "currency": "USD"}},
    }


def test_a_customers_cart_tells_others_nothing_of_the_customer(api: Api, side):
    own = api.token("shopper")
    made = create(api, (side, 1), token=own)["checkout"]
    query = "query($id: ID) { checkout(id: $id) { quantity user { email } } }"
    assert api.only(query, own, id=made["id"]) == {"quantity": 1, "user": {"email": "shopper@example.com"}}
    for other in (None, api.token("rep")):
        answer = api.ask(query, other, id=made["id"]).json
        assert answer["data"] == {"checkout": {"quantity": 1, "user": None}}
        (error,) = answer["errors"]
        assert error["extensions"]["exception"]["code"] == "PermissionDenied"
        assert error["path"] == ["checkout", "user"]


@pytest.mark.parametrize(
    ("variant", "message"),
    [
        (NO_VARIANT, f"Could not resolve to a node with the global id list of '['{NO_VARIANT}']'."),
        ("nonsense", "Could not resolve to a node with the global id list of '['nonsense']'."),
        (NO_CHECKOUT, f"Must receive ProductVariant id: {NO_CHECKOUT}."),
    ],
)
def test_an_unknown_variant(api: Api, side, variant, message):
    assert refusal(create(api, (variant, 1))) == ("variantId", "GRAPHQL_ERROR", message)
    made = create(api, (side, 1))["checkout"]
    refused = api.only(ADD, id=made["id"], lines=[{"variantId": variant, "quantity": 1}])
    assert refusal(refused) == ("variantId", "GRAPHQL_ERROR", message)
    assert api.only(READ, id=made["id"])["quantity"] == 1


@pytest.mark.parametrize("quantity", [0, -1])
def test_a_quantity_below_one(api: Api, side, quantity):
    field, code, message = refusal(create(api, (side, quantity)))
    assert (field, code) == ("quantity", "ZERO_QUANTITY")
    assert message == "The quantity should be higher than zero."
    made = create(api, (side, 1))["checkout"]
    refused = api.only(ADD, id=made["id"], lines=[{"variantId": side, "quantity": quantity}])
    assert refusal(refused)[:2] == ("quantity", "ZERO_QUANTITY")
    assert api.only(READ, id=made["id"])["quantity"] == 1


def test_a_quantity_above_the_limit(api: Api, side):
    field, code, message = refusal(create(api, (side, 51)))
    assert (field, code) == ("quantity", "QUANTITY_GREATER_THAN_LIMIT")
    assert message == "Cannot add more than 50 times this item: Round."


@pytest.mark.parametrize(
    ("channel", "error"),
    [("no-such-channel", ("channel", "NOT_FOUND", "Channel with 'no-such-channel' slug does not exist."))],
)
def test_an_unknown_channel(api: Api, side, channel, error):
    line = {"variantId": side, "quantity": 1}
    assert refusal(api.only(CREATE, input={"channel": channel, "lines": [line]})) == error


@pytest.mark.parametrize(
    ("shown", "field", "code", "message"),
    [
        (NO_CHECKOUT, "id", "NOT_FOUND", f"Couldn't resolve to a node: {NO_CHECKOUT}"),
        ("nonsense", "id", "GRAPHQL_ERROR", "Invalid ID: nonsense. Expected: Checkout."),
        (
            None,
            None,
            "GRAPHQL_ERROR",
            "At least one of arguments is required: 'checkout_id', 'token', 'id'.",
        ),
    ],
)
def test_a_cart_that_is_none(api: Api, side, shown, field, code, message):
    line = {"variantId": side, "quantity": 1}
    for document in (ADD, UPDATE):
        assert refusal(api.only(document, id=shown, lines=[line])) == (field, code, message)


def test_reading_a_cart_that_is_none(api: Api):
    assert api.only(READ, id=NO_CHECKOUT) is None
    answer = api.ask(READ, id="nonsense")
    assert answer.refusal == ("GraphQLError", "Invalid ID: nonsense. Expected: Checkout.")
    answer = api.ask(READ, id=NO_VARIANT)
    assert answer.refusal == (
        "GraphQLError",
        f"Invalid ID: {NO_VARIANT}. Expected: Checkout, received: ProductVariant.",
    )
    answer = api.ask("{ checkout { id } }")
    assert answer.refusal == ("GraphQLError", "At least one of arguments is required: 'id', 'token'.")


def test_updating_a_line_that_is_none(api: Api, side):
    made = create(api, (side, 1))["checkout"]
    unknown = base64.b64encode(f"CheckoutLine:{uuid.UUID(int=404)}".encode()).decode()
    refused = api.only(UPDATE, id=made["id"], lines=[{"lineId": unknown, "quantity": 1}])
    assert refusal(refused) == (
        "lineId",
        "GRAPHQL_ERROR",
        f"Could not resolve to a node with the global id list of '['{unknown}']'.",
    )
    refused = api.only(UPDATE, id=made["id"], lines=[{"quantity": 1}])
    assert refusal(refused)[:2] == (None, "GRAPHQL_ERROR")
