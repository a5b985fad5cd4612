"""Which visitors are here, with however many sockets. Pure: times are passed in, what is due is handed out."""

from __future__ import annotations

import uuid
from collections import deque
from typing import Final

import msgspec

BEAT_EVERY: Final = 25.0  # seconds
LEAVE_AFTER: Final = 3.0  # a visitor who opens the next page of the shop has not left


class Here(msgspec.Struct):
    channel: str | None
    sockets: int = 1
    beat_at: float = 0.0
    leave_at: float | None = None


class Presence:
    def __init__(self) -> None:
        self._here: dict[uuid.UUID, Here] = {}
        # Both in the order of time, for each waits equally long; what is no longer true is skipped when its time comes.
        self._beats: deque[tuple[float, uuid.UUID]] = deque()
        self._leaves: deque[tuple[float, uuid.UUID]] = deque()

    def __len__(self) -> int:
        return len(self._here)

    def enter(self, visitor: uuid.UUID, channel: str | None, now: float) -> None:
        """A socket of this visitor opened."""
        here = self._here.get(visitor)
        if here is None:
            self._here[visitor] = Here(channel, beat_at=now + BEAT_EVERY)
            self._beats.append((now + BEAT_EVERY, visitor))
            return
        here.sockets += 1
        here.leave_at = None
        here.channel = channel

    def hasten(self, now: float, *, within: float) -> None:
        """Everybody's next sign of life comes in so many seconds, spread evenly: the last ones were perhaps lost."""
        step = within / max(1, len(self._here))
        self._beats.clear()
        for position, (visitor, here) in enumerate(self._here.items()):
            here.beat_at = now + position * step
            self._beats.append((here.beat_at, visitor))

    def leave(self, visitor: uuid.UUID, now: float) -> None:
        """A socket of this visitor closed."""
        here = self._here.get(visitor)
        if here is None:
            return
        here.sockets -= 1
        if here.sockets <= 0:
            here.leave_at = now + LEAVE_AFTER
            self._leaves.append((here.leave_at, visitor))

    def beats(self, now: float) -> list[tuple[uuid.UUID, str | None]]:
        """Visitors whose next sign of life is due."""
        due = []
        while self._beats and self._beats[0][0] <= now:
            at, visitor = self._beats.popleft()
            here = self._here.get(visitor)
            if here is not None and here.beat_at == at:
                here.beat_at = now + BEAT_EVERY
                self._beats.append((here.beat_at, visitor))
                if here.sockets > 0:
                    due.append((visitor, here.channel))
        return due

    def gone(self, now: float) -> list[tuple[uuid.UUID, str | None]]:
        """Visitors whose last socket closed a while ago."""
        gone = []
        while self._leaves and self._leaves[0][0] <= now:
            at, visitor = self._leaves.popleft()
            here = self._here.get(visitor)
            if here is not None and here.leave_at == at:
                del self._here[visitor]
                gone.append((visitor, here.channel))
        return gone
