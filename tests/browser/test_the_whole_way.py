"""A visitor is noticed, offered help and served. Two real browsers, every process real."""

from __future__ import annotations

import json
import re
import urllib.request

from playwright.sync_api import Browser, expect

from .pages import Desk, Shop, shoot
from .shop_api import ShopApi

AT_THRESHOLD = "side-table"  # 100.00
A_CENT_ABOVE = "tray-table"  # 100.01


def connect(visitor: Shop, rep: Desk, api: ShopApi):
    """Offer, accept, ring, accept: gives the rep's pane."""
    visitor.look_at(api.product(A_CENT_ABOVE))
    expect(visitor.offer).to_be_visible()
    visitor.accept()
    expect(rep.frame.get_by_test_id("ring").first).to_be_visible()
    return rep.accept()


def test_no_offer_at_the_threshold_and_one_a_cent_above(visitor: Shop, rep: Desk, api: ShopApi):
    # given: a channel with the threshold 100.00, and a rep who is online
    # when: the visitor looks at what costs just that
    visitor.look_at(api.product(AT_THRESHOLD))

    # then: the rep sees the visitor and why help was not offered; the visitor sees no offer
    row = rep.frame.get_by_test_id("visitors").get_by_role("listitem").filter(has_text="Side table")
    expect(row).to_contain_text(re.compile("threshold", re.IGNORECASE))
    visitor.page.wait_for_timeout(1500)
    expect(visitor.offer).to_have_count(0)
    shoot(visitor.page, "1-visitor-at-the-threshold")

    # when: it looks at what costs a cent more
    visitor.look_at(api.product(A_CENT_ABOVE))

    # then
    expect(visitor.offer).to_be_visible()
    shoot(visitor.page, "2-visitor-offer")
    shoot(rep.page, "2-desk-visitors")


def test_accept_twenty_messages_each_way_reload_and_the_visitor_ends(visitor: Shop, rep: Desk, api: ShopApi):
    # when: the offer is accepted
    pane = connect(visitor, rep, api)

    # then: both windows are open, and the rep sees what it is about
    expect(visitor.widget.get_by_role("dialog")).to_contain_text("Robin Rep")
    expect(pane).to_contain_text("Tray table")
    shoot(visitor.page, "3-visitor-connected")
    shoot(rep.page, "3-desk-connected")

    # when: twenty messages go each way, without waiting for one another
    for number in range(20):
        visitor.write(f"question {number}")
        rep.write(pane, f"answer {number}")

    # then: both sides have all of them, each side's in order, and both the same order
    expect(visitor.messages).to_have_count(40)
    expect(rep.messages(pane)).to_have_count(40)
    seen = visitor.messages.all_inner_texts()
    assert [text for text in seen if text.startswith("question")] == [f"question {number}" for number in range(20)]
    assert [text for text in seen if text.startswith("answer")] == [f"answer {number}" for number in range(20)]
    assert rep.messages(pane).all_inner_texts() == seen
    shoot(visitor.page, "4-visitor-messages")
    shoot(rep.page, "4-desk-messages")

    # when: the visitor reloads, and goes to another page
    visitor.page.reload()
    expect(visitor.messages).to_have_count(40)
    visitor.page.goto(visitor.stack.urls["storefront"])

    # then: the window is open and whole
    expect(visitor.messages).to_have_count(40)
    assert visitor.messages.all_inner_texts() == seen
    visitor.write("still here")
    expect(rep.messages(pane).last).to_have_text("still here")

    # when: the rep reloads the whole Dashboard
    rep.page.reload()
    rep.open()

    # then: the pane comes back with all of it
    pane = rep.panes.first
    expect(rep.messages(pane)).to_have_count(41)
    shoot(rep.page, "5-desk-after-reload")

    # when: the visitor ends
    visitor.end()

    # then: both see it at once
    expect(visitor.widget.locator("[part=ended]")).to_have_text("You ended the chat.")
    expect(pane.get_by_role("status").filter(has_text="ended")).to_be_visible()
    expect(pane.get_by_role("textbox")).to_have_count(0)
    shoot(visitor.page, "6-visitor-ended")
    shoot(rep.page, "6-desk-ended")


def test_the_rep_ends_and_a_message_after_the_end_is_refused(visitor: Shop, rep: Desk, api: ShopApi):
    # given
    pane = connect(visitor, rep, api)
    session = pane.get_attribute("data-session")
    visitor.write("hello")
    expect(rep.messages(pane)).to_have_text(["hello"])

    # when
    rep.end(pane)

    # then: both see it
    expect(visitor.widget.locator("[part=ended]")).to_contain_text("ended by our colleague")
    expect(pane.get_by_role("textbox")).to_have_count(0)

    # when: a message is sent all the same, past the window
    ticket = next(frame["ticket"] for frame in map(json.loads, reversed(visitor.frames)) if frame.get("ticket"))
    answer = api.ask(
        "mutation($input: LiveMessageSendInput!) { liveMessageSend(input: $input) {"
        " message { id } errors { field code } } }",
        {
            "input": {
                "sessionId": session,
                "ticket": ticket,
                "key": "01234567-89ab-4cde-8f01-23456789abcd",
                "text": "one more",
            }
        },
    )

    # then
    assert answer["liveMessageSend"]["message"] is None
    assert [error["code"] for error in answer["liveMessageSend"]["errors"]] == ["SESSION_ENDED"]


