"""What is on the paper: looked at as pictures, measured in millimetres."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pypdfium2
import pytest
import segno
from PIL import Image, ImageChops, ImageDraw, ImageStat

from saleor_livesales.letters import addresses, pages, words
from saleor_livesales.letters.fonts import Unfit
from saleor_livesales.letters.forms import DIN_5008_B, FORMS, US_10, Box, Form
from saleor_livesales.letters.setting import Setter, runs

from .build import ADDRESSES

SENDER = ("Shop GmbH", "Musterstraße 1", "10115 Berlin")
DPI = 150
MM = DPI / 25.4


def a_logo() -> bytes:
    logo = Image.new("RGB", (300, 120), "#234b7a")
    ImageDraw.Draw(logo).ellipse((20, 20, 100, 100), fill="#f3b33d")
    kept = io.BytesIO()
    logo.save(kept, "PNG")
    return kept.getvalue()


LOGO = a_logo()


def content(**values: object) -> pages.Content:
    given = {
        "number": "L12345678", "address": ("Ada Lovelace",), "date": "24.11.2026", "subject": "Your code",
        "paragraphs": ("Hello Ada,", "this is your code."), "code": "ABCD-EFGH-JK0", "closing": ("Keep it.",),
        "link": "https://shop.example.com/#live=ABCD-EFGH-JK0", **values,
    }  # fmt: skip
    return pages.Content(**given)  # type: ignore[arg-type]


def picture(pdf: bytes, page: int = 0) -> Image.Image:
    return pypdfium2.PdfDocument(pdf)[page].render(scale=DPI / 72).to_pil().convert("L")


def style(form: Form, **values: object) -> pages.Style:
    given = {"form": form, "sender": SENDER, "return_line": " · ".join(SENDER), **values}
    return pages.Style(**given)  # type: ignore[arg-type]


def ink(form: Form, letter: pages.Content, without: pages.Content) -> Box:
    """Where the two differ, in millimetres: the address, where one has none."""
    shown, blank = (picture(pages.draw(style(form), [each])) for each in (letter, without))
    left, top, right, bottom = ImageChops.difference(shown, blank).getbbox() or (0, 0, 0, 0)
    return Box(left=left / MM, top=top / MM, width=(right - left) / MM, height=(bottom - top) / MM)


@pytest.mark.parametrize("country", list(ADDRESSES))
@pytest.mark.parametrize("form", list(FORMS))
def test_the_address_is_within_the_window(form: str, country: str) -> None:
    lines = tuple(addresses.lines(ADDRESSES[country], sent_from="FR"))
    assert len(lines) >= 4
    found, box = ink(FORMS[form], content(address=lines), content(address=())), FORMS[form].address
    assert found.width > 10 and found.height > 8
    assert found.left >= box.left - 0.5 and found.top >= box.top - 0.5
    assert found.left + found.width <= box.left + box.width + 0.5
    assert found.top + found.height <= box.top + box.height + 0.5


def test_the_forms_are_as_their_sources_say() -> None:
    field = Box(left=20, top=45, width=85, height=45)  # DIN 5008 form B, with 5 mm to the text
    assert DIN_5008_B.address.left == field.left + 5
    assert DIN_5008_B.address.top == pytest.approx(field.top + 17.7)
    assert DIN_5008_B.address.height == pytest.approx(field.height - 17.7)
    inch = 25.4
    for right, down in ((0, 0), (1.0, 0), (0, 4.125 - 11 / 3), (1.0, 4.125 - 11 / 3)):  # how the sheet may lie
        window = Box(
            left=(0.875 - right) * inch, top=(4.125 - 0.5 - 1.125 - down) * inch, width=4.5 * inch, height=1.125 * inch
        )
        shown = US_10.address
        assert shown.left >= window.left - 1e-6 and shown.top >= window.top - 1e-6
        assert shown.left + shown.width <= window.left + window.width + 1e-6
        assert shown.top + shown.height <= window.top + window.height + 1e-6


@pytest.mark.parametrize("form", list(FORMS))
def test_nothing_else_shows_in_the_window(form: str) -> None:
    box = FORMS[form].address
    page = picture(pages.draw(style(FORMS[form]), [content(address=())]))
    window = page.crop(
        (int(box.left * MM), int(box.top * MM), int((box.left + box.width) * MM), int((box.top + box.height) * MM))
    )
    assert window.getextrema() == (255, 255)


@pytest.mark.parametrize(
    "text", ["Ada Łęcka ß", "Ωμέγα", "Жуковский", "ليلى حداد", "田中 太郎", "北京市", "서울특별시"]
)
def test_each_script_has_its_glyphs(text: str) -> None:
    document = pypdfium2.PdfDocument(pages.draw(style(DIN_5008_B), [content(address=(text,))]))
    found = document[0].get_textpage().get_text_range()
    assert all(character in found for character in text if character.isalpha() and character < "\u0590")
    assert ink(DIN_5008_B, content(address=(text,)), content(address=())).width > 8


@pytest.mark.parametrize("text", ["שרה כהן", "สมชาย", "\ue123"])
def test_what_no_font_has_is_refused_and_nothing_is_left_out(text: str) -> None:
    book = pages.Book(style(DIN_5008_B))
    with pytest.raises(Unfit, match="unknown_script"):
        book.add(content(address=(f"Ada {text}",)))
    assert book.pages == 0
    book.add(content())
    assert book.pages == 1


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (
            {"address": tuple(f"Line {number} of an address that nobody has" for number in range(15))},
            "address",
        ),
        ({"paragraphs": ("A sentence that goes on and on. " * 400,)}, "words"),
    ],
)
def test_what_does_not_fit_is_refused(values: dict[str, object], reason: str) -> None:
    book = pages.Book(style(US_10))
    with pytest.raises(Unfit, match=f"{reason}_too_long"):
        book.add(content(**values))
    assert book.pages == 0


def test_long_words_are_set_smaller_and_end_above_the_foot() -> None:
    paragraph = "A sentence of the store's that says a lot about its plans and its members. " * 18
    page = picture(pages.draw(style(US_10), [content(paragraphs=(paragraph,), closing=(paragraph[:400],))]))
    foot = page.crop((0, int((11 * 25.4 - pages.FOOT + 0.5) * MM), page.width, int((11 * 25.4 - 20) * MM)))
    assert foot.getextrema() == (255, 255)


def test_a_word_without_end_is_measured_a_few_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand members may each have called themselves so."""
    measured, real = [], Setter.width
    monkeypatch.setattr(Setter, "width", lambda *args: measured.append(args[1]) or real(*args))
    with pytest.raises(Unfit, match="address_too_long"):
        pages.Book(style(DIN_5008_B)).add(content(address=("W" * 256, "شارع" * 64, "W" * 256, "Paris")))
    assert len(measured) < 2500  # eleven sizes of some 30 lines


