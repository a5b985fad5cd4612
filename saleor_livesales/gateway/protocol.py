"""What one socket may say and what follows from it: bytes in, actions out. No socket, no clock, no database.

The transport feeds frames and, every second or so, the time; the hub carries out what comes back. Nothing a browser
sends raises here: a frame that isn't understood is refused, one that breaks the protocol closes the socket.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import msgspec

from .. import ids, wire
from ..errors import NotFound
from ..sessions.append import Message, moment
from ..tokens import LIFETIMES, InvalidToken, Signer
from . import identity
from .rates import Limiter

CLOSE_BINARY: Final = 1003
CLOSE_NOT_TEXT: Final = 1007
CLOSE_TOO_BIG: Final = 1009
CLOSE_RESTART: Final = 1012
CLOSE_PROTOCOL: Final = 4400
CLOSE_TICKET: Final = 4401
CLOSE_NO_HELLO: Final = 4408
CLOSE_SLOW: Final = 4413
CLOSE_TOO_FREQUENT: Final = 4429

RENEW_BEFORE: Final = 60.0  # seconds before the end of a visitor's ticket
URL_LIMIT: Final = 2000
TITLE_LIMIT: Final = 300
ID_LIMIT: Final = 128
CHANNEL_LIMIT: Final = 255
DWELL_LIMIT: Final = 3600
NUMBER_LIMIT: Final = 2**31 - 1


class Now(NamedTuple):
    """``mono`` measures durations and can't be set; ``wall`` is what is written down."""

    mono: float
    wall: datetime.datetime


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    frame: int = 65536
    text: int = 4000
    hello: float = 5.0


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


