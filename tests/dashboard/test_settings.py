"""The owner's page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from .build import settings
from .fake import FakeShop


@pytest.fixture
def shop(shop: FakeShop) -> FakeShop:
    shop.page_path = "console/settings"
    shop.channels = [
        settings("default-channel", "Main store"),
        settings("b2b", "Business", currency="USD", active=False, priceThreshold=None),
    ]
    return shop


def test_only_what_was_changed_is_saved(page: Page, shop: FakeShop) -> None:
    frame = shop.visit(page)
    save = frame.get_by_role("button", name="Save", exact=True)
    expect(save).to_be_disabled()
    frame.locator('input[name="priceThreshold"]').fill("199,90")
    frame.get_by_label("No session at or below it").check()
    frame.get_by_label("Greeting").fill("Hello!")
    expect(frame.get_by_text("There are changes that are not saved.")).to_be_visible()
    save.click()
    expect(frame.get_by_text("Saved", exact=True)).to_be_visible()
    expect(save).to_be_disabled()
    assert shop.operations("ConsoleChannelUpdate") == [
        {
            "channel": "default-channel",
            "input": {"priceThreshold": "199.90", "priceStrength": "GATE", "greeting": "Hello!"},
        }
    ]


def test_the_threshold_is_switched_off_by_null(page: Page, shop: FakeShop) -> None:
    frame = shop.visit(page)
    frame.get_by_label("Use a price threshold").uncheck()
    frame.get_by_role("button", name="Save", exact=True).click()
    expect(frame.get_by_text("Saved", exact=True)).to_be_visible()
    assert shop.operations("ConsoleChannelUpdate") == [
        {"channel": "default-channel", "input": {"priceThreshold": None}}
    ]


def test_an_amount_that_is_none_is_not_sent(page: Page, shop: FakeShop) -> None:
    frame = shop.visit(page)
    field = frame.locator('input[name="priceThreshold"]')
    for text in ("", "abc", "-5", "1e3"):
        field.fill(text)
        frame.get_by_label("Greeting").fill(f"changed {text}")
        frame.get_by_role("button", name="Save", exact=True).click()
        expect(frame.get_by_text("Enter an amount, for example 200 or 199.90.")).to_be_visible()
        expect(field).to_have_attribute("aria-invalid", "true")
    assert shop.operations("ConsoleChannelUpdate") == []


def test_errors_of_the_api_stand_at_their_fields(page: Page, shop: FakeShop) -> None:
    shop.refuse["ConsoleChannelUpdate"] = {
        "field": "contactEmail",
        "message": "Enter a valid address.",
        "code": "INVALID",
    }
    frame = shop.visit(page)
    frame.get_by_label("Contact address").fill("nobody@example.com")
    frame.get_by_role("button", name="Save", exact=True).click()
    field = frame.locator('input[name="contactEmail"]')
    expect(field).to_have_attribute("aria-invalid", "true")
    described = field.get_attribute("aria-describedby")
    assert described == "contactEmail-hint contactEmail-problem"
    expect(frame.locator("#contactEmail-problem")).to_have_text("Enter a valid address.")
    expect(field).to_have_value("nobody@example.com")


def test_changes_are_kept_while_another_channel_is_looked_at(page: Page, shop: FakeShop) -> None:
    frame = shop.visit(page)
    frame.get_by_label("Greeting").fill("A draft")
    frame.get_by_role("button", name="Business").click()
    expect(frame.get_by_label("Use a price threshold")).not_to_be_checked()
    expect(frame.get_by_label("Live sales is on in this channel")).not_to_be_checked()
    frame.get_by_role("button", name="Main store").click()
    expect(frame.get_by_label("Greeting")).to_have_value("A draft")
    assert shop.operations("ConsoleChannelUpdate") == []


def test_without_the_permission(page: Page, shop: FakeShop) -> None:
    shop.fail["ConsoleChannels"] = "PermissionDenied"
    frame = shop.visit(page)
    expect(frame.get_by_text("You can't change these settings")).to_be_visible()
    expect(frame.get_by_role("button", name="Save", exact=True)).to_have_count(0)


def test_a_failure_while_saving_keeps_the_form(page: Page, shop: FakeShop) -> None:
    frame = shop.visit(page)
    frame.get_by_label("Greeting").fill("Precious words")
    shop.fail["ConsoleChannelUpdate"] = "network"
    frame.get_by_role("button", name="Save", exact=True).click()
    expect(frame.get_by_text("The shop can't be reached.")).to_be_visible()
    expect(frame.get_by_label("Greeting")).to_have_value("Precious words")
    del shop.fail["ConsoleChannelUpdate"]
    frame.get_by_role("button", name="Save", exact=True).click()
    expect(frame.get_by_text("Saved", exact=True)).to_be_visible()
    assert shop.channels[0]["greeting"] == "Precious words"


def test_what_is_wrong_is_told_before_it_is_sent(page: Page, shop: FakeShop) -> None:
    frame = shop.visit(page)
    save = frame.get_by_role("button", name="Save", exact=True)
    frame.get_by_label("Greeting").fill("x" * 501)
    expect(frame.get_by_text("501 of 500 characters")).to_be_visible()
    frame.get_by_label("Contact address").fill("nobody@nowhere")
    frame.get_by_label("Gateway address").fill("https://live.example.com")
    save.click()
    for name, text in (
        ("greeting", "The greeting is too long."),
        ("contactEmail", "This is not an e-mail address."),
        ("gatewayUrl", "The gateway's address must look like wss://live.example.com/live."),
    ):
        expect(frame.locator(f"#{name}-problem")).to_have_text(text)
    expect(frame.get_by_label("Greeting")).to_be_focused()
    assert shop.operations("ConsoleChannelUpdate") == []
    frame.get_by_label("Greeting").fill("Welcome")
    frame.get_by_label("Contact address").fill("a@example.com")
    frame.get_by_label("Gateway address").fill("wss://live.example.com/live")
    page.keyboard.press("Control+s")
    expect(frame.get_by_text("Saved", exact=True)).to_be_visible()
    given = {"greeting": "Welcome", "contactEmail": "a@example.com", "gatewayUrl": "wss://live.example.com/live"}
    assert shop.operations("ConsoleChannelUpdate") == [{"channel": "default-channel", "input": given}]


def test_the_greeting_is_previewed_as_it_is_written(page: Page, shop: FakeShop) -> None:
    frame = shop.visit(page)
    preview = frame.get_by_test_id("greeting-preview")
    expect(preview).to_have_text("May we help you?")
    frame.get_by_label("Greeting").fill("<b>Hello</b>\nthere")
    expect(preview).to_have_text("<b>Hello</b>\nthere")
    frame.get_by_label("Greeting").fill("  ")
    expect(preview).to_have_text("Hello! Can we help you with anything?")
    expect(frame.get_by_text("Left empty, visitors read the widget's own words")).to_be_visible()


def test_notices_of_the_dashboard_do_not_cover_save(page: Page, shop: FakeShop) -> None:
    """They stand in its lower right corner, over the frame, and stay for who may not see its apps."""
    page.set_viewport_size({"width": 1024, "height": 700})
    frame = shop.visit(page)
    toast = "position:fixed;right:16px;bottom:16px;width:400px;height:520px;background:red"
    page.evaluate("style => { document.body.append(Object.assign(document.createElement('div'), {style})) }", toast)
    frame.get_by_label("Greeting").fill("Hello")
    frame.get_by_role("button", name="Save", exact=True).click()
    expect(frame.get_by_text("Saved", exact=True)).to_be_visible()


def test_what_becomes_of_the_session_of_a_member_who_lapses(page: Page, shop: FakeShop) -> None:
    shop.page_path = "console/settings"
    shop.channels = [settings("default-channel", "Main store", endsAfterLapse=15)]
    frame = shop.visit(page)
    minutes = frame.locator('input[name="lapseMinutes"]')
    expect(minutes).to_have_value("15")
    save = frame.get_by_role("button", name="Save", exact=True)
    for wrong in ("", "0", "241", "ten", "1.5"):
        minutes.fill(wrong)
        save.click()
        expect(frame.get_by_text("Enter whole minutes, from 1 to 240.")).to_be_visible()
    assert shop.operations("ConsoleChannelUpdate") == []
    minutes.fill("20")
    save.click()
    expect(frame.get_by_text("Saved", exact=True)).to_be_visible()
    for choice in ("It ends at once", "The session goes on", "It ends after some minutes"):
        frame.get_by_role("radio", name=choice).check()
        save.click()
        expect(save).to_be_disabled()
    asked = [each["input"] for each in shop.operations("ConsoleChannelUpdate")]
    assert asked == [{"endsAfterLapse": value} for value in (20, 0, None, 10)]
