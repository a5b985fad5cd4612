"""Lines of a session's log that neither of the two wrote and that change no state: that it is going to end, and why."""

from __future__ import annotations

import datetime

from . import announce, append, change
from .models import Session


def ends(session: Session, *, at: datetime.datetime, reason: str, now: datetime.datetime) -> None:
    """Tell both that the locked, open session ends ``at``, for a reason of ``EndReason``. The decider ends it."""
    session.ends_at = at
    session.ends_for = reason
    _add(session, {"notice": "ends", "endsAt": append.moment(at), "reason": reason}, now)


def goes_on(session: Session, *, now: datetime.datetime) -> None:
    """Take that back."""
    session.ends_at = None
    session.ends_for = ""
    _add(session, {"notice": "goes_on"}, now)


def _add(session: Session, data: dict[str, str], now: datetime.datetime) -> None:
    entry = change.add_entry(session, kind="notice", sender="system", sender_id=None, data=data, now=now)
    session.save(update_fields=["ends_at", "ends_for", "last_number"])
    frame = announce.entry_frame(entry)
    announce.message(frame=frame, visitor_id=session.visitor_id, rep_id=session.rep_id)
