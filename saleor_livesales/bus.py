"""Names in Redis, and how a committed change is announced. Redis is the bell: nothing here is the truth.

Announcing never raises and never waits longer than ``Settings.redis_timeout``. A process whose Redis is away, or slower
than that, stops trying for a few seconds (a circuit breaker). What was to be published meanwhile is lost; but whom it
was meant for is kept, and told ``resync`` as soon as Redis answers, so that they refetch what they missed.
Imports no Django: actions call ``transaction.on_commit(lambda: bus.publish(...))``.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
import time
import uuid
import zlib
from collections.abc import Iterable
from typing import Any, cast

import redis

from . import conf, wire
from .cluster import Cluster

logger = logging.getLogger(__name__)

PAUSE_AFTER_FAILURE = 5.0  # seconds
MISSED_LIMIT = 10_000  # channels that are told `resync` later; who is beyond finds the gap by the next number
RETRY_EVERY = 1.0  # seconds
STREAM_LENGTH = 100_000  # entries kept for each stream, about; a decider that is further behind has lost behaviour only

_client: redis.Redis | None = None
_sender: _Sender | None = None
_missed: _Missed | None = None
_paused_until = 0.0


def visitor_channel(visitor_id: uuid.UUID) -> str:
    return f"{conf.load().redis_prefix}visitor:{visitor_id}"


def rep_channel(rep_id: uuid.UUID) -> str:
    return f"{conf.load().redis_prefix}rep:{rep_id}"


def reps_channel() -> str:
    return f"{conf.load().redis_prefix}reps"


def probe_channel(name: str) -> str:
    """A channel on which a gateway hears only itself."""
    return f"{conf.load().redis_prefix}probe:{name}"


def visitor_stream(visitor_id: uuid.UUID) -> str:
    """The event stream of a visitor: always the same one, so that one decider applies its events in order."""
    return event_stream(zlib.crc32(visitor_id.bytes) % conf.load().streams)


def event_stream(number: int) -> str:
    return f"{conf.load().redis_prefix}events:{number}"


def shop_stream() -> str:
    return f"{conf.load().redis_prefix}shop"


def connect(*, pause: float = 0.0, **options: Any) -> redis.Redis:
    """A client with these options of redis-py; on a cluster, what stands for one (see ``cluster``). Opens nothing yet.

    ``pause``: for how many seconds a cluster's node that failed is not tried again.
    """
    settings = conf.load()
    if settings.redis_cluster:
        return cast(redis.Redis, Cluster(settings.redis_url, pause=pause, **options))
    return redis.Redis.from_url(settings.redis_url, **options)


def publish_command() -> str:
    """On a cluster PUBLISH would go to every node, whoever listens; SPUBLISH goes to the one that has the channel."""
    return "SPUBLISH" if conf.load().redis_cluster else "PUBLISH"


def client() -> redis.Redis:
    """A connection pool of this process with short timeouts, for announcing. A reader makes its own."""
    global _client
    if _client is None:
        settings = conf.load()
        # One node of a cluster that is away must leave time for the others.
        timeout = settings.redis_timeout / 2 if settings.redis_cluster else settings.redis_timeout
        _client = connect(
            pause=PAUSE_AFTER_FAILURE, socket_connect_timeout=timeout, socket_timeout=timeout, retry_on_timeout=False
        )
    return _client


def reset() -> None:
    """Forget connection, sender, breaker and what was missed, as tests do."""
    global _client, _sender, _missed, _paused_until
    if _sender is not None:
        _sender.jobs.put(None)
    if _missed is not None:
        _missed.forget()
    _client, _sender, _missed, _paused_until = None, None, None, 0.0


class _Job:
    """One round trip, and what came of it."""

    def __init__(self, pipeline: redis.client.Pipeline) -> None:
        self.pipeline = pipeline
        self.done = threading.Event()
        self.answers: list[Any] = []
        self.error: Exception | None = None

    def run(self) -> None:
        """A cluster tells of each command whether it came through; a single server takes all or none."""
        try:
            self.answers = self.pipeline.execute(raise_on_error=not conf.load().redis_cluster)
        except Exception as error:
            self.error = error
        self.done.set()


class _Sender:
    """Does the round trips in a thread of its own, so that whoever announces can stop waiting.

    Timeouts of sockets are not enough: looking up a name, connecting, the first words of a connection and the answer
    each take their own time.
    """

    def __init__(self) -> None:
        self.jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self.stuck: _Job | None = None  # a job that nobody waits for any more
        threading.Thread(target=self._work, name="livesales-bus", daemon=True).start()

    def _work(self) -> None:
        while (job := self.jobs.get()) is not None:
            job.run()

    def send(self, pipeline: redis.client.Pipeline, timeout: float) -> list[Any]:
        """The answers. Raises what the round trip raised, or TimeoutError after ``timeout`` seconds."""
        if self.stuck is not None and not self.stuck.done.is_set():
            raise TimeoutError
        self.stuck = None
        job = _Job(pipeline)
        self.jobs.put(job)
        if not job.done.wait(timeout):
            self.stuck = job
            raise TimeoutError
        if job.error is not None:
            raise job.error
        return job.answers


class _Missed:
    """Channels on which something was lost. While there are any, a thread tries to tell them so."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._channels: set[str] = set()
        self._working = False

    def add(self, channels: Iterable[str]) -> None:
        with self._lock:
            self._channels.update(list(channels)[: MISSED_LIMIT - len(self._channels)])
            if self._working or not self._channels:
                return
            self._working = True
        try:
            threading.Thread(target=self._work, name="livesales-missed", daemon=True).start()
        except RuntimeError:  # no more threads, or the interpreter is leaving
            with self._lock:
                self._working = False

    def forget(self) -> None:
        with self._lock:
            self._channels.clear()

    def _work(self) -> None:
        connection = connect(socket_connect_timeout=RETRY_EVERY, socket_timeout=RETRY_EVERY)
        payload = wire.encode(wire.Resync())
        while True:
            time.sleep(RETRY_EVERY)
            with self._lock:
                channels = list(self._channels)
                if not channels:
                    self._working = False
                    break
            pipeline = connection.pipeline(transaction=False)
            for channel in channels:
                pipeline.execute_command(publish_command(), channel, payload)
            job = _Job(pipeline)
            job.run()
            with self._lock:
                self._channels.difference_update(_told(channels, None if job.error else job.answers))
        connection.close()