@pytest.mark.parametrize(
    ("text", "backwards", "seen"),
    [
        ("Hello Ada, 12", False, ["Hello Ada, 12"]),
        ("الرياض 12345", True, ["12345", "الرياض "]),
        ("إلى Circle. أدخله", True, ["أدخله", ".", "Circle", "إلى"]),
        ("Ali ليلى 12 (x)", False, ["Ali ", "12", "ليلى ", " (x)"]),
        ("Ada 田中 Ω", False, ["Ada ", "田中", " Ω"]),
    ],
)
def test_lines_are_cut_by_direction_and_font(text: str, backwards: bool, seen: list[str]) -> None:
    found = [run.text for run in runs(text, backwards=backwards)]
    assert [part.strip() for part in found if part.strip()] == [part.strip() for part in seen]
    assert sorted("".join(found)) == sorted(text)


def test_the_number_is_a_code_to_scan() -> None:
    page = picture(pages.draw(style(DIN_5008_B), [content()]))
    matrix = segno.make_qr("L12345678", error="m", mask=0).matrix
    module = pages.NUMBER_QR / (len(matrix) + 2 * pages.QUIET)
    left, top = DIN_5008_B.margin_left - 2, 297 - pages.NUMBER_QR - 5
    for down, row in enumerate(matrix):
        for across, dark in enumerate(row):
            x = left + (pages.QUIET + across + 0.5) * module
            y = top + (pages.QUIET + down + 0.5) * module
            assert (page.getpixel((int(x * MM), int(y * MM))) < 128) == bool(dark)


@pytest.mark.parametrize("name", ["din5008b-de", "din5008b-ar", "us10-en"])
def test_a_page_looks_as_it_did(name: str) -> None:
    """Against small pictures beside this file, which somebody looked at. Drawn anew by ``LOOKED_AT=1``."""
    form, _, language = name.partition("-")
    country = {"de": "DE", "ar": "SA", "en": "US"}[language]
    said = words.standing(language, {})
    facts = {"name": ADDRESSES[country].name, "plan": "Circle", "until": "31.12.2026"}
    letter = content(
        address=tuple(addresses.lines(ADDRESSES[country], sent_from="FR")), subject=words.fill(said["subject"], facts),
        paragraphs=tuple(words.fill(said["text"], facts).split("\n\n")),
        closing=tuple(words.fill(said["closing"], facts).split("\n\n")), rtl=language == "ar",
    )  # fmt: skip
    page = picture(pages.draw(style(FORMS[form], logo=LOGO), [letter])).reduce(3)
    kept = Path(__file__).parent / "pages" / f"{name}.png"
    if os.environ.get("LOOKED_AT"):
        kept.parent.mkdir(exist_ok=True)
        page.quantize(16).save(kept, optimize=True)
    with Image.open(kept) as before:
        assert before.size == page.size
        differs = ImageChops.difference(before.convert("L"), page).point(lambda value: 255 if value > 60 else 0)
    assert ImageStat.Stat(differs).mean[0] < 255 * 0.002  # rasterizers differ at edges


def test_the_code_can_be_read_by_eye_and_by_a_phone() -> None:
    page = pages.draw(style(DIN_5008_B), [content()])
    assert "ABCD-EFGH-JK0" in pypdfium2.PdfDocument(page)[0].get_textpage().get_text_range()
    assert "L12345678" in pypdfium2.PdfDocument(page)[0].get_textpage().get_text_range()
    bare = picture(pages.draw(style(DIN_5008_B), [content(link="")]))
    differs = ImageChops.difference(picture(page), bare).getbbox()
    assert differs is not None and differs[2] - differs[0] > 25 * MM


def test_a_page_of_its_own_for_each_letter_in_order() -> None:
    document = pypdfium2.PdfDocument(pages.draw(style(US_10), [content(number=f"L0000000{n}") for n in range(5)]))
    assert len(document) == 5
    for number, page in enumerate(document):
        assert f"L0000000{number}" in page.get_textpage().get_text_range()
        assert page.get_size() == (612, 792)


def test_arabic_begins_at_the_right() -> None:
    letter = content(paragraphs=("هذا رمز دخولك.",), subject="رمز", closing=(), date="", link="", code="", rtl=True)
    page = picture(pages.draw(style(DIN_5008_B, sender=(), return_line=""), [letter]))
    text = page.crop((int(20 * MM), int(103 * MM), page.width, int(200 * MM)))
    left, _, right, _ = ImageChops.invert(text).getbbox() or (0, 0, 0, 0)
    assert right / MM == pytest.approx(210 - 20 - 20, abs=1.5)
    assert left > 60 * MM
