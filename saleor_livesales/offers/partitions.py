"""The months of the decisions' table."""

from __future__ import annotations

import datetime
from typing import Final

from django.db import connection, transaction

TABLE: Final = "saleor_livesales_decision"
AHEAD: Final = 3  # months made before they begin


def ensure_partitions(*, now: datetime.datetime, ahead: int = AHEAD) -> list[str]:
    """Make the partitions of this month and the next ``ahead``. Returns the names of those that were made.

    Rows of such a month that are in the default partition already move to it. Safe to call at any time, by anybody.
    """
    made = []
    month = datetime.datetime(now.year, now.month, 1, tzinfo=datetime.UTC)
    for _ in range(ahead + 1):
        following = (month + datetime.timedelta(days=32)).replace(day=1)
        name = f"{TABLE}_{month:%Y_%m}"
        if _make(name, month, following):
            made.append(name)
        month = following
    return made


def _make(name: str, start: datetime.datetime, end: datetime.datetime) -> bool:
    # Names and moments come from the calendar, not from outside; DDL takes no parameters.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NULL", [name])
        if not cursor.fetchone()[0]:
            return False
        cursor.execute(f"LOCK TABLE {TABLE} IN ACCESS EXCLUSIVE MODE")
        cursor.execute("SELECT to_regclass(%s) IS NULL", [name])  # another one was faster while we waited
        if not cursor.fetchone()[0]:
            return False
        cursor.execute(f"CREATE TABLE {name} (LIKE {TABLE} INCLUDING DEFAULTS INCLUDING INDEXES)")
        cursor.execute(
            f"WITH moved AS (DELETE FROM {TABLE}_default WHERE at >= %s AND at < %s RETURNING *) "  # noqa: S608
            f"INSERT INTO {name} SELECT * FROM moved",
            [start, end],
        )
        cursor.execute(
            f"ALTER TABLE {TABLE} ATTACH PARTITION {name} "
            f"FOR VALUES FROM ('{start.isoformat()}') TO ('{end.isoformat()}')"
        )
    return True
