"""Places in the queue, from 1, in the order of ``queued_at``. A session that is ringing or open has none."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from django.db import connection

_FROM_SQL: Final = """
SELECT id, visitor_id, form, last_number, place FROM (
    SELECT id, visitor_id, form, last_number, queued_at, row_number() OVER (ORDER BY queued_at, id) AS place
    FROM saleor_livesales_session WHERE state = 'queued'
) q
WHERE (queued_at, id) >= (%s, %s::uuid) ORDER BY place LIMIT %s
"""

_OF_SQL: Final = """
SELECT id, place FROM (
    SELECT id, row_number() OVER (ORDER BY queued_at, id) AS place
    FROM saleor_livesales_session WHERE state = 'queued'
) q
WHERE id = ANY(%s::uuid[])
"""


_BEFORE_ALL: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


@dataclass(frozen=True, kw_only=True)
class Place:
    session_id: uuid.UUID
    visitor_id: uuid.UUID
    form: str
    last_number: int
    position: int


def from_place(*, queued_at: datetime.datetime, session_id: uuid.UUID, limit: int) -> list[Place]:
    """The waiting sessions from this one's place on, it included where it waits; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_FROM_SQL, [queued_at, session_id, limit])
        return [
            Place(session_id=pk, visitor_id=visitor_id, form=form, last_number=last_number, position=position)
            for pk, visitor_id, form, last_number, position in cursor.fetchall()
        ]


def from_front(*, limit: int) -> list[Place]:
    """The waiting sessions from the first on; one query."""
    return from_place(queued_at=_BEFORE_ALL, session_id=uuid.UUID(int=0), limit=limit)


def positions(session_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, int]:
    """The places of those of the sessions that wait, in one query."""
    if not session_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_OF_SQL, [list(session_ids)])
        return dict(cursor.fetchall())
