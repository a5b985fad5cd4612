"""A channel's office hours between the API, its row and the reckoning in ``hours``."""

from __future__ import annotations

import datetime
import functools
import itertools
import logging
import math
import re
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..errors import Invalid
from .hours import DAY, Hours, Span, SpecialDay, next_closing, next_opening
from .models import ChannelSettings

SPANS_A_DAY: Final = 6
SPECIAL_DAYS: Final = 200
NAME_LIMIT: Final = 100  # characters
DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

logger = logging.getLogger(__name__)
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)  # fromisoformat takes other forms too
_TIME: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Opening:
    """Whether a channel is open, and when that changes next.

    ``opens_at``: where it is closed, when it opens, None where that is further away than 400 days. ``closes_at``: where
    it is open, when it closes, None where it stays open for the next week. ``turns_in``: whole seconds to either.
    """

    open: bool
    opens_at: datetime.datetime | None = None
    closes_at: datetime.datetime | None = None
    turns_in: int | None = None


ALWAYS: Final = Opening(open=True)


def opening(settings: ChannelSettings | None, now: datetime.datetime) -> Opening:
    """Where no hours are set, a channel is open all the time."""
    hours = hours_of(settings)
    if hours is None:
        return ALWAYS
    closes = next_closing(hours, now)
    is_open = closes is None or closes > now
    turns = closes if is_open else next_opening(hours, now)
    return Opening(
        open=is_open,
        opens_at=None if is_open else turns,
        closes_at=turns if is_open else None,
        turns_in=None if turns is None else math.ceil((turns - now).total_seconds()),
    )


def hours_of(settings: ChannelSettings | None) -> Hours | None:
    """What is set, to reckon with; None where no hours are set."""
    if settings is None or not (any(settings.opening_hours) or settings.special_days):
        return None
    return Hours(
        zone=_zone(settings.time_zone),
        week=tuple(_spans(day) for day in settings.opening_hours) or ((),) * 7,
        special=tuple(
            SpecialDay(
                date=datetime.date.fromisoformat(day["date"]),
                name=day["name"],
                yearly=day["yearly"],
                spans=_spans(day["spans"]),
            )
            for day in settings.special_days
        ),
    )


def written(minutes: int) -> str:
    """As the API has it: 540 is ``09:00``."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def checked_zone(value: Any, field: str, _currency: str) -> str:
    """Raises Invalid for what the tz database doesn't name."""
    if not isinstance(value, str) or value not in zoneinfo.available_timezones():
        raise Invalid("There is no such time zone. They are named like Europe/Berlin.", field=field)
    return value


def checked_week(value: Any, field: str, _currency: str) -> list[list[list[int]]]:
    """Of ``{weekday: 0 to 6, start, end}`` in any order the column's form: nothing where there is no span.

    An end at 00:00 is one at 24:00. Raises Invalid for what is no time, for spans of a day that overlap, and for more
    than six.
    """
    week: list[list[Mapping[str, Any]]] = [[] for _ in DAYS]
    for span in _listed(value, field):
        week[span["weekday"]].append(span)
    if not any(week):
        return []
    return [_checked_spans(spans, DAYS[index], field) for index, spans in enumerate(week)]


def checked_special(value: Any, field: str, _currency: str) -> list[dict[str, Any]]:
    """Of ``{date, name, yearly, spans}`` the column's form, ordered by date.

    Raises Invalid for what is no date, for one that is there twice, for a name that is empty or too long, for spans as
    ``checked_week`` does, and for more than 200 days.
    """
    found: dict[tuple[bool, str], dict[str, Any]] = {}
    days = _listed(value, field)
    if len(days) > SPECIAL_DAYS:
        raise Invalid(f"At most {SPECIAL_DAYS} special days.", field=field)
    for day in days:
        try:
            date = datetime.date.fromisoformat(day["date"] if _DATE.fullmatch(day["date"]) else "")
        except ValueError:
            raise Invalid(f"{_shown(day['date'])} is not a date like 2026-12-25.", field=field) from None
        name = day["name"].strip()
        if not name or len(name) > NAME_LIMIT or not name.isprintable():
            raise Invalid(f"{date}: a special day has a name of at most {NAME_LIMIT} characters.", field=field)
        yearly = bool(day.get("yearly"))
        key = (yearly, f"{date:%m-%d}" if yearly else date.isoformat())
        if key in found:
            raise Invalid(f"{date} is there twice.", field=field)
        spans = _checked_spans(_listed(day.get("spans") or [], field), str(date), field)
        found[key] = {"date": date.isoformat(), "name": name, "yearly": yearly, "spans": spans}
    return sorted(found.values(), key=lambda day: (day["date"], day["yearly"]))


def _listed(value: Any, field: str) -> Sequence[Mapping[str, Any]]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise Invalid("Must be a list.", field=field)
    return value


def _checked_spans(spans: Sequence[Mapping[str, Any]], day: str, field: str) -> list[list[int]]:
    if len(spans) > SPANS_A_DAY:
        raise Invalid(f"{day}: at most {SPANS_A_DAY} spans.", field=field)
    found = sorted([_minutes(span["start"], day, field), _minutes(span["end"], day, field) or DAY] for span in spans)
    for start, end in found:
        try:
            Span(start, end)
        except Invalid as error:
            raise Invalid(f"{day}: {error.message}", field=field) from None
    for (start, end), (later, _) in itertools.pairwise(found):
        if later < (end + DAY if end < start else end):
            raise Invalid(f"{day}: {written(start)} to {written(end)} overlaps what follows.", field=field)
    return found


def _minutes(text: Any, day: str, field: str) -> int:
    if not isinstance(text, str) or not _TIME.fullmatch(text):
        raise Invalid(f"{day}: {_shown(text)} is not a time like 09:00.", field=field)
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _shown(text: Any) -> str:
    return f"“{str(text)[:20]}”"


def _spans(stored: list[list[int]]) -> tuple[Span, ...]:
    return tuple(Span(start, end) for start, end in stored)


@functools.cache
def _zone(name: str) -> datetime.tzinfo:
    """UTC in place of a zone that this machine's tz database has lost: hours that are off are better than a shop
    without live sales."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        logger.error("The time zone %s is not known here; its office hours are taken as UTC.", name)
        return datetime.UTC
