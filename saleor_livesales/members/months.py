"""Month by month: what fees came in, and how many members came, stayed and left.

A member is an account with any membership that holds: who changes the plan neither leaves nor comes. Each month is told
by its two ends, so that the members at its beginning, and those who came, less those who left, are the members at its
end; who came and left within one month is in neither number. The present month ends now.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from django.db import connection

from ..errors import Invalid
from . import periods
from .queries import Income

MOST: Final = 36

# Of accounts that a change of the log took over the edge since the first month: how many memberships each has now, and
# from there back. width_bucket gives the number of the month, from 1.
_EDGES_SQL: Final = """
WITH edges AS (
    SELECT m.user_id, width_bucket(c.at, %(bounds)s::timestamptz[]) AS month,
        sum(CASE WHEN c.after IN ('lapsed', 'cancelled', 'refunded') THEN -1 ELSE 1 END) AS change
    FROM saleor_livesales_membershipchange c JOIN saleor_livesales_membership m ON m.id = c.membership_id
    WHERE c.at >= %(since)s
        AND (c.before IN ('new', 'lapsed', 'cancelled', 'refunded') OR c.after IN ('lapsed', 'cancelled', 'refunded'))
        AND (c.before IN ('new', 'lapsed', 'cancelled', 'refunded'))
            <> (c.after IN ('lapsed', 'cancelled', 'refunded'))
    GROUP BY 1, 2
), living AS (
    SELECT user_id, count(*) AS number FROM saleor_livesales_membership
    WHERE state IN ('trial', 'active', 'past_due', 'grace') GROUP BY 1
), walked AS (
    SELECT month, change, coalesce(number, 0)
        - sum(change) OVER (PARTITION BY user_id ORDER BY month DESC) AS opening
    FROM edges LEFT JOIN living USING (user_id)
)
SELECT month, count(*) FILTER (WHERE opening = 0 AND opening + change > 0),
    count(*) FILTER (WHERE opening > 0 AND opening + change = 0), (SELECT count(*) FROM living)
FROM walked GROUP BY 1
UNION ALL SELECT 0, 0, 0, (SELECT count(*) FROM living)
"""

_INCOME_SQL: Final = """
SELECT width_bucket(created_at, %(bounds)s::timestamptz[]), currency, sum(amount), sum(refunded)
FROM saleor_livesales_charge
WHERE created_at >= %(since)s AND currency <> '' GROUP BY 1, 2 ORDER BY 1, 2
"""


@dataclass(frozen=True, kw_only=True)
class Month:
    """From ``since`` to before ``until``. ``stayed`` were members at both ends; ``income`` is by currency, of the
    charges of the month; what was given back of these since is taken off."""

    since: datetime.datetime
    until: datetime.datetime
    came: int
    stayed: int
    left: int
    income: list[Income]


def months(*, number: int, time_zone: str, now: datetime.datetime) -> list[Month]:
    """The present month and those before it, the oldest first. Two queries. Raises Invalid."""
    if not 1 <= number <= MOST:
        raise Invalid(f"Ask for 1 to {MOST} months.", field="months")
    here = now.astimezone(periods.zone(time_zone))
    first = here.year * 12 + here.month - 1 - (number - 1)
    bounds = [here.replace(*_date(first + step), 0, 0, 0, 0, fold=0) for step in range(number)]
    starts = [bound.astimezone(datetime.UTC) for bound in bounds]
    given = {"bounds": starts, "since": starts[0]}
    with connection.cursor() as cursor:
        cursor.execute(_EDGES_SQL, given)
        edges = {month: row for month, *row in cursor.fetchall()}
        cursor.execute(_INCOME_SQL, given)
        income: dict[int, list[Income]] = defaultdict(list)
        for month, currency, charged, refunded in cursor.fetchall():
            income[month].append(Income(currency=currency, charged=charged, refunded=refunded))
    closing = edges[0][2]
    found = []
    for month in range(number, 0, -1):
        came, left, _ = edges.get(month, (0, 0, 0))
        opening = closing - came + left
        found.append(
            Month(
                since=starts[month - 1],
                until=starts[month] if month < number else now,
                came=came,
                stayed=opening - left,
                left=left,
                income=income[month],
            )
        )
        closing = opening
    return found[::-1]


def _date(month: int) -> tuple[int, int, int]:
    return month // 12, month % 12 + 1, 1
