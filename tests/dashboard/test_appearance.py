"""The owner's page for the widget's looks, with the real widget beside the form."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Frame, FrameLocator, Locator, Page, expect

from saleor_livesales.channels import look

from .build import settings
from .fake import FakeShop

ROOT = Path(__file__).resolve().parents[2]
TEAL = "rgb(15, 118, 110)"


@pytest.fixture
def shop(shop: FakeShop) -> FakeShop:
    shop.page_path = "console/settings"
    shop.channels = [settings("default-channel", "Main store"), settings("b2b", "Business", greeting="")]
    return shop


@pytest.fixture
def frame(page: Page, shop: FakeShop) -> Frame:
    return opened(page, shop)


def opened(page: Page, shop: FakeShop) -> Frame:
    frame = shop.visit(page)
    frame.get_by_role("link", name="Appearance").click()
    expect(frame.get_by_role("form", name="Main store")).to_be_visible()
    expect(widget(frame).locator("[part=window]")).to_be_visible()
    return frame


def stage(frame: Frame) -> FrameLocator:
    return frame.frame_locator("iframe.look-frame")


def widget(frame: Frame) -> Locator:
    return stage(frame).locator("live-sales")


def style(part: Locator, name: str) -> str:
    return str(part.first.evaluate("(element, name) => getComputedStyle(element)[name]", name))


def field(frame: Frame, name: str) -> Locator:
    return frame.locator(f'input[name="{name}"]')


def save(frame: Frame) -> Locator:
    return frame.get_by_role("form", name="Main store").get_by_role("button", name="Save", exact=True)


def saved(shop: FakeShop) -> list[dict[str, Any]]:
    return shop.operations("ConsoleAppearanceUpdate")


def test_the_widget_wears_what_is_chosen_before_it_is_saved(page: Page, shop: FakeShop, frame: Frame) -> None:
    head = widget(frame).locator("header")
    assert style(head, "backgroundColor") == "rgb(31, 58, 138)"
    expect(widget(frame).locator("[part~=message]")).to_have_count(4)
    expect(widget(frame).locator("h2")).to_have_text("Anna Smith")
    field(frame, "accent").fill("#0f766e")
    expect(head).to_have_css("background-color", TEAL)
    expect(head).to_have_css("color", "rgb(255, 255, 255)")
    field(frame, "accent").fill("fd0")
    expect(head).to_have_css("background-color", "rgb(255, 221, 0)")
    expect(head).to_have_css("color", "rgb(0, 0, 0)")
    field(frame, "radius").fill("0")
    expect(widget(frame).locator("[part=window]")).to_have_css("border-radius", "0px")
    assert saved(shop) == []


def test_only_what_was_changed_is_saved(shop: FakeShop, frame: Frame) -> None:
    expect(save(frame)).to_be_disabled()
    field(frame, "accent").fill("0F766E")
    field(frame, "radius").fill("6")
    expect(frame.get_by_label("Radius of the corners")).to_have_value("6")
    frame.locator("input[name=side][value=START]").check()
    expect(frame.get_by_text("There are changes that are not saved.")).to_be_visible()
    save(frame).click()
    expect(frame.get_by_text("Saved", exact=True)).to_be_visible()
    expect(save(frame)).to_be_disabled()
    expect(field(frame, "accent")).to_have_value("#0f766e")
    given = {"accent": "#0f766e", "radius": 6, "side": "START"}
    assert saved(shop) == [{"channel": "default-channel", "input": given}]
    frame.get_by_role("button", name="Work out: Accent", exact=True).click()
    save(frame).click()
    expect(frame.get_by_text("Saved", exact=True)).to_be_visible()
    assert saved(shop)[1:] == [{"channel": "default-channel", "input": {"accent": None}}]


def test_each_view_is_the_real_widget(page: Page, shop: FakeShop, frame: Frame) -> None:
    field(frame, "accent").fill("#0f766e")
    frame.get_by_role("radio", name="Offer").check()
    expect(widget(frame).locator("[part=offer]")).to_contain_text("May we help you?")
    expect(widget(frame).locator("[part=accept]")).to_have_css("background-color", TEAL)
    frame.get_by_role("radio", name="Launcher").check()
    expect(widget(frame).locator("[part=launcher]")).to_have_css("background-color", TEAL)
    expect(widget(frame).locator("[part=offer]")).to_have_count(0)
    frame.get_by_role("radio", name="العربية").check()
    expect(widget(frame).locator("[part=launcher]")).to_have_text("تواصل معنا")
    frame.get_by_role("radio", name="Conversation").check()
    expect(widget(frame).locator("h2")).to_have_text("ليلى حداد")
    expect(widget(frame).locator("[part=window]")).to_have_css("direction", "rtl")
    expect(widget(frame).locator("header")).to_have_css("background-color", TEAL)
    frame.get_by_role("radio", name="Dark page").check()
    expect(widget(frame).locator("header")).to_have_css("background-color", rgb(look.for_the_dark("#0f766e")))
    assert shop.elsewhere == []
    assert shop.sockets == []
    assert [operation for operation, _, _ in shop.asked if not operation.startswith("Console")] == []


def rgb(colour: str) -> str:
    return f"rgb({int(colour[1:3], 16)}, {int(colour[3:5], 16)}, {int(colour[5:], 16)})"


def test_a_phone_shows_the_window_over_the_whole_page(frame: Frame) -> None:
    frame.get_by_role("radio", name="Phone").check()
    window = widget(frame).locator("[part=window]")
    expect(window).to_have_css("border-radius", "0px")
    box = window.evaluate("(element) => [element.getBoundingClientRect().width, innerWidth, innerHeight]")
    assert box[0] == 390
    assert window.evaluate("(element) => element.ownerDocument.defaultView.innerWidth") == 390


def test_a_theme_that_is_fixed_holds_on_either_page(frame: Frame) -> None:
    field(frame, "accent").fill("#0f766e")
    frame.get_by_label("Always light").check()
    frame.get_by_role("radio", name="Dark page").check()
    expect(stage(frame).locator("html")).to_have_css("color-scheme", "dark")
    expect(widget(frame).locator("header")).to_have_css("background-color", TEAL)
    frame.get_by_label("Always dark").check()
    frame.get_by_role("radio", name="Light page").check()
    expect(widget(frame).locator("header")).to_have_css("background-color", rgb(look.for_the_dark("#0f766e")))


def test_the_preview_takes_no_clicks_and_no_focus(page: Page, frame: Frame) -> None:
    field(frame, "accent").focus()
    frame.get_by_role("radio", name="Offer").check()
    expect(widget(frame).locator("[part=offer]")).to_be_visible()
    box = frame.locator("iframe.look-frame").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] - 60, box["y"] + box["height"] - 40)
    frame.get_by_role("radio", name="Conversation").check()
    expect(widget(frame).locator("[part=window]")).to_be_visible()
    expect(frame.get_by_role("radio", name="Conversation")).to_be_focused()


def test_problems_stand_at_their_fields_as_one_types_and_nothing_is_sent(shop: FakeShop, frame: Frame) -> None:
    field(frame, "accent").fill("#ffdd00")
    expect(frame.locator("#onAccent-hint")).to_have_text("Contrast 15.5 to 1.")
    field(frame, "onAccent").fill("#ffffff")
    expect(frame.locator("#onAccent-problem")).to_have_text(
        "This text can't be read on the accent: 1.3 to 1, and 4.5 to 1 is needed. "
        "Choose another, or leave it empty and it is worked out."
    )
    expect(field(frame, "onAccent")).to_have_attribute("aria-invalid", "true")
    field(frame, "accentDark").fill("red; } * { display: none")
    expect(frame.locator("#accentDark-problem")).to_have_text("A colour is # and six digits, such as #1f3a8a.")
    for wrong in ("33", "-1", "1.5", "x"):
        field(frame, "radius").fill(wrong)
        expect(frame.locator("#radius-problem")).to_have_text("A whole number from 0 to 32.")
    save(frame).click()
    expect(field(frame, "onAccent")).to_be_focused()
    expect(frame.get_by_text("Check the marked fields.")).to_be_visible()
    assert saved(shop) == []
    frame.get_by_role("button", name="Discard").click()
    expect(frame.locator(".field-problem")).to_have_count(0)
    expect(field(frame, "accent")).to_have_value("")
    expect(save(frame)).to_be_disabled()


def test_what_the_api_refuses_stands_at_its_field(shop: FakeShop, frame: Frame) -> None:
    refusal = {"field": "onAccent", "message": "Somebody set another accent.", "code": "INVALID"}
    shop.refuse["ConsoleAppearanceUpdate"] = refusal
    field(frame, "onAccent").fill("#eeeeee")
    save(frame).click()
    expect(frame.locator("#onAccent-problem")).to_have_text("Somebody set another accent.")
    expect(field(frame, "onAccent")).to_have_value("#eeeeee")
    del shop.refuse["ConsoleAppearanceUpdate"]
    shop.fail["ConsoleAppearanceUpdate"] = "network"
    field(frame, "onAccent").fill("#eeeeef")
    save(frame).click()
    expect(frame.get_by_text("The shop can't be reached.")).to_be_visible()
    del shop.fail["ConsoleAppearanceUpdate"]
    save(frame).click()
    expect(frame.get_by_text("Saved", exact=True)).to_be_visible()


def test_unsaved_changes_outlast_other_tabs_channels_and_a_reload(page: Page, shop: FakeShop, frame: Frame) -> None:
    field(frame, "accent").fill("#0f766e")
    frame.get_by_role("link", name="Channels").click()
    expect(frame.get_by_label("Greeting")).to_be_visible()
    expect(field(frame, "accent")).to_be_hidden()
    frame.get_by_role("link", name="Appearance").click()
    expect(field(frame, "accent")).to_be_visible()  # the page before has a button of the same name
    expect(field(frame, "accent")).to_have_value("#0f766e")
    frame.get_by_role("button", name="Business").click()
    expect(field(frame, "accent")).to_have_value("")
    expect(frame.get_by_role("button", name="Main store Not saved")).to_be_visible()
    frame = opened(page, shop)  # as after a look at another page of the Dashboard, which lets no frame ask first
    expect(field(frame, "accent")).to_have_value("#0f766e")
    expect(widget(frame).locator("header")).to_have_css("background-color", TEAL)
    save(frame).click()
    expect(frame.get_by_text("Saved", exact=True)).to_be_visible()
    expect(field(opened(page, shop), "accent")).to_have_value("#0f766e")


def test_where_the_browser_keeps_nothing_it_says_what_would_be_lost(page: Page, shop: FakeShop) -> None:
    page.add_init_script("""
        const refuse = {get() { throw new DOMException("", "SecurityError") }};
        const both = {sessionStorage: refuse, localStorage: refuse};
        if (location.pathname.includes("console")) Object.defineProperties(window, both);
    """)
    frame = opened(page, shop)
    field(frame, "accent").fill("#0f766e")
    expect(
        frame.get_by_text("There are changes that are not saved, and leaving this page would lose them.")
    ).to_be_visible()


def test_ctrl_s_saves_the_page_that_is_shown_alone(page: Page, shop: FakeShop, frame: Frame) -> None:
    frame.get_by_role("link", name="Channels").click()
    frame.get_by_label("Greeting").fill("Half a thought")
    frame.get_by_role("link", name="Appearance").click()
    field(frame, "accent").fill("#0f766e")
    page.keyboard.press("Control+s")
    expect(frame.locator(".owner-page:visible").get_by_text("Saved", exact=True)).to_be_visible()
    assert saved(shop) == [{"channel": "default-channel", "input": {"accent": "#0f766e"}}]
    assert shop.operations("ConsoleChannelUpdate") == []


def test_without_the_permission(page: Page, shop: FakeShop) -> None:
    shop.fail["ConsoleAppearances"] = "PermissionDenied"
    frame = shop.visit(page)
    frame.get_by_role("link", name="Appearance").click()
    expect(frame.locator(".owner-page:visible").get_by_text("You can't change these settings")).to_be_visible()


def test_a_widget_that_does_not_come_takes_nothing_away(page: Page, shop: FakeShop) -> None:
    page.context.route("**/livesales.js", lambda route: route.abort())
    frame = shop.visit(page)
    frame.get_by_role("link", name="Appearance").click()
    expect(frame.get_by_text("The preview could not be loaded.")).to_be_visible()
    field(frame, "accent").fill("#0f766e")
    save(frame).click()
    expect(frame.get_by_text("Saved", exact=True)).to_be_visible()


def test_browser_and_server_work_out_the_same() -> None:
    chance = random.Random(11)
    colours = [f"#{chance.randrange(1 << 24):06x}" for _ in range(1500)]
    program = """
        import {build} from "esbuild";
        const entryPoints = ["saleor_livesales/dashboard/src/looks/look.ts"];
        const out = await build({entryPoints, format: "esm", write: false});
        const m = await import("data:text/javascript," + encodeURIComponent(out.outputFiles[0].text));
        const told = JSON.parse(process.argv[1]).map((one, at, all) =>
            [m.textOn(one), m.forTheDark(one), m.contrast(one, all.at(at - 1))]);
        console.log(JSON.stringify({told, own: m.OWN, limit: m.RADIUS_LIMIT}));
    """
    run = [sys.executable, "-m", "tools.node", "--input-type=module", "-e", program, json.dumps(colours)]
    answer = json.loads(subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True).stdout)
    for at, (one, (text, dark, ratio)) in enumerate(zip(colours, answer["told"], strict=True)):
        assert (text, dark) == (look.text_on(one), look.for_the_dark(one))
        assert ratio == pytest.approx(look.contrast(one, colours[at - 1]), abs=1e-9)
    assert (answer["own"]["accent"], answer["own"]["accentDark"]) == (look.OWN_ACCENT, look.OWN_ACCENT_DARK)
    assert answer["limit"] == look.RADIUS_LIMIT
