"""Signed tokens: who a visitor or a rep is, and nothing about what they may do.

Five kinds, told apart by their audience so that one is never taken for another:

* ``visitor``: the long-lived identity that the cookie (or the widget's own storage) keeps;
* ``visitor-ticket``: minutes; shown to GraphQL as a variable and to the gateway in its first frame;
* ``rep-ticket``: minutes; lets a rep's console open a socket;
* ``picture``: minutes; opens one picture, and stands in an address (docs/adr/0014);
* ``letters``: minutes; opens the file of one batch of letters, and stands in an address.

Keys come from ``LIVESALES_SIGNING_KEYS`` (``id:secret`` pairs, comma separated). The first signs, all verify,
so that a key is rotated by putting a new one in front and dropping the old one later.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping
from typing import Final, Literal

import jwt

from .errors import LiveSalesError

Kind = Literal["visitor", "visitor-ticket", "rep-ticket", "picture", "letters"]

ALGORITHM: Final = "HS256"
MIN_SECRET_BYTES: Final = 32  # RFC 7518, section 3.2: at least the size of the hash
LIFETIMES: Final[Mapping[Kind, datetime.timedelta]] = {
    "visitor": datetime.timedelta(days=400),  # RFC 6265bis caps cookies at 400 days
    "visitor-ticket": datetime.timedelta(minutes=5),
    "rep-ticket": datetime.timedelta(minutes=5),
    "picture": datetime.timedelta(minutes=5),
    "letters": datetime.timedelta(minutes=5),
}


# Beside PyJWT's own: of a moment beyond any calendar, and of JSON nested too deep, which PyJWT up to 2.13 lets through.
_UNREADABLE: Final = (jwt.PyJWTError, KeyError, ValueError, TypeError, OverflowError, OSError, RecursionError)


class InvalidToken(LiveSalesError):
    """Malformed, forged, of another kind, or expired. Which of these is never told."""

    code = "INVALID_TICKET"


class Signer:
    """Signs and verifies our tokens. ``keys`` maps key ids to secrets; the first one signs."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        if not keys:
            raise ValueError("No signing key: set LIVESALES_SIGNING_KEYS to 'id:secret'.")
        for key_id, secret in keys.items():
            if len(secret.encode()) < MIN_SECRET_BYTES:
                raise ValueError(f"Signing key {key_id!r} is shorter than {MIN_SECRET_BYTES} bytes.")
        self._keys = dict(keys)
        self._current = next(iter(self._keys))

    def sign(
        self, *, kind: Kind, subject: uuid.UUID, now: datetime.datetime, lifetime: datetime.timedelta | None = None
    ) -> str:
        """A token that names ``subject`` (the key of a visitor, a rep or a picture) until ``now`` plus the kind's
        lifetime, or plus the one given."""
        claims = {"aud": kind, "sub": str(subject), "iat": now, "exp": now + (lifetime or LIFETIMES[kind])}
        return jwt.encode(claims, self._keys[self._current], ALGORITHM, headers={"kid": self._current})

    def verify(self, token: str, *, kind: Kind, now: datetime.datetime) -> tuple[uuid.UUID, datetime.datetime]:
        """The subject and the moment of expiry. Raises InvalidToken."""
        try:
            key = self._keys[jwt.get_unverified_header(token).get("kid", "")]
            claims = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                audience=kind,
                options={"require": ["exp", "sub", "aud"], "verify_exp": False, "verify_iat": False},
            )
            expires = datetime.datetime.fromtimestamp(claims["exp"], datetime.UTC)
            subject = uuid.UUID(claims["sub"])
        except _UNREADABLE:
            raise InvalidToken("The ticket is not valid. Ask for a new one.", field="ticket") from None
        if expires <= now:
            raise InvalidToken("The ticket is not valid. Ask for a new one.", field="ticket")
        return subject, expires
