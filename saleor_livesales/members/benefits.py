"""What a membership gives in live help: an arrangement, a place before others in the queue, forms of help, sessions a
period.

Read when a session starts, and kept with it: a membership that ends later changes nothing of a session that waits or
goes on.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q

from ..codes.models import HolderKind
from ..errors import LiveSalesError
from ..sessions.forms import FormNotAvailable
from ..sessions.privileges import NOBODYS, Privilege
from ..visitors import queries as visitors
from ..visitors.models import Visitor
from . import machine, periods
from .models import Arrangement, Membership

# A session counts while it waits, rings or goes on, and once a rep took it. One that nobody took does not.
_USED_SQL = """
SELECT wanted.id, count(s.id)
FROM unnest(%s::uuid[], %s::timestamptz[]) AS wanted(id, since)
LEFT JOIN saleor_livesales_session s ON s.membership_id = wanted.id AND s.created_at >= wanted.since
    AND (s.accepted_at IS NOT NULL OR s.state <> 'ended')
GROUP BY wanted.id
"""


class SessionsUsedUp(LiveSalesError):
    """The membership's sessions of this period are used up. The visitor may leave a message."""

    code = "SESSIONS_USED_UP"


@dataclass(frozen=True, kw_only=True)
class Sessions:
    """Of the present period. ``limit`` is None where the plan sets none."""

    used: int
    limit: int | None
    since: datetime.datetime
    until: datetime.datetime

    @property
    def left(self) -> int | None:
        return None if self.limit is None else max(0, self.limit - self.used)


def claim(*, visitor_id: uuid.UUID, form: str, invited: bool, now: datetime.datetime) -> Privilege:
    """What this visitor has before others in a session that it starts now, in the transaction that makes the session.

    Of several memberships the one with the highest priority that has a session left. The row of one that counts its
    sessions is locked until the session is there. Whom the store invited is let in without counting what is left.
    Raises SessionsUsedUp, FormNotAvailable; whoever is no member gets ``NOBODYS``.
    """
    refused: LiveSalesError | None = None
    for row in of_visitor(visitor_id, now=now):
        plan = row.plan
        if plan.sessions_per_period:
            locked = Membership.objects.select_for_update(no_key=True).get(pk=row.pk)
            if locked.plan_id != row.plan_id or not machine.entitled(row=locked, now=now):
                continue  # changed meanwhile
            locked.plan = plan
            row = locked
        if not invited:
            if plan.forms and form not in plan.forms:
                refused = refused or FormNotAvailable("Your plan does not have this form of help.", field="form")
                continue
            if plan.sessions_per_period and sessions_of([row], now=now)[row.pk].left == 0:
                refused = SessionsUsedUp(
                    "The sessions that your plan has for this period are used up. You can leave a message."
                )
                continue
        return Privilege(membership_id=row.pk, priority=plan.priority)
    if refused is not None:
        raise refused
    return NOBODYS


def of_visitor(visitor_id: uuid.UUID, *, now: datetime.datetime) -> list[Membership]:
    """The memberships that hold for this visitor: its account's, and those whose sign-in code it entered. The highest
    priority first, then the highest level. Three queries."""
    user_id = Visitor.objects.filter(pk=visitor_id).values_list("user_id", flat=True).first()
    codes = visitors.passes(now=now).filter(visitor_id=visitor_id, opens_kind=HolderKind.MEMBER)
    shown = [uuid.UUID(key) for key in codes.values_list("opens_id", flat=True)]
    wanted = Q(pk__in=shown)
    if user_id:
        wanted |= Q(user_id=user_id)
    elif not shown:
        return []
    found = Membership.objects.filter(wanted, state__in=machine.LIVE_STATES).select_related("plan")
    holding = [row for row in found if machine.entitled(row=row, now=now)]
    return sorted(holding, key=lambda row: (-row.plan.priority, -row.plan.level, str(row.pk)))


def may_ask(*, visitor_id: uuid.UUID, now: datetime.datetime) -> bool:
    """Whether a plan lets this visitor ask for help where its channel takes no requests."""
    return any(row.plan.arrangement != Arrangement.RULES for row in of_visitor(visitor_id, now=now))


@dataclass(frozen=True, kw_only=True)
class Badge:
    """As what a visitor is known: ``name`` is the person's, for its own account alone."""

    membership: Membership
    name: str
    by_code: bool


def badge(visitor_id: uuid.UUID, *, now: datetime.datetime) -> Badge | None:
    """What the visitor may be shown of the highest membership that holds for it; None for whoever has none."""
    rows = of_visitor(visitor_id, now=now)
    if not rows:
        return None
    visitor = Visitor.objects.get(pk=visitor_id)
    best = max(rows, key=lambda row: (row.plan.level, row.user_id == visitor.user_id, row.paid_until, str(row.pk)))
    own = best.user_id == visitor.user_id
    return Badge(membership=best, name=visitor.name if own else "", by_code=not own)


def sessions_of(rows: Collection[Membership], *, now: datetime.datetime) -> Mapping[uuid.UUID, Sessions]:
    """How many sessions of the present period each membership has used. The rows have their plans. One query."""
    spans = {row.pk: span(row, now=now) for row in rows}
    with connection.cursor() as cursor:
        cursor.execute(_USED_SQL, [list(spans), [since for since, _ in spans.values()]])
        used = dict(cursor.fetchall())
    return {
        row.pk: Sessions(
            used=used[row.pk],
            limit=row.plan.sessions_per_period or None,
            since=spans[row.pk][0],
            until=spans[row.pk][1],
        )
        for row in rows
    }


def span(row: Membership, *, now: datetime.datetime) -> tuple[datetime.datetime, datetime.datetime]:
    """Begin and end of the period in which ``now`` is. Before the first one, on trial or in the time that came from
    another plan, that is all of it; past due and in grace it is the period that is asked for."""
    if now < row.anchor:
        return row.since, row.anchor
    low, high = 0, row.periods  # the last one that has begun
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if periods.end_of(row, middle) <= now else (low, middle - 1)
    return periods.end_of(row, low), periods.end_of(row, low + 1)
