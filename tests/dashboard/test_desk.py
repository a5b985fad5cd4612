"""What a rep sees and does at the desk."""

from __future__ import annotations

import re

from playwright.sync_api import Frame, Page, expect

from saleor_livesales import wire

from .build import money, profile
from .fake import FakeShop


def pane(frame: Frame, session: str):  # type: ignore[no-untyped-def]
    return frame.locator(f'[data-testid="pane"][data-session="{session}"]')


def composer(frame: Frame, session: str):  # type: ignore[no-untyped-def]
    return pane(frame, session).get_by_role("textbox")


def bubbles(frame: Frame, session: str) -> list[str]:
    return pane(frame, session).locator(".bubble").all_inner_texts()


def test_an_empty_desk_says_so(page: Page, shop: FakeShop) -> None:
    frame = shop.visit(page)
    expect(frame.get_by_text("Nobody is waiting")).to_be_visible()
    expect(frame.get_by_text("No visitors right now")).to_be_visible()
    expect(frame.get_by_text("Ready for the next visitor")).to_be_visible()
    expect(frame.get_by_test_id("link")).to_have_text("Connected")
    assert [frame.role for frame in shop.sent(wire.Hello)] == ["rep"]


def test_presence_and_capacity_go_to_the_server(page: Page, shop: FakeShop) -> None:
    frame = shop.visit(page)
    expect(frame.get_by_test_id("link")).to_have_text("Connected")
    frame.get_by_role("radio", name="Away").check()
    expect(frame.get_by_role("radio", name="Away")).to_be_checked()
    frame.get_by_label("How many sessions at once").select_option("5")
    expect(frame.get_by_label("How many sessions at once")).to_have_value("5")
    page.wait_for_function("() => true")
    assert shop.operations("ConsolePresence") == [
        {"input": {"status": "ONLINE"}},
        {"input": {"status": "AWAY"}},
        {"input": {"status": "AWAY", "capacity": 5}},
    ]
    assert len(shop.sent(wire.Renew)) == 2  # the open socket gets each new ticket


def test_a_capacity_below_the_load_is_explained(page: Page, shop: FakeShop) -> None:
    frame = shop.visit(page)
    expect(frame.get_by_test_id("link")).to_have_text("Connected")
    shop.refuse["ConsolePresence"] = {"field": "capacity", "message": "You hold 3 sessions.", "code": "INVALID"}
    frame.get_by_label("How many sessions at once").select_option("1")
    expect(frame.get_by_text("You hold 3 sessions.")).to_be_visible()
    expect(frame.get_by_label("How many sessions at once")).to_have_value("3")  # the choice is taken back
    frame.get_by_role("button", name="Dismiss").click()
    expect(frame.get_by_text("You hold 3 sessions.")).to_have_count(0)


def test_the_queue_shows_who_waits_and_accept_opens_a_pane(page: Page, shop: FakeShop) -> None:
    first = shop.session("Ada", waited=754, cart={"total": money(310), "quantity": 1, "lines": []})
    shop.session("Ben", waited=12)
    frame = shop.visit(page)
    rows = frame.get_by_test_id("queue").get_by_role("listitem")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("Ada")
    expect(rows.first).to_contain_text("€310.00")
    expect(rows.first.locator("time")).to_have_text(re.compile(r"^12:3\d$"))
    frame.get_by_role("button", name="Accept Ada").click()
    expect(pane(frame, first)).to_be_visible()
    expect(pane(frame, first)).to_contain_text("Rita Rep accepted")
    expect(rows).to_have_count(1)
    assert shop.operations("ConsoleAccept") == [{"id": first}]


def test_a_session_that_somebody_else_took_says_so(page: Page, shop: FakeShop) -> None:
    shop.session("Ada")
    shop.refuse["ConsoleAccept"] = {"field": "id", "message": "Another rep was faster.", "code": "NOT_ALLOWED_NOW"}
    frame = shop.visit(page)
    frame.get_by_role("button", name="Accept Ada").click()
    expect(frame.get_by_text("Another rep was faster.")).to_be_visible()
    expect(frame.get_by_test_id("pane")).to_have_count(0)


