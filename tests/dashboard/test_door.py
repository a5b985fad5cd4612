"""The way between desk and settings."""

from __future__ import annotations

import jwt
import pytest
from playwright.sync_api import Page, expect

from .build import settings
from .fake import FakeShop


def token(*permissions: str) -> str:
    return jwt.encode({"type": "thirdparty", "permissions": permissions}, "k" * 32, "HS256")


@pytest.mark.parametrize(
    ("path", "name", "to"), [("console/", "Settings", "settings"), ("console/settings", "Desk", "desk")]
)
def test_who_may_see_both_goes_by_the_dashboards_own_routing(
    page: Page, shop: FakeShop, path: str, name: str, to: str
) -> None:
    shop.token = token("HANDLE_LIVE_SALES", "MANAGE_LIVE_SALES")
    shop.page_path = path
    shop.channels = [settings("default-channel", "Main store")]
    frame = shop.visit(page)
    frame.get_by_role("button", name=name, exact=True).click()
    page.wait_for_function("window.actions.some(({type}) => type === 'redirect')")
    redirects = page.evaluate("window.actions.filter(({type}) => type === 'redirect').map(({payload}) => payload.to)")
    assert redirects == [f"/extensions/app/1/{to}"]


def test_an_owner_who_is_no_rep_finds_the_settings_from_the_desk(page: Page, shop: FakeShop) -> None:
    shop.token = token("MANAGE_LIVE_SALES")
    shop.fail["ConsolePresence"] = shop.fail["ConsoleRep"] = "PermissionDenied"
    frame = shop.visit(page)
    expect(frame.get_by_text("You can't use the live sales desk")).to_be_visible()
    expect(frame.get_by_role("button", name="Settings", exact=True)).to_be_visible()


@pytest.mark.parametrize(
    "given", ["token-1", token("HANDLE_LIVE_SALES"), "a.%%%.c", jwt.encode({"permissions": 7}, "k" * 32, "HS256")]
)
def test_nobody_else_sees_the_door(page: Page, shop: FakeShop, given: str) -> None:
    shop.token = given
    frame = shop.visit(page)
    expect(frame.get_by_role("radio", name="Online")).to_be_visible()
    expect(frame.get_by_role("button", name="Settings", exact=True)).to_have_count(0)
