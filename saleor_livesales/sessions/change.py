"""The one way in which a session changes its state.

Every change is an entry with the next number, written in the transaction that changes the row, and announced after it.
"""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from . import announce, capacity, overdue
from .actors import Actor, RepActor, VisitorActor
from .models import Entry, Rep, Session
from .policy import not_found
from .transitions import CLAIMED_STATES, Command, after


def lock(session_id: uuid.UUID) -> Session:
    """The session as it is now, locked to the end of the transaction. Raises NotFound."""
    session = Session.objects.select_for_update(no_key=True).filter(pk=session_id).first()
    if session is None:
        raise not_found()
    return session


def add_entry(
    session: Session,
    *,
    kind: str,
    sender: str,
    sender_id: uuid.UUID | None,
    data: dict[str, Any],
    now: datetime.datetime,
) -> Entry:
    """The next numbered line of a locked session. The caller saves the session's ``last_number``."""
    session.last_number += 1
    return Entry.objects.create(
        session=session,
        number=session.last_number,
        kind=kind,
        sender=sender,
        sender_id=sender_id,
        data=data,
        at=now,
    )


def apply(
    session: Session,
    command: Command,
    *,
    actor: Actor,
    now: datetime.datetime,
    rep: Rep | None = None,
    reason: str = "",
) -> Entry:
    """Do ``command`` on a locked session: its row, its entry, its rep's load, and the announcement on commit.

    ``rep`` is the one who is asked or who accepts, locked by the caller and found free where the session is not already
    counted in its load. ``reason`` says why a session ended or went back to the queue.
    Raises SessionEnded or NotAllowedNow.
    """
    before = session.state
    state = after(before, command)
    former_rep_id = session.rep_id
    session.state = state
    match command:
        case Command.QUEUE:
            session.queued_at = now
            session.due_at = overdue.look_at(session, now)
        case Command.RING:
            assert rep is not None
            session.rep = rep
            session.due_at = overdue.ring_until(now)
        case Command.ACCEPT:
            assert rep is not None
            session.rep = rep
            session.rung = []
            session.accepted_at = now
            session.due_at = overdue.idle_at(session, now)
        case Command.HOLD | Command.RESUME:
            session.due_at = overdue.idle_at(session, now)
        case Command.RELEASE:
            if before == "ringing" and reason == "no_answer":
                session.rung = sorted({*session.rung, str(former_rep_id)})
            session.rep = None
            session.due_at = overdue.look_at(session, now)
        case Command.END:
            session.end_reason = reason
            session.ended_at = now
            session.awaiting_since = None
            session.due_at = None
            session.ends_at = None
            session.ends_for = ""
            if before == "ringing":
                session.rep = None  # was asked, never served
    if (before in CLAIMED_STATES) != (state in CLAIMED_STATES):
        counted = rep or capacity.lock(former_rep_id)  # type: ignore[arg-type]  # a claimed session has a rep
    else:
        counted = None
    entry = add_entry(
        session,
        kind="state",
        sender=_sender(actor),
        sender_id=_sender_id(actor),
        data=_data(session, before, reason, rep if command is Command.ACCEPT else None),
        now=now,
    )
    session.save()
    if counted is not None:
        if command in (Command.RING, Command.ACCEPT):
            counted.last_assigned_at = now
            counted.save(update_fields=["last_assigned_at"])
        capacity.recount(counted)
    announce.changed(session=session, entry=entry, before=before, former_rep_id=former_rep_id, now=now)
    return entry


def _sender(actor: Actor) -> str:
    match actor:
        case VisitorActor():
            return "visitor"
        case RepActor():
            return "rep"
    return "system"


def _sender_id(actor: Actor) -> uuid.UUID | None:
    match actor:
        case VisitorActor(visitor_id=visitor_id):
            return visitor_id
        case RepActor(rep_id=rep_id):
            return rep_id
    return None


def _data(session: Session, before: str, reason: str, accepted_by: Rep | None) -> dict[str, str]:
    data = {"from": before, "to": str(session.state), "form": str(session.form)}
    if reason:
        data["reason"] = reason
    if accepted_by is not None:
        data["repName"] = accepted_by.name
    return data
