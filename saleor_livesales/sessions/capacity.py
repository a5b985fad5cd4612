"""A rep's free places, claimed under the rep's row lock.

Lock order everywhere: the visitor first where it is locked at all, then the session, then its rep, one of each in a
transaction (a block ends all sessions of an account, in the order of their ids). ``load`` is counted anew under the
lock, so that no sequence of events can make it drift; the table's CHECK stands behind it.
"""

from __future__ import annotations

import datetime
import uuid
from typing import Final

from ..errors import LiveSalesError
from .models import Rep, RepStatus, Session
from .transitions import CLAIMED_STATES

WEIGHT: Final = 1  # of a chat


class RepBusy(LiveSalesError):
    """The rep has no free place."""

    code = "REP_BUSY"


class RepOffline(LiveSalesError):
    """The rep is not online, or its lease has run out."""

    code = "REP_OFFLINE"


def lock(rep_id: uuid.UUID) -> Rep:
    """The rep as it is now, locked to the end of the transaction. The caller holds its session's lock, or none."""
    return Rep.objects.select_for_update(no_key=True).get(pk=rep_id)


def is_online(rep: Rep, now: datetime.datetime) -> bool:
    return rep.status == RepStatus.ONLINE and rep.lease_until is not None and rep.lease_until > now


def require_online(rep: Rep, now: datetime.datetime) -> None:
    """Raises RepOffline."""
    if not is_online(rep, now):
        raise RepOffline("You are not online. Set yourself online to take sessions.", field="id")


def require_free(rep: Rep, now: datetime.datetime) -> None:
    """Raises RepOffline or RepBusy. ``rep`` is locked."""
    require_online(rep, now)
    if rep.load + WEIGHT > rep.capacity:
        raise RepBusy(f"You already have {rep.load} of {rep.capacity} sessions.", field="id")


def recount(rep: Rep) -> None:
    """Bring ``load`` in line with the rep's sessions, this transaction's changes included. ``rep`` is locked."""
    rep.load = Session.objects.filter(rep_id=rep.pk, state__in=CLAIMED_STATES).count() * WEIGHT
    rep.save(update_fields=["load"])
