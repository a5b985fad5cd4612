"""Who acts: a visitor by its ticket, or staff by the request's Authorization header. Decided here and nowhere else.

A ticket makes the request a visitor's, whoever else is signed in: with it nothing is shown or allowed that is a rep's.
"""

from __future__ import annotations

import datetime
from typing import Any, TypeVar

from django.db.models import Model

from .. import conf, shop
from ..sessions.actors import Actor, RepActor, VisitorActor
from ..sessions.gates import Inactive
from ..sessions.queries import rep_of_user
from ..shop import HANDLE_LIVE_SALES, MANAGE_LIVE_SALES
from .context import state
from .permissions import PermissionDenied, require

M = TypeVar("M", bound=Model)


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def visitor(ticket: str | None) -> VisitorActor:
    """Who shows this ticket. Raises InvalidToken."""
    visitor_id, _ = conf.load().signer.verify(ticket or "", kind="visitor-ticket", now=now())
    return VisitorActor(visitor_id=visitor_id)


def acting_visitor(ticket: str | None) -> VisitorActor:
    """Who shows this ticket, to change something. Raises InvalidToken and Inactive."""
    actor = visitor(ticket)
    if not shop.current().active():
        raise Inactive("Live sales are switched off in this store.")
    return actor


def staff(info: Any) -> RepActor:
    """Staff that reads. Needs no row of a rep. Raises PermissionDenied."""
    asking = require(info, HANDLE_LIVE_SALES, MANAGE_LIVE_SALES)
    held = state(info.context)
    if held.rep is None:
        rep = rep_of_user(asking.user_id) if asking.user_id else None
        held.rep = RepActor(
            rep_id=rep.pk if rep else None, user_id=asking.user_id or "", manager=asking.may(MANAGE_LIVE_SALES)
        )
    return held.rep


def acting_staff(info: Any, *permissions: shop.Permission) -> RepActor:
    """Staff that changes something: a person, not an app. Raises PermissionDenied."""
    asking = require(info, *permissions)
    if asking.user_id is None or not asking.staff:
        raise PermissionDenied()
    return staff(info)


def reading(info: Any, ticket: str | None) -> Actor:
    """Who reads. Raises InvalidToken and PermissionDenied."""
    return visitor(ticket) if ticket is not None else staff(info)


def acting(info: Any, ticket: str | None, *permissions: shop.Permission) -> Actor:
    """Who changes something that both sides may. Raises InvalidToken, Inactive and PermissionDenied."""
    if ticket is not None:
        return acting_visitor(ticket)
    return acting_staff(info, *permissions)


def show(node: M, actor: Actor) -> M:
    """Remember on a node for whom it was read: fields that are a rep's stay empty for anybody else."""
    node._live_viewer = actor  # type: ignore[attr-defined]
    return node


def seen_by_staff(node: Model) -> bool:
    return isinstance(getattr(node, "_live_viewer", None), RepActor)
