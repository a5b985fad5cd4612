"""Batches the reads of one request: one query for each kind, however many objects are shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from promise import Promise
from promise.dataloader import DataLoader

from ..models import (
    App,
    Channel,
    Checkout,
    CheckoutLine,
    Product,
    ProductChannelListing,
    ProductVariant,
    ProductVariantChannelListing,
    User,
)
from ..pricing import Money, Price
from .common import grouped

_batches: dict[str, Callable[[Sequence[Any]], Sequence[Any]]] = {}


def _batch(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def register(load: Callable[[Sequence[Any]], Sequence[Any]]) -> Callable[..., Any]:
        _batches[name] = load
        return load

    return register


def load(context: Any, name: str, key: Any) -> Promise:
    """A promise of the object under ``key``, read together with the others that this request asks for."""
    loaders = context.__dict__.setdefault("_sandbox_loaders", {})
    if name not in loaders:
        batch = _batches[name]
        loaders[name] = DataLoader(batch_load_fn=lambda keys: Promise.resolve(list(batch(keys))))
    return loaders[name].load(key)


def _by_pk(model: Any) -> Callable[[Sequence[Any]], Sequence[Any]]:
    def read(keys: Sequence[Any]) -> Sequence[Any]:
        found = model.objects.in_bulk(list(keys))
        return [found.get(key) for key in keys]

    return read


for _model in (App, Channel, Checkout, Product, ProductVariant, User):
    _batches[_model.__name__] = _by_pk(_model)


@_batch("channel_by_slug")
def _channels(slugs: Sequence[str]) -> Sequence[Channel | None]:
    found = {row.slug: row for row in Channel.objects.filter(slug__in=slugs)}
    return [found.get(slug) for slug in slugs]


@_batch("variants_of_product")
def _variants(product_ids: Sequence[int]) -> Sequence[list[ProductVariant]]:
    rows = ProductVariant.objects.filter(product_id__in=product_ids).order_by("sort_order", "pk")
    found = grouped(rows, lambda row: row.product_id)
    return [found.get(key, []) for key in product_ids]


@_batch("lines_of_checkout")
def _lines(tokens: Sequence[Any]) -> Sequence[list[CheckoutLine]]:
    found = grouped(CheckoutLine.objects.filter(checkout_id__in=tokens), lambda row: row.checkout_id)
    return [found.get(key, []) for key in tokens]


@_batch("published")
def _published(keys: Sequence[tuple[int, str]]) -> Sequence[bool]:
    """By (product, channel slug): whether the channel shows it."""
    rows = ProductChannelListing.objects.filter(
        product_id__in={key[0] for key in keys}, channel__slug__in={key[1] for key in keys}, is_published=True
    )
    found = set(rows.values_list("product_id", "channel__slug"))
    return [key in found for key in keys]


@_batch("price")
def _prices(keys: Sequence[tuple[int, str]]) -> Sequence[Price | None]:
    """By (variant, channel slug)."""
    rows = ProductVariantChannelListing.objects.filter(
        variant_id__in={key[0] for key in keys}, channel__slug__in={key[1] for key in keys}, price_amount__isnull=False
    ).select_related("channel")
    found = {}
    for row in rows:
        assert row.price_amount is not None
        currency = row.channel.currency_code
        charged = row.price_amount if row.discounted_price_amount is None else row.discounted_price_amount
        found[row.variant_id, row.channel.slug] = Price(Money(charged, currency), Money(row.price_amount, currency))
    return [found.get(key) for key in keys]
