"""Words that must not be lost, states for everybody, and languages."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .build import money, visitor
from .fake import FakeShop
from .gallery import STATES

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "saleor_livesales" / "dashboard" / "src"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.mark.parametrize(
    "name",
    [
        "empty",
        "ringing",
        "missed",
        "three-conversations",
        "menu-of-a-pane",
        "alerts",
        "shortcuts",
        "ended-with-words-not-sent",
        "settings-with-problems",
        "appearance-with-problems",
    ],
)
def test_states_are_open_to_everybody(page: Page, shop: FakeShop, name: str) -> None:
    frame = STATES[name](page, shop)
    for theme in ("light", "dark"):
        page.evaluate("theme => post('theme', {theme})", theme)
        expect(frame.locator("html")).to_have_attribute("data-theme", theme)
        frame.evaluate(AXE.read_text(encoding="utf-8"))
        found: list[Any] = frame.evaluate(
            """async (values) => (await axe.run({runOnly: {type: "tag", values}})).violations
                .flatMap(({id, nodes}) => nodes.map((node) => [id, node.html.slice(0, 120)]))""",
            RULES,
        )
        assert found == [], theme


def test_words_that_were_not_sent_can_still_be_copied_when_the_visitor_ends(page: Page, shop: FakeShop) -> None:
    session = shop.session("Ada", state="ACTIVE")
    frame = shop.visit(page)
    frame.get_by_role("textbox", name="Message to Ada").fill("Half a thought")
    shop.end(session, "visitor")
    kept = frame.get_by_label("You had not sent this:")
    expect(kept).to_have_value("Half a thought")
    frame.get_by_test_id("pane").get_by_role("button", name="Close").click()
    expect(frame.get_by_test_id("pane")).to_have_count(0)


@pytest.mark.parametrize("blocked", [False, True])
def test_who_can_lose_words_by_a_reload_is_told(page: Page, shop: FakeShop, blocked: bool) -> None:
    if blocked:  # as browsers do where a person lets no third party store anything
        page.add_init_script("""
            const refuse = {get() { throw new DOMException("", "SecurityError") }};
            Object.defineProperties(window, {sessionStorage: refuse, localStorage: refuse});
        """)
    shop.session("Ada", state="ACTIVE")
    frame = shop.visit(page)
    box = frame.get_by_role("textbox", name="Message to Ada")
    box.fill("Half a thought")
    note = frame.get_by_text("This browser keeps nothing for the desk: a reload would lose these words.")
    expect(note).to_have_count(1 if blocked else 0)
    shop.drop()
    shop.push(shop.write("session-1", "visitor", "Hello?"))
    page.evaluate("post('tokenRefresh', {token: 'token-2'})")
    expect(frame.get_by_text("Hello?").last).to_be_visible(timeout=15000)
    expect(box).to_have_value("Half a thought")
    frame = shop.visit(page)
    expect(frame.get_by_role("textbox", name="Message to Ada")).to_have_value("" if blocked else "Half a thought")


def test_arabic_from_right_to_left_with_numbers_of_the_locale(page: Page, shop: FakeShop) -> None:
    shop.session("Ada", waited=754, cart={"total": money(1310), "quantity": 1, "lines": []})
    shop.visitors = [visitor(1, cart=money(5))]
    frame = shop.visit(page)
    expect(frame.get_by_test_id("queue")).to_contain_text("Accept")
    page.evaluate("post('localeChanged', {locale: 'ar-EG'})")
    expect(frame.locator("html")).to_have_attribute("dir", "rtl")
    expect(frame.locator("html")).to_have_attribute("lang", "ar")
    queue = frame.get_by_test_id("queue")
    expect(queue.get_by_role("button", name="قبول Ada")).to_be_visible()
    expect(queue.locator("time")).to_have_text(re.compile("^١٢:٣[٤-٩]$|^١٢:[٤٥][٠-٩]$"))
    expect(queue).to_contain_text("١٬٣١٠٫٠٠")
    lists, panes = frame.locator(".lists").bounding_box(), frame.locator(".desk-panes").bounding_box()
    assert lists and panes and lists["x"] > panes["x"]
    page.evaluate("post('localeChanged', {locale: 'is'})")  # none of ours
    expect(frame.locator("html")).to_have_attribute("dir", "ltr")
    expect(queue.get_by_role("button", name="Accept Ada")).to_be_visible()


def test_each_language_has_each_text() -> None:
    calls = re.compile(r'\bt\(\s*"((?:[^"\\]|\\.)*)"')
    texts = {text for file in SOURCE.rglob("*.ts*") for text in calls.findall(file.read_text(encoding="utf-8"))}
    assert len(texts) > 150
    for file in (SOURCE / "locales").glob("*.json"):
        catalog = json.loads(file.read_text(encoding="utf-8"))
        assert texts - catalog.keys() == set(), file.name
        for text, translated in catalog.items():
            assert sorted(re.findall(r"\{\w+\}", text)) == sorted(re.findall(r"\{\w+\}", translated)), text
