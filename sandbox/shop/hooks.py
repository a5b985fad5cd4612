"""Where Saleor would call a plugin's hooks, the stand-in calls what our plugin on Saleor calls.

Behaviour goes on the shop's stream, consequences into the inbox. Reporting never fails the
shopper's request. As in Saleor, a plugin that is switched off hears nothing.
"""

from __future__ import annotations

import datetime
import logging
import time
from typing import Any

from django.db import DatabaseError, transaction

from saleor_livesales import bus, wire
from saleor_livesales.ids import to_global_id
from saleor_livesales.inbox import actions as inbox

from .models import Checkout, Order, Product, ProductVariant, SiteSettings

logger = logging.getLogger(__name__)


def _notice(kind: str, object_id: str) -> None:
    if not SiteSettings.load().live_sales_active:
        return
    bus.notice_shop(wire.ShopNoticed(kind=kind, id=object_id, at=time.time()))


def _record(kind: str, object_id: str, payload: dict[str, Any], now: datetime.datetime) -> None:
    if not SiteSettings.load().live_sales_active:
        return
    try:
        with transaction.atomic():  # a savepoint: what fails here leaves the caller's transaction usable
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
            "changed_at": order.updated_at.isoformat(),
        },
        now,
    )


def customer_changed(kind: str, user_id: str, now: datetime.datetime) -> None:
    """``kind``: customer_created, customer_updated, customer_deleted, account_deleted."""
    _record(kind, user_id, {}, now)
