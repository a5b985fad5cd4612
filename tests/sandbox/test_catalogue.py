"""Products as shoppers and staff see them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_livesales.ids import to_global_id
from sandbox.shop import actions
from sandbox.shop.models import Channel, Product, ProductChannelListing, ProductVariant

LIST = """query($first: Int, $after: String, $channel: String) {
  products(first: $first, after: $after, channel: $channel) {
    totalCount pageInfo { hasNextPage hasPreviousPage endCursor }
    edges { cursor node { slug pricing { priceRange { start { gross { amount currency } } } }
      variants { id name pricing { price { gross { amount } } } } } } } }"""
ONE = """query($id: ID, $slug: String, $channel: String) { product(id: $id, slug: $slug, channel: $channel) {
  id name description thumbnail(size: 128) { url alt } defaultVariant { name }
  pricing { onSale displayGrossPrices priceRange { start { gross { amount } } stop { gross { amount } } }
    priceRangeUndiscounted { stop { gross { amount } } } }
  variants { id sku name quantityAvailable pricing { onSale price { currency gross { amount fractionalAmount
    fractionDigits } net { amount } tax { amount } } priceUndiscounted { gross { amount } } } product { name } } } }"""


def test_pages(api) -> None:
    slugs, after = [], None
    for expected in (6, 6, 2):
        page = api.data(LIST, {"first": 6, "after": after, "channel": "default-channel"})["products"]
        assert page["totalCount"] == 14
        assert len(page["edges"]) == expected
        assert page["pageInfo"]["hasPreviousPage"] is bool(after)
        slugs += [edge["node"]["slug"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
    assert page["pageInfo"]["hasNextPage"] is False
    assert slugs == sorted(Product.objects.values_list("slug", flat=True))


def test_queries_do_not_grow_with_the_page(api) -> None:
    counts = []
    for first in (2, 12):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            api.data(LIST, {"first": first, "channel": "default-channel"})
        counts.append(len(captured))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    "variables, message",
    [
        ({}, "You must provide a `first` or `last` value to properly paginate the `products` connection."),
        (
            {"first": 101},
            "Requesting 101 records on the `products` connection exceeds the `first` limit of 100 records.",
        ),
        ({"first": 1, "after": "nonsense"}, "Received cursor is invalid."),
    ],
)
def test_refused_pages(api, variables, message: str) -> None:
    answer = api(LIST, {"channel": "default-channel", **variables})
    assert [error["message"] for error in answer["errors"]] == [message]
    assert answer["data"] == {"products": None}


def test_a_channel_must_be_named(api) -> None:
    answer = api(LIST, {"first": 1})
    assert answer["errors"][0]["message"] == "More than one channel exists. Specify which channel to use."
    Channel.objects.filter(slug="channel-pln").update(is_active=False)
    assert api.data(LIST, {"first": 1})["products"]["totalCount"] == 14


def test_a_product(api) -> None:
    product = Product.objects.get(slug="desk-lamp")
    actions.set_price(
        variant=product.variants.get(name="White"),
        channel=Channel.objects.get(slug="default-channel"),
        amount=Decimal("59"),
        discounted=Decimal("49.5"),
    )
    shown = api.data(ONE, {"slug": "desk-lamp", "channel": "default-channel"})["product"]
    assert shown["id"] == to_global_id("Product", product.pk)
    assert shown["thumbnail"] == {"url": "http://testserver/media/desk-lamp.svg", "alt": "Desk lamp"}
    assert shown["defaultVariant"] == {"name": "White"}
    assert shown["pricing"] == {
        "onSale": True,
        "displayGrossPrices": True,
        "priceRange": {"start": {"gross": {"amount": 49.5}}, "stop": {"gross": {"amount": 62.0}}},
        "priceRangeUndiscounted": {"stop": {"gross": {"amount": 62.0}}},
    }
    white = shown["variants"][0]
    assert white["pricing"] == {
        "onSale": True,
        "price": {
            "currency": "USD",
            "gross": {"amount": 49.5, "fractionalAmount": 4950, "fractionDigits": 2},
            "net": {"amount": 49.5},
            "tax": {"amount": 0.0},
        },
        "priceUndiscounted": {"gross": {"amount": 59.0}},
    }
    assert white["product"] == {"name": "Desk lamp"}
    assert white["quantityAvailable"] == 50
    assert '"text": "A small lamp' in shown["description"]


def test_prices_differ_by_channel(api) -> None:
    shown = api.data(ONE, {"slug": "side-table", "channel": "channel-pln"})["product"]
    assert shown["variants"][0]["pricing"]["price"]["gross"]["amount"] == 390.0
    assert shown["variants"][0]["pricing"]["price"]["currency"] == "PLN"


def test_prices_around_the_threshold(api) -> None:
    amounts = {}
    for slug in ("wall-clock", "side-table", "tray-table"):
        shown = api.data(ONE, {"slug": slug, "channel": "default-channel"})["product"]
        amounts[slug] = shown["pricing"]["priceRange"]["start"]["gross"]["amount"]
    assert amounts == {"wall-clock": 99.99, "side-table": 100.0, "tray-table": 100.01}


def test_what_is_not_published_is_not_there(api, token) -> None:
    ProductChannelListing.objects.filter(product__slug="arc-lamp", channel__slug="default-channel").update(
        is_published=False
    )
    product = Product.objects.get(slug="arc-lamp")
    asked = {"id": to_global_id("Product", product.pk), "channel": "default-channel"}
    assert api.data(ONE, asked) == {"product": None}
    assert api.data(LIST, {"first": 1, "channel": "default-channel"})["products"]["totalCount"] == 13
    assert api.data(ONE, {**asked, "channel": "channel-pln"})["product"]["name"] == "Arc lamp"
    variant = 'query($id: ID!) { productVariant(id: $id, channel: "default-channel") { name } }'
    pk = ProductVariant.objects.get(product=product).pk
    assert api.data(variant, {"id": to_global_id("ProductVariant", pk)}) == {"productVariant": None}


def test_ids(api) -> None:
    wrong = to_global_id("Checkout", 1)
    assert api.data(ONE, {"id": wrong, "channel": "default-channel"}) == {"product": None}
    answer = api(ONE, {"id": "nonsense", "channel": "default-channel"})
    assert answer["errors"][0]["message"] == "Invalid ID: nonsense. Expected: Product."
    answer = api(ONE, {"channel": "default-channel"})
    assert (
        answer["errors"][0]["message"] == "At least one of arguments is required: 'id', 'slug', 'external_reference'."
    )
    answer = api(ONE, {"id": wrong, "slug": "x", "channel": "default-channel"})
    assert answer["errors"][0]["message"] == "Argument 'id' cannot be combined with 'slug'"
    assert api.data(ONE, {"id": to_global_id("Product", 999999), "channel": "default-channel"}) == {"product": None}


def test_channels_are_for_staff(api, token) -> None:
    query = "{ channels { slug name isActive currencyCode } }"
    assert api(query)["errors"][0]["extensions"]["exception"]["code"] == "PermissionDenied"
    assert api(query, token=token("shopper"))["errors"][0]["extensions"]["exception"]["code"] == "PermissionDenied"
    assert api.data(query, token=token("rep"))["channels"] == [
        {"slug": "channel-pln", "name": "Channel-PLN", "isActive": True, "currencyCode": "PLN"},
        {"slug": "default-channel", "name": "Default channel", "isActive": True, "currencyCode": "USD"},
    ]
    public = '{ channel(slug: "default-channel") { slug } }'
    assert api.data(public) == {"channel": {"slug": "default-channel"}}
