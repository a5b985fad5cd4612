"""Places in the queue, from 1. A session that is ringing or open has none.

Who came with a higher priority (``turn`` is that, negated) stands before others, among equals who has waited longer.
But whoever has waited for ``Settings.queue_fair_after`` seconds is passed by nobody who came later: those who have come
first, in the order in which they came. So the order changes by time alone too; everybody reads it as of a moment.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from django.db import connection
from django.db.models import QuerySet

from .. import conf
from .models import Session

# Who has waited long enough, then by priority; both orders are an index's.
_LATE: Final = ("queued_at", "id")
_OTHERS: Final = ("turn", "queued_at", "id")

_KEY: Final = "queued_at > %(late)s, CASE WHEN queued_at > %(late)s THEN turn ELSE 0 END, queued_at, id"

_FROM_SQL: Final = """
SELECT id, visitor_id, form, last_number, place FROM (
    SELECT id, visitor_id, form, last_number, queued_at, turn, row_number() OVER (ORDER BY <key>) AS place
    FROM saleor_livesales_session WHERE state = 'queued'
) q
WHERE (<key>) >= (%(at)s > %(late)s, CASE WHEN %(at)s > %(late)s THEN %(turn)s ELSE 0 END, %(at)s, %(id)s::uuid)
ORDER BY place LIMIT %(limit)s
""".replace("<key>", _KEY)

_OF_SQL: Final = """
SELECT id, place FROM (
    SELECT id, row_number() OVER (ORDER BY <key>) AS place
    FROM saleor_livesales_session WHERE state = 'queued'
) q
WHERE id = ANY(%(ids)s::uuid[])
""".replace("<key>", _KEY)


_BEFORE_ALL: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


@dataclass(frozen=True, kw_only=True)
class Place:
    session_id: uuid.UUID
    visitor_id: uuid.UUID
    form: str
    last_number: int
    position: int


def fair_after() -> datetime.timedelta:
    return datetime.timedelta(seconds=conf.load().queue_fair_after)


def in_order(
    sessions: QuerySet[Session], now: datetime.datetime
) -> Iterator[tuple[QuerySet[Session], tuple[str, ...]]]:
    """Of these sessions those that wait, in the queue's order: two parts, each with its own."""
    waiting, late = sessions.filter(state="queued"), now - fair_after()
    yield waiting.filter(queued_at__lte=late), _LATE
    yield waiting.filter(queued_at__gt=late), _OTHERS


def from_place(
    *, queued_at: datetime.datetime, turn: int, session_id: uuid.UUID, limit: int, now: datetime.datetime
) -> list[Place]:
    """The waiting sessions from this one's place on, it included where it waits; one query."""
    given = {"late": now - fair_after(), "at": queued_at, "turn": turn, "id": session_id, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(_FROM_SQL, given)
        return [
            Place(session_id=pk, visitor_id=visitor_id, form=form, last_number=last_number, position=position)
            for pk, visitor_id, form, last_number, position in cursor.fetchall()
        ]


def from_front(*, limit: int, now: datetime.datetime) -> list[Place]:
    """The waiting sessions from the first on; one query."""
    return from_place(queued_at=_BEFORE_ALL, turn=0, session_id=uuid.UUID(int=0), limit=limit, now=now)


def positions(session_ids: Collection[uuid.UUID], *, now: datetime.datetime) -> Mapping[uuid.UUID, int]:
    """The places of those of the sessions that wait, in one query."""
    if not session_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_OF_SQL, {"late": now - fair_after(), "ids": list(session_ids)})
        return dict(cursor.fetchall())