def test_a_full_rep_cannot_accept(page: Page, shop: FakeShop) -> None:
    shop.session("Ada")
    shop.rep["load"] = 3
    frame = shop.visit(page)
    accept = frame.get_by_role("button", name="Accept Ada")
    expect(accept).to_be_disabled()
    why = "You have 3 of 3 sessions. End one, or take more at once, to accept."
    expect(accept).to_have_accessible_description(why)
    expect(frame.get_by_text(why)).to_be_visible()


def test_who_is_not_online_cannot_accept(page: Page, shop: FakeShop) -> None:
    shop.session("Ada")
    frame = shop.visit(page)
    accept = frame.get_by_role("button", name="Accept Ada")
    expect(accept).to_be_enabled()
    frame.get_by_role("radio", name="Away").check()
    expect(accept).to_be_disabled()
    expect(accept).to_have_accessible_description("You are away. Go online to accept.")
    frame.get_by_role("radio", name="Offline").check()
    expect(accept).to_have_accessible_description("You are offline. Go online to accept.")
    frame.get_by_role("radio", name="Online").check()
    expect(accept).to_be_enabled()


def test_a_ringing_session_stands_out_and_is_accepted(page: Page, shop: FakeShop) -> None:
    frame = shop.visit(page)
    expect(frame.get_by_test_id("link")).to_have_text("Connected")
    session = shop.session("Ada", state="RINGING")
    shop.changed(session)
    ring = frame.get_by_test_id("ring")
    expect(ring).to_contain_text("Ada asks for help")
    expect(ring).to_contain_text("Watch")
    expect(ring.locator(".ring-left")).to_have_text(re.compile(r"^2\d s$"))
    expect(frame.get_by_test_id("pane")).to_have_count(0)
    ring.get_by_role("button", name="Accept Ada").click()
    expect(ring).to_have_count(0)
    expect(composer(frame, session)).to_be_focused()
    expect(pane(frame, session).locator(".pane-time")).to_have_text(re.compile(r"^0:0\d$"))
    expect(frame.get_by_test_id("load")).to_have_text("1")


def test_a_missed_ring_stays_visible(page: Page, shop: FakeShop) -> None:
    session = shop.session("Ada", state="RINGING")
    frame = shop.visit(page)
    expect(frame.get_by_test_id("ring")).to_contain_text("Ada")
    shop.sessions[session].update(state="QUEUED", rep=None, dueAt=None)
    shop.changed(session)
    expect(frame.get_by_test_id("ring")).to_have_count(0)
    missed = frame.get_by_test_id("missed")
    expect(missed).to_contain_text("Ada")
    expect(missed).to_contain_text("Was taken care of")
    shop.queue.append(session)
    shop.push(wire.QueueChanged(id=session, state="queued", channel="default-channel"))
    expect(missed).to_contain_text("Waits in the queue")
    frame = shop.visit(page)  # also after a reload
    expect(frame.get_by_test_id("missed")).to_contain_text("Ada")
    frame.get_by_role("button", name="Accept Ada").click()
    expect(frame.get_by_test_id("missed")).to_have_count(0)


def test_messages_both_ways_in_order(page: Page, shop: FakeShop) -> None:
    session = shop.session("Ada", state="ACTIVE")
    frame = shop.visit(page)
    composer(frame, session).fill("Hello Ada")
    composer(frame, session).press("Enter")
    expect(pane(frame, session).locator(".line-pending")).to_have_count(0)
    shop.push(shop.write(session, "visitor", "Hello"))
    composer(frame, session).fill("Line one")
    composer(frame, session).press("Shift+Enter")
    composer(frame, session).press_sequentially("Line two")
    composer(frame, session).press("Enter")
    expect(pane(frame, session).locator(".bubble")).to_have_count(3)
    expect(pane(frame, session).locator(".line-pending")).to_have_count(0)
    assert bubbles(frame, session) == ["Hello Ada", "Hello", "Line one\nLine two"]
    expect(composer(frame, session)).to_have_value("")


def test_a_gap_is_filled_before_anything_after_it_is_shown(page: Page, shop: FakeShop) -> None:
    session = shop.session("Ada", state="ACTIVE")
    frame = shop.visit(page)
    expect(pane(frame, session)).to_contain_text("Rita Rep accepted")
    shop.write(session, "visitor", "one")  # never announced
    shop.write(session, "visitor", "two")
    shop.push(shop.write(session, "visitor", "three"))
    expect(pane(frame, session).locator(".bubble")).to_have_count(3)
    assert bubbles(frame, session) == ["one", "two", "three"]
    assert shop.sent(wire.Resume)[-1] == wire.Resume(session=session, after=2)