def _told(channels: list[str], answers: list[Any] | None) -> set[str]:
    """The channels on which an announcement came through, given the answers to the commands; None: to none of them."""
    if answers is None:
        return set()
    failed = {channel for channel, answer in zip(channels, answers, strict=True) if isinstance(answer, Exception)}
    return set(channels) - failed


def _attempt(pipeline: redis.client.Pipeline) -> list[Any] | None:
    """The answers; None when Redis was away."""
    global _paused_until, _sender
    if time.monotonic() < _paused_until:
        return None
    try:
        if _sender is None:
            _sender = _Sender()
        return _sender.send(pipeline, conf.load().redis_timeout)
    except (redis.RedisError, OSError) as error:  # TimeoutError is an OSError
        _paused_until = time.monotonic() + PAUSE_AFTER_FAILURE
        logger.warning("Redis is away, not announcing for %.0f s: %s", PAUSE_AFTER_FAILURE, type(error).__name__)
        return None


def _all_well(answers: list[Any] | None) -> bool:
    return answers is not None and not any(isinstance(answer, Exception) for answer in answers)


def _after_fork() -> None:
    """The child has no threads and no connection of its own yet; what was missed is the parent's to tell."""
    global _client, _sender, _missed
    _client, _sender, _missed = None, None, None


os.register_at_fork(after_in_child=_after_fork)


def publish(announcements: Iterable[tuple[str, wire.Frame]]) -> bool:
    """Announce frames on channels, in one round trip. False when Redis was away: `resync` follows when it is back."""
    global _missed
    pipeline = client().pipeline(transaction=False)
    command, channels = publish_command(), []
    for channel, frame in announcements:
        pipeline.execute_command(command, channel, wire.encode(frame))
        channels.append(channel)
    lost = set(channels) - _told(channels, _attempt(pipeline))
    if not lost:
        return True
    if _missed is None:
        _missed = _Missed()
    _missed.add(lost)
    return False


def notice(events: Iterable[wire.Noticed]) -> bool:
    """Put events on their visitors' streams, in one round trip. False when Redis was away."""
    pipeline = client().pipeline(transaction=False)
    for event in events:
        pipeline.xadd(
            visitor_stream(event.visitor), {"d": wire.encode_noticed(event)}, maxlen=STREAM_LENGTH, approximate=True
        )
    return _all_well(_attempt(pipeline))


def notice_shop(event: wire.ShopNoticed) -> bool:
    """Put one hook's event on the shop's stream. False when Redis was away."""
    pipeline = client().pipeline(transaction=False)
    pipeline.xadd(shop_stream(), {"d": wire.encode_noticed(event)}, maxlen=STREAM_LENGTH, approximate=True)
    return _all_well(_attempt(pipeline))
