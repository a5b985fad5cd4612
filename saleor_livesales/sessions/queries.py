"""Reading sessions. Sessions and entries are read from the primary, never from a replica."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping

from django.db.models import F, QuerySet

from ..visitors.models import Visitor
from . import policy
from .actors import Actor
from .models import Inquiry, Rep, Session
from .places import in_order as in_order
from .places import positions as positions


def visible(*, actor: Actor) -> QuerySet[Session]:
    """The sessions that this actor may see: a visitor's own, a rep's own and the queue, a manager's all. Unordered."""
    return Session.objects.filter(policy.visible(actor))


def get(*, session_id: uuid.UUID, actor: Actor) -> Session:
    """Raises NotFound for what is not the actor's to see."""
    session = Session.objects.filter(pk=session_id).first()
    if session is None:
        raise policy.not_found()
    policy.require(actor, policy.Can.SEE, session)
    return session


def open_by_visitor(visitor_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Session]:
    """The open session of each of these visitors that has one, in one query."""
    found = Session.objects.filter(visitor_id__in=visitor_ids).exclude(state="ended")
    return {session.visitor_id: session for session in found}


def earlier_counts(sessions: Collection[Session]) -> Mapping[uuid.UUID, int]:
    """How many sessions the same visitor, or another one of the same account, had before each of these. Two queries.

    The visitors are found first and their sessions by them, each by an index: what is read grows with their own past
    alone. (An OR over both tables would read all sessions there are.)
    """
    own = {session.visitor_id for session in sessions}
    users = dict(Visitor.objects.filter(pk__in=own).values_list("pk", "user_id"))
    accounts = {user_id for user_id in users.values() if user_id}
    asked = (
        Visitor.objects.filter(pk__in=own).values("pk").union(Visitor.objects.filter(user_id__in=accounts).values("pk"))
    )
    former = list(
        Session.objects.filter(visitor__in=asked).values_list("visitor_id", "visitor__user_id", "created_at", "pk")
    )
    counts: dict[uuid.UUID, int] = {}
    for session in sessions:
        account = users.get(session.visitor_id)
        counts[session.pk] = sum(
            (visitor_id == session.visitor_id or (account is not None and user_id == account))
            and (created_at, pk) < (session.created_at, session.pk)
            for visitor_id, user_id, created_at, pk in former
        )
    return counts


def rep_of_user(user_id: str) -> Rep | None:
    return Rep.objects.filter(user_id=user_id).first()


def all_reps() -> QuerySet[Rep]:
    """Everybody who ever opened the desk, by name."""
    return Rep.objects.order_by("name", "id")


def inquiries() -> QuerySet[Inquiry]:
    """Messages that were left, the latest first."""
    return Inquiry.objects.order_by(F("created_at").desc(), F("id").desc())
