"""Who is blocked. A block is of a visitor, and of every visitor that is signed in to the same account."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Collection

from django.db.models import Q, QuerySet

from .models import Visitor, VisitorBlock


def active(*, now: datetime.datetime) -> QuerySet[VisitorBlock]:
    """Blocks that hold at ``now``, the latest first."""
    holds = Q(until__isnull=True) | Q(until__gt=now)
    return VisitorBlock.objects.filter(holds, lifted_at=None).select_related("visitor").order_by("-at", "-id")


def of_visitors(*, visitor_ids: Collection[uuid.UUID], now: datetime.datetime) -> dict[uuid.UUID, VisitorBlock]:
    """The block of each visitor that has one, by itself or by its account, in two queries."""
    accounts = dict(Visitor.objects.filter(pk__in=visitor_ids).values_list("pk", "user_id"))
    users = {user_id for user_id in accounts.values() if user_id is not None}
    found = list(active(now=now).filter(Q(visitor_id__in=visitor_ids) | Q(user_id__in=users)))
    by_visitor = {block.visitor_id: block for block in found}
    by_user = {block.user_id: block for block in found if block.user_id is not None}
    blocks = {pk: by_visitor.get(pk) or by_user.get(user) for pk, user in accounts.items()}
    return {pk: block for pk, block in blocks.items() if block is not None}


def locked_and_blocked(*, visitor_id: uuid.UUID, now: datetime.datetime) -> bool:
    """Whether the visitor is blocked, under its row lock: blocking takes the same one, so that it comes before, or sees
    what the caller's transaction has done."""
    Visitor.objects.select_for_update(no_key=True).get(pk=visitor_id)
    return bool(of_visitors(visitor_ids=[visitor_id], now=now))
