"""The widget in a page: what it shows, tells and keeps."""

from __future__ import annotations

import re
import uuid
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from saleor_livesales import wire

from .fake import OPEN_FOR_HELP, SESSION, FakeShop
from .steps import dock, lines, say, talk, ticks

PRODUCT = "UHJvZHVjdDox"


# What is told about the visit


def test_visit_is_reported_without_query_and_fragment(page: Page, fake: FakeShop) -> None:
    fake.script_attributes = 'data-variant="UHJvZHVjdFZhcmlhbnQ6MQ==" data-checkout="Q2hlY2tvdXQ6MQ=="'
    page.goto(fake.url)
    fake.wait(lambda: len(fake.frames) == 4)
    assert fake.frames == [
        wire.Hello(role="visitor", channel="default-channel"),
        wire.PageViewed(url=f"{fake.origin}/product", title="Gold bracelet"),
        wire.ProductViewed(product=PRODUCT, variant="UHJvZHVjdFZhcmlhbnQ6MQ=="),
        wire.CartSeen(checkout="Q2hlY2tvdXQ6MQ=="),
    ]


def test_product_and_cart_are_told_when_the_page_changes_them(page: Page, fake: FakeShop) -> None:
    page.goto(fake.url)
    fake.wait(lambda: fake.of(wire.ProductViewed))
    page.evaluate("""() => {
        const live = document.querySelector("live-sales");
        live.product({ productId: "UHJvZHVjdDoy", variantId: "UHJvZHVjdFZhcmlhbnQ6OQ==" });
        live.cart({ checkoutId: "Q2hlY2tvdXQ6Nw==" });
        live.page();
    }""")
    fake.wait(lambda: fake.of(wire.CartSeen) and len(fake.of(wire.PageViewed)) == 2)
    assert fake.of(wire.ProductViewed)[1:] == [
        wire.ProductViewed(product="UHJvZHVjdDoy", variant="UHJvZHVjdFZhcmlhbnQ6OQ==")
    ]
    assert fake.of(wire.CartSeen) == [wire.CartSeen(checkout="Q2hlY2tvdXQ6Nw==")]


def test_dwell_is_counted_while_the_page_is_in_view(page: Page, fake: FakeShop) -> None:
    page.clock.install()
    page.goto(fake.url)
    fake.wait(lambda: fake.of(wire.ProductViewed))
    page.clock.run_for(10_500)
    fake.wait(lambda: fake.of(wire.Dwelled))
    assert [frame.seconds for frame in fake.of(wire.Dwelled)] == [10]


def test_inactive_channel_shows_nothing_and_connects_nowhere(page: Page, fake: FakeShop) -> None:
    fake.storefront = {**OPEN_FOR_HELP, "active": False}
    page.goto(fake.url)
    fake.wait(lambda: fake.called("LiveStorefront"))
    page.wait_for_timeout(300)
    assert fake.frames == []
    assert page.locator("live-sales button").count() == 0


def test_identify_links_and_unlinks_by_the_access_token(page: Page, fake: FakeShop) -> None:
    page.goto(fake.url)
    page.evaluate("() => document.querySelector('live-sales').identify({ accessToken: 'abc' })")
    page.evaluate("() => document.querySelector('live-sales').identify(null)")
    told = [(variables, header) for name, variables, header in fake.operations if name == "LiveVisitorIdentify"]
    assert told == [({"input": {"ticket": "ticket-1"}}, "Bearer abc"), ({"input": {"ticket": "ticket-1"}}, None)]


def test_stale_ticket_is_replaced_once(page: Page, fake: FakeShop) -> None:
    page.goto(fake.url)
    fake.wait(lambda: fake.called("LiveOpenSession"))
    fake.refuse["LiveVisitorIdentify"] = "INVALID_TICKET"
    code = page.evaluate("() => document.querySelector('live-sales').identify(null).catch((error) => error.code)")
    assert code == "INVALID_TICKET"
    assert len(fake.called("LiveVisitorIdentify")) == 2
    assert len(fake.of(wire.Hello)) == 2