def test_two_visitors_with_one_rep_see_nothing_of_each_other(
    visitor: Shop, second_visitor: Shop, rep: Desk, api: ShopApi
):
    # given: both talk to the same rep
    first = connect(visitor, rep, api)
    second = connect(second_visitor, rep, api)

    # when
    visitor.write("the first one's secret")
    second_visitor.write("the second one's secret")
    expect(rep.messages(first)).to_have_text(["the first one's secret"])
    expect(rep.messages(second)).to_have_text(["the second one's secret"])
    rep.write(first, "for the first alone")
    rep.write(second, "for the second alone")

    # then: each window has its own, and nothing of the other came over the wire
    expect(visitor.messages).to_have_text(["the first one's secret", "for the first alone"])
    expect(second_visitor.messages).to_have_text(["the second one's secret", "for the second alone"])
    shoot(rep.page, "7-desk-two-visitors")
    first_id, second_id = first.get_attribute("data-session"), second.get_attribute("data-session")
    assert first_id != second_id
    wire = "\n".join(visitor.frames)
    assert "the first one's secret" in wire
    assert "second" not in wire
    assert str(second_id) not in wire
    other = "\n".join(second_visitor.frames)
    assert "first" not in other
    assert str(first_id) not in other

    # when: one asks for the other's session by its id
    ticket = next(frame["ticket"] for frame in map(json.loads, reversed(visitor.frames)) if frame.get("ticket"))
    data = api.ask(
        "query($id: ID!, $ticket: String) { liveSession(id: $id, ticket: $ticket) { id } }",
        {"id": second_id, "ticket": ticket},
    )
    # then
    assert data["liveSession"] is None


def test_html_in_messages_is_text_on_both_sides(visitor: Shop, rep: Desk, api: ShopApi):
    # given
    pane = connect(visitor, rep, api)
    attack = "<img src=x onerror=\"document.title='broken'\"><script>document.title='broken'</script>"

    # when
    visitor.write(attack)
    rep.write(pane, attack)

    # then
    expect(visitor.messages).to_have_text([attack, attack])
    expect(rep.messages(pane)).to_have_text([attack, attack])
    assert visitor.page.title() != "broken"
    assert rep.page.title() != "broken"
    assert rep.frame.locator("[data-testid=pane] .bubble img").count() == 0


def test_a_visitor_who_asks_when_nobody_is_there_leaves_a_message_that_arrives_by_mail_and_at_the_desk(
    visitor: Shop, settings: None, api: ShopApi, chrome: Browser, desks: list[Desk]
):
    # given: no rep is online, and the owner wants such messages
    api.set_channel(contactEmail="help@shop.example")
    visitor.look_at(api.product(A_CENT_ABOVE))

    # then: no offer is made that nobody could answer
    form = visitor.widget.locator("[part=leave]")
    expect(form).to_be_visible()
    expect(visitor.offer).to_have_count(0)

    # when
    form.click()
    visitor.widget.locator("[part=email]").fill("buyer@example.com")
    visitor.widget.locator("[part=text]").fill("Does the tray come in oak?")
    shoot(visitor.page, "8-visitor-leaves-a-message")
    visitor.widget.locator("[part=inquiry-send]").click()

    # then
    expect(visitor.widget.locator("[part=inquiry-done]")).to_contain_text("buyer@example.com")
    for _ in range(80):
        with urllib.request.urlopen(visitor.stack.urls["mail"] + "messages.json") as answer:
            letters = [letter for letter in json.load(answer) if "tray come in oak" in letter["text"]]
        if letters:
            break
        visitor.page.wait_for_timeout(500)
    assert [(letter["To"], letter["Reply-To"]) for letter in letters] == [("help@shop.example", "buyer@example.com")]

    # when: a rep comes to the desk
    desk = Desk(chrome, visitor.stack, login=visitor.stack.logins["rep"])
    desks.append(desk)

    # then
    expect(desk.frame.get_by_test_id("inquiries")).to_contain_text("Does the tray come in oak?")
    shoot(desk.page, "8-desk-message-left")


def test_a_visitor_is_known_again_by_its_cookie_which_scripts_cannot_read(visitor: Shop, settings: None, api: ShopApi):
    # when
    visitor.look_at(api.product(AT_THRESHOLD))
    visitor.page.wait_for_function("document.querySelector('live-sales')")
    visitor.page.wait_for_timeout(1000)
    first = next(frame["id"] for frame in map(json.loads, visitor.frames) if frame["type"] == "welcome")

    # then
    cookie = next(cookie for cookie in visitor.context.cookies() if cookie["name"] == "livesales")
    assert cookie["httpOnly"] is True
    assert cookie["sameSite"] == "Lax"
    assert "livesales" not in visitor.page.evaluate("document.cookie")

    # when: it comes back later
    visitor.frames.clear()
    visitor.page.reload()
    visitor.page.wait_for_timeout(1500)

    # then
    assert [frame["id"] for frame in map(json.loads, visitor.frames) if frame["type"] == "welcome"] == [first]
