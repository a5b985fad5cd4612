"""What items and carts are worth, by the shop and nobody else. Items are remembered in Redis for a few seconds."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any, Final

import msgspec
import redis

from .. import conf, shop, wire
from ..visitors.facts import Worth

Key = tuple[str, str, str | None]  # channel, product, variant
KEEP_FOR: Final = 10  # seconds; for changes that the shop reports to nobody (a promotion begins)
STAMP_FOR: Final = 60  # seconds; longer than any price that was remembered under the stamp before


class _Known(msgspec.Struct, frozen=True):
    """A remembered price and the stamps under which it was read: it holds while they are the same."""

    stamps: str
    amount: Decimal | None
    currency: str


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(_Known)


def _stamp_key(product_id: str | None = None) -> str:
    return f"{conf.load().redis_prefix}item-stamp:{product_id or ''}"


def _item_key(key: Key) -> str:
    return f"{conf.load().redis_prefix}item:{msgspec.json.encode(key).decode()}"


def items(client: redis.Redis, wanted: Collection[Key]) -> dict[Key, Worth]:
    """The worth of each item: one round trip to Redis, and at most one call to the shop for what it doesn't have.

    An item that the channel does not sell has no amount.
    """
    if not wanted:
        return {}
    keys = list(wanted)
    products = sorted({product for _, product, _ in keys})
    answer: Any = client.mget(
        [_stamp_key(), *(_stamp_key(product) for product in products), *(_item_key(key) for key in keys)]
    )
    variants, rest = _text(answer[0]), answer[1:]
    stamps = {product: f"{variants}/{_text(stamp)}" for product, stamp in zip(products, rest, strict=False)}
    found: dict[Key, Worth] = {}
    for key, data in zip(keys, rest[len(products) :], strict=True):
        known = _read(data)
        if known is not None and known.stamps == stamps[key[1]]:
            found[key] = Worth(amount=known.amount, currency=known.currency)
    missing = [key for key in keys if key not in found]
    if missing:
        asked = shop.current().items(missing)
        pipeline = client.pipeline(transaction=False)
        for key in missing:
            item = asked.get(key)
            worth = Worth(amount=item.price if item else None, currency=item.currency if item else "")
            found[key] = worth
            known = _Known(stamps=stamps[key[1]], amount=worth.amount, currency=worth.currency)
            pipeline.set(_item_key(key), _encoder.encode(known), ex=KEEP_FOR)
        pipeline.execute()
    return found


def _read(data: bytes | None) -> _Known | None:
    try:
        return None if data is None else _decoder.decode(data)
    except msgspec.DecodeError:  # another version's
        return None


def _text(data: bytes | None) -> str:
    return "" if data is None else data.decode()


def forget(pipeline: redis.client.Pipeline, changed: Iterable[wire.ShopNoticed]) -> None:
    """The shop changed these products and variants. A variant's price is in its product's too, so all are read anew."""
    for event in changed:
        key = _stamp_key(event.id if event.kind == "product" else None)
        pipeline.incr(key)
        pipeline.expire(key, STAMP_FOR)


def carts(checkout_ids: Collection[str]) -> dict[str, shop.Cart]:
    """The carts that exist, in one call to the shop."""
    return dict(shop.current().carts(checkout_ids)) if checkout_ids else {}