def test_token_is_kept_and_shown_where_no_cookie_does_it(page: Page, fake: FakeShop) -> None:
    fake.token = "token-1"
    page.goto(fake.url)
    fake.wait(lambda: fake.called("LiveOpenSession"))
    page.reload()
    fake.wait(lambda: len(fake.of(wire.Hello)) == 2)
    assert [frame.token for frame in fake.of(wire.Hello)] == [None, "token-1"]


def test_cookie_that_does_not_come_back_is_given_up(page: Page, fake: FakeShop) -> None:
    page.goto(fake.url)
    fake.wait(lambda: fake.called("LiveOpenSession"))
    fake.visitor = "TGl2ZVZpc2l0b3I6Mg=="
    page.reload()
    fake.wait(lambda: len(fake.called("LiveOpenSession")) == 2)
    page.reload()
    fake.wait(lambda: len(fake.of(wire.Hello)) == 3)
    assert [frame.cookies for frame in fake.of(wire.Hello)] == [True, True, False]


def test_works_in_an_insecure_context(page: Page, fake: FakeShop) -> None:
    """Plain http at a LAN address has no `crypto.randomUUID`."""
    page.add_init_script("delete Crypto.prototype.randomUUID")
    talk(page, fake)
    assert page.evaluate("() => crypto.randomUUID") is None
    say(page, "Is it gold?")
    say(page, "And how heavy?")
    fake.wait(lambda: len(fake.of(wire.SendMessage)) == 2)
    keys = [frame.key for frame in fake.of(wire.SendMessage)]
    assert keys[0] != keys[1]
    assert [(key.version, key.variant) for key in keys] == [(4, uuid.RFC_4122)] * 2


def test_works_where_storage_is_forbidden(page: Page, fake: FakeShop) -> None:
    page.add_init_script("""
        for (const name of ["localStorage", "sessionStorage"]) {
            Object.defineProperty(window, name, { get() { throw new DOMException("denied", "SecurityError"); } });
        }
    """)
    talk(page, fake)
    say(page, "Is it gold?")
    expect(ticks(page).get_by_text("Delivered", exact=True)).to_be_visible()


# Offers and requests


def test_offer_is_accepted_and_opens_the_window(page: Page, fake: FakeShop) -> None:
    page.goto(fake.url)
    expect(page.get_by_role("button", name="Chat with us")).to_be_visible()
    fake.offer("Can I help you with the bracelet?")
    bubble = page.get_by_role("region", name="Offer of help")
    expect(bubble).to_contain_text("Can I help you with the bracelet?")
    expect(page.get_by_role("button", name="Chat with us")).to_have_count(0)
    page.get_by_role("button", name="Chat now").click()
    expect(dock(page).get_by_text("You are number 2 in the queue.")).to_be_visible()
    expect(bubble).to_have_count(0)
    expect(page.get_by_label("Your message")).to_be_focused()
    assert fake.called("LiveOfferAccept") == [{"id": "T2ZmZXI6MQ==", "ticket": "ticket-1", "form": "CHAT"}]
    fake.push(wire.SessionChanged(id=SESSION, state="queued", form="chat", last_number=1, position=1))
    expect(dock(page).get_by_text("You are next.")).to_be_visible()


def test_offer_is_declined(page: Page, fake: FakeShop) -> None:
    page.goto(fake.url)
    fake.wait(lambda: fake.called("LiveOpenSession"))
    fake.offer()
    page.get_by_role("button", name="No, thanks").click()
    expect(page.get_by_role("region", name="Offer of help")).to_have_count(0)
    fake.wait(lambda: fake.called("LiveOfferDecline"))
    assert fake.called("LiveOfferDecline") == [{"id": "T2ZmZXI6MQ==", "ticket": "ticket-1"}]
    page.reload()
    expect(page.get_by_role("button", name="Chat with us")).to_be_visible()
    assert page.get_by_role("region", name="Offer of help").count() == 0


def test_offer_survives_a_page_change_until_it_is_closed(page: Page, fake: FakeShop) -> None:
    page.goto(fake.url)
    fake.wait(lambda: fake.called("LiveOpenSession"))
    fake.offer()
    expect(page.get_by_role("button", name="Chat now")).to_be_visible()
    page.goto(f"{fake.origin}/other")
    expect(page.get_by_role("button", name="Chat now")).to_be_visible()
    fake.wait(lambda: len(fake.listeners) == 1)
    fake.push(wire.OfferClosed(id="T2ZmZXI6MQ==", reason="expired"))
    expect(page.get_by_role("button", name="Chat now")).to_have_count(0)


