"""The console in the Dashboard's frame: whom it believes, where the token goes, and what it says when things fail."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from saleor_livesales import wire

from .build import money
from .fake import API, DASHBOARD, PLUGIN, FakeShop


def test_forged_query_parameters_change_nothing(page: Page, shop: FakeShop) -> None:
    """A link into the Dashboard puts its own parameters first; the token must still go to the pinned address alone."""
    shop.query = "&saleorApiUrl=https%3A%2F%2Fevil.test%2Fgraphql%2F&domain=evil.test"
    frame = shop.visit(page)
    expect(frame.get_by_text("Nobody is waiting")).to_be_visible()
    assert shop.elsewhere == []
    assert {authorization for _, _, authorization in shop.asked} == {"Bearer token-1"}
    assert frame.locator('meta[name="livesales-api"]').get_attribute("content") == API


def test_only_the_dashboard_is_believed(page: Page, shop: FakeShop) -> None:
    frame = shop.visit(page)
    expect(frame.get_by_text("Nobody is waiting")).to_be_visible()
    shop.asked.clear()
    frame.evaluate("postMessage({type: 'tokenRefresh', payload: {token: 'forged'}}, location.origin)")
    frame.evaluate("postMessage({type: 'theme', payload: {theme: 'dark'}}, location.origin)")
    frame.get_by_role("radio", name="Away").check()
    expect(frame.get_by_role("radio", name="Away")).to_be_checked()
    for _ in range(200):  # the choice shows before it is sent
        if shop.asked:
            break
        page.wait_for_timeout(50)
    assert {authorization for _, _, authorization in shop.asked} == {"Bearer token-1"}
    assert frame.locator("html").get_attribute("data-theme") == "light"


def test_another_site_cannot_frame_it(page: Page, shop: FakeShop) -> None:
    shop.dashboard = "https://evil.test"
    page.goto("https://evil.test/")
    page.wait_for_timeout(300)
    assert page.frames[1].url.startswith("chrome-error://")
    assert shop.asked == []


def test_the_token_is_kept_in_memory_only(page: Page, shop: FakeShop) -> None:
    frame = shop.visit(page)
    expect(frame.get_by_text("Nobody is waiting")).to_be_visible()
    kept = frame.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}, document.cookie, location.href])")
    assert "token-1" not in kept


def test_a_frame_without_storage_still_works(page: Page, shop: FakeShop) -> None:
    """A Dashboard on another site, in a browser that keeps third parties from storing anything."""
    shop.dashboard = "https://dashboard.elsewhere.test"
    shop.ancestors = [shop.dashboard]
    session = shop.session("Ada", state="ACTIVE")
    frame = shop.visit(page)
    box = frame.get_by_test_id("pane").get_by_role("textbox")
    box.fill("Hello")
    box.press("Enter")
    expect(frame.locator(".line-pending")).to_have_count(0)
    assert [entry.text for entry in shop.entries[session] if entry.kind == "message"] == ["Hello"]


def test_theme_and_language_follow_the_dashboard(page: Page, shop: FakeShop) -> None:
    shop.session("Ada", cart={"total": money(1310), "quantity": 1, "lines": []})
    frame = shop.visit(page)
    expect(frame.get_by_test_id("queue")).to_contain_text("€1,310.00")
    page.evaluate("post('theme', {theme: 'dark'})")
    expect(frame.locator("html")).to_have_attribute("data-theme", "dark")
    page.evaluate("post('localeChanged', {locale: 'de'})")
    expect(frame.get_by_test_id("queue")).to_contain_text("1.310,00\u00a0€")
    assert page.evaluate("actions.map((action) => action.type)") == ["notifyReady"]


def test_a_stale_token_is_renewed_and_the_request_sent_again(page: Page, shop: FakeShop) -> None:
    session = shop.session("Ada", state="ACTIVE")
    frame = shop.visit(page)
    box = frame.get_by_test_id("pane").get_by_role("textbox")
    box.fill("A long thought")
    shop.stale.add("token-1")
    frame.get_by_role("radio", name="Away").check()
    page.wait_for_timeout(300)
    page.evaluate("post('tokenRefresh', {token: 'token-2'})")
    expect(frame.get_by_role("radio", name="Away")).to_be_checked()
    expect(box).to_have_value("A long thought")
    presence = [authorization for operation, _, authorization in shop.asked if operation == "ConsolePresence"]
    assert presence == ["Bearer token-1", "Bearer token-1", "Bearer token-2"]
    assert shop.sessions[session]["state"] == "ACTIVE"


def test_opened_outside_the_dashboard(page: Page, shop: FakeShop) -> None:
    page.goto(f"{PLUGIN}console/")
    expect(page.get_by_text("Open this page from the Dashboard")).to_be_visible()
    assert shop.asked == []


def test_a_dashboard_that_never_answers(page: Page, shop: FakeShop) -> None:
    page.clock.install()
    page.add_init_script(
        "if (window === top) addEventListener('message', (event) => event.stopImmediatePropagation(), true)"
    )
    page.goto(f"{DASHBOARD}/", wait_until="commit")
    page.evaluate("window.shake = false")
    frame = page.frames[1]
    frame.wait_for_selector(".skeleton")
    page.clock.fast_forward(11_000)
    expect(frame.get_by_text("The Dashboard has not answered")).to_be_visible()
    assert shop.asked == []


@pytest.mark.parametrize(
    ("code", "title"),
    [
        ("PermissionDenied", "You can't use the live sales desk"),
        ("InternalServerError", "The desk could not be opened"),
    ],
)
def test_no_permission_and_no_answer(page: Page, shop: FakeShop, code: str, title: str) -> None:
    shop.fail["ConsoleRep"] = code
    frame = shop.visit(page)
    expect(frame.get_by_text(title)).to_be_visible()
    assert shop.frames == []


def test_trying_again_after_the_network_was_away(page: Page, shop: FakeShop) -> None:
    shop.fail["ConsoleRep"] = "network"
    frame = shop.visit(page)
    expect(frame.get_by_text("The shop can't be reached.")).to_be_visible()
    del shop.fail["ConsoleRep"]
    frame.get_by_role("button", name="Try again").click()
    expect(frame.get_by_text("Nobody is waiting")).to_be_visible()


def test_lists_that_fail_say_that_they_are_old(page: Page, shop: FakeShop) -> None:
    shop.session("Ada")
    frame = shop.visit(page)
    expect(frame.get_by_role("button", name="Accept Ada")).to_be_visible()
    shop.fail["ConsoleSessions"] = "network"
    shop.push(wire.QueueChanged(id="session-1", state="queued", channel="default-channel"))
    expect(frame.get_by_text("Not up to date. The shop can't be reached.")).to_be_visible()
    expect(frame.get_by_role("button", name="Accept Ada")).to_be_visible()


def test_the_ticket_is_renewed_every_four_minutes(page: Page, shop: FakeShop) -> None:
    page.clock.install()
    frame = shop.visit(page)
    expect(frame.get_by_test_id("link")).to_have_text("Connected")
    assert len(shop.sent(wire.Hello)) == 1
    page.clock.fast_forward(241_000)
    page.wait_for_timeout(200)
    assert shop.operations("ConsolePresence") == [{"input": {"status": "ONLINE"}}] * 2
    assert [frame.ticket for frame in shop.sent(wire.Renew)] and len(shop.sent(wire.Hello)) == 1
