"""The decider: a process that reads what happens on the site, decides, and works off deadlines.

Any number of them run at once; each owns a share of the streams (see ``shards``). PostgreSQL or Redis may go away and
come back: the decider waits, says so in one line, and goes on where it was.
"""

from __future__ import annotations

import datetime
import logging
import random
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

import msgspec
import redis
from django.db import InterfaceError, OperationalError, connection

from .. import bus, clock, conf, shop, wire
from ..codes import tries
from ..sessions import deadlines
from ..visitors import events, store
from ..visitors.models import VisitorCheckout
from . import actions, batch, queries, worth
from .figures import Figures
from .rules import Rules
from .shards import Shards
from .streams import BATCH, Arrived, Streams, connect, name
from .watch import Watch

logger = logging.getLogger(__name__)

TICK: Final = 1.0  # seconds between two looks at deadlines and shards
RULES_FOR: Final = 2.0  # seconds until a changed setting is noticed
MAX_WAIT: Final = 5.0  # seconds between two tries to reach PostgreSQL or Redis
ORPHANS: Final = 5.0  # seconds between two looks for entries that a former owner's last read took with it
LIMIT: Final = 200  # of each kind of deadline worked off in one go
DATABASE_AWAY: Final = (OperationalError, InterfaceError)
REDIS_AWAY: Final = (redis.RedisError,)


class Away:
    """How a part that is away is waited for: twice as long each time, with a line at the beginning and at the end."""

    def __init__(self, part: str) -> None:
        self.part = part
        self._wait = 0.0
        self._until = 0.0

    @property
    def away(self) -> bool:
        return self._wait > 0

    @property
    def seconds(self) -> float:
        """How long still to wait before the next try."""
        return max(0.0, self._until - time.monotonic())

    def failed(self, error: Exception) -> None:
        if not self._wait:
            logger.warning("%s is away (%s); waiting for it.", self.part, type(error).__name__)
        self._wait = min(MAX_WAIT, self._wait * 2 or 0.1)
        self._until = time.monotonic() + self._wait * random.uniform(0.75, 1.0)

    def worked(self) -> None:
        if self._wait:
            logger.warning("%s is back.", self.part)
        self._wait = self._until = 0.0


