"""Orders that came of printed pieces.

An order belongs to the piece whose code its visitor entered last, within ``COUNTED_FOR`` before placing it: to one
piece at most, and for good. It counts while it is paid, not cancelled, and not given back as a whole.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Collection
from typing import Final

from .. import shop
from ..visitors.models import VisitorPass
from .models import HolderKind, PieceOrder

COUNTED_FOR: Final = datetime.timedelta(
    days=7
)  # after the code was entered, a visitor's sessions and orders are the piece's


def follow(*, order_id: str, visitor_ids: Collection[uuid.UUID]) -> None:
    """Something happened to an order of these visitors: note whose it is, and what it is worth now.

    The caller keeps others from doing so for the same order meanwhile.
    """
    row = PieceOrder.objects.filter(pk=order_id).first()
    entered = VisitorPass.objects.filter(visitor_id__in=visitor_ids, opens_kind=HolderKind.PIECE)
    if row is None and not entered.exists():
        return
    order = shop.current().orders([order_id]).get(order_id)
    if order is None:
        return
    if row is None:
        within = entered.filter(
            channel=order.channel, at__lte=order.placed_at, at__gt=order.placed_at - COUNTED_FOR
        ).order_by("-at", "-id")
        last = within.first()
        if last is None:
            return
        row = PieceOrder(order_id=order_id, piece_id=uuid.UUID(last.opens_id), placed_at=order.placed_at)
    row.counts = order.paid and not order.cancelled and order.refunded < order.total
    row.income, row.currency = order.total - order.refunded, order.currency
    row.save()
