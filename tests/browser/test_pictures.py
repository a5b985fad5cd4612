"""Pictures from one real browser to the other and back, every process real."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.pictures.build import HTML, photo, read

from .pages import Desk, Shop, shoot
from .shop_api import ShopApi
from .test_the_whole_way import connect


def choose(shop: Shop, data: bytes, name: str = "ring.jpg") -> None:
    with shop.page.expect_file_chooser() as chooser:
        shop.widget.locator("[part=attach]").click()
    chooser.value.set_files({"name": name, "mimeType": "image/jpeg", "buffer": data})


def choose_at_desk(rep: Desk, pane: Locator, data: bytes) -> None:
    with rep.page.expect_file_chooser() as chooser:
        pane.get_by_role("button", name="Send a picture").click()
    chooser.value.set_files({"name": "offer.jpg", "mimeType": "image/jpeg", "buffer": data})


def test_pictures_go_both_ways_and_outlast_reload_and_end(visitor: Shop, rep: Desk, api: ShopApi) -> None:
    # given: the two are talking
    pane = connect(visitor, rep, api)
    visitor.write("my ring, the clasp is broken")
    expect(rep.messages(pane)).to_have_count(1)

    # when: the visitor sends a photo that was taken with the phone held upright
    choose(visitor, photo(1600, 1200, orientation=6))
    shoot(visitor.page, "pictures-1-before-it-is-sent")
    visitor.widget.locator("[part=caption]").fill("the clasp")
    visitor.widget.locator("[part=picture-send]").click()

    # then: both have it, upright, with its caption
    shot = pane.locator(".shot img")
    expect(shot).to_have_js_property("naturalWidth", 360)
    assert shot.evaluate("image => image.naturalHeight") == 480
    expect(rep.messages(pane)).to_have_text(["my ring, the clasp is broken", "the clasp"])
    expect(visitor.widget.locator("[part=picture] canvas")).to_be_visible()

    # when: the rep answers with a picture and a text
    choose_at_desk(rep, pane, photo(800, 600))
    pane.get_by_role("button", name="Send picture").click()
    expect(pane.locator(".shot img")).to_have_count(2)
    rep.write(pane, "like this one?")

    # then: the order is the same on both sides
    expect(visitor.messages).to_have_count(3)
    expect(visitor.widget.locator("[part=picture]")).to_have_count(2)
    shoot(visitor.page, "pictures-2-visitor")
    shoot(rep.page, "pictures-2-desk")

    # when: it is opened in large on both sides
    visitor.widget.locator("[part=picture]").nth(1).click()
    expect(visitor.widget.locator("[part=viewer] canvas")).to_have_js_property("width", 800)
    shoot(visitor.page, "pictures-3-visitor-large")
    visitor.page.keyboard.press("Escape")
    pane.locator(".shot").first.click()
    expect(rep.frame.locator("dialog.viewer img")).to_have_js_property("naturalHeight", 1600)
    caption = rep.frame.locator(".viewer-caption")
    assert caption.evaluate("line => line.clientHeight >= line.scrollHeight && line.clientHeight > 15")
    shoot(rep.page, "pictures-3-desk-large")
    rep.page.keyboard.press("Escape")

    # when: the rep works in a window of its own
    with rep.page.expect_popup() as popped:
        pane.get_by_role("button", name=re.compile("^More for")).click()
        rep.frame.get_by_role("menuitem", name="Pop out").click()
    window = popped.value
    expect(window.locator(".shot img").first).to_have_js_property("naturalWidth", 360)
    window.locator(".shot").first.click()
    expect(window.locator("dialog.viewer img")).to_have_js_property("naturalHeight", 1600)
    shoot(window, "pictures-4-popped-out")
    window.close()
    expect(pane.locator(".shot img")).to_have_count(2)

    # then: after a reload, and after the end, they are still there
    visitor.page.reload()
    expect(visitor.widget.locator("[part=picture] canvas")).to_have_count(2)
    rep.end(pane)
    expect(visitor.widget.locator("[part=ended]")).to_be_visible()
    expect(visitor.widget.locator("[part=attach]")).to_have_count(0)
    visitor.widget.locator("[part=picture]").first.click()
    expect(visitor.widget.locator("[part=viewer] canvas")).to_be_visible()


def test_what_is_served_holds_nothing_but_the_picture(visitor: Shop, rep: Desk, api: ShopApi) -> None:
    pane = connect(visitor, rep, api)
    sent = photo(1600, 1200)
    assert b"Secret Camera" in sent
    choose(visitor, sent)
    visitor.widget.locator("[part=picture-send]").click()
    shot = pane.locator(".shot img")
    expect(shot).to_have_js_property("complete", True)
    answer = rep.page.request.get(str(shot.get_attribute("src")))
    assert (answer.status, answer.headers["content-type"]) == (200, "image/webp")
    assert read(answer.body()).size == (480, 360)
    assert b"ecret" not in answer.body()
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"

    # a page with a picture's name goes nowhere
    choose(visitor, HTML)
    expect(visitor.widget.get_by_role("alert")).to_have_text(re.compile("not a picture"))


def test_another_visitor_has_none_of_it(visitor: Shop, second_visitor: Shop, rep: Desk, api: ShopApi) -> None:
    pane = connect(visitor, rep, api)
    choose(visitor, photo())
    visitor.widget.locator("[part=picture-send]").click()
    expect(pane.locator(".shot img")).to_have_count(1)
    other = connect(second_visitor, rep, api)
    expect(other.locator(".shot")).to_have_count(0)
    expect(second_visitor.widget.locator("[part=picture]")).to_have_count(0)
    assert not [frame for frame in second_visitor.frames if '"picture"' in frame]
