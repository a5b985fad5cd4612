"""Letters as pages of a PDF. Pure: what stands in them is given.

Fonts cover Latin, Greek, Cyrillic, Arabic, Chinese, Japanese and Korean; what one lacks is taken from the next. They
come with the extra ``letters`` (SIL Open Font License), and only the glyphs that are used are put into the file.
"""

from __future__ import annotations

import importlib.util
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import segno

from ..errors import LiveSalesError
from .forms import Box, Form

FONTS: Final = (
    ("latin", "fontpkg_noto_sans", "files/NotoSans[wdth,wght].ttf"),
    ("arabic", "fontpkg_noto_sans_arabic", "files/NotoSansArabic[wdth,wght].ttf"),
    ("cjk", "noto_cjk_sans_jp_regular", "NotoSansCJKjp-Regular.otf"),
)
POINT: Final = 25.4 / 72  # mm
LINE: Final = 1.35  # of the size
ADDRESS_SIZE: Final = 11.0  # points
SMALLEST: Final = 5.0
QR: Final = 32.0  # mm
LOGO: Final = (60.0, 24.0)  # mm at most


class LettersNotInstalled(LiveSalesError):
    """The extra that draws letters is missing in this deployment."""

    code = "LETTERS_NOT_INSTALLED"


@dataclass(frozen=True, kw_only=True)
class Style:
    """The store's part of a letter. ``logo``: a PNG."""

    form: Form
    sender: tuple[str, ...]
    return_line: str = ""
    logo: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class Content:
    """One letter. ``address`` empty: somebody else prints it. ``link``: what the QR code says; empty: there is none."""

    number: str
    address: tuple[str, ...] = field(repr=False)
    date: str
    subject: str
    paragraphs: tuple[str, ...] = field(repr=False)
    code: str = field(repr=False)
    closing: tuple[str, ...] = field(repr=False)
    link: str = field(default="", repr=False)
    rtl: bool = False


def check_installed() -> None:
    """Raises LettersNotInstalled where pages can't be drawn here."""
    if importlib.util.find_spec("fpdf") is None or importlib.util.find_spec("uharfbuzz") is None:
        raise _missing()
    list(fonts())


