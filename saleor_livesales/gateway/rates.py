"""How often one visitor or rep may do what, with however many sockets: token buckets, filled by passing time."""

from __future__ import annotations

import uuid
from typing import Final

BURST_SECONDS: Final = 30.0  # a bucket holds what is allowed in this time


class Bucket:
    """Lets ``per_minute`` pass in the long run, and a burst of half of that at once."""

    __slots__ = ("_full", "_level", "_rate", "_seen")

    def __init__(self, per_minute: float, now: float) -> None:
        self._rate = per_minute / 60.0
        self._full = max(1.0, self._rate * BURST_SECONDS)
        self._level = self._full
        self._seen = now

    def take(self, now: float) -> bool:
        """Takes one, at ``now`` (monotonic seconds). False when none is left."""
        self._level = min(self._full, self._level + (now - self._seen) * self._rate)
        self._seen = now
        if self._level < 1.0:
            return False
        self._level -= 1.0
        return True

    def is_full(self, now: float) -> bool:
        return self._level + (now - self._seen) * self._rate >= self._full


class Rates:
    """The three buckets of one visitor or rep."""

    __slots__ = ("events", "messages", "signals")

    def __init__(self, *, events: float, messages: float, signals: float, now: float) -> None:
        self.events = Bucket(events, now)  # behaviour: dropped beyond
        self.messages = Bucket(messages, now)  # refused beyond
        self.signals = Bucket(signals, now)  # everything else, nonsense included: the socket is closed beyond


class Limiter:
    """The rates of everybody who is or was just here. A reconnect does not fill a bucket."""

    REP_FACTOR: Final = 5  # a rep serves several visitors at once
    SIGNALS_PER_MINUTE: Final = 600.0

    def __init__(self, *, events_per_minute: float, messages_per_minute: float) -> None:
        self._events = events_per_minute
        self._messages = messages_per_minute
        self._rates: dict[uuid.UUID, Rates] = {}

    def __len__(self) -> int:
        return len(self._rates)

    def stranger(self, now: float) -> Rates:
        """For a socket that has not said who it is."""
        return Rates(events=1, messages=1, signals=60.0, now=now)

    def of(self, subject: uuid.UUID, *, rep: bool, now: float) -> Rates:
        found = self._rates.get(subject)
        if found is None:
            factor = self.REP_FACTOR if rep else 1
            found = self._rates[subject] = Rates(
                events=self._events,
                messages=self._messages * factor,
                signals=self.SIGNALS_PER_MINUTE * factor,
                now=now,
            )
        return found

    def forget(self, now: float) -> None:
        """Drops what is full again: it would be made anew just so."""
        self._rates = {
            subject: rates
            for subject, rates in self._rates.items()
            if not (rates.events.is_full(now) and rates.messages.is_full(now) and rates.signals.is_full(now))
        }
