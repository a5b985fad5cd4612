"""Mending what a hook could not report: a crash between the shop's commit and ours leaves no event.

The shop's orders and accounts are compared with what we know, and what is missing is recorded as if it had been
reported. A mark moves only in the transaction that records; so a sweep that dies is swept again.
"""

from __future__ import annotations

import datetime
from typing import Any, Final

from django.db import transaction

from .. import shop
from ..visitors.models import Visitor
from . import actions, kinds
from .models import ShopEvent, ShopOrder, SweepMark

PAGE: Final = 500
OVERLAP: Final = datetime.timedelta(minutes=5)  # an order's moment is set before its transaction is committed
MOMENT: Final = datetime.timedelta(microseconds=1)  # as fine as PostgreSQL keeps them
FIRST_LOOK: Final = datetime.timedelta(days=1)
ACCOUNTS_EVERY: Final = datetime.timedelta(hours=1)


def orders(*, now: datetime.datetime) -> int:
    """Record what happened to recently changed orders and never reached the inbox. Returns how many events."""
    recorded = 0
    since = _mark("orders", now - FIRST_LOOK) - OVERLAP
    while page := shop.current().orders_changed_since(since, PAGE):
        with transaction.atomic():
            missing = _missing(page)
            for kind, order in missing:
                actions.record(
                    kind=kind,
                    object_id=order["id"],
                    payload={"user_id": order["user_id"], "checkout_id": order["checkout_id"]},
                    source="sweep",
                    now=now,
                )
            reached = page[-1]["changed_at"]
            _move("orders", reached)
        recorded += len(missing)
        if len(page) < PAGE:
            break
        # Orders of the very same moment may go on beyond the page; a whole page of them can't be split.
        since = max(reached - MOMENT, since + MOMENT)
    return recorded


def _missing(page: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    ids = [order["id"] for order in page]
    known = ShopOrder.objects.in_bulk(ids)
    waiting = set(ShopEvent.objects.filter(object_id__in=ids, done_at__isnull=True).values_list("object_id", "kind"))
    found = []
    for order in page:
        row = known.get(order["id"]) or ShopOrder()
        status = str(order["status"]).lower()
        for kind, happened, seen in (
            (kinds.ORDER_CREATED, True, row.created_seen),
            (kinds.ORDER_FULLY_PAID, order["fully_paid"], row.paid_seen),
            (kinds.ORDER_CANCELLED, status in ("canceled", "cancelled"), row.cancelled_seen),
            (kinds.ORDER_REFUNDED, status == "refunded" or order.get("refunded"), row.refunded_seen),
        ):
            if happened and not seen and (order["id"], kind) not in waiting:
                found.append((kind, order))
    return found


def accounts(*, now: datetime.datetime) -> int:
    """Record the deletion of accounts that visitors are linked to and that are gone. Returns how many events.

    Asks the shop about every linked account, so at most once an hour.
    """
    if now - _mark("accounts", now - ACCOUNTS_EVERY) < ACCOUNTS_EVERY:
        return 0
    recorded, after = 0, ""
    linked = Visitor.objects.filter(user_id__isnull=False).order_by("user_id").values_list("user_id", flat=True)
    while page := [user_id for user_id in linked.filter(user_id__gt=after).distinct()[:PAGE] if user_id]:
        gone = set(page) - shop.current().existing_users(page)
        waiting = set(
            ShopEvent.objects.filter(
                object_id__in=gone, done_at__isnull=True, kind__in=[kinds.ACCOUNT_DELETED, kinds.CUSTOMER_DELETED]
            ).values_list("object_id", flat=True)
        )
        for user_id in sorted(gone - waiting):
            actions.record(kind=kinds.ACCOUNT_DELETED, object_id=user_id, payload={}, source="sweep", now=now)
            recorded += 1
        after = page[-1]
    _move("accounts", now)
    return recorded


def _mark(name: str, default: datetime.datetime) -> datetime.datetime:
    return SweepMark.objects.filter(name=name).values_list("until", flat=True).first() or default


def _move(name: str, until: datetime.datetime) -> None:
    SweepMark.objects.update_or_create(name=name, defaults={"until": until})
