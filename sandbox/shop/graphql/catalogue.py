"""Channels, products and variants. A product is shown as it is sold in one channel."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import graphene
from django.db.models import Exists, OuterRef, QuerySet
from graphene.relay import Node
from graphql import GraphQLError
from promise import Promise

from saleor_livesales.graphql.scalars import DateTime

from ..models import Channel as ChannelRow
from ..models import Product as ProductRow
from ..models import ProductChannelListing, ProductVariantChannelListing
from ..models import ProductVariant as VariantRow
from ..permissions import PermissionDenied
from .common import (
    CONNECTION_ARGUMENTS,
    Image,
    TaxedMoney,
    TaxedMoneyRange,
    absolute,
    caller,
    connection_type,
    exactly_one,
    key_or_none,
    may,
    page,
    primary_key,
)
from .loaders import load

CHANNEL_NOT_GIVEN = "More than one channel exists. Specify which channel to use."


@dataclass(frozen=True)
class InChannel:
    """A row as it is seen in a channel; without one (staff only) it has no price."""

    node: Any
    channel: str | None


def require_staff(info: Any) -> None:
    who = caller(info)
    if who is None or not who.staff:
        raise PermissionDenied("AUTHENTICATED_APP", "AUTHENTICATED_STAFF_USER")


class Channel(graphene.ObjectType):
    class Meta:
        interfaces = (Node,)

    id = graphene.ID(required=True)
    slug = graphene.String(required=True)
    name = graphene.String(required=True)
    is_active = graphene.Boolean(required=True)
    currency_code = graphene.String(required=True)

    @staticmethod
    def resolve_id(root: ChannelRow, _info: Any) -> str:
        return Node.to_global_id("Channel", root.pk)

    @staticmethod
    def resolve_name(root: ChannelRow, info: Any) -> str:
        require_staff(info)
        return root.name

    @staticmethod
    def resolve_is_active(root: ChannelRow, info: Any) -> bool:
        require_staff(info)
        return root.is_active

    @staticmethod
    def resolve_currency_code(root: ChannelRow, info: Any) -> str:
        require_staff(info)
        return root.currency_code


class VariantPricingInfo(graphene.ObjectType):
    on_sale = graphene.Boolean()
    price = graphene.Field(TaxedMoney)
    price_undiscounted = graphene.Field(TaxedMoney)


class ProductPricingInfo(graphene.ObjectType):
    on_sale = graphene.Boolean()
    display_gross_prices = graphene.Boolean(required=True)
    price_range = graphene.Field(TaxedMoneyRange)
    price_range_undiscounted = graphene.Field(TaxedMoneyRange)


class ProductVariant(graphene.ObjectType):
    class Meta:
        interfaces = (Node,)

    id = graphene.ID(required=True)
    name = graphene.String(required=True)
    sku = graphene.String()
    product = graphene.Field(lambda: Product, required=True)
    channel = graphene.String()
    pricing = graphene.Field(VariantPricingInfo)
    quantity_available = graphene.Int()
    created = DateTime(required=True)
    updated_at = DateTime(required=True)

    @staticmethod
    def resolve_id(root: InChannel, _info: Any) -> str:
        return Node.to_global_id("ProductVariant", root.node.pk)

    @staticmethod
    def resolve_name(root: InChannel, _info: Any) -> str:
        return root.node.name

    @staticmethod
    def resolve_sku(root: InChannel, _info: Any) -> str:
        return root.node.sku

    @staticmethod
    def resolve_product(root: InChannel, info: Any) -> Promise:
        loaded = load(info.context, "Product", root.node.product_id)
        return loaded.then(lambda row: InChannel(row, root.channel))

    @staticmethod
    def resolve_pricing(root: InChannel, info: Any) -> Any:
        if not root.channel:
            return None

        def shown(price: Any) -> Any:
            return price and VariantPricingInfo(
                on_sale=price.charged.amount < price.undiscounted.amount,
                price=price.charged,
                price_undiscounted=price.undiscounted,
            )

        return load(info.context, "price", (root.node.pk, root.channel)).then(shown)

    @staticmethod
    def resolve_quantity_available(root: InChannel, _info: Any) -> int:
        return min(root.node.quantity, 50)  # Saleor's limit of a checkout line is the most that it tells

    @staticmethod
    def resolve_created(root: InChannel, _info: Any) -> Any:
        return root.node.created_at

    @staticmethod
    def resolve_updated_at(root: InChannel, _info: Any) -> Any:
        return root.node.updated_at


class Product(graphene.ObjectType):
    class Meta:
        interfaces = (Node,)

    id = graphene.ID(required=True)
    name = graphene.String(required=True)
    slug = graphene.String(required=True)
    description = graphene.JSONString()
    channel = graphene.String()
    thumbnail = graphene.Field(Image, size=graphene.Int())
    pricing = graphene.Field(ProductPricingInfo)
    variants = graphene.List(graphene.NonNull(ProductVariant))
    default_variant = graphene.Field(ProductVariant)
    created = DateTime(required=True)
    updated_at = DateTime(required=True)

    @staticmethod
    def resolve_id(root: InChannel, _info: Any) -> str:
        return Node.to_global_id("Product", root.node.pk)

    @staticmethod
    def resolve_name(root: InChannel, _info: Any) -> str:
        return root.node.name

    @staticmethod
    def resolve_slug(root: InChannel, _info: Any) -> str:
        return root.node.slug

    @staticmethod
    def resolve_description(root: InChannel, _info: Any) -> Any:
        if not root.node.description:
            return None
        block = {"id": "text", "data": {"text": root.node.description}, "type": "paragraph"}
        return {"time": 0, "blocks": [block], "version": "2.24.3"}

    @staticmethod
    def resolve_thumbnail(root: InChannel, info: Any, size: int | None = None) -> Any:
        return root.node.picture and Image(url=absolute(info, root.node.picture), alt=root.node.name)

    @staticmethod
    def resolve_pricing(root: InChannel, info: Any) -> Any:
        channel = root.channel
        if not channel:
            return None

        def shown(prices: list[Any]) -> Any:
            prices = [price for price in prices if price]
            if not prices:
                return None
            charged = [price.charged for price in prices]
            undiscounted = [price.undiscounted for price in prices]
            return ProductPricingInfo(
                on_sale=any(price.charged.amount < price.undiscounted.amount for price in prices),
                display_gross_prices=True,
                price_range=_range(charged),
                price_range_undiscounted=_range(undiscounted),
            )

        return load(info.context, "variants_of_product", root.node.pk).then(
            lambda variants: Promise.all([load(info.context, "price", (row.pk, channel)) for row in variants]).then(
                shown
            )
        )

    @staticmethod
    def resolve_variants(root: InChannel, info: Any) -> Any:
        channel = root.channel

        def sold(variants: list[VariantRow]) -> Any:
            if may(info, "MANAGE_PRODUCTS") or not channel:
                return [InChannel(row, channel) for row in variants]
            return Promise.all([load(info.context, "price", (row.pk, channel)) for row in variants]).then(
                lambda prices: [InChannel(row, channel) for row, price in zip(variants, prices, strict=True) if price]
            )

        return load(info.context, "variants_of_product", root.node.pk).then(sold)

    @staticmethod
    def resolve_default_variant(root: InChannel, info: Any) -> Promise:
        return load(info.context, "variants_of_product", root.node.pk).then(
            lambda variants: InChannel(variants[0], root.channel) if variants else None
        )

    @staticmethod
    def resolve_created(root: InChannel, _info: Any) -> Any:
        return root.node.created_at

    @staticmethod
    def resolve_updated_at(root: InChannel, _info: Any) -> Any:
        return root.node.updated_at


def _range(amounts: list[Any]) -> TaxedMoneyRange:
    by_amount = sorted(amounts, key=lambda money: money.amount)
    return TaxedMoneyRange(start=by_amount[0], stop=by_amount[-1])


ProductCountableConnection = connection_type(Product)


def default_channel() -> str:
    """The only active channel's slug. Raises GraphQLError where there are several, as Saleor does."""
    active = list(ChannelRow.objects.filter(is_active=True).values_list("slug", flat=True)[:2])
    if len(active) != 1:
        raise GraphQLError(CHANNEL_NOT_GIVEN if active else "A default channel does not exist.")
    return active[0]


