"""Reps: who is there, for how many sessions, and until when that holds without a sign of life."""

from __future__ import annotations

import datetime
from typing import Final

from django.db import transaction
from django.db.models import F, Q

from .. import conf
from ..errors import Invalid
from . import announce, routing
from .capacity import lock
from .models import Rep, RepStatus
from .transitions import CLAIMED_STATES

MAX_CAPACITY: Final = 12  # as the table's CHECK
NAME_LIMIT: Final = 255
AVATAR_LIMIT: Final = 500

KEPT_STATES: Final = {  # what a rep keeps, by the status it sets itself to
    "online": CLAIMED_STATES,
    "away": CLAIMED_STATES - {"ringing"},
    "offline": frozenset[str](),
}


def ensure(*, user_id: str, name: str) -> Rep:
    """The rep of this member of staff; made, offline, when there is none yet. Safe against races."""
    return Rep.objects.get_or_create(user_id=user_id, defaults={"name": name[:NAME_LIMIT]})[0]


def presence(
    *,
    user_id: str,
    name: str,
    status: str,
    capacity: int | None,
    now: datetime.datetime,
    avatar_url: str | None = None,
) -> Rep:
    """The rep says whether it is there, and for how many sessions at once (None: as before).

    ``name`` and ``avatar_url`` are what visitors are shown from now on; an address too long to be kept is none.

    Online or away gives a lease of ``Settings.rep_lease`` seconds, within which the rep's socket has to open. Away
    gives back what rings at the rep; offline gives back everything, with its history, to its place in the queue.
    Reps are then asked for whoever waits.
    Raises Invalid for an unknown status, and for a capacity outside 1 to 12 or below the number of the rep's sessions.
    """
    if status not in RepStatus.values:
        raise Invalid(f"Must be one of {', '.join(RepStatus.values)}.", field="status")
    if capacity is not None and not 1 <= capacity <= MAX_CAPACITY:
        raise Invalid(f"Must be from 1 to {MAX_CAPACITY}.", field="capacity")
    rep_id = ensure(user_id=user_id, name=name).pk
    with transaction.atomic():
        rep = lock(rep_id)
        if capacity is not None and capacity < rep.load:
            raise Invalid(f"You have {rep.load} sessions now: end some first.", field="capacity")
        before, room = rep.status, rep.capacity
        rep.status = status
        rep.name = name[:NAME_LIMIT] or rep.name
        rep.capacity = capacity or rep.capacity
        rep.lease_until = None if status == RepStatus.OFFLINE else lease_from(now)
        rep.avatar_url = avatar_url if avatar_url and len(avatar_url) <= AVATAR_LIMIT else None
        rep.save(update_fields=["status", "name", "capacity", "lease_until", "avatar_url"])
        if before != status:
            announce.rep_changed(rep)
        if (before, room) != (status, rep.capacity):
            announce.waits_changed(now=now)
    # From here on nothing is assigned to a rep that is away or offline; what it holds can be given back one by one.
    # What a crash here leaves behind, the deadlines pick up.
    routing.release_all_of(rep_id=rep_id, states=CLAIMED_STATES - KEPT_STATES[status], reason=f"rep_{status}", now=now)
    routing.assign_on_commit(now)
    rep.refresh_from_db()
    return rep


def expire_leases(*, now: datetime.datetime, limit: int) -> int:
    """Set reps whose lease has run out offline. Their sessions are given back by the deadlines. How many."""
    gone = Rep.objects.exclude(status=RepStatus.OFFLINE).filter(Q(lease_until__lte=now) | Q(lease_until__isnull=True))
    expired = 0
    for rep_id in list(gone.order_by(F("lease_until").asc(nulls_first=True)).values_list("pk", flat=True)[:limit]):
        with transaction.atomic():
            rep = gone.select_for_update(skip_locked=True, no_key=True).filter(pk=rep_id).first()
            if rep is None:
                continue
            rep.status = RepStatus.OFFLINE
            rep.lease_until = None
            rep.save(update_fields=["status", "lease_until"])
            announce.rep_changed(rep)
            announce.waits_changed(now=now)
            expired += 1
    return expired


def lease_from(now: datetime.datetime) -> datetime.datetime:
    return now + datetime.timedelta(seconds=conf.load().rep_lease)
