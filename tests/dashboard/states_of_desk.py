"""States of the rep's desk."""

from __future__ import annotations

import datetime

from playwright.sync_api import Frame, Page, expect

from saleor_livesales import wire

from ..storefront.gallery import a_photo
from .build import money, profile, visitor
from .fake import FakeShop
from .states import state

PEOPLE = (
    ("Ada Lovelace", "Is the bracelet in stock in size M?"),
    ("Béla Bartók", "Which of the two is louder?"),
    ("ليلى حداد", "هل هذا السوار من الذهب الخالص؟"),
    ("Dan Okafor", "I would need it by Friday. Is that possible at all?"),
    ("Eva Nowak", "Thank you!"),
    ("Finn", "Hello?"),
)


def talk(shop: FakeShop, name: str, text: str, *, waited: float = 200) -> str:
    """A conversation in which the visitor's last words wait for an answer."""
    lines = [{"name": "Bracelet (M)", "quantity": 1, "total": money(310)}]
    person = {"profile": profile(name)} if " " in name else {}
    session = shop.session(
        name,
        state="ACTIVE",
        cart={"total": money(310), "quantity": 1, "lines": lines},
        visitor=person,
    )
    shop.write(session, "visitor", "Hello", ago=waited + 60)
    shop.write(session, "rep", "Hello! How can I help?", ago=waited + 40)
    shop.write(session, "visitor", text, ago=waited)
    return session


def people(shop: FakeShop, count: int) -> list[str]:
    return [talk(shop, name, text, waited=40 + 35 * n) for n, (name, text) in enumerate(PEOPLE[:count])]


def crowd(shop: FakeShop) -> None:
    """A queue, and visitors of two channels."""
    for n, name in enumerate(("Gita Rao", "", "Hugo")):
        cart = {"total": money(90 + 410 * n), "quantity": 1, "lines": []} if n else None
        shop.session(name, waited=500 - 130 * n, cart=cart, channel="b2b" if n == 1 else "default-channel")
    for n in range(5):
        shop.visitors.append(visitor(n, cart=money(25.5 * n) if n else None, signed_in=n == 2, engaged=n == 3))


def opened(page: Page, shop: FakeShop) -> Frame:
    frame = shop.visit(page)
    expect(frame.get_by_test_id("link")).to_have_class("link link-open")
    return frame


@state
def empty(page: Page, shop: FakeShop) -> Frame:
    return opened(page, shop)


@state
def closed_channels(page: Page, shop: FakeShop) -> Frame:
    opens = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=3)).replace(hour=8, minute=0)
    shop.openings = [
        {"channel": "a", "name": "Main store", "open": False, "opensAt": opens.isoformat(), "closesAt": None},
        {"channel": "b", "name": "Business", "open": True, "opensAt": None, "closesAt": opens.isoformat()},
        {"channel": "c", "name": "متجر دبي", "open": False, "opensAt": None, "closesAt": None},
    ]
    frame = opened(page, shop)
    expect(frame.get_by_test_id("closed")).not_to_be_empty()
    return frame


@state
def away(page: Page, shop: FakeShop) -> Frame:
    shop.rep["status"] = "AWAY"
    crowd(shop)
    return opened(page, shop)


@state
def loading(page: Page, shop: FakeShop) -> Frame:
    shop.hang.add("ConsoleRep")
    return shop.visit(page)


@state
def failed(page: Page, shop: FakeShop) -> Frame:
    shop.fail["ConsoleRep"] = "network"
    return shop.visit(page)


@state
def no_permission(page: Page, shop: FakeShop) -> Frame:
    shop.fail["ConsoleRep"] = "PermissionDenied"
    return shop.visit(page)


@state
def a_member_waits(page: Page, shop: FakeShop) -> Frame:
    shop.session("Ivy Chen", waited=10, priority=3, memberPlan={"name": "Inner circle"})
    shop.session("Cleo", waited=300, memberPlan={"name": "Circle"})
    people(shop, 1)
    return opened(page, shop)


@state
def ringing(page: Page, shop: FakeShop) -> Frame:
    people(shop, 1)
    crowd(shop)
    frame = opened(page, shop)
    shop.changed(shop.session("Ivy Chen", state="RINGING"))
    expect(frame.get_by_test_id("ring")).to_contain_text("Ivy Chen")
    return frame


