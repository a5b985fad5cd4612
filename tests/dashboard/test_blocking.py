"""Blocking a visitor from the list and from a pane, and lifting it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from .build import visitor
from .fake import FakeShop


def test_a_visitor_of_the_list_is_blocked_and_unblocked(page: Page, shop: FakeShop) -> None:
    shop.visitors = [visitor(1, "Dora"), visitor(2, "Emil")]
    frame = shop.visit(page)
    row = frame.get_by_test_id("visitors").get_by_role("listitem").filter(has_text="Dora")
    frame.get_by_role("button", name="Block Dora").press("Enter")
    expect(row.get_by_label("Reason")).to_be_focused()
    page.keyboard.press("Enter")  # without a reason nothing happens
    assert shop.operations("ConsoleBlock") == []
    page.keyboard.type("Insults a ?")
    row.get_by_label("For how long").select_option("WEEK")
    row.get_by_role("button", name="Block", exact=True).click()
    expect(row).to_contain_text("Blocked until Dec 24, 2026")
    expect(row.get_by_role("button", name="Offer help to Dora")).to_have_count(0)
    sent = {"visitorId": "live-1", "duration": "WEEK", "reason": "Insults a ?"}
    assert shop.operations("ConsoleBlock") == [{"input": sent}]
    listed = frame.get_by_test_id("blocks").get_by_role("listitem")
    expect(listed).to_have_count(1)
    expect(listed).to_contain_text("Insults a ?")
    expect(listed).to_contain_text("Rita")
    listed.get_by_role("button", name="Unblock Dora").click()
    expect(listed).to_have_count(0)
    expect(row.get_by_role("button", name="Offer help to Dora")).to_be_enabled()
    assert shop.operations("ConsoleUnblock") == [{"visitorId": "live-1"}]


def test_for_good_is_offered_to_the_owner_alone(page: Page, shop: FakeShop) -> None:
    shop.visitors = [visitor(1, "Dora")]
    shop.rep["mayManage"] = False
    frame = shop.visit(page)
    frame.get_by_role("button", name="Block Dora").click()
    expect(frame.get_by_label("For how long").get_by_role("option")).to_have_text(["For a day", "For a week"])
    shop.rep["mayManage"] = True
    frame = shop.visit(page)
    frame.get_by_role("button", name="Block Dora").click()
    all_three = ["For a day", "For a week", "For good (owner only)"]
    expect(frame.get_by_label("For how long").get_by_role("option")).to_have_text(all_three)


def test_from_a_pane_and_what_is_refused_is_said(page: Page, shop: FakeShop) -> None:
    shop.session("Ada Lovelace", state="ACTIVE")
    shop.refuse["ConsoleBlock"] = {"field": "duration", "message": "Only the owner.", "code": "PERMISSION_DENIED"}
    frame = shop.visit(page)
    side = frame.get_by_label("About Ada Lovelace")
    side.get_by_role("button", name="Block Ada Lovelace").click()
    side.get_by_label("Reason").fill("Spam")
    side.get_by_label("For how long").select_option("FOR_GOOD")
    side.get_by_role("button", name="Block", exact=True).click()
    expect(side.get_by_role("alert")).to_have_text("Only the owner.")
    expect(side.get_by_label("Reason")).to_have_value("Spam")
    shop.refuse.clear()
    side.get_by_role("button", name="Block", exact=True).click()
    expect(side).to_contain_text("Blocked for good")
    expect(side.get_by_role("button", name="Unblock Ada Lovelace")).to_be_visible()


def test_escape_blocks_nobody(page: Page, shop: FakeShop) -> None:
    shop.visitors = [visitor(1, "Dora")]
    frame = shop.visit(page)
    frame.get_by_role("button", name="Block Dora").click()
    frame.get_by_label("Reason").press("Escape")
    expect(frame.get_by_label("Reason")).to_have_count(0)
    expect(frame.get_by_role("button", name="Block Dora")).to_be_focused()
    assert shop.operations("ConsoleBlock") == []