def test_offer_that_ended_meanwhile_says_so(page: Page, fake: FakeShop) -> None:
    fake.refuse["LiveOfferAccept"] = "OFFER_CLOSED"
    page.goto(fake.url)
    fake.wait(lambda: fake.called("LiveOpenSession"))
    fake.offer()
    page.get_by_role("button", name="Chat now").click()
    expect(dock(page).get_by_text("This offer has ended.")).to_be_visible()
    assert page.get_by_role("dialog").count() == 0


def test_page_may_keep_the_offer_and_the_window_back(page: Page, fake: FakeShop) -> None:
    fake.begin()
    page.add_init_script("""
        window.seen = [];
        for (const name of ["offer", "open"]) document.addEventListener("livesales:" + name, (event) => {
            event.preventDefault();
            window.seen.push([name, event.detail.greeting ?? event.detail.reason]);
        });
    """)
    page.goto(fake.url)
    page.wait_for_function("() => window.seen.length === 1")
    page.wait_for_timeout(200)
    assert page.locator("live-sales [part=window]:visible").count() == 0
    fake.session = None
    page.reload()
    fake.wait(lambda: len(fake.called("LiveOpenSession")) == 2)
    fake.offer("Hello")
    page.wait_for_function("() => window.seen.length === 1")
    assert page.evaluate("() => window.seen") == [["offer", "Hello"]]
    assert page.locator("live-sales [part=offer]").count() == 0


def test_request_starts_a_session_about_the_page(page: Page, fake: FakeShop) -> None:
    fake.script_attributes = 'data-checkout="Q2hlY2tvdXQ6MQ=="'
    page.goto(fake.url)
    page.get_by_role("button", name="Chat with us").click()
    expect(dock(page).get_by_text("You are number 2 in the queue.")).to_be_visible()
    assert fake.called("LiveSessionStart") == [
        {
            "input": {
                "ticket": "ticket-1",
                "channel": "default-channel",
                "form": "CHAT",
                "productId": PRODUCT,
                "checkoutId": "Q2hlY2tvdXQ6MQ==",
            }
        }
    ]


def test_no_launcher_where_requests_are_not_allowed(page: Page, fake: FakeShop) -> None:
    fake.storefront = {**OPEN_FOR_HELP, "requestsAllowed": False}
    page.goto(fake.url)
    fake.wait(lambda: fake.called("LiveOpenSession"))
    page.wait_for_timeout(200)
    assert page.locator("live-sales button").count() == 0


def test_nobody_available_takes_a_message_instead(page: Page, fake: FakeShop) -> None:
    fake.storefront = {**OPEN_FOR_HELP, "available": False}
    page.goto(fake.url)
    expect(page.get_by_role("button", name="Chat with us")).to_have_count(0)
    page.get_by_role("button", name="Leave a message").click()
    expect(dock(page).get_by_text("Nobody is available to chat right now.")).to_be_visible()
    page.get_by_role("button", name="Send message").click()
    expect(page.get_by_role("alert")).to_have_text("Please give an e-mail address that we can answer to.")
    expect(page.get_by_label("Your e-mail address")).to_be_focused()
    page.get_by_label("Your e-mail address").fill("ann@example.com")
    page.get_by_label("Your message").fill("Is it gold?")
    fake.refuse["LiveInquiryCreate"] = "INTERNAL"
    page.get_by_role("button", name="Send message").click()
    expect(dock(page).get_by_text("Something went wrong on our side.")).to_be_visible()
    del fake.refuse["LiveInquiryCreate"]
    page.get_by_role("button", name="Send message").click()
    expect(dock(page).get_by_text("We will answer to ann@example.com.").first).to_be_visible()
    first, second = (call["input"] for call in fake.called("LiveInquiryCreate"))
    assert first == second
    assert {name: second[name] for name in ("channel", "email", "text", "productId")} == {
        "channel": "default-channel",
        "email": "ann@example.com",
        "text": "Is it gold?",
        "productId": PRODUCT,
    }


