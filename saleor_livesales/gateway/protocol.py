"""What one socket may say and what follows from it: bytes in, actions out. No socket, no clock, no database.

The transport feeds frames and, every second or so, the time; the hub carries out what comes back. Nothing a browser
sends raises here: a frame that isn't understood is refused, one that breaks the protocol closes the socket.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable
from typing import Final

import msgspec

from .. import ids, wire
from ..errors import NotFound
from ..sessions.append import Message, moment
from ..tokens import InvalidToken, Signer
from . import behaviour, identity, nesting
from .actions import (
    CLOSE_BINARY,
    CLOSE_NO_HELLO,
    CLOSE_NOT_TEXT,
    CLOSE_PROTOCOL,
    CLOSE_SESSIONS,
    CLOSE_TICKET,
    CLOSE_TOO_BIG,
    CLOSE_TOO_FREQUENT,
    CLOSE_TOO_MANY,
    Action,
    Append,
    Close,
    Drop,
    Enter,
    LoadEntries,
    MarkRead,
    Notice,
    Now,
    Send,
    Signal,
)
from .behaviour import ID_LIMIT
from .rates import Limiter, NetworkRates, Rates

RENEW_AT: Final = 0.2  # of a visitor's ticket: what is left of it when the next one is given
CHANNEL_LIMIT: Final = 255
NUMBER_LIMIT: Final = 2**31 - 1


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    frame: int = 65536  # bytes of a whole message
    fragments: int = 256  # of one message
    nesting: int = 8  # of JSON
    text: int = 4000  # characters
    sessions: int = 200  # that one socket speaks of
    hello: float = 5.0  # seconds
    ticket: float = 300.0  # seconds that a visitor's ticket is good for


class Connection:
    """The state of one socket."""

    __slots__ = (
        "_expires",
        "_handshake",
        "_limiter",
        "_limits",
        "_opened",
        "_rates",
        "_sessions",
        "_signer",
        "channel",
        "network",
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
        self._rates: Rates  # once it has said Hello
        self._sessions: set[uuid.UUID] | None = None  # that it spoke of
        self._opened = now
        self._expires = 0.0  # of the ticket, in monotonic seconds: a clock that jumps ends no ticket
        self.subject: uuid.UUID | None = None  # the visitor's or the rep's key, once it has said Hello
        self.rep = False
        self.channel: str | None = None
        self.network: NetworkRates | None = None  # where that is known

    def arrive(self, network: bytes | None, now: float) -> list[Action]:
        """The socket is open, and comes from this network. What is let in calls ``depart`` in the end."""
        if network is None:
            return []
        found = self._limiter.arrive(network, now=now)
        if isinstance(found, str):
            return [Close(CLOSE_TOO_FREQUENT if found == "TOO_FREQUENT" else CLOSE_TOO_MANY, found)]
        self.network = found
        return []

    def depart(self) -> None:
        """The socket is closed."""
        if self.network is not None:
            if self.subject is None:
                self._limiter.introduce(self.network)
            self._limiter.depart(self.network)
            self.network = None
        if self.subject is not None:
            self._limiter.leave(self.subject)

    def receive(self, data: bytes, now: Now) -> list[Action]:
        """One whole text message."""
        if len(data) > self._limits.frame:
            return [Close(CLOSE_TOO_BIG, "FRAME_TOO_BIG")]
        if not data.isascii():
            try:
                data.decode()
            except UnicodeDecodeError:
                return [Close(CLOSE_NOT_TEXT, "NOT_UTF8")]
        if nesting.exceeds(data, self._limits.nesting):
            return [Close(CLOSE_PROTOCOL, "TOO_DEEP")]
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
        elif now.mono >= self._expires - self._limits.ticket * RENEW_AT:
            return [self._renewed(now)]
        return []

    # The first frame

    def _hello(self, hello: wire.Hello, now: Now) -> list[Action]:
        channel = hello.channel
        if channel is not None and not (0 < len(channel) <= CHANNEL_LIMIT and channel.isprintable()):
            return [Close(CLOSE_PROTOCOL, "INVALID_CHANNEL")]
        if hello.role == "rep":
            return self._hello_rep(hello, now)
        who = identity.identify(
            self._handshake, token=hello.token, cookies=hello.cookies, signer=self._signer, now=now.wall
        )
        if not self._enter(who.visitor_id, False, now):
            return [Close(CLOSE_TOO_MANY, "TOO_MANY_CONNECTIONS")]
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
        if not self._enter(rep_id, True, now):
            return [Close(CLOSE_TOO_MANY, "TOO_MANY_CONNECTIONS")]
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

    def _enter(self, subject: uuid.UUID, rep: bool, now: Now) -> bool:
        """False: this visitor or rep has as many sockets as may be."""
        rates = self._limiter.enter(subject, rep=rep, now=now.mono)
        if rates is None:
            return False
        self._rates = rates
        self.subject, self.rep = subject, rep
        if self.network is not None:
            self._limiter.introduce(self.network)
        return True

    def _ticket(self, now: Now) -> tuple[str, str]:
        assert self.subject is not None
        lifetime = datetime.timedelta(seconds=self._limits.ticket)
        self._expires = now.mono + self._limits.ticket
        ticket = self._signer.sign(kind="visitor-ticket", subject=self.subject, now=now.wall, lifetime=lifetime)
        return ticket, moment(now.wall + lifetime)

    def _renewed(self, now: Now) -> Send:
        ticket, expires_at = self._ticket(now)
        return Send(wire.Renewed(expires_at=expires_at, ticket=ticket))

    # Later frames

    def _hello_again(self, frame: wire.Hello, now: Now) -> list[Action]:
        return self._signalled(now) or _SAID_ALREADY

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

        if not self._rates.messages.take(now.mono) or not (
            self.rep or self.network is None or self.network.messages.take(now.mono)
        ):
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
        if not self._may_speak_of(session_id):
            return [Close(CLOSE_SESSIONS, "TOO_MANY_SESSIONS")]
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
        if not self._may_speak_of(session_id):
            return [Close(CLOSE_SESSIONS, "TOO_MANY_SESSIONS")]
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
        if not self._may_speak_of(session_id):
            return [Close(CLOSE_SESSIONS, "TOO_MANY_SESSIONS")]
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
        if not self._may_speak_of(session_id):
            return [Close(CLOSE_SESSIONS, "TOO_MANY_SESSIONS")]
        return [LoadEntries(session_id, frame.session, frame.after)]

    # Behaviour: what isn't right is dropped without an answer, for nobody waits for one

    def _behaviour(self, frame: wire.Behaviour, now: Now) -> list[Action]:
        if self.rep:
            return self._signalled(now) or [_refused("PERMISSION_DENIED", "Only visitors are noticed.")]
        if not self._rates.events.take(now.mono) or not (self.network is None or self.network.events.take(now.mono)):
            return [Drop("too_frequent")]
        assert self.subject is not None
        event = behaviour.noticed(frame, self.subject, self.channel, now.wall.timestamp())
        if event is None:
            return [Drop("oversized" if behaviour.is_oversized(frame) else "invalid")]
        return [Notice(event)]

    # Too much, or not to be understood

    def _may_speak_of(self, session: uuid.UUID) -> bool:
        """Whether it may make the gateway look for this session too."""
        if self._sessions is None:
            self._sessions = set()
        if session not in self._sessions:
            if len(self._sessions) >= self._limits.sessions:
                return False
            self._sessions.add(session)
        return True

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


_SAID_ALREADY: Final[list[Action]] = [_refused("INVALID", "Hello was said already.")]
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
