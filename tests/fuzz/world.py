"""A gateway's connections without sockets, and a model of what may become of them.

``World`` opens connections, says things on them, lets time pass and clocks jump; after each step it compares what the
protocol asks for with what the model allows. Hypothesis and the coverage-guided fuzzer both drive it.
"""

from __future__ import annotations

import datetime
import uuid
from typing import Any, Final

from saleor_livesales import ids, wire
from saleor_livesales.gateway import actions, identity
from saleor_livesales.gateway.behaviour import DWELL_LIMIT, ID_LIMIT, TITLE_LIMIT, URL_LIMIT
from saleor_livesales.gateway.protocol import CHANNEL_LIMIT, NUMBER_LIMIT, Connection, Limits
from saleor_livesales.gateway.rates import Allowed, Limiter
from saleor_livesales.tokens import InvalidToken, Signer

START: Final = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)
SIGNER: Final = Signer({"k1": "a" * 48})
FOREIGN: Final = Signer({"k1": "b" * 48})
VISITORS: Final = [uuid.UUID(int=1), uuid.UUID(int=2)]
REPS: Final = [uuid.UUID(int=101), uuid.UUID(int=102)]
SESSIONS: Final = [uuid.UUID(int=201 + number) for number in range(8)]
NETWORKS: Final = [None, b"\x0a\x00\x00\x01", b"\x20\x01\x0d\xb8\x00\x00\x00\x01"]

# Small, so that every bound is met.
LIMITS: Final = Limits(frame=4096, fragments=4, nesting=4, text=200, sessions=5, hello=5.0, ticket=300.0)
ALLOWED: Final = Allowed(
    burst=30.0,
    connections_per_network=4,
    strangers_per_network=3,
    arrivals_per_network=40,
    events_per_network=60,
    messages_per_network=50,
)
PER_MINUTE: Final = {"events": 40, "messages": 20, "signals": 60}
CONNECTIONS: Final = 3
ANSWER_LIMIT: Final = 2048  # bytes of any one answer, with limits as above
DROPS: Final = {"too_frequent", "oversized", "invalid", "unknown"}


class Allowance:
    """What a rate lets pass, worked out once more: never more than the burst and what time brought since."""

    def __init__(self, per_minute: float, burst: float, now: float) -> None:
        self.rate = per_minute / 60
        self.full = max(1.0, self.rate * burst)
        self.left, self.at = self.full, now

    def spend(self, now: float) -> None:
        self.left = min(self.full, self.left + (now - self.at) * self.rate) - 1
        self.at = now
        assert self.left > -1e-6, "more than the rate allows"


class Line:
    """One connection and what is known of it."""

    def __init__(self, connection: Connection, handshake: identity.Handshake, opened: float) -> None:
        self.connection = connection
        self.handshake = handshake
        self.opened = opened
        self.subject: uuid.UUID | None = None
        self.rep = False
        self.channel: str | None = None
        self.closed = False
        self.sessions: set[uuid.UUID] = set()
        self.ticket_ends: float | None = None  # monotonic: the visitor's last ticket, or the rep's


