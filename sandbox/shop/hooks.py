"""Where Saleor would call a plugin's hooks, the stand-in calls what our plugin on Saleor calls.

Behaviour goes on the shop's stream, consequences into the inbox. Reporting never fails the shopper's request.
"""

from __future__ import annotations

import datetime
import logging
import time
from typing import Any

from django.db import DatabaseError

from saleor_livesales import bus, wire
from saleor_livesales.ids import to_global_id

from .models import Checkout, Order, Product, ProductVariant, User

logger = logging.getLogger(__name__)


def _notice(kind: str, object_id: str) -> None:
    bus.notice_shop(wire.ShopNoticed(kind=kind, id=object_id, at=time.time()))


def _record(kind: str, object_id: str, payload: dict[str, Any], now: datetime.datetime) -> None:
    from saleor_livesales.inbox import actions as inbox

    try:
        inbox.record(kind=kind, object_id=object_id, payload=payload, source="hook", now=now)
    except DatabaseError:
        logger.exception("Could not record %s; the sweep will find it.", kind)


def checkout_changed(checkout: Checkout) -> None:
    """Created or updated."""
    _notice("checkout", to_global_id("Checkout", checkout.pk))


def product_updated(product: Product) -> None:
    _notice("product", to_global_id("Product", product.pk))


def variant_updated(variant: ProductVariant) -> None:
    _notice("variant", to_global_id("ProductVariant", variant.pk))


def order_changed(kind: str, order: Order, now: datetime.datetime) -> None:
    """``kind``: order_created, order_fully_paid, order_cancelled, order_refunded."""
    _record(
        kind,
        to_global_id("Order", order.pk),
        {
            "user_id": to_global_id("User", order.user_id) if order.user_id else None,
            "checkout_id": to_global_id("Checkout", order.checkout_token) if order.checkout_token else None,
        },
        now,
    )


def customer_changed(kind: str, user_id: str, now: datetime.datetime, user: User | None = None) -> None:
    """``kind``: customer_created, customer_updated, customer_deleted, account_deleted."""
    _record(kind, user_id, {"name": user.get_full_name()} if user else {}, now)
