"""What follows from each report of the shop. Each handler may run twice and then changes nothing more.

They run in the transaction that marks the event as done.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Final

from django.db import transaction

from .. import bus, shop, wire
from ..codes import orders as piece_orders
from ..fees import methods
from ..members import actions as members
from ..members import orders
from ..sessions import actions as sessions
from ..sessions import ratings
from ..sessions.actors import SystemActor
from ..sessions.models import Session, SessionState
from ..visitors import actions as visitors
from ..visitors import queries
from ..visitors.models import Visitor
from . import kinds
from .models import ShopEvent, ShopOrder

_SEEN: Final = {
    kinds.ORDER_CREATED: "created_seen",
    kinds.ORDER_FULLY_PAID: "paid_seen",
    kinds.ORDER_CANCELLED: "cancelled_seen",
    kinds.ORDER_REFUNDED: "refunded_seen",
}


def handle(*, event: ShopEvent, now: datetime.datetime) -> None:
    """Draw the consequences of one event. Raises KeyError for a kind of a newer version, and what the shop raises."""
    HANDLERS[event.kind](event, now)


def order(event: ShopEvent, now: datetime.datetime) -> None:
    """Remember what happened to the order; the first we hear of it counts as the visitors' purchase."""
    user_id, checkout_id = event.payload.get("user_id"), event.payload.get("checkout_id")
    ShopOrder.objects.bulk_create([ShopOrder(order_id=event.object_id, changed_at=now)], ignore_conflicts=True)
    row = ShopOrder.objects.select_for_update().get(order_id=event.object_id)
    flag = _SEEN[event.kind]
    fresh = not getattr(row, flag)
    bought = not (row.created_seen or row.paid_seen) and event.kind in (kinds.ORDER_CREATED, kinds.ORDER_FULLY_PAID)
    setattr(row, flag, True)
    row.user_id = user_id or row.user_id
    row.checkout_id = checkout_id or row.checkout_id
    if fresh:
        row.changed_at = now
    row.save()
    orders.follow(order_id=event.object_id, now=now)
    visitor_ids = queries.visitors_of(user_id=row.user_id, checkout_id=row.checkout_id)
    piece_orders.follow(order_id=event.object_id, visitor_ids=visitor_ids)
    if bought:
        _tell(visitor_ids, event)


def _tell(visitor_ids: list, event: ShopEvent) -> None:
    notices = [
        wire.Noticed(
            visitor=visitor_id, kind="purchase", at=event.created_at.timestamp(), data={"order": event.object_id}
        )
        for visitor_id in visitor_ids
    ]
    if notices:
        transaction.on_commit(lambda: bus.notice(notices))


def customer_changed(event: ShopEvent, now: datetime.datetime) -> None:
    """The linked visitors carry the name that the account has now."""
    if not Visitor.objects.filter(user_id=event.object_id).exists():
        return
    customer = shop.current().customers([event.object_id]).get(event.object_id)
    if customer is not None:
        visitors.rename_user(user_id=event.object_id, name=customer.name)


def account_deleted(event: ShopEvent, now: datetime.datetime) -> None:
    """End the account's open sessions and forget who its visitors were."""
    user_id = event.object_id
    open_sessions = Session.objects.filter(visitor__user_id=user_id).exclude(state=SessionState.ENDED)
    for session_id in open_sessions.order_by("id").values_list("id", flat=True):
        sessions.end(session_id=session_id, actor=SystemActor(reason="erased"), now=now)
    ratings.forget_comments(visitor_ids=visitors.forget_user(user_id=user_id, now=now))
    members.account_deleted(user_id=user_id, now=now)
    methods.forget_account(user_id=user_id, now=now)
    ShopOrder.objects.filter(user_id=user_id).update(user_id=None)


HANDLERS: Final[Mapping[str, Callable[[ShopEvent, datetime.datetime], None]]] = {
    **dict.fromkeys(kinds.ORDER_KINDS, order),
    kinds.CUSTOMER_CREATED: customer_changed,
    kinds.CUSTOMER_UPDATED: customer_changed,
    kinds.CUSTOMER_DELETED: account_deleted,
    kinds.ACCOUNT_DELETED: account_deleted,
}
