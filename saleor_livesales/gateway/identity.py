"""Who opens a socket, from its handshake and its first frame. Pure: nothing here reads a clock or touches a socket.

A visitor is known by a signed token that tells no more than an id. Where gateway and storefront share a site, a cookie
that scripts can't read keeps it; elsewhere, or where the browser keeps no cookie, the widget stores it. A token shown
in the first frame was given by a gateway, so it goes before a cookie, and a visitor stays the same on every later page.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal
from urllib.parse import urlsplit

import msgspec

from .. import ids
from ..tokens import LIFETIMES, InvalidToken, Signer

COOKIE_RENEWED_AFTER: Final = datetime.timedelta(days=30)

Known = Literal["", "cookie", "token"]


class Handshake(msgspec.Struct, frozen=True, kw_only=True):
    """What the HTTP request told. ``cookie`` is the Set-Cookie header that answers it, where there is one."""

    visitor_id: uuid.UUID
    known: Known
    same_site: bool
    cookie: str | None


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """A visitor. ``token``: what the widget is to keep, where no cookie does."""

    visitor_id: uuid.UUID
    known: Known
    token: str | None


def origin_allowed(origin: str | None, allowed: Sequence[str]) -> bool:
    """Whether pages of this origin may open sockets. ``*`` allows all, and clients that are no browsers."""
    return "*" in allowed or (
        origin is not None and origin.lower().rstrip("/") in {o.lower().rstrip("/") for o in allowed}
    )


def _cookies(header: str, name: str) -> Iterator[str]:
    for part in header.split(";"):
        key, _, value = part.strip().partition("=")
        if key == name and value:
            yield value.strip('"')


def shares_site(headers: Mapping[str, str]) -> bool:
    """Whether a cookie set here comes back: the browser says so, or page and gateway have the same host name."""
    fetched = headers.get("Sec-Fetch-Site")
    if fetched is not None:
        return fetched in ("same-origin", "same-site")
    try:
        page = urlsplit(headers.get("Origin", "")).hostname
        here = urlsplit(f"//{headers.get('Host', '')}").hostname
    except ValueError:
        return False
    return page is not None and page == here


def shake_hands(
    headers: Mapping[str, str], *, signer: Signer, cookie_name: str, secure: bool, now: datetime.datetime
) -> Handshake:
    """Reads the visitor's cookie, or makes up a visitor. Sets the cookie anew when it is missing or a month old."""
    same_site = shares_site(headers)
    for value in _cookies(headers.get("Cookie", ""), cookie_name):
        try:
            visitor_id, expires = signer.verify(value, kind="visitor", now=now)
        except InvalidToken:
            continue
        fresh = expires - now > LIFETIMES["visitor"] - COOKIE_RENEWED_AFTER
        cookie = None if fresh else _set_cookie(visitor_id, signer=signer, name=cookie_name, secure=secure, now=now)
        return Handshake(visitor_id=visitor_id, known="cookie", same_site=True, cookie=cookie)
    visitor_id = ids.uuid7()
    cookie = _set_cookie(visitor_id, signer=signer, name=cookie_name, secure=secure, now=now) if same_site else None
    return Handshake(visitor_id=visitor_id, known="", same_site=same_site, cookie=cookie)


def _set_cookie(visitor_id: uuid.UUID, *, signer: Signer, name: str, secure: bool, now: datetime.datetime) -> str:
    token = signer.sign(kind="visitor", subject=visitor_id, now=now)
    age = int(LIFETIMES["visitor"].total_seconds())
    return f"{name}={token}; Max-Age={age}; Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if secure else "")


def identify(
    handshake: Handshake, *, token: str | None, cookies: bool, signer: Signer, now: datetime.datetime
) -> Identity:
    """The visitor behind a first frame. An invalid token is worth nothing and costs nothing: a new one is given."""
    visitor_id, known = handshake.visitor_id, handshake.known
    if token:
        try:
            visitor_id, _ = signer.verify(token, kind="visitor", now=now)
            known = "token"
        except InvalidToken:
            token = None
    kept_by_cookie = handshake.same_site and cookies and not token
    return Identity(
        visitor_id=visitor_id,
        known=known,
        token=None if kept_by_cookie else signer.sign(kind="visitor", subject=visitor_id, now=now),
    )
