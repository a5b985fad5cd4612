"""What the visitor is told while talking: true, once, and kept."""

from __future__ import annotations

import datetime
import re
import time
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from saleor_livesales import wire

from .fake import OPEN_FOR_HELP, SESSION, FakeShop
from .steps import dock, lines, say, talk, ticks, told

COUNT_TONES = """
    window.tones = 0;
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (...when) { window.tones += 1; return start.apply(this, when); };
"""


def test_ticks_say_how_far_a_message_has_come_and_no_more(page: Page, fake: FakeShop) -> None:
    fake.begin()
    page.goto(fake.url)
    expect(dock(page).get_by_text("We are looking for someone")).to_be_visible()

    # nobody has taken the session: the shop has the message, and that is all
    fake.acking = False
    say(page, "Is it gold?")
    expect(ticks(page)).to_have_text(["Sending"])
    fake.acking = True
    fake.drop()
    expect(ticks(page)).to_have_text(["Sent"])

    # it is on the desk of whoever took it
    fake.state("active", repName="Anna Smith")
    expect(ticks(page)).to_have_text(["Delivered"])
    say(page, "And how heavy?")
    expect(ticks(page).last).to_have_text("Delivered")

    # it was read up to the first message
    first = next(entry for entry in fake.entries if entry.text == "Is it gold?")
    fake.push(wire.Read(session=SESSION, number=first.number, sender="rep"))
    expect(ticks(page)).to_have_text(["Read", "Delivered"])
    assert ticks(page).locator(".sr").count() == 0  # both words are seen: colour alone would not tell them apart
    fake.push(wire.Read(session=SESSION, number=len(fake.entries), sender="rep"))
    expect(ticks(page)).to_have_text(["Read", "Read"])

    # the rep is gone: what is not read is with nobody
    say(page, "Hello?")
    expect(ticks(page).last).to_have_text("Delivered")
    fake.state("queued")
    expect(ticks(page).last).to_have_text("Sent")


def test_what_could_not_be_asked_for_is_asked_for_again(page: Page, fake: FakeShop) -> None:
    """While the gateway has no database it refuses to resume; in a quiet session nothing else would fill the gap."""
    talk(page, fake)
    fake.resuming = fake.delivering = False
    fake.add(sender="rep", text="It is silver.")
    fake.drop()
    fake.wait(lambda: len([frame for frame in fake.of(wire.Resume) if frame.after == 2]) >= 1)
    fake.resuming = True
    expect(page.locator("live-sales .line .text")).to_have_text(["It is silver."], timeout=15_000)


def test_days_are_marked(page: Page, fake: FakeShop) -> None:
    now = datetime.datetime.now(datetime.UTC)
    fake.begin()
    for days in (9, 1, 0):
        fake.add(sender="rep", text=f"{days} days ago", at=(now - datetime.timedelta(days=days)).isoformat())
    page.goto(fake.url)
    expect(dock(page).locator("[part=day]")).to_have_count(3)
    earlier, yesterday, today = dock(page).locator("[part=day]").all_inner_texts()
    assert re.fullmatch(r"\w+day, \w+ \d+", earlier)
    assert (yesterday, today) == ("Yesterday", "Today")