class Decider:
    """``run`` works until ``stop``. Everything happens in one thread, one batch after the other."""

    def __init__(self) -> None:
        self.client = connect()
        self.streams = Streams(self.client)
        self.shop_shard = conf.load().streams
        self.shards = Shards(self.shop_shard + 1)
        self._to_recover: set[int] = set()
        self._stopping = threading.Event()
        self._database, self._redis = Away("PostgreSQL"), Away("Redis")
        self._next_tick = self._next_orphans = 0.0
        self._watch = Watch()
        self._clock = clock.Clock()
        # Silences count only while somebody could be heard: events, the database, an even clock.
        self._since = deadlines.Since(heard=self._clock.now())
        self._rules: dict[str, Rules] = {}
        self._rules_until = 0.0
        self.figures = Figures()

    def stop(self) -> None:
        """Finish the batch at hand, then leave ``run``."""
        self._stopping.set()

    def run(self) -> None:
        with shop.current().writer(), self._watch.on():
            while not self._stopping.is_set():
                self._step()
            self._leave()

    def _step(self) -> None:
        self._watch.alive()
        self._tell()
        if self._database.seconds:
            self._stopping.wait(self._database.seconds)
            return
        try:
            if time.monotonic() >= self._next_tick:
                self._tick()
            pause = max(0.0, self._next_tick - time.monotonic())
            if self._redis.seconds or not self.shards.owned:
                self._stopping.wait(min(pause, self._redis.seconds or pause))
            else:
                self._read(block=min(pause, TICK / 2))
                self._redis.worked()
            self._database.worked()
        except DATABASE_AWAY as error:
            self._to_recover |= self.shards.owned
            self._since = replace(self._since, heard=self._clock.now())
            if not _usable():
                self._since = replace(self._since, reached=self._clock.now())
                connection.close()
                self.shards.forget()
                self._database.failed(error)
                self._next_tick = 0.0
            else:
                logger.warning("PostgreSQL refused a statement (%s); trying again.", type(error.__cause__).__name__)
                self._stopping.wait(0.1)
        except REDIS_AWAY as error:
            self._to_recover |= self.shards.owned
            self._since = replace(self._since, heard=self._clock.now())
            self._redis.failed(error)

    def _tell(self) -> None:
        figures = self.figures
        figures.stepped = time.monotonic()
        figures.shards = len(self.shards.owned)
        figures.postgresql, figures.redis = not self._database.away, not self._redis.away

    def _tick(self) -> None:
        """What is due once a second: our share of the shards, then the deadlines."""
        self._next_tick = time.monotonic() + TICK
        self._watch.set_up()
        self._to_recover |= self.shards.rebalance()
        if time.monotonic() >= self._next_orphans:
            # Redis may still answer the read of a decider that lost its shards, or died, after we took them over.
            self._next_orphans = time.monotonic() + ORPHANS
            self._to_recover |= self.shards.owned
        self._set_clock()
        now = self._clock.now()
        for duty in _DUTIES:
            try:
                self.figures.deadlines += duty(now, self._since)
            except DATABASE_AWAY:
                raise
            except Exception:
                logger.exception("A deadline could not be worked off.")
        self.figures.overdue = queries.overdue_for(now=now)
        self.figures.code_misses = tries.misses(now=now)

    def _set_clock(self) -> None:
        """Goes by the database's clock. When that was set, nobody's silence can be measured across that moment."""
        asked = time.monotonic()
        with connection.cursor() as cursor:
            cursor.execute(clock.SQL)
            ahead = self._clock.set(cursor.fetchone()[0], asked=asked)
        if abs(ahead) > clock.JUMP:
            logger.warning("The database's clock is %.0f s ahead of what was thought here.", ahead)
            self._since = deadlines.Since(*3 * (self._clock.now(),))

    def _read(self, *, block: float) -> None:
        """What the last owner left over first, then what is new."""
        for shard in sorted(self._to_recover & self.shards.owned):
            while left := self.streams.left_over(name(shard)):
                self._handle(left, redelivered=True)
                if self._stopping.is_set():
                    return
            self._to_recover.discard(shard)
        self._to_recover &= self.shards.owned
        arrived = self.streams.fresh([name(shard) for shard in sorted(self.shards.owned)], block=block)
        for start in range(0, len(arrived), BATCH):
            self._handle(arrived[start : start + BATCH], redelivered=False)

    def _handle(self, arrived: Sequence[Arrived], *, redelivered: bool) -> None:
        """Work entries off and acknowledge them. Entries that nobody can read are counted and left behind."""
        if arrived:
            self.figures.read([entry.event_id for entry in arrived])
        shop_stream = bus.shop_stream()
        noticed: list[batch.Event] = []
        reports: list[wire.ShopNoticed] = []
        unreadable = 0
        for entry in arrived:
            if entry.data is None:
                continue  # trimmed from the stream before anybody came to it
            try:
                if entry.stream == shop_stream:
                    reports.append(wire.decode_shop_noticed(entry.data))
                else:
                    noticed.append(batch.Event(entry.event_id, wire.decode_noticed(entry.data)))
            except msgspec.DecodeError:
                unreadable += 1
        if noticed:
            self._decide(noticed, redelivered=redelivered)
        if reports:
            self._forward(reports)
        if unreadable:
            self.figures.dropped += unreadable
            events.count_drops(self.client, {"invalid": unreadable})
        self.streams.acknowledge(arrived)

    def _decide(self, noticed: Sequence[batch.Event], *, redelivered: bool) -> None:
        """One batch. When it fails for its own sake, each visitor by itself: one must not hold up the others."""
        now, began = self._clock.now(), time.monotonic()
        try:
            tally = batch.work(
                noticed, client=self.client, rules=self._current_rules(), now=now, redelivered=redelivered
            )
            self.figures.took.observe(time.monotonic() - began)
            self.figures.events += tally.events
            self.figures.decisions += tally.decisions
            self.figures.offers += tally.offers
        except (*DATABASE_AWAY, *REDIS_AWAY):
            raise
        except Exception:
            by_visitor: dict[Any, list[batch.Event]] = {}
            for event in noticed:
                by_visitor.setdefault(event.noticed.visitor, []).append(event)
            if len(by_visitor) == 1:
                logger.exception("Events of a visitor could not be worked off and are left out.")
                self.figures.dropped += len(noticed)
                events.count_drops(self.client, {"failed": len(noticed)})
                return
            for own in by_visitor.values():
                self._decide(own, redelivered=True)

    def _forward(self, reports: Sequence[wire.ShopNoticed]) -> None:
        """A changed checkout goes to the visitor who claimed it; a changed price is forgotten."""
        checkouts = {event.id: event.at for event in reports if event.kind == "checkout"}
        owners = VisitorCheckout.objects.filter(checkout_id__in=checkouts).values_list("checkout_id", "visitor_id")
        pipeline = self.client.pipeline(transaction=False)
        for checkout_id, visitor_id in owners if checkouts else ():
            event = wire.Noticed(visitor=visitor_id, kind="checkout", checkout=checkout_id, at=checkouts[checkout_id])
            data: dict[Any, Any] = {"d": wire.encode_noticed(event)}
            pipeline.xadd(bus.visitor_stream(visitor_id), data, maxlen=bus.STREAM_LENGTH, approximate=True)
        worth.forget(pipeline, [event for event in reports if event.kind in ("product", "variant")])
        pipeline.execute()

    def _current_rules(self) -> dict[str, Rules]:
        if time.monotonic() >= self._rules_until:
            self._rules = queries.rules_by_channel()
            self._rules_until = time.monotonic() + RULES_FOR
        return self._rules

    def _leave(self) -> None:
        try:
            self.shards.leave()
            connection.close()
            self.client.close()
        except (*DATABASE_AWAY, *REDIS_AWAY):
            logger.info("Left while PostgreSQL or Redis was away.")


_DUTIES: Final[tuple[Callable[[datetime.datetime, deadlines.Since], int], ...]] = (
    lambda now, _: actions.expire_due(now=now, limit=LIMIT),
    lambda now, since: deadlines.work_off(now=now, limit=LIMIT, since=since),
    lambda now, _: store.mark_silent(now=now, limit=LIMIT),
)


def _usable() -> bool:
    return connection.connection is not None and connection.is_usable()


def run() -> int:
    """The process. SIGTERM and SIGINT finish the batch at hand. Returns the exit status."""
    decider = Decider()
    try:
        decider.figures.listen()
    except OSError as error:
        logger.error("The decider can't listen: %s. Set LIVESALES_DECIDER_HEALTH_PORT or stop what is there.", error)
        return 1
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: decider.stop())
    logger.info("The decider has started.")
    decider.run()
    logger.info("The decider has stopped.")
    return 0
