"""Saleor's GraphQL types, and its dataloaders by global id. Imported when the schema is put together, not before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from promise import Promise
from saleor.graphql.account.dataloaders import UserByUserIdLoader
from saleor.graphql.account.types import User
from saleor.graphql.checkout.dataloaders import CheckoutByTokenLoader
from saleor.graphql.checkout.types import Checkout
from saleor.graphql.core.context import ChannelContext, SyncWebhookControlContext
from saleor.graphql.core.enums import OrderDirection
from saleor.graphql.core.fields import JSONString
from saleor.graphql.core.scalars import UUID, DateTime, PositiveDecimal
from saleor.graphql.core.types import Money, Upload
from saleor.graphql.product.dataloaders import (
    ProductByIdLoader,
    ProductChannelListingByProductIdAndChannelSlugLoader,
    ProductVariantByIdLoader,
)
from saleor.graphql.product.types import Product, ProductVariant

from .. import shop
from .keys import integers, uuids


def graphql_types() -> shop.GraphQLTypes:
    return shop.GraphQLTypes(
        user=User,
        checkout=Checkout,
        product=Product,
        variant=ProductVariant,
        load_user=load_user,
        load_checkout=load_checkout,
        load_product=load_product,
        load_variant=load_variant,
        money=Money,
        datetime=DateTime,
        uuid=UUID,
        positive_decimal=PositiveDecimal,
        json_string=JSONString,
        order_direction=OrderDirection,
        upload=Upload,
    )


def load_user(info: Any, user_id: str) -> Any:
    pks = integers("User", [user_id])
    return UserByUserIdLoader(info.context).load(pks[user_id]) if pks else Promise.resolve(None)


def load_checkout(info: Any, checkout_id: str) -> Any:
    """Without the synchronous webhooks (taxes, shipping) of other apps: a rep's list of carts never waits for them."""
    pks = uuids("Checkout", [checkout_id])
    if not pks:
        return Promise.resolve(None)
    return _wrapped(
        CheckoutByTokenLoader(info.context).load(pks[checkout_id]),
        lambda node: SyncWebhookControlContext(node=node, allow_sync_webhooks=False),
    )


def load_product(info: Any, product_id: str, channel: str) -> Any:
    """Null for a product that the channel does not show: a visitor may have sent any id."""
    pks = integers("Product", [product_id])
    if not pks:
        return Promise.resolve(None)
    return _shown(info, ProductByIdLoader(info.context).load(pks[product_id]), lambda node: node.pk, channel)


def load_variant(info: Any, variant_id: str, channel: str) -> Any:
    pks = integers("ProductVariant", [variant_id])
    if not pks:
        return Promise.resolve(None)
    loading = ProductVariantByIdLoader(info.context).load(pks[variant_id])
    return _shown(info, loading, lambda node: node.product_id, channel)


def _shown(info: Any, loading: Any, product_pk: Callable[[Any], int], channel: str) -> Any:
    def found(node: Any) -> Any:
        if node is None:
            return None
        listing = ProductChannelListingByProductIdAndChannelSlugLoader(info.context).load((product_pk(node), channel))
        return listing.then(
            lambda row: ChannelContext(node=node, channel_slug=channel) if row and row.is_visible else None
        )

    return loading.then(found)


def _wrapped(promise: Any, wrap: Callable[[Any], Any]) -> Any:
    return promise.then(lambda node: None if node is None else wrap(node))
