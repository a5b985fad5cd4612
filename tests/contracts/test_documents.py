"""Every GraphQL document that is shipped or shown is valid on Saleor's schemas with ours on top."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import GraphQLSchema, parse, validate

from .conftest import ROOT

PLACES = (
    "saleor_livesales/storefront/src/graphql",
    "saleor_livesales/dashboard/src/graphql",
    "saleor_livesales/host/graphql",
    "docs/graphql",
    "sandbox/web",
)
DOCUMENTS = sorted(path for place in PLACES for path in (ROOT / place).glob("**/*.graphql"))


@pytest.mark.parametrize("place", PLACES)
def test_there_are_documents(place: str) -> None:
    assert list((ROOT / place).glob("**/*.graphql")), place


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_document_is_valid(path: Path, extended: GraphQLSchema) -> None:
    errors = validate(extended, parse(path.read_text(encoding="utf-8")))
    assert [error.message for error in errors] == []


def test_a_wrong_document_is_found(extended: GraphQLSchema) -> None:
    errors = validate(extended, parse("{ liveSession(id: 1) { id nonsense } products(first: 1) { nothing } }"))
    assert [error.message for error in errors] == [
        'Cannot query field "nonsense" on type "LiveSession".',
        'Cannot query field "nothing" on type "ProductCountableConnection".',
    ]


def test_our_types_refer_to_the_shops(extended: GraphQLSchema) -> None:
    session = extended.get_type("LiveSession").fields
    saleors = {"product": "Product", "variant": "ProductVariant", "checkout": "Checkout"}
    assert {name: str(session[name].type) for name in saleors} == saleors
    assert "pricing" in extended.get_type("Product").fields