def test_rep_gone_between_page_and_click_takes_a_message_instead(page: Page, fake: FakeShop) -> None:
    fake.refuse["LiveSessionStart"] = "NOBODY_AVAILABLE"
    page.goto(fake.url)
    page.get_by_role("button", name="Chat with us").click()
    expect(dock(page).get_by_text("Nobody is available to chat right now.")).to_be_visible()


def test_a_member_without_sessions_left_takes_a_message_instead(page: Page, fake: FakeShop) -> None:
    fake.refuse["LiveSessionStart"] = "SESSIONS_USED_UP"
    page.goto(fake.url)
    page.get_by_role("button", name="Chat with us").click()
    expect(dock(page).get_by_text("Your plan’s live help for this period is used up.")).to_be_visible()
    expect(dock(page).get_by_label("Your e-mail address")).to_be_visible()


def test_refusal_shows_in_the_launcher_too(page: Page, fake: FakeShop) -> None:
    fake.refuse["LiveOfferAccept"] = "NOBODY_AVAILABLE"
    page.goto(fake.url)
    fake.offer()
    page.get_by_role("button", name="Chat now").click()
    expect(dock(page).get_by_text("Nobody is available to chat right now.")).to_be_visible()
    page.get_by_role("button", name="Minimise").click()
    expect(page.get_by_role("button", name="Leave a message")).to_be_visible()


def test_launcher_follows_whether_somebody_is_available(page: Page, fake: FakeShop) -> None:
    page.clock.install()
    page.goto(fake.url)
    expect(page.get_by_role("button", name="Chat with us")).to_be_visible()
    asked = len(fake.called("LiveStorefront"))
    fake.storefront = {**OPEN_FOR_HELP, "available": False}
    page.clock.run_for(110_000)
    assert len(fake.called("LiveStorefront")) == asked
    page.clock.run_for(11_000)
    expect(page.get_by_role("button", name="Leave a message")).to_be_visible()
    assert len(fake.called("LiveStorefront")) == asked + 1


def test_nothing_is_asked_out_of_view(page: Page, fake: FakeShop) -> None:
    page.clock.install()
    page.goto(fake.url)
    expect(page.get_by_role("button", name="Chat with us")).to_be_visible()
    page.evaluate("""() => {
        Object.defineProperty(document, "visibilityState", { get: () => window.view, configurable: true });
        window.turn = (view) => { window.view = view; document.dispatchEvent(new Event("visibilitychange")); };
        window.turn("hidden");
    }""")
    fake.storefront = {**OPEN_FOR_HELP, "available": False}
    page.clock.run_for(600_000)
    assert len(fake.called("LiveStorefront")) == 1
    page.evaluate("() => window.turn('visible')")
    expect(page.get_by_role("button", name="Leave a message")).to_be_visible()
    assert len(fake.called("LiveStorefront")) == 2


def test_failure_is_told_in_plain_words_and_can_be_tried_again(page: Page, fake: FakeShop) -> None:
    fake.refuse["LiveSessionStart"] = "INTERNAL"
    page.goto(fake.url)
    page.get_by_role("button", name="Chat with us").click()
    expect(page.get_by_role("alert")).to_have_text("Something went wrong on our side. Please try again.")
    del fake.refuse["LiveSessionStart"]
    page.get_by_role("button", name="Try again").click()
    expect(dock(page).get_by_text("You are number 2 in the queue.")).to_be_visible()


# The conversation


