"""When a channel is open, and when it opens next."""

from __future__ import annotations

import datetime
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saleor_livesales.channels.hours import DAY, Hours, Span, SpecialDay, next_closing, next_opening, open_at, spans_on
from saleor_livesales.errors import Invalid

UTC = datetime.UTC
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
OFFICE = (Span(9 * 60, 12 * 60), Span(13 * 60, 17 * 60))
WEEK = (OFFICE,) * 5 + ((), ())

# Changes at 02:00, by half an hour, over midnight, and (Apia, 2011) by a whole day.
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Havana",
    "Asia/Kathmandu",
    "Pacific/Apia",
]


def at(text: str, zone: str = "Europe/Berlin", fold: int = 0) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=zoneinfo.ZoneInfo(zone), fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "is_open", "opens"),
    [
        ("2026-11-23 08:59", False, "2026-11-23 09:00"),
        ("2026-11-23 09:00", True, "2026-11-23 09:00"),
        ("2026-11-23 11:59", True, "2026-11-23 11:59"),
        ("2026-11-23 12:00", False, "2026-11-23 13:00"),
        ("2026-11-23 17:00", False, "2026-11-24 09:00"),
        ("2026-11-27 17:00", False, "2026-11-30 09:00"),
    ],
)
def test_a_week_of_office_hours(moment: str, is_open: bool, opens: str) -> None:
    hours = Hours(zone=BERLIN, week=WEEK)
    assert open_at(hours, at(moment)) is is_open
    assert next_opening(hours, at(moment)) == at(opens)


def test_a_moment_may_come_in_any_zone() -> None:
    hours = Hours(zone=BERLIN, week=WEEK)
    tokyo, denver = zoneinfo.ZoneInfo("Asia/Tokyo"), zoneinfo.ZoneInfo("America/Denver")
    assert not open_at(hours, datetime.datetime(2026, 11, 23, 16, 59, tzinfo=tokyo))  # 08:59 in Berlin
    assert open_at(hours, datetime.datetime(2026, 11, 23, 17, 0, tzinfo=tokyo))
    assert next_opening(hours, datetime.datetime(2026, 11, 23, 0, 30, tzinfo=denver)) == at("2026-11-23 09:00")


def test_no_hours_are_always_open_but_for_special_days() -> None:
    assert open_at(Hours(zone=BERLIN), at("2026-11-22 03:00"))
    closed = Hours(zone=BERLIN, special=(SpecialDay(date=datetime.date(2026, 12, 25), name="Christmas"),))
    assert open_at(closed, at("2026-12-24 23:59"))
    assert not open_at(closed, at("2026-12-25 00:00"))
    assert next_opening(closed, at("2026-12-25 00:00")) == at("2026-12-26 00:00")
    assert open_at(closed, at("2027-12-25 12:00"))


def test_over_midnight_belongs_to_the_day_it_begins_on() -> None:
    saturday = ((),) * 5 + ((Span(22 * 60, 2 * 60),), ())
    hours = Hours(zone=BERLIN, week=saturday)
    assert open_at(hours, at("2026-11-29 01:59"))
    assert not open_at(hours, at("2026-11-29 02:00"))
    assert next_opening(hours, at("2026-11-29 02:00")) == at("2026-12-05 22:00")
    sunday = SpecialDay(date=datetime.date(2026, 11, 29), name="closed")
    assert open_at(Hours(zone=BERLIN, week=saturday, special=(sunday,)), at("2026-11-29 01:00"))
    night = SpecialDay(date=datetime.date(2026, 11, 28), name="closed")
    assert not open_at(Hours(zone=BERLIN, week=saturday, special=(night,)), at("2026-11-29 01:00"))


