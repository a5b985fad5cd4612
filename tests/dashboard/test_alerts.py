"""What calls the rep: tones, desktop notices, the title, each by its own switch."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Frame, Page, expect

from saleor_livesales import wire

from .fake import FakeShop

RECORD = """(() => {
    window.tones = []; window.notices = [];
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (...given) {
        tones.push(this.frequency.value);
        return start.apply(this, given);
    };
    window.Notification = class {
        static permission = "granted";
        constructor(title, options) { notices.push([title, options.body, options.tag]); }
    };
})()"""
RING, MESSAGE, QUEUE = [784, 988, 784, 988], [660, 880], [523]


@pytest.fixture
def desk(page: Page, shop: FakeShop) -> Frame:
    page.add_init_script(RECORD)
    shop.session("Ada", state="ACTIVE")
    page.clock.install()  # the tone of a ring comes again every three seconds
    frame = shop.visit(page)
    expect(frame.get_by_test_id("link")).to_have_text("Connected")
    expect(frame.get_by_test_id("pane")).to_contain_text("Rita Rep accepted")
    return frame


def tones(frame: Frame) -> list[int]:
    for _ in range(200):
        heard: list[int] = frame.evaluate("tones.splice(0)")
        if heard:
            return heard
        frame.page.wait_for_timeout(50)
    raise AssertionError("No tone within ten seconds.")


def notices(frame: Frame) -> list[Any]:
    shown: list[Any] = frame.evaluate("notices.splice(0)")
    return shown


def switch(frame: Frame, name: str, on: bool) -> None:
    frame.get_by_role("button", name="Alerts").click()
    frame.get_by_label(name).set_checked(on)
    frame.get_by_role("button", name="Alerts").click()


def test_a_ring_sounds_until_it_is_answered(page: Page, shop: FakeShop, desk: Frame) -> None:
    desk.locator(".toolbar-name").click()
    session = shop.session("Ben", state="RINGING")
    shop.changed(session)
    assert tones(desk) == RING
    expect(desk.get_by_test_id("ring")).to_be_visible()
    assert desk.evaluate("document.title") == "(1) Live sales"
    page.clock.run_for(3100)
    assert tones(desk) == RING
    desk.get_by_role("button", name="Accept Ben").click()
    expect(desk.get_by_test_id("ring")).to_have_count(0)
    page.clock.run_for(10_000)
    assert desk.evaluate("[tones.length, document.title]") == [0, "Live sales"]


def test_a_message_calls_only_who_does_not_see_it(page: Page, shop: FakeShop, desk: Frame) -> None:
    desk.locator(".toolbar-name").click()
    desk.get_by_test_id("pane").get_by_role("textbox").focus()
    shop.push(shop.write("session-1", "visitor", "You see this"))
    expect(desk.get_by_text("You see this").last).to_be_visible()
    page.clock.run_for(2000)
    assert desk.evaluate("[tones, notices]") == [[], []]
    page.evaluate("document.body.tabIndex = 0; document.body.focus()")  # elsewhere in the Dashboard
    shop.push(shop.write("session-1", "visitor", "You don't"))
    assert tones(desk) == MESSAGE
    assert notices(desk) == [["Ada", "You don't", "livesales:session-1"]]
    expect(desk.locator(".session .badge")).to_have_text("1")
    assert desk.evaluate("document.title") == "(1) Live sales"


def test_what_was_there_before_calls_nobody(page: Page, shop: FakeShop, desk: Frame) -> None:
    shop.write("session-1", "visitor", "While the desk was closed")
    shop.session("Ben")
    frame = shop.visit(page)
    expect(frame.get_by_test_id("queue")).to_contain_text("Ben")
    expect(frame.get_by_text("While the desk was closed").last).to_be_visible()
    page.clock.run_for(2000)
    assert frame.evaluate("[tones, notices]") == [[], []]


def test_each_kind_has_its_switches_and_they_last(page: Page, shop: FakeShop, desk: Frame) -> None:
    switch(desk, "Somebody joins the queue: Sound", True)
    assert tones(desk) == QUEUE  # so that one knows it
    switch(desk, "A message you don't see: Sound", False)
    switch(desk, "A message you don't see: Desktop", False)
    frame = shop.visit(page)
    expect(frame.get_by_test_id("link")).to_have_text("Connected")
    expect(frame.get_by_test_id("pane")).to_contain_text("Rita Rep accepted")
    frame.locator(".toolbar-name").click()
    page.evaluate("document.body.tabIndex = 0; document.body.focus()")
    shop.push(shop.write("session-1", "visitor", "Quietly"))
    expect(frame.locator(".session .badge")).to_have_text("1")
    assert frame.evaluate("[tones, notices]") == [[], []]
    page.clock.run_for(2000)
    other = shop.session("Ben")
    shop.push(wire.QueueChanged(id=other, state="queued", channel="default-channel"))
    expect(frame.get_by_test_id("queue")).to_contain_text("Ben")
    assert tones(frame) == QUEUE
    assert notices(frame) == []


def test_a_browser_that_will_not_sound_yet_is_told(page: Page, shop: FakeShop) -> None:
    page.add_init_script("""
        Object.defineProperty(AudioContext.prototype, 'state', {get: () => 'suspended'});
        Object.defineProperty(Navigator.prototype, 'userActivation', {get: () => ({hasBeenActive: false})});
    """)
    frame = shop.visit(page)
    expect(frame.get_by_test_id("link")).to_have_text("Connected")
    shop.changed(shop.session("Ben", state="RINGING"))
    expect(frame.get_by_text("This browser makes no sound before you have clicked or typed here.")).to_be_visible()
    frame.locator(".toolbar-name").click()
    expect(frame.get_by_text("This browser makes no sound")).to_have_count(0)
