"""Pictures at the desk: choosing, sending, seeing, also in a window of its own."""

from __future__ import annotations

import re
import uuid

from playwright.sync_api import Frame, Locator, Page, expect

from saleor_livesales import wire
from tests.pictures.build import image, saved
from tests.storefront.test_pictures import DROP, PASTE, base64

from .fake import FakeShop
from .test_desk import composer, pane

PICTURE = saved(image(), "PNG")


def shots(frame: Frame, session: str) -> Locator:
    return pane(frame, session).locator(".shot")


def cards(frame: Frame, session: str) -> Locator:
    return pane(frame, session).get_by_role("group", name="Picture to send")


def choose(page: Page, frame: Frame, session: str, *files: bytes) -> None:
    with page.expect_file_chooser() as chooser:
        pane(frame, session).get_by_role("button", name="Send a picture").click()
    chooser.value.set_files(
        [{"name": "a.png", "mimeType": "image/png", "buffer": file} for file in files or (PICTURE,)]
    )


def shown(shop: FakeShop, session: str, *, text: str = "", width: int = 800, height: int = 400) -> wire.Entry:
    number = len(shop.entries[session])
    picture = wire.Picture(id=f"picture-{number}", width=width, height=height)
    entry = shop._add(session, kind="message", sender="visitor", text=text, picture=picture)
    shop.push(entry)
    return entry


def test_a_visitors_picture_has_its_room_and_opens(page: Page, shop: FakeShop) -> None:
    session = shop.session("Ada", state="ACTIVE")
    frame = shop.visit(page)
    expect(pane(frame, session)).to_contain_text("Rita Rep accepted")
    shown(shop, session, text="the clasp")
    expect(shots(frame, session)).to_have_attribute("aria-label", "Picture: the clasp")
    expect(shots(frame, session).locator("img")).to_have_js_property("complete", True)
    box = shots(frame, session).bounding_box()
    assert box and (round(box["width"]), round(box["height"])) == (260, 130)
    expect(pane(frame, session).locator(".bubble")).to_have_text("the clasp")
    shots(frame, session).click()
    viewer = frame.locator("dialog.viewer")
    expect(viewer.get_by_role("img", name="Picture: the clasp")).to_be_visible()
    assert [path.rpartition("/")[2] for path in shop.served] == ["small", "large"]
    assert len(shop.operations("ConsolePicture")) == 1  # one address does for both
    page.keyboard.press("?")  # a key of the desk, which means nothing here
    page.keyboard.press("Escape")
    expect(viewer).to_have_count(0)
    expect(shots(frame, session)).to_be_focused()
    expect(frame.get_by_role("dialog")).to_have_count(0)


def test_a_picture_is_chosen_captioned_and_sent(page: Page, shop: FakeShop) -> None:
    session = shop.session("Ada", state="ACTIVE")
    frame = shop.visit(page)
    choose(page, frame, session)
    expect(cards(frame, session).locator("img")).to_have_js_property("complete", True)
    expect(cards(frame, session).locator("input")).to_be_focused()
    expect(cards(frame, session)).to_contain_text(re.compile(r"\d+ kB"))
    assert shop.files == []
    page.keyboard.type("in gold")
    page.keyboard.press("Enter")
    expect(shots(frame, session)).to_have_count(1)
    expect(cards(frame, session)).to_have_count(0)
    expect(composer(frame, session)).to_be_focused()
    [sent] = shop.operations("ConsolePictureSend")
    key = sent["input"].pop("key")
    assert sent["input"] == {"sessionId": session, "caption": "in gold", "image": None}
    assert [entry.key for entry in shop.entries[session] if entry.picture] == [uuid.UUID(key)]
    assert shop.files == [PICTURE]
    [authorization] = [token for name, _, token in shop.asked if name == "ConsolePictureSend"]
    assert authorization == "Bearer token-1"


def test_it_is_pasted_and_dropped(page: Page, shop: FakeShop) -> None:
    session = shop.session("Ada", state="ACTIVE")
    frame = shop.visit(page)
    composer(frame, session).evaluate(PASTE, ["image/png", base64(PICTURE), ""])
    expect(cards(frame, session)).to_have_count(1)
    page.keyboard.press("Escape")
    expect(cards(frame, session)).to_have_count(0)
    expect(composer(frame, session)).to_be_focused()
    composer(frame, session).evaluate(PASTE, ["image/png", base64(PICTURE), "words"])
    pane(frame, session).evaluate(DROP, ["a.png", "image/png", base64(PICTURE)])
    expect(cards(frame, session)).to_have_count(1)
    cards(frame, session).get_by_role("button", name="Send picture").click()
    expect(shots(frame, session)).to_have_count(1)


