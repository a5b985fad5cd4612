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


def changed_orders(*, now: datetime.datetime) -> int:
    """Follow the orders that changed since the last run and have a plan in them. How many were followed.

    The mark moves when a page is done: a run that dies is run again.
    """
    followed = 0
    mark = OrdersSeen.objects.filter(pk=1).first()
    since = (mark.until if mark else now - FIRST_LOOK) - OVERLAP
    while page := shop.current().orders_changed_since(since, PAGE):
        found = shop.current().orders([row["id"] for row in page])
        for order_id in orders.concerns(list(found.values())):
            orders.follow(order_id=order_id, now=now)
            followed += 1
        reached = page[-1]["changed_at"]
        OrdersSeen.objects.update_or_create(pk=1, defaults={"until": reached})
        if len(page) < PAGE:
            break
        since = max(reached - MOMENT, since + MOMENT)
    return followed
