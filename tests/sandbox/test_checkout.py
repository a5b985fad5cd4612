"""Carts: what the shop keeps, what it refuses, and what it tells the product about them."""

from __future__ import annotations

import uuid

import pytest

from saleor_livesales import bus, wire
from saleor_livesales.ids import from_global_id, to_global_id
from sandbox.shop.models import (
    Channel,
    Checkout,
    CheckoutLine,
    ProductChannelListing,
    ProductVariant,
    ProductVariantChannelListing,
)

FIELDS = """checkout { id token quantity email channel { slug } user { email }
  subtotalPrice { gross { amount currency } } totalPrice { gross { amount } }
  lines { id quantity unitPrice { gross { amount } } totalPrice { gross { amount } } undiscountedUnitPrice { amount }
    variant { sku product { slug } } } }"""
ERRORS = "errors { field message code variants } checkoutErrors { code }"
ANSWER = f" {FIELDS} {ERRORS} }} }}"
CREATE = "mutation($input: CheckoutCreateInput!) { checkoutCreate(input: $input) { created" + ANSWER
ADD = "mutation($id: ID, $lines: [CheckoutLineInput!]!) { checkoutLinesAdd(id: $id, lines: $lines) {" + ANSWER
UPDATE = (
    "mutation($id: ID, $lines: [CheckoutLineUpdateInput!]!) { checkoutLinesUpdate(id: $id, lines: $lines) {" + ANSWER
)


def variant(sku: str) -> str:
    return to_global_id("ProductVariant", ProductVariant.objects.get(sku=sku).pk)


def create(api, *lines: tuple[str, int], channel: str | None = "default-channel", token: str | None = None, **more):
    wanted = [{"variantId": variant(sku), "quantity": quantity} for sku, quantity in lines]
    return api.data(CREATE, {"input": {"channel": channel, "lines": wanted, **more}}, token)["checkoutCreate"]


@pytest.fixture
def noticed(redis):
    """The shop's stream since the last call."""

    def read() -> list[tuple[str, str]]:
        found = [wire.decode_shop_noticed(fields[b"d"]) for _, fields in redis.xrange(bus.shop_stream())]
        redis.delete(bus.shop_stream())
        return [(event.kind, event.id) for event in found]

    return read


def refusal(answer) -> dict:
    assert answer["checkout"] is None
    (error,) = answer["errors"]
    assert answer["checkoutErrors"] == [{"code": error["code"]}]
    return error


def test_create(api, noticed) -> None:
    answer = create(api, ("SIDE-TABLE-1", 1), ("TRAY-TABLE-1", 2), email="a@example.com")
    assert (answer["errors"], answer["checkoutErrors"], answer["created"]) == ([], [], True)
    shown = answer["checkout"]
    assert from_global_id("Checkout", shown["id"]) == shown["token"] == str(Checkout.objects.get().pk)
    assert shown["quantity"] == 3
    assert (shown["email"], shown["user"], shown["channel"]) == ("a@example.com", None, {"slug": "default-channel"})
    assert shown["subtotalPrice"] == {"gross": {"amount": 300.02, "currency": "USD"}}
    assert shown["totalPrice"] == {"gross": {"amount": 300.02}}
    assert [
        (line["variant"]["sku"], line["quantity"], line["totalPrice"]["gross"]["amount"]) for line in shown["lines"]
    ] == [
        ("SIDE-TABLE-1", 1, 100.0),
        ("TRAY-TABLE-1", 2, 200.02),
    ]
    assert noticed() == [("checkout", shown["id"])]


def test_a_customers_checkout(api, token) -> None:
    own = token("shopper")
    shown = create(api, ("SIDE-TABLE-1", 1), token=own)["checkout"]
    assert (shown["user"], shown["email"]) == ({"email": "shopper@example.com"}, "shopper@example.com")
    query = "query($id: ID) { checkout(id: $id) { quantity user { email } } }"
    assert api.data(query, {"id": shown["id"]}, own) == {
        "checkout": {"quantity": 1, "user": {"email": "shopper@example.com"}}
    }
    for other in (None, token("ada"), token("rep")):
        answer = api(query, {"id": shown["id"]}, other)
        assert answer["data"] == {"checkout": {"quantity": 1, "user": None}}
        assert answer["errors"][0]["extensions"]["exception"]["code"] == "PermissionDenied"


