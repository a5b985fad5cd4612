"""The decider's side of the event streams: one consumer group, read in order, acknowledged after the commit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import redis

from .. import bus, conf

GROUP: Final = "decider"
# Who owns a shard is settled by its lock, so all deciders are one consumer: what one has left, the next owner finds.
CONSUMER: Final = "owner"
BATCH: Final = 200


@dataclass(frozen=True, slots=True)
class Arrived:
    """An entry as it was read. ``data`` is None for what the stream no longer has."""

    stream: str
    event_id: str
    data: bytes | None


def connect() -> redis.Redis:
    """A client for reading: it may block, so it waits longer than the one for announcing."""
    return redis.Redis.from_url(
        conf.load().redis_url,
        socket_connect_timeout=2.0,
        socket_timeout=5.0,
        protocol=2,  # whatever a version of the client prefers: the answers' shape depends on it
        retry=None,  # the decider waits by itself, and works off deadlines meanwhile
    )


def name(shard: int) -> str:
    """The stream of a shard; the one after the last is the shop's."""
    return bus.shop_stream() if shard == conf.load().streams else bus.event_stream(shard)


class Streams:
    """Reading, acknowledging, and making the groups anew where Redis lost them."""

    def __init__(self, client: redis.Redis) -> None:
        self.client = client

    def left_over(self, stream: str) -> list[Arrived]:
        """What was delivered and never acknowledged, the oldest first; up to a batch."""
        return self._read({stream: "0"}, block=None)

    def fresh(self, streams: Iterable[str], *, block: float) -> list[Arrived]:
        """New entries of these streams; waits up to ``block`` seconds for the first."""
        return self._read(dict.fromkeys(streams, ">"), block=max(1, int(block * 1000)))

    def _read(self, positions: Mapping[str, str], *, block: int | None) -> list[Arrived]:
        wanted: Any = dict(positions)
        try:
            answer: Any = self.client.xreadgroup(GROUP, CONSUMER, wanted, count=BATCH, block=block)
        except redis.ResponseError as error:
            if "NOGROUP" not in str(error) and "UNBLOCKED" not in str(error):
                raise
            self._make_groups(positions)
            answer = self.client.xreadgroup(GROUP, CONSUMER, wanted, count=BATCH)
        return [
            Arrived(stream.decode(), event_id.decode(), fields.get(b"d") if fields else None)
            for stream, entries in answer or ()
            for event_id, fields in entries
        ]

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
