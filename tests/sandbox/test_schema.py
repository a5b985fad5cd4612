"""The stand-in is a verified one: whatever its schema offers, Saleor's offers in the same form."""

from __future__ import annotations

import pytest
from django.urls import resolve
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    build_ast_schema,
    parse,
)

from sandbox.shop.graphql import schema
from sandbox.shop.permissions import OURS
from tests.contracts.conftest import contract, readable

BUILT_IN = {"String", "Boolean", "Int", "Float", "ID"}


@pytest.fixture(scope="module")
def saleors() -> GraphQLSchema:
    return build_ast_schema(parse(readable(contract("schema-3.23.graphql"))))


@pytest.fixture(scope="module")
def sandboxs() -> GraphQLSchema:
    return build_ast_schema(parse(str(schema.build(with_live_sales=False))))


def differences(ours: GraphQLSchema, theirs: GraphQLSchema) -> list[str]:
    """What ``ours`` has that ``theirs`` lacks or has otherwise."""
    found: list[str] = []
    for name, kind in ours.get_type_map().items():
        if name.startswith("__") or name in BUILT_IN:
            continue
        other = theirs.get_type(name)
        if other is None:
            found.append(f"type {name}")
        elif isinstance(kind, GraphQLEnumType):
            assert isinstance(other, GraphQLEnumType), name
            extra = {value.name for value in kind.values} - {value.name for value in other.values}
            found += [f"{name}.{value}" for value in sorted(extra)]
        elif isinstance(kind, GraphQLInputObjectType):
            assert isinstance(other, GraphQLInputObjectType), name
            found += _fields(name, kind.fields, other.fields)
            # An input field that Saleor requires must be required here too.
            found += [
                f"{name}.{field} is required by Saleor"
                for field, there in other.fields.items()
                if str(there.type).endswith("!") and there.default_value is None and field not in kind.fields
            ]
        elif isinstance(kind, (GraphQLObjectType, GraphQLInterfaceType)):
            assert isinstance(other, type(kind)), name
            found += _fields(name, kind.fields, other.fields)
            if isinstance(kind, GraphQLObjectType):
                extra = {str(one) for one in kind.interfaces} - {str(one) for one in other.interfaces}
                found += [f"{name} implements {one}" for one in sorted(extra)]
        else:
            assert isinstance(kind, GraphQLScalarType) and isinstance(other, GraphQLScalarType), name
    return found


def _fields(owner: str, ours: dict, theirs: dict) -> list[str]:
    found = []
    for name, field in ours.items():
        other = theirs.get(name)
        if other is None:
            found.append(f"{owner}.{name}")
            continue
        if str(field.type) != str(other.type):
            found.append(f"{owner}.{name}: {field.type} and not {other.type}")
        for argument, given in getattr(field, "args", {}).items():
            taken = other.args.get(argument)
            if taken is None or str(taken.type) != str(given.type):
                found.append(f"{owner}.{name}({argument}: {given.type})")
        for argument, taken in getattr(other, "args", {}).items():
            if str(taken.type).endswith("!") and argument not in field.args:
                found.append(f"{owner}.{name}({argument}) is required by Saleor")
    return found


def test_everything_it_offers_saleor_offers(sandboxs: GraphQLSchema, saleors: GraphQLSchema) -> None:
    assert differences(sandboxs, saleors) == [f"PermissionEnum.{name}" for name in sorted(OURS)]


def test_a_difference_would_be_found(saleors: GraphQLSchema) -> None:
    made_up = build_ast_schema(
        parse(
            "type Query { me: User! nothing: Int products(channel: Int): ProductCountableConnection product: Product }"
            " type User { id: ID! shoeSize: Int } type Elephant { id: ID! }"
            " type ProductCountableConnection { totalCount: Int! } enum ProductMediaType { IMAGE SMELL }"
            " type Product { media(sortBy: MediaSortingInput!): [ProductMedia!] elephant: Elephant }"
            " type ProductMedia { type: ProductMediaType! } input MediaSortingInput { nonsense: Int }"
            " schema { query: Query }"
        )
    )
    found = differences(made_up, saleors)
    for expected in (
        "Query.me: User! and not User",
        "Query.nothing",
        "Query.products(channel: Int)",
        "User.shoeSize",
        "ProductCountableConnection.totalCount: Int! and not Int",
        "Product.media(sortBy: MediaSortingInput!)",
        "Product.elephant",
        "type Elephant",
        "ProductMediaType.SMELL",
        "MediaSortingInput.nonsense",
    ):
        assert expected in found


def test_what_the_product_needs_is_there(sandboxs: GraphQLSchema) -> None:
    assert set(sandboxs.get_query_type().fields) == {
        "appExtensions", "channel", "channels", "checkout", "me", "product", "products", "productVariant", "shop",
    }  # fmt: skip
    assert set(sandboxs.get_mutation_type().fields) == {
        "checkoutCreate", "checkoutLinesAdd", "checkoutLinesUpdate", "tokenCreate", "tokenRefresh", "tokenVerify",
    }  # fmt: skip


def test_ours_is_put_on_top() -> None:
    served = schema.current()
    assert {"liveSessions", "products"} <= set(served.get_query_type().fields)
    assert {"liveSessionStart", "checkoutCreate"} <= set(served.get_mutation_type().fields)
    assert resolve("/graphql/").func.__name__ == "graphql"
