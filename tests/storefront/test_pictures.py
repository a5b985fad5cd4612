"""Pictures in the widget: choosing, sending, seeing, and all that may go wrong."""

from __future__ import annotations

import base64 as codec
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from saleor_livesales import wire
from tests.pictures.build import HTML, image, photo, read, saved

from .fake import OPEN_FOR_HELP, FakeShop
from .steps import dock, say, talk, told

PICTURE = saved(image(), "PNG")
STRICT = "default-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'; "
DROP = """(panel, [name, type, base64]) => {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], name, {type}));
  for (const kind of ["dragover", "drop"]) {
    panel.dispatchEvent(new DragEvent(kind, {dataTransfer: data, bubbles: true, cancelable: true}));
  }
}"""
PASTE = """(input, [type, base64, words]) => {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], "image.png", {type}));
  if (words) data.setData("text/plain", words);
  const init = {clipboardData: data, bubbles: true, cancelable: true, composed: true};
  input.dispatchEvent(new ClipboardEvent("paste", init));
}"""


def base64(data: bytes) -> str:
    return codec.b64encode(data).decode()


def card(page: Page) -> Locator:
    return dock(page).locator("[part=picture-card]")


def shots(page: Page) -> Locator:
    return dock(page).locator("[part=picture]")


def choose(page: Page, data: bytes = PICTURE, name: str = "ring.png", kind: str = "image/png") -> None:
    with page.expect_file_chooser() as chooser:
        dock(page).locator("[part=attach]").click()
    chooser.value.set_files({"name": name, "mimeType": kind, "buffer": data})


def press_send(page: Page) -> None:
    dock(page).locator("[part=picture-send]").click()


def size(locator: Locator) -> tuple[float, float]:
    box = locator.bounding_box()
    assert box
    return round(box["width"]), round(box["height"])


