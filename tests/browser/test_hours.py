"""The owner enters a holiday in the console, and the shop's page says until when it is closed. Every process real."""

from __future__ import annotations

import datetime
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
        "mutation($input: LiveChannelSettingsInput!) {"
        ' liveChannelSettingsUpdate(channel: "default-channel", input: $input) { errors { code } } }',
        {"input": {"specialDays": [], "timeZone": "UTC"}},
        token=api.token(stack.logins["owner"]),
    )
    desk.context.close()


def test_a_holiday_is_entered_and_the_shop_says_when_it_opens(owner: Desk, visitor: Shop, rep: Desk, api: ShopApi):
    # given: a shop page with somebody to talk to
    visitor.look_at(api.product("side-table"))
    expect(visitor.widget.locator("[part=launcher]")).to_be_visible()

    # when: the owner enters today and tomorrow as holidays
    owner.open_settings()
    form = owner.frame.locator(".owner-page:visible")
    form.get_by_role("button", name=re.compile("Default channel|Channel-USD")).click()  # as each shop calls it
    today = datetime.datetime.now(datetime.UTC).date()
    for number in range(2):
        form.get_by_role("button", name="Add a special day").click()
        date = today + datetime.timedelta(days=number)
        form.get_by_label("Date", exact=True).nth(number).fill(date.isoformat())
        form.get_by_label("Name of the day").nth(number).fill(f"Holiday {number + 1}")
    form.get_by_role("button", name="Save", exact=True).click()
    expect(form.get_by_text("Saved", exact=True)).to_be_visible()

    # then: the page says that the channel is closed, also at the rep's desk
    expect(form.get_by_test_id("opening")).to_contain_text("Closed now")
    shoot(owner.page, "holiday-entered")
    rep.page.reload()
    rep.open()
    expect(rep.frame.get_by_test_id("closed")).to_contain_text("is closed and opens ")

    # and: the visitor reads when it opens, and can't start a chat
    visitor.page.reload()
    visitor.widget.locator("[part=leave]").click()
    expect(visitor.widget.locator("[part=opens]")).to_contain_text("We open again ")
    expect(visitor.widget.locator("[part=inquiry-send]")).to_be_visible()
    shoot(visitor.page, "closed-in-the-shop")
