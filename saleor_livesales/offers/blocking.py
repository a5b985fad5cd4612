"""Staff blocks a visitor, and lifts it again."""

from __future__ import annotations

import datetime
import uuid
from typing import Final

from django.db import transaction
from django.db.models import Q

from .. import wire
from ..bus import notice
from ..errors import Invalid, NotFound, PermissionDenied
from ..sessions import change, routing
from ..sessions.actors import RepActor
from ..sessions.models import Session
from ..sessions.transitions import Command
from ..visitors.models import Visitor, VisitorBlock
from . import actions

DURATIONS: Final = {"day": datetime.timedelta(days=1), "week": datetime.timedelta(days=7), "for_good": None}
REASON_LIMIT: Final = 500  # characters


def block(
    *, visitor_id: uuid.UUID, duration: str, reason: str, actor: RepActor, name: str, now: datetime.datetime
) -> VisitorBlock:
    """From now on the visitor, and whoever is signed in to the same account, gets no offer and opens no session. What
    is open ends, as when the rep ends it; nothing tells the visitor of the block.

    ``duration``: day, week, or for_good, which is the owner's alone. A block that holds is replaced, and stays in
    the log.
    One transaction: visitors first, then their sessions, then the reps of these.
    Raises NotFound, Invalid (reason, duration), PermissionDenied.
    """
    if duration not in DURATIONS:
        raise Invalid(f"Must be one of {', '.join(DURATIONS)}.", field="duration")
    lasts = DURATIONS[duration]
    if lasts is None and not actor.manager:
        raise PermissionDenied("Only who manages live sales can block for good.", field="duration")
    reason = _checked(reason)
    with transaction.atomic():
        visitors = _locked(visitor_id)
        blocked = next(visitor for visitor in visitors if visitor.pk == visitor_id)
        _lift(blocked, actor, now, field="duration")
        made = VisitorBlock.objects.create(
            visitor=blocked,
            user_id=blocked.user_id,
            reason=reason,
            by_user_id=actor.user_id,
            by_name=name[:255],
            at=now,
            until=now + lasts if lasts is not None else None,
        )
        ids = [visitor.pk for visitor in visitors]
        _end_sessions(ids, actor, now)
        actions.withdraw(visitor_ids=ids, now=now)
        _tell(ids, now)
    return made


def unblock(*, visitor_id: uuid.UUID, actor: RepActor, now: datetime.datetime) -> Visitor:
    """Lift whatever blocks this visitor, by itself or by its account. Where nothing does, nothing changes.

    Raises NotFound, and PermissionDenied where a block for good is another's than the owner's to lift.
    """
    with transaction.atomic():
        visitors = _locked(visitor_id)
        visitor = next(each for each in visitors if each.pk == visitor_id)
        _lift(visitor, actor, now, field="visitorId")
        _tell([each.pk for each in visitors], now)
    return visitor


def _lift(visitor: Visitor, actor: RepActor, now: datetime.datetime, *, field: str) -> None:
    """End what blocks this locked visitor, or its account. Raises PermissionDenied."""
    which = Q(visitor=visitor)
    if visitor.user_id is not None:
        which |= Q(user_id=visitor.user_id)
    holding = VisitorBlock.objects.filter(which, lifted_at=None)
    if not actor.manager and holding.filter(until=None).exists():
        raise PermissionDenied("Only who manages live sales can change what blocks for good.", field=field)
    holding.update(lifted_at=now, lifted_by_user_id=actor.user_id)


def _checked(reason: str) -> str:
    text = reason.strip()
    if not text:
        raise Invalid("Say why, for those who see it later.", field="reason")
    if len(text) > REASON_LIMIT:
        raise Invalid(f"The reason has {len(text)} characters. At most {REASON_LIMIT} are allowed.", field="reason")
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise Invalid("The reason holds a character that is not allowed.", field="reason")
    return text


def _locked(visitor_id: uuid.UUID) -> list[Visitor]:
    """The visitor and all others of its account, locked in the order of their ids, so that none starts meanwhile."""
    found = Visitor.objects.filter(pk=visitor_id).first()
    if found is None:
        raise NotFound("Couldn't resolve to a node of type LiveVisitor.", field="visitorId")
    which = Q(pk=visitor_id)
    if found.user_id is not None:
        which |= Q(user_id=found.user_id)
    return list(Visitor.objects.select_for_update().filter(which).order_by("pk"))


def _end_sessions(visitor_ids: list[uuid.UUID], actor: RepActor, now: datetime.datetime) -> None:
    open_ones = Session.objects.filter(visitor_id__in=visitor_ids).exclude(state="ended").order_by("pk")
    for session in open_ones.select_for_update(no_key=True):
        change.apply(session, Command.END, actor=actor, now=now, reason="rep")
        routing.assign_on_commit(now)


def _tell(visitor_ids: list[uuid.UUID], now: datetime.datetime) -> None:
    """The deciders look at these visitors anew."""
    events = [wire.Noticed(visitor=pk, kind="account", at=now.timestamp()) for pk in visitor_ids]
    transaction.on_commit(lambda: notice(events))