def test_over_the_years_end_with_a_holiday_of_every_year() -> None:
    new_year = SpecialDay(date=datetime.date(2020, 1, 1), name="New Year", yearly=True)
    hours = Hours(zone=BERLIN, week=(OFFICE,) * 7, special=(new_year,))
    assert next_opening(hours, at("2026-12-31 17:00")) == at("2027-01-02 09:00")
    once = SpecialDay(date=datetime.date(2027, 1, 1), name="Open house", spans=(Span(600, 660),))
    hours = Hours(zone=BERLIN, week=(OFFICE,) * 7, special=(new_year, once))
    assert next_opening(hours, at("2026-12-31 17:00")) == at("2027-01-01 10:00")
    assert next_opening(hours, at("2027-12-31 17:00")) == at("2028-01-02 09:00")
    since = SpecialDay(date=once.date, name="New Year", yearly=True)
    hours = Hours(zone=BERLIN, week=(OFFICE,) * 7, special=(since, once))
    assert next_opening(hours, at("2026-12-31 17:00")) == at("2027-01-01 10:00")


def test_the_29th_of_february_of_every_year_is_of_leap_years() -> None:
    hours = Hours(zone=BERLIN, special=(SpecialDay(date=datetime.date(2024, 2, 29), name="Leap", yearly=True),))
    assert not open_at(hours, at("2028-02-29 12:00"))
    assert open_at(hours, at("2027-02-28 12:00"))
    assert open_at(hours, at("2027-03-01 12:00"))


def test_closed_for_longer_than_is_looked_ahead() -> None:
    first = datetime.date(2026, 1, 1)
    days = [SpecialDay(date=first + datetime.timedelta(days=number), name="away") for number in range(500)]
    assert next_opening(Hours(zone=BERLIN, special=tuple(days)), at("2026-01-01 12:00")) is None
    assert next_opening(Hours(zone=BERLIN, special=tuple(days)), at("2026-06-01 12:00")) == at("2027-05-16 00:00")


def test_a_time_that_the_clocks_leave_out() -> None:
    begins = Hours(zone=BERLIN, week=((),) * 6 + ((Span(150, 240),),))  # Sunday 02:30 to 04:00
    assert not open_at(begins, at("2026-03-29 01:59"))
    assert next_opening(begins, at("2026-03-29 01:59")) == at("2026-03-29 03:00")
    ends = Hours(zone=BERLIN, week=((),) * 6 + ((Span(60, 150),),))  # to 02:30
    assert open_at(ends, at("2026-03-29 01:59"))
    assert not open_at(ends, at("2026-03-29 03:00"))
    within = Hours(zone=BERLIN, week=((),) * 6 + ((Span(130, 170),),))
    assert next_opening(within, at("2026-03-29 00:00")) == at("2026-04-05 02:10")


def test_a_time_that_comes_twice() -> None:
    hours = Hours(zone=BERLIN, week=((),) * 6 + ((Span(130, 150),),))  # Sunday 02:10 to 02:30
    assert not open_at(hours, at("2026-10-25 02:09"))
    assert open_at(hours, at("2026-10-25 02:10"))
    assert open_at(hours, at("2026-10-25 02:45"))  # not closed in between
    assert open_at(hours, at("2026-10-25 02:29", fold=1))
    assert not open_at(hours, at("2026-10-25 02:30", fold=1))


def test_a_day_that_begins_and_is_taken_back() -> None:
    """St. John's, 2010: Sunday had lasted a minute when the clocks went back to 23:01 of Saturday."""
    john = zoneinfo.ZoneInfo("America/St_Johns")
    sunday = at("2010-11-07 00:00", "America/St_Johns")
    again = at("2010-11-06 23:20", "America/St_Johns", fold=1)
    assert again - sunday == datetime.timedelta(minutes=20)
    friday = Hours(zone=john, week=((),) * 4 + ((Span(1425, 1410),), (), ()))  # 23:45 to 23:30 of Saturday
    assert open_at(friday, sunday)
    assert open_at(friday, again)
    assert not open_at(friday, at("2010-11-06 23:30", "America/St_Johns", fold=1))
    early = Hours(zone=john, week=((),) * 6 + ((Span(0, 60),),))
    assert open_at(early, sunday)
    assert open_at(early, again)


