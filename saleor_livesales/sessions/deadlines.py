"""What happens by the passing of time. Run by every decider each second, any number of them at once.

Each session is handled in a transaction of its own, with ``SKIP LOCKED``: what another worker holds is left to it.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from .. import conf
from ..visitors.models import Visit
from . import announce, change, overdue, places, reps, routing
from .actors import SystemActor
from .models import Entry, Rep, RepStatus, Session
from .transitions import CLAIMED_STATES, OPEN_STATES, Command

SYSTEM = SystemActor(reason="")
CLOCKS_DIFFER: Final = datetime.timedelta(seconds=15)  # among machines that keep the time


@dataclass(frozen=True)
class Since:
    """Since when the caller could tell somebody's silence from its own deafness. None: always.

    ``heard``: it has read the visitors' events without a break. ``reached``: the database was there, so that leases
    could be extended. ``even``: the clock was not set.
    """

    heard: datetime.datetime | None = None
    reached: datetime.datetime | None = None
    even: datetime.datetime | None = None


ALWAYS: Final = Since()


def work_off(*, now: datetime.datetime, limit: int = 100, since: Since = ALWAYS) -> int:
    """Do what is due, ``limit`` of each kind at most, and ask reps for whoever waits. How much was done.

    A silence that is longer than the caller could listen says nothing: nobody is taken for gone, and no conversation
    for idle, because Redis, PostgreSQL or the decider was away, or because a clock was set.
    """
    settings = conf.load()
    _pull_in(now, limit)
    done = 0
    if _covers(since.reached, now, settings.rep_lease):
        done += reps.expire_leases(now=now, limit=limit)
        done += _each(_of_gone_reps(now), _release("rep_gone", now), limit)
    done += _each(_said_to_end(now), lambda session: _end(session.ends_for, now)(session), limit)
    done += _each(_rung_out(now), _release("no_answer", now), limit)
    if _covers(since.heard, now, settings.abandon_after):
        done += _each(_abandoned(now), _end("abandoned", now), limit)
    if _covers(since.even, now, settings.idle_after):
        done += _each(_due(now, "active", "on_hold"), lambda session: _idle(session, now), limit)
    done += _each(_due(now, "queued"), lambda session: _look_again(session, now), limit)
    return done + routing.assign_waiting(now=now, limit=limit)


def _covers(since: datetime.datetime | None, now: datetime.datetime, seconds: int) -> bool:
    return since is None or since <= now - datetime.timedelta(seconds=seconds)


def _pull_in(now: datetime.datetime, limit: int) -> None:
    """A deadline further away than any can be was set by a clock that was wrong: set it anew, from now."""
    settings = conf.load()
    for states, seconds in ((("queued", "ringing"), settings.ring_for), (("active", "on_hold"), settings.idle_after)):
        latest = now + datetime.timedelta(seconds=seconds)
        with transaction.atomic():
            far = Session.objects.filter(state__in=states, due_at__gt=latest + CLOCKS_DIFFER)
            found = far.order_by("id").select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True)
            if ids := list(found[:limit]):
                Session.objects.filter(pk__in=ids).update(due_at=latest)
    latest = now + datetime.timedelta(seconds=settings.rep_lease)
    Rep.objects.filter(lease_until__gt=latest + CLOCKS_DIFFER).update(lease_until=latest)


def _each(due: QuerySet[Session], handle: Callable[[Session], None], limit: int) -> int:
    done = 0
    for session_id in list(due.order_by("due_at", "id").values_list("pk", flat=True)[:limit]):
        with transaction.atomic():
            locked = due.select_for_update(skip_locked=True, no_key=True, of=("self",)).filter(pk=session_id).first()
            if locked is not None:  # otherwise handled meanwhile, or about to be
                handle(locked)
                done += 1
    return done


def _of_gone_reps(now: datetime.datetime) -> QuerySet[Session]:
    gone = Q(rep__status=RepStatus.OFFLINE) | Q(rep__lease_until__lte=now) | Q(rep__lease_until__isnull=True)
    return Session.objects.filter(gone, state__in=CLAIMED_STATES)


def _said_to_end(now: datetime.datetime) -> QuerySet[Session]:
    return Session.objects.filter(state__in=OPEN_STATES, ends_at__lte=now)


def _rung_out(now: datetime.datetime) -> QuerySet[Session]:
    return _due(now, "ringing")


def _due(now: datetime.datetime, *states: str) -> QuerySet[Session]:
    return Session.objects.filter(state__in=states, due_at__lte=now)


def _abandoned_since(now: datetime.datetime) -> datetime.datetime:
    return now - datetime.timedelta(seconds=conf.load().abandon_after)


def _abandoned(now: datetime.datetime) -> QuerySet[Session]:
    """Waiting sessions whose visitor neither was seen on the site nor wrote for ``Settings.abandon_after`` seconds."""
    since = _abandoned_since(now)
    seen = Visit.objects.filter(visitor_id=OuterRef("visitor_id"), current=True, last_seen_at__gt=since)
    return Session.objects.filter(
        ~Exists(seen),
        Q(last_message_at__isnull=True) | Q(last_message_at__lte=since),
        state__in=("queued", "ringing"),
        queued_at__lte=since,
    )


def _release(reason: str, now: datetime.datetime) -> Callable[[Session], None]:
    def release(session: Session) -> None:
        change.apply(session, Command.RELEASE, actor=SYSTEM, now=now, reason=reason)

    return release


def _end(reason: str, now: datetime.datetime) -> Callable[[Session], None]:
    def end(session: Session) -> None:
        change.apply(session, Command.END, actor=SYSTEM, now=now, reason=reason)

    return end


def _idle(session: Session, now: datetime.datetime) -> None:
    """End it, or, since somebody wrote meanwhile, move its deadline on."""
    if overdue.is_idle(session, now):
        _end("idle", now)(session)
        return
    assert session.last_message_at is not None
    session.due_at = session.last_message_at + datetime.timedelta(seconds=conf.load().idle_after)
    session.save(update_fields=["due_at"])


def _look_again(session: Session, now: datetime.datetime) -> None:
    """A new round: reps that let it ring out are asked again. With no rep online for long, it ends unanswered."""
    if not routing.somebody_online(now):
        entries = Entry.objects.filter(session_id=session.pk, kind="state").order_by("-number")
        waiting_since = entries.values_list("at", flat=True)[0]
        if waiting_since <= _abandoned_since(now):
            _end("nobody", now)(session)
            return
    assert session.queued_at is not None and session.due_at is not None
    if session.due_at <= session.queued_at + places.fair_after() <= now and _passed(session):
        announce.waits_changed(now=now)  # it moved to the front of those who had passed it by
    session.rung = []
    session.due_at = overdue.look_at(session, now)
    session.save(update_fields=["rung", "due_at"])


def _passed(session: Session) -> bool:
    """Whether somebody who came later has a higher priority."""
    return Session.objects.filter(state="queued", turn__lt=session.turn, queued_at__gt=session.queued_at).exists()
