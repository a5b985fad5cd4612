"""How long somebody in the queue has to expect to wait still: a figure that holds, or none.

The estimate is (place in the queue) x (mean length of a conversation) / (places that reps have): with every place
taken, one comes free each ``length / places`` on average. It is the queue-length estimator of R. Ibrahim and W. Whitt,
"Real-Time Delay Estimation Based on Delay History" (2009): nearest to the truth where the number of servers and their
pace are known, as they are here. Rocket.Chat's takes the same three figures, over the last 100 chats.

The reps are those of now; the length is that of the conversations that ended last, in all channels, as there is one
queue for all of them. None where this says nothing true: nobody is online, or a rep has a place free (then somebody is
asked at this moment, or does not answer); too few conversations; or so long that the reps will have changed by then.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Final

from django.db import connection

LAST: Final = 100  # conversations that count
FEWEST: Final = 20  # a mean of fewer is too far off: by its own spread divided by the root of their number
LATELY: Final = datetime.timedelta(hours=24)
LONGEST: Final = 3600  # seconds
STEP: Final = 10  # seconds; what is told is rounded to them

_PACE_SQL: Final = """
SELECT conversations, length, places, taken FROM (
    SELECT count(*) AS conversations, extract(epoch FROM avg(took))::float8 AS length FROM (
        SELECT ended_at - accepted_at AS took FROM saleor_livesales_session
        WHERE ended_at > %s AND accepted_at IS NOT NULL AND rep_id IS NOT NULL
        ORDER BY ended_at DESC LIMIT %s
    ) ended
) served, (
    SELECT coalesce(sum(capacity), 0) AS places, coalesce(sum(load), 0) AS taken FROM saleor_livesales_rep
    WHERE status = 'online' AND lease_until > %s
) reps
"""


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How fast sessions are taken: ``length`` is the mean of ``conversations`` in seconds, ``places`` those of all reps
    who are online, ``taken`` how many of these are."""

    conversations: int
    length: float
    places: int
    taken: int


def pace(*, now: datetime.datetime) -> Pace:
    """One query, which reads at most ``LAST`` sessions by an index."""
    with connection.cursor() as cursor:
        cursor.execute(_PACE_SQL, [now - LATELY, LAST, now])
        conversations, length, places, taken = cursor.fetchone()
    return Pace(conversations=conversations, length=length or 0.0, places=int(places), taken=int(taken))


def wait(*, position: int, pace: Pace) -> int | None:
    """Seconds that whoever stands at this place (from 1) has to expect, or None."""
    if pace.conversations < FEWEST or not pace.places or pace.taken < pace.places:
        return None
    seconds = position * pace.length / pace.places
    return max(STEP, round(seconds / STEP) * STEP) if seconds <= LONGEST else None