@state
def missed(page: Page, shop: FakeShop) -> Frame:
    session = shop.session("Ivy Chen", state="RINGING")
    frame = opened(page, shop)
    expect(frame.get_by_test_id("ring")).to_contain_text("Ivy Chen")
    shop.sessions[session].update(state="QUEUED", rep=None, dueAt=None)
    shop.queue.append(session)
    shop.changed(session)
    expect(frame.get_by_test_id("missed")).to_contain_text("Ivy Chen")
    return frame


@state
def one_conversation(page: Page, shop: FakeShop) -> Frame:
    people(shop, 1)
    crowd(shop)
    return opened(page, shop)


@state
def pictures(page: Page, shop: FakeShop) -> Frame:
    """One that came, one that is about to be sent."""
    [session] = people(shop, 1)
    frame = opened(page, shop)
    picture = wire.Picture(id="picture-9", width=640, height=480)
    shop.push(shop._add(session, kind="message", sender="visitor", text="the clasp", picture=picture))
    with page.expect_file_chooser() as chooser:
        frame.get_by_role("button", name="Send a picture").click()
    chooser.value.set_files({"name": "ring.jpg", "mimeType": "image/jpeg", "buffer": a_photo()})
    expect(frame.get_by_role("group", name="Picture to send")).to_be_visible()
    expect(frame.locator(".shot img")).to_be_visible()
    return frame


@state
def three_conversations(page: Page, shop: FakeShop) -> Frame:
    ids = people(shop, 5)
    crowd(shop)
    frame = opened(page, shop)
    shop.push(wire.Typing(session=ids[0], sender="visitor"))
    shop.push(shop.write(ids[4], "visitor", "One more thing …"))
    return frame


@state
def four_conversations(page: Page, shop: FakeShop) -> Frame:
    return three_conversations(page, shop)


@state
def panes_1024(page: Page, shop: FakeShop) -> Frame:
    return three_conversations(page, shop)


@state
def panes_2560(page: Page, shop: FakeShop) -> Frame:
    ids = people(shop, 6)
    crowd(shop)
    frame = opened(page, shop)
    shop.push(wire.Typing(session=ids[0], sender="visitor"))
    frame.locator(f'.pane[data-session="{ids[1]}"] .talk').focus()
    page.keyboard.press("p")
    return frame


@state
def many_sessions_by_wait(page: Page, shop: FakeShop) -> Frame:
    shop.rep["capacity"] = 12
    for n in range(14):
        talk(shop, f"Visitor {n + 1}", "Are you there?", waited=20 + (n * 37) % 400)
    frame = opened(page, shop)
    frame.locator(".section .select").first.select_option("waiting")
    return frame


@state
def searched(page: Page, shop: FakeShop) -> Frame:
    crowd(shop)
    frame = opened(page, shop)
    frame.locator(".search").fill("hugo")
    return frame


@state
def lists_hidden(page: Page, shop: FakeShop) -> Frame:
    people(shop, 6)
    frame = opened(page, shop)
    frame.locator(".toolbar-name").click()
    page.keyboard.press("l")
    return frame


@state
def menu_of_a_pane(page: Page, shop: FakeShop) -> Frame:
    people(shop, 2)
    frame = opened(page, shop)
    frame.locator(".pane [aria-haspopup=menu]").first.click()
    return frame


@state
def alerts(page: Page, shop: FakeShop) -> Frame:
    frame = opened(page, shop)
    frame.locator(".toolbar [aria-haspopup=dialog]").click()
    return frame


@state
def shortcuts(page: Page, shop: FakeShop) -> Frame:
    people(shop, 2)
    frame = opened(page, shop)
    frame.locator(".toolbar-name").click()
    page.keyboard.press("?")
    expect(frame.locator("dialog.sheet")).to_be_visible()
    return frame


