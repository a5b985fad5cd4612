"""How long a period is, and when the n-th one of a row ends. Pure: no Django, no clock.

A period is an ISO 8601 duration of days and longer (``P1M``, ``P1Y``, ``P14D``, ``P2W``, ``P1Y6M``). All ends of a row
are counted from its first moment, never from the end before: 31 January + 1 month is the last day of February,
+ 2 months is 31 March again. They keep the wall time of the first moment in the plan's time zone: who bought at 15:00
keeps the membership to 15:00, in summer as in winter. A wall time that a change of clocks leaves out is read as that
change reads it (02:30 becomes 03:30); of one that comes twice, the first is meant. What would end beyond the year 9980
ends at the beginning of 9990: neither PostgreSQL's dates nor Python's go on for ever, and free plans cost nothing.
"""

from __future__ import annotations

import calendar
import datetime
import functools
import re
import zoneinfo
from dataclasses import dataclass
from typing import Final, Protocol

from ..errors import Invalid

_FORM: Final = re.compile(r"P(?=\d)(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?", re.ASCII)
LONGEST_MONTHS: Final = 120
LONGEST_DAYS: Final = 3660
MOST_PERIODS: Final = 1200  # that a change of plan counts out
LAST: Final = datetime.datetime(9990, 1, 1, tzinfo=datetime.UTC)
LAST_YEAR: Final = 9980  # with days of grace, and the roundings of the sum below, still before LAST


@dataclass(frozen=True)
class Period:
    """Whole months (years are 12) and then whole days (weeks are 7). At least one of them is positive."""

    months: int
    days: int


def parse(text: str) -> Period:
    """The period that an ISO 8601 duration says. Raises Invalid for times of the day, fractions, signs, zero, and what
    is longer than ten years."""
    found = _FORM.fullmatch(text)
    years, months, weeks, days = (int(part or 0) for part in found.groups()) if found else (0, 0, 0, 0)
    period = Period(months=12 * years + months, days=7 * weeks + days)
    if not (period.months or period.days):
        raise Invalid("A period is written like P1M, P1Y or P14D.", field="period")
    if period.months > LONGEST_MONTHS or period.days > LONGEST_DAYS:
        raise Invalid("A period is ten years at most.", field="period")
    return period


def zone(name: str) -> zoneinfo.ZoneInfo:
    """The time zone of this IANA name. Raises Invalid."""
    try:
        return _zone(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid("This is not a time zone. Write a name like Europe/Berlin or UTC.", field="time_zone") from None


@functools.lru_cache(maxsize=64)
def _zone(name: str) -> zoneinfo.ZoneInfo:
    return zoneinfo.ZoneInfo(name)


class Term(Protocol):
    """What of a membership its periods are counted by."""

    anchor: datetime.datetime
    period: str
    time_zone: str


def end_of(term: Term, number: int) -> datetime.datetime:
    """When the first ``number`` periods of the present term are over."""
    return end(anchor=term.anchor, number=number, period=parse(term.period), zone=zone(term.time_zone))


def end(*, anchor: datetime.datetime, number: int, period: Period, zone: datetime.tzinfo) -> datetime.datetime:
    """When ``number`` periods from the aware moment ``anchor`` on are over, in UTC. 0 is the anchor itself."""
    if number == 0:
        return anchor.astimezone(datetime.UTC)
    first = anchor.astimezone(zone).replace(tzinfo=None)
    if first.year + period.months * number // 12 + period.days * number // 365 >= LAST_YEAR:
        return LAST
    years, month = divmod(first.month - 1 + period.months * number, 12)
    year = first.year + years
    day = min(first.day, calendar.monthrange(year, month + 1)[1])
    wall = first.replace(year=year, month=month + 1, day=day) + datetime.timedelta(days=period.days * number)
    return wall.replace(tzinfo=zone, fold=0).astimezone(datetime.UTC)