def test_links_are_links_and_nothing_else_is(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    fake.add(sender="rep", text="See https://shop.example/ring_(gold), and (http://b.example/?a=1&b=%22).")
    fake.add(
        sender="rep",
        text="javascript:alert(1) data:text/html,x ftp://x.example www.x.example https:// "
        "https://shop.example@evil.example/ https://evil.example/\u202egnp.exe",
    )
    expect(dock(page).locator(".line")).to_have_count(2)
    links = dock(page).locator("a")
    assert links.evaluate_all("(all) => all.map((a) => [a.getAttribute('href'), a.rel, a.target])") == [
        ["https://shop.example/ring_(gold)", "noopener noreferrer nofollow ugc", "_blank"],
        ["http://b.example/?a=1&b=%22", "noopener noreferrer nofollow ugc", "_blank"],
    ]
    assert links.first.inner_text().replace("\n", " ") == "https://shop.example/ring_(gold) (new tab)"
    assert lines(page)[1].startswith("javascript:alert(1) data:text/html,x")


def test_unread_counts_what_no_window_has_shown(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    page.get_by_role("button", name="Minimise").click()
    fake.add(sender="rep", text="one")
    fake.add(sender="rep", text="two")
    expect(page.get_by_label("Unread: 2")).to_be_visible()

    # they are still unread after a reload
    page.reload()
    expect(page.get_by_label("Unread: 2")).to_be_visible()

    # and read here once they were read in another tab
    other = page.context.new_page()
    other.goto(fake.url)
    expect(dock(other).get_by_text("two")).to_be_visible()
    expect(page.get_by_label("Unread: 2")).to_have_count(0)


def test_waiting_says_the_place_and_since_when(page: Page, fake: FakeShop) -> None:
    fake.begin(position=3, queuedAt="2026-05-04T10:05:00Z")
    page.goto(fake.url)
    expect(dock(page).locator("[part=position]")).to_have_text("You are number 3 in the queue.")
    since = page.evaluate(
        "() => new Intl.DateTimeFormat('en', { hour: 'numeric', minute: '2-digit' })"
        ".format(new Date('2026-05-04T10:05:00Z'))"
    )
    expect(dock(page).locator("[part=since]")).to_have_text(f"Waiting since {since}.")
    fake.push(wire.SessionChanged(id=SESSION, state="queued", form="chat", last_number=1, position=2))
    fake.push(wire.SessionChanged(id=SESSION, state="queued", form="chat", last_number=1, position=2))
    fake.push(wire.SessionChanged(id=SESSION, state="queued", form="chat", last_number=1, position=1))
    expect(dock(page).locator("[part=position]")).to_have_text("You are next.")
    assert told(page) == ["You are number 2 in the queue.", "You are next."]


def test_who_one_talks_to(page: Page, fake: FakeShop) -> None:
    fake.begin()
    page.goto(fake.url)
    page.get_by_role("button", name="About this chat").click()
    about = page.get_by_role("group", name="About this chat")
    expect(about).to_contain_text("Nobody has taken your chat yet.")
    fake.state("active", repName="Anna Maria Smith")
    expect(about).to_contain_text("You are talking to Anna Maria Smith, who answers for 127.0.0.1.")
    assert dock(page).locator("header [part=avatar]").inner_text() == "AS"
    expect(about).to_contain_text("Delivered: it is on the desk of the person you are talking to.")
    page.keyboard.press("Escape")
    expect(about).to_have_count(0)
    expect(page.get_by_role("button", name="About this chat")).to_be_focused()


def test_reconnect_notice_is_calm_and_true(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    notice = dock(page).locator("[part=notice]")
    page.clock.install()

    # a blink is not worth a word
    fake.drop()
    fake.wait(lambda: not fake.listeners)
    page.clock.run_for(1000)
    fake.wait(lambda: fake.listeners)
    page.wait_for_function("() => document.querySelector('live-sales').session.state === 'active'")
    expect(notice).to_be_hidden()

    # an outage is told, and its end too
    fake.accepting = False
    fake.drop()
    fake.wait(lambda: not fake.listeners)
    page.clock.run_for(1600)
    expect(notice).to_have_text("No connection right now. What you write is kept and sent as soon as it is back.")
    fake.accepting = True
    while not fake.listeners:
        page.clock.run_for(2000)
    expect(notice).to_have_text("Connected again.")
    page.clock.run_for(4100)
    expect(notice).to_be_hidden()

    # a refusal for too many connections is not an outage
    fake.drop(4409)
    fake.wait(lambda: not fake.listeners)
    page.clock.run_for(1600)
    expect(notice).to_contain_text("There are too many connections from here right now.")


def test_focus_goes_back_to_where_it_came_from(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    end = page.get_by_role("button", name="End chat")
    end.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("alertdialog").get_by_role("button", name="End chat")).to_be_focused()
    page.keyboard.press("Escape")
    expect(end).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(dock(page).locator("[part=ended]")).to_be_visible()
    page.get_by_role("button", name="Close").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Chat with us")).to_be_focused()


def test_focus_goes_back_to_the_page_where_there_is_no_launcher(page: Page, fake: FakeShop) -> None:
    fake.storefront = {**OPEN_FOR_HELP, "requestsAllowed": False}
    page.goto(fake.url)
    fake.wait(lambda: fake.called("LiveOpenSession"))
    page.get_by_role("button", name="Add to cart").focus()
    page.evaluate("() => document.querySelector('live-sales').open()")
    expect(dock(page).get_by_text("Live help is not available here right now.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Add to cart")).to_be_focused()


def test_transcript_is_the_whole_conversation_as_text(page: Page, fake: FakeShop) -> None:
    fake.page_size = 2
    fake.begin()
    fake.state("active", repName="Anna Smith")
    for number in range(5):
        fake.add(sender="visitor" if number % 2 else "rep", text=f"line {number}\nmore")
    page.goto(fake.url)
    expect(dock(page).get_by_text("line 4")).to_be_visible()
    page.get_by_role("button", name="About this chat").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save this conversation").click()
    assert re.fullmatch(r"127\.0\.0\.1-\d{4}-\d\d-\d\d\.txt", download.value.suggested_filename)
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert text.startswith("Conversation at 127.0.0.1, saved on ")
    assert re.findall(r"^(?:\[.*?\] )?(.*)$", text.partition("\n\n")[2], re.MULTILINE)[:-1] == [
        "Anna Smith joined the chat.",
        "Anna Smith: line 0",
        "    more",
        "You: line 1",
        "    more",
        "Anna Smith: line 2",
        "    more",
        "You: line 3",
        "    more",
        "Anna Smith: line 4",
        "    more",
    ]


def test_transcript_is_not_given_in_part(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    fake.delivering = False
    fake.add(sender="rep", text="missing here")
    fake.accepting = False
    fake.push(wire.SessionChanged(id=SESSION, state="active", form="chat", last_number=9, rep_name="Anna Smith"))
    page.wait_for_function("() => document.querySelector('live-sales').session.lastNumber === 9")
    page.get_by_role("button", name="About this chat").click()
    page.get_by_role("button", name="Save this conversation").click()
    expect(dock(page).get_by_text("Not all of it is here yet.")).to_be_visible()


def test_sound_rings_for_what_is_not_seen_and_has_a_switch(page: Page, fake: FakeShop) -> None:
    page.add_init_script(COUNT_TONES)
    talk(page, fake)
    page.get_by_role("button", name="Minimise").click()
    fake.add(sender="rep", text="one")
    page.wait_for_function("() => window.tones === 2")

    # nothing rings for what the visitor sees
    page.get_by_role("button", name="Anna Smith").click()
    fake.add(sender="rep", text="two")
    expect(dock(page).get_by_text("two")).to_be_visible()
    assert page.evaluate("() => window.tones") == 2

    # off, and kept off
    page.get_by_role("button", name="About this chat").click()
    switch = page.get_by_role("switch", name="Sound for new messages")
    expect(switch).to_be_checked()
    switch.click()
    expect(switch).not_to_be_checked()
    page.reload()
    page.get_by_role("button", name="About this chat").click()
    expect(switch).not_to_be_checked()
    page.get_by_role("button", name="Minimise").click()
    fake.add(sender="rep", text="three")
    expect(page.get_by_label("Unread: 1")).to_be_visible()
    assert page.evaluate("() => window.tones") == 0


def test_no_sound_before_the_visitor_did_anything(page: Page, fake: FakeShop) -> None:
    page.add_init_script(COUNT_TONES + "sessionStorage.setItem('livesales:minimised', '1');")
    page.add_init_script("Object.defineProperty(navigator, 'userActivation', { value: { hasBeenActive: false } })")
    fake.begin()
    fake.state("active", repName="Anna Smith")
    page.goto(fake.url)
    expect(page.get_by_role("button", name="Anna Smith")).to_be_visible()
    fake.wait(lambda: fake.of(wire.Resume))
    fake.add(sender="rep", text="one")
    expect(page.get_by_label("Unread: 1")).to_be_visible()
    assert page.evaluate("() => window.tones") == 0


def test_what_is_new_is_told_once_and_history_is_not(page: Page, fake: FakeShop) -> None:
    fake.begin()
    fake.add(sender="rep", text="before")
    fake.state("active", repName="Anna Smith")
    page.goto(fake.url)
    expect(dock(page).get_by_text("before")).to_be_visible()
    say(page, "mine")
    expect(ticks(page).last).to_have_text("Delivered")  # before anybody can have read it
    fake.add(sender="rep", text="one")
    fake.push(fake.entries[-1])
    fake.add(sender="rep", text="two")
    fake.push(wire.Read(session=SESSION, number=len(fake.entries), sender="rep"))
    expect(ticks(page).last).to_have_text("Read")
    expect(dock(page).get_by_text("two", exact=True)).to_be_visible()
    fake.state("ended", endReason="REP")
    expect(dock(page).locator("[part=ended]")).to_be_visible()
    assert told(page) == [
        "Anna Smith: one",
        "Anna Smith: two",
        "The chat was ended by our colleague. Thank you for talking to us.",
    ]
    assert dock(page).locator("[role=log]").get_attribute("aria-live") == "off"


def test_words_are_kept_in_the_page_where_the_browser_keeps_nothing(page: Page, fake: FakeShop) -> None:
    page.add_init_script("""
        for (const name of ["localStorage", "sessionStorage"]) {
            Object.defineProperty(window, name, { get() { throw new DOMException("denied", "SecurityError"); } });
        }
    """)
    fake.token = "token-1"
    fake.storefront = {**OPEN_FOR_HELP, "available": False}
    page.goto(fake.url)
    page.get_by_role("button", name="Leave a message").click()
    page.get_by_label("Your message").fill("half a sent")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Leave a message").click()
    expect(page.get_by_label("Your message")).to_have_value("half a sent")
    page.keyboard.press("Escape")

    # the same visitor after a reconnect, and no promise that a reload would break
    fake.begin()
    fake.state("active", repName="Anna Smith")
    expect(page.get_by_role("heading", name="Anna Smith")).to_be_visible()
    fake.accepting = False
    fake.drop()
    expect(dock(page).get_by_text("if this page stays open")).to_be_visible()
    say(page, "Still there?")
    fake.accepting = True
    expect(ticks(page)).to_have_text(["Delivered"], timeout=20_000)
    hellos = fake.of(wire.Hello)
    assert (hellos[0].token, hellos[-1].token) == (None, "token-1")


def test_window_that_cannot_be_loaded_is_told_and_nothing_is_accepted(page: Page, fake: FakeShop) -> None:
    page.route("**/assets/panel-*.js", lambda route: route.abort())
    page.goto(fake.url)
    page.get_by_role("button", name="Chat with us").click()
    expect(page.get_by_role("alert")).to_have_text("The chat can't be opened right now. Please try again in a moment.")
    expect(page.get_by_role("button", name="Chat with us")).to_be_visible()
    fake.offer()
    page.get_by_role("button", name="Chat now").click()
    expect(dock(page).locator("[part=offer]")).to_contain_text("We can't reach the shop right now.")
    assert (fake.called("LiveSessionStart"), fake.called("LiveOfferAccept")) == ([], [])


@pytest.mark.parametrize("at_first", [True, False], ids=["a page that opens", "after a break"])
def test_what_changes_while_the_shop_answers_goes_first(page: Page, fake: FakeShop, at_first: bool) -> None:
    """The rep ends the session after the shop has looked it up, and before its answer is here."""
    fake.rating_asked = True  # the end is shown to who comes back, too
    talk(page, fake)
    asked = "LiveOpenSession" if at_first else "LiveSession"
    answered = fake.answer

    def ending(operation: str, variables: dict[str, Any]) -> dict[str, Any]:
        answer = answered(operation, variables)
        if operation == asked and fake.session and fake.session["state"] == "ACTIVE":
            fake.wait(lambda: fake.listeners)
            fake.state("ended", endReason="REP")
            time.sleep(0.3)  # the frame is there before the answer
        return answer

    fake.answer = ending  # type: ignore[method-assign]
    if at_first:
        page.reload()
    else:
        fake.drop()
    expect(dock(page).locator("[part=ended]")).to_be_visible()
    expect(page.get_by_label("Your message")).to_have_count(0)


def test_a_chat_whose_membership_has_ended_says_when_it_ends_and_why(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    at = "2027-05-04T10:05:00Z"
    fake.notice(notice="ends", endsAt=at, reason="lapsed")
    time = page.evaluate(
        "(at) => new Intl.DateTimeFormat('en', { hour: 'numeric', minute: '2-digit' }).format(new Date(at))", at
    )
    line = f"The membership has ended. This chat ends at {time}."
    expect(dock(page).locator("[part=state]").last).to_have_text(line)
    assert line in told(page)
    say(page, "Then quickly")  # they go on talking
    expect(dock(page).get_by_text("Then quickly")).to_be_visible()
    fake.notice(notice="goes_on")
    expect(dock(page).locator("[part=state]").last).to_have_text("The chat goes on.")
    page.reload()
    expect(dock(page).get_by_text(line)).to_be_visible()

    fake.state("ended", endReason="LAPSED")
    expect(dock(page).locator("[part=ended]")).to_have_text("The chat ended because the membership has ended.")
    with page.expect_download() as saved:
        dock(page).locator("[part=save]").last.click()
    assert line in saved.value.path().read_text("utf-8-sig")
