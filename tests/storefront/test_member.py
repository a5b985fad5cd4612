"""The badge for any page: as what the visitor is known, or the field for a code; with the widget or without."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from saleor_livesales import wire

from .fake import OPEN_FOR_HELP, FakeShop
from .gallery import GOLD
from .test_appearance import RED
from .test_codes import kept

CODE = "0123-4567-89T"
BEARER = {**GOLD, "name": None, "byCode": True, "sessions": {"left": None, "limit": None}}
GUIDE = (Path(__file__).parents[2] / "docs" / "embed.md").read_text(encoding="utf-8")


def badge(page: Page) -> Locator:
    return page.locator("live-sales-member .dock")


def entered(fake: FakeShop) -> list[str]:
    return [call["code"] for call in fake.called("LiveSignInCodeRedeem")]


def test_a_member_reads_its_name_plan_and_what_is_left(page: Page, fake: FakeShop) -> None:
    fake.member = GOLD
    page.add_init_script(
        "addEventListener('livesales:member', (event) => { (window.heard ??= []).push(event.detail) })"
    )
    page.goto(f"{fake.origin}/members")
    expect(badge(page).locator("[part=name]")).to_have_text("Ada Lovelace")
    expect(badge(page).locator("[part=plan]")).to_have_text("Inner circle")
    expect(badge(page).locator("[part=sessions]")).to_have_text("Sessions left in this period: 3")
    assert page.evaluate("() => window.heard") == [GOLD]
    assert page.evaluate("() => document.querySelector('live-sales-member').member") == GOLD
    assert fake.called("LiveMemberBadge") == [{"ticket": "ticket-1"}]
    fake.wait(lambda: not fake.listeners)  # it holds no connection
    assert fake.of(wire.PageViewed) == [] and fake.of(wire.Dwelled) == []  # and says nothing of the visit


def test_who_came_by_a_code_has_no_name_and_a_plan_without_limit_no_number(page: Page, fake: FakeShop) -> None:
    fake.member = BEARER
    page.goto(f"{fake.origin}/members")
    expect(badge(page).locator("[part=name]")).to_have_text("Member")
    expect(badge(page).locator("[part=sessions]")).to_have_count(0)


def test_a_code_is_typed_and_kept_nowhere(page: Page, fake: FakeShop) -> None:
    fake.joins = BEARER
    page.goto(f"{fake.origin}/members")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_have_text("Please enter your code.")
    assert entered(fake) == []
    field = page.get_by_role("textbox", name="Your member code")
    expect(field).to_be_focused()
    fake.refuse["LiveSignInCodeRedeem"] = "CODE_REFUSED"
    field.fill("wrong")
    field.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("This code is not valid. Please check it and try again.")
    expect(field).to_have_value("wrong")
    fake.refuse["LiveSignInCodeRedeem"] = "TOO_MANY_TRIES"
    field.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Too many codes")
    fake.refuse.clear()
    field.fill(CODE)
    field.press("Enter")
    expect(badge(page).locator("[part=plan]")).to_have_text("Inner circle")
    assert entered(fake) == ["wrong", "wrong", CODE]
    assert CODE not in kept(page) and CODE not in str(fake.frames)


def test_a_code_in_the_address_is_wiped_at_once_and_entered(page: Page, fake: FakeShop) -> None:
    fake.joins = BEARER
    fake.head = """<script>window.addresses = [];
      const fetch_ = window.fetch;
      window.fetch = (...given) => { window.addresses.push(location.hash); return fetch_(...given); };</script>"""
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url + str(request.headers)))
    page.goto(f"{fake.origin}/members?a=1#part&live={CODE}")
    expect(badge(page).locator("[part=plan]")).to_have_text("Inner circle")
    assert page.url == f"{fake.origin}/members?a=1#part"
    assert set(page.evaluate("() => window.addresses")) == {"#part"}
    assert entered(fake) == [CODE]
    assert CODE not in kept(page) and CODE not in "".join(seen)


def test_a_link_leads_to_the_field(page: Page, fake: FakeShop) -> None:
    page.goto(f"{fake.origin}/members")
    expect(badge(page).locator("form")).to_be_visible()
    page.evaluate("() => { location.hash = 'live=' }")
    expect(page.get_by_role("textbox", name="Your member code")).to_be_focused()
    assert page.url == f"{fake.origin}/members"


@pytest.mark.parametrize("order", ["before", "after"])
def test_where_the_widget_is_it_takes_the_code_and_the_badge_follows(page: Page, fake: FakeShop, order: str) -> None:
    fake.widget_too, fake.joins = order, BEARER
    page.goto(f"{fake.origin}/members#live={CODE}")
    expect(page.get_by_role("dialog").get_by_text("You are number 2 in the queue.")).to_be_visible()
    expect(badge(page).locator("[part=plan]")).to_have_text("Inner circle")
    assert entered(fake) == [CODE]
    assert page.url == f"{fake.origin}/members"


def test_it_takes_the_settings_of_the_widget_and_comes_back_after_a_failure(page: Page, fake: FakeShop) -> None:
    fake.widget_too, fake.member = "before", GOLD
    fake.down = True
    page.clock.install()
    page.add_init_script("""window.failures = 0; addEventListener("livesales:error", ({ target }) => {
      window.failures += target.localName === "live-sales-member"; })""")
    page.goto(f"{fake.origin}/members")
    fake.wait(lambda: page.evaluate("() => window.failures") == 1)
    page.evaluate("""() => { const badge = document.querySelector("live-sales-member");
      for (const name of ["channel", "api"]) badge.removeAttribute(name); }""")
    fake.wait(lambda: page.evaluate("() => window.failures") == 2)
    expect(badge(page)).to_be_empty()
    fake.down = False
    page.clock.run_for(31_000)
    expect(badge(page).locator("[part=name]")).to_have_text("Ada Lovelace")


def test_identify_links_the_account(page: Page, fake: FakeShop) -> None:
    page.goto(f"{fake.origin}/members")
    expect(badge(page).locator("form")).to_be_visible()
    fake.member = GOLD
    page.evaluate("() => document.querySelector('live-sales-member').identify({ accessToken: 'abc' })")
    expect(badge(page).locator("[part=name]")).to_have_text("Ada Lovelace")
    [(_, variables, token)] = [each for each in fake.operations if each[0] == "LiveVisitorIdentify"]
    assert (variables, token) == ({"input": {"ticket": "ticket-1"}}, "Bearer abc")


def test_nothing_is_shown_where_live_sales_is_off(page: Page, fake: FakeShop) -> None:
    fake.storefront = {**OPEN_FOR_HELP, "active": False}
    page.goto(f"{fake.origin}/members")
    fake.wait(lambda: fake.called("LiveStorefront"))
    page.wait_for_load_state("networkidle")
    expect(badge(page)).to_be_empty()
    assert fake.called("LiveMemberBadge") == []


@pytest.mark.parametrize(
    ("language", "words", "direction"),
    [
        ("de", "Ihr Mitgliedscode", "ltr"), ("fr", "Votre code de membre", "ltr"),
        ("es", "Su código de miembro", "ltr"), ("pl", "Twój kod członka", "ltr"), ("ar", "رمز عضويتك", "rtl"),
        ("xx", "Your member code", "ltr"),
    ],
)  # fmt: skip
def test_it_speaks_the_pages_language(page: Page, fake: FakeShop, language: str, words: str, direction: str) -> None:
    fake.html_attributes = f'lang="{language}"'
    page.goto(f"{fake.origin}/members")
    expect(badge(page).locator("label")).to_have_text(words)
    assert badge(page).evaluate("(dock) => getComputedStyle(dock).direction") == direction


def test_looks_of_the_owner_and_the_page(page: Page, fake: FakeShop) -> None:
    fake.storefront, fake.member = {**OPEN_FOR_HELP, "look": RED}, GOLD

    def style(part: str, name: str) -> str:
        return badge(page).locator(f"[part={part}]").evaluate("(part, name) => getComputedStyle(part)[name]", name)

    page.goto(f"{fake.origin}/members")
    expect(badge(page).locator("[part=plan]")).to_be_visible()
    assert style("plan", "backgroundColor") == "rgb(122, 31, 61)"
    assert style("badge", "backgroundColor") == "rgb(255, 255, 255)"
    page.evaluate("() => { document.querySelector('live-sales-member').setAttribute('theme', 'dark') }")
    assert style("badge", "backgroundColor") == "rgb(25, 29, 38)"
    assert style("plan", "backgroundColor") == "rgb(255, 179, 207)"
    page.add_style_tag(
        content="""live-sales-member { --livesales-accent: rgb(1, 2, 3) }
      live-sales-member::part(badge) { border-color: rgb(4, 5, 6) }"""
    )
    assert style("plan", "backgroundColor") == "rgb(1, 2, 3)"
    assert style("badge", "borderTopColor") == "rgb(4, 5, 6)"
    page.evaluate("() => { document.querySelector('live-sales-member').strings = { left: 'Noch {left}' } }")
    expect(badge(page).locator("[part=sessions]")).to_have_text("Noch 3")


def test_it_works_under_the_widgets_policy(page: Page, fake: FakeShop) -> None:
    told = re.search(r"```\n(script-src [^`]+)```", GUIDE)
    assert told
    named = told[1].replace("https://api.example.com", fake.origin).replace("wss://live.example.com", fake.gateway)
    strict = "default-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'; "
    fake.csp = strict + " ".join(named.split())
    fake.served_from, fake.joins = fake.origin, GOLD
    page.add_init_script("""
        window.broken = [];
        document.addEventListener("securitypolicyviolation", (event) => window.broken.push(event.violatedDirective));
    """)
    page.goto(f"{fake.origin.replace('127.0.0.1', 'localhost')}/members")
    page.get_by_role("textbox", name="Your member code").fill(CODE)
    page.get_by_role("button", name="Continue").click()
    expect(badge(page).locator("[part=name]")).to_have_text("Ada Lovelace")
    assert badge(page).locator("[part=plan]").evaluate("(it) => getComputedStyle(it).fontWeight") == "600"
    assert page.evaluate("() => window.broken.filter((name) => name !== 'img-src')") == []  # the browser's favicon
