"""A rep offers help to somebody on the site."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from .build import visitor
from .fake import FakeShop


def test_a_rep_offers_help_in_own_words(page: Page, shop: FakeShop) -> None:
    shop.visitors = [visitor(1, "Dora"), visitor(2, "Emil")]
    frame = shop.visit(page)
    frame.get_by_role("button", name="Offer help to Dora").press("Enter")
    box = frame.get_by_label("Greeting")
    expect(box).to_be_focused()
    page.keyboard.type("a 1 ? Hello")  # each of them a shortcut elsewhere
    expect(box).to_have_value("a 1 ? Hello")
    assert box.get_attribute("maxlength") == "500"
    frame.get_by_role("button", name="Send offer").press("Enter")
    row = frame.get_by_test_id("visitors").get_by_role("listitem").filter(has_text="Dora")
    expect(row).to_contain_text("Offered")
    expect(frame.get_by_role("button", name="Offer help to Dora")).to_have_count(0)
    expect(frame.get_by_role("button", name="Offer help to Emil")).to_be_enabled()
    expect(frame.get_by_role("button", name="Pages of Dora")).to_be_focused()
    assert shop.operations("ConsoleOfferMake") == [{"input": {"visitorId": "live-1", "greeting": "a 1 ? Hello"}}]


def test_escape_leaves_without_an_offer(page: Page, shop: FakeShop) -> None:
    shop.visitors = [visitor(1, "Dora")]
    frame = shop.visit(page)
    button = frame.get_by_role("button", name="Offer help to Dora")
    button.click()
    page.keyboard.press("Escape")
    expect(frame.get_by_label("Greeting")).to_have_count(0)
    expect(button).to_be_focused()
    assert shop.operations("ConsoleOfferMake") == []


def test_a_refusal_is_said_and_the_words_stay(page: Page, shop: FakeShop) -> None:
    shop.visitors = [visitor(1, "Dora")]
    shop.refuse["ConsoleOfferMake"] = {"field": "visitorId", "message": "Not again so soon.", "code": "OFFER_PAUSE"}
    frame = shop.visit(page)
    frame.get_by_role("button", name="Offer help to Dora").click()
    frame.get_by_label("Greeting").fill("Hello")
    frame.get_by_role("button", name="Send offer").click()
    expect(frame.locator(".offer-form [role=alert]")).to_have_text("Not again so soon.")
    expect(frame.get_by_label("Greeting")).to_have_value("Hello")
    expect(frame.get_by_role("button", name="Send offer")).to_be_enabled()


def test_who_is_away_or_full_reads_why_nothing_can_be_offered(page: Page, shop: FakeShop) -> None:
    shop.visitors = [visitor(1, "Dora"), visitor(2, "Emil", engaged=True)]
    shop.rep = {**shop.rep, "load": 3}
    frame = shop.visit(page)
    button = frame.get_by_role("button", name="Offer help to Dora")
    expect(button).to_be_disabled()
    expect(button).to_have_accessible_description(
        "You have 3 of 3 sessions. End one, or take more at once, to offer help."
    )
    expect(frame.get_by_role("button", name="Offer help to Emil")).to_have_count(0)
    frame.get_by_role("radio", name="Away").or_(frame.get_by_role("button", name="Away")).first.click()
    expect(button).to_have_accessible_description("Go online to offer help.")
