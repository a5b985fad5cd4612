"""Every state of the widget, each reached as a visitor reaches it.

``python -m tests.storefront.gallery FOLDER`` leaves a picture of each in light, dark, Arabic and on a phone, and a page
``index.html`` that shows them side by side. The tests walk through the same states with axe.
"""

from __future__ import annotations

import argparse
import datetime
import functools
import html
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, expect

from saleor_livesales import wire

from .. import chromium
from .fake import OPEN_FOR_HELP, SESSION, FakeShop
from .steps import dock

State = Callable[[Page, FakeShop], None]
STATES: dict[str, State] = {}


def state(reach: State) -> State:
    STATES[reach.__name__.replace("_", "-")] = reach
    return reach


@functools.cache
def a_photo() -> bytes:
    """A JPEG that looks like something."""
    shades = Image.merge("RGB", [Image.radial_gradient("L").rotate(turn) for turn in (0, 90, 180)]).resize((640, 480))
    out = io.BytesIO()
    shades.save(out, "JPEG", quality=85)
    return out.getvalue()


def part(page: Page, name: str) -> None:
    """Presses a part of the widget."""
    dock(page).locator(f"[part~={name}]").first.click()


def talked(page: Page, fake: FakeShop, **session: Any) -> None:
    """A conversation of two days."""
    fake.begin(**session)
    yesterday = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    fake.add(sender="visitor", text="Is this bracelet in stock?", tell=False, at=yesterday.isoformat())
    fake.state("active", repName="Anna Smith")
    fake.add(sender="rep", text="It is. You find its sizes at https://shop.example/sizes.")
    fake.add(sender="visitor", text="Thank you! And is it solid gold?\nOr plated?")
    assert fake.session
    fake.session["repRead"] = len(fake.entries)
    fake.add(sender="rep", text="Solid, 14 carat. 🙂")
    fake.add(sender="visitor", text="Lovely.")
    page.goto(fake.url)
    expect(dock(page).get_by_text("Lovely.")).to_be_visible()


@state
def launcher(page: Page, fake: FakeShop) -> None:
    page.goto(fake.url)
    expect(dock(page).locator("[part=launcher]")).to_be_visible()


@state
def leave_a_message(page: Page, fake: FakeShop) -> None:
    fake.storefront = {**OPEN_FOR_HELP, "available": False}
    page.goto(fake.url)
    part(page, "leave")
    part(page, "inquiry-send")
    expect(dock(page).locator("[part=inquiry] [role=alert]")).to_be_visible()


@state
def closed(page: Page, fake: FakeShop) -> None:
    monday = datetime.datetime(2026, 11, 23, 8, tzinfo=datetime.UTC)
    page.clock.set_fixed_time(monday - datetime.timedelta(days=2))
    fake.storefront = {**OPEN_FOR_HELP, "available": False, "opensAt": monday.isoformat(), "turnsIn": 172_800}
    page.goto(fake.url)
    part(page, "leave")
    expect(dock(page).locator("[part=opens]")).to_be_visible()


@state
def open_again(page: Page, fake: FakeShop) -> None:
    now = datetime.datetime(2026, 11, 23, 7, 59, 30, tzinfo=datetime.UTC)
    page.clock.install(time=now)
    closed = {"available": False, "opensAt": (now + datetime.timedelta(seconds=30)).isoformat(), "turnsIn": 30}
    fake.storefront = {**OPEN_FOR_HELP, **closed}
    page.goto(fake.url)
    part(page, "leave")
    expect(dock(page).locator("[part=opens]")).to_be_visible()
    fake.storefront = dict(OPEN_FOR_HELP)
    page.clock.run_for(36_000)
    expect(dock(page).locator("[part=chat]")).to_be_visible()


@state
def message_left(page: Page, fake: FakeShop) -> None:
    fake.storefront = {**OPEN_FOR_HELP, "available": False}
    page.goto(fake.url)
    part(page, "leave")
    dock(page).locator("[part=email]").fill("ann@example.com")
    dock(page).locator("[part=text]").fill("Is it gold?")
    part(page, "inquiry-send")
    expect(dock(page).locator("[part=inquiry-done]")).to_be_visible()


@state
def offer(page: Page, fake: FakeShop) -> None:
    page.goto(fake.url)
    fake.wait(lambda: fake.called("LiveOpenSession"))
    fake.offer("")
    expect(dock(page).locator("[part=offer]")).to_be_visible()


@state
def offer_with_somebody_there(page: Page, fake: FakeShop) -> None:
    page.goto(fake.url)
    fake.wait(lambda: fake.called("LiveOpenSession"))
    fake.offer("", rep_name="Anna Smith", rep_avatar_url=f"{fake.origin}/media/anna.svg")
    expect(dock(page).locator("[part=offer] img")).to_be_visible()


