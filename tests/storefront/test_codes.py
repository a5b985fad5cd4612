"""A sign-in code in the widget: out of the address at once, typed into its field, and kept nowhere."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from .fake import OPEN_FOR_HELP, FakeShop
from .steps import dock, told

CODE = "0123-4567-89T"
CHANNEL = {"ticket": "ticket-1", "channel": "default-channel", "form": "CHAT"}


def entered(fake: FakeShop) -> list[str]:
    return [call["code"] for call in fake.called("LiveSignInCodeRedeem")]


def kept(page: Page) -> str:
    """All that the page keeps. The browser's own note of how the page was reached can't be changed (docs/codes.md)."""
    return str(
        page.evaluate(
            """() => JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.href,
            history.state, performance.getEntries().filter((entry) => entry.entryType !== "navigation")])"""
        )
    )


def test_a_code_in_the_address_leads_to_help_about_its_item_and_is_wiped(page: Page, fake: FakeShop) -> None:
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url + str(request.headers)))
    page.goto(f"{fake.origin}/product?a=1#part&live={CODE}")
    expect(dock(page).get_by_text("You are number 2 in the queue.")).to_be_visible()
    assert page.url == f"{fake.origin}/product?a=1#part"
    assert entered(fake) == [CODE]
    assert fake.called("LiveSessionStart") == [{"input": {**CHANNEL, "productId": "UHJvZHVjdDo5"}}]
    assert CODE not in kept(page) and CODE not in "".join(seen) and CODE not in str(fake.frames)
    page.go_back()
    page.go_forward()
    assert CODE not in page.url


def test_it_is_gone_before_anything_is_asked(page: Page, fake: FakeShop) -> None:
    fake.head = """<script>window.addresses = [];
      const fetch_ = window.fetch;
      window.fetch = (...given) => { window.addresses.push(location.hash); return fetch_(...given); };</script>"""
    page.goto(f"{fake.origin}/product#live={CODE}")
    fake.wait(lambda: entered(fake))
    assert set(page.evaluate("() => window.addresses")) == {""}
    assert page.url == f"{fake.origin}/product"


def test_a_link_on_the_page_opens_the_field(page: Page, fake: FakeShop) -> None:
    page.goto(fake.url)
    expect(page.get_by_role("button", name="Chat with us")).to_be_visible()
    page.evaluate("() => { location.hash = 'live=' }")
    expect(page.get_by_role("textbox", name="Your code")).to_be_focused()
    assert page.url == fake.url.partition("#")[0]
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("Please enter your code.")
    assert entered(fake) == []
    page.get_by_role("textbox", name="Your code").fill(" o123 4567 89t ")
    page.keyboard.press("Enter")
    expect(dock(page).get_by_text("You are number 2 in the queue.")).to_be_visible()
    assert entered(fake) == [" o123 4567 89t "]
    assert "Thank you, your code was accepted." in told(page)


def test_the_pages_own_script_enters_a_code_or_asks_for_one(page: Page, fake: FakeShop) -> None:
    page.goto(fake.url)
    expect(page.get_by_role("button", name="Chat with us")).to_be_visible()
    page.locator("live-sales").evaluate("(live) => live.enter()")
    expect(page.get_by_role("textbox", name="Your code")).to_be_focused()
    dock(page).locator("[part=minimise]").click()
    page.locator("live-sales").evaluate("(live, code) => live.enter(code)", CODE)
    expect(dock(page).get_by_text("You are number 2 in the queue.")).to_be_visible()
    assert entered(fake) == [CODE]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("CODE_REFUSED", "This code is not valid. Please check it and try again."),
        ("TOO_MANY_TRIES", "Too many codes were tried. Please wait a quarter of an hour."),
    ],
)
def test_a_refused_code_can_be_mended(page: Page, fake: FakeShop, code: str, words: str) -> None:
    fake.refuse["LiveSignInCodeRedeem"] = code
    page.goto(f"{fake.origin}/product#live={CODE}")
    expect(page.get_by_role("alert")).to_have_text(words)
    field = page.get_by_role("textbox", name="Your code")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_value(CODE)
    assert CODE not in kept(page)
    del fake.refuse["LiveSignInCodeRedeem"]
    page.keyboard.press("Enter")
    expect(dock(page).get_by_text("You are number 2 in the queue.")).to_be_visible()
    assert entered(fake) == [CODE, CODE]


def test_where_a_code_is_required_the_window_asks_for_it(page: Page, fake: FakeShop) -> None:
    fake.refuse["LiveSessionStart"] = "CODE_REQUIRED"
    page.goto(fake.url)
    page.get_by_role("button", name="Chat with us").click()
    expect(page.get_by_role("textbox", name="Your code")).to_be_focused()
    del fake.refuse["LiveSessionStart"]
    page.keyboard.type(CODE)
    page.get_by_role("button", name="Continue").click()
    expect(dock(page).get_by_text("You are number 2 in the queue.")).to_be_visible()


def test_the_message_form_leads_to_the_field_too(page: Page, fake: FakeShop) -> None:
    fake.storefront = {**OPEN_FOR_HELP, "available": False}
    page.goto(fake.url)
    page.get_by_role("button", name="Leave a message").click()
    page.get_by_role("button", name="I have a code").click()
    expect(page.get_by_role("textbox", name="Your code")).to_be_focused()


def test_where_requests_are_not_allowed_the_code_is_taken_and_nothing_is_asked_for(page: Page, fake: FakeShop) -> None:
    fake.storefront = {**OPEN_FOR_HELP, "requestsAllowed": False}
    page.goto(f"{fake.origin}/product#live={CODE}")
    expect(dock(page).get_by_text("Thank you, your code was accepted.")).to_be_visible()
    assert entered(fake) == [CODE]
    assert fake.called("LiveSessionStart") == []


@pytest.mark.parametrize("arrangement", ["RULES", "REQUEST", "OFFER", "CONNECT"])
def test_where_requests_are_not_allowed_a_member_may_ask_if_the_plan_says_so(
    page: Page, fake: FakeShop, arrangement: str
) -> None:
    fake.storefront = {**OPEN_FOR_HELP, "requestsAllowed": False}
    fake.arrangement = arrangement
    page.goto(f"{fake.origin}/product#live={CODE}")
    if arrangement == "RULES":
        expect(dock(page).get_by_text("Thank you, your code was accepted.")).to_be_visible()
        fake.wait(lambda: fake.called("LiveArrangement"))
        page.wait_for_timeout(300)
        assert fake.called("LiveSessionStart") == []
        return
    fake.wait(lambda: fake.called("LiveSessionStart"))
    expect(dock(page).get_by_text("We are looking for someone to help you.")).to_be_visible()


def test_a_member_may_ask_by_a_button_of_the_page_where_others_may_not(page: Page, fake: FakeShop) -> None:
    fake.storefront = {**OPEN_FOR_HELP, "requestsAllowed": False}
    fake.arrangement = "REQUEST"
    page.goto(fake.url)
    page.evaluate("() => document.querySelector('live-sales').request()")
    fake.wait(lambda: fake.called("LiveSessionStart"))


def test_a_members_code_asks_about_the_product_of_the_page(page: Page, fake: FakeShop) -> None:
    fake.opened = {"product": None, "variant": None}
    page.goto(f"{fake.origin}/product#live={CODE}")
    fake.wait(lambda: fake.called("LiveSessionStart"))
    assert fake.called("LiveSessionStart")[0]["input"]["productId"] == "UHJvZHVjdDox"


def test_beside_a_session_that_goes_on_it_is_entered_quietly(page: Page, fake: FakeShop) -> None:
    fake.begin()
    fake.state("active", repName="Anna Smith")
    page.goto(fake.url)
    expect(page.get_by_role("heading", name="Anna Smith")).to_be_visible()
    page.evaluate(f"() => {{ location.hash = 'live={CODE}' }}")
    fake.wait(lambda: entered(fake))
    expect(page.get_by_role("heading", name="Anna Smith")).to_be_visible()
    expect(page.get_by_role("textbox", name="Your code")).to_have_count(0)
    assert CODE not in page.url
