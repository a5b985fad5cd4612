"""When a channel is open, and when it opens next. Pure: no Django, no clock.

Hours are times of the day on the shop's wall clock, in minutes after midnight. A span belongs to the day on which it
begins: Saturday from 22:00 to 02:00 goes on into Sunday though Sunday is closed, and a closed Saturday takes all of it.
A week without a span is open all the time, but on its special days, which go before the week.

Where clocks change: of a time that comes twice, a span begins with the first and ends with the last, so that nobody is
closed in between; a time that is left out is the moment at which the clocks jump. A span that lies within such a jump
never comes.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Final

from ..errors import Invalid

DAY: Final = 1440  # minutes on a wall clock
LOOK_AHEAD: Final = 400  # days: past a year of closed days that come back each year
SOON: Final = 8  # days within which a closing is told
_ONE: Final = datetime.timedelta(days=1)
_SECOND: Final = datetime.timedelta(seconds=1)


@dataclass(frozen=True)
class Span:
    """From ``start`` (0 to 1439) to before ``end`` (1 to 1440). An end before the start is on the next day.

    Raises Invalid for other minutes, and for a span without length: the whole day is ``Span(0, 1440)``.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not (0 <= self.start < DAY and 0 < self.end <= DAY):
            raise Invalid("Opening hours lie between 00:00 and 24:00.", field="hours")
        if self.start == self.end:
            raise Invalid("Opening hours end later than they begin; 00:00 to 24:00 is the whole day.", field="hours")


WHOLE_DAY: Final = (Span(0, DAY),)


@dataclass(frozen=True, kw_only=True)
class SpecialDay:
    """A date with hours of its own; without a span it is closed. ``yearly``: on this day and month of every year
    (29 February: of every leap year)."""

    date: datetime.date
    name: str
    spans: tuple[Span, ...] = ()
    yearly: bool = False


@dataclass(frozen=True, kw_only=True)
class Hours:
    """``week``: the spans of Monday to Sunday. A special day of one year goes before one of every year; of two alike
    the first counts. Raises Invalid where there are not seven days."""

    zone: datetime.tzinfo
    week: tuple[tuple[Span, ...], ...] = ((),) * 7
    special: tuple[SpecialDay, ...] = ()

    def __post_init__(self) -> None:
        if len(self.week) != 7:
            raise Invalid("A week has seven days.", field="hours")


def spans_on(hours: Hours, date: datetime.date) -> tuple[Span, ...]:
    """The spans that begin on this date."""
    yearly: SpecialDay | None = None
    for day in hours.special:
        if day.date == date and not day.yearly:
            return day.spans
        if day.yearly and yearly is None and (day.date.month, day.date.day) == (date.month, date.day):
            yearly = day
    if yearly is not None:
        return yearly.spans
    return hours.week[date.weekday()] if any(hours.week) else WHOLE_DAY


def open_at(hours: Hours, moment: datetime.datetime) -> bool:
    """Whether it is open at this moment, which has a time zone, any one."""
    today = moment.astimezone(hours.zone).date()
    # Two days back: where the clocks go back over midnight, a day has not ended when the next one has begun.
    return any(begins <= moment < ends for begins, ends in _moments_of(hours, today, range(-2, 2)))


def next_opening(hours: Hours, moment: datetime.datetime) -> datetime.datetime | None:
    """``moment`` itself where it is open then; else the first moment, in UTC, at which it opens; None where that is
    further away than 400 days."""
    if open_at(hours, moment):
        return moment
    today = moment.astimezone(hours.zone).date()
    for days in range(-1, LOOK_AHEAD + 1):
        later = [begins for begins, _ends in _moments(hours, today + days * _ONE) if begins > moment]
        if later:
            return min(later)
    return None


def next_closing(hours: Hours, moment: datetime.datetime) -> datetime.datetime | None:
    """The first moment, in UTC, at which it is closed, where it is open at ``moment``; ``moment`` itself where it is
    closed; None where it stays open for the next week."""
    today = moment.astimezone(hours.zone).date()
    closes = moment
    for begins, ends in sorted(_moments_of(hours, today, range(-2, SOON + 1))):
        if begins <= closes < ends:  # spans that touch or overlap are one
            closes = ends
    return closes if closes < moment + (SOON - 1) * _ONE else None


def _moments_of(hours: Hours, today: datetime.date, days: range) -> list[tuple[datetime.datetime, datetime.datetime]]:
    return [found for day in days for found in _moments(hours, today + day * _ONE)]


def _moments(hours: Hours, date: datetime.date) -> list[tuple[datetime.datetime, datetime.datetime]]:
    """When the spans of this date begin and end, in UTC."""
    found = []
    for span in spans_on(hours, date):
        begins = _moment(hours.zone, date, span.start, fold=0)
        ends = _moment(hours.zone, date, span.end + (DAY if span.end < span.start else 0), fold=1)
        if begins < ends:
            found.append((begins, ends))
    return found


def _moment(zone: datetime.tzinfo, date: datetime.date, minutes: int, *, fold: int) -> datetime.datetime:
    """When the clock shows this, in UTC; ``fold``: 0 the first time, 1 the last."""
    wall = datetime.datetime.combine(date, datetime.time()) + datetime.timedelta(minutes=minutes)
    moment = wall.replace(tzinfo=zone, fold=fold).astimezone(datetime.UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall:
        return moment
    return _jump(zone, wall)


def _jump(zone: datetime.tzinfo, wall: datetime.datetime) -> datetime.datetime:
    """The moment, in UTC, at which the clocks leave out this time: between what the two readings of it mean."""
    early = wall.replace(tzinfo=zone, fold=1).astimezone(datetime.UTC) - _SECOND
    late = wall.replace(tzinfo=zone, fold=0).astimezone(datetime.UTC)
    before = early.astimezone(zone).utcoffset()
    while late - early > _SECOND:
        middle = early + ((late - early) // 2 // _SECOND) * _SECOND
        if middle.astimezone(zone).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late
