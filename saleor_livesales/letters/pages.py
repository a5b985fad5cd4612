"""Letters as pages of a PDF. Pure: what stands in them is given.

Fonts cover Latin, Greek, Cyrillic, Arabic, Chinese, Japanese and Korean. They come with the extra ``letters`` (SIL Open
Font License), and only the glyphs that are used are put into the file. A letter that can't be set is refused before
its page is begun: nothing is left out, cut off, or drawn as empty boxes.
"""

from __future__ import annotations

import importlib.util
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import segno
from PIL import Image

from . import fonts
from .fonts import LettersNotInstalled, Unfit
from .forms import Box, Form
from .setting import Setter

POINT: Final = 25.4 / 72  # mm
LINE: Final = 1.35  # of the size
# Points and the height of a line, tried in turn. USPS reads 8 points and more; what is smaller is better than nothing.
ADDRESS_SIZES: Final = (
    (11, 1.35), (10, 1.3), (9.5, 1.25), (9, 1.2), (8.5, 1.15), (8, 1.1), (8, 1.0), (7.5, 1.0), (7, 1.0), (6.5, 1.0),
    (6, 1.0),
)  # fmt: skip
INSET: Final = 0.6  # mm: some letters (J) begin before their place
TEXT_SIZES: Final = (10.5, 10, 9.5, 9, 8.5, 8)
LARGER: Final = 3.0  # points: the subject's
CODE_SIZE: Final = 22.0
QR: Final = 34.0  # mm, with its margin
NUMBER_QR: Final = 14.0
FOOT: Final = 24.0  # mm below the text
LOGO: Final = (60.0, 24.0)  # mm at most
EDGE: Final = 10.0  # mm that office printers may leave white
QUIET: Final = 4  # modules of white around a QR code (ISO/IEC 18004)

__all__ = ["Book", "Content", "LettersNotInstalled", "Style", "Unfit", "check_installed", "draw"]


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
        raise fonts.missing()
    for name in fonts.FILES:
        fonts.path(name)


