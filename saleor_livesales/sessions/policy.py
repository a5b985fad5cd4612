"""Who may do what with a session. The one door: what isn't yours does not exist for you.

Writing and reading are checked in their SQL statements (``append``), which the gateway shares.
"""

from __future__ import annotations

from enum import StrEnum

from django.db.models import Q

from ..errors import NotFound
from .actors import Actor, RepActor, SystemActor, VisitorActor
from .models import Session


class Can(StrEnum):
    SEE = "see"
    ACCEPT = "accept"
    END = "end"
    RATE = "rate"


def not_found() -> NotFound:
    """The same words whether a session does not exist or is somebody else's."""
    return NotFound("Couldn't resolve to a node of type LiveSession.", field="id")


def may(actor: Actor, can: Can, session: Session) -> bool:
    """A visitor: its own. A rep: its own, and whatever waits in the queue. A manager sees and ends all.
    None but the visitor rates."""
    match actor:
        case SystemActor():
            return can is Can.END
        case VisitorActor(visitor_id=visitor_id):
            return can is not Can.ACCEPT and session.visitor_id == visitor_id
        case RepActor(rep_id=rep_id, manager=manager):
            own = rep_id is not None and session.rep_id == rep_id
            if can is Can.RATE:
                return False
            if can is Can.SEE:
                return own or manager or session.state == "queued"
            if can is Can.ACCEPT:
                return rep_id is not None and (own or session.state == "queued")
            return own or manager
    return False


def require(actor: Actor, can: Can, session: Session) -> None:
    """Raises NotFound where :func:`may` says no."""
    if not may(actor, can, session):
        raise not_found()


def visible(actor: Actor) -> Q:
    """The sessions for which ``may(actor, Can.SEE, ...)`` holds, as a condition of a query."""
    match actor:
        case VisitorActor(visitor_id=visitor_id):
            return Q(visitor_id=visitor_id)
        case RepActor(manager=True):
            return Q()
        case RepActor(rep_id=rep_id):
            return Q(state="queued") | Q(rep_id=rep_id) if rep_id is not None else Q(state="queued")
    return Q(pk__in=[])
