"""Every state of the desk and of the owner's page, each reached as people reach it.

``python -m tests.dashboard.gallery FOLDER [STATE...]`` leaves a picture of each in light, dark and Arabic, and a page
``index.html`` that shows them side by side.
"""

from __future__ import annotations

import html
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Frame, Page, expect

from saleor_livesales import wire

from .. import chromium
from ..storefront.gallery import a_photo
from .fake import FakeShop, member, money, piece, plan, profile, settings, visitor

State = Callable[[Page, FakeShop], Frame]
STATES: dict[str, State] = {}
WIDTHS: dict[str, int] = {"panes-1024": 1024, "panes-2560": 2560, "four-conversations": 1920}

PEOPLE = (
    ("Ada Lovelace", "Is the bracelet in stock in size M?"),
    ("Béla Bartók", "Which of the two is louder?"),
    ("ليلى حداد", "هل هذا السوار من الذهب الخالص؟"),
    ("Dan Okafor", "I would need it by Friday. Is that possible at all?"),
    ("Eva Nowak", "Thank you!"),
    ("Finn", "Hello?"),
)


def state(reach: State) -> State:
    STATES[reach.__name__.replace("_", "-")] = reach
    return reach


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


@state
def settings_of_a_channel(page: Page, shop: FakeShop) -> Frame:
    shop.page_path = "console/settings"
    shop.channels = [settings("default-channel", "Main store"), settings("b2b", "Business", active=False)]
    frame = shop.visit(page)
    frame.locator('textarea[name="greeting"]').fill("Hello! We know every piece in this shop. May we help?")
    return frame


@state
def settings_with_problems(page: Page, shop: FakeShop) -> Frame:
    frame = settings_of_a_channel(page, shop)
    frame.locator('input[name="priceThreshold"]').fill("lots")
    frame.locator('input[name="contactEmail"]').fill("nobody")
    frame.locator('input[name="gatewayUrl"]').fill("https://live.example.com")
    frame.locator(".button-primary[type=submit]").click()
    return frame


@state
def appearance(page: Page, shop: FakeShop) -> Frame:
    shop.page_path = "console/settings"
    shop.channels = [settings("default-channel", "Main store"), settings("b2b", "Business")]
    frame = shop.visit(page)
    frame.get_by_role("link", name="Appearance").click()
    frame.locator('input[name="accent"]').fill("#0f766e")
    widget = frame.frame_locator("iframe.look-frame").locator("live-sales")
    expect(widget.get_by_text("Shall I put one aside for you?")).to_be_visible()
    return frame


@state
def appearance_with_problems(page: Page, shop: FakeShop) -> Frame:
    frame = appearance(page, shop)
    frame.locator('input[name="onAccent"]').fill("#115e59")
    frame.locator('input[name="accentDark"]').fill("teal")
    frame.locator('input[name="radius"]').fill("40")
    return frame


@state
def printed_pieces(page: Page, shop: FakeShop) -> Frame:
    shop.page_path = "console/settings"
    shop.channels = [settings("default-channel", "Main store")]
    shop.pieces = [piece("piece-1", "Spring mailing", personal=True), piece("piece-2", "Catalogue of the year")]
    shop.codes = [
        {
            "id": f"code-{number}", "masked": f"••••-••••-•{number}T", "state": state_, "uses": uses, "maxUses": 1,
            "recipient": {"reference": f"7{number}", "name": name},
        }
        for number, (name, state_, uses) in enumerate(
            [("Ada Buyer", "ISSUED", 0), ("Béla Bartók", "USED", 1), ("ليلى حداد", "EXPIRED", 0), ("Dan", "REVOKED", 0)]
        )
    ]  # fmt: skip
    frame = shop.visit(page)
    frame.get_by_role("link", name="Printed pieces").click()
    expect(frame.locator(".pieces-codes tbody tr")).to_have_count(4)
    return frame


@state
def printed_pieces_about_to_be_revoked(page: Page, shop: FakeShop) -> Frame:
    frame = printed_pieces(page, shop)
    frame.get_by_role("button", name="Revoke", exact=True).click()
    expect(frame.get_by_role("button", name="Revoke all codes")).to_be_visible()
    return frame


