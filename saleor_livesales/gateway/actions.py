"""What the protocol asks the hub to do, and the codes with which sockets are closed."""

from __future__ import annotations

import datetime
import uuid
from typing import Final, NamedTuple

import msgspec

from .. import wire
from ..sessions.append import Message

CLOSE_WRONG: Final = 1002  # no WebSocket as we speak it
CLOSE_BINARY: Final = 1003
CLOSE_NOT_TEXT: Final = 1007
CLOSE_TOO_BIG: Final = 1009
CLOSE_RESTART: Final = 1012
CLOSE_PROTOCOL: Final = 4400
CLOSE_TICKET: Final = 4401
CLOSE_NO_HELLO: Final = 4408
CLOSE_TOO_MANY: Final = 4409  # sockets of one visitor, or of one network
CLOSE_SESSIONS: Final = 4410  # one socket spoke of too many; the next may go on
CLOSE_SLOW: Final = 4413
CLOSE_TOO_FREQUENT: Final = 4429


class Now(NamedTuple):
    """``mono`` measures durations and can't be set; ``wall`` is what is written down."""

    mono: float
    wall: datetime.datetime


class Send(msgspec.Struct, frozen=True):
    frame: wire.Frame


class Close(msgspec.Struct, frozen=True):
    code: int
    reason: str


class Enter(msgspec.Struct, frozen=True, kw_only=True):
    """The socket said who it is: deliver what is announced to it, before anything that follows."""

    subject: uuid.UUID
    rep: bool
    channel: str | None = None
    known: str = ""


class Append(msgspec.Struct, frozen=True):
    message: Message
    session: str  # its global id


class Notice(msgspec.Struct, frozen=True):
    event: wire.Noticed


class Drop(msgspec.Struct, frozen=True):
    """A frame came to nothing, and nobody is told: count it."""

    reason: str


class LoadEntries(msgspec.Struct, frozen=True):
    session_id: uuid.UUID
    session: str
    after: int


class Signal(msgspec.Struct, frozen=True):
    """Pass this on to whom the session connects the sender with."""

    session_id: uuid.UUID
    frame: wire.Typing


class MarkRead(msgspec.Struct, frozen=True):
    session_id: uuid.UUID
    session: str
    number: int


Action = Send | Close | Enter | Append | Notice | Drop | LoadEntries | Signal | MarkRead
