"""Several panes side by side: how they are arranged, by pointer and by keyboard, and windows of their own."""

from __future__ import annotations

import pytest
from playwright.sync_api import Frame, Locator, Page, expect

from saleor_livesales import wire

from .build import money, profile
from .fake import FakeShop


def pane(frame: Frame | Page, session: str) -> Locator:
    return frame.locator(f'.pane[data-session="{session}"]')


def composer(frame: Frame | Page, session: str) -> Locator:
    return pane(frame, session).get_by_role("textbox")


def order(frame: Frame) -> list[str | None]:
    return frame.locator(".panes > .pane").evaluate_all("panes => panes.map((pane) => pane.dataset.session)")


def opened(page: Page, shop: FakeShop, count: int, *, width: int = 1440) -> tuple[Frame, list[str]]:
    page.set_viewport_size({"width": width, "height": 900})
    shop.rep["capacity"] = 12
    sessions = [shop.session(f"Visitor {n + 1}", state="ACTIVE") for n in range(count)]
    frame = shop.visit(page)
    expect(frame.get_by_role("navigation", name="Open sessions").get_by_role("button")).to_have_count(count)
    return frame, sessions


def expect_order(frame: Frame, *sessions: str) -> None:
    expect(frame.locator(f'.panes > .pane:nth-child(1)[data-session="{sessions[0]}"]')).to_have_count(1)
    assert order(frame) == list(sessions)


def test_one_to_six_panes_by_width(page: Page, shop: FakeShop) -> None:
    frame, sessions = opened(page, shop, 7)
    for width, panes in ((768, 1), (1024, 2), (1440, 3), (1920, 4), (2560, 6)):
        page.set_viewport_size({"width": width, "height": 900})
        expect(frame.get_by_test_id("pane")).to_have_count(panes)
        assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
    frame.locator(".toolbar-name").click()
    page.keyboard.press("l")  # without the lists there is room for more
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(frame.get_by_test_id("pane")).to_have_count(4)
    assert len(sessions) == 7


def test_a_pane_tells_at_a_glance(page: Page, shop: FakeShop) -> None:
    lines = [{"name": "Ring", "quantity": 1, "total": money(99)}]
    session = shop.session(
        "Ada",
        state="ACTIVE",
        visitor={"profile": profile("Ada Lovelace"), "online": False},
        cart={"total": money(99), "quantity": 1, "lines": lines},
    )
    shop.write(session, "visitor", "Hello?", ago=125)
    for name in ("Ben", "Cleo", "Dan"):
        shop.session(name, state="ACTIVE")
    frame = shop.visit(page)
    head = pane(frame, session)
    for text in ("Ada Lovelace", "Talking", "Left the site", "Waits 2:0", "Watch", "€250.00", "€99.00"):
        expect(head).to_contain_text(text)
    for part in (".pane-name", ".pane-state", ".summary"):
        expect(head.locator(part)).to_be_in_viewport(ratio=1)
    composer(frame, session).fill("Hello Ada")
    composer(frame, session).press("Enter")
    expect(head.locator(".pane-wait")).to_have_count(0)  # nobody waits any more


def test_a_pinned_pane_does_not_give_way(page: Page, shop: FakeShop) -> None:
    frame, (one, two, three) = opened(page, shop, 3, width=1024)
    expect_order(frame, one, two)
    composer(frame, one).focus()
    page.keyboard.press("Escape")
    expect(pane(frame, one).get_by_role("log")).to_be_focused()
    page.keyboard.press("p")
    expect(pane(frame, one).locator(".icon-pin")).to_be_visible()
    composer(frame, two).focus()  # used later than the pinned one
    frame.locator(f'.session[data-session="{three}"]').click()
    expect(composer(frame, three)).to_be_focused()
    expect_order(frame, one, three)
    frame = shop.visit(page)  # pins and places outlast a reload
    expect(pane(frame, one).locator(".icon-pin")).to_be_visible()
    expect_order(frame, one, three)


