"""The stand-in's schema: a subset of Saleor's 3.23, and ours on top of it, put in as it is put into Saleor."""

from __future__ import annotations

import functools
from typing import Any

import graphene

from . import account, apps, catalogue, checkout


class ShopQueries(account.Queries, apps.Queries, catalogue.Queries, checkout.Queries):
    """What Saleor offers as well."""


class ShopMutations(account.Mutations, checkout.Mutations):
    """What Saleor offers as well."""


def build(*, with_live_sales: bool) -> graphene.Schema:
    """A schema. Without live sales it holds nothing that Saleor lacks, but for our two permissions."""
    queries: Any = type("CoreQueries", (ShopQueries,), {})
    mutations: Any = type("CoreMutations", (ShopMutations,), {})
    if with_live_sales:
        from saleor_livesales.graphql.schema import extend

        extend(queries, mutations)
    return graphene.Schema(
        query=type("Query", (queries,), {}), mutation=type("Mutation", (mutations,), {}), types=[checkout.CheckoutLine]
    )


@functools.lru_cache(maxsize=1)
def current() -> graphene.Schema:
    """The schema that this process serves."""
    return build(with_live_sales=True)