class Connection:
    """The state of one socket."""

    __slots__ = (
        "_expires",
        "_handshake",
        "_limiter",
        "_limits",
        "_opened",
        "_rates",
        "_signer",
        "channel",
        "rep",
        "subject",
    )

    def __init__(
        self, *, handshake: identity.Handshake, limits: Limits, signer: Signer, limiter: Limiter, now: float
    ) -> None:
        self._handshake = handshake
        self._limits = limits
        self._signer = signer
        self._limiter = limiter
        self._rates = limiter.stranger(now)
        self._opened = now
        self._expires = 0.0  # of the ticket, in monotonic seconds: a clock that jumps ends no ticket
        self.subject: uuid.UUID | None = None  # the visitor's or the rep's key, once it has said Hello
        self.rep = False
        self.channel: str | None = None

    def receive(self, data: bytes, now: Now) -> list[Action]:
        """One whole text message."""
        if len(data) > self._limits.frame:
            return [Close(CLOSE_TOO_BIG, "FRAME_TOO_BIG")]
        if not data.isascii():
            try:
                data.decode()
            except UnicodeDecodeError:
                return [Close(CLOSE_NOT_TEXT, "NOT_UTF8")]
        try:
            frame = wire.decode_from_browser(data)
        except (msgspec.DecodeError, RecursionError):
            return self._nonsense(now)
        if self.subject is None:
            if type(frame) is wire.Hello:
                return self._hello(frame, now)
            return [Close(CLOSE_PROTOCOL, "HELLO_FIRST")]
        return _HANDLERS[type(frame)](self, frame, now)

    def receive_binary(self) -> list[Action]:
        return [Close(CLOSE_BINARY, "TEXT_ONLY")]

    def tick(self, now: Now) -> list[Action]:
        """What is due by now: the end of the wait for Hello, a visitor's next ticket, the end of a rep's ticket."""
        if self.subject is None:
            if now.mono - self._opened >= self._limits.hello:
                return [Close(CLOSE_NO_HELLO, "HELLO_TIMEOUT")]
        elif self.rep:
            if now.mono >= self._expires:
                return [Close(CLOSE_TICKET, "TICKET_EXPIRED")]
        elif now.mono >= self._expires - RENEW_BEFORE:
            return [self._renewed(now)]
        return []

    # The first frame

    def _hello(self, hello: wire.Hello, now: Now) -> list[Action]:
        if hello.channel is not None and not 0 < len(hello.channel) <= CHANNEL_LIMIT:
            return [Close(CLOSE_PROTOCOL, "INVALID_CHANNEL")]
        if hello.role == "rep":
            return self._hello_rep(hello, now)
        who = identity.identify(
            self._handshake, token=hello.token, cookies=hello.cookies, signer=self._signer, now=now.wall
        )
        self._enter(who.visitor_id, False, now)
        self.channel = hello.channel
        ticket, expires_at = self._ticket(now)
        return [
            Enter(subject=who.visitor_id, rep=False, channel=hello.channel, known=who.known),
            Send(
                wire.Welcome(
                    id=ids.to_global_id("LiveVisitor", who.visitor_id),
                    expires_at=expires_at,
                    ticket=ticket,
                    token=who.token,
                    message_limit=self._limits.text,
                )
            ),
        ]

    def _hello_rep(self, hello: wire.Hello, now: Now) -> list[Action]:
        try:
            rep_id, expires = self._signer.verify(hello.ticket or "", kind="rep-ticket", now=now.wall)
        except InvalidToken:
            return [Close(CLOSE_TICKET, "TICKET_INVALID")]
        self._enter(rep_id, True, now)
        self._expires = now.mono + (expires - now.wall).total_seconds()
        return [
            Enter(subject=rep_id, rep=True),
            Send(
                wire.Welcome(
                    id=ids.to_global_id("LiveRep", rep_id),
                    expires_at=moment(expires),
                    message_limit=self._limits.text,
                )
            ),
        ]

    def _enter(self, subject: uuid.UUID, rep: bool, now: Now) -> None:
        self.subject, self.rep = subject, rep
        self._rates = self._limiter.of(subject, rep=rep, now=now.mono)

    def _ticket(self, now: Now) -> tuple[str, str]:
        assert self.subject is not None
        lifetime = LIFETIMES["visitor-ticket"]
        self._expires = now.mono + lifetime.total_seconds()
        ticket = self._signer.sign(kind="visitor-ticket", subject=self.subject, now=now.wall)
        return ticket, moment(now.wall + lifetime)

    def _renewed(self, now: Now) -> Send:
        ticket, expires_at = self._ticket(now)
        return Send(wire.Renewed(expires_at=expires_at, ticket=ticket))

    # Later frames

    def _hello_again(self, frame: wire.Hello, now: Now) -> list[Action]:
        return self._signalled(now) or [_refused("INVALID", "Hello was said already.")]

    def _renew(self, frame: wire.Renew, now: Now) -> list[Action]:
        if refusal := self._signalled(now):
            return refusal
        if not self.rep:
            return [self._renewed(now)]
        try:
            rep_id, expires = self._signer.verify(frame.ticket, kind="rep-ticket", now=now.wall)
        except InvalidToken as error:
            return [_refused(error.code, error.message)]
        if rep_id != self.subject:
            return [_refused(InvalidToken.code, "The ticket is somebody else's.")]
        self._expires = now.mono + (expires - now.wall).total_seconds()
        return [Send(wire.Renewed(expires_at=moment(expires)))]

    def _send(self, frame: wire.SendMessage, now: Now) -> list[Action]:
        def refuse(code: str, message: str) -> list[Action]:
            session = frame.session if len(frame.session) <= ID_LIMIT else None
            return [Send(wire.Refused(code=code, message=message, session=session, key=frame.key))]

        if not self._rates.messages.take(now.mono):
            return refuse("TOO_FREQUENT", "Too many messages in a short time. Wait a moment.")
        text = frame.text
        if len(text) > self._limits.text:
            return refuse("TOO_LONG", f"A message has at most {self._limits.text} characters.")
        if not text or text.isspace():
            return refuse("REQUIRED", "The message is empty.")
        if "\0" in text:
            return refuse("INVALID", "A message can't contain the character U+0000.")
        try:
            session_id = ids.uuid_from_global_id("LiveSession", frame.session)
        except NotFound as error:
            return refuse(error.code, error.message)
        assert self.subject is not None
        message = Message(
            session_id=session_id,
            sender="rep" if self.rep else "visitor",
            sender_id=self.subject,
            key=frame.key,
            text=text,
            at=now.wall,
        )
        return [Append(message, frame.session)]

    def _typing(self, frame: wire.Typing, now: Now) -> list[Action]:
        if refusal := self._signalled(now):
            return refusal
        try:
            session_id = ids.uuid_from_global_id("LiveSession", frame.session)
        except NotFound:
            return [Drop("invalid")]
        sender: wire.Sender = "rep" if self.rep else "visitor"
        return [Signal(session_id, wire.Typing(session=frame.session, active=frame.active, sender=sender))]

    def _read(self, frame: wire.Read, now: Now) -> list[Action]:
        if refusal := self._signalled(now):
            return refusal
        try:
            session_id = ids.uuid_from_global_id("LiveSession", frame.session)
        except NotFound as error:
            return [_refused(error.code, error.message)]
        if not 0 <= frame.number <= NUMBER_LIMIT:
            return [_refused("INVALID", "There is no such number.", frame.session)]
        return [MarkRead(session_id, frame.session, frame.number)]

    def _resume(self, frame: wire.Resume, now: Now) -> list[Action]:
        if refusal := self._signalled(now):
            return refusal
        try:
            session_id = ids.uuid_from_global_id("LiveSession", frame.session)
        except NotFound as error:
            return [_refused(error.code, error.message)]
        if not 0 <= frame.after <= NUMBER_LIMIT:
            return [_refused("INVALID", "There is no such number.", frame.session)]
        return [LoadEntries(session_id, frame.session, frame.after)]

    # Behaviour: what isn't right is dropped without an answer, for nobody waits for one

    def _behaviour(self, frame: wire.Behaviour, now: Now) -> list[Action]:
        if self.rep:
            return self._signalled(now) or [_refused("PERMISSION_DENIED", "Only visitors are noticed.")]
        if not self._rates.events.take(now.mono):
            return [Drop("too_frequent")]
        assert self.subject is not None
        event = _noticed(frame, self.subject, self.channel, now.wall.timestamp())
        if event is None:
            return [Drop("oversized" if _is_oversized(frame) else "invalid")]
        return [Notice(event)]

    # Too much, or not to be understood

    def _signalled(self, now: Now) -> list[Action]:
        """Counts a frame that costs little. Empty while that is fine."""
        if self._rates.signals.take(now.mono):
            return []
        return [Drop("too_frequent"), Close(CLOSE_TOO_FREQUENT, "TOO_FREQUENT")]

    def _nonsense(self, now: Now) -> list[Action]:
        if self.subject is None:
            return [Close(CLOSE_PROTOCOL, "HELLO_FIRST")]
        return self._signalled(now) or [
            Drop("unknown"), _refused("INVALID", "This is not a frame that the gateway knows."),
        ]  # fmt: skip