def test_a_day_that_never_was() -> None:
    apia = zoneinfo.ZoneInfo("Pacific/Apia")
    friday = Hours(zone=apia, week=((),) * 4 + (OFFICE, (), ()))  # 30 December 2011, a Friday, was left out
    opens = next_opening(friday, at("2011-12-29 12:00", "Pacific/Apia"))
    assert opens == at("2012-01-06 09:00", "Pacific/Apia")


@pytest.mark.parametrize(("start", "end"), [(-1, 60), (0, 0), (60, 60), (0, 1441), (1440, 60), (600, 0)])
def test_what_is_no_span(start: int, end: int) -> None:
    with pytest.raises(Invalid) as refused:
        Span(start, end)
    assert refused.value.field == "hours"


def test_a_week_has_seven_days() -> None:
    with pytest.raises(Invalid):
        Hours(zone=BERLIN, week=(OFFICE,) * 6)


minutes = st.tuples(st.integers(0, DAY - 1), st.integers(1, DAY)).filter(lambda pair: pair[0] != pair[1])
spans = st.lists(minutes.map(lambda pair: Span(*pair)), max_size=3).map(tuple)
special = st.builds(
    SpecialDay,
    date=st.dates(datetime.date(2011, 12, 20), datetime.date(2012, 4, 10)),
    name=st.just("a day"),
    spans=spans,
    yearly=st.booleans(),
)
schedules = st.builds(
    Hours,
    zone=st.sampled_from(ZONES).map(zoneinfo.ZoneInfo),
    week=st.lists(spans, min_size=7, max_size=7).map(tuple),
    special=st.lists(special, max_size=4).map(tuple),
)
# Round the year's end, the day that Apia left out, and changes of clocks in spring and autumn.
moments = st.datetimes(
    datetime.datetime(2011, 9, 1), datetime.datetime(2012, 4, 15), timezones=st.just(UTC)
).map(lambda moment: moment.replace(second=0, microsecond=0))  # fmt: skip


@given(schedules, moments)
def test_the_next_opening_is_open_and_nothing_before_it_is(hours: Hours, moment: datetime.datetime) -> None:
    opens = next_opening(hours, moment)
    assert (opens == moment) is open_at(hours, moment)
    if opens is None:
        return
    assert open_at(hours, opens)
    if opens > moment:
        assert not open_at(hours, opens - datetime.timedelta(microseconds=1))
    step = max((opens - moment) / 50, datetime.timedelta(minutes=1))
    probe = moment
    while probe < opens:
        assert not open_at(hours, probe)
        probe += step


@given(schedules, moments)
def test_it_is_open_to_the_next_closing_and_not_at_it(hours: Hours, moment: datetime.datetime) -> None:
    closes = next_closing(hours, moment)
    assert (closes == moment) is not open_at(hours, moment)
    week = moment + datetime.timedelta(days=7)
    if closes is not None:
        assert closes < week
        assert not open_at(hours, closes)
        if closes > moment:
            assert open_at(hours, closes - datetime.timedelta(microseconds=1))
    probe = moment
    while probe < (closes or week):
        assert open_at(hours, probe)
        probe += datetime.timedelta(minutes=97)


@given(schedules, moments)
def test_it_is_what_the_wall_clock_says_where_no_clock_changes(hours: Hours, moment: datetime.datetime) -> None:
    days = [moment + datetime.timedelta(days=number) for number in (-3, -2, -1, 0, 1, 2, 3)]
    if len({day.astimezone(hours.zone).utcoffset() for day in days}) > 1:
        return
    wall = moment.astimezone(hours.zone)
    minute, today = 60 * wall.hour + wall.minute, wall.date()
    yesterday = today - datetime.timedelta(days=1)
    of_today = any(
        span.start <= minute and (minute < span.end or span.end < span.start) for span in spans_on(hours, today)
    )
    of_yesterday = any(span.end < span.start and minute < span.end for span in spans_on(hours, yesterday))
    assert open_at(hours, moment) is (of_today or of_yesterday)
