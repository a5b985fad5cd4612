"""What happens by the passing of time. Run by every decider each second, any number of them at once.

Each session is handled in a transaction of its own, with ``SKIP LOCKED``: what another worker holds is left to it.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from .. import conf
from ..visitors.models import Visit
from . import change, overdue, reps, routing
from .actors import SystemActor
from .models import Entry, RepStatus, Session
from .transitions import CLAIMED_STATES, Command

SYSTEM = SystemActor(reason="")


def work_off(*, now: datetime.datetime, limit: int = 100, heard_since: datetime.datetime | None = None) -> int:
    """Do what is due, ``limit`` of each kind at most, and ask reps for whoever waits. How much was done.

    ``heard_since``: the moment since which the caller has read the visitors' events without a break. A visitor's
    silence counts only while somebody listened, so that nobody is taken for gone because Redis or the decider was
    away. None: always.
    """
    done = reps.expire_leases(now=now, limit=limit)
    done += _each(_of_gone_reps(now), _release("rep_gone", now), limit)
    done += _each(_rung_out(now), _release("no_answer", now), limit)
    if heard_since is None or heard_since <= _abandoned_since(now):
        done += _each(_abandoned(now), _end("abandoned", now), limit)
    done += _each(_due(now, "active", "on_hold"), lambda session: _idle(session, now), limit)
    done += _each(_due(now, "queued"), lambda session: _look_again(session, now), limit)
    return done + routing.assign_waiting(now=now, limit=limit)


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
    session.rung = []
    session.due_at = overdue.ring_until(now)
    session.save(update_fields=["rung", "due_at"])