def _refused(code: str, message: str, session: str | None = None) -> Send:
    return Send(wire.Refused(code=code, message=message, session=session))


def _is_page(url: str) -> bool:
    """An address that a browser can be on. Nothing else is stored, shown or linked to."""
    if not 0 < len(url) <= URL_LIMIT or not url.isprintable():
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def _is_id(kind: str, value: str) -> bool:
    if len(value) > ID_LIMIT:
        return False
    try:
        return ids.from_global_id(kind, value).isprintable()
    except NotFound:
        return False


def _is_oversized(frame: wire.Behaviour) -> bool:
    match frame:
        case wire.PageViewed():
            return len(frame.url) > URL_LIMIT
        case wire.ProductViewed():
            return max(len(frame.product), len(frame.variant or "")) > ID_LIMIT
        case wire.CartSeen():
            return len(frame.checkout) > ID_LIMIT
        case _:
            return False


def _noticed(frame: wire.Behaviour, visitor: uuid.UUID, channel: str | None, at: float) -> wire.Noticed | None:
    """The event that a behaviour frame stands for; None when something in it is not what it should be."""
    match frame:
        case wire.PageViewed(url=url, title=title, referrer=referrer) if _is_page(url):
            title = title[:TITLE_LIMIT].replace("\0", "")
            referrer = referrer if _is_page(referrer) else ""
            return wire.Noticed(
                visitor=visitor, kind="page", channel=channel, at=at, url=url, title=title, referrer=referrer
            )
        case wire.ProductViewed(product=product, variant=variant) if _is_id("Product", product):
            if variant is None or _is_id("ProductVariant", variant):
                return wire.Noticed(
                    visitor=visitor, kind="product", channel=channel, at=at, product=product, variant=variant
                )
        case wire.Dwelled(seconds=seconds) if 0 < seconds <= DWELL_LIMIT:
            return wire.Noticed(visitor=visitor, kind="dwell", channel=channel, at=at, seconds=seconds)
        case wire.CartSeen(checkout=checkout) if _is_id("Checkout", checkout):
            return wire.Noticed(visitor=visitor, kind="cart", channel=channel, at=at, checkout=checkout)
        case wire.HelpRequested():
            return wire.Noticed(visitor=visitor, kind="request", channel=channel, at=at)
    return None


_HANDLERS: Final[dict[type, Callable[..., list[Action]]]] = {
    wire.Hello: Connection._hello_again,
    wire.Renew: Connection._renew,
    wire.SendMessage: Connection._send,
    wire.Typing: Connection._typing,
    wire.Read: Connection._read,
    wire.Resume: Connection._resume,
    wire.PageViewed: Connection._behaviour,
    wire.ProductViewed: Connection._behaviour,
    wire.Dwelled: Connection._behaviour,
    wire.CartSeen: Connection._behaviour,
    wire.HelpRequested: Connection._behaviour,
}
