"""The decider's side of the event streams: one consumer group, read in order, acknowledged after the commit."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import redis

from .. import bus, conf

GROUP: Final = "decider"
# Who owns a shard is settled by its lock, so all deciders are one consumer: what one has left, the next owner finds.
CONSUMER: Final = "owner"
BATCH: Final = 200
LOOK_AGAIN: Final = (0.002, 0.05)  # seconds between two looks at a cluster's streams, first and at most


@dataclass(frozen=True, slots=True)
class Arrived:
    """An entry as it was read. ``data`` is None for what the stream no longer has."""

    stream: str
    event_id: str
    data: bytes | None


def connect() -> redis.Redis:
    """A client for reading: it may block, so it waits longer than the one for announcing."""
    return bus.connect(
        socket_connect_timeout=2.0,
        socket_timeout=5.0,
        protocol=2,  # whatever a version of the client prefers: the answers' shape depends on it
        retry=None,  # the decider waits by itself, and works off deadlines meanwhile
    )


def name(shard: int) -> str:
    """The stream of a shard; the one after the last is the shop's."""
    return bus.shop_stream() if shard == conf.load().streams else bus.event_stream(shard)


def _arrived(answer: Any) -> list[Arrived]:
    return [
        Arrived(stream.decode(), event_id.decode(), fields.get(b"d") if fields else None)
        for stream, entries in answer or ()
        for event_id, fields in entries
    ]


class Streams:
    """Reading, acknowledging, and making the groups anew where Redis lost them."""

    def __init__(self, client: redis.Redis) -> None:
        self.client = client
        self._divided = conf.load().redis_cluster

    def left_over(self, stream: str) -> list[Arrived]:
        """What was delivered and never acknowledged, the oldest first; up to a batch."""
        return self._read({stream: "0"}, block=None)

    def fresh(self, streams: Iterable[str], *, block: float) -> list[Arrived]:
        """New entries of these streams; waits up to ``block`` seconds for the first."""
        if self._divided:
            return self._look_until(list(streams), time.monotonic() + block)
        return self._read(dict.fromkeys(streams, ">"), block=max(1, int(block * 1000)))

    def _look_until(self, streams: list[str], end: float) -> list[Arrived]:
        """On a cluster no command waits on several nodes: all are asked in turn, more rarely while nothing comes."""
        pause = LOOK_AGAIN[0]
        while True:
            arrived = self._look(dict.fromkeys(streams, ">"))
            left = end - time.monotonic()
            if arrived or left <= 0:
                return arrived
            time.sleep(min(pause, left))
            pause = min(2 * pause, LOOK_AGAIN[1])

    def _look(self, positions: Mapping[str, str]) -> list[Arrived]:
        """One round trip to each node, which has some of the streams."""
        pipeline = self.client.pipeline(transaction=False)
        for stream, position in positions.items():
            pipeline.execute_command(
                "XREADGROUP", b"GROUP", GROUP, CONSUMER, b"COUNT", BATCH, b"STREAMS", stream, position
            )
        answers = pipeline.execute(raise_on_error=False)
        failed = [answer for answer in answers if isinstance(answer, Exception) and "NOGROUP" not in str(answer)]
        if failed:
            raise failed[0]
        groupless = [stream for stream, answer in zip(positions, answers, strict=True) if isinstance(answer, Exception)]
        if groupless:
            self._make_groups(groupless)
        return [entry for answer in answers if not isinstance(answer, Exception) for entry in _arrived(answer)]

    def _read(self, positions: Mapping[str, str], *, block: int | None) -> list[Arrived]:
        if self._divided:
            arrived = self._look(positions)
            return arrived or self._look(positions)  # once more, where the group was only made now
        wanted: Any = dict(positions)
        try:
            answer: Any = self.client.xreadgroup(GROUP, CONSUMER, wanted, count=BATCH, block=block)
        except redis.ResponseError as error:
            if "NOGROUP" not in str(error) and "UNBLOCKED" not in str(error):
                raise
            self._make_groups(positions)
            answer = self.client.xreadgroup(GROUP, CONSUMER, wanted, count=BATCH)
        return _arrived(answer)

    def _make_groups(self, streams: Iterable[str]) -> None:
        """From the beginning: what is there was perhaps not seen, and what was seen is recognised by its id."""
        for stream in streams:
            try:
                self.client.xgroup_create(stream, GROUP, id="0", mkstream=True)
            except redis.ResponseError as error:
                if "BUSYGROUP" not in str(error):
                    raise

    def acknowledge(self, arrived: Iterable[Arrived]) -> None:
        """These are worked off. One round trip."""
        by_stream: dict[str, list[str]] = {}
        for entry in arrived:
            by_stream.setdefault(entry.stream, []).append(entry.event_id)
        pipeline = self.client.pipeline(transaction=False)
        for stream, event_ids in by_stream.items():
            pipeline.xack(stream, GROUP, *event_ids)
        pipeline.execute()
