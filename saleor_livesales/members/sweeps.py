"""What no hook reported: orders that changed lately are looked at again, and those that wait for an account."""

from __future__ import annotations

import datetime
from typing import Final

from .. import shop
from . import orders
from .models import OrdersSeen

PAGE: Final = 200
OVERLAP: Final = datetime.timedelta(minutes=5)  # an order's moment is set before its transaction is committed
MOMENT: Final = datetime.timedelta(microseconds=1)
FIRST_LOOK: Final = datetime.timedelta(days=1)
PATIENCE: Final = datetime.timedelta(days=1)  # with an order that can't be followed


def changed_orders(*, now: datetime.datetime) -> int:
    """Follow the orders that changed since the last run and have a plan in them. How many were followed.

    The mark moves when a page is done: a run that dies is run again. For a day it stays before an order that could not
    be followed, which holds up no other.
    """
    followed = 0
    held = None
    mark = OrdersSeen.objects.filter(pk=1).first()
    since = (mark.until if mark else now - FIRST_LOOK) - OVERLAP
    while page := shop.current().orders_changed_since(since, PAGE):
        found = shop.current().orders([row["id"] for row in page])
        wanted = orders.concerns(list(found.values()))
        failed = orders.follow_each(order_ids=wanted, now=now)
        followed += len(wanted) - len(failed)
        held = held or next((row["changed_at"] for row in page if row["id"] in failed), None)
        reached = page[-1]["changed_at"]
        until = reached if held is None else min(reached, max(held, now - PATIENCE))
        OrdersSeen.objects.update_or_create(pk=1, defaults={"until": until})
        if len(page) < PAGE:
            break
        since = max(reached - MOMENT, since + MOMENT)
    return followed
