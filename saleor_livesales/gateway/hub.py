"""Carries out what the protocol asks for: joins sockets, writer, reader, relay and presence."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import logging
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final, Protocol

import msgspec

from .. import bus, wire
from ..conf import Settings
from ..errors import NotFound
from ..ids import to_global_id, uuid_from_global_id
from ..sessions.append import ENTRIES_SQL, PAGE, READ_SQL, Appended, Message, Refusal, entries_page, entry_frame
from . import admission, lease, protocol
from .actions import CLOSE_TOO_FREQUENT
from .cluster_relay import ClusterRelay
from .database import Reader
from .metrics import Metrics
from .presence import Presence
from .protocol import Action, Now
from .relay import Relay
from .writer import Outcome, Writer

logger = logging.getLogger(__name__)

PARTICIPANTS_SQL: Final = "SELECT visitor_id, rep_id FROM saleor_livesales_session WHERE id = %(session_id)s::uuid"
PARTICIPANTS_FOR: Final = 60.0  # seconds, then they are looked up again; a change of state is heard of at once
PARTICIPANTS_AGAIN: Final = 5.0  # seconds until they are looked up once more, where that failed
PARTICIPANTS_BOUND: Final = 100_000
WAITING_LIMIT: Final = 1000  # actions of one socket whose subscriptions Redis has not confirmed yet
BEATS_WITHIN: Final = 5.0  # seconds in which a Redis that is back hears of everybody who is here

UNAVAILABLE: Final = "UNAVAILABLE"
SORRY: Final = "The service is not available at the moment. Try again in a few seconds."


class Socket(Protocol):
    """What the hub needs of a transport. ``waiting`` holds actions that come after a subscription."""

    connection: protocol.Connection
    waiting: list[Action] | None
    open: bool
    seen: float  # when it last said anything, in monotonic seconds
    pinged: bool  # since then

    def send(self, payload: bytes) -> None: ...

    def close(self, code: int, reason: str) -> None:
        """Says why, ignores what still comes, and hangs up once that is heard, or after CLOSE_PATIENCE."""

    def ping(self) -> None: ...

    def abort(self) -> None:
        """Hangs up without a word."""


class Parties(msgspec.Struct):
    """Who takes part in a session, and where each hears of it."""

    visitor_id: uuid.UUID
    rep_id: uuid.UUID | None
    visitor_channel: bytes
    rep_channel: bytes | None
    until: float  # monotonic seconds; then they are looked up again


class Hub:
    def __init__(self, settings: Settings, *, clock: Callable[[], Now]) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self.limiter = admission.limiter(settings)
        self.limits = admission.limits(settings)
        self.clock = clock
        self.presence = Presence()
        self.sockets: set[Socket] = set()
        self.strangers: set[Socket] = set()  # that have not said Hello
        self.reps: dict[uuid.UUID, int] = defaultdict(int)
        self.channels: dict[bytes, list[Socket]] = {}
        self._left: list[tuple[uuid.UUID, str | None]] = []  # since the last second
        self.draining = False
        self._participants: dict[uuid.UUID, Parties] = {}
        self._mono = asyncio.get_running_loop().time
        self._reps_channel = bus.reps_channel().encode()
        relay: type[Relay | ClusterRelay] = ClusterRelay if settings.redis_cluster else Relay
        self.relay = relay(settings.redis_url, deliver=self.deliver, resync=self.resync, metrics=self.metrics)
        self.reader = Reader(settings.database_url)
        self.writer = Writer(
            settings.database_url,
            done=self._written,
            pending=settings.pending_messages,
            pending_for=settings.pending_for,
            metrics=self.metrics,
        )

    def start(self) -> None:
        self.relay.start()
        self.reader.start()
        self.writer.start()

    # Sockets

    def opened(self, socket: Socket, network: bytes | None = None) -> None:
        """``network``: see ``admission.Door``."""
        self.sockets.add(socket)
        self.strangers.add(socket)
        self.metrics.count("opened")
        if refusal := socket.connection.arrive(network, self.clock().mono):
            self.perform(socket, refusal)

    def closed(self, socket: Socket) -> None:
        self.sockets.discard(socket)
        self.strangers.discard(socket)
        self.metrics.count("closed")
        socket.connection.depart()
        subject = socket.connection.subject
        if subject is None:
            return
        for channel in self._channels_of(subject, socket.connection.rep):
            listeners = self.channels.get(channel)
            if listeners and socket in listeners:
                listeners.remove(socket)
                if not listeners and socket.connection.rep:
                    del self.channels[channel]
                    self.relay.unsubscribe(channel)
        if socket.connection.rep:
            self.reps[subject] -= 1
            if self.reps[subject] <= 0:
                del self.reps[subject]
        else:
            self.presence.leave(subject, self.clock().mono)

    def _channels_of(self, subject: uuid.UUID, rep: bool) -> tuple[bytes, ...]:
        if rep:
            return bus.rep_channel(subject).encode(), self._reps_channel
        return (bus.visitor_channel(subject).encode(),)

    def deliver(self, channel: bytes, payload: bytes) -> None:
        """Forwards what was announced, byte for byte, to the sockets of its channel."""
        if payload.startswith(b'{"type":"entry"') and b'"kind":"state"' in payload[:200]:
            self._forget_participants(payload)
        for socket in tuple(self.channels.get(channel, ())):
            if socket.waiting is None:  # Welcome comes first; whoever waits for it asks for the rest afterwards
                socket.send(payload)

    def resync(self, channels: Iterable[bytes] | None = None) -> None:
        """Redis is back, or what has these channels: nobody knows what was missed meanwhile, in either direction."""
        self.presence.hasten(self.clock().mono, within=BEATS_WITHIN)
        payload = wire.encode(wire.Resync())
        self._participants.clear()
        if channels is None:
            heard = tuple(self.sockets)
        else:
            heard = tuple({socket for channel in channels for socket in self.channels.get(channel, ())})
        for socket in heard:
            if socket.connection.subject is not None and socket.waiting is None:
                socket.send(payload)

    # Actions

    def perform(self, socket: Socket, actions: list[Action]) -> None:
        if socket.waiting is not None:
            if len(socket.waiting) + len(actions) > WAITING_LIMIT:
                self.metrics.count("refused:TOO_FREQUENT")
                socket.close(CLOSE_TOO_FREQUENT, "TOO_FREQUENT")
                return
            socket.waiting.extend(actions)
            return
        for position, action in enumerate(actions):
            if isinstance(action, protocol.Append):
                if not self.draining:  # not acknowledged: it is sent again, to another gateway
                    self.writer.submit(action.message, (socket, action.session))
            elif isinstance(action, protocol.Send):
                if type(action.frame) is wire.Refused:
                    self.metrics.counters["frame:" + action.frame.code] += 1
                socket.send(wire.encode(action.frame))
            elif isinstance(action, protocol.Signal):
                self._signal(socket, action)
            elif isinstance(action, protocol.Notice):
                self.metrics.count("events")
                self.relay.notice(action.event)
            elif isinstance(action, protocol.Enter):
                socket.waiting = actions[position + 1 :]
                self._enter(socket, action)
                return
            elif isinstance(action, protocol.MarkRead):
                self._mark_read(socket, action)
            elif isinstance(action, protocol.LoadEntries):
                self._load(socket, action)
            elif isinstance(action, protocol.Drop):
                self.metrics.drop(action.reason)
            elif isinstance(action, protocol.Close):
                self.metrics.count(f"refused:{action.reason}")
                socket.close(action.code, action.reason)
                return

    def _enter(self, socket: Socket, action: protocol.Enter) -> None:
        self.strangers.discard(socket)
        now = self.clock()
        channels = self._channels_of(action.subject, action.rep)
        for channel in channels:
            self.channels.setdefault(channel, []).append(socket)
        if action.rep:
            self.reps[action.subject] += 1
            self.extend_leases([action.subject])
        else:
            self.presence.enter(action.subject, action.channel, now.mono)
        missing = len(channels)

        def ready() -> None:
            nonlocal missing
            missing -= 1
            if not missing and socket.waiting is not None:
                actions, socket.waiting = socket.waiting, None
                if not action.rep:  # only now, so that what an arrival brings about is heard here
                    data = {"known": action.known} if action.known else {}
                    self._report("arrive", action.subject, action.channel, now.wall, data)
                if socket.open:
                    self.perform(socket, actions)

        for channel in channels:
            self.relay.subscribe(channel, ready)

    def _report(
        self, kind: str, visitor: uuid.UUID, channel: str | None, at: datetime.datetime, data: dict[str, str]
    ) -> None:
        self.relay.notice(wire.Noticed(visitor=visitor, kind=kind, channel=channel, at=at.timestamp(), data=data))

    # Messages

    def _written(self, context: tuple[Socket, str], message: Message, outcome: Outcome) -> None:
        socket, session = context
        if isinstance(outcome, Appended):
            self.metrics.counters["message:committed"] += 1
            parties = self._know(message.session_id, outcome.visitor_id, outcome.rep_id)
            entry = entry_frame(message, outcome)
            ack = wire.Ack(session=session, key=message.key, number=outcome.number, at=entry.at)
            socket.send(wire.encode(ack))
            payload = wire.encode(entry)
            self.relay.publish(parties.visitor_channel, payload)
            if parties.rep_channel is not None:
                self.relay.publish(parties.rep_channel, payload)
            return
        if isinstance(outcome, Refusal):
            code, text = outcome.code, outcome.message
        else:
            code, text = UNAVAILABLE, SORRY
        self.metrics.count("message:refused" if code != UNAVAILABLE else "message:unavailable")
        self.metrics.count(f"frame:{code}")
        socket.send(wire.encode(wire.Refused(code=code, message=text, session=session, key=message.key)))

    def _load(self, socket: Socket, action: protocol.LoadEntries) -> None:
        subject = socket.connection.subject
        parameters = {
            "session_id": action.session_id,
            "after": action.after,
            "limit": PAGE + 1,
            "sender": "rep" if socket.connection.rep else "visitor",
            "sender_id": subject,
        }
        self.reader.submit(ENTRIES_SQL, parameters, partial(self._loaded, socket, action))

    def _loaded(self, socket: Socket, action: protocol.LoadEntries, rows: list[tuple[Any, ...]] | None) -> None:
        if rows is None:
            return self._refuse(socket, UNAVAILABLE, SORRY, action.session)
        page = entries_page(rows, action.session_id)
        if page is None:
            return self._refuse_unknown(socket, action.session)
        frame = wire.Resumed(session=action.session, entries=page.entries, last_number=page.last_number, more=page.more)
        return socket.send(wire.encode(frame))

    def _mark_read(self, socket: Socket, action: protocol.MarkRead) -> None:
        sender: wire.Sender = "rep" if socket.connection.rep else "visitor"
        parameters = {
            "session_id": action.session_id,
            "number": action.number,
            "sender": sender,
            "sender_id": socket.connection.subject,
        }
        self.reader.submit(READ_SQL, parameters, partial(self._marked, socket, action, sender))

    def _marked(
        self, socket: Socket, action: protocol.MarkRead, sender: wire.Sender, rows: list[tuple[Any, ...]] | None
    ) -> None:
        if rows is None:
            return self._refuse(socket, UNAVAILABLE, SORRY, action.session)
        if not rows:
            return self._refuse_unknown(socket, action.session)
        visitor_id, rep_id, number = rows[0]
        frame = wire.Read(session=to_global_id("LiveSession", action.session_id), number=number, sender=sender)
        payload = wire.encode(frame)
        self.relay.publish(bus.visitor_channel(visitor_id).encode(), payload)
        if rep_id is not None:
            self.relay.publish(bus.rep_channel(rep_id).encode(), payload)
        return None

    # Signals: passed on without waiting for the database, once it is known who takes part

    def _signal(self, socket: Socket, action: protocol.Signal) -> None:
        session_id = action.session_id
        known = self._participants.get(session_id)
        if known is None:
            self.reader.submit(PARTICIPANTS_SQL, {"session_id": session_id}, partial(self._met, socket, action))
            return
        now = self._mono()
        if known.until < now:
            # No change was heard of, so they still hold until PostgreSQL, where it is there, says otherwise.
            known.until = now + PARTICIPANTS_AGAIN
            self.reader.submit(PARTICIPANTS_SQL, {"session_id": session_id}, partial(self._looked_up, session_id))
        self._pass_on(socket, action, known)

    def _know(self, session_id: uuid.UUID, visitor_id: uuid.UUID, rep_id: uuid.UUID | None) -> Parties:
        until = self._mono() + PARTICIPANTS_FOR
        known = self._participants.get(session_id)
        if known is not None and known.visitor_id == visitor_id and known.rep_id == rep_id:
            known.until = until
            return known
        if len(self._participants) >= PARTICIPANTS_BOUND:
            self._participants.clear()
        visitor_channel = bus.visitor_channel(visitor_id).encode()
        rep_channel = None if rep_id is None else bus.rep_channel(rep_id).encode()
        known = self._participants[session_id] = Parties(visitor_id, rep_id, visitor_channel, rep_channel, until)
        return known

    def _looked_up(self, session_id: uuid.UUID, rows: list[tuple[Any, ...]] | None) -> None:
        if rows:
            self._know(session_id, *rows[0])
        elif rows is not None:
            self._participants.pop(session_id, None)

    def _met(self, socket: Socket, action: protocol.Signal, rows: list[tuple[Any, ...]] | None) -> None:
        if not rows:
            self.metrics.drop("not_found" if rows is not None else "unavailable")
            return
        self._pass_on(socket, action, self._know(action.session_id, *rows[0]))

    def _pass_on(self, socket: Socket, action: protocol.Signal, parties: Parties) -> None:
        connection = socket.connection
        if connection.subject != (parties.rep_id if connection.rep else parties.visitor_id):
            self.metrics.drop("not_found")
            return
        channel = parties.visitor_channel if connection.rep else parties.rep_channel
        if channel is not None:
            self.relay.publish(channel, wire.encode(action.frame))

    def _forget_participants(self, payload: bytes) -> None:
        try:
            entry = wire.decode_from_server(payload)
        except ValueError:
            return
        if isinstance(entry, wire.Entry):
            with contextlib.suppress(NotFound):
                self._participants.pop(uuid_from_global_id("LiveSession", entry.session), None)

    def _refuse(self, socket: Socket, code: str, text: str, session: str) -> None:
        self.metrics.count(f"frame:{code}")
        socket.send(wire.encode(wire.Refused(code=code, message=text, session=session)))

    def _refuse_unknown(self, socket: Socket, session: str) -> None:
        self._refuse(socket, "NOT_FOUND", Refusal(code="NOT_FOUND").message, session)

    # What time brings

    def extend_leases(self, reps: list[uuid.UUID] | None = None) -> None:
        reps = list(self.reps) if reps is None else reps
        if reps:
            parameters = lease.parameters(reps, lease=self.settings.rep_lease)
            self.reader.submit(lease.LEASE_SQL, parameters, lambda _: None)

    def every_second(self) -> None:
        now = self.clock()
        for socket in tuple(self.strangers):
            self.perform(socket, socket.connection.tick(now))
        for visitor, channel in self.presence.beats(now.mono):
            self._report("beat", visitor, channel, now.wall, {})
        left, self._left = self._left, []
        for visitor, channel in left:
            self._ask_elsewhere(visitor, channel, now.wall)
        for visitor, channel in self.presence.gone(now.mono):
            name = bus.visitor_channel(visitor).encode()
            self.channels.pop(name, None)
            self.relay.unsubscribe(name)
            self._left.append((visitor, channel))
        if dropped := self.metrics.take_dropped():
            self.relay.add_up(dropped)

    def _ask_elsewhere(self, visitor: uuid.UUID, channel: str | None, at: datetime.datetime) -> None:
        """A second after it was unsubscribed, for that went by another connection: else we might count ourselves."""

        def tell(elsewhere: int) -> None:
            if not elsewhere:  # with no gateway, that is
                self._report("leave", visitor, channel, at, {})

        self.relay.listeners(bus.visitor_channel(visitor).encode(), tell)
