"""Messages that visitors left when nobody was there."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from .build import moment
from .fake import FakeShop


def inquiry(number: int, text: str, *, mailed: bool) -> dict:
    return {
        "id": f"inquiry-{number}",
        "email": f"buyer{number}@example.com",
        "text": text,
        "createdAt": moment(600),
        "mailedAt": moment(590) if mailed else None,
        "product": {"id": "product 1", "name": "Watch"} if mailed else None,
    }


def test_each_is_shown_as_it_was_written_with_an_address_to_answer(page: Page, shop: FakeShop) -> None:
    shop.inquiries = [
        inquiry(1, "Does it come in <b>oak</b>?\nAnd when?", mailed=True),
        inquiry(2, "Call me", mailed=False),
    ]
    frame = shop.visit(page)
    rows = frame.get_by_test_id("inquiries").get_by_role("listitem")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("Does it come in <b>oak</b>?\nAnd when?")
    expect(rows.nth(0)).to_contain_text("Watch")
    expect(rows.nth(0).get_by_text("Mailed")).to_be_visible()
    expect(rows.nth(1).get_by_text("Mailed")).to_have_count(0)
    expect(rows.nth(0).get_by_role("link")).to_have_attribute("href", "mailto:buyer1@example.com")


def test_none_and_a_failure_are_told_apart(page: Page, shop: FakeShop) -> None:
    shop.fail["ConsoleInquiries"] = "network"
    frame = shop.visit(page)
    section = frame.get_by_role("region", name="Messages left")
    expect(section.get_by_role("status")).to_be_visible()
    expect(section.get_by_text("No messages")).to_have_count(0)
    del shop.fail["ConsoleInquiries"]
    frame.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(section.get_by_text("No messages")).to_be_visible()
