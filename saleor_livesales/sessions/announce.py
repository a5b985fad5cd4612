"""What the two who take part, and all reps, are told after a change is committed.

A frame is built from the values of the committed change; the place in the queue is looked up when it is sent. Frames of
two changes may overtake each other: ``last_number`` tells which one is later.
"""

from __future__ import annotations

import datetime
import uuid
from typing import Final

import msgspec
from django.db import transaction

from .. import bus, wire
from ..ids import to_global_id
from . import expected, places
from .append import moment, told
from .models import Entry, Rating, Rep, Session

QUEUE_TOLD: Final = 200  # waiting visitors that are told of their new place at a time; the others refetch

Announcement = tuple[str, wire.Frame]


def entry_frame(entry: Entry) -> wire.Entry:
    """A line of a session as it goes over the wire."""
    data, picture = told(entry.data)
    return wire.Entry(
        session=to_global_id("LiveSession", entry.session_id),
        number=entry.number,
        kind=entry.kind,  # type: ignore[arg-type]
        sender=entry.sender,  # type: ignore[arg-type]
        at=moment(entry.at),
        text=entry.text,
        key=entry.key,
        data=data,
        picture=picture,
    )


def session_frame(session: Session, *, rep: Rep | None, position: int | None) -> wire.SessionChanged:
    """The session as the two who take part see it. The rep's name and picture are shown once it has accepted."""
    shown = rep if rep is not None and session.state in ("active", "on_hold", "ended") else None
    return wire.SessionChanged(
        id=to_global_id("LiveSession", session.pk),
        state=session.state,  # type: ignore[arg-type]
        form=session.form,  # type: ignore[arg-type]
        last_number=session.last_number,
        rep_name=shown.name if shown is not None else None,
        rep_avatar_url=shown.avatar_url if shown is not None else None,
        position=position,
        due_at=moment(session.due_at) if session.state == "ringing" and session.due_at is not None else None,
        reason=session.end_reason or None,
    )


def changed(
    *, session: Session, entry: Entry, before: str, former_rep_id: uuid.UUID | None, now: datetime.datetime
) -> None:
    """Announce a change of state when the transaction commits."""
    line = entry_frame(entry)
    snapshot = session_frame(session, rep=session.rep, position=None)
    channels = [bus.visitor_channel(session.visitor_id)]
    channels += [bus.rep_channel(rep_id) for rep_id in {session.rep_id, former_rep_id} - {None} if rep_id is not None]
    queue_frame = wire.QueueChanged(id=snapshot.id, state=snapshot.state, channel=session.channel)
    noticed = wire.Noticed(
        visitor=session.visitor_id,
        kind="session",
        channel=session.channel,
        at=now.timestamp(),
        data={"session": snapshot.id, "state": str(session.state), "reason": str(session.end_reason)},
    )
    session_id, queued_at, turn = session.pk, session.queued_at, session.turn
    queue_moved = "queued" in (before, session.state)

    def announce() -> None:
        told: list[Announcement] = []
        own = snapshot
        if queue_moved and queued_at is not None:
            waiting = places.from_place(
                queued_at=queued_at, turn=turn, session_id=session_id, limit=QUEUE_TOLD, now=now
            )
            for channel, frame in _place_frames(waiting, now):
                if frame.id != snapshot.id:
                    told.append((channel, frame))
                elif snapshot.state == "queued":
                    place = {"position": frame.position, "expected_wait": frame.expected_wait}
                    own = msgspec.structs.replace(snapshot, **place)
        first: list[Announcement] = [(channel, frame) for frame in (line, own) for channel in channels]
        bus.publish([*first, (bus.reps_channel(), queue_frame), *told])
        bus.notice([noticed])

    transaction.on_commit(announce, robust=True)


def again(session: Session) -> None:
    """Tell of the session's last change once more: who made it asks again, so its answer was lost, and with it perhaps
    the process that was to announce it. Whoever heard of it knows it by its number. Not for one that is queued."""
    entry = Entry.objects.filter(session=session, kind="state").order_by("-number").first()
    if entry is None:
        return
    own = session_frame(session, rep=session.rep, position=None)
    moved = wire.QueueChanged(id=own.id, state=own.state, channel=session.channel)
    channels = [bus.visitor_channel(session.visitor_id)]
    channels += [bus.rep_channel(session.rep_id)] if session.rep_id is not None else []
    told: list[Announcement] = [(channel, frame) for frame in (entry_frame(entry), own) for channel in channels]
    transaction.on_commit(lambda: bus.publish([*told, (bus.reps_channel(), moved)]), robust=True)  # type: ignore[arg-type]


def _place_frames(waiting: list[places.Place], now: datetime.datetime) -> list[tuple[str, wire.SessionChanged]]:
    """To each who waits: its place, and how long that may take. One query, or none where nobody waits."""
    if not waiting:
        return []
    pace = expected.pace(now=now)
    return [
        (
            bus.visitor_channel(place.visitor_id),
            wire.SessionChanged(
                id=to_global_id("LiveSession", place.session_id),
                state="queued",
                form=place.form,  # type: ignore[arg-type]
                last_number=place.last_number,
                position=place.position,
                expected_wait=expected.wait(position=place.position, pace=pace),
            ),
        )
        for place in waiting
    ]


def waits_changed(*, now: datetime.datetime) -> None:
    """Other reps than before are there, or time has changed the queue's order: tell who waits where it stands and what
    to expect now, when the transaction commits."""

    def announce() -> None:
        told: list[Announcement] = [*_place_frames(places.from_front(limit=QUEUE_TOLD, now=now), now)]
        bus.publish(told)

    transaction.on_commit(announce, robust=True)


def rep_changed(rep: Rep) -> None:
    """Announce a rep's presence to all reps when the transaction commits."""
    frame = wire.RepChanged(id=to_global_id("LiveRep", rep.pk), status=rep.status)  # type: ignore[arg-type]
    transaction.on_commit(lambda: bus.publish([(bus.reps_channel(), frame)]), robust=True)  # type: ignore[arg-type]


def read(*, session_id: uuid.UUID, visitor_id: uuid.UUID, rep_id: uuid.UUID | None, sender: str, number: int) -> None:
    """Tell both sides how far one of them has read, when the transaction commits."""
    frame = wire.Read(session=to_global_id("LiveSession", session_id), number=number, sender=sender)  # type: ignore[arg-type]
    _to_both(frame, visitor_id, rep_id)


def rated(rating: Rating, *, visitor_id: uuid.UUID) -> None:
    """Tell both sides what the visitor thought of the session, when the transaction commits."""
    session = to_global_id("LiveSession", rating.session_id)
    _to_both(wire.Rated(session=session, score=rating.score, comment=rating.comment), visitor_id, rating.rep_id)


def message(*, frame: wire.Entry, visitor_id: uuid.UUID, rep_id: uuid.UUID | None) -> None:
    """Tell both sides of a message, when the transaction commits."""
    _to_both(frame, visitor_id, rep_id)


def _to_both(frame: wire.Frame, visitor_id: uuid.UUID, rep_id: uuid.UUID | None) -> None:
    told: list[Announcement] = [(bus.visitor_channel(visitor_id), frame)]
    if rep_id is not None:
        told.append((bus.rep_channel(rep_id), frame))
    transaction.on_commit(lambda: bus.publish(told), robust=True)  # type: ignore[arg-type]
