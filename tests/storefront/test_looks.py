"""For everybody: axe in each state, languages, light and dark, phones, zoom, forced colours, the keyboard alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from .fake import OPEN_FOR_HELP, FakeShop
from .gallery import STATES, part, talked
from .steps import dock, talk

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WORDS = ROOT / "saleor_livesales" / "storefront" / "src" / "locales"


def words(language: str, kind: str = "page") -> dict[str, str]:
    return json.loads((WORDS / f"{kind}-{language}.json").read_text(encoding="utf-8"))


def breaches(page: Page, tag: str = "live-sales") -> list[Any]:
    """What axe finds in the widget: the rule, and where."""
    found = page.evaluate(
        "([rules, tag]) => axe.run(tag, { runOnly: rules, resultTypes: ['violations'] })"
        ".then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target.flat())]))",
        [RULES, tag],
    )
    return list(found)


def style(page: Page, selector: str, name: str) -> str:
    return page.locator(f"live-sales {selector}").first.evaluate(
        "(element, name) => getComputedStyle(element)[name]", name
    )


@pytest.mark.parametrize("name", STATES)
def test_axe_finds_nothing(page: Page, fake: FakeShop, name: str) -> None:
    tag = "live-sales-member" if name.startswith("badge") else "live-sales"
    STATES[name](page, fake)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert breaches(page, tag) == []
    page.evaluate("(tag) => document.querySelector(tag).setAttribute('theme', 'dark')", tag)
    page.evaluate("() => (document.body.style.background = '#111')")
    expect(page.locator(f"{tag} .dock")).to_have_attribute("data-theme", "dark")
    assert breaches(page, tag) == []


def test_axe_sees_into_the_widget(page: Page, fake: FakeShop) -> None:
    talked(page, fake)
    dock(page).locator("[part=minimise]").evaluate("(button) => button.removeAttribute('aria-label')")
    dock(page).locator(".meta").first.evaluate("(line) => (line.style.color = '#ddd')")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert sorted(rule for rule, _ in breaches(page)) == ["button-name", "color-contrast"]


# Languages


@pytest.mark.parametrize("language", ["ar", "de-AT", "es", "fr", "pl"])
def test_words_follow_the_language_of_the_page(page: Page, fake: FakeShop, language: str) -> None:
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url.rpartition("/")[2]))
    fake.html_attributes = f'lang="{language}"'
    short = language[:2]
    page.goto(fake.url)
    expect(dock(page).locator("[part=launcher]")).to_have_text(words(short)["launcher"])
    assert [name[:7] for name in loaded if name.endswith(".js") and name != "livesales.js"] == [f"page-{short}"]
    part(page, "launcher")
    expect(dock(page).get_by_text(words(short, "window")["waiting"])).to_be_visible()
    expect(dock(page)).to_have_attribute("lang", short)
    assert style(page, ".panel", "direction") == ("rtl" if short == "ar" else "ltr")


def test_english_where_the_language_is_none_of_ours_or_its_words_do_not_come(page: Page, fake: FakeShop) -> None:
    fake.html_attributes = 'lang="is"'
    page.goto(fake.url)
    expect(page.get_by_role("button", name="Chat with us")).to_be_visible()
    expect(dock(page)).to_have_attribute("lang", "en")
    page.route("**/page-fr-*.js", lambda route: route.abort())
    fake.html_attributes = 'lang="fr"'
    page.reload()
    expect(page.get_by_role("button", name="Chat with us")).to_be_visible()
    expect(dock(page)).to_have_attribute("lang", "en")


def test_language_may_change_and_words_of_the_page_stay(page: Page, fake: FakeShop) -> None:
    page.goto(fake.url)
    expect(page.get_by_role("button", name="Chat with us")).to_be_visible()
    page.evaluate("""() => {
        document.querySelector("live-sales").strings = { leaveMessage: "Write to Bijoux" };
        document.documentElement.lang = "de";
        document.querySelector("live-sales").page();
    }""")
    expect(page.get_by_role("button", name=words("de")["launcher"])).to_be_visible()
    fake.storefront = {**OPEN_FOR_HELP, "available": False}
    page.evaluate("() => document.querySelector('live-sales').setAttribute('lang', 'pl')")
    expect(page.get_by_role("button", name="Write to Bijoux")).to_be_visible()
    expect(dock(page)).to_have_attribute("lang", "pl")


# Light, dark, forced colours, motion


def test_light_or_dark_as_the_page_or_the_setting_says_and_colours_can_be_set(page: Page, fake: FakeShop) -> None:
    fake.head = "<style>html.dark { color-scheme: dark } live-sales::part(launcher) { letter-spacing: 3px }</style>"
    page.goto(fake.url)
    offered = "() => document.querySelector('live-sales')"
    expect(dock(page).locator("[part=launcher]")).to_be_visible()

    def background() -> str:
        return style(page, "[part=launcher]", "backgroundColor")

    assert background() == "rgb(31, 58, 138)"
    page.emulate_media(color_scheme="dark")
    assert background() == "rgb(31, 58, 138)"  # the page is light whatever the system is
    page.evaluate("() => document.documentElement.classList.add('dark')")
    assert background() == "rgb(169, 193, 255)"
    page.evaluate(f"({offered})().setAttribute('theme', 'light')")
    expect(dock(page)).to_have_attribute("data-theme", "light")
    assert background() == "rgb(31, 58, 138)"
    page.evaluate(f"({offered})().style.setProperty('--livesales-accent', 'light-dark(rgb(1, 2, 3), rgb(4, 5, 6))')")
    assert background() == "rgb(1, 2, 3)"
    page.evaluate(f"({offered})().setAttribute('theme', 'dark')")
    expect(dock(page)).to_have_attribute("data-theme", "dark")
    assert background() == "rgb(4, 5, 6)"
    assert style(page, "[part=launcher]", "letterSpacing") == "3px"


def test_forced_colours_and_less_motion(page: Page, fake: FakeShop) -> None:
    talked(page, fake)
    assert style(page, ".panel", "animationName") == "none"
    page.emulate_media(reduced_motion="no-preference", forced_colors="active")
    assert style(page, ".panel", "animationName") == "rise"
    for selector in (".panel", ".theirs .text", ".mine .text", ".send"):
        assert style(page, selector, "borderTopStyle") == "solid", selector
    part(page, "who")
    knob = page.locator("live-sales .switch i").evaluate("(i) => getComputedStyle(i, '::before').backgroundColor")
    assert knob != style(page, ".switch i", "backgroundColor")


# Phones and zoom


def test_twice_the_size_leaves_everything_in_reach(browser: Browser, fake: FakeShop) -> None:
    """A window of 1280 by 720 at 200 %. Nothing behind the window can be reached, for nothing of it is seen."""
    context = browser.new_context(viewport={"width": 640, "height": 360}, device_scale_factor=2)
    page = context.new_page()
    talked(page, fake)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    for name in ("who", "end", "minimise", "input", "send"):
        expect(dock(page).locator(f"[part={name}]")).to_be_in_viewport(ratio=1)
    expect(dock(page).get_by_text("Lovely.")).to_be_in_viewport()
    assert page.get_by_role("dialog").get_attribute("aria-modal") == "true"
    dock(page).locator("[part=input]").focus()
    for _ in range(8):
        page.keyboard.press("Tab")
        assert page.evaluate("() => document.activeElement.localName") == "live-sales"
    dock(page).locator("[part=who]").focus()
    page.keyboard.press("Shift+Tab")
    expect(dock(page).locator("[part=input]")).to_be_focused()
    context.close()


def test_phone_keyboard_never_covers_the_input_and_nothing_zooms(browser: Browser, fake: FakeShop) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 780}, is_mobile=True, has_touch=True)
    page = context.new_page()
    cdp = context.new_cdp_session(page)
    insets = {"top": 47, "bottom": 34, "left": 0, "right": 0}
    cdp.send("Emulation.setSafeAreaInsetsOverride", {"insets": insets})
    talk(page, fake)
    assert style(page, "header", "paddingTop") == "47px"
    assert style(page, ".foot", "paddingBottom") == "34px"
    assert style(page, "textarea", "fontSize") == "16px"

    # iOS: the keyboard leaves the page as it is, and shrinks and moves what is visible of it
    page.evaluate("""() => {
        Object.defineProperties(visualViewport, { height: { value: 420 }, offsetTop: { value: 60 } });
        visualViewport.dispatchEvent(new Event("resize"));
    }""")
    box = page.get_by_role("dialog").bounding_box()
    assert box == {"x": 0, "y": 60, "width": 390, "height": 420}
    field = dock(page).locator("[part=input]").bounding_box()
    assert field is not None
    assert field["y"] + field["height"] <= 60 + 420

    # whoever has zoomed in by two fingers sees a part of a window that stays as it is
    page.evaluate("""() => {
        Object.defineProperties(visualViewport, { scale: { value: 2 } });
        visualViewport.dispatchEvent(new Event("scroll"));
    }""")
    box = page.get_by_role("dialog").bounding_box()
    assert box == {"x": 0, "y": 0, "width": 390, "height": 780}

    # and the message form
    fake.session = None
    fake.storefront = {**OPEN_FOR_HELP, "available": False}
    page.reload()
    part(page, "leave")
    for name in ("email", "text"):
        assert style(page, f"[part={name}]", "fontSize") == "16px"
    context.close()
