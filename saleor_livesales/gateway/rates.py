"""How often one visitor, rep or network may do what, with however many sockets: token buckets, filled by passing time.

What is known of somebody outlives the socket, so that a reconnect fills no bucket; but only for the last so many who
left, so that strangers who come under ever new names and addresses can't fill the memory.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

import msgspec

REMEMBERED: Final = 50_000  # who left with a bucket that is not full, of each kind: about 40 MB at most


class Bucket:
    """Lets ``per_minute`` pass in the long run, and at once what is allowed in ``burst`` seconds, at least one."""

    __slots__ = ("_full", "_level", "_rate", "_seen")

    def __init__(self, per_minute: float, now: float, *, burst: float = 30.0) -> None:
        self._rate = per_minute / 60.0
        self._full = max(1.0, self._rate * burst)
        self._level = self._full
        self._seen = now

    def take(self, now: float) -> bool:
        """Takes one, at ``now`` (monotonic seconds). False when none is left."""
        level = self._level + (now - self._seen) * self._rate
        if level > self._full:
            level = self._full
        self._seen = now
        if level < 1.0:
            self._level = level
            return False
        self._level = level - 1.0
        return True

    def is_full(self, now: float) -> bool:
        return self._level + (now - self._seen) * self._rate >= self._full


class Rates:
    """The three buckets of one visitor or rep, and how many sockets are open."""

    __slots__ = ("events", "messages", "signals", "sockets")

    def __init__(self, *, events: float, messages: float, signals: float, burst: float, now: float) -> None:
        self.events = Bucket(events, now, burst=burst)  # behaviour: dropped beyond
        self.messages = Bucket(messages, now, burst=burst)  # refused beyond
        self.signals = Bucket(signals, now, burst=burst)  # all else, nonsense included: the socket is closed beyond
        self.sockets = 0

    def is_full(self, now: float) -> bool:
        return self.events.is_full(now) and self.messages.is_full(now) and self.signals.is_full(now)


class NetworkRates:
    """The buckets of all visitors of one network together, its open sockets, and those that have not said Hello."""

    __slots__ = ("connections", "events", "messages", "name", "sockets", "strangers")

    def __init__(
        self, name: bytes, *, connections: float, events: float, messages: float, burst: float, now: float
    ) -> None:
        self.name = name
        self.connections = Bucket(connections, now, burst=burst)
        self.events = Bucket(events, now, burst=burst)
        self.messages = Bucket(messages, now, burst=burst)
        self.sockets = 0
        self.strangers = 0

    def is_full(self, now: float) -> bool:
        return self.connections.is_full(now) and self.events.is_full(now) and self.messages.is_full(now)


Key = TypeVar("Key", bound=Hashable)
Account = TypeVar("Account", Rates, NetworkRates)


class Ledger(Generic[Key, Account]):
    """Accounts of all who are here, and of the last ``bound`` who left or tried to come in."""

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._here: dict[Key, Account] = {}
        self._gone: dict[Key, Account] = {}  # the longest gone first

    def __len__(self) -> int:
        return len(self._here) + len(self._gone)

    def of(self, key: Key, make: Callable[[], Account]) -> Account:
        if (account := self._here.get(key)) is not None:
            return account
        account = self._gone.pop(key, None) or make()
        self._keep(key, account)
        return account

    def enter(self, key: Key, account: Account) -> None:
        """One socket more."""
        account.sockets += 1
        self._gone.pop(key, None)
        self._here[key] = account

    def leave(self, key: Key) -> None:
        """One socket less."""
        account = self._here.get(key)
        if account is None:
            return
        account.sockets -= 1
        if account.sockets <= 0:
            del self._here[key]
            self._keep(key, account)

    def _keep(self, key: Key, account: Account) -> None:
        self._gone[key] = account
        if len(self._gone) > self._bound:
            del self._gone[next(iter(self._gone))]

    def forget(self, now: float) -> None:
        """Drops what is full again: it would be made anew just so."""
        self._gone = {key: account for key, account in self._gone.items() if not account.is_full(now)}


class Allowed(msgspec.Struct, frozen=True, kw_only=True):
    """What one visitor, and one network, may do. Rates are per minute; see ``conf`` for what the numbers rest on."""

    burst: float = 30.0  # seconds: what is allowed in this time may come at once
    connections_per_network: int = 2000
    strangers_per_network: int = 500
    arrivals_per_network: float = 1800
    events_per_network: float = 6000
    messages_per_network: float = 3000


class Limiter:
    """The rates of everybody who is or was just here, and of their networks."""

    REP_FACTOR: Final = 5  # a rep serves several visitors at once

    def __init__(
        self,
        *,
        events_per_minute: float,
        messages_per_minute: float,
        signals_per_minute: float = 600.0,
        connections: int = 20,
        allowed: Allowed | None = None,
        remembered: int = REMEMBERED,
    ) -> None:
        self._events = events_per_minute
        self._messages = messages_per_minute
        self._signals = signals_per_minute
        self._connections = connections
        self._allowed = allowed or Allowed()
        self._subjects: Ledger[uuid.UUID, Rates] = Ledger(remembered)
        self._networks: Ledger[bytes, NetworkRates] = Ledger(remembered)

    def __len__(self) -> int:
        return len(self._subjects) + len(self._networks)

    # Visitors and reps

    def of(self, subject: uuid.UUID, *, rep: bool, now: float) -> Rates:
        factor = self.REP_FACTOR if rep else 1
        return self._subjects.of(
            subject,
            lambda: Rates(
                events=self._events,
                messages=self._messages * factor,
                signals=self._signals * factor,
                burst=self._allowed.burst,
                now=now,
            ),
        )

    def enter(self, subject: uuid.UUID, *, rep: bool, now: float) -> Rates | None:
        """One socket more of this visitor or rep; None where there are as many as may be."""
        rates = self.of(subject, rep=rep, now=now)
        if rates.sockets >= self._connections:
            return None
        self._subjects.enter(subject, rates)
        return rates

    def leave(self, subject: uuid.UUID) -> None:
        self._subjects.leave(subject)

    # Networks

    def network(self, name: bytes, *, now: float) -> NetworkRates:
        allowed = self._allowed
        return self._networks.of(
            name,
            lambda: NetworkRates(
                name,
                connections=allowed.arrivals_per_network,
                events=allowed.events_per_network,
                messages=allowed.messages_per_network,
                burst=allowed.burst,
                now=now,
            ),
        )

    def arrive(self, name: bytes, *, now: float) -> NetworkRates | str:
        """One socket more of this network, or why not. Whoever gets rates back calls ``depart`` once it is closed."""
        rates = self.network(name, now=now)
        if rates.sockets >= self._allowed.connections_per_network:
            return "TOO_MANY_CONNECTIONS"
        if rates.strangers >= self._allowed.strangers_per_network:
            return "TOO_MANY_STRANGERS"
        if not rates.connections.take(now):
            return "TOO_FREQUENT"
        self._networks.enter(name, rates)
        rates.strangers += 1
        return rates

    def introduce(self, rates: NetworkRates) -> None:
        """A socket of this network said Hello, or is closed without."""
        rates.strangers -= 1

    def depart(self, rates: NetworkRates) -> None:
        self._networks.leave(rates.name)

    def forget(self, now: float) -> None:
        """Drops what is full again: it would be made anew just so."""
        self._subjects.forget(now)
        self._networks.forget(now)