def test_a_refusal_says_why_and_the_same_is_tried_again(page: Page, shop: FakeShop) -> None:
    session = shop.session("Ada", state="ACTIVE")
    frame = shop.visit(page)
    shop.refuse["ConsolePictureSend"] = {"field": None, "message": "Away.", "code": "UNAVAILABLE"}
    choose(page, frame, session)
    cards(frame, session).get_by_role("button", name="Send picture").click()
    expect(cards(frame, session).get_by_role("alert")).to_have_text(
        "The picture can't be kept right now. Try again in a moment."
    )
    shop.refuse.clear()
    cards(frame, session).get_by_role("button", name="Try again").click()
    expect(shots(frame, session)).to_have_count(1)
    first, second = (call["input"]["key"] for call in shop.operations("ConsolePictureSend"))
    assert first == second
    shop.refuse["ConsolePictureSend"] = {"field": "image", "message": "No.", "code": "REFUSED_BY_SCAN"}
    choose(page, frame, session)
    cards(frame, session).get_by_role("button", name="Send picture").click()
    expect(cards(frame, session).get_by_role("alert")).to_have_text("The store's own check has refused this file.")
    expect(cards(frame, session).get_by_role("button")).to_have_text(["Remove"])


def test_what_is_no_picture_is_never_sent(page: Page, shop: FakeShop) -> None:
    session = shop.session("Ada", state="ACTIVE")
    frame = shop.visit(page)
    choose(page, frame, session, b"<script>alert(1)</script>")
    cards(frame, session).get_by_role("button", name="Send picture").click()
    expect(cards(frame, session).get_by_role("alert")).to_have_text("This file is not a picture that can be sent.")
    cards(frame, session).get_by_role("button", name="Remove").click()
    expect(cards(frame, session)).to_have_count(0)
    assert shop.files == []


def test_a_stale_token_is_replaced(page: Page, shop: FakeShop) -> None:
    session = shop.session("Ada", state="ACTIVE")
    frame = shop.visit(page)
    choose(page, frame, session)
    shop.stale.add("token-1")
    page.evaluate("() => { window.token = 'token-2'; post('tokenRefresh', {token: 'token-2'}); }")
    cards(frame, session).get_by_role("button", name="Send picture").click()
    expect(shots(frame, session)).to_have_count(1)


def test_an_address_that_ran_out_is_replaced_once(page: Page, shop: FakeShop) -> None:
    session = shop.session("Ada", state="ACTIVE")
    frame = shop.visit(page)
    expect(pane(frame, session)).to_contain_text("Rita Rep accepted")
    number = len(shop.entries[session])
    shop.missing.add(f"picture-{number}-1/small")
    shown(shop, session)
    expect(shots(frame, session).locator("img")).to_have_attribute("src", re.compile(rf"picture-{number}-2/small$"))
    shop.missing.update(f"picture-{number + 1}-{n}/small" for n in range(9))
    shown(shop, session)
    expect(shots(frame, session).nth(1)).to_have_text("This picture can't be shown. Try again.")
    shop.missing.clear()
    shots(frame, session).nth(1).click()
    expect(shots(frame, session).nth(1).locator("img")).to_have_js_property("complete", True)


def test_a_picture_that_is_gone_says_so(page: Page, shop: FakeShop) -> None:
    session = shop.session("Ada", state="ACTIVE")
    frame = shop.visit(page)
    expect(pane(frame, session)).to_contain_text("Rita Rep accepted")
    shop.missing.add(f"picture-{len(shop.entries[session])}")
    shown(shop, session)
    expect(shots(frame, session)).to_have_text("This picture is no longer there.")


def test_in_a_window_of_its_own(page: Page, shop: FakeShop) -> None:
    session = shop.session("Ada", state="ACTIVE")
    frame = shop.visit(page)
    expect(pane(frame, session)).to_contain_text("Rita Rep accepted")
    choose(page, frame, session)
    expect(cards(frame, session)).to_have_count(1)
    with page.expect_popup() as popped:
        pane(frame, session).get_by_role("button", name="More for Ada").click()
        frame.get_by_role("menuitem", name="Pop out").click()
    window = popped.value
    card = window.get_by_role("group", name="Picture to send")
    expect(card).to_have_count(1)  # what was chosen has come along
    card.get_by_role("button", name="Send picture").click()
    # What such a window asks for is not seen by a route; tests/browser/test_pictures.py looks at the picture itself.
    expect(window.locator(".shot img")).to_have_attribute("src", re.compile("/small$"))
    expect(card).to_have_count(0)
    window.locator(".shot").click()
    expect(window.locator("dialog.viewer img")).to_have_attribute("src", re.compile("/large$"))
    window.keyboard.press("Escape")
    expect(window.locator("dialog.viewer")).to_have_count(0)
    expect(window.locator(".shot")).to_be_focused()
    window.close()
    expect(shots(frame, session)).to_have_count(1)


def test_a_long_conversation_stays_at_its_end_when_a_picture_comes(page: Page, shop: FakeShop) -> None:
    session = shop.session("Ada", state="ACTIVE")
    for number in range(40):
        shop.write(session, "visitor", f"line {number}")
    frame = shop.visit(page)
    expect(pane(frame, session)).to_contain_text("line 39")
    shown(shop, session)
    expect(shots(frame, session).locator("img")).to_have_js_property("complete", True)
    expect(shots(frame, session)).to_be_in_viewport(ratio=0.99)
