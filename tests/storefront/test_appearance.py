"""What the owner has set in the console: the widget wears it, and the page's own style sheet goes before it."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from .fake import OPEN_FOR_HELP, FakeShop
from .gallery import part, talked
from .steps import dock
from .test_looks import style

OWN: dict[str, Any] = {
    "accent": None,
    "onAccent": None,
    "accentDark": None,
    "onAccentDark": None,
    "radius": None,
    "side": "END",
    "theme": "PAGE",
}
RED = {
    **OWN,
    "accent": "#7a1f3d",
    "onAccent": "#ffffee",
    "accentDark": "#ffb3cf",
    "onAccentDark": "#2b0a16",
    "radius": 4,
}


def wearing(fake: FakeShop, **look: Any) -> None:
    fake.storefront = {**OPEN_FOR_HELP, "look": {**RED, **look}}


def launcher(page: Page, name: str) -> str:
    expect(dock(page).locator("[part=launcher]")).to_be_visible()
    return style(page, "[part=launcher]", name)


def test_launcher_offer_and_window_wear_it(page: Page, fake: FakeShop) -> None:
    wearing(fake)
    page.goto(fake.url)
    assert launcher(page, "backgroundColor") == "rgb(122, 31, 61)"
    assert launcher(page, "color") == "rgb(255, 255, 238)"
    assert launcher(page, "borderTopLeftRadius") == "8px"
    fake.offer()
    expect(dock(page).locator("[part=offer]")).to_be_visible()
    assert style(page, "[part=offer]", "borderTopLeftRadius") == "4px"
    assert style(page, "[part=accept]", "backgroundColor") == "rgb(122, 31, 61)"
    part(page, "accept")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert style(page, "header", "backgroundColor") == "rgb(122, 31, 61)"
    assert style(page, "header", "color") == "rgb(255, 255, 238)"
    assert style(page, ".panel", "borderTopLeftRadius") == "4px"
    assert fake.called("LiveStorefront") == [{"channel": "default-channel"}]  # nothing more is asked for it


def test_dark_colours_where_the_page_or_the_owner_says_dark(page: Page, fake: FakeShop) -> None:
    wearing(fake)
    fake.head = "<style>html.dark { color-scheme: dark }</style>"
    page.goto(fake.url)
    assert launcher(page, "backgroundColor") == "rgb(122, 31, 61)"
    page.evaluate("document.documentElement.classList.add('dark')")
    assert (launcher(page, "backgroundColor"), launcher(page, "color")) == ("rgb(255, 179, 207)", "rgb(43, 10, 22)")
    wearing(fake, theme="LIGHT")
    page.reload()
    page.evaluate("document.documentElement.classList.add('dark')")
    expect(dock(page).locator("[part=launcher]")).to_have_css("background-color", "rgb(122, 31, 61)")
    wearing(fake, theme="DARK")
    page.reload()
    assert launcher(page, "backgroundColor") == "rgb(255, 179, 207)"
    # the page's own word goes first
    page.evaluate("document.querySelector('live-sales').setAttribute('theme', 'light')")
    expect(dock(page)).to_have_attribute("data-theme", "light")
    assert launcher(page, "backgroundColor") == "rgb(122, 31, 61)"


def test_the_pages_own_style_sheet_goes_first(page: Page, fake: FakeShop) -> None:
    wearing(fake, side="START")
    fake.head = """<style>
        live-sales { --livesales-accent: rgb(1, 2, 3); --livesales-on-accent: rgb(250, 251, 252);
            --livesales-radius: 9px }
        live-sales::part(launcher) { letter-spacing: 3px; border-radius: 1px }
        live-sales::part(dock) { inset-inline: auto 50px }
    </style>"""
    page.goto(fake.url)
    assert launcher(page, "backgroundColor") == "rgb(1, 2, 3)"
    assert launcher(page, "color") == "rgb(250, 251, 252)"
    assert launcher(page, "borderTopLeftRadius") == "1px"
    assert launcher(page, "letterSpacing") == "3px"
    box = dock(page).locator("[part=launcher]").bounding_box()
    assert box and round(box["x"] + box["width"]) == 1100 - 50
    fake.offer()
    expect(dock(page).locator("[part=offer]")).to_be_visible()
    assert style(page, "[part=offer]", "borderTopLeftRadius") == "9px"


def test_the_widgets_own_where_nothing_is_set(page: Page, fake: FakeShop) -> None:
    """Whatever a page calls its own properties."""
    fake.storefront = {**OPEN_FOR_HELP, "look": OWN}
    fake.head = "<style>:root { --accent: red; --radius: 1px; --look: red; --_accent: red; --_radius: 0 }</style>"
    page.goto(fake.url)
    assert launcher(page, "backgroundColor") == "rgb(31, 58, 138)"
    assert launcher(page, "borderTopLeftRadius") == "28px"


@pytest.mark.parametrize(
    ("direction", "side", "left"),
    [("ltr", "END", False), ("ltr", "START", True), ("rtl", "END", True), ("rtl", "START", False)],
)
def test_the_side_follows_the_direction(page: Page, fake: FakeShop, direction: str, side: str, left: bool) -> None:
    wearing(fake, side=side)
    fake.html_attributes = f'lang="{"ar" if direction == "rtl" else "en"}" dir="{direction}"'
    page.goto(fake.url)
    launcher(page, "display")
    box = dock(page).locator("[part=launcher]").bounding_box()
    assert box
    assert (round(box["x"]) == 20, round(box["x"] + box["width"]) == 1080) == (left, not left)
    fake.offer()
    expect(dock(page).locator("[part=offer]")).to_be_visible()
    box = dock(page).locator("[part=offer]").bounding_box()
    assert box
    assert (round(box["x"]) == 20, round(box["x"] + box["width"]) == 1080) == (left, not left)


def test_a_phone_has_the_whole_screen_on_either_side(browser: Browser, fake: FakeShop) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 780}, is_mobile=True, has_touch=True)
    page = context.new_page()
    wearing(fake, side="START")
    talked(page, fake)
    assert page.get_by_role("dialog").bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 780}
    context.close()


@pytest.mark.parametrize(
    "evil",
    [
        "url(https://evil.example/pixel)",
        "red; } * { display: none",
        "red} .dock{display:none",
        "var(--secret)",
        "#fff/**/;position:fixed",
        "image-set('https://evil.example/pixel' 1x)",
    ],
)
def test_what_is_no_colour_is_not_worn(page: Page, fake: FakeShop, evil: str) -> None:
    """The shop never says so; and if something in between did, it would come to nothing."""
    asked: list[str] = []
    page.route("https://evil.example/**", lambda route: (asked.append(route.request.url), route.abort()))
    keys = ("accent", "onAccent", "accentDark", "onAccentDark")
    fake.storefront = {**OPEN_FOR_HELP, "look": {**OWN, **dict.fromkeys(keys, evil), "radius": evil}}
    page.goto(fake.url)
    assert launcher(page, "backgroundColor") == "rgb(31, 58, 138)"
    assert launcher(page, "borderTopLeftRadius") == "28px"
    assert launcher(page, "display") == "flex"
    assert dock(page).evaluate("(element) => element.style.cssText") == "--_set-side: END; --_set-theme: PAGE;"
    assert asked == []


def test_the_strictest_policy_lets_it(page: Page, fake: FakeShop) -> None:
    wearing(fake)
    gateway = fake.gateway.rpartition("/")[0]
    fake.csp = (
        f"default-src 'none'; script-src {fake.origin}; connect-src {fake.origin} {gateway};"
        " require-trusted-types-for 'script'; trusted-types 'none'"
    )
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.goto(fake.url)
    assert launcher(page, "backgroundColor") == "rgb(122, 31, 61)"
    part(page, "launcher")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert style(page, "header", "backgroundColor") == "rgb(122, 31, 61)"
    assert [text for text in told if "Security Policy" in text] == []


def test_what_the_owner_changes_reaches_open_pages(page: Page, fake: FakeShop) -> None:
    page.clock.install()
    wearing(fake)
    page.goto(fake.url)
    assert launcher(page, "backgroundColor") == "rgb(122, 31, 61)"
    wearing(fake, accent=None, onAccent=None, radius=None, side="START")
    page.clock.run_for(150_000)  # within two minutes
    fake.wait(lambda: len(fake.called("LiveStorefront")) >= 2)
    expect(dock(page)).to_have_attribute("data-side", "START")
    assert launcher(page, "backgroundColor") == "rgb(31, 58, 138)"
    assert launcher(page, "borderTopLeftRadius") == "28px"
