"""Products as the storefront, the widget and the console ask for them."""

from __future__ import annotations

import base64

import pytest

from .client import CHANNEL, Api

FIELDS = """id name slug
  pricing { priceRange { start { gross { amount currency } } stop { gross { amount } } } }
  variants { id name sku pricing { price { gross { amount currency } } priceUndiscounted { gross { amount } } } }"""
BY_SLUG = f"query($slug: String, $channel: String) {{ product(slug: $slug, channel: $channel) {{ {FIELDS} }} }}"
BY_ID = "query($id: ID, $channel: String) { product(id: $id, channel: $channel) { slug } }"
VARIANT = """query($id: ID, $channel: String) { productVariant(id: $id, channel: $channel) {
  name sku product { slug } pricing { price { gross { amount currency } } } } }"""
PAGE = """query($channel: String, $first: Int, $after: String) {
  products(channel: $channel, first: $first, after: $after) {
  totalCount pageInfo { hasNextPage endCursor } edges { cursor node { id slug } } } }"""
OTHER_KIND = base64.b64encode(b"ProductVariant:1").decode()


def plain(global_id: str) -> tuple[str, str]:
    kind, _, key = base64.b64decode(global_id, validate=True).decode().partition(":")
    return kind, key


@pytest.mark.parametrize(("slug", "amount"), [("wall-clock", 99.99), ("side-table", 100.0), ("tray-table", 100.01)])
def test_a_product_in_its_channel(api: Api, slug, amount):
    product = api.only(BY_SLUG, slug=slug, channel=CHANNEL)
    assert plain(product["id"])[0] == "Product"
    assert plain(product["id"])[1].isdigit()
    assert product["slug"] == slug
    assert product["pricing"] == {
        "priceRange": {"start": {"gross": {"amount": amount, "currency": "USD"}}, "stop": {"gross": {"amount": amount}}}
    }
    (variant,) = product["variants"]
    assert plain(variant["id"])[0] == "ProductVariant"
    assert variant["sku"] == f"{slug}-1".upper()
    assert variant["pricing"] == {
        "price": {"gross": {"amount": amount, "currency": "USD"}},
        "priceUndiscounted": {"gross": {"amount": amount}},
    }
    assert api.only(BY_ID, id=product["id"], channel=CHANNEL) == {"slug": slug}
    assert api.only(VARIANT, id=variant["id"], channel=CHANNEL) == {
        "name": variant["name"],
        "sku": variant["sku"],
        "product": {"slug": slug},
        "pricing": {"price": {"gross": {"amount": amount, "currency": "USD"}}},
    }


def test_a_product_of_several_variants_has_a_range(api: Api):
    product = api.only(BY_SLUG, slug="dining-table", channel=CHANNEL)
    assert product["pricing"]["priceRange"] == {
        "start": {"gross": {"amount": 1290.0, "currency": "USD"}},
        "stop": {"gross": {"amount": 1490.0}},
    }
    assert [variant["sku"] for variant in product["variants"]] == ["DINING-TABLE-1", "DINING-TABLE-2"]


def test_what_is_unknown_is_null(api: Api):
    assert api.only(BY_SLUG, slug="no-such-product", channel=CHANNEL) is None
    assert api.only(BY_SLUG, slug="side-table", channel="no-such-channel") is None
    unknown = base64.b64encode(b"Product:2000000000").decode()
    assert api.only(BY_ID, id=unknown, channel=CHANNEL) is None
    unknown = base64.b64encode(b"ProductVariant:2000000000").decode()
    assert api.only(VARIANT, id=unknown, channel=CHANNEL) is None
    assert api.only(VARIANT, id=api.variant("side-table"), channel="no-such-channel") is None


def test_an_id_that_is_none(api: Api):
    answer = api.ask(BY_ID, id="nonsense", channel=CHANNEL)
    assert answer.refusal == ("GraphQLError", "Invalid ID: nonsense. Expected: Product.")
    assert answer.status == 200
    assert api.only(BY_ID, id=OTHER_KIND, channel=CHANNEL) is None
    answer = api.ask(VARIANT, id="nonsense", channel=CHANNEL)
    assert answer.refusal == ("GraphQLError", "Invalid ID: nonsense. Expected: ProductVariant.")


def test_one_of_the_arguments_is_needed(api: Api):
    answer = api.ask('{ product(channel: "default-channel") { id } }')
    assert answer.refusal == (
        "GraphQLError",
        "At least one of arguments is required: 'id', 'slug', 'external_reference'.",
    )
    query = 'query($id: ID) { product(id: $id, slug: "side-table", channel: "default-channel") { id } }'
    answer = api.ask(query, id=api.product("side-table")["id"])
    assert answer.refusal == ("GraphQLError", "Argument 'id' cannot be combined with 'slug'")


def test_pages_of_products(api: Api):
    first = api.only(PAGE, channel=CHANNEL, first=3)
    assert len(first["edges"]) == 3
    assert first["pageInfo"] == {"hasNextPage": True, "endCursor": first["edges"][-1]["cursor"]}
    second = api.only(PAGE, channel=CHANNEL, first=100, after=first["pageInfo"]["endCursor"])
    assert second["pageInfo"]["hasNextPage"] is False
    slugs = [edge["node"]["slug"] for edge in first["edges"] + second["edges"]]
    assert len(slugs) == len(set(slugs)) == first["totalCount"]
    assert {"wall-clock", "side-table", "tray-table", "arc-lamp"} <= set(slugs)
    assert api.only(PAGE, channel="no-such-channel", first=3) == {
        "totalCount": 0,
        "pageInfo": {"hasNextPage": False, "endCursor": None},
        "edges": [],
    }


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "You must provide a `first` or `last` value to properly paginate the `products` connection."),
        (
            {"first": 101},
            "Requesting 101 records on the `products` connection exceeds the `first` limit of 100 records.",
        ),
        ({"first": 3, "after": "nonsense"}, "Received cursor is invalid."),
    ],
)
def test_pages_that_are_none(api: Api, given, message):
    assert api.ask(PAGE, channel=CHANNEL, **given).refusal == ("GraphQLError", message)
