"""The owner's page of sign-in codes: where each mail is, a new one, and all codes."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .build import code, delivery
from .build import settings as channel
from .fake import FakeShop

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture
def shop(shop: FakeShop) -> FakeShop:
    shop.page_path = "console/settings"
    shop.hash = "#codes"
    shop.channels = [channel("default-channel", "Main store")]
    shop.deliveries = [
        delivery(1, "Ada Buyer", "DELIVERED"),
        delivery(2, "Bob Buyer", "BOUNCED"),
        delivery(3, "Cem Buyer", "SENT", endedAt="2026-02-28T00:00:00Z"),
        delivery(4, "Dan Buyer", "FAILED", problem="bounced_before"),
    ]
    shop.all_codes = [code(1), code(2, "USED"), code(3, piece={"name": "Catalogue"}, maxUses=None, validUntil=None)]
    return shop


def test_where_each_mail_is_and_a_new_one(page: Page, shop: FakeShop) -> None:
    frame = shop.visit(page)
    rows = frame.locator(".members-table tbody tr")
    expect(rows).to_have_count(4)
    expect(rows.nth(0)).to_contain_text("Delivered on Jan 31, 2026")
    expect(rows.nth(1)).to_contain_text("The mail came back on Jan 31, 2026")
    expect(rows.nth(2)).to_contain_text("Ended on Feb 28, 2026")
    expect(rows.nth(3)).to_contain_text("an earlier mail to this address came back")
    expect(rows.nth(2).get_by_role("button")).to_have_count(0)
    rows.nth(0).get_by_role("button", name="Mail a new one", exact=True).click()
    rows.nth(1).get_by_role("button", name="The address works: mail a new one").click()
    expect(rows.nth(1).get_by_role("button").first).to_be_enabled()
    assert shop.operations("ConsoleMemberCode") == [
        {"id": "member-1", "addressWorks": False},
        {"id": "member-2", "addressWorks": True},
    ]
    shop.refuse["ConsoleMemberCode"] = {"field": "id", "message": "There is no code.", "code": "NO_SIGN_IN_CODE"}
    rows.nth(0).get_by_role("button", name="Mail a new one").click()
    expect(frame.get_by_role("alert")).to_have_text("There is no code.")


def test_a_code_goes_by_post(page: Page, shop: FakeShop) -> None:
    frame = shop.visit(page)
    first = frame.locator(".members-table tbody tr").first
    first.get_by_role("button", name="Send by post").click()
    expect(first.get_by_role("button", name="Send by post")).to_be_enabled()
    assert shop.operations("ConsoleLetterCreate") == [{"id": "member-1"}]


def test_one_state_alone(page: Page, shop: FakeShop) -> None:
    frame = shop.visit(page)
    expect(frame.locator(".members-table tbody tr")).to_have_count(4)
    frame.get_by_label("State").select_option("BOUNCED")
    expect(frame.locator(".members-table tbody tr")).to_have_count(1)
    frame.get_by_label("State").select_option("OPENED")
    expect(frame.get_by_text("No code matches")).to_be_visible()


def test_all_codes_and_one_revoked_at_the_second_press(page: Page, shop: FakeShop) -> None:
    frame = shop.visit(page)
    frame.get_by_role("radio", name="All codes").check()
    rows = frame.locator(".members-table tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.nth(2)).to_contain_text("Catalogue")
    expect(rows.nth(2)).to_contain_text("No end")
    expect(rows.nth(1).get_by_role("button")).to_have_count(0)
    rows.nth(0).get_by_role("button", name="Revoke").click()
    assert shop.operations("ConsoleCodeRevoke") == []
    rows.nth(0).get_by_role("button", name="Revoke it now").click()
    expect(rows.nth(0).get_by_role("button", name="Revoke", exact=True)).to_be_visible()
    assert shop.operations("ConsoleCodeRevoke") == [{"id": "code-1", "reason": None}]


def test_nothing_yet_no_permission_and_a_failure(page: Page, shop: FakeShop) -> None:
    shop.deliveries = []
    frame = shop.visit(page)
    expect(frame.get_by_text("No codes yet")).to_be_visible()
    shop.fail = {"ConsoleCodes": "PermissionDenied"}
    frame.get_by_role("radio", name="All codes").check()
    expect(frame.get_by_text("You can't see sign-in codes")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_open_to_everybody(page: Page, shop: FakeShop, theme: str) -> None:
    frame = shop.visit(page)
    page.evaluate("theme => post('theme', {theme})", theme)
    expect(frame.locator("html")).to_have_attribute("data-theme", theme)
    expect(frame.locator(".members-table tbody tr")).to_have_count(4)
    frame.evaluate(AXE.read_text(encoding="utf-8"))
    look = """async (values) => (await axe.run({runOnly: {type: "tag", values}})).violations
        .flatMap(({id, nodes}) => nodes.map((node) => [id, node.html.slice(0, 120)]))"""
    assert frame.evaluate(look, RULES) == []
    frame.get_by_role("radio", name="All codes").check()
    expect(frame.locator(".members-table tbody tr")).to_have_count(3)
    assert frame.evaluate(look, RULES) == []