def test_panes_are_moved_by_keyboard_and_lose_neither_words_nor_focus(page: Page, shop: FakeShop) -> None:
    frame, (one, two, three) = opened(page, shop, 3)
    composer(frame, one).press_sequentially("Half a ")
    page.keyboard.press("Alt+Shift+ArrowDown")
    expect_order(frame, two, one, three)
    expect(composer(frame, one)).to_be_focused()
    page.keyboard.type("thought")
    expect(composer(frame, one)).to_have_value("Half a thought")
    page.keyboard.press("Alt+ArrowDown")
    expect(composer(frame, three)).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("[")
    expect_order(frame, two, three, one)
    expect(pane(frame, three).get_by_role("log")).to_be_focused()
    page.keyboard.press("1")
    expect(composer(frame, two)).to_be_focused()
    page.keyboard.type("[p?")  # keys that are written are words
    expect(composer(frame, two)).to_have_value("[p?")
    expect_order(frame, two, three, one)


def test_panes_and_sessions_are_dragged(page: Page, shop: FakeShop) -> None:
    frame, (one, two, three, four) = opened(page, shop, 4)
    expect_order(frame, one, two, three)

    def drag(what: Locator, to: str) -> None:
        start, target = what.bounding_box(), pane(frame, to).bounding_box()
        assert start and target
        page.mouse.move(start["x"] + 20, start["y"] + 10)
        page.mouse.down()
        page.mouse.move(start["x"] + 40, start["y"] + 20)
        page.mouse.move(target["x"] + 60, target["y"] + 300, steps=4)
        expect(frame.locator(f'.pane-target[data-session="{to}"]')).to_have_count(1)
        page.mouse.up()

    drag(pane(frame, one).locator(".pane-head"), three)
    expect_order(frame, two, three, one)
    drag(frame.locator(f'.session[data-session="{four}"]'), two)
    expect_order(frame, four, three, one)
    expect(frame.locator(".dragging, .pane-target")).to_have_count(0)


def test_the_menu_does_what_dragging_does(page: Page, shop: FakeShop) -> None:
    frame, (one, two) = opened(page, shop, 2)
    more = pane(frame, one).get_by_role("button", name="More for Visitor 1")
    more.focus()
    page.keyboard.press("Enter")
    expect(frame.get_by_role("menuitem", name="Pin")).to_be_focused()
    expect(frame.get_by_role("menuitem", name="Move earlier")).to_be_disabled()
    page.keyboard.press("ArrowUp")
    expect(frame.get_by_role("menuitem", name="Move later")).to_be_focused()
    page.keyboard.press("Escape")
    expect(more).to_be_focused()
    page.keyboard.press("Enter")
    frame.get_by_role("menuitem", name="Move later").click()
    expect_order(frame, two, one)


def test_a_window_of_its_own_is_the_same_conversation(page: Page, shop: FakeShop) -> None:
    frame, (one, two) = opened(page, shop, 2)
    composer(frame, one).fill("Begun in the Dashboard")
    composer(frame, one).press("Escape")
    with page.expect_popup() as popup:
        page.keyboard.press("o")
    window = popup.value
    expect(frame.get_by_test_id("pane")).to_have_count(1)
    expect(composer(window, one)).to_have_value("Begun in the Dashboard")
    assert window.title() == "Visitor 1"
    expect(pane(window, one)).to_have_css("display", "flex")  # the policy lets it dress like the desk
    shop.push(shop.write(one, "visitor", "Hello from outside"))
    expect(pane(window, one)).to_contain_text("Hello from outside")
    composer(window, one).press("Enter")
    expect(pane(window, one).locator(".line-rep .bubble")).to_have_text("Begun in the Dashboard")
    expect(pane(window, one).locator(".line-pending")).to_have_count(0)
    assert len(shop.sent(wire.Hello)) == 1  # one connection, however many windows
    page.evaluate("post('theme', {theme: 'dark'})")
    expect(window.locator("html")).to_have_attribute("data-theme", "dark")
    composer(window, one).fill("A draft out there")
    window.close()
    expect(composer(frame, one)).to_have_value("A draft out there")
    assert sorted(filter(None, order(frame))) == [one, two]


def test_windows_close_with_the_desk_and_their_panes_come_back(page: Page, shop: FakeShop) -> None:
    frame, (one,) = opened(page, shop, 1)
    pane(frame, one).get_by_role("button", name="More for Visitor 1").click()
    with page.expect_popup() as popup:
        frame.get_by_role("menuitem", name="Pop out").click()
    expect(frame.get_by_text("All conversations are in windows of their own")).to_be_visible()
    composer(popup.value, one).fill("Not lost")
    with popup.value.expect_event("close"):
        frame = shop.visit(page)
    expect(composer(frame, one)).to_have_value("Not lost")