@state
def offer_ended(page: Page, fake: FakeShop) -> None:
    fake.refuse["LiveOfferAccept"] = "OFFER_CLOSED"
    offer(page, fake)
    part(page, "accept")
    expect(dock(page).locator("[part=offer] [role=alert]")).to_be_visible()


@state
def failed(page: Page, fake: FakeShop) -> None:
    fake.refuse["LiveSessionStart"] = "INTERNAL"
    page.goto(fake.url)
    part(page, "launcher")
    expect(dock(page).locator("[part=retry]")).to_be_visible()


@state
def waiting(page: Page, fake: FakeShop) -> None:
    page.goto(fake.url)
    part(page, "launcher")
    expect(dock(page).locator("[part=position]")).to_be_visible()


@state
def waiting_about_three_minutes(page: Page, fake: FakeShop) -> None:
    page.goto(fake.url)
    part(page, "launcher")
    expect(dock(page).locator("[part=position]")).to_be_visible()
    fake.place(2, 170)
    expect(dock(page).locator("[part=expected]")).to_be_visible()


@state
def conversation(page: Page, fake: FakeShop) -> None:
    talked(page, fake)
    fake.push(wire.Typing(session=SESSION, sender="rep"))
    expect(dock(page).locator(".writing")).to_be_visible()


@state
def conversation_with_picture(page: Page, fake: FakeShop) -> None:
    talked(page, fake, repAvatarUrl=f"{fake.origin}/media/anna.svg")
    part(page, "who")
    expect(dock(page).locator("img")).to_have_count(2)


@state
def code_asked_for(page: Page, fake: FakeShop) -> None:
    fake.refuse["LiveSessionStart"] = "CODE_REQUIRED"
    page.goto(fake.url)
    part(page, "launcher")
    expect(dock(page).locator("input[part=code]")).to_be_focused()


@state
def code_refused(page: Page, fake: FakeShop) -> None:
    fake.refuse["LiveSignInCodeRedeem"] = "CODE_REFUSED"
    page.goto(f"{fake.origin}/product#live=0123-4567-89T")
    expect(dock(page).locator("[part=window] [role=alert]")).not_to_be_empty()


@state
def picture_to_send(page: Page, fake: FakeShop) -> None:
    talked(page, fake)
    with page.expect_file_chooser() as chooser:
        part(page, "attach")
    chooser.value.set_files({"name": "ring.jpg", "mimeType": "image/jpeg", "buffer": a_photo()})
    expect(dock(page).locator("[part=picture-card]").get_by_role("img")).to_be_visible()


@state
def pictures(page: Page, fake: FakeShop) -> None:
    """A high one, one that is not there any more, and a wide one with words."""
    talked(page, fake)
    fake.show(a_photo(), 240, 640)
    fake.add(sender="rep", picture=wire.Picture(id="gone", width=640, height=480))
    fake.show(a_photo(), 640, 480, text="This is the clasp.")
    expect(dock(page).locator("[part=picture]")).to_have_count(3)
    expect(dock(page).locator("[part=picture]").last.locator("canvas")).to_be_visible()


@state
def picture_large(page: Page, fake: FakeShop) -> None:
    pictures(page, fake)
    dock(page).locator("[part=picture]").last.click()
    expect(dock(page).locator("[part=viewer]")).to_be_visible()


@state
def emojis(page: Page, fake: FakeShop) -> None:
    """On a phone there is none: its keyboard has them."""
    talked(page, fake)
    if dock(page).locator("[part=emoji]").is_visible():
        part(page, "emoji")
        expect(dock(page).locator("[part=emojis]")).to_be_visible()


@state
def about(page: Page, fake: FakeShop) -> None:
    talked(page, fake)
    part(page, "who")


@state
def on_hold_and_offline(page: Page, fake: FakeShop) -> None:
    talked(page, fake)
    fake.state("on_hold")
    expect(dock(page).locator(".subtitle")).not_to_have_text("")
    fake.accepting = False
    fake.drop()
    expect(dock(page).locator("[part=notice]")).to_be_visible()
    dock(page).locator("[part=input]").fill("Kept until then")
    dock(page).locator("[part=input]").press("Enter")