def test_an_unacknowledged_message_goes_out_again_with_its_key(page: Page, shop: FakeShop) -> None:
    session = shop.session("Ada", state="ACTIVE")
    frame = shop.visit(page)
    expect(pane(frame, session)).to_contain_text("Rita Rep accepted")
    shop.acking = False
    composer(frame, session).fill("Are you there?")
    composer(frame, session).press("Enter")
    expect(pane(frame, session)).to_contain_text("Sending…")
    shop.open = False
    shop.drop()
    expect(frame.get_by_text("The live connection is lost.")).to_be_visible()
    composer(frame, session).fill("typed while away")
    shop.open = shop.acking = True
    expect(pane(frame, session).locator(".line-pending")).to_have_count(0, timeout=15000)
    assert bubbles(frame, session) == ["Are you there?"]
    keys = {frame.key for frame in shop.sent(wire.SendMessage)}
    assert len(shop.sent(wire.SendMessage)) == 2 and len(keys) == 1
    assert [entry.text for entry in shop.entries[session] if entry.kind == "message"] == ["Are you there?"]
    expect(composer(frame, session)).to_have_value("typed while away")
    expect(frame.get_by_text("The live connection is lost.")).to_have_count(0)


def test_a_reload_brings_back_panes_drafts_and_unsent_words(page: Page, shop: FakeShop) -> None:
    sessions = [shop.session("Ada", state="ACTIVE"), shop.session("Ben", state="ACTIVE")]
    frame = shop.visit(page)
    shop.acking = False
    composer(frame, sessions[0]).fill("Unsent")
    composer(frame, sessions[0]).press("Enter")
    composer(frame, sessions[1]).fill("A draft")
    shop.acking = True
    frame = shop.visit(page)
    expect(frame.get_by_test_id("pane")).to_have_count(2)
    expect(composer(frame, sessions[1])).to_have_value("A draft")
    expect(pane(frame, sessions[0]).locator(".line-pending")).to_have_count(0)
    assert bubbles(frame, sessions[0]) == ["Unsent"]
    assert len({frame.key for frame in shop.sent(wire.SendMessage)}) == 1


def test_ending_asks_first_and_the_pane_stays_readable(page: Page, shop: FakeShop) -> None:
    session = shop.session("Ada", state="ACTIVE")
    shop.write(session, "visitor", "Thank you")
    frame = shop.visit(page)
    pane(frame, session).get_by_role("button", name="End", exact=True).click()
    pane(frame, session).get_by_role("button", name="Keep talking").click()
    assert shop.operations("ConsoleEnd") == []
    pane(frame, session).get_by_role("button", name="End", exact=True).click()
    pane(frame, session).get_by_role("button", name="End session").click()
    expect(pane(frame, session)).to_contain_text("You ended this session.")
    expect(pane(frame, session)).to_contain_text("Thank you")
    expect(composer(frame, session)).to_have_count(0)
    assert shop.operations("ConsoleEnd") == [{"id": session}]
    pane(frame, session).get_by_role("button", name="Close").click()
    expect(frame.get_by_test_id("pane")).to_have_count(0)


def test_the_keyboard_stays_in_a_pane_that_ends(page: Page, shop: FakeShop) -> None:
    session = shop.session("Ada", state="ACTIVE")
    frame = shop.visit(page)
    log = pane(frame, session).get_by_role("log")
    pane(frame, session).get_by_role("button", name="End", exact=True).focus()
    page.keyboard.press("Enter")
    expect(frame.get_by_role("button", name="End session")).to_be_focused()
    page.keyboard.press("Escape")
    expect(pane(frame, session).get_by_role("button", name="End", exact=True)).to_be_focused()
    composer(frame, session).focus()
    shop.end(session, "visitor")
    expect(log).to_be_focused()  # not Close: a key that was meant for the message must not close the pane


