"""The owner's page of letters: what is to be printed, how they look, and by which way they go at what cost."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import pytest
from playwright.sync_api import Frame, Page, expect

from .build import letter, letter_way
from .build import settings as channel
from .fake import FakeShop
from .fake_letters import batch, sample, trouble


@pytest.fixture
def shop(shop: FakeShop) -> FakeShop:
    shop.page_path = "console/settings"
    shop.hash = "#letters"
    shop.channels = [channel("default-channel", "Main store"), channel("b2b", "Business")]
    return shop


def way(page: Page, shop: FakeShop) -> Frame:
    frame = shop.visit(page)
    frame.get_by_role("radio", name="By which way").check()
    expect(frame.get_by_role("form", name="Letters")).to_be_visible()
    return frame


def sent(shop: FakeShop) -> list[dict[str, Any]]:
    return list(shop.operations("ConsoleLetterWayUpdate"))


def test_a_provider_is_chosen(page: Page, shop: FakeShop) -> None:
    frame = way(page, shop)
    expect(frame.get_by_label("The store")).to_be_checked()
    expect(frame.get_by_label("A letter costs")).to_have_count(0)
    frame.get_by_label("A print-and-mail provider").check()
    frame.get_by_label("A letter costs").fill("1,25")
    frame.get_by_role("button", name="Save", exact=True).click()
    expect(frame.locator("#monthlyLimit-problem")).to_be_visible()
    assert sent(shop) == []
    frame.get_by_label("Limit in a month").fill("100")
    frame.get_by_label("Name of the store").fill("Example Books")
    frame.get_by_label("Street and number").fill("210 King St")
    frame.get_by_label("City").fill("San Francisco")
    frame.get_by_label("State or province").fill("CA")
    frame.get_by_label("Postal code").fill("94107")
    frame.get_by_label("Country").fill("US")
    shop.letter_way = letter_way("PROVIDER")
    frame.get_by_role("button", name="Save", exact=True).click()
    expect(frame.get_by_text("Saved", exact=True)).to_be_visible()
    assert sent(shop) == [
        {
            "channel": "default-channel",
            "input": {
                "way": "PROVIDER", "provider": "lob", "price": "1.25", "monthlyLimit": "100", "currency": "USD",
                "color": False, "senderName": "Example Books", "senderLine1": "210 King St", "senderLine2": "",
                "senderCity": "San Francisco", "senderArea": "CA", "senderPostalCode": "94107", "senderCountry": "US",
            },
        }
    ]  # fmt: skip
    expect(frame.get_by_text("/webhooks/post/lob/")).to_be_visible()


def test_what_is_refused_stands_at_its_field(page: Page, shop: FakeShop) -> None:
    shop.letter_way = letter_way("PROVIDER")
    frame = way(page, shop)
    frame.get_by_label("Country").fill("USA")
    shop.refuse["ConsoleLetterWayUpdate"] = {
        "field": "senderCountry",
        "message": "Two letters, please.",
        "code": "INVALID",
    }
    frame.get_by_role("button", name="Save", exact=True).click()
    expect(frame.locator("#senderCountry-problem")).to_have_text("Two letters, please.")
    expect(frame.get_by_label("Country")).to_have_value("USA")


def test_the_month_and_its_limit(page: Page, shop: FakeShop) -> None:
    shop.letter_way = letter_way("PROVIDER", spent=50.0)
    frame = way(page, shop)
    expect(frame.get_by_text("This month: 40 letters, $50.00 of $100.00")).to_be_visible()
    expect(frame.get_by_text("2 letters are on their way to the provider.")).to_be_visible()
    expect(frame.get_by_text("The limit is reached")).to_have_count(0)
    shop.letter_way = letter_way("PROVIDER", spent=98.75)  # 1.25 more is just within it
    frame.get_by_role("button", name="Business").click()
    expect(frame.get_by_text("This month: 79 letters")).to_be_visible()
    expect(frame.get_by_text("The limit is reached")).to_have_count(0)
    shop.letter_way = letter_way("PROVIDER", spent=100.0)
    frame.get_by_role("button", name="Main store").click()
    expect(frame.get_by_text("The limit is reached")).to_be_visible()


def test_a_shop_without_an_account(page: Page, shop: FakeShop) -> None:
    shop.letter_way = letter_way(providers=[])
    frame = way(page, shop)
    frame.get_by_label("A print-and-mail provider").check()
    expect(frame.get_by_role("alert")).to_contain_text("LIVESALES_LETTER_PROVIDERS")


def test_a_batch_is_made_drawn_printed_and_handed_over(page: Page, shop: FakeShop) -> None:
    shop.letters.waiting = 120
    frame = shop.visit(page)
    expect(frame.get_by_text("Letters that wait: 120")).to_be_visible()
    frame.get_by_role("button", name="Make a batch").click()
    expect(frame.get_by_role("progressbar")).to_have_attribute("value", "40")
    expect(frame.get_by_role("button", name="Make a batch")).to_be_disabled()
    shop.letters.batches[0] = batch(9)
    letters = frame.get_by_role("link", name="Letters (PDF)")
    expect(letters).to_have_attribute("href", "https://shop.test/letters/9/letters.pdf")
    frame.get_by_role("button", name="Printed").click()
    expect(frame.get_by_role("button", name="Printed")).to_have_count(0)
    rows = frame.locator(".members-table tbody tr")
    rows.get_by_role("button", name="Handed over").click()
    assert [asked["state"] for asked in shop.operations("ConsoleLetterBatchMark")] == ["PRINTED"]  # asked once more
    frame.get_by_role("button", name="All are with the post").click()
    expect(rows.first).to_contain_text("Handed over")
    expect(letters).to_have_count(0)
    assert shop.operations("ConsoleLetterBatchMark")[-1] == {"id": "batch-9", "state": "HANDED_OVER"}


def test_one_letter_is_confirmed_or_came_back_by_its_number(page: Page, shop: FakeShop) -> None:
    frame = shop.visit(page)
    number = frame.get_by_label("Number of a letter")
    number.fill("l12345678")
    number.press("Enter")
    expect(frame.get_by_text("L12345678: Handed over")).to_be_visible()
    shop.refuse["ConsoleLetterReturned"] = {
        "field": "number", "message": "There is no letter with this number.", "code": "NOT_FOUND",
    }  # fmt: skip
    number.fill("L99999999")
    frame.get_by_role("button", name="It came back").click()
    expect(frame.get_by_text("There is no letter with this number.")).to_be_visible()
    expect(number).to_have_value("L99999999")


def test_letters_without_a_good_address_are_tried_again(page: Page, shop: FakeShop) -> None:
    shop.letters.troubles = [trouble(1, "NO_ADDRESS", "Ada Buyer"), trouble(2, "UNDELIVERABLE", "ليلى حداد")]
    frame = shop.visit(page)
    section = frame.get_by_role("region", name="Letters that need an address")
    expect(section.get_by_role("listitem")).to_have_count(2)
    section.get_by_role("button", name="Send a new code").click()
    expect(section.get_by_role("listitem")).to_have_count(1)
    assert shop.operations("ConsoleLetterRetry") == [{"id": "letter-2"}]


def test_how_letters_look_is_set(page: Page, shop: FakeShop) -> None:
    frame = shop.visit(page)
    frame.get_by_role("radio", name="How they look").check()
    frame.get_by_label("Head of the letter").fill("Example Books\n1 Main St")
    frame.get_by_label("US Letter, #10").check()
    frame.get_by_label("Language").select_option("de")
    frame.get_by_label("Subject").fill("Ihr Code")
    frame.get_by_role("button", name="Save", exact=True).click()
    expect(frame.get_by_text("Saved", exact=True)).to_be_visible()
    [asked] = shop.operations("ConsoleLetterStyleUpdate")
    assert asked["input"]["form"] == "US10" and asked["input"]["sender"] == "Example Books\n1 Main St"
    [words] = asked["input"]["words"]
    assert (words["language"], words["subject"]) == ("de", "Ihr Code")
    expect(frame.get_by_role("button", name="Our words again")).to_be_visible()


def test_a_page_is_shown_as_it_is_printed(page: Page, shop: FakeShop) -> None:
    def drawn() -> AbstractContextManager[object]:
        return page.expect_response(lambda answer: "ConsoleLetterPreview" in (answer.request.post_data or ""))

    frame = shop.visit(page)
    with drawn():
        frame.get_by_role("radio", name="How they look").check()
    shown = frame.get_by_role("img", name="A letter to an invented member")
    expect(shown).to_be_visible()
    with drawn():
        frame.get_by_label("Language").select_option("de")
    expect(shown).to_have_attribute("src", f"data:image/png;base64,{sample('de')}")
    frame.get_by_label("Head of the letter").fill("Example Books")
    expect(frame.get_by_text("Without the changes above.")).to_be_visible()
    with drawn():
        frame.get_by_role("button", name="Save", exact=True).click()
    expect(frame.get_by_text("Saved", exact=True)).to_be_visible()
    expect(shown).to_be_visible()
    assert [each["language"] for each in shop.operations("ConsoleLetterPreview")] == ["en", "de", "de"]
    with page.expect_download() as download:
        frame.get_by_role("button", name="Sample page (PDF)").click()
    assert download.value.suggested_filename == "letter.pdf"
    shop.fail["ConsoleLetterPreview"] = "network"
    frame.get_by_label("Language").select_option("ar")
    expect(frame.locator(".card").last.get_by_role("alert")).to_be_visible()
    del shop.fail["ConsoleLetterPreview"]
    frame.locator(".card").last.get_by_role("button", name="Try again").click()
    expect(shown).to_be_visible()


def test_a_letter_that_did_not_arrive_asks_for_an_address(page: Page, shop: FakeShop) -> None:
    shop.all_letters = [
        letter(1, "HANDED_OVER", state="IN_TRANSIT"),
        letter(2, "BAD_ADDRESS", state="UNDELIVERABLE", cost=None),
        letter(3, "UNDELIVERABLE", state="RETURNED"),
    ]
    frame = shop.visit(page)
    frame.get_by_role("radio", name="All letters").check()
    rows = frame.locator(".members-table tbody tr")
    expect(rows.nth(0)).to_contain_text("On its way · $1.25")
    expect(rows.nth(0).get_by_role("button")).to_have_count(0)
    expect(rows.nth(1)).to_contain_text("Ask the member for a postal address")
    expect(rows.nth(2)).to_contain_text("Ask the member for a new address")
    shop.refuse["ConsoleLetterRetry"] = {"field": "id", "message": "There is no code.", "code": "NO_SIGN_IN_CODE"}
    rows.nth(2).get_by_role("button", name="send a new code").click()
    expect(frame.get_by_role("alert")).to_have_text("There is no code.")
    shop.refuse.clear()
    rows.nth(1).get_by_role("button", name="Send again").click()
    expect(frame.get_by_role("alert")).to_have_count(0)
    assert [asked["id"] for asked in shop.operations("ConsoleLetterRetry")] == ["letter-3", "letter-2"]
    frame.get_by_label("State").select_option("UNDELIVERABLE")
    expect(rows).to_have_count(1)
