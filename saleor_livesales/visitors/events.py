"""Behaviour that was not taken, counted by reason. Written by the gateway and the decider, read by operators.

The counts are in Redis: they inform, nothing depends on them. Imports no Django.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import redis

from .. import conf

DropReason = Literal["unknown", "oversized", "too_frequent", "invalid", "failed"]
REASONS: Final[tuple[DropReason, ...]] = ("unknown", "oversized", "too_frequent", "invalid", "failed")


def drops_key() -> str:
    """A Redis hash of reason to count."""
    return f"{conf.load().redis_prefix}drops"


def count_drops(client: redis.Redis | redis.client.Pipeline, counts: Mapping[DropReason, int]) -> None:
    """Add to the counts. Takes a client or a pipeline; raises what Redis raises."""
    for reason, number in counts.items():
        if number:
            client.hincrby(drops_key(), reason, number)


def drops(client: redis.Redis) -> dict[str, int]:
    """All counts since Redis was last emptied; every reason is in it."""
    found = client.hgetall(drops_key())
    return {reason: int(found.get(reason.encode(), 0)) for reason in REASONS}
