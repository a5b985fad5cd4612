"""What a decider counts, and what it says of itself on its health port. See docs/operate.md for what the figures mean.

Counted by the one thread that decides, read by the one that answers; a figure may be a moment old.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from .. import conf, ops

STUCK_AFTER: Final = 60.0  # seconds in one step; the longest waits for PostgreSQL and Redis are a few seconds each
BATCHES: Final = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0)
AGES: Final = (*ops.SECONDS, 60.0, 300.0, 1800.0)


class Figures:
    def __init__(self) -> None:
        self.events = self.dropped = self.decisions = self.offers = self.deadlines = 0
        self.shards = 0
        self.batches = ops.Histogram(BATCHES)
        self.took = ops.Histogram()
        self.ages = ops.Histogram(AGES)
        self.overdue = 0.0
        self.code_misses = 0
        self.postgresql = self.redis = False
        self.stepped = time.monotonic()

    def read(self, event_ids: Sequence[str]) -> None:
        """Entries came from a stream: how many, and how long the oldest has waited. Ids begin with milliseconds."""
        self.batches.observe(len(event_ids))
        oldest = min(int(event_id.partition("-")[0]) for event_id in event_ids)
        self.ages.observe(max(0.0, time.time() - oldest / 1000))

    def collect(self) -> Iterable[Metric]:
        for name, value, text in (
            ("livesales_decider_events", self.events, "Events of visitors that were applied."),
            ("livesales_decider_dropped", self.dropped, "Events that nobody could read or work off."),
            ("livesales_decider_decisions", self.decisions, "Visitors for whom an event led to a decision."),
            ("livesales_decider_offers", self.offers, "Offers that were made."),
            ("livesales_decider_deadlines", self.deadlines, "Deadlines that were worked off."),
        ):
            yield CounterMetricFamily(name, text, value=value)
        for name, gauge, text in (
            ("livesales_decider_shards", self.shards, "Streams that this decider reads."),
            ("livesales_decider_shards_wanted", conf.load().streams + 1, "Streams that all deciders together read."),
            ("livesales_decider_overdue_seconds", self.overdue, "How long the oldest deadline has been overdue."),
            ("livesales_code_misses", self.code_misses, "Wrong sign-in codes in the present quarter of an hour."),
            ("livesales_postgresql_up", self.postgresql, "Whether PostgreSQL answers."),
            ("livesales_redis_up", self.redis, "Whether Redis answers."),
        ):
            yield GaugeMetricFamily(name, text, value=float(gauge))
        yield self.batches.family("livesales_decider_batch_events", "Entries that were read at once.")
        yield self.took.family("livesales_decider_batch_seconds", "How long one batch took, with its commit.")
        yield self.ages.family(
            "livesales_decider_event_age_seconds", "How long the oldest entry of a batch had waited in its stream."
        )

    def live(self) -> tuple[bool, list[str]]:
        """Not alive is one that has stood still for a minute: it may hold streams that others could read."""
        still = time.monotonic() - self.stepped
        return still < STUCK_AFTER, ["alive" if still < STUCK_AFTER else f"standing still for {still:.0f} s"]

    def ready(self) -> tuple[bool, list[str]]:
        parts = {"postgresql": self.postgresql, "redis": self.redis}
        return all(parts.values()), [f"{part}: {'up' if up else 'away'}" for part, up in parts.items()]

    def listen(self) -> None:
        """On ``LIVESALES_DECIDER_HEALTH_PORT``, if there is one. Raises OSError: address taken."""
        settings = conf.load()
        if settings.decider_health_port:
            desk = ops.Desk("decider", self, ready=self.ready, live=self.live)
            ops.listen_in_thread(desk, settings.health_host or settings.gateway_host, settings.decider_health_port)
