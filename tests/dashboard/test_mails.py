"""The owner's page of mails: the sender, the words, and a preview in which nothing runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .build import settings as channel
from .fake import FakeShop

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture
def shop(shop: FakeShop) -> FakeShop:
    shop.page_path = "console/settings"
    shop.hash = "#mails"
    shop.channels = [channel("default-channel", "Main store"), channel("b2b", "Business")]
    return shop


def test_the_sender_is_saved_and_a_refusal_stands_at_its_field(page: Page, shop: FakeShop) -> None:
    frame = shop.visit(page)
    sender = frame.get_by_label("From", exact=True)
    sender.fill("nobody")
    shop.refuse["ConsoleMailSender"] = {"field": "sender", "message": "Write one address.", "code": "INVALID"}
    frame.get_by_role("button", name="Save", exact=True).click()
    expect(frame.get_by_text("Write one address.")).to_be_visible()
    expect(sender).to_have_value("nobody")
    shop.refuse.clear()
    sender.fill("Shop <live@shop.example>")
    frame.get_by_label("Address to unsubscribe").fill("mailto:stop@shop.example")
    frame.get_by_role("button", name="Save", exact=True).click()
    expect(frame.get_by_text("Saved")).to_be_visible()
    assert shop.operations("ConsoleMailSender")[-1] == {
        "channel": "default-channel",
        "input": {"sender": "Shop <live@shop.example>", "replyTo": "", "unsubscribe": "mailto:stop@shop.example"},
    }


def test_words_are_changed_previewed_saved_and_taken_back(page: Page, shop: FakeShop) -> None:
    frame = shop.visit(page)
    frame.get_by_role("button", name="English").first.click()
    preview = frame.frame_locator("iframe.mails-frame")
    expect(preview.get_by_text("XXXX-XXXX-XXX")).to_be_visible()
    shown = preview.get_by_role("link")
    assert shown.evaluate("link => getComputedStyle(link).backgroundColor") == "rgb(31, 58, 138)"  # its own style
    subject = frame.get_by_label("Subject")
    subject.fill("{{ name }}, come in")
    expect(frame.locator(".mails-mail h3")).to_have_text("Ada Lovelace, come in")
    frame.get_by_role("button", name="German").first.click()
    frame.get_by_role("button", name="English").first.click()
    expect(subject).to_have_value("{{ name }}, come in")  # nothing that was typed is lost
    shop.refuse["ConsoleMailTemplate"] = {"field": "text", "message": "{{ code }} is missing.", "code": "INVALID"}
    frame.get_by_role("button", name="Save", exact=True).click()
    expect(frame.get_by_text("{{ code }} is missing.")).to_be_visible()
    shop.refuse.clear()
    frame.get_by_role("button", name="Save", exact=True).click()
    expect(frame.get_by_text("Own words")).to_be_visible()
    given = shop.operations("ConsoleMailTemplate")[-1]
    assert (given["template"], given["language"]) == ("MEMBER_CODE", "en")
    assert given["input"]["subject"] == "{{ name }}, come in"
    frame.get_by_role("button", name="Back to the standard words").click()
    expect(subject).to_have_value("Ours")
    expect(frame.get_by_text("Own words")).to_have_count(0)


def test_in_the_preview_nothing_runs(page: Page, shop: FakeShop) -> None:
    frame = shop.visit(page)
    frame.get_by_role("button", name="English").first.click()
    frame.get_by_label("The same as HTML").fill(
        "<body><script>top.hacked = 1</script><img src=x onerror='top.hacked = 2'>"
        "<iframe srcdoc='<script>top.hacked = 3</script>'></iframe><meta http-equiv=refresh content='0;url=//evil'>"
        "<style>p { color: rgb(1, 2, 3) }</style><p>{{ code }}</p><a href='javascript:top.hacked = 4'>press</a>"
    )
    preview = frame.frame_locator("iframe.mails-frame")
    text = preview.get_by_text("XXXX-XXXX-XXX")
    expect(text).to_have_css("color", "rgb(1, 2, 3)")
    page.wait_for_timeout(200)
    assert [page.evaluate("window.hacked"), frame.evaluate("window.hacked")] == [None, None]
    expect(frame.locator("iframe.mails-frame")).to_have_attribute("sandbox", "allow-same-origin")
    expect(frame.locator("iframe.mails-frame")).to_have_attribute("inert", "")
    expect(preview.locator("script, iframe, meta[http-equiv]")).to_have_count(0)


def test_a_preview_that_the_shop_refuses_says_why(page: Page, shop: FakeShop) -> None:
    frame = shop.visit(page)
    frame.get_by_role("button", name="English").first.click()
    expect(frame.locator(".mails-mail")).to_be_visible()
    shop.fail = {"ConsoleMailPreview": "Invalid"}
    frame.get_by_role("textbox", name="Text", exact=True).fill("{% if %}")
    expect(frame.locator(".mails-preview .field-problem")).to_be_visible()


def test_without_the_permission_there_is_nothing_to_see(page: Page, shop: FakeShop) -> None:
    shop.fail = {"ConsoleMails": "PermissionDenied"}
    expect(shop.visit(page).get_by_text("You can't change the mails")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_open_to_everybody(page: Page, shop: FakeShop, theme: str) -> None:
    frame = shop.visit(page)
    page.evaluate("theme => post('theme', {theme})", theme)
    expect(frame.locator("html")).to_have_attribute("data-theme", theme)
    frame.evaluate(AXE.read_text(encoding="utf-8"))
    look = """async (values) => (await axe.run({runOnly: {type: "tag", values}})).violations
        .flatMap(({id, nodes}) => nodes.map((node) => [id, node.html.slice(0, 120)]))"""
    expect(frame.get_by_label("From", exact=True)).to_be_visible()
    assert frame.evaluate(look, RULES) == []
    frame.get_by_role("button", name="English").first.click()
    expect(frame.locator(".mails-mail")).to_be_visible()
    assert frame.evaluate(look, RULES) == []
