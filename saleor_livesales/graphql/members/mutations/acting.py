"""Who acts on a membership: its member by the shop's own token, or staff that may manage live sales."""

from __future__ import annotations

from typing import Any

from .... import shop
from ....members.actors import By
from ....sessions.gates import Inactive
from ....shop import MANAGE_LIVE_SALES
from ...permissions import PermissionDenied, requestor, require


def member(info: Any) -> By:
    """The account that is asking. Raises PermissionDenied for nobody and apps, Inactive."""
    asking = requestor(info)
    if asking.user_id is None:
        raise PermissionDenied()
    if not shop.current().active():
        raise Inactive("Live sales are switched off in this store.")
    return By(kind="member", user_id=asking.user_id)


def staff(info: Any) -> By:
    """A person who may manage live sales: who gave something is to be known. Raises PermissionDenied."""
    asking = require(info, MANAGE_LIVE_SALES)
    if asking.user_id is None or not asking.staff:
        raise PermissionDenied()
    return By(kind="staff", user_id=asking.user_id)


def either(info: Any) -> By:
    """Staff where it may manage live sales, else the member."""
    asking = requestor(info)
    return staff(info) if asking.staff and asking.may(MANAGE_LIVE_SALES) else member(info)