def test_add_and_update(api, noticed) -> None:
    checkout = create(api, ("SIDE-TABLE-1", 1))["checkout"]
    noticed()
    line = {"variantId": variant("SIDE-TABLE-1"), "quantity": 2}
    more = {"variantId": variant("DESK-LAMP-1"), "quantity": 1}
    answer = api.data(ADD, {"id": checkout["id"], "lines": [line, more]})["checkoutLinesAdd"]
    assert answer["errors"] == []
    assert answer["checkout"]["quantity"] == 4
    assert noticed() == [("checkout", checkout["id"])]
    ids = {row["variant"]["sku"]: row["id"] for row in answer["checkout"]["lines"]}
    lines = [{"lineId": ids["SIDE-TABLE-1"], "quantity": 1}, {"variantId": variant("DESK-LAMP-1"), "quantity": 0}]
    answer = api.data(UPDATE, {"id": checkout["id"], "lines": lines})["checkoutLinesUpdate"]
    assert answer["errors"] == []
    assert [(row["variant"]["sku"], row["quantity"]) for row in answer["checkout"]["lines"]] == [("SIDE-TABLE-1", 1)]
    assert noticed() == [("checkout", checkout["id"])]


def test_refused_creations_leave_nothing(api, noticed) -> None:
    lamp = ProductVariant.objects.get(sku="ARC-LAMP-1")
    desk = ProductVariant.objects.get(sku="DESK-LAMP-1")
    ProductVariantChannelListing.objects.filter(variant=lamp).update(price_amount=None)
    ProductVariant.objects.filter(sku="SIDE-TABLE-1").update(quantity=3)
    ProductChannelListing.objects.filter(product=desk.product).update(is_published=False)
    ProductChannelListing.objects.filter(product__slug="wool-rug").update(available_for_purchase_at=None)
    rug = to_global_id("ProductVariant", ProductVariant.objects.get(sku="WOOL-RUG-1").pk)
    expected = [
        (("SIDE-TABLE-1", 0), "quantity", "The quantity should be higher than zero.", "ZERO_QUANTITY", None),
        (
            ("SIDE-TABLE-1", 4),
            "quantity",
            "Could not add items Round. Only 3 remaining in stock.",
            "INSUFFICIENT_STOCK",
            None,
        ),
        (
            ("TRAY-TABLE-1", 51),
            "quantity",
            "Cannot add more than 50 times this item: Steel.",
            "QUANTITY_GREATER_THAN_LIMIT",
            None,
        ),
        (
            ("ARC-LAMP-1", 1),
            "lines",
            "Cannot add lines with unavailable variants.",
            "UNAVAILABLE_VARIANT_IN_CHANNEL",
            [to_global_id("ProductVariant", lamp.pk)],
        ),
        (
            ("DESK-LAMP-1", 1),
            "lines",
            "Cannot add lines for unpublished variants.",
            "PRODUCT_NOT_PUBLISHED",
            [to_global_id("ProductVariant", desk.pk)],
        ),
        (
            ("WOOL-RUG-1", 1),
            "lines",
            "Cannot add lines for unavailable for purchase variants.",
            "PRODUCT_UNAVAILABLE_FOR_PURCHASE",
            [rug],
        ),
    ]
    for line, field, message, code, variants in expected:
        assert refusal(create(api, line)) == {"field": field, "message": message, "code": code, "variants": variants}
    assert Checkout.objects.count() == 0
    assert noticed() == []


def test_refused_channels(api) -> None:
    Channel.objects.filter(slug="channel-pln").update(is_active=False)
    for slug, message, code in [
        ("nowhere", "Channel with 'nowhere' slug does not exist.", "NOT_FOUND"),
        ("channel-pln", "Channel with 'channel-pln' is inactive.", "CHANNEL_INACTIVE"),
    ]:
        error = refusal(create(api, ("SIDE-TABLE-1", 1), channel=slug))
        assert (error["field"], error["message"], error["code"]) == ("channel", message, code)
    Channel.objects.update(is_active=True)
    error = refusal(create(api, ("SIDE-TABLE-1", 1), channel=None))
    assert (error["field"], error["code"]) == ("channel", "MISSING_CHANNEL_SLUG")


