"""What users of such widgets complain about elsewhere, tried here: docs/complaints.md."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from .fake import OPEN_FOR_HELP, SESSION, FakeShop
from .steps import dock, say, talk


def test_many_clicks_and_many_tabs_make_one_conversation(page: Page, fake: FakeShop) -> None:
    page.goto(fake.url)
    launcher = page.get_by_role("button", name="Chat with us")
    expect(launcher).to_be_visible()
    dock(page).locator("[part=launcher]").evaluate("(button) => { button.click(); button.click(); button.click() }")
    expect(page.get_by_role("dialog")).to_have_count(1)
    expect(dock(page).get_by_text("You are number 2 in the queue.")).to_be_visible()
    second = page.context.new_page()
    second.goto(fake.url)
    expect(second.get_by_role("dialog")).to_be_visible()  # the same, without being asked for
    expect(second.get_by_role("button", name="Chat with us")).to_have_count(0)
    assert len(fake.called("LiveSessionStart")) == 1
    say(page, "Once")
    fake.wait(lambda: any(entry.text == "Once" for entry in fake.entries))
    fake.push(fake.entries[-1])
    expect(second.locator("live-sales .line .text")).to_have_text(["Once"])
    assert {frame.session for frame in fake.entries} == {SESSION}


def test_an_end_is_an_end(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    dock(page).locator("[part=end]").click()
    dock(page).locator("[part=confirm-end]").click()
    expect(dock(page).locator("[part=ended]")).to_be_visible()
    expect(dock(page).locator("[part=input]")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("button", name="Chat with us")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_before_the_consent_nothing_is_kept_asked_or_told(page: Page, fake: FakeShop) -> None:
    fake.script_attributes = 'data-consent="shop:agreed"'
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url))
    page.goto(fake.url)
    page.wait_for_load_state("networkidle")
    page.mouse.click(5, 5)
    page.reload()
    page.wait_for_load_state("networkidle")
    kept = "() => [document.cookie, localStorage.length, sessionStorage.length, document.querySelector('live-sales')]"
    assert page.evaluate(kept) == ["", 0, 0, None]
    assert {url.partition("?")[0].rpartition("/")[2] for url in asked} <= {"product", "livesales.js", "favicon.ico"}
    assert page.context.cookies() == [] and fake.frames == [] and fake.called("LiveStorefront") == []
    page.evaluate("dispatchEvent(new Event('shop:agreed'))")
    expect(page.get_by_role("button", name="Chat with us")).to_be_visible()
    fake.wait(lambda: fake.frames)
    # Taken back: it is gone, and says nothing more.
    page.locator("live-sales").evaluate("(live) => live.destroy()")
    expect(page.locator("live-sales")).to_have_count(0)
    told = len(fake.frames)
    page.evaluate("history.pushState({}, '', '/product?a=2')")
    page.wait_for_timeout(1500)
    assert len(fake.frames) == told


def test_the_widget_takes_neither_focus_nor_scroll_nor_layout(page: Page, fake: FakeShop) -> None:
    """Neither by coming, nor by offering help, nor by opening again after a reload."""
    fake.head = "<style>body { height: 4000px } input { margin-top: 900px }</style>"
    page.goto(fake.url)
    page.evaluate("document.body.append(document.createElement('input'))")
    page.locator("body > input").focus()
    page.evaluate("scrollTo(0, 700)")
    before = page.evaluate("[scrollY, document.body.getBoundingClientRect().height, document.body.scrollWidth]")
    expect(page.get_by_role("button", name="Chat with us")).to_be_visible()
    fake.offer()
    expect(page.get_by_role("region", name="Offer of help")).to_be_visible()
    expect(page.locator("body > input")).to_be_focused()
    fake.begin()
    fake.state("active", repName="Anna Smith")
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.locator("body > input")).to_be_focused()
    after = page.evaluate("[scrollY, document.body.getBoundingClientRect().height, document.body.scrollWidth]")
    assert after == before


def test_who_closes_the_window_is_not_asked_again(page: Page, fake: FakeShop) -> None:
    """Minimised it stays minimised, through pages and messages; what is new is counted on the launcher."""
    talk(page, fake)
    dock(page).locator("[part=minimise]").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.goto(f"{fake.origin}/other")
    expect(dock(page).locator("[part=launcher]")).to_contain_text("Anna Smith")
    fake.add(sender="rep", text="Are you still there?")
    expect(dock(page).locator(".badge")).to_have_text("1")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_nothing_is_shown_before_it_is_known_whether_somebody_is_there(page: Page, fake: FakeShop) -> None:
    fake.down = True
    page.goto(fake.url)
    fake.wait(lambda: fake.called("LiveStorefront"))
    expect(page.locator("live-sales button")).to_have_count(0)
    fake.down = False
    fake.storefront = {**OPEN_FOR_HELP, "available": False}
    page.reload()
    expect(page.get_by_role("button", name="Leave a message")).to_be_visible()
    expect(page.get_by_role("button", name="Chat with us")).to_have_count(0)