def test_the_visitor_ends(page: Page, shop: FakeShop) -> None:
    session = shop.session("Ada", state="ACTIVE")
    frame = shop.visit(page)
    expect(pane(frame, session)).to_contain_text("Rita Rep accepted")
    shop.end(session, "visitor")
    expect(pane(frame, session)).to_contain_text("The visitor ended this session.")
    expect(composer(frame, session)).to_have_count(0)


def test_a_refused_message_can_be_edited_again(page: Page, shop: FakeShop) -> None:
    session = shop.session("Ada", state="ACTIVE")
    frame = shop.visit(page)
    shop.acking = False
    composer(frame, session).fill("Too rude")
    composer(frame, session).press("Enter")
    expect(pane(frame, session)).to_contain_text("Sending…")
    key = shop.sent(wire.SendMessage)[0].key
    shop.push(wire.Refused(code="NOT_ALLOWED_NOW", message="Not now.", session=session, key=key))
    expect(pane(frame, session)).to_contain_text("Not sent. Not now.")
    pane(frame, session).get_by_role("button", name="Edit").click()
    expect(composer(frame, session)).to_have_value("Too rude")
    expect(pane(frame, session).locator(".bubble")).to_have_count(0)


def test_unread_typing_and_read(page: Page, shop: FakeShop) -> None:
    sessions = [shop.session(name, state="ACTIVE") for name in ("Ada", "Ben", "Cleo", "Dan")]
    page.set_viewport_size({"width": 1024, "height": 768})
    frame = shop.visit(page)
    expect(frame.get_by_test_id("pane")).to_have_count(2)
    tab = frame.get_by_role("navigation", name="Open sessions").get_by_role("button", name="Dan")
    shop.push(shop.write(sessions[3], "visitor", "Hello?"))
    expect(tab.locator(".badge")).to_have_text("1")
    tab.click()
    expect(pane(frame, sessions[3])).to_contain_text("Hello?")
    expect(tab.locator(".badge")).to_have_count(0)
    assert shop.sent(wire.Read)[-1] == wire.Read(session=sessions[3], number=3)
    shop.push(wire.Typing(session=sessions[3], sender="visitor"))
    expect(pane(frame, sessions[3])).to_contain_text("Dan is writing…")
    composer(frame, sessions[3]).press_sequentially("Hi")
    assert shop.sent(wire.Typing) == [wire.Typing(session=sessions[3])]
    composer(frame, sessions[3]).press("Enter")
    expect(pane(frame, sessions[3]).locator(".line-pending")).to_have_count(0)
    shop.push(wire.Read(session=sessions[3], number=4, sender="visitor"))
    expect(pane(frame, sessions[3]).locator('[data-number="4"]')).to_contain_text("Read")


def test_sessions_do_not_mix(page: Page, shop: FakeShop) -> None:
    ada, ben = shop.session("Ada", state="ACTIVE"), shop.session("Ben", state="ACTIVE")
    frame = shop.visit(page)
    expect(frame.get_by_test_id("pane")).to_have_count(2)
    shop.push(shop.write(ada, "visitor", "from Ada"))
    shop.push(shop.write(ben, "visitor", "from Ben"))
    composer(frame, ben).fill("to Ben")
    composer(frame, ben).press("Enter")
    expect(pane(frame, ben).locator(".line-pending")).to_have_count(0)
    expect(pane(frame, ben).locator(".bubble")).to_have_count(2)
    assert bubbles(frame, ada) == ["from Ada"]
    assert bubbles(frame, ben) == ["from Ben", "to Ben"]


def test_a_pane_shows_profile_product_and_cart(page: Page, shop: FakeShop) -> None:
    lines = [{"name": "Watch (Gold)", "quantity": 2, "total": money(500)}]
    session = shop.session(
        "Ada",
        state="ACTIVE",
        visitor={"profile": profile("Ada Lovelace")},
        cart={"total": money(500), "quantity": 2, "lines": lines},
        earlierSessions=2,
    )
    page.set_viewport_size({"width": 1440, "height": 900})
    side = pane(shop.visit(page), session).get_by_role("complementary")
    for text in (
        "Ada Lovelace",
        "ada@example.com",
        "€1,234.50",
        "Germany, Austria",
        "Mar 5, 2024",
        "€250.00",
        "Watch (Gold)",
        "€500.00",
    ):
        expect(side).to_contain_text(text)
    expect(side.locator("div", has_text="Earlier sessions").last).to_contain_text("2")


