"""The time of the database, which all processes share, whatever the clocks of their machines say.

Deadlines, leases and the moments of messages are compared with each other and were set by different machines. So the
long-lived processes go by one clock: PostgreSQL's, asked now and then, and carried on in between by the monotonic
clock, which nobody sets.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable
from typing import Final

SQL: Final = "SELECT clock_timestamp()"
JUMP: Final = 5.0  # seconds; less is a slow answer, or a clock that is being adjusted
ANSWER_WITHIN: Final = 1.0  # seconds; what comes later says little about now


class Clock:
    """Until it is first set it goes by this machine's clock. ``mono`` measures durations in seconds."""

    def __init__(self, mono: Callable[[], float] = time.monotonic) -> None:
        self._mono = mono
        self._since = mono()
        self._then = datetime.datetime.now(datetime.UTC)

    def now(self) -> datetime.datetime:
        return self._then + datetime.timedelta(seconds=self._mono() - self._since)

    def set(self, at: datetime.datetime, *, asked: float) -> float:
        """The database said ``at`` when it was asked at ``asked`` (on ``mono``). By how many seconds that differs from
        what was thought here; 0.0 for an answer that took too long to be of use."""
        mono = self._mono()
        if mono - asked > ANSWER_WITHIN:
            return 0.0
        now = at + datetime.timedelta(seconds=(mono - asked) / 2)
        ahead = (now - self.now()).total_seconds()
        self._since, self._then = mono, now
        return ahead