def test_a_picture_is_chosen_looked_at_and_sent(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    choose(page)
    expect(card(page).get_by_role("img", name="Picture to send")).to_be_visible()
    expect(card(page).locator("[part=caption]")).to_be_focused()
    expect(card(page).get_by_role("status")).to_have_text(re.compile(r"^\d+ kB$"))
    assert fake.files == []  # nothing goes before it is meant to
    page.keyboard.type("the clasp is broken")
    page.keyboard.press("Enter")
    expect(shots(page)).to_have_count(1)
    expect(card(page)).to_have_count(0)
    expect(dock(page).locator("[part=input]")).to_be_focused()
    assert fake.files == [PICTURE]
    [sent] = fake.called("LivePictureSend")
    assert sent["input"] == {
        "sessionId": fake.session["id"],
        "key": sent["input"]["key"],
        "caption": "the clasp is broken",
        "ticket": "ticket-1",
    }
    expect(shots(page)).to_have_attribute("aria-label", "Picture: the clasp is broken")
    expect(shots(page).locator("canvas")).to_be_visible()
    expect(dock(page).locator(".mine .text")).to_have_text("the clasp is broken")
    assert "The picture was sent." in told(page)


def test_its_place_in_the_log_is_that_of_its_number(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    say(page, "before")
    choose(page)
    press_send(page)
    expect(shots(page)).to_have_count(1)
    say(page, "after")
    expect(dock(page).locator(".line")).to_have_count(3)
    kind = "(line) => line.querySelector('.shot') ? 'picture' : line.querySelector('.text').innerText"
    kinds = dock(page).locator(".line").evaluate_all(f"lines => lines.map({kind})")
    assert kinds == ["before", "picture", "after"]
    page.reload()
    expect(dock(page).locator(".line")).to_have_count(3)
    expect(shots(page).locator("canvas")).to_be_visible()


def test_a_picture_of_the_reps_has_its_room_before_it_is_there(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    page.route("**/pictures/**", lambda route: None)  # never answered
    fake.show(PICTURE, 1600, 800, text="this one?")
    expect(shots(page)).to_have_count(1)
    before = size(shots(page))
    assert before == (232, 116)
    page.unroute("**/pictures/**")
    page.reload()
    expect(shots(page).locator("canvas")).to_be_visible()
    assert size(shots(page)) == before
    fake.show(PICTURE, 400, 1600)
    fake.show(PICTURE, 20, 10)
    expect(shots(page)).to_have_count(3)
    assert (size(shots(page).nth(1))[0], size(shots(page).nth(2))[1]) == (
        58,
        44,
    )  # high ones are narrow, tiny ones can be hit


def test_what_a_screen_reader_hears_of_it(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    fake.show(PICTURE, 640, 480, text="in gold")
    expect(shots(page)).to_have_count(1)
    assert "Anna Smith: [Picture] in gold" in told(page)
    fake.show(PICTURE, 640, 480)
    expect(shots(page)).to_have_count(2)
    assert "Anna Smith: [Picture]" in told(page)


def test_it_opens_in_large_and_gives_the_focus_back(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    fake.show(PICTURE, 640, 480, text="in gold")
    expect(shots(page).locator("canvas")).to_be_visible()
    shots(page).focus()
    page.keyboard.press("Enter")
    viewer = page.locator("live-sales [part=viewer]")
    expect(viewer.get_by_role("img", name="Picture: in gold")).to_be_visible()
    expect(viewer).to_contain_text("in gold")
    assert [call["size"] for call in fake.called("LivePicture")] == ["SMALL", "LARGE"]
    expect(viewer.locator("[part=viewer-close]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(viewer).to_have_count(0)
    expect(dock(page).locator("[part=window]")).to_be_visible()  # Escape has not put the window away as well
    expect(shots(page)).to_be_focused()
    shots(page).click()
    viewer.locator("[part=viewer-close]").click()
    expect(viewer).to_have_count(0)
    expect(shots(page)).to_be_focused()
    shots(page).click()
    expect(viewer.get_by_role("img")).to_be_visible()
    page.mouse.click(5, 400)  # beside it
    expect(viewer).to_have_count(0)


def test_it_is_pasted_and_dropped(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    dock(page).locator("[part=input]").evaluate(PASTE, ["image/png", base64(PICTURE), ""])
    expect(card(page)).to_have_count(1)
    page.keyboard.press("Escape")
    expect(card(page)).to_have_count(0)
    expect(dock(page).locator("[part=input]")).to_be_focused()
    expect(dock(page).locator("[part=window]")).to_be_visible()
    dock(page).locator("[part=window]").evaluate(DROP, ["ring.png", "image/png", base64(PICTURE)])
    expect(card(page)).to_have_count(1)
    press_send(page)
    expect(shots(page)).to_have_count(1)


def test_words_that_come_with_a_picture_of_them_are_pasted_as_words(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    dock(page).locator("[part=input]").evaluate(PASTE, ["image/png", base64(PICTURE), "a cell of a table"])
    page.wait_for_timeout(300)
    expect(card(page)).to_have_count(0)


def test_a_file_that_is_dropped_never_takes_the_place_of_the_shop(page: Page, fake: FakeShop) -> None:
    fake.storefront = {**OPEN_FOR_HELP, "picturesAllowed": False}
    talk(page, fake)
    stopped = (
        dock(page)
        .locator("[part=window]")
        .evaluate("""(panel) => {
      const data = new DataTransfer();
      data.items.add(new File(["x"], "x.png", {type: "image/png"}));
      return !panel.dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}));
    }""")
    )
    assert stopped
    expect(card(page)).to_have_count(0)


def test_a_store_without_pictures_has_no_button(page: Page, fake: FakeShop) -> None:
    fake.storefront = {**OPEN_FOR_HELP, "picturesAllowed": False}
    talk(page, fake)
    expect(dock(page).locator("[part=input]")).to_be_visible()
    expect(dock(page).locator("[part=attach]")).to_have_count(0)
    dock(page).locator("[part=input]").evaluate(PASTE, ["image/png", base64(PICTURE), ""])
    page.wait_for_timeout(200)
    expect(card(page)).to_have_count(0)
    fake.show(PICTURE, 640, 480)  # of a time when it took them
    expect(shots(page).locator("canvas")).to_be_visible()


def test_what_is_no_picture_is_told_before_it_is_sent(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    choose(page, HTML, "x.png")
    expect(card(page).get_by_role("alert")).to_have_text("This file is not a picture that can be sent.")
    expect(dock(page).locator("[part=picture-send]")).to_be_hidden()
    expect(dock(page).locator("[part=picture-remove]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(card(page)).to_have_count(0)
    assert fake.files == []


def test_a_large_photo_is_made_smaller_here_and_stands_upright(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    exif = Image.Exif()
    exif[0x0112] = 6
    data = saved(Image.effect_noise((4000, 3000), 90).convert("RGB"), "JPEG", quality=95, exif=exif)
    assert len(data) > 3_000_000
    choose(page, data, "photo.jpg", "image/jpeg")
    expect(dock(page).locator("[part=picture-send]")).to_be_enabled(timeout=20_000)
    press_send(page)
    expect(shots(page)).to_have_count(1)
    [sent] = fake.files
    assert read(sent).size == (1536, 2048)
    assert dict(read(sent).getexif()) == {}


def test_what_the_shop_does_not_read_but_this_browser_does_is_sent_as_a_still(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    choose(page, saved(image(), "GIF"), "ring.gif", "image/gif")
    press_send(page)
    expect(shots(page)).to_have_count(1)
    assert read(fake.files[0]).format == "JPEG"


def test_its_progress_is_shown_and_it_can_be_stopped(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    fake.taking.clear()
    choose(page)
    press_send(page)
    expect(card(page).locator("progress")).to_be_visible()
    expect(dock(page).locator("[part=picture-remove]")).to_have_text("Cancel")
    expect(dock(page).locator("[part=picture-remove]")).to_be_focused()
    fake.wait(lambda: fake.files)
    expect(card(page)).to_contain_text("Almost done…")
    page.keyboard.press("Enter")
    expect(card(page).locator("progress")).to_be_hidden()
    expect(dock(page).locator("[part=picture-send]")).to_be_focused()
    expect(dock(page).locator("[part=picture-remove]")).to_have_text("Remove")
    fake.taking.set()
    dock(page).locator("[part=picture-remove]").click()
    expect(card(page)).to_have_count(0)


@pytest.mark.parametrize(
    ("code", "text", "again"),
    [
        ("UNAVAILABLE", "The picture could not be sent.", True),
        ("TOO_FREQUENT", "You are too fast for us", True),
        ("TOO_LARGE", "This picture is too large to be sent.", False),
        ("REFUSED_BY_SCAN", "The shop does not take this file.", False),
        ("PICTURES_NOT_ALLOWED", "The shop takes no pictures here.", False),
        ("SESSION_ENDED", "Not sent: the chat had ended.", False),
    ],
)
def test_a_refusal_says_why(page: Page, fake: FakeShop, code: str, text: str, again: bool) -> None:
    talk(page, fake)
    words = page.evaluate("() => document.querySelector('live-sales').strings.errorTooFrequent")
    fake.refuse["LivePictureSend"] = code
    choose(page)
    press_send(page)
    expect(card(page).get_by_role("alert")).to_have_text(words if code == "TOO_FREQUENT" else text)
    send = dock(page).locator("[part=picture-send]")
    if not again:
        expect(send).to_be_hidden()
        return
    expect(send).to_have_text("Try again")
    fake.refuse.clear()
    send.click()
    expect(shots(page)).to_have_count(1)
    first, second = (call["input"]["key"] for call in fake.called("LivePictureSend"))
    assert first == second


def test_an_answer_that_is_lost_leads_to_one_picture(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    fake.down = True  # it is taken, and the answer is a proxy's page
    choose(page)
    press_send(page)
    expect(card(page).get_by_role("alert")).to_be_visible()
    fake.down = False
    press_send(page)
    expect(shots(page)).to_have_count(1)
    expect(card(page)).to_have_count(0)
    assert len(fake.files) == 2
    assert len([entry for entry in fake.entries if entry.picture]) == 1


def test_a_stale_ticket_is_replaced(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    hellos = len(fake.of(wire.Hello))
    fake.refuse["LivePictureSend"] = "INVALID_TICKET"
    choose(page)
    press_send(page)
    fake.wait(lambda: len(fake.of(wire.Hello)) == hellos + 1)
    expect(card(page).get_by_role("alert")).to_be_visible()
    assert len(fake.files) == 2


def test_the_end_takes_what_was_not_sent(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    choose(page)
    expect(card(page)).to_have_count(1)
    fake.state("ended", endReason="REP")
    expect(dock(page).locator("[part=ended]")).to_be_visible()
    expect(card(page)).to_have_count(0)


def test_at_most_five_at_a_time(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    with page.expect_file_chooser() as chooser:
        dock(page).locator("[part=attach]").click()
    chooser.value.set_files([{"name": f"{n}.png", "mimeType": "image/png", "buffer": PICTURE} for n in range(7)])
    expect(card(page)).to_have_count(5)
    assert "At most 5 pictures at a time." in told(page)
    card(page).nth(1).locator("[part=picture-remove]").click()
    expect(card(page)).to_have_count(4)


def test_a_picture_that_is_gone_or_not_to_be_had(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    entry = fake.show(PICTURE, 640, 480)
    assert entry.picture
    expect(shots(page).locator("canvas")).to_be_visible()
    fake.pictures.clear()
    page.reload()
    expect(shots(page)).to_contain_text("This picture is no longer there.")
    fake.pictures[entry.picture.id] = PICTURE
    shots(page).click()  # tries again
    expect(shots(page).locator("canvas")).to_be_visible()


def test_nothing_of_pictures_is_loaded_before_there_is_one(page: Page, fake: FakeShop) -> None:
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    talk(page, fake)
    say(page, "hello")
    expect(dock(page).locator(".line")).to_have_count(1)
    assert not [url for url in loaded if "/pictures-" in url]
    fake.show(PICTURE, 640, 480)
    expect(shots(page).locator("canvas")).to_be_visible()
    assert len([url for url in loaded if "/assets/pictures-" in url]) == 1


def test_it_needs_nothing_of_a_strict_policy_but_the_api(page: Page, fake: FakeShop) -> None:
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if "Content Security" in message.text else None)
    fake.csp = STRICT + f"script-src {fake.origin}; connect-src {fake.origin} {fake.gateway.removesuffix('/live')}"
    talk(page, fake)
    fake.show(PICTURE, 640, 480)
    expect(shots(page).locator("canvas")).to_be_visible()
    choose(page)
    press_send(page)
    expect(shots(page)).to_have_count(2)
    expect(shots(page).nth(1).locator("canvas")).to_be_visible()
    shots(page).first.click()
    expect(page.locator("live-sales [part=viewer] canvas")).to_be_visible()
    assert refused == []


@pytest.mark.parametrize(
    ("language", "label"), [("de", "Bild senden"), ("ar", "إرسال الصورة"), ("pl", "Wyślij zdjęcie")]
)
def test_in_other_languages(page: Page, fake: FakeShop, language: str, label: str) -> None:
    fake.html_attributes = f'lang="{language}"'
    talk(page, fake)
    choose(page)
    expect(dock(page).locator("[part=picture-send]")).to_have_text(label)


def test_a_transcript_says_that_there_was_a_picture(page: Page, fake: FakeShop, tmp_path: Path) -> None:
    talk(page, fake)
    fake.show(PICTURE, 640, 480, text="in gold")
    fake.show(PICTURE, 640, 480)
    expect(shots(page)).to_have_count(2)
    dock(page).locator("[part=who]").click()
    with page.expect_download() as saving:
        dock(page).get_by_role("button", name="Save this conversation").click()
    saving.value.save_as(tmp_path / "saved.txt")
    lines = (tmp_path / "saved.txt").read_text(encoding="utf-8-sig").splitlines()
    assert [line.partition("] ")[2] for line in lines if "Anna Smith: " in line] == [
        "Anna Smith: [Picture] in gold",
        "Anna Smith: [Picture]",
    ]


def test_on_a_phone(page: Page, fake: FakeShop) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    talk(page, fake)
    choose(page, photo(900, 1200), "photo.jpg", "image/jpeg")
    expect(card(page)).to_be_visible()
    for locator in (card(page), dock(page).locator("[part=picture-send]"), dock(page).locator("[part=input]")):
        box = locator.bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= 360 and box["y"] + box["height"] <= 640
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
