"""The owner sets the looks in the console, and the shop's page wears them. Every process real."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from .pages import Desk, Shop, shoot
from .shop_api import ShopApi


@pytest.fixture
def owner(chrome: Browser, api: ShopApi, stack) -> Iterator[Desk]:
    desk = Desk(chrome, stack, login=stack.logins["owner"])
    yield desk
    api.ask(
        "mutation($input: LiveAppearanceInput!) {"
        ' liveAppearanceUpdate(channel: "default-channel", input: $input) { errors { code } } }',
        {"input": {"accent": None, "radius": None, "side": "END"}},
        token=api.token(stack.logins["owner"]),
    )
    desk.context.close()


def test_what_the_owner_chooses_is_what_the_visitor_sees(owner: Desk, visitor: Shop, rep: Desk, api: ShopApi):
    # given: a shop page with the widget's own looks
    visitor.look_at(api.product("side-table"))
    launcher = visitor.widget.locator("[part=launcher]")
    expect(launcher).to_have_css("background-color", "rgb(31, 58, 138)")

    # when: the owner picks an accent, corners and a side in the Dashboard
    owner.open_settings()
    owner.frame.get_by_role("link", name="Appearance").click()
    form = owner.frame.locator(".owner-page:visible")
    form.get_by_role("button", name=re.compile("Default channel|Channel-USD")).click()  # as each shop calls it
    form.locator("input[name=accent]").fill("#0f766e")
    form.locator("input[name=radius]").fill("2")
    form.locator("input[name=side][value=START]").check()

    # then: the real widget beside the form wears it, before anything is saved
    preview = owner.frame.frame_locator("iframe.look-frame").locator("live-sales")
    expect(preview.locator("header")).to_have_css("background-color", "rgb(15, 118, 110)")
    shoot(owner.page, "appearance-unsaved")

    # when: it is saved
    form.get_by_role("button", name="Save", exact=True).click()
    expect(form.get_by_text("Saved", exact=True)).to_be_visible()

    # then: so does the shop's page
    visitor.page.reload()
    expect(launcher).to_have_css("background-color", "rgb(15, 118, 110)")
    expect(launcher).to_have_css("border-radius", "4px")
    box = launcher.bounding_box()
    assert box and box["x"] == 20
    shoot(visitor.page, "appearance-in-the-shop")
