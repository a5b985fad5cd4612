"""What an owner sets as office hours, what is refused, and what a channel's row then says of now."""

from __future__ import annotations

import datetime
import logging
from typing import Any

import pytest

from saleor_livesales.channels import actions, opening, queries
from saleor_livesales.channels.models import ChannelSettings
from saleor_livesales.errors import Invalid

pytestmark = pytest.mark.django_db

SUNDAY = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)
OFFICE = [{"weekday": day, "start": "09:00", "end": "17:30"} for day in range(5)]


def at(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC)


def update(**changes: Any) -> ChannelSettings:
    return actions.update(channel="default-channel", changes=changes, actor_user_id="VXNlcjox", now=SUNDAY)


def test_without_hours_a_channel_is_always_open(shop):
    assert opening.opening(None, SUNDAY) == opening.ALWAYS
    assert opening.opening(update(active=True), SUNDAY) == opening.ALWAYS
    assert opening.hours_of(update(time_zone="Europe/Berlin")) is None


def test_hours_are_kept_as_minutes_and_told_in_the_channels_zone(shop):
    update(time_zone="Europe/Berlin", opening_hours=OFFICE)

    found = queries.settings_for("default-channel")
    assert found is not None
    assert found.opening_hours == [[[540, 1050]]] * 5 + [[], []]
    assert opening.opening(found, SUNDAY) == opening.Opening(
        open=False, opens_at=at("2026-11-23 08:00"), turns_in=20 * 3600
    )
    assert opening.opening(found, at("2026-11-23 16:29:59.5")) == opening.Opening(
        open=True, closes_at=at("2026-11-23 16:30"), turns_in=1
    )
    assert opening.opening(found, at("2026-11-23 16:30")).open is False


def test_special_days_alone_close_an_always_open_channel(shop):
    found = update(special_days=[{"date": "2026-12-25", "name": " Christmas ", "yearly": True, "spans": []}])
    assert found.special_days == [{"date": "2026-12-25", "name": "Christmas", "yearly": True, "spans": []}]
    assert opening.opening(found, SUNDAY) == opening.ALWAYS
    assert opening.opening(found, at("2026-12-24 12:00")).closes_at == at("2026-12-25 00:00")
    assert opening.opening(found, at("2027-12-25 12:00")) == opening.Opening(
        open=False, opens_at=at("2027-12-26 00:00"), turns_in=12 * 3600
    )


def test_what_is_set_again_replaces_what_was(shop):
    update(opening_hours=OFFICE, special_days=[{"date": "2026-12-24", "name": "Christmas Eve", "spans": []}])
    found = update(opening_hours=[], special_days=[])
    assert (found.opening_hours, found.special_days) == ([], [])
    assert opening.opening(found, SUNDAY) == opening.ALWAYS


def span(start: Any, end: Any, weekday: int = 0) -> dict[str, Any]:
    return {"weekday": weekday, "start": start, "end": end}


def day(date: str = "2026-12-24", name: str = "A day", spans: Any = (), yearly: bool = False) -> dict[str, Any]:
    return {"date": date, "name": name, "spans": list(spans), "yearly": yearly}


def test_an_end_at_midnight_is_that_of_the_day(shop):
    assert update(opening_hours=[span("09:00", "00:00"), span("00:00", "00:00", 6)]).opening_hours == [
        [[540, 1440]], [], [], [], [], [], [[0, 1440]]
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"time_zone": "Mars/Olympus"}, "timeZone", "There is no such time zone"),
        ({"time_zone": "../etc/passwd"}, "timeZone", "There is no such time zone"),
        ({"time_zone": None}, "timeZone", "can't be null"),
        ({"opening_hours": [span("9:00", "17:00")]}, "openingHours", "Monday: “9:00” is not a time like 09:00."),
        ({"opening_hours": [span("09:00", "24:01")]}, "openingHours", "is not a time"),
        ({"opening_hours": [span("24:00", "09:00")]}, "openingHours", "Monday: Opening hours lie between"),
        ({"opening_hours": [span("09:00", "09:00", 6)]}, "openingHours", "Sunday: Opening hours end later"),
        (
            {"opening_hours": [span("12:00", "16:00"), span("09:00", "12:01")]},
            "openingHours",
            "Monday: 09:00 to 12:01 overlaps",
        ),
        ({"opening_hours": [span("20:00", "02:00"), span("21:00", "22:00")]}, "openingHours", "overlaps"),
        ({"opening_hours": [span(f"{hour:02}:00", f"{hour:02}:30") for hour in range(7)]}, "openingHours", "at most 6"),
        ({"special_days": [day("2026-02-29")]}, "specialDays", "“2026-02-29” is not a date"),
        ({"special_days": [day("20261224")]}, "specialDays", "is not a date"),
        ({"special_days": [day(name=" ")]}, "specialDays", "has a name"),
        ({"special_days": [day(name="x" * 101)]}, "specialDays", "has a name"),
        ({"special_days": [day(name="a\0b")]}, "specialDays", "has a name"),
        ({"special_days": [day(), day(name="Again")]}, "specialDays", "2026-12-24 is there twice."),
        ({"special_days": [day(yearly=True), day("2025-12-24", yearly=True)]}, "specialDays", "there twice"),
        ({"special_days": [day(spans=[{"start": "10", "end": "12:00"}])]}, "specialDays", "2026-12-24: “10” is not"),
        ({"special_days": [day()] * 201}, "specialDays", "At most 200"),
    ],
)
def test_what_is_refused(shop, changes, field, words):
    with pytest.raises(Invalid) as refused:
        update(active=True, **changes)
    assert refused.value.field == field
    assert words in refused.value.message
    assert not ChannelSettings.objects.exists()


def test_spans_that_touch_and_the_same_day_with_and_without_year_are_taken(shop):
    found = update(
        opening_hours=[span("12:00", "20:00"), span("08:00", "12:00"), span("22:00", "24:00")],
        special_days=[day(yearly=True), day(spans=[{"start": "09:00", "end": "12:00"}])],
    )
    assert found.opening_hours[0] == [[480, 720], [720, 1200], [1320, 1440]]
    assert [(entry["yearly"], entry["spans"]) for entry in found.special_days] == [(False, [[540, 720]]), (True, [])]
    assert opening.opening(found, at("2026-11-23 09:00")).closes_at == at("2026-11-23 20:00")


def test_a_zone_that_this_machine_has_lost_is_taken_as_utc(shop, caplog):
    found = update(opening_hours=OFFICE)
    found.time_zone = "Lost/Zone"
    with caplog.at_level(logging.ERROR):
        assert opening.opening(found, SUNDAY).opens_at == at("2026-11-23 09:00")
    assert "Lost/Zone" in caplog.text