@state
def a_new_piece_with_problems(page: Page, shop: FakeShop) -> Frame:
    shop.page_path = "console/settings"
    shop.channels = [settings("default-channel", "Main store")]
    frame = shop.visit(page)
    frame.get_by_role("link", name="Printed pieces").click()
    shop.refuse["ConsolePieceCreate"] = {"field": "landingUrl", "message": "Not that page.", "code": "INVALID"}
    frame.get_by_role("button", name="Create").click()
    expect(frame.get_by_text("Not that page.")).to_be_visible()
    return frame


@state
def members(page: Page, shop: FakeShop) -> Frame:
    """One of three is looked at, with the way of its sign-in code."""
    shop.page_path, shop.hash = "console/settings", "#members"
    shop.channels = [settings("default-channel", "Main store")]
    shop.plans = [plan("plan-1", "Circle"), plan("plan-2", "Inner circle", active=False, period="P1Y")]
    shop.members = [member(1, "Ada Buyer"), member(2, "Béla Bartók", "PAST_DUE"), member(3, "ليلى حداد", "LAPSED")]
    frame = shop.visit(page)
    frame.get_by_role("button", name="Ada Buyer").click()
    expect(frame.locator(".member-code")).to_be_visible()
    return frame


@state
def plans(page: Page, shop: FakeShop) -> Frame:
    frame = members(page, shop)
    frame.locator(".members-head button").first.click()
    expect(frame.locator(".member .members-name")).to_have_count(2)
    return frame


@state
def a_plan_with_problems(page: Page, shop: FakeShop) -> Frame:
    frame = plans(page, shop)
    frame.get_by_role("button", name="Circle", exact=True).click()
    frame.locator('input[name="graceDays"]').fill("two")
    frame.get_by_role("button", name="Save").click()
    expect(frame.locator(".field-problem")).to_be_visible()
    return frame


@state
def settings_without_permission(page: Page, shop: FakeShop) -> Frame:
    shop.page_path = "console/settings"
    shop.fail["ConsoleChannels"] = "PermissionDenied"
    return shop.visit(page)


LOOKS = ("light", "dark", "arabic")


def dress(page: Page, frame: Frame, look: str) -> None:
    """As the Dashboard tells it."""
    if look == "dark":
        page.evaluate("post('theme', {theme: 'dark'})")
        expect(frame.locator("html")).to_have_attribute("data-theme", "dark")
    elif look == "arabic":
        page.evaluate("post('localeChanged', {locale: 'ar'})")
        expect(frame.locator("html")).to_have_attribute("dir", "rtl")


def show(browser: Browser, folder: Path, wanted: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for name, reach in STATES.items():
        if wanted and name not in wanted:
            continue
        cells = []
        size = {"width": WIDTHS.get(name, 1440), "height": 900}
        context = browser.new_context(viewport=size, reduced_motion="reduce", locale="en-US")  # type: ignore[arg-type]
        page = context.new_page()
        try:
            frame = reach(page, FakeShop(context))
            for look in LOOKS:
                dress(page, frame, look)
                page.wait_for_timeout(200)
                page.screenshot(path=str(folder / f"{name}-{look}.png"))
                if look == "dark":
                    page.evaluate("post('theme', {theme: 'light'})")
                cells.append(f'<td><img src="{name}-{look}.png" alt="{html.escape(f"{name}, {look}")}" loading=lazy>')
        finally:
            context.unroute_all(behavior="ignoreErrors")
            context.close()
        rows.append(f"<tr><th scope=row>{html.escape(name)}{''.join(cells)}")
    heads = "".join(f"<th scope=col>{look}" for look in LOOKS)
    (folder / "index.html").write_text(
        "<!doctype html><meta charset=utf-8><title>States of the desk</title>"
        "<style>body{font:14px system-ui}img{max-width:620px;border:1px solid #ccc}th{padding:8px}</style>"
        f"<table><tr><th>{heads}{''.join(rows)}</table>",
        encoding="utf-8",
    )


if __name__ == "__main__":
    with chromium.running() as chrome:
        show(chrome, Path(sys.argv[1]), sys.argv[2:])