class Book:
    """A PDF that grows by one page for each letter."""

    def __init__(self, style: Style) -> None:
        try:
            from fpdf import FPDF
        except ImportError:
            raise _missing() from None
        self._style = style
        self._pdf = pdf = FPDF(unit="mm", format=style.form.paper)
        pdf.set_auto_page_break(False)
        pdf.set_margins(0, 0, 0)
        pdf.c_margin = 0
        for name, path in fonts():
            pdf.add_font(name, "", str(path))
        pdf.set_fallback_fonts([name for name, _, _ in FONTS[1:]])
        pdf.set_title("Letters")
        pdf.set_creator("saleor-livesales")
        self._logo = io.BytesIO(style.logo) if style.logo else None

    def add(self, letter: Content) -> None:
        pdf, form = self._pdf, self._style.form
        pdf.add_page()
        for fold in form.folds:
            pdf.set_draw_color(150)
            pdf.set_line_width(0.1)
            pdf.line(3, fold, 7, fold)
        self._head()
        if letter.address:
            self._address(letter.address)
        right = "L" if letter.rtl else "R"
        width = form.paper[0] - form.margin_left - form.margin_right
        y = form.text_top
        y = self._text(letter.date, Box(left=form.margin_left, top=y, width=width, height=0), 10, align=right)
        y = self._flow(letter.subject, y + 2, 14, letter.rtl)
        for paragraph in letter.paragraphs:
            y = self._flow(paragraph, y + 3, 10.5, letter.rtl)
        y = self._code(letter, y + 5)
        for paragraph in letter.closing:
            y = self._flow(paragraph, y + 3, 10.5, letter.rtl)
        foot = Box(left=form.margin_left, top=form.paper[1] - 14, width=width, height=0)
        self._text(letter.number, foot, 8, align="R", grey=True)

    def output(self) -> bytes:
        return bytes(self._pdf.output())

    def _head(self) -> None:
        box, pdf = self._style.form.sender, self._pdf
        y = box.top
        if self._logo is not None:
            self._logo.seek(0)
            shown = pdf.image(self._logo, x=box.left, y=y - 8, w=LOGO[0], h=LOGO[1], keep_aspect_ratio=True)
            del shown
            y += LOGO[1] - 6
        for line in self._style.sender:
            y = self._text(line, Box(left=box.left, top=y, width=box.width, height=0), 9)
        remarks = self._style.form.remarks
        if self._style.return_line and remarks.width:
            at = Box(left=remarks.left, top=remarks.top + 6, width=remarks.width, height=0)
            self._text(self._style.return_line, at, 6.5, fit=True, grey=True)

    def _address(self, lines: tuple[str, ...]) -> None:
        """All lines within the box, as large as they fit, one size for all."""
        box = self._style.form.address
        size = min(ADDRESS_SIZE, box.height / (len(lines) * LINE * POINT))
        widest = max(self._width(line, size) for line in lines)
        if widest > box.width:
            size *= box.width / widest * 0.995
        size = max(size, SMALLEST)
        y = box.top
        for line in lines:
            y = self._text(line, Box(left=box.left, top=y, width=box.width, height=0), size, fit=True)

    def _code(self, letter: Content, y: float) -> float:
        form, pdf = self._style.form, self._pdf
        width = form.paper[0] - form.margin_left - form.margin_right
        if letter.link:
            picture = io.BytesIO()
            segno.make(letter.link, error="m", micro=False).save(picture, kind="png", scale=4, border=4)
            picture.seek(0)
            left = form.paper[0] - form.margin_right - QR if not letter.rtl else form.margin_left
            pdf.image(picture, x=left, y=y, w=QR, h=QR)
            width -= QR + 6
        left = form.margin_left if not letter.rtl or not letter.link else form.margin_left + QR + 6
        self._text(
            letter.code,
            Box(left=left, top=y + 10, width=width, height=0),
            22,
            align="R" if letter.rtl else "L",
            fit=True,
        )
        return y + (QR if letter.link else 24)

    def _flow(self, text: str, y: float, size: float, rtl: bool) -> float:
        """A paragraph, broken into lines. Where it ends."""
        form, pdf = self._style.form, self._pdf
        self._font(size, text, rtl)
        pdf.set_xy(form.margin_left, y)
        pdf.multi_cell(
            form.paper[0] - form.margin_left - form.margin_right, size * LINE * POINT, text,
            align="R" if rtl else "L", new_x="LMARGIN", new_y="NEXT",
        )  # fmt: skip
        return float(pdf.get_y())

    def _text(
        self, text: str, box: Box, size: float, *, align: str = "L", fit: bool = False, grey: bool = False
    ) -> float:
        """One line; with ``fit`` smaller where it is too long. The top of the next one."""
        if fit and (width := self._width(text, size)) > box.width:
            size = max(SMALLEST / 2, size * box.width / width * 0.995)
        self._font(size, text, False)
        self._pdf.set_text_color(110 if grey else 0)
        self._pdf.set_xy(box.left, box.top)
        self._pdf.cell(box.width, size * LINE * POINT, text, align=align)
        self._pdf.set_text_color(0)
        return box.top + size * LINE * POINT

    def _width(self, text: str, size: float) -> float:
        self._font(size, text, False)
        return float(self._pdf.get_string_width(text))

    def _font(self, size: float, text: str, rtl: bool) -> None:
        self._pdf.set_font(FONTS[-1][0], size=size)  # so that the next call writes the size into the page anew
        self._pdf.set_font(FONTS[0][0], size=size)
        # Latin, Greek and Cyrillic need no shaping, which is slow: only from the Hebrew block on.
        shaped = any("\u0590" <= character < "\u2000" for character in text)
        self._pdf.set_text_shaping(shaped, direction="rtl" if rtl else None)


def fonts() -> Iterator[tuple[str, Path]]:
    """Raises LettersNotInstalled."""
    for name, package, path in FONTS:
        found = importlib.util.find_spec(package)
        if found is None or found.origin is None:
            raise _missing()
        yield name, Path(found.origin).parent / path


def draw(style: Style, letters: Iterable[Content]) -> bytes:
    """All letters in one file."""
    book = Book(style)
    for letter in letters:
        book.add(letter)
    return book.output()


def _missing() -> LettersNotInstalled:
    return LettersNotInstalled("Letters need the extra: pip install saleor-livesales[letters].")
