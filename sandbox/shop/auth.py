"""Tokens as Saleor makes them: RS256, with its claims, lifetimes and refusals."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

import jwt
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest

from saleor_livesales.ids import to_global_id

from . import keys, permissions
from .models import AppExtension, User

ACCESS = "access"
REFRESH = "refresh"
THIRD_PARTY = "thirdparty"
ACCESS_LIFETIME = datetime.timedelta(minutes=5)  # Saleor's JWT_TTL_ACCESS and JWT_TTL_APP_ACCESS
REFRESH_LIFETIME = datetime.timedelta(days=30)  # Saleor's JWT_TTL_REFRESH
OWNER = "saleor"
RENEW = "Invalid token. Create new one by using tokenCreate mutation."


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who sent a request. ``permissions`` are the names that hold: a third-party token narrows them."""

    user: User
    permissions: frozenset[str]
    staff: bool
    claims: dict[str, Any] = field(default_factory=dict)


def issuer() -> str:
    return urljoin(settings.PUBLIC_URL, "/graphql/")


def _encode(user: User, kind: str, lifetime: datetime.timedelta, extra: dict[str, Any]) -> str:
    now = datetime.datetime.now(datetime.UTC)
    payload = {
        "iat": now,
        "owner": OWNER,
        "iss": issuer(),
        "exp": now + lifetime,
        "token": user.jwt_token_key,
        "email": user.email,
        "type": kind,
        "user_id": to_global_id("User", user.pk),
        "is_staff": user.is_staff,
        **extra,
    }
    return jwt.encode(payload, keys.private_key(), algorithm="RS256", headers={"kid": keys.key_id()})


def access_token(user: User, extra: dict[str, Any] | None = None) -> str:
    return _encode(user, ACCESS, ACCESS_LIFETIME, extra or {})


def refresh_token(user: User, extra: dict[str, Any] | None = None) -> str:
    return _encode(user, REFRESH, REFRESH_LIFETIME, extra or {})


def extension_token(*, extension: AppExtension, needed: frozenset[str], caller: Caller | None) -> str | None:
    """The token that the Dashboard hands to an extension's frame.

    None unless the caller has ALL of the extension's permissions; it carries those alone.
    """
    if caller is None or not needed <= caller.permissions:
        return None
    extra: dict[str, Any] = {
        "app": to_global_id("App", extension.app_id),
        "permissions": sorted(needed & caller.permissions),
        "user_permissions": sorted(caller.permissions),
        "app_extension": to_global_id("AppExtension", extension.pk),
    }
    if extension.app.audience:
        extra["aud"] = extension.app.audience
    return _encode(caller.user, THIRD_PARTY, ACCESS_LIFETIME, extra)


def decode(token: str) -> dict[str, Any]:
    """The claims of a token of this shop. Raises jwt.PyJWTError. The audience is whoever the token was made for."""
    return jwt.decode(token, keys.public_key(), algorithms=["RS256"], options={"verify_aud": False})


def user_of(payload: dict[str, Any]) -> User:
    """The active account of a verified token. Raises jwt.InvalidTokenError."""
    user = User.objects.filter(email=payload.get("email", ""), is_active=True).first()
    if not payload.get("token"):
        raise jwt.InvalidTokenError(RENEW)
    if user is None:
        raise jwt.InvalidTokenError("Invalid token. User does not exist or is inactive.")
    if user.jwt_token_key != payload["token"]:
        raise jwt.InvalidTokenError(RENEW)
    return user


def token_of(request: HttpRequest) -> str | None:
    """From ``Authorization-Bearer``, else from ``Authorization`` with the word Bearer or JWT."""
    if token := request.headers.get("Authorization-Bearer"):
        return token
    parts = request.headers.get("Authorization", "").split(maxsplit=1)
    return parts[1] if len(parts) == 2 and parts[0].upper() in {"JWT", "BEARER"} else None


def _is_ours(token: str) -> bool:
    try:
        return jwt.decode(token, options={"verify_signature": False}).get("owner") == OWNER
    except jwt.PyJWTError:
        return False


def caller_of(request: HttpRequest) -> Caller | None:
    """Who sent this request, found once and kept on it. None for nobody, and for tokens that are not this shop's.

    Raises jwt.PyJWTError for a token of this shop that is expired, altered, of another type or no longer good.
    """
    if not hasattr(request, "_sandbox_caller"):
        request._sandbox_caller = _find_caller(request)  # type: ignore[attr-defined]
    return request._sandbox_caller  # type: ignore[attr-defined]


def _find_caller(request: HttpRequest) -> Caller | None:
    token = token_of(request)
    if not token or not _is_ours(token):
        return None
    payload = decode(token)
    if payload.get("type") not in (ACCESS, THIRD_PARTY):
        raise jwt.InvalidTokenError(RENEW)
    user = user_of(payload)
    held = permissions.names(user.permissions)
    staff = user.is_staff
    if (narrowed := payload.get("permissions")) is not None:
        # Saleor takes the token's list; a right that was withdrawn since is gone at its expiry, at most 5 minutes.
        held = frozenset(narrowed) & permissions.NAMES
        staff = bool(held)
    return Caller(user=user, permissions=held, staff=staff or bool(payload.get("is_staff")), claims=payload)


def same_user(one: AbstractBaseUser | None, other: AbstractBaseUser | None) -> bool:
    return one is not None and other is not None and one.pk == other.pk
