"""Which rep is asked for which waiting session.

The first in the queue (``places``) gets the rep whose offer led to it, where that one is free; else the one with the
least load, among equals the one who was asked longest ago. A rep that let
this session ring out is not asked for it again in the same round. Run by every action that frees a place or fills the
queue, and each second by the decider, so that no session stays unassigned while a rep is free.
"""

from __future__ import annotations

import datetime
import uuid

from django.db import transaction
from django.db.models import F, QuerySet

from . import capacity, change, places
from .actors import SystemActor
from .models import Rep, RepStatus, Session
from .transitions import CLAIMED_STATES, Command

BATCH = 100


def assign_waiting(*, now: datetime.datetime, limit: int = BATCH) -> int:
    """Ask a rep for each waiting session, in the queue's order, while there are free reps. How many were asked for.

    Looks at ``limit`` sessions, each in a transaction of its own; any number of these may run at once. Those that
    another one has locked are passed over: it is at work on them.
    """
    asked = 0
    tried: list[uuid.UUID] = []
    while len(tried) < limit and free_reps(now).exists():
        with transaction.atomic():
            session = _first(tried, now)
            if session is None:
                break
            tried.append(session.pk)
            asked += assign(session, now=now)
    return asked


def _first(tried: list[uuid.UUID], now: datetime.datetime) -> Session | None:
    """The first in the queue that is neither among these nor locked; it is locked now. Two queries at most."""
    untried = Session.objects.select_for_update(skip_locked=True, no_key=True).exclude(pk__in=tried)
    for waiting, order in places.in_order(untried, now):
        session = waiting.order_by(*order).first()
        if session is not None:
            return session
    return None


def assign(session: Session, *, now: datetime.datetime) -> bool:
    """Ask a free rep for this locked, queued session, in the caller's transaction. False: there is none for it."""
    free = free_reps(now).exclude(pk__in=session.rung)
    rep = None
    if session.wanted_rep_id is not None:  # worth waiting for, if somebody is at that rep's row just now
        rep = free.select_for_update(no_key=True).filter(pk=session.wanted_rep_id).first()
    rep = rep or in_turn(free.select_for_update(skip_locked=True, no_key=True)).first()
    if rep is None:
        return False
    change.apply(session, Command.RING, actor=SystemActor(reason=""), now=now, rep=rep)
    return True


def release_all_of(*, rep_id: uuid.UUID, states: frozenset[str], reason: str, now: datetime.datetime) -> int:
    """Give this rep's sessions in ``states`` back to the queue, each in a transaction of its own. How many."""
    released = 0
    claimed = Session.objects.filter(rep_id=rep_id, state__in=states & CLAIMED_STATES)
    for session_id in list(claimed.values_list("pk", flat=True)):
        with transaction.atomic():
            session = claimed.select_for_update(no_key=True).filter(pk=session_id).first()
            if session is None:  # accepted elsewhere or ended meanwhile
                continue
            change.apply(session, Command.RELEASE, actor=SystemActor(reason=""), now=now, reason=reason)
            released += 1
    return released


def assign_on_commit(now: datetime.datetime) -> None:
    """Once this transaction is committed, ask reps for whoever waits."""
    transaction.on_commit(lambda: assign_waiting(now=now), robust=True)  # type: ignore[arg-type]


def free_reps(now: datetime.datetime) -> QuerySet[Rep]:
    """Reps that can be asked now."""
    return Rep.objects.filter(status=RepStatus.ONLINE, lease_until__gt=now, load__lte=F("capacity") - capacity.WEIGHT)


def in_turn(reps: QuerySet[Rep]) -> QuerySet[Rep]:
    """In the order in which they are asked."""
    return reps.order_by("load", F("last_assigned_at").asc(nulls_first=True), "id")


def next_in_turn(now: datetime.datetime) -> Rep | None:
    """Who would be asked if a session were started now; None where it would have to wait."""
    return in_turn(free_reps(now)).first()


def somebody_online(now: datetime.datetime) -> bool:
    """Whether any rep is online, free or not."""
    return Rep.objects.filter(status=RepStatus.ONLINE, lease_until__gt=now).exists()
