"""What a gateway counts, in memory. Drops are also added up in Redis, over all processes (``visitors.events``)."""

from __future__ import annotations

from collections import Counter
from typing import Final

from ..ops import Histogram

BATCHES: Final = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0)


class Metrics:
    """``counters`` only grow; ``dropped`` holds what was not yet added to the sums in Redis.

    A counter's name is ``what`` or ``what:label``; see ``exposition`` for those that are shown.
    """

    __slots__ = ("append", "batches", "bus_lag", "counters", "dropped", "loop_lag")

    def __init__(self) -> None:
        self.counters: Counter[str] = Counter()
        self.dropped: Counter[str] = Counter()
        self.append = Histogram()  # seconds from a message's arrival to its commit, or refusal
        self.batches = Histogram(BATCHES)  # messages in one statement
        self.bus_lag = Histogram()  # seconds from publishing to hearing
        self.loop_lag = Histogram()  # seconds that a timer came too late

    def count(self, name: str, by: int = 1) -> None:
        self.counters[name] += by

    def drop(self, reason: str) -> None:
        self.counters[f"dropped:{reason}"] += 1
        self.dropped[reason] += 1

    def take_dropped(self) -> dict[str, int]:
        taken, self.dropped = dict(self.dropped), Counter()
        return taken