def test_messages_both_ways_with_ticks_and_typing(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    say(page, "Is it gold?")
    expect(ticks(page).get_by_text("Delivered", exact=True)).to_be_visible()
    fake.push(wire.Typing(session=SESSION, sender="rep"))
    expect(dock(page).get_by_text("Writing…")).to_be_visible()
    fake.add(sender="rep", text="It is.")
    expect(dock(page).get_by_text("It is.")).to_be_visible()
    expect(dock(page).get_by_text("Writing…")).to_have_count(0)
    fake.push(wire.Read(session=SESSION, number=4, sender="rep"))
    expect(ticks(page).get_by_text("Read", exact=True)).to_be_visible()
    assert lines(page) == ["Is it gold?", "It is."]
    fake.wait(lambda: wire.Read(session=SESSION, number=4) in fake.frames)
    assert fake.of(wire.Typing) == [wire.Typing(session=SESSION, active=True)]


def test_last_line_stays_in_sight_when_the_log_shrinks(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    for number in range(20):
        fake.add(sender="rep", text=f"Line {number}")
    last = dock(page).get_by_text("Line 19", exact=True)
    expect(last).to_be_in_viewport()
    page.get_by_role("button", name="End chat").click()
    expect(page.get_by_role("alertdialog")).to_be_visible()
    hidden = """(line) => {
        const log = line.closest(".log").getBoundingClientRect();
        return Math.max(0, line.getBoundingClientRect().bottom - log.bottom);
    }"""
    assert last.evaluate(hidden) == 0
    page.get_by_role("button", name="Keep chatting").click()
    page.get_by_label("Your message").fill("one\ntwo\nthree\nfour")
    page.wait_for_timeout(100)
    assert last.evaluate(hidden) == 0


def test_nobody_writes_while_the_connection_is_away(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    fake.push(wire.Typing(session=SESSION, sender="rep"))
    expect(dock(page).get_by_text("Writing…")).to_be_visible()
    fake.accepting = False
    fake.drop()
    expect(dock(page).get_by_text("Writing…")).to_have_count(0, timeout=2000)


def test_markup_is_text(page: Page, fake: FakeShop) -> None:
    fake.begin()
    fake.state("active", repName="<img src=x onerror='window.hit=1'>")
    page.goto(fake.url)
    fake.add(sender="rep", text="<script>window.hit = 1</script><img src=x onerror='window.hit=1'>")
    expect(dock(page).get_by_text("<script>window.hit = 1</script>")).to_be_visible()
    assert page.locator("live-sales img, live-sales script").count() == 0
    assert page.evaluate("() => window.hit") is None


def test_numbers_decide_the_order_and_a_gap_is_asked_for(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    fake.delivering = False
    fake.add(sender="rep", text="one")
    fake.delivering = True
    fake.add(sender="rep", text="two")
    expect(dock(page).get_by_text("two", exact=True)).to_be_visible()
    assert lines(page) == ["one", "two"]
    assert fake.of(wire.Resume)[-1] == wire.Resume(session=SESSION, after=2)


def test_message_is_sent_again_with_its_key_after_a_lost_answer(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    fake.acking = False
    say(page, "Is it gold?")
    fake.wait(lambda: fake.of(wire.SendMessage))
    expect(dock(page).get_by_text("Sending")).to_be_visible()
    fake.acking = True
    fake.drop()
    expect(ticks(page).get_by_text("Delivered", exact=True)).to_be_visible()
    keys = {frame.key for frame in fake.of(wire.SendMessage)}
    assert len(keys) == 1
    assert lines(page) == ["Is it gold?"]
    assert [entry.text for entry in fake.entries if entry.kind == "message"] == ["Is it gold?"]


def test_words_written_offline_survive_a_reload(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    fake.accepting = False
    fake.drop()
    expect(dock(page).get_by_text("No connection right now.")).to_be_visible()
    say(page, "Still there?")
    page.get_by_label("Your message").fill("half a sent")
    fake.accepting = True
    page.reload()
    expect(ticks(page).get_by_text("Delivered", exact=True)).to_be_visible()
    assert lines(page) == ["Still there?"]
    expect(page.get_by_label("Your message")).to_have_value("half a sent")
    assert len(fake.of(wire.SendMessage)) == 1
    assert page.evaluate("() => Object.keys(sessionStorage).filter((key) => key.includes('pending'))") == []


def test_too_long_is_prevented_with_a_counter(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    page.get_by_label("Your message").fill("😀" * 4001)
    expect(dock(page).get_by_text("4,001 of 4,000 characters: please shorten your message.")).to_be_visible()
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_disabled()
    page.keyboard.press("Enter")
    page.get_by_label("Your message").fill("😀" * 4000)
    expect(dock(page).get_by_text("4,000 of 4,000 characters", exact=True)).to_be_visible()
    page.keyboard.press("Enter")
    fake.wait(lambda: fake.of(wire.SendMessage))
    assert [len(frame.text) for frame in fake.of(wire.SendMessage)] == [4000]


def test_refused_message_is_shown_as_not_sent(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    fake.acking = False
    say(page, "Too late")
    sent = fake.wait(lambda: fake.of(wire.SendMessage))[0]
    fake.push(wire.Refused(code="SESSION_ENDED", message="This session has ended.", session=SESSION, key=sent.key))
    expect(ticks(page).get_by_text("Not sent: the chat had ended.")).to_be_visible()
    page.get_by_role("button", name="Edit").click()
    expect(page.get_by_label("Your message")).to_have_value("Too late")
    assert lines(page) == []


def test_message_event_lets_the_page_keep_a_message_back(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    page.evaluate("""() => document.addEventListener("livesales:message", (event) => {
        if (event.detail.text === "secret") event.preventDefault();
    })""")
    fake.add(sender="rep", text="secret")
    fake.add(sender="rep", text="public")
    expect(dock(page).get_by_text("public", exact=True)).to_be_visible()
    assert lines(page) == ["public"]


# The end


def test_visitor_ends_after_confirming(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    page.get_by_role("button", name="End chat").click()
    page.get_by_role("button", name="Keep chatting").click()
    assert fake.called("LiveSessionEnd") == []
    page.get_by_role("button", name="End chat").click()
    page.get_by_role("alertdialog").get_by_role("button", name="End chat").click()
    expect(dock(page).get_by_text("You ended the chat.").first).to_be_visible()
    expect(page.get_by_label("Your message")).to_have_count(0)
    assert fake.called("LiveSessionEnd") == [{"id": SESSION, "ticket": "ticket-1"}]
    fake.entries.clear()
    page.get_by_role("button", name="Start again").click()
    expect(dock(page).get_by_text("You are number 2 in the queue.")).to_be_visible()


def test_rep_ends_and_the_visitor_reads_why(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    fake.state("ended", endReason="IDLE")
    expect(dock(page).get_by_text("The chat ended because nobody wrote for a while.").first).to_be_visible()
    expect(page.get_by_label("Your message")).to_have_count(0)
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("button", name="Chat with us")).to_be_visible()


def test_end_that_was_missed_offline_is_learnt_on_return(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    fake.accepting = False
    fake.drop()
    expect(dock(page).get_by_text("No connection right now.")).to_be_visible()
    assert fake.session is not None
    fake.session.update(state="ENDED", endReason="REP")
    fake.accepting = True
    expect(dock(page).get_by_text("The chat was ended by our colleague.").first).to_be_visible(timeout=15_000)


def test_session_that_is_not_the_visitors_any_more_does_not_look_open(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    fake.session = None
    fake.drop()
    expect(dock(page).get_by_text("The chat has ended.").first).to_be_visible()
    expect(page.get_by_label("Your message")).to_have_count(0)


def test_shop_that_did_not_answer_is_asked_again(page: Page, fake: FakeShop) -> None:
    fake.down = True
    page.clock.install()
    page.goto(fake.url)
    fake.wait(lambda: fake.called("LiveStorefront"))
    page.wait_for_timeout(200)
    assert page.locator("live-sales button").count() == 0
    fake.down = False
    page.clock.run_for(10_500)
    expect(page.get_by_role("button", name="Chat with us")).to_be_visible()


# Window, reload, keyboard, phone


def test_window_comes_back_after_a_reload_and_stays_minimised(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    say(page, "Is it gold?")
    expect(ticks(page).get_by_text("Delivered", exact=True)).to_be_visible()
    page.goto(f"{fake.origin}/other")
    expect(dock(page).get_by_text("Is it gold?")).to_be_visible()
    assert page.evaluate("() => document.activeElement === document.body")
    page.get_by_role("button", name="Minimise").click()
    page.reload()
    launcher = page.get_by_role("button", name="Anna Smith")
    expect(launcher).to_be_visible()
    assert dock(page).get_by_text("Is it gold?").is_visible() is False
    fake.add(sender="rep", text="It is.")
    expect(page.get_by_label("Unread: 1")).to_be_visible()
    launcher.click()
    expect(dock(page).get_by_text("It is.")).to_be_visible()
    page.get_by_role("button", name="Minimise").click()
    expect(page.get_by_label("Unread: 1")).to_have_count(0)


def test_second_tab_shows_the_same_conversation(page: Page, fake: FakeShop) -> None:
    page.goto(fake.url)
    fake.wait(lambda: fake.called("LiveOpenSession"))
    other = page.context.new_page()
    other.goto(f"{fake.origin}/other")
    other.get_by_role("button", name="Chat with us").click()
    expect(dock(other).get_by_text("You are number 2 in the queue.")).to_be_visible()
    fake.state("active", repName="Anna Smith")
    expect(page.get_by_role("heading", name="Anna Smith")).to_be_visible()
    say(other, "From the second tab")
    fake.wait(lambda: len(fake.entries) == 3)
    fake.push(fake.entries[-1])
    expect(dock(page).get_by_text("From the second tab")).to_be_visible()


def test_everything_by_keyboard(page: Page, fake: FakeShop) -> None:
    page.goto(fake.url)
    expect(page.get_by_role("button", name="Chat with us")).to_be_visible()
    page.get_by_role("button", name="Add to cart").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Chat with us")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your message")).to_be_focused()
    page.keyboard.type("one")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("two")
    page.keyboard.press("Enter")
    fake.wait(lambda: fake.of(wire.SendMessage))
    assert fake.of(wire.SendMessage)[0].text == "one\ntwo"
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Live help")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your message")).to_be_focused()


def test_phone_uses_the_whole_screen_and_arabic_is_mirrored(browser: Browser, fake: FakeShop) -> None:
    fake.html_attributes = 'lang="ar" dir="rtl"'
    context = browser.new_context(viewport={"width": 390, "height": 780}, is_mobile=True, has_touch=True)
    page = context.new_page()
    page.goto(fake.url)
    box = page.get_by_role("button", name="تواصل معنا").bounding_box()
    assert box is not None and box["x"] == 20
    page.get_by_role("button", name="تواصل معنا").click()
    expect(dock(page).get_by_text("رقمك في قائمة الانتظار: 2.")).to_be_visible()
    box = page.get_by_role("dialog").bounding_box()
    assert box is not None and [round(box[side]) for side in ("x", "width", "height")] == [0, 390, 780]
    size = page.get_by_label("رسالتك").evaluate("(input) => getComputedStyle(input).fontSize")
    assert size == "16px"  # a smaller one makes iOS zoom
    context.close()


def test_works_under_the_documented_policy_and_leaves_no_global(page: Page, fake: FakeShop) -> None:
    """Shop and gateway are of other origins than the page, and nothing else is allowed: what docs/embed.md promises."""
    guide = (Path(__file__).parents[2] / "docs" / "embed.md").read_text()
    told = re.search(r"```\n(script-src [^`]+)```", guide)
    assert told
    directives = told[1].replace("https://api.example.com", fake.origin).replace("wss://live.example.com", fake.gateway)
    fake.csp = "default-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'; " + " ".join(
        directives.split()
    )
    fake.served_from = fake.origin
    fake.url = fake.url.replace("127.0.0.1", "localhost")
    page.add_init_script("""
        window.broken = [];
        document.addEventListener("securitypolicyviolation", (event) => window.broken.push(event.violatedDirective));
        window.before = Object.keys(window);
    """)
    talk(page, fake)
    say(page, "Is it gold?")
    expect(ticks(page).get_by_text("Delivered", exact=True)).to_be_visible()
    colour = dock(page).locator("header").evaluate("(head) => getComputedStyle(head).backgroundColor")
    assert colour == "rgb(31, 58, 138)"
    assert page.evaluate("() => window.broken.filter((name) => name !== 'img-src')") == []  # the browser's favicon
    assert page.evaluate("() => Object.keys(window).filter((key) => !window.before.includes(key))") == ["before"]


def test_sdk_makes_the_widget_with_own_words_and_takes_it_away(page: Page, fake: FakeShop) -> None:
    page.goto(f"{fake.origin}/plain")
    page.evaluate("""async () => {
        const { createLiveSales } = await import("/plugins/saleor.livesales/livesales.js");
        window.live = createLiveSales({
            channel: "default-channel", api: "/graphql/", strings: { launcher: "Ask Bijoux" },
        });
    }""")
    expect(page.get_by_role("button", name="Ask Bijoux")).to_be_visible()
    fake.wait(lambda: len(fake.listeners) == 1)
    page.evaluate("() => window.live.destroy()")
    fake.wait(lambda: not fake.listeners)
    assert page.locator("live-sales").count() == 0
