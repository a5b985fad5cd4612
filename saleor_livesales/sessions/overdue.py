"""When a session is due, and what it is taken for once that moment has passed. Pure.

``due_at`` is a promise to look at the session at that moment. The decider keeps it within a second or so; whoever reads
in between takes the session for what it will be made.
"""

from __future__ import annotations

import datetime

from .. import conf
from .models import Session
from .places import fair_after


def ring_until(now: datetime.datetime) -> datetime.datetime:
    """When a rep that is asked now has let it ring out; also when a queued session is looked at again."""
    return now + datetime.timedelta(seconds=conf.load().ring_for)


def look_at(session: Session, now: datetime.datetime) -> datetime.datetime:
    """When a queued session is looked at again: for another round, or because from then on nobody passes it by."""
    assert session.queued_at is not None
    fair = session.queued_at + fair_after()
    return min(ring_until(now), fair) if fair > now else ring_until(now)


def idle_at(session: Session, now: datetime.datetime) -> datetime.datetime:
    """When an open conversation counts as idle, if nobody writes from now on."""
    latest = max(moment for moment in (session.last_message_at, session.accepted_at, now) if moment and moment <= now)
    return latest + datetime.timedelta(seconds=conf.load().idle_after)


def is_idle(session: Session, now: datetime.datetime) -> bool:
    """Whether its moment has passed and nobody wrote in the time before. A message moves the moment on."""
    if session.due_at is None or session.due_at > now:
        return False
    idle_after = datetime.timedelta(seconds=conf.load().idle_after)
    return session.last_message_at is None or session.last_message_at + idle_after <= now


def is_over(session: Session, now: datetime.datetime) -> bool:
    """Whether the moment has passed of which both were told that the session ends then."""
    return session.ends_at is not None and session.ends_at <= now


def state_at(session: Session, now: datetime.datetime) -> str:
    """The state to show: a rung out session waits again, an idle one has ended, and so has one whose end was said."""
    if session.state == "ringing" and session.due_at is not None and session.due_at <= now:
        return "queued"
    if session.state in ("active", "on_hold") and is_idle(session, now):
        return "ended"
    if is_over(session, now):
        return "ended"
    return session.state