def test_the_cart_follows_the_visitor(page: Page, shop: FakeShop) -> None:
    session = shop.session("Ada", state="ACTIVE")
    frame = shop.visit(page)
    expect(pane(frame, session).get_by_role("complementary")).to_contain_text("Empty")
    lines = [{"name": "Ring", "quantity": 1, "total": money(99)}]
    shop.sessions[session]["cart"] = {"total": money(99), "quantity": 1, "lines": lines}
    shop.push(wire.VisitorChanged(id="visitor-1", channel="default-channel", online=True))
    expect(pane(frame, session).get_by_role("complementary")).to_contain_text("Ring")


def test_live_visitors_and_why_they_got_no_offer(page: Page, shop: FakeShop) -> None:
    frame = shop.visit(page)
    expect(frame.get_by_text("No visitors right now")).to_be_visible()
    shop.visitors.append(
        {
            "id": "v",
            "name": "Ada",
            "assurance": "SIGNED_IN",
            "channel": "default-channel",
            "online": True,
            "startedAt": None,
            "pageUrl": "https://store.test/p/ring?x=1",
            "pageTitle": "",
            "product": None,
            "cart": {"total": money(40), "quantity": 1},
            "session": None,
            "inSession": False,
            "reason": "at_or_below_threshold",
        }
    )
    shop.push(wire.VisitorChanged(id="v", channel="default-channel", online=True))
    row = frame.get_by_test_id("visitors").get_by_role("listitem")
    expect(row).to_contain_text("Ada")
    expect(row).to_contain_text("Account")
    expect(row).to_contain_text("/p/ring?x=1")
    expect(row).to_contain_text("€40.00")
    expect(row).to_contain_text("No offer: not worth more than the threshold")
    expect(row).not_to_contain_text("In session")
    shop.visitors[0]["inSession"] = True  # with another rep: whose session it is stays untold
    shop.push(wire.VisitorChanged(id="v", channel="default-channel", online=True))
    expect(row).to_contain_text("In session")
    expect(row).not_to_contain_text("No offer")


def test_html_stays_text(page: Page, shop: FakeShop) -> None:
    evil = '<img src=x onerror="document.title=1"><script>document.title=1</script>'
    session = shop.session(evil, state="ACTIVE", visitor={"profile": profile(evil)})
    shop.write(session, "visitor", evil)
    frame = shop.visit(page)
    expect(pane(frame, session).locator(".bubble")).to_have_text(evil)
    assert frame.locator(".pane img, .pane script").count() == 0
    assert frame.evaluate("document.title") == "(1) Live sales"


def test_four_thousand_characters_and_no_more(page: Page, shop: FakeShop) -> None:
    session = shop.session("Ada", state="ACTIVE")
    frame = shop.visit(page)
    box, send = composer(frame, session), pane(frame, session).get_by_role("button", name="Send", exact=True)
    box.fill("x" * 4001)
    expect(pane(frame, session)).to_contain_text("4,001 of 4,000 characters")
    expect(send).to_be_disabled()
    box.press("Enter")
    expect(box).to_have_value("x" * 4001)
    box.fill("🙂" * 4000)  # counted as the server counts: characters, not UTF-16 units
    expect(pane(frame, session)).to_contain_text("4,000 of 4,000 characters")
    box.press("Enter")
    expect(pane(frame, session).locator(".line-pending")).to_have_count(0)
    assert [len(frame.text) for frame in shop.sent(wire.SendMessage)] == [4000]
    box.fill("   \n ")
    expect(send).to_be_disabled()


def test_a_session_that_went_to_another_rep(page: Page, shop: FakeShop) -> None:
    session = shop.session("Ada", state="ACTIVE")
    frame = shop.visit(page)
    expect(pane(frame, session)).to_contain_text("Rita Rep accepted")
    shop.sessions[session].update(rep={"id": "somebody else"})
    shop.push(wire.QueueChanged(id=session, state="active", channel="default-channel"))
    expect(pane(frame, session)).to_contain_text("This session is no longer yours.")
    expect(composer(frame, session)).to_have_count(0)
