"""Office hours: the owner sets them, and the desk shows which channels are closed."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from playwright.sync_api import Frame, Page, expect

from .build import settings
from .fake import FakeShop

FIVE = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY")
CLOSED = {"open": False, "opensAt": "2026-11-23T08:00:00Z", "closesAt": None}


@pytest.fixture
def owner(shop: FakeShop) -> FakeShop:
    shop.page_path = "console/settings"
    shop.channels = [settings("default-channel", "Main store")]
    return shop


def sent(shop: FakeShop) -> list[dict[str, Any]]:
    return [variables["input"] for variables in shop.operations("ConsoleChannelUpdate")]


def save(frame: Frame) -> None:
    frame.get_by_role("button", name="Save", exact=True).click()


def week(start: str, end: str) -> list[dict[str, str]]:
    return [{"weekday": day, "start": start, "end": end} for day in FIVE]


def test_a_week_is_set_and_nothing_else_is_sent(page: Page, owner: FakeShop) -> None:
    frame = owner.visit(page)
    expect(frame.get_by_test_id("opening")).to_have_text("Open now")
    frame.get_by_role("button", name="Set office hours").click()
    expect(frame.get_by_test_id("opening")).to_have_text("Save to see when the channel is open.")
    frame.get_by_label("Monday from", exact=True).fill("08:30")
    frame.get_by_label("Monday to", exact=True).fill("18:00")
    frame.get_by_role("button", name="Monday's hours for Tuesday to Friday").click()
    frame.get_by_role("button", name="Add hours to Saturday").click()
    frame.get_by_label("Saturday from", exact=True).fill("20:00")
    frame.get_by_label("Saturday to", exact=True).fill("02:00")
    frame.get_by_role("button", name="Add hours to Sunday").click()
    frame.get_by_label("Sunday to", exact=True).fill("00:00")
    save(frame)
    expect(frame.get_by_text("Saved", exact=True)).to_be_visible()
    assert sent(owner) == [
        {
            "openingHours": [
                *week("08:30", "18:00"),
                {"weekday": "SATURDAY", "start": "20:00", "end": "02:00"},
                {"weekday": "SUNDAY", "start": "09:00", "end": "24:00"},
            ]
        }
    ]


def test_what_is_set_is_shown_and_can_be_taken_away(page: Page, owner: FakeShop) -> None:
    hours = [*week("09:00", "17:00"), {"weekday": "SUNDAY", "start": "12:00", "end": "24:00"}]
    day = {"date": "2026-12-25", "name": "Christmas Day", "yearly": True, "spans": []}
    owner.channels = [settings("a", "Main store", openingHours=hours, specialDays=[day], opening=CLOSED)]
    page.clock.install(time="2026-11-21T12:00:00Z")
    frame = owner.visit(page)
    told = frame.get_by_test_id("opening")
    expect(told).to_have_text("Closed nowOpens Monday, November 23 at 09:00 AM")  # on the channel's own clock
    expect(frame.get_by_label("Sunday to", exact=True)).to_have_value("00:00")
    expect(frame.get_by_role("button", name="Save", exact=True)).to_be_disabled()
    page.clock.fast_forward(datetime.timedelta(days=2).total_seconds() * 1000)
    expect(told).to_have_text("Open now")  # it has opened meanwhile
    frame.get_by_role("button", name="Remove Christmas Day").click()
    frame.get_by_role("button", name="Open all the time").click()
    save(frame)
    expect(frame.get_by_text("Saved", exact=True)).to_be_visible()
    assert sent(owner) == [{"openingHours": [], "specialDays": []}]


def test_special_days_and_the_zone(page: Page, owner: FakeShop) -> None:
    frame = owner.visit(page)
    frame.get_by_label("Time zone").fill("America/New_York")
    for number, (date, name) in enumerate((("2026-12-24", " Christmas Eve "), ("2026-12-26", "Boxing Day"))):
        frame.get_by_role("button", name="Add a special day").click()
        frame.get_by_label("Date", exact=True).nth(number).fill(date)
        frame.get_by_label("Name of the day").nth(number).fill(name)
    frame.get_by_label("Every year").nth(1).check()
    frame.get_by_role("button", name="Add hours to Christmas Eve").click()
    save(frame)
    expect(frame.get_by_text("Saved", exact=True)).to_be_visible()
    span = {"start": "09:00", "end": "17:00"}
    assert sent(owner) == [
        {
            "timeZone": "America/New_York",
            "specialDays": [
                {"date": "2026-12-24", "name": "Christmas Eve", "yearly": False, "spans": [span]},
                {"date": "2026-12-26", "name": "Boxing Day", "yearly": True, "spans": []},
            ],
        }
    ]


def test_what_is_wrong_is_told_before_it_is_sent(page: Page, owner: FakeShop) -> None:
    frame = owner.visit(page)
    frame.get_by_role("button", name="Set office hours").click()
    problem = frame.locator("#openingHours-problem")
    to = frame.get_by_label("Tuesday to", exact=True)
    to.fill("")
    save(frame)
    expect(problem).to_have_text("Tuesday: Enter from when to when.")
    expect(to).to_have_attribute("aria-invalid", "true")
    to.fill("09:00")
    save(frame)
    expect(problem).to_have_text("Tuesday: The hours end when they begin. For the whole day write 00:00 to 00:00.")
    to.fill("12:00")
    frame.get_by_role("button", name="Add hours to Tuesday").click()
    frame.get_by_label("Tuesday from", exact=True).nth(1).fill("11:59")
    frame.get_by_label("Tuesday to", exact=True).nth(1).fill("17:00")
    save(frame)
    expect(problem).to_have_text("Tuesday: The hours overlap.")
    frame.get_by_label("Tuesday from", exact=True).nth(1).fill("12:00")
    frame.get_by_role("button", name="Add a special day").click()
    save(frame)
    expect(problem).to_have_count(0)
    expect(frame.locator("#specialDays-problem")).to_have_text("A special day has a date and a name.")
    expect(frame.get_by_label("Date", exact=True)).to_be_focused()
    assert sent(owner) == []


def test_what_the_shop_refuses_stands_at_its_field(page: Page, owner: FakeShop) -> None:
    words = "There is no such time zone."
    owner.refuse["ConsoleChannelUpdate"] = {"field": "timeZone", "message": words, "code": "INVALID"}
    frame = owner.visit(page)
    field = frame.get_by_label("Time zone")
    field.fill("Berlin")
    expect(frame.locator("#timeZone-hint")).to_have_text("They are named like Europe/Berlin.")
    save(frame)
    expect(frame.locator("#timeZone-problem")).to_have_text(words)
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_value("Berlin")


def test_the_desk_shows_until_when_channels_are_closed_and_follows(page: Page, shop: FakeShop) -> None:
    page.clock.install()
    now = datetime.datetime.now(datetime.UTC)
    opens = now + datetime.timedelta(seconds=30)
    row = {"channel": "a", "name": "Main store", "open": False, "opensAt": opens.isoformat(), "closesAt": None}
    other = {"channel": "b", "name": "Business", "open": True, "opensAt": None, "closesAt": None}
    shop.openings = [row, other]
    frame = shop.visit(page)
    told = frame.get_by_test_id("closed")
    expect(told).to_contain_text("Main store is closed and opens ")
    expect(told).not_to_contain_text("Business")
    asked = len(shop.operations("ConsoleOpenings"))
    shop.openings = [{**row, "open": True, "opensAt": None}, other]
    page.clock.run_for(25_000)
    assert len(shop.operations("ConsoleOpenings")) == asked
    page.clock.run_for(8_000)
    expect(told).to_be_empty()
    assert len(shop.operations("ConsoleOpenings")) == asked + 1


def test_a_desk_whose_shop_does_not_answer_keeps_what_it_knew(page: Page, shop: FakeShop) -> None:
    shop.fail["ConsoleOpenings"] = "network"
    frame = shop.visit(page)
    expect(frame.get_by_test_id("link")).to_have_class("link link-open")
    expect(frame.get_by_test_id("closed")).to_be_empty()
