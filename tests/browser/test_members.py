"""A member in a browser: the code that came by mail is entered in the widget, and a plan connects at once."""

from __future__ import annotations

import json
import re
import time
import urllib.parse
import urllib.request

import pytest
from playwright.sync_api import expect

from sandbox.runner.stack import Stack

from .pages import Desk, Shop, shoot
from .shop_api import CHANNEL, ShopApi
from .test_the_whole_way import A_CENT_ABOVE, AT_THRESHOLD

CODE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{3}\b")


def owner(api: ShopApi) -> str:
    return api.token(api.stack.logins["owner"])


def ok(api: ShopApi, name: str, document: str, variables: dict, token: str) -> dict:
    answer = api.ask(document, variables, token=token)[name]
    assert answer["errors"] == [], answer
    return answer


def arrange(api: ShopApi, plan: str, arrangement: str) -> None:
    update = """mutation($id: ID!, $i: LiveMembershipPlanInput!) { liveMembershipPlanUpdate(id: $id, input: $i) {
      errors { field message } } }"""
    ok(api, "liveMembershipPlanUpdate", update, {"id": plan, "i": {"arrangement": arrangement}}, owner(api))


@pytest.fixture(scope="module")
def plan(stack: Stack) -> str:
    """A plan that is bought as one of the shop's products."""
    api = ShopApi(stack)
    found = api.ask(
        "query($slug: String!, $channel: String!) { product(slug: $slug, channel: $channel) { id variants { id } } }",
        {"slug": A_CENT_ABOVE, "channel": CHANNEL},
    )["product"]
    given = {
        "name": "Inner circle", "productId": found["id"], "variantId": found["variants"][0]["id"], "period": "P1M",
        "priority": 3, "signInUrl": f"{stack.urls['storefront']}index.html",
    }  # fmt: skip
    create = """mutation($i: LiveMembershipPlanInput!) { liveMembershipPlanCreate(input: $i) {
      plan { id } errors { field message } } }"""
    return ok(api, "liveMembershipPlanCreate", create, {"i": given}, owner(api))["plan"]["id"]


@pytest.fixture(scope="module")
def code(stack: Stack, plan: str) -> str:
    """The code that the mail server of the demo got for the member."""
    api = ShopApi(stack)
    grant = """mutation($p: ID!, $c: String!, $e: String!) { liveMembershipGrant(
      email: $e, planId: $p, channel: $c, periods: 1, reason: "test") { errors { field message } } }"""
    given = {"p": plan, "c": CHANNEL, "e": stack.logins["shopper"]}
    ok(api, "liveMembershipGrant", grant, given, owner(api))
    for _ in range(240):
        with urllib.request.urlopen(stack.urls["mail"] + "messages.json") as answer:
            for letter in json.load(answer):
                if letter["To"] == stack.logins["shopper"] and (found := CODE.search(letter["text"])):
                    return found[0]
        time.sleep(0.5)
    raise AssertionError("No mail with a code came.")


def test_the_code_of_the_mail_is_entered_in_the_widget(code: str, visitor: Shop, rep: Desk, api: ShopApi) -> None:
    product = urllib.parse.urlencode({"id": api.product(AT_THRESHOLD)})
    visitor.page.goto(f"{visitor.stack.urls['storefront']}product.html?{product}#live={code}")

    pane = rep.accept()
    expect(visitor.input).to_be_visible()
    assert code not in visitor.page.url
    shoot(visitor.page, "9-visitor-came-by-code")
    expect(pane).to_contain_text("Inner circle")
    shoot(rep.page, "9-desk-member-by-code")
    rep.write(pane, "Welcome back")
    expect(visitor.messages.last).to_have_text("Welcome back")
    assert code not in "".join(visitor.frames)
    visitor.end()
    expect(pane).to_contain_text("The visitor ended this session.")


def test_a_plan_that_connects_at_once_opens_the_window_without_a_click(
    code: str, plan: str, second_visitor: Shop, rep: Desk, api: ShopApi
) -> None:
    visitor = second_visitor
    token = api.token(api.stack.logins["shopper"])
    arrange(api, plan, "CONNECT")
    try:
        visitor.look_at(api.product(AT_THRESHOLD))
        expect(visitor.widget.locator("[part=launcher]")).to_be_visible()
        # The storefront knows the shopper: its cookie is enough from then on.
        visitor.page.evaluate("(accessToken) => document.querySelector('live-sales').identify({accessToken})", token)
        visitor.look_at(api.product(AT_THRESHOLD))

        pane = rep.accept()
        expect(visitor.input).to_be_visible()
        expect(pane).to_contain_text("Inner circle")
        shoot(visitor.page, "10-visitor-connected-at-once")
        rep.write(pane, "Hello again")
        expect(visitor.messages.last).to_have_text("Hello again")
        visitor.end()
        expect(pane).to_contain_text("The visitor ended this session.")

        visitor.look_at(api.product(A_CENT_ABOVE))  # once in a visit
        visitor.page.wait_for_timeout(2000)
        expect(rep.frame.get_by_test_id("ring")).to_have_count(0)
    finally:
        arrange(api, plan, "RULES")
