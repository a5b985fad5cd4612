"""What a gateway counts, in memory. Drops are also added up in Redis, over all processes (``visitors.events``)."""

from __future__ import annotations

from collections import Counter


class Metrics:
    """``counters`` only grow; ``dropped`` holds what was not yet added to the sums in Redis."""

    __slots__ = ("counters", "dropped")

    def __init__(self) -> None:
        self.counters: Counter[str] = Counter()
        self.dropped: Counter[str] = Counter()

    def count(self, name: str, by: int = 1) -> None:
        self.counters[name] += by

    def drop(self, reason: str) -> None:
        self.counters[f"dropped:{reason}"] += 1
        self.dropped[reason] += 1

    def take_dropped(self) -> dict[str, int]:
        taken, self.dropped = dict(self.dropped), Counter()
        return taken
