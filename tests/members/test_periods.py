"""When periods end: counted from the first moment, in the wall time of a zone."""

from __future__ import annotations

import datetime
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saleor_livesales.errors import Invalid
from saleor_livesales.members.periods import LAST, Period, end, parse, zone

UTC = datetime.UTC
MONTH, YEAR, FORTNIGHT = Period(1, 0), Period(12, 0), Period(0, 14)


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("P1M", Period(1, 0)),
        ("P1Y", Period(12, 0)),
        ("P14D", Period(0, 14)),
        ("P2W", Period(0, 14)),
        ("P1Y6M", Period(18, 0)),
        ("P1M10D", Period(1, 10)),
        ("P0Y3M", Period(3, 0)),
        ("P10Y", Period(120, 0)),
        ("P3660D", Period(0, 3660)),
    ],
)
def test_what_is_a_period(text: str, period: Period) -> None:
    assert parse(text) == period


@pytest.mark.parametrize(
    "text",
    ["", "P", "P0D", "P0M0D", "1M", "p1m", "P1H", "PT1H", "P1DT1H", "P1.5M", "P-1M", "-P1M", "P1M1Y", "P1M ", "P1M\n",
     "P١M", "P11Y", "P121M", "P3661D", "P9999999M", "P1D1M"],
)  # fmt: skip
def test_what_is_none(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse(text)
    assert refused.value.field == "period"


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../../etc/passwd", "/etc/localtime", "Europe/Berlin\0", "UTC "])
def test_what_is_no_zone(name: str) -> None:
    with pytest.raises(Invalid):
        zone(name)


def ends(anchor: datetime.datetime, period: Period, numbers: range, name: str = "UTC") -> list[str]:
    local = zone(name)
    found = [end(anchor=anchor, number=number, period=period, zone=local) for number in numbers]
    return [moment.astimezone(local).strftime("%Y-%m-%d %H:%M") for moment in found]


def test_the_last_day_of_a_month_comes_back() -> None:
    anchor = datetime.datetime(2027, 1, 31, 9, 30, tzinfo=UTC)
    assert ends(anchor, MONTH, range(6)) == [
        "2027-01-31 09:30", "2027-02-28 09:30", "2027-03-31 09:30", "2027-04-30 09:30", "2027-05-31 09:30",
        "2027-06-30 09:30",
    ]  # fmt: skip
    assert ends(anchor.replace(year=2028), MONTH, range(1, 3)) == ["2028-02-29 09:30", "2028-03-31 09:30"]


def test_a_leap_day_comes_back_in_leap_years() -> None:
    anchor = datetime.datetime(2028, 2, 29, 12, tzinfo=UTC)
    assert ends(anchor, YEAR, range(1, 5)) == [
        "2029-02-28 12:00", "2030-02-28 12:00", "2031-02-28 12:00", "2032-02-29 12:00"
    ]  # fmt: skip
    assert ends(datetime.datetime(2099, 2, 28, tzinfo=UTC), YEAR, range(1, 2)) == ["2100-02-28 00:00"]


def test_the_wall_time_stays_over_a_change_of_clocks() -> None:
    anchor = datetime.datetime(2027, 3, 20, 14, tzinfo=UTC)  # 15:00 in Berlin, winter
    found = end(anchor=anchor, number=1, period=FORTNIGHT, zone=zone("Europe/Berlin"))
    assert found == datetime.datetime(2027, 4, 3, 13, tzinfo=UTC)  # 15:00 in Berlin, summer
    back = end(
        anchor=datetime.datetime(2027, 10, 20, 13, tzinfo=UTC), number=1, period=FORTNIGHT, zone=zone("Europe/Berlin")
    )
    assert back == datetime.datetime(2027, 11, 3, 14, tzinfo=UTC)


def test_a_time_that_the_clocks_leave_out_or_show_twice() -> None:
    left_out = datetime.datetime(2027, 2, 28, 2, 30, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"))
    assert ends(left_out, MONTH, range(1, 2), "Europe/Berlin") == ["2027-03-28 03:30"]
    twice = datetime.datetime(2027, 9, 30, 2, 30, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"))
    found = end(anchor=twice, number=1, period=Period(0, 31), zone=zone("Europe/Berlin"))
    assert found == datetime.datetime(2027, 10, 31, 0, 30, tzinfo=UTC)  # the first 02:30, in summer time


anchors = st.datetimes(
    min_value=datetime.datetime(2020, 1, 1), max_value=datetime.datetime(2060, 1, 1), timezones=st.just(UTC)
)
lengths = st.one_of(
    st.builds(Period, st.integers(1, 36), st.integers(0, 40)), st.builds(Period, st.just(0), st.integers(1, 400))
)
zones = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu",
                         "Pacific/Apia", "America/St_Johns", "Africa/Casablanca"]).map(zone)  # fmt: skip


@given(anchors, lengths, zones, st.integers(0, 60))
def test_each_period_has_time(anchor: datetime.datetime, period: Period, local: zoneinfo.ZoneInfo, number: int) -> None:
    former = end(anchor=anchor, number=number, period=period, zone=local)
    assert end(anchor=anchor, number=number + 1, period=period, zone=local) > former


@given(anchors, st.integers(1, 36), zones, st.integers(1, 60))
def test_months_keep_day_and_wall_time(
    anchor: datetime.datetime, months: int, local: zoneinfo.ZoneInfo, number: int
) -> None:
    found = end(anchor=anchor, number=number, period=Period(months, 0), zone=local).astimezone(local)
    first = anchor.astimezone(local)
    assert (found.year * 12 + found.month) - (first.year * 12 + first.month) in (months * number, months * number + 1)
    shifted = (found.hour, found.minute) != (first.hour, first.minute)
    if shifted:  # only where that wall time does not exist on the day: reading it back gives another
        wall = found.replace(tzinfo=None, hour=first.hour, minute=first.minute)
        assert wall.replace(tzinfo=local).astimezone(UTC).astimezone(local).replace(tzinfo=None) != wall
    else:
        tomorrow = found.replace(tzinfo=None) + datetime.timedelta(days=1)
        assert found.day == first.day or (found.day < first.day and tomorrow.day == 1)


@given(anchors, st.integers(1, 2**31 - 1), st.sampled_from(["P10Y", "P3660D", "P1M", "P1D", "P9Y364D", "P11M30D"]))
def test_however_many_they_end_before_the_calendar_does(anchor: datetime.datetime, number: int, text: str) -> None:
    local = zone("Pacific/Kiritimati")
    ends = [end(anchor=anchor, number=each, period=parse(text), zone=local) for each in (number, number + 1)]
    assert anchor < ends[0] <= ends[1] <= LAST


@pytest.mark.parametrize("text", ["P10Y", "P3660D", "P1M", "P9Y364D", "P11M30D"])
def test_none_ends_later_than_the_one_after_it(text: str) -> None:
    anchor, period = datetime.datetime(2027, 12, 31, 23, tzinfo=UTC), parse(text)
    edge = next(n for n in range(1, 10**6) if end(anchor=anchor, number=n, period=period, zone=zone("UTC")) == LAST)
    ends = [end(anchor=anchor, number=n, period=period, zone=zone("UTC")) for n in range(edge - 3, edge + 3)]
    assert ends == sorted(ends) and ends[2] < LAST == ends[3] == ends[-1]


@given(anchors, lengths, zones)
def test_zero_periods_end_where_they_begin(anchor: datetime.datetime, period: Period, local: zoneinfo.ZoneInfo) -> None:
    assert end(anchor=anchor, number=0, period=period, zone=local) == anchor