class World:
    def __init__(self) -> None:
        self.mono = 1000.0
        self.wall = START
        self.limiter = Limiter(
            events_per_minute=PER_MINUTE["events"],
            messages_per_minute=PER_MINUTE["messages"],
            signals_per_minute=PER_MINUTE["signals"],
            connections=CONNECTIONS,
            allowed=ALLOWED,
            remembered=1000,
        )
        self.lines: list[Line] = []
        self._allowances: dict[tuple[str, Any], Allowance] = {}

    @property
    def now(self) -> actions.Now:
        return actions.Now(self.mono, self.wall)

    # What may happen

    def open(self, *, visitor: uuid.UUID, known: bool, same_site: bool, network: bytes | None) -> Line:
        handshake = identity.Handshake(
            visitor_id=visitor, known="cookie" if known else "", same_site=same_site, cookie=None
        )
        connection = Connection(
            handshake=handshake, limits=LIMITS, signer=SIGNER, limiter=self.limiter, now=self.mono
        )  # fmt: skip
        line = Line(connection, handshake, self.mono)
        self.lines.append(line)
        here = [other for other in self.lines if other.connection.network is not None and other is not line]
        answer = connection.arrive(network, self.mono)
        if connection.network is not None:
            assert answer == []
            same = [other for other in here if other.connection.network is connection.network]
            assert len(same) < ALLOWED.connections_per_network
            assert len([other for other in same if other.subject is None]) < ALLOWED.strangers_per_network
            self._spend("arrivals", network, ALLOWED.arrivals_per_network)
        elif network is not None:
            (close,) = answer
            assert (close.code, close.reason) in {
                (actions.CLOSE_TOO_FREQUENT, "TOO_FREQUENT"),
                (actions.CLOSE_TOO_MANY, "TOO_MANY_CONNECTIONS"),
                (actions.CLOSE_TOO_MANY, "TOO_MANY_STRANGERS"),
            }
            line.closed = True
        return line

    def say(self, line: Line, data: bytes) -> list[actions.Action]:
        """One whole text message. What follows is judged, and the socket counts as closed where it is to be closed."""
        try:
            frame = wire.decode_from_browser(data)
        except (ValueError, RecursionError):
            frame = None
        before = line.subject
        found = line.connection.receive(data, self.now)
        assert type(found) is list
        if before is None:
            self._first(line, frame, found)
        else:
            self._later(line, frame, found)
        self._judge(line, found)
        if len(data) > LIMITS.frame:
            assert found == [actions.Close(actions.CLOSE_TOO_BIG, "FRAME_TOO_BIG")]
        return found

    def say_binary(self, line: Line) -> None:
        (close,) = line.connection.receive_binary()
        assert close == actions.Close(actions.CLOSE_BINARY, "TEXT_ONLY")
        self._judge(line, [close])

    def tick(self, line: Line) -> None:
        found = line.connection.tick(self.now)
        self._judge(line, found)
        if line.subject is None:
            late = self.mono - line.opened >= LIMITS.hello
            assert found == ([actions.Close(actions.CLOSE_NO_HELLO, "HELLO_TIMEOUT")] if late else [])
        elif line.rep:
            assert line.ticket_ends is not None
            assert line.closed == (self.mono >= line.ticket_ends)
        else:
            assert line.ticket_ends is not None
            assert self.mono < line.ticket_ends, "a visitor's ticket ended"
            assert not line.closed

    def pass_time(self, seconds: float) -> None:
        self.mono += seconds
        self.wall += datetime.timedelta(seconds=seconds)

    def jump(self, seconds: float) -> None:
        """Somebody sets the clock. It stays within the years that any token of ours is from."""
        jumped = self.wall + datetime.timedelta(seconds=seconds)
        if abs((jumped - START).days) < 20000:
            self.wall = jumped

    def forget(self) -> None:
        self.limiter.forget(self.mono)

    def leave(self, line: Line) -> None:
        line.connection.depart()
        self.lines.remove(line)

    def end(self) -> None:
        """Everybody leaves: nothing may stay behind but what the rates remember."""
        for line in list(self.lines):
            self.leave(line)
        for ledger in (self.limiter._subjects, self.limiter._networks):
            assert not ledger._here, "somebody stays on the list of those who are here"
            for account in ledger._gone.values():
                assert account.sockets == 0
                assert getattr(account, "strangers", 0) == 0
        self.pass_time(1e6)
        self.forget()
        assert len(self.limiter) == 0

    # What the model allows

    def _first(self, line: Line, frame: object, found: list[actions.Action]) -> None:
        assert found, "an unknown socket is answered, or closed"
        if isinstance(found[0], actions.Close):
            assert len(found) == 1
            assert line.connection.subject is None
            return
        enter, send = found
        assert isinstance(frame, wire.Hello), "somebody came in without Hello"
        assert isinstance(enter, actions.Enter)
        assert isinstance(send, actions.Send)
        assert isinstance(send.frame, wire.Welcome)
        line.subject, line.rep = self._expected(line, frame)
        line.channel = None if line.rep else frame.channel
        assert (enter.subject, enter.rep, enter.channel) == (line.subject, line.rep, line.channel)
        assert len([other for other in self.lines if other.subject == line.subject]) <= CONNECTIONS
        kind = "LiveRep" if line.rep else "LiveVisitor"
        assert send.frame.id == ids.to_global_id(kind, line.subject)
        if line.rep:
            _, expires = SIGNER.verify(frame.ticket or "", kind="rep-ticket", now=self.wall)
            line.ticket_ends = self.mono + (expires - self.wall).total_seconds()
            assert send.frame.token is None
        elif send.frame.token is not None:
            assert SIGNER.verify(send.frame.token, kind="visitor", now=self.wall)[0] == line.subject

    def _expected(self, line: Line, hello: wire.Hello) -> tuple[uuid.UUID, bool]:
        """Who somebody is who says this Hello."""
        if hello.role == "rep":
            return SIGNER.verify(hello.ticket or "", kind="rep-ticket", now=self.wall)[0], True
        try:
            return SIGNER.verify(hello.token or "", kind="visitor", now=self.wall)[0], False
        except InvalidToken:
            return line.handshake.visitor_id, False

    def _later(self, line: Line, frame: object, found: list[actions.Action]) -> None:
        assert not any(isinstance(action, actions.Enter) for action in found)
        if isinstance(frame, wire.SendMessage) and not isinstance(found[0], actions.Close):
            (answer,) = found
            if isinstance(answer, actions.Append):
                assert answer.message.key == frame.key
                assert answer.message.text == frame.text
            else:
                assert isinstance(answer, actions.Send)
                assert isinstance(answer.frame, wire.Refused)
                assert answer.frame.key == frame.key
        elif isinstance(frame, wire.Renew) and line.rep and isinstance(found[0], actions.Send):
            if isinstance(found[0].frame, wire.Renewed):
                subject, expires = SIGNER.verify(frame.ticket, kind="rep-ticket", now=self.wall)
                assert subject == line.subject
                line.ticket_ends = self.mono + (expires - self.wall).total_seconds()
        elif frame is not None and not isinstance(frame, (wire.Typing, wire.Behaviour)):
            assert found, "a question stays without an answer"

    def _judge(self, line: Line, found: list[actions.Action]) -> None:
        assert line.connection.subject == line.subject
        assert line.connection.rep == line.rep
        for position, action in enumerate(found):
            if isinstance(action, actions.Close):
                assert position == len(found) - 1, "something follows on a Close"
                assert 1000 <= action.code < 5000
                assert 0 < len(action.reason.encode()) <= 123
                line.closed = True
            elif isinstance(action, actions.Send):
                self._sent(line, action.frame)
            elif isinstance(action, actions.Drop):
                assert action.reason in DROPS
            elif isinstance(action, actions.Enter):
                assert action.channel is None or 0 < len(action.channel) <= CHANNEL_LIMIT
                assert (action.channel or "x").isprintable(), "a channel that nobody can have"
            else:
                assert line.subject is not None, "it acts for somebody unknown"
                self._acted(line, action)

    def _sent(self, line: Line, frame: wire.Frame) -> None:
        data = wire.encode(frame)
        assert len(data) <= ANSWER_LIMIT, "an answer grows with what was asked"
        assert wire.decode_from_server(data) == frame
        if isinstance(frame, (wire.Welcome, wire.Renewed)) and not line.rep:
            assert frame.ticket is not None
            assert SIGNER.verify(frame.ticket, kind="visitor-ticket", now=self.wall)[0] == line.subject
            line.ticket_ends = self.mono + LIMITS.ticket

    def _acted(self, line: Line, action: actions.Action) -> None:
        if isinstance(action, actions.Append):
            message = action.message
            assert (message.sender_id, message.sender) == (line.subject, "rep" if line.rep else "visitor")
            assert 0 < len(message.text) <= LIMITS.text
            assert not message.text.isspace()
            assert "\0" not in message.text
            message.text.encode()
            assert message.at == self.wall
            self._spend("messages", line.subject, PER_MINUTE["messages"] * (5 if line.rep else 1))
            if line.connection.network is not None and not line.rep:
                self._spend("messages", line.connection.network.name, ALLOWED.messages_per_network)
            self._speaks_of(line, message.session_id, action.session)
        elif isinstance(action, actions.Notice):
            self._noticed(line, action.event)
        else:
            assert isinstance(action, (actions.LoadEntries, actions.MarkRead, actions.Signal))
            self._spend("signals", line.subject, PER_MINUTE["signals"] * (5 if line.rep else 1))
            if isinstance(action, actions.Signal):
                assert action.frame.sender == ("rep" if line.rep else "visitor")
                self._speaks_of(line, action.session_id, action.frame.session)
                return
            number = action.after if isinstance(action, actions.LoadEntries) else action.number
            assert 0 <= number <= NUMBER_LIMIT
            self._speaks_of(line, action.session_id, action.session)

    def _speaks_of(self, line: Line, session: uuid.UUID, name: str) -> None:
        assert len(name) <= ID_LIMIT, "an id as long as one likes"
        assert name == ids.to_global_id("LiveSession", session), "a session under another name"
        line.sessions.add(session)
        assert len(line.sessions) <= LIMITS.sessions

    def _noticed(self, line: Line, event: wire.Noticed) -> None:
        assert not line.rep
        assert (event.visitor, event.channel) == (line.subject, line.channel)
        assert wire.decode_noticed(wire.encode_noticed(event)) == event
        assert event.kind in {"page", "product", "dwell", "cart", "request"}
        for text, limit in (
            (event.url, URL_LIMIT), (event.referrer, URL_LIMIT), (event.title, TITLE_LIMIT),
            (event.product or "", ID_LIMIT), (event.variant or "", ID_LIMIT), (event.checkout or "", ID_LIMIT),
        ):  # fmt: skip
            assert len(text) <= limit
            assert "\0" not in text
        for url in (event.url, event.referrer):
            assert not url or url.partition(":")[0].lower() in ("http", "https")
        assert 0 <= event.seconds <= DWELL_LIMIT
        assert event.data == {}
        assert event.at == self.wall.timestamp()
        self._spend("events", line.subject, PER_MINUTE["events"])
        if line.connection.network is not None:
            self._spend("events", line.connection.network.name, ALLOWED.events_per_network)

    def _spend(self, what: str, whose: Any, per_minute: float) -> None:
        key = what, whose
        if key not in self._allowances:
            self._allowances[key] = Allowance(per_minute, ALLOWED.burst, self.mono)
        self._allowances[key].spend(self.mono)
