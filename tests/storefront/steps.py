"""What a visitor does and sees, in the words of the tests."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from .fake import FakeShop


def dock(page: Page) -> Locator:
    """What is seen: not what is told to screen readers besides."""
    return page.locator("live-sales .dock")


def told(page: Page) -> list[str]:
    """What a screen reader was told, once each: the live region keeps a line for ten seconds."""
    return page.locator("live-sales .sr[aria-live] p").all_inner_texts()


def ticks(page: Page) -> Locator:
    return page.locator("live-sales .mine .status")


def lines(page: Page) -> list[str]:
    return page.locator("live-sales .line .text").all_inner_texts()


def talk(page: Page, fake: FakeShop) -> None:
    """A page with an open session that Anna has taken."""
    fake.begin()
    fake.state("active", repName="Anna Smith")
    page.goto(fake.url)
    expect(page.get_by_role("heading", name="Anna Smith")).to_be_visible()
    expect(dock(page).locator("[part=state]")).to_be_visible()


def say(page: Page, text: str) -> None:
    page.locator("live-sales [part=input]").fill(text)
    page.keyboard.press("Enter")
