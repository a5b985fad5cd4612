"""Who is asking on GraphQL, and which of our permissions hold for that request.

A token of the Dashboard's frame (type ``thirdparty``) is made for one app and carries the permissions that the user
had then. Saleor checks its key and expiry and looks up the user; whom and by whom it was issued, it does not check. So
we do: our permissions hold only for a token of our own App, with our audience and this shop's issuer, and only while
the database still gives them to the user.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from saleor.account.models import User
from saleor.app.models import App
from saleor.core.jwt import JWT_ACCESS_TYPE, JWT_THIRDPARTY_ACCESS_TYPE
from saleor.core.jwt_manager import get_jwt_manager
from saleor.graphql.utils import get_user_or_app_from_context
from saleor.permission.models import Permission

from .. import shop
from . import registration
from .keys import global_id
from .permissions import LiveSalesPermissions

CODENAMES = {entry.codename: entry.name for entry in LiveSalesPermissions}
NOBODY = shop.Requestor(user_id=None, name="", staff=False, permissions=frozenset())


def full_name(user: User) -> str:
    """First and last name, without the look-ups that Saleor's own method does."""
    return f"{user.first_name} {user.last_name}".strip()


def requestor(context: Any) -> shop.Requestor:
    asking = get_user_or_app_from_context(context)
    if not asking:  # Saleor hands out lazy objects, whose truth is what is to be tested
        return NOBODY
    if isinstance(asking, App):
        held = frozenset(entry.name for entry in LiveSalesPermissions if asking.has_perm(entry))
        return shop.Requestor(user_id=None, name=asking.name, staff=False, permissions=held)
    held = held_by_staff(asking.pk)
    if held:
        held &= allowed_by_token(getattr(context, "decoded_auth_token", None) or {})
    return shop.Requestor(
        user_id=global_id("User", asking.pk),
        name=full_name(asking) or asking.email.partition("@")[0],
        staff=bool(asking.is_staff),
        permissions=held,
    )


def held_by_staff(pk: int) -> frozenset[str]:
    """Which of our permissions this account has now, by its groups or as a superuser. None unless active staff."""
    user = User.objects.filter(pk=pk, is_active=True, is_staff=True).only("is_superuser").first()
    if user is None:
        return frozenset()
    if user.is_superuser:
        return frozenset(CODENAMES.values())
    codenames = Permission.objects.filter(
        Q(group__user=pk) | Q(user=pk), content_type__app_label="saleor_livesales", codename__in=CODENAMES
    ).values_list("codename", flat=True)
    return frozenset(CODENAMES[codename] for codename in codenames)


def allowed_by_token(claims: Mapping[str, Any]) -> frozenset[str]:
    """Which of our permissions may hold under a token whose signature and expiry Saleor has checked."""
    everything = frozenset(CODENAMES.values())
    kind = claims.get("type")
    if not claims:  # signed in by another plugin of the shop (OpenID Connect): no token of Saleor
        return everything
    if kind == JWT_ACCESS_TYPE:
        permissions = claims.get("permissions")
        return everything if permissions is None else everything & frozenset(permissions)
    if kind != JWT_THIRDPARTY_ACCESS_TYPE:
        return frozenset()
    ours = registration.app()
    if (
        ours is None
        or not ours.is_active
        or claims.get("app") != global_id("App", ours.pk)
        or claims.get("aud") != ours.audience
        or claims.get("iss") != get_jwt_manager().get_issuer()
    ):
        return frozenset()
    return everything & frozenset(claims.get("permissions") or ())
