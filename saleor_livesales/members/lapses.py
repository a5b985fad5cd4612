"""Open sessions of memberships that have ended: they go on, end after some minutes, or at once, as the channel sets.

Looked for anew each time, so that it doesn't matter in which order a session began and its membership ended, nor
whether a process died in between.
"""

from __future__ import annotations

import datetime
import uuid
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from ..channels import queries as channels
from ..channels.models import ChannelSettings
from ..sessions import change, notices
from ..sessions.actors import SystemActor
from ..sessions.models import EndReason, Session
from ..sessions.transitions import OPEN_STATES, Command
from . import benefits, machine
from .models import Membership

PAGE: Final = 200
REASON: Final = EndReason("lapsed").value


def follow(*, now: datetime.datetime) -> int:
    """Announce, make or take back the end of each session whose membership has ended. How many were changed."""
    changed = 0
    after = uuid.UUID(int=0)
    while page := list(_concerned().filter(pk__gt=after).order_by("pk").values_list("pk", "membership_id")[:PAGE]):
        changed += sum(_follow(session_id, membership_id, now) for session_id, membership_id in page)
        after = page[-1][0]
    return changed


def _concerned() -> QuerySet[Session]:
    """Open sessions that may be to end, and those of which it was said."""
    ended = Membership.objects.filter(pk=OuterRef("membership_id"), state__in=machine.ENDED_STATES)
    ending = ChannelSettings.objects.filter(channel=OuterRef("channel"), ends_after_lapse__isnull=False)
    to_end = Q(Exists(ended), Exists(ending), ends_at__isnull=True)
    return Session.objects.filter(to_end | Q(ends_for=REASON), state__in=OPEN_STATES, membership_id__isnull=False)


def _follow(session_id: uuid.UUID, membership_id: uuid.UUID, now: datetime.datetime) -> bool:
    with transaction.atomic():
        # First the member, as where a session starts: whoever pays at this moment is waited for.
        membership = Membership.objects.select_for_update(no_key=True).filter(pk=membership_id).first()
        session = change.lock(session_id)
        if session.state not in OPEN_STATES:
            return False
        settings = channels.settings_for(session.channel)
        minutes = settings.ends_after_lapse if settings is not None else None
        holds = membership is not None and machine.entitled(row=membership, now=now)
        if minutes is None or holds or benefits.of_visitor(session.visitor_id, now=now):
            if session.ends_for != REASON:
                return False
            notices.goes_on(session, now=now)
        elif session.ends_at is not None:
            return False
        elif minutes == 0:
            change.apply(session, Command.END, actor=SystemActor(reason=""), now=now, reason=REASON)
        else:
            at = now + datetime.timedelta(minutes=minutes)
            notices.ends(session, at=at, reason=REASON, now=now)
    return True