def visible(channel: str | None, *, staff: bool, listed: bool = False) -> QuerySet[ProductRow]:
    """Products that a caller sees: staff with MANAGE_PRODUCTS all of the channel, others the published with a price."""
    rows = ProductRow.objects.all()
    if staff:
        return rows.filter(channel_listings__channel__slug=channel) if channel else rows
    listings = ProductChannelListing.objects.filter(
        product=OuterRef("pk"), channel__slug=channel, channel__is_active=True, is_published=True
    )
    if listed:
        listings = listings.filter(visible_in_listings=True)
    priced = ProductVariantChannelListing.objects.filter(
        variant__product=OuterRef("pk"), channel__slug=channel, price_amount__isnull=False
    )
    return rows.filter(Exists(listings), Exists(priced))


class Queries(graphene.ObjectType):
    channel = graphene.Field(Channel, id=graphene.ID(), slug=graphene.String())
    channels = graphene.List(graphene.NonNull(Channel))
    product = graphene.Field(Product, id=graphene.ID(), slug=graphene.String(), channel=graphene.String())
    products = graphene.Field(ProductCountableConnection, channel=graphene.String(), **CONNECTION_ARGUMENTS)
    product_variant = graphene.Field(ProductVariant, id=graphene.ID(), sku=graphene.String(), channel=graphene.String())

    @staticmethod
    def resolve_channel(_root: None, _info: Any, id: str | None = None, slug: str | None = None) -> Any:
        exactly_one(id=id, slug=slug)
        rows = ChannelRow.objects.all()
        return (rows.filter(pk=primary_key("Channel", id)) if id else rows.filter(slug=slug)).first()

    @staticmethod
    def resolve_channels(_root: None, info: Any) -> Any:
        require_staff(info)
        return ChannelRow.objects.order_by("slug")

    @staticmethod
    def resolve_product(
        _root: None, info: Any, id: str | None = None, slug: str | None = None, channel: str | None = None
    ) -> Any:
        exactly_one(id=id, slug=slug, external_reference=None)
        staff = may(info, "MANAGE_PRODUCTS")
        if channel is None and not staff:
            channel = default_channel()
        rows = visible(channel, staff=staff)
        found = (rows.filter(pk=key_or_none("Product", id)) if id else rows.filter(slug=slug)).first()
        return found and InChannel(found, channel)

    @staticmethod
    def resolve_products(_root: None, info: Any, channel: str | None = None, **arguments: Any) -> Any:
        staff = may(info, "MANAGE_PRODUCTS")
        if channel is None and not staff:
            channel = default_channel()
        rows = visible(channel, staff=staff, listed=True)
        return page(info, rows, "slug", arguments, lambda row: InChannel(row, channel))

    @staticmethod
    def resolve_product_variant(
        _root: None, info: Any, id: str | None = None, sku: str | None = None, channel: str | None = None
    ) -> Any:
        exactly_one(id=id, sku=sku, external_reference=None)
        staff = may(info, "MANAGE_PRODUCTS")
        if channel is None and not staff:
            channel = default_channel()
        rows = VariantRow.objects.filter(product__in=visible(channel, staff=staff))
        if not staff:
            rows = rows.filter(channel_listings__channel__slug=channel, channel_listings__price_amount__isnull=False)
        found = (rows.filter(pk=key_or_none("ProductVariant", id)) if id else rows.filter(sku=sku)).first()
        return found and InChannel(found, channel)


def description_text(description: str | None) -> str:
    """The plain text of a description as GraphQL gives it."""
    blocks = json.loads(description)["blocks"] if description else []
    return "\n".join(block["data"].get("text", "") for block in blocks)