def test_refused_changes_change_nothing(api, noticed) -> None:
    checkout = create(api, ("SIDE-TABLE-1", 1))["checkout"]
    noticed()
    line = {"variantId": variant("SIDE-TABLE-1"), "quantity": 1}
    missing = to_global_id("Checkout", uuid.uuid4())
    unknown = {"variantId": to_global_id("ProductVariant", 999999), "quantity": 1}
    for query, name, variables, field, code in [
        (ADD, "checkoutLinesAdd", {"id": missing, "lines": [line]}, "id", "NOT_FOUND"),
        (ADD, "checkoutLinesAdd", {"id": "nonsense", "lines": [line]}, "id", "GRAPHQL_ERROR"),
        (ADD, "checkoutLinesAdd", {"lines": [line]}, None, "GRAPHQL_ERROR"),
        (ADD, "checkoutLinesAdd", {"id": checkout["id"], "lines": [unknown]}, "variantId", "GRAPHQL_ERROR"),
        (ADD, "checkoutLinesAdd", {"id": checkout["id"], "lines": [{**line, "quantity": 50}]}, "quantity",
         "QUANTITY_GREATER_THAN_LIMIT"),
        (UPDATE, "checkoutLinesUpdate", {"id": checkout["id"], "lines": [{"quantity": 2}]}, None, "GRAPHQL_ERROR"),
        (UPDATE, "checkoutLinesUpdate", {"id": checkout["id"], "lines": [{**line, "quantity": -1}]}, "quantity",
         "ZERO_QUANTITY"),
        (UPDATE, "checkoutLinesUpdate", {"id": checkout["id"], "lines": [{"variantId": line["variantId"]}]}, "quantity",
         "REQUIRED"),
        (UPDATE, "checkoutLinesUpdate",
         {"id": checkout["id"], "lines": [{"lineId": to_global_id("CheckoutLine", uuid.uuid4()), "quantity": 1}]},
         "lineId", "GRAPHQL_ERROR"),
    ]:  # fmt: skip
        error = refusal(api.data(query, variables)[name])
        assert (error["field"], error["code"]) == (field, code), error
    assert list(CheckoutLine.objects.values_list("quantity", flat=True)) == [1]
    assert noticed() == []


def test_variants_that_are_none(api) -> None:
    other = to_global_id("Product", 1)
    huge = to_global_id("ProductVariant", uuid.uuid4())
    for given, message in [
        ("nonsense", "Could not resolve to a node with the global id list of '['nonsense']'."),
        (huge, f"Could not resolve to a node with the global id list of '['{huge}']'."),
        (other, f"Must receive ProductVariant id: {other}."),
    ]:
        lines = [{"variantId": given, "quantity": 1}]
        answer = api.data(CREATE, {"input": {"channel": "default-channel", "lines": lines}})["checkoutCreate"]
        assert refusal(answer) == {
            "field": "variantId", "message": message, "code": "GRAPHQL_ERROR", "variants": None,
        }  # fmt: skip
    assert Checkout.objects.count() == 0


def test_an_unknown_checkout_is_null(api) -> None:
    query = "query($id: ID) { checkout(id: $id) { id } }"
    assert api.data(query, {"id": to_global_id("Checkout", uuid.uuid4())}) == {"checkout": None}
    wrong = to_global_id("User", 1)
    assert (
        api(query, {"id": wrong})["errors"][0]["message"] == f"Invalid ID: {wrong}. Expected: Checkout, received: User."
    )


def test_a_dead_redis_costs_no_checkout(api, redis_server) -> None:
    redis_server.stop()
    try:
        bus.reset()
        assert create(api, ("SIDE-TABLE-1", 1))["errors"] == []
    finally:
        redis_server.start()
        bus.reset()