@state
def pages_of_a_visitor(page: Page, shop: FakeShop) -> Frame:
    pages = [
        {
            "url": f"https://store.test/products/{n}",
            "title": f"A page with quite a long title, number {n}",
            "viewedAt": f"2026-10-05T10:{59 - n}:00Z",
            "seconds": 13 * n or None,
            "product": {"id": "p", "name": "Bracelet"} if n % 2 else None,
        }
        for n in range(8)
    ]
    session = people(shop, 1)[0]
    shop.sessions[session]["visitor"]["trail"] = pages
    crowd(shop)
    shop.visitors[0]["trail"] = pages
    frame = opened(page, shop)
    frame.locator(".trail-toggle").first.click()
    expect(frame.locator(".row-trail .step")).to_have_count(5)
    return frame


@state
def offering_help(page: Page, shop: FakeShop) -> Frame:
    people(shop, 1)
    for n in range(4):
        open_one = {"id": "offer", "expiresAt": "2026-11-01T10:00:00Z"} if n == 2 else None
        shop.visitors.append(visitor(n, cart=money(25.5 * n) if n else None, offer=open_one, reason="offer_pause"))
    shop.refuse["ConsoleOfferMake"] = {
        "field": "visitorId",
        "message": "This visitor was offered help a short while ago, and did not take it.",
        "code": "OFFER_PAUSE",
    }
    frame = opened(page, shop)
    frame.locator(".offer-help button").first.click()
    frame.locator(".offer-form textarea").fill("Good morning! Shall I show you the other colours?")
    frame.locator(".offer-form [type=submit]").click()
    expect(frame.locator(".offer-form .inline-problem")).to_be_visible()
    return frame


@state
def blocking(page: Page, shop: FakeShop) -> Frame:
    people(shop, 1)
    shop.visitors = [visitor(n, name) for n, name in enumerate(("Dora", "Emil"))]
    shop.block(visitorId="live-1", duration="WEEK", reason="Insults in three conversations")
    frame = opened(page, shop)
    frame.get_by_test_id("visitors").locator(".blocking button").first.click()
    expect(frame.locator(".blocking form")).to_be_visible()
    return frame


@state
def end_question_and_details(page: Page, shop: FakeShop) -> Frame:
    ids = people(shop, 3)
    frame = opened(page, shop)
    frame.locator(f'.pane[data-session="{ids[0]}"] .pane-tools > .button-secondary').click()
    frame.locator(f'.pane[data-session="{ids[1]}"] .details-toggle').click()
    return frame


@state
def ended_with_words_not_sent(page: Page, shop: FakeShop) -> Frame:
    ids = people(shop, 2)
    frame = opened(page, shop)
    frame.locator(f'.pane[data-session="{ids[0]}"] textarea').fill("It is, in size M and L. Shall I")
    shop.end(ids[0], "visitor")
    expect(frame.locator(".ended")).to_be_visible()
    return frame


@state
def ended_and_rated(page: Page, shop: FakeShop) -> Frame:
    ids = people(shop, 2)
    frame = opened(page, shop)
    for pk, score, comment in ((ids[0], 4, "She knew all about it,\nand it came the next day."), (ids[1], 1, "")):
        shop.end(pk, "visitor")
        shop.rate(pk, score, comment)
    expect(frame.locator(".ended-rating .rated")).to_have_count(2)
    return frame


@state
def offline(page: Page, shop: FakeShop) -> Frame:
    ids = people(shop, 2)
    crowd(shop)
    frame = opened(page, shop)
    shop.acking = shop.open = False
    shop.drop()
    expect(frame.locator(".notice-warning")).to_be_visible()
    box = frame.locator(f'.pane[data-session="{ids[0]}"] textarea')
    box.fill("It is.")
    box.press("Enter")
    return frame


@state
def refused_message_and_old_lists(page: Page, shop: FakeShop) -> Frame:
    ids = people(shop, 2)
    crowd(shop)
    frame = opened(page, shop)
    shop.acking = False
    box = frame.locator(f'.pane[data-session="{ids[0]}"] textarea')
    box.fill("It is.")
    box.press("Enter")
    expect(frame.locator(".line-pending")).to_be_visible()
    key = shop.sent(wire.SendMessage)[0].key
    shop.push(wire.Refused(code="NOT_ALLOWED_NOW", message="Not now.", session=ids[0], key=key))
    shop.fail["ConsoleSessions"] = "network"
    shop.push(wire.QueueChanged(id="session-9", state="queued", channel="default-channel"))
    expect(frame.locator(".section .inline-problem")).to_be_visible()
    return frame
