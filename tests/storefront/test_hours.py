"""Outside the office hours: the message form says when the shop opens again, and a page that stays open follows."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from .fake import OPEN_FOR_HELP, FakeShop
from .steps import dock

SATURDAY = datetime.datetime(2026, 11, 21, 12, tzinfo=datetime.UTC)
MONDAY_NINE = datetime.datetime(2026, 11, 23, 8, tzinfo=datetime.UTC)  # 09:00 in Berlin
CASES = [
    ("en-US", "Europe/Berlin", MONDAY_NINE, "We open again Monday, 9:00 AM."),
    ("en-GB", "Europe/Berlin", MONDAY_NINE, "We open again Monday, 09:00."),
    ("en-US", "America/Los_Angeles", MONDAY_NINE, "We open again Monday, 12:00 AM."),
    ("en-US", "America/Anchorage", MONDAY_NINE, "We open again tomorrow, 11:00 PM."),
    ("en-GB", "Europe/Berlin", SATURDAY + datetime.timedelta(hours=2), "We open again today, 15:00."),
    ("en-GB", "Europe/Berlin", datetime.datetime(2027, 1, 4, 8, tzinfo=datetime.UTC), None),
    ("de-DE", "Europe/Berlin", MONDAY_NINE, "Wir sind wieder für Sie da: Montag, 09:00."),
    ("fr-FR", "Europe/Berlin", MONDAY_NINE, "Nous rouvrons : lundi, 09:00."),
    ("es-ES", "Europe/Berlin", MONDAY_NINE, "Volvemos a abrir: lunes, 9:00."),
    ("pl-PL", "Europe/Berlin", MONDAY_NINE, "Otwieramy ponownie: poniedziałek, 09:00."),
]


def closed(opens: datetime.datetime | None, turns_in: int | None) -> dict[str, Any]:
    told = opens and opens.isoformat()
    return {**OPEN_FOR_HELP, "available": False, "opensAt": told, "turnsIn": turns_in}


@pytest.fixture
def clocked(page: Page) -> Iterator[Page]:
    page.clock.install(time=SATURDAY)
    yield page


@pytest.mark.parametrize(("locale", "zone", "opens", "words"), CASES)
def test_the_form_says_when_it_opens_where_the_visitor_is(
    browser: Browser, fake: FakeShop, locale: str, zone: str, opens: datetime.datetime, words: str | None
) -> None:
    fake.html_attributes = f'lang="{locale}"'
    fake.storefront = closed(opens, 3600)
    context = browser.new_context(locale="en-US", timezone_id=zone)  # the page's language is what counts
    try:
        page = context.new_page()
        page.clock.set_fixed_time(SATURDAY)
        page.goto(fake.url)
        dock(page).locator("[part=leave]").click()
        told = dock(page).locator("[part=opens]")
        expect(told).to_have_text(words or "We open again Monday 4 January, 09:00.")
        assert not fake.called("LiveSessionStart")
    finally:
        context.close()


def test_arabic_has_its_own_words_and_day(page: Page, fake: FakeShop) -> None:
    fake.html_attributes = 'lang="ar"'
    fake.storefront = closed(MONDAY_NINE, 3600)
    page.clock.set_fixed_time(SATURDAY)
    page.goto(fake.url)
    dock(page).locator("[part=leave]").click()
    expect(dock(page).locator("[part=opens]")).to_contain_text("نفتح من جديد: الاثنين، ")


def test_closed_for_longer_than_can_be_told(clocked: Page, fake: FakeShop) -> None:
    fake.storefront = closed(None, None)
    clocked.goto(fake.url)
    clocked.get_by_role("button", name="Leave a message").click()
    expect(dock(clocked).get_by_text("Nobody is available to chat right now.")).to_be_visible()
    expect(dock(clocked).locator("[part=opens]")).to_have_count(0)


def test_a_page_left_open_over_the_closing_learns_of_it(clocked: Page, fake: FakeShop) -> None:
    fake.storefront = {**OPEN_FOR_HELP, "turnsIn": 65}
    clocked.goto(fake.url)
    expect(clocked.get_by_role("button", name="Chat with us")).to_be_visible()
    asked = len(fake.called("LiveStorefront"))
    fake.storefront = closed(MONDAY_NINE, 3600)
    clocked.clock.run_for(60_000)
    assert len(fake.called("LiveStorefront")) == asked
    clocked.clock.run_for(11_000)
    expect(clocked.get_by_role("button", name="Leave a message")).to_be_visible()
    assert len(fake.called("LiveStorefront")) == asked + 1


def test_a_page_left_open_over_the_opening_learns_of_it(clocked: Page, fake: FakeShop) -> None:
    fake.storefront = closed(SATURDAY + datetime.timedelta(seconds=25), 25)
    clocked.goto(fake.url)
    expect(clocked.get_by_role("button", name="Leave a message")).to_be_visible()
    fake.storefront = dict(OPEN_FOR_HELP)
    clocked.clock.run_for(31_000)
    expect(clocked.get_by_role("button", name="Chat with us")).to_be_visible()


def test_the_open_form_tells_of_the_opening_and_keeps_what_was_written(clocked: Page, fake: FakeShop) -> None:
    fake.storefront = closed(SATURDAY + datetime.timedelta(seconds=25), 25)
    clocked.goto(fake.url)
    clocked.get_by_role("button", name="Leave a message").click()
    clocked.get_by_label("Your message").fill("Is it gold?")
    fake.storefront = dict(OPEN_FOR_HELP)
    clocked.clock.run_for(31_000)
    expect(dock(clocked).get_by_text("We are open again")).to_be_visible()
    expect(clocked.get_by_label("Your message")).to_have_value("Is it gold?")
    expect(dock(clocked).locator("[part=opens]")).to_have_count(0)
    clocked.get_by_role("button", name="Chat with us").click()
    fake.wait(lambda: fake.called("LiveSessionStart"))


def test_it_closed_between_the_question_and_the_click(page: Page, fake: FakeShop) -> None:
    fake.refuse["LiveSessionStart"] = "OUTSIDE_HOURS"
    page.clock.set_fixed_time(SATURDAY)
    page.goto(fake.url)
    expect(page.get_by_role("button", name="Chat with us")).to_be_visible()

    answered = fake.answer

    def closing(operation: str, variables: dict[str, Any]) -> dict[str, Any]:
        if operation == "LiveSessionStart":
            fake.storefront = closed(MONDAY_NINE, 3600)
        return answered(operation, variables)

    fake.answer = closing  # type: ignore[method-assign]
    page.get_by_role("button", name="Chat with us").click()
    expect(dock(page).get_by_text("We are closed right now.")).to_be_visible()
    expect(dock(page).locator("[part=opens]")).to_be_visible()
    page.get_by_role("button", name="Minimise").click()
    expect(page.get_by_role("button", name="Leave a message")).to_be_visible()


def test_an_offer_that_is_shown_can_be_accepted_after_closing(page: Page, fake: FakeShop) -> None:
    page.goto(fake.url)
    fake.wait(lambda: fake.called("LiveOpenSession"))
    fake.offer("")
    fake.storefront = closed(MONDAY_NINE, 3600)
    page.get_by_role("button", name="Chat now").click()
    fake.wait(lambda: fake.called("LiveOfferAccept"))
    expect(dock(page).locator("[part=composer], textarea").first).to_be_visible()