class Book:
    """A PDF that grows by one page for each letter. Raises LettersNotInstalled."""

    def __init__(self, style: Style) -> None:
        try:
            from fpdf import FPDF
        except ImportError:
            raise fonts.missing() from None
        self._style = style
        self._pdf = pdf = FPDF(unit="mm", format=style.form.paper)
        pdf.set_auto_page_break(False)
        pdf.set_margins(0, 0, 0)
        pdf.c_margin = 0
        pdf.set_title("Letters")
        pdf.set_creator("saleor-livesales")
        self._set = Setter(pdf)
        self._logo_size = _size(style.logo) if style.logo else (1, 1)

    def add(self, letter: Content) -> None:
        """One page more. Raises Unfit, and then there is none more."""
        style = self._style
        texts = [letter.subject, letter.date, letter.number, letter.code, *letter.paragraphs, *letter.closing]
        self._set.prepare("\n".join([*texts, *letter.address, *style.sender, style.return_line]))
        address = self._fit_address(letter.address) if letter.address else None
        size = self._fit_text(letter)
        self._pdf.add_page()
        self._folds()
        self._head()
        if address is not None:
            self._address(*address)
        self._text(letter, size)
        self._foot(letter.number)

    def output(self) -> bytes:
        return bytes(self._pdf.output())

    @property
    def pages(self) -> int:
        """How many letters are in it."""
        return int(self._pdf.page)

    @property
    def _width(self) -> float:
        form = self._style.form
        return form.paper[0] - form.margin_left - form.margin_right

    def _folds(self) -> None:
        self._pdf.set_draw_color(150)
        self._pdf.set_line_width(0.1)
        for fold in self._style.form.folds:
            self._pdf.line(3, fold, 7, fold)
        self._pdf.set_draw_color(0)

    def _head(self) -> None:
        style, box, pdf = self._style, self._style.form.sender, self._pdf
        y = box.top
        sizes = [self._shrunk(line, 10 if number == 0 else 9, box.width) for number, line in enumerate(style.sender)]
        if style.logo:
            y = max(EDGE, y - 8)
            room = box.top + box.height - y - 2 - sum(sizes) * LINE * POINT
            scale = min(LOGO[0] / self._logo_size[0], min(LOGO[1], room) / self._logo_size[1])
            wide, high = self._logo_size[0] * scale, self._logo_size[1] * scale
            pdf.image(io.BytesIO(style.logo), x=box.left, y=y, w=wide, h=high)
            y += high + 2
        for number, (line, size) in enumerate(zip(style.sender, sizes, strict=True)):
            self._set.line(line, x=box.left, y=y, size=size, leading=LINE, bold=number == 0)
            y += size * LINE * POINT
        remarks = style.form.remarks
        if style.return_line and remarks.width:
            pdf.set_text_color(90)
            size = self._shrunk(style.return_line, 7, remarks.width)
            self._set.line(style.return_line, x=remarks.left, y=remarks.top + 6, size=size, leading=LINE)
            pdf.set_text_color(0)

    def _shrunk(self, text: str, size: float, width: float) -> float:
        """At most ``size``, and no wider than ``width``."""
        wide = self._set.width(text, size)
        return size if wide <= width else size * width / wide

    # The address

    def _fit_address(self, lines: tuple[str, ...]) -> tuple[float, float, list[str]]:
        """The largest letters with which it fits into the window, its lines broken where they must be."""
        box = self._style.form.address
        width = box.width - INSET
        for size, leading in ADDRESS_SIZES:
            broken = [part for line in lines for part in self._set.broken(line, size=size, width=width)]
            if len(broken) * size * POINT * leading <= box.height:
                return size, leading, broken
        raise Unfit("address_too_long")

    def _address(self, size: float, leading: float, lines: list[str]) -> None:
        box = self._style.form.address
        for number, line in enumerate(lines):
            y = box.top + number * size * POINT * leading
            self._set.line(line, x=box.left + INSET, y=y, size=size, leading=leading)

    # The text

    def _fit_text(self, letter: Content) -> float:
        """The largest letters with which all of it stands on one page."""
        form = self._style.form
        room = form.paper[1] - FOOT - form.text_top
        for size in TEXT_SIZES:
            if self._laid(letter, size) <= room:
                return size
        raise Unfit("words_too_long")

    def _laid(self, letter: Content, size: float) -> float:
        """How high the text is."""
        parts = (*letter.paragraphs, *letter.closing)
        lines = sum(len(self._set.paragraphs(part, size=size, width=self._width)) for part in parts)
        subject = len(self._set.paragraphs(letter.subject, size=size + LARGER, width=self._width))
        high = (10 + lines * size + subject * (size + LARGER)) * LINE * POINT
        return high + 2 + 3 * len(parts) + 5 + self._code_height(letter) + 2

    def _text(self, letter: Content, size: float) -> None:
        form, left = self._style.form, self._style.form.margin_left
        y = form.text_top
        self._set.line(
            letter.date, x=left, y=y, size=10, leading=LINE, width=self._width, right=not letter.rtl, backwards=False
        )
        y = self._flow(letter.subject, y + 10 * LINE * POINT + 2, size + LARGER, letter.rtl, bold=True)
        for paragraph in letter.paragraphs:
            y = self._flow(paragraph, y + 3, size, letter.rtl)
        y += 5
        self._code(letter, y)
        y += self._code_height(letter) + 2
        for paragraph in letter.closing:
            y = self._flow(paragraph, y + 3, size, letter.rtl)

    def _flow(self, text: str, y: float, size: float, rtl: bool, *, bold: bool = False) -> float:
        """A paragraph, broken into lines. Where it ends."""
        for line in self._set.paragraphs(text, size=size, width=self._width):
            self._set.line(
                line, x=self._style.form.margin_left, y=y, size=size, leading=LINE, width=self._width, right=rtl,
                backwards=rtl, bold=bold,
            )  # fmt: skip
            y += size * LINE * POINT
        return y

    def _code_height(self, letter: Content) -> float:
        return QR + 2 if letter.link else 20.0 if letter.code else 0.0

    def _code(self, letter: Content, y: float) -> None:
        """The code in a frame, and what leads to the shop with it beside it."""
        high, left = self._code_height(letter), self._style.form.margin_left
        if not high:
            return
        self._pdf.set_draw_color(150)
        self._pdf.set_line_width(0.3)
        self._pdf.rect(left, y, self._width, high)
        self._pdf.set_draw_color(0)
        beside = QR + 2 if letter.link else 0.0
        self._set.line(
            letter.code, x=left + (beside if letter.rtl else 0), y=y + (high - CODE_SIZE * LINE * POINT) / 2,
            size=CODE_SIZE, leading=LINE, width=self._width - beside, centered=True, bold=True, backwards=False,
        )  # fmt: skip
        if letter.link:
            at = left + 1 if letter.rtl else left + self._width - QR - 1
            self._qr(letter.link, Box(left=at, top=y + 1, width=QR, height=QR), mask=None)

    def _foot(self, number: str) -> None:
        """The letter's number, to be read by eye and by whoever scans letters that are handed over or came back."""
        form = self._style.form
        top = form.paper[1] - NUMBER_QR - 5
        at = Box(left=form.margin_left - 2, top=top, width=NUMBER_QR, height=NUMBER_QR)
        self._qr(number, at, mask=0)
        self._pdf.set_text_color(90)
        self._set.line(number, x=at.left + NUMBER_QR + 1, y=top + NUMBER_QR / 2 - 1.9, size=8, leading=LINE)
        self._pdf.set_text_color(0)

    def _qr(self, text: str, box: Box, *, mask: int | None) -> None:
        """Black on white; neighbours in a row are one rectangle. ``mask`` None: the best of the eight is looked for."""
        matrix: Any = segno.make_qr(text, error="m", mask=mask).matrix
        module = box.width / (len(matrix) + 2 * QUIET)
        for down, row in enumerate(matrix):
            begun = None
            for across, dark in enumerate((*row, 0)):
                if dark and begun is None:
                    begun = across
                elif not dark and begun is not None:
                    x, y = box.left + (QUIET + begun) * module, box.top + (QUIET + down) * module
                    self._pdf.rect(x, y, (across - begun) * module, module, style="F")
                    begun = None


def draw(style: Style, letters: Iterable[Content]) -> bytes:
    """All letters in one file. Raises Unfit, LettersNotInstalled."""
    book = Book(style)
    for letter in letters:
        book.add(letter)
    return book.output()


def _size(png: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(png), formats=("PNG",)) as image:
        return image.size