@state
def not_sent(page: Page, fake: FakeShop) -> None:
    talked(page, fake)
    fake.acking = False
    dock(page).locator("[part=input]").fill("x" * 3990)
    expect(dock(page).locator(".count")).to_be_visible()
    dock(page).locator("[part=input]").fill("Too late")
    dock(page).locator("[part=input]").press("Enter")
    sent = fake.wait(lambda: fake.of(wire.SendMessage))[0]
    fake.push(wire.Refused(code="SESSION_ENDED", message="over", session=SESSION, key=sent.key))
    expect(dock(page).locator("[part=edit]")).to_be_visible()


@state
def end_question(page: Page, fake: FakeShop) -> None:
    talked(page, fake)
    part(page, "end")
    expect(dock(page).locator("[part=confirm]")).to_be_visible()


@state
def ended(page: Page, fake: FakeShop) -> None:
    talked(page, fake)
    fake.state("ended", endReason="REP")
    expect(dock(page).locator("[part=ended]")).to_be_visible()


@state
def rating(page: Page, fake: FakeShop) -> None:
    fake.rating_asked = True
    ended(page, fake)
    expect(dock(page).locator("[part=rating]")).to_be_visible()


@state
def rating_with_words(page: Page, fake: FakeShop) -> None:
    rating(page, fake)
    dock(page).get_by_role("radio").nth(3).check(force=True)
    dock(page).locator("[part=rating-comment]").fill("Anna knew all about it, and it came the next day.")


@state
def rating_refused(page: Page, fake: FakeShop) -> None:
    fake.refuse["LiveSessionRate"] = "NOT_ALLOWED_NOW"
    rating_with_words(page, fake)
    part(page, "rating-send")
    expect(dock(page).locator("[part=rating] [role=alert]")).not_to_be_empty()


@state
def rated(page: Page, fake: FakeShop) -> None:
    rating_with_words(page, fake)
    part(page, "rating-send")
    expect(dock(page).locator("[part=rated]")).to_be_visible()


@state
def minimised_with_unread(page: Page, fake: FakeShop) -> None:
    talked(page, fake)
    part(page, "minimise")
    fake.add(sender="rep", text="Shall I put it aside for you?")
    expect(dock(page).locator(".badge")).to_be_visible()


GOLD = {
    "name": "Ada Lovelace", "byCode": False, "plan": {"name": "Inner circle", "level": 2},
    "sessions": {"left": 3, "limit": 4},
}  # fmt: skip


@state
def badge_of_a_member(page: Page, fake: FakeShop) -> None:
    fake.member = GOLD
    page.goto(f"{fake.origin}/members")
    expect(page.locator("live-sales-member [part=badge]")).to_be_visible()


@state
def badge_code_refused(page: Page, fake: FakeShop) -> None:
    fake.refuse["LiveSignInCodeRedeem"] = "CODE_REFUSED"
    page.goto(f"{fake.origin}/members#live=0123-4567-89T")
    expect(page.locator("live-sales-member [part=problem]")).not_to_be_empty()


LOOKS: dict[str, dict[str, object]] = {
    "light": {"html": 'lang="en"'},
    "dark": {"html": 'lang="en" style="color-scheme: dark; background: #111; color: #eee"'},
    "arabic": {"html": 'lang="ar" dir="rtl"'},
    "phone": {"html": 'lang="de"', "phone": True},
}


def show(browser: Browser, folder: Path, wanted: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for name, reach in STATES.items():
        if wanted and name not in wanted:
            continue
        cells = []
        for look, how in LOOKS.items():
            phone = bool(how.get("phone"))
            fake = FakeShop()
            fake.html_attributes = str(how["html"])
            context = browser.new_context(
                viewport={"width": 390, "height": 780} if phone else {"width": 760, "height": 720},
                is_mobile=phone,
                has_touch=phone,
                reduced_motion="reduce",
            )
            page = context.new_page()
            try:
                reach(page, fake)
                page.wait_for_timeout(150)
                page.screenshot(path=str(folder / f"{name}-{look}.png"))
            finally:
                context.close()
                fake.stop()
            cells.append(f'<td><img src="{name}-{look}.png" alt="{html.escape(f"{name}, {look}")}" loading=lazy>')
        rows.append(f"<tr><th scope=row>{html.escape(name)}{''.join(cells)}")
    heads = "".join(f"<th scope=col>{look}" for look in LOOKS)
    (folder / "index.html").write_text(
        "<!doctype html><meta charset=utf-8><title>States of the widget</title>"
        "<style>body{font:14px system-ui}img{max-width:320px;border:1px solid #ccc}th{padding:8px}</style>"
        f"<table><tr><th>{heads}{''.join(rows)}</table>",
        encoding="utf-8",
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("states", nargs="*", help="names of states; all without")
    given = parser.parse_args()
    with chromium.running() as chrome:
        show(chrome, given.folder, given.states)