@pytest.mark.parametrize("how", ["() => null", "() => { throw new Error() }"])
def test_a_browser_that_opens_no_window_is_told_and_the_pane_stays(page: Page, shop: FakeShop, how: str) -> None:
    page.add_init_script(f"window.open = {how}")
    frame, (one,) = opened(page, shop, 1)
    pane(frame, one).get_by_role("log").focus()
    page.keyboard.press("o")
    expect(frame.get_by_text("The browser has not let the desk open a window.")).to_be_visible()
    expect(pane(frame, one)).to_be_visible()


def test_the_sheet_of_shortcuts(page: Page, shop: FakeShop) -> None:
    frame, (one, two) = opened(page, shop, 2)
    log = pane(frame, one).get_by_role("log")
    log.focus()
    page.keyboard.press("?")
    sheet = frame.get_by_role("dialog", name="Keyboard shortcuts")
    expect(sheet).to_be_visible()
    page.keyboard.press("l")  # nothing behind it moves
    expect(frame.locator(".lists")).to_have_count(1)
    sheet.get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(log).to_be_focused()
    page.keyboard.press("l")  # single keys are off
    expect(frame.locator(".lists")).to_have_count(1)
    page.keyboard.press("Alt+ArrowDown")
    expect(composer(frame, two)).to_be_focused()


def test_who_waits_longest_is_one_key_away(page: Page, shop: FakeShop) -> None:
    ids = [shop.session(name, state="ACTIVE") for name in ("Ada", "Ben", "Cleo", "Dan")]
    for session, ago in zip(ids, (10, 300, 60, 0), strict=True):
        shop.write(session, "visitor", "Hello?", ago=ago + 20)
        if session == ids[3]:
            shop.write(session, "rep", "Hello!", ago=5)
    page.set_viewport_size({"width": 1024, "height": 900})
    frame = shop.visit(page)
    expect(frame.locator(".session .wait")).to_have_count(3)
    frame.get_by_label("Order of your sessions").select_option("waiting")
    rows = frame.locator(".session")
    expect(rows.first).to_contain_text("Ben")
    names = rows.locator(".session-title").all_inner_texts()
    assert [name.strip() for name in names] == ["Ben", "Cleo", "Ada", "Dan"]
    composer(frame, ids[0]).press("Escape")
    page.keyboard.press("u")
    expect(composer(frame, ids[1])).to_be_focused()
    composer(frame, ids[1]).fill("Sorry!")
    composer(frame, ids[1]).press("Enter")
    expect(rows.first).to_contain_text("Cleo")


def test_a_long_conversation_is_read_back_piece_by_piece(page: Page, shop: FakeShop) -> None:
    session = shop.session("Ada", state="ACTIVE")
    for number in range(200):
        shop.write(session, "visitor", f"Message {number}", ago=400 - number)
    frame = shop.visit(page)
    bubbles = pane(frame, session).locator(".bubble")
    expect(bubbles).to_have_count(80)
    expect(bubbles.last).to_have_text("Message 199")
    log = pane(frame, session).get_by_role("log")
    log.evaluate("log => { log.scrollTop = 0 }")
    expect(bubbles).to_have_count(160)
    shop.push(shop.write(session, "visitor", "While you read"))
    newest = pane(frame, session).get_by_role("button", name="To the newest")
    expect(newest).to_be_visible()
    assert log.evaluate("log => log.scrollHeight - log.scrollTop - log.clientHeight") > 500
    newest.click()
    expect(pane(frame, session).get_by_text("While you read")).to_be_in_viewport()
    expect(bubbles).to_have_count(80)


def test_a_pane_tells_that_its_membership_has_ended(page: Page, shop: FakeShop) -> None:
    frame, [session] = opened(page, shop, 1)
    shop.notice(session, notice="ends", endsAt="2027-05-04T10:05:00Z", reason="lapsed")
    lines = pane(frame, session).locator(".line-state")
    expect(lines.last).to_contain_text("The membership has ended. This session ends at ")
    expect(pane(frame, session).get_by_role("textbox")).to_be_enabled()
    shop.notice(session, notice="goes_on")
    expect(lines.last).to_contain_text("The membership goes on, and so does this session")
    shop.end(session, "lapsed")
    expect(pane(frame, session)).to_contain_text("Ended because the membership has ended.")
    expect(lines.last).to_contain_text("Ended: the membership has ended")
