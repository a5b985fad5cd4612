"""The emoji picker: loaded when it is wanted, by keyboard and pointer alike, text and nothing else."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from saleor_livesales import wire

from .fake import FakeShop
from .gallery import part
from .steps import dock, lines, say, talk
from .test_looks import WORDS, words


def button(page: Page) -> Locator:
    return dock(page).locator("[part=emoji]")


def field(page: Page) -> Locator:
    return dock(page).locator("[part=input]")


def focused(page: Page) -> str:
    return str(page.evaluate("() => document.querySelector('live-sales').shadowRoot.activeElement.textContent"))


def opened(page: Page, fake: FakeShop) -> Locator:
    talk(page, fake)
    button(page).click()
    picker = dock(page).locator("[part=emojis]")
    expect(picker).to_be_visible()
    return picker


def test_it_is_loaded_when_it_is_opened(page: Page, fake: FakeShop) -> None:
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url.rpartition("/")[2]))
    fake.html_attributes = 'lang="fr"'
    fake.begin()
    fake.state("active", repName="Anna Smith")
    page.goto(fake.url)
    expect(page.get_by_role("heading", name="Anna Smith")).to_be_visible()
    assert [name for name in loaded if name.startswith("emoji")] == []
    button(page).click()
    expect(page.get_by_role("group", name=words("fr", "emoji")["label"])).to_be_visible()
    assert sorted(name[:9] for name in loaded if name.startswith("emoji"))[1] == "emoji-fr-"
    assert len([name for name in loaded if name.startswith("emoji")]) == 2


def test_the_chosen_one_goes_in_at_the_caret_and_is_sent_as_text(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    field(page).fill("Thank you!")
    field(page).evaluate("(input) => input.setSelectionRange(9, 9)")
    button(page).click()
    page.get_by_role("button", name="red heart").click()
    expect(field(page)).to_have_value("Thank you❤️!")
    expect(field(page)).to_be_focused()
    assert field(page).evaluate("(input) => [input.selectionStart, input.selectionEnd]") == [11, 11]
    expect(dock(page).locator("[part=emojis]")).to_have_count(0)
    page.keyboard.press("Enter")
    assert fake.wait(lambda: fake.of(wire.SendMessage))[0].text == "Thank you❤️!"
    assert lines(page) == ["Thank you❤️!"]


def test_it_takes_the_place_of_what_is_selected_and_is_kept_as_a_draft(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    field(page).fill("so good")
    field(page).evaluate("(input) => input.setSelectionRange(3, 7)")
    button(page).click()
    page.get_by_role("button", name="thumbs up").click()
    expect(field(page)).to_have_value("so 👍")
    expect(dock(page).locator("[part=send]")).to_be_enabled()
    page.reload()
    expect(field(page)).to_have_value("so 👍")


def test_by_keyboard_alone(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    field(page).focus()
    page.keyboard.press("Shift+Tab")
    expect(button(page)).to_be_focused()
    expect(button(page)).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Enter")
    expect(dock(page).locator("[part=emojis]")).to_be_visible()
    expect(button(page)).to_have_attribute("aria-expanded", "true")
    walked = [focused(page)]
    right, left, up, down = (f"Arrow{way}" for way in ("Right", "Left", "Up", "Down"))
    for key in (right, down, down, left, left, up, "End", right, "Home"):
        page.keyboard.press(key)
        walked.append(focused(page))
    assert walked == ["😀", "😊", "😕", "👎", "👍", "🙄", "😮", "📷", "📷", "😀"]
    page.keyboard.press("ArrowUp")
    assert focused(page) == "😀"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(field(page)).to_have_value("😢")
    expect(field(page)).to_be_focused()


def test_escape_closes_it_and_not_the_window(page: Page, fake: FakeShop) -> None:
    picker = opened(page, fake)
    page.keyboard.press("Escape")
    expect(picker).to_have_count(0)
    expect(button(page)).to_be_focused()
    expect(button(page)).to_have_attribute("aria-expanded", "false")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


@pytest.mark.parametrize("where", ["page", "window", "input", "button", "Tab"])
def test_it_closes_when_one_goes_on_elsewhere(page: Page, fake: FakeShop, where: str) -> None:
    picker = opened(page, fake)
    if where == "page":
        page.get_by_role("heading", name="Gold bracelet").click()
    elif where == "window":
        dock(page).locator("[part=log]").click()
    elif where == "input":
        field(page).click()
    elif where == "button":
        button(page).click()
    else:
        page.keyboard.press("Tab")
        expect(button(page)).to_be_focused()
        page.keyboard.press("Tab")
    expect(picker).to_have_count(0)
    expect(button(page)).to_have_attribute("aria-expanded", "false")
    expect(page.get_by_role("dialog")).to_be_visible()
    button(page).click()
    expect(picker).to_be_visible()


def test_one_that_can_not_be_loaded_can_be_tried_again(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    page.route("**/emoji-*.js", lambda route: route.abort())
    button(page).click()
    expect(button(page)).to_have_attribute("title", words("en")["errorUnreachable"])
    expect(button(page)).to_have_attribute("aria-expanded", "false")
    say(page, "Never mind")
    assert fake.wait(lambda: fake.of(wire.SendMessage))[0].text == "Never mind"


def test_the_session_may_end_while_it_is_open(page: Page, fake: FakeShop) -> None:
    picker = opened(page, fake)
    fake.state("ended", endReason="REP")
    expect(dock(page).locator("[part=ended]")).to_be_visible()
    expect(picker).to_have_count(0)


def test_from_right_to_left_the_arrows_go_the_other_way(page: Page, fake: FakeShop) -> None:
    fake.html_attributes = 'lang="ar" dir="rtl"'
    fake.begin()
    fake.state("active", repName="Anna Smith")
    page.goto(fake.url)
    button(page).click()
    expect(page.get_by_role("group", name=words("ar", "emoji")["label"])).to_be_visible()
    page.keyboard.press("ArrowLeft")
    assert focused(page) == "😊"


@pytest.mark.parametrize("language", ["ar", "de", "en", "es", "fr", "pl"])
def test_each_one_has_its_name_in_each_language(language: str) -> None:
    source = (WORDS.parent / "emoji.ts").read_text(encoding="utf-8")
    found = re.search(r'"([^"]+)"\.split\(" "\)', source)
    assert found
    names = json.loads((WORDS / f"emoji-{language}.json").read_text(encoding="utf-8"))["names"].split("|")
    assert len(names) == len(set(names)) == len(found[1].split(" ")) == 40


def test_a_phones_keyboard_has_its_own(browser: Browser, fake: FakeShop) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 780}, is_mobile=True, has_touch=True)
    page = context.new_page()
    talk(page, fake)
    expect(button(page)).to_be_hidden()
    part(page, "input")
    context.close()
