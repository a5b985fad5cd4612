"""Lines of text in any of our scripts: which font, how wide, where to break, from which side."""

from __future__ import annotations

import bisect
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from . import fonts

if TYPE_CHECKING:
    from fpdf import FPDF

POINT: Final = 25.4 / 72
KEPT: Final = 4096  # measured texts
BOLD: Final = 0.028  # of the size: the outline that makes regular letters bold


@dataclass(frozen=True)
class Run:
    """Characters that are set at once: one font, one direction."""

    text: str
    font: str
    backwards: bool

    @property
    def shaped(self) -> bool:
        return self.backwards or fonts.SHAPED.search(self.text) is not None


class Setter:
    """Sets lines on one PDF. ``prepare`` is called first with whatever will be set or measured.

    Lines are cut into runs here: fpdf2 2.8.9 has the order of directions right (``fpdf.bidi``), but where a shaped line
    goes from one fallback font to the next it writes the codes of one under the name of the other.
    """

    def __init__(self, pdf: FPDF) -> None:
        self._pdf = pdf
        self._loaded: set[str] = set()
        self._checked: set[str] = set()  # characters whose fonts are there
        self._advances: dict[Run, float] = {}  # at one point
        self._lines: dict[tuple[str, float, float], list[str]] = {}  # letters say the same things again and again

    def prepare(self, text: str) -> None:
        """Load the fonts of ``text``. Raises Unfit("unknown_script")."""
        new = set(text) - self._checked
        for name in sorted({fonts.LATIN, *fonts.needed("".join(new))} - self._loaded):
            self._pdf.add_font(name, "", str(fonts.path(name)))
            self._loaded.add(name)
        self._checked |= new

    def width(self, text: str, size: float) -> float:
        """Millimetres. Without shaping there is no kerning, and a text is as wide as its characters."""
        return sum(self._advance(run) for run in runs(text, backwards=fonts.from_the_right(text))) * size

    def _advance(self, run: Run) -> float:
        if not run.shaped and len(run.text) > 1:
            return sum(self._advance(Run(character, run.font, False)) for character in run.text)
        found = self._advances.get(run)
        if found is None:
            if len(self._advances) >= KEPT:
                self._advances.clear()
            self._begin(run, 100)
            found = self._advances[run] = float(self._pdf.get_string_width(run.text)) / 100
        return found

    def broken(self, text: str, *, size: float, width: float) -> list[str]:
        """One line as few as fit into ``width``, broken at blanks, and anywhere where there are none."""
        if self.width(text, size) <= width:
            return [text]
        lines: list[str] = []
        line = ""
        for word in _pieces(text):
            if line and self.width(line + word.rstrip(), size) > width:
                lines.append(line.rstrip())
                line = ""
            while self.width(word.rstrip(), size) > width and len(word) > 1:
                head = self._most(word, size=size, width=width)
                lines.append(word[:head])
                word = word[head:]
            line += word
        return [*lines, line.rstrip()] if line.strip() else lines

    def _most(self, word: str, *, size: float, width: float) -> int:
        """How many of the word's characters fit; one at least. A beginning is narrower than one that goes on."""
        return max(1, bisect.bisect_right(range(1, len(word)), width, key=lambda n: self.width(word[:n], size)))

    def paragraphs(self, text: str, *, size: float, width: float) -> list[str]:
        """The lines of a text of several paragraphs; an empty line stays one."""
        key = (text, size, width)
        if key not in self._lines:
            if len(self._lines) >= KEPT:
                self._lines.clear()
            parts = text.split("\n")
            self._lines[key] = [
                line for part in parts for line in (self.broken(part, size=size, width=width) if part else [""])
            ]
        return self._lines[key]

    def line(
        self,
        text: str,
        *,
        x: float,
        y: float,
        size: float,
        leading: float,
        width: float | None = None,
        right: bool = False,
        centered: bool = False,
        bold: bool = False,
        backwards: bool | None = None,
    ) -> float:
        """Set one line, its top at ``y``, at the left of ``width``; how wide it is. ``backwards``: it runs from the
        right; None: as its first letter does."""
        found = runs(text, backwards=fonts.from_the_right(text) if backwards is None else backwards)
        wides = [self._advance(run) * size for run in found]
        wide = sum(wides)
        room = wide if width is None else width
        x += room - wide if right else (room - wide) / 2 if centered else 0
        height = size * POINT * leading
        for run, part in zip(found, wides, strict=True):
            self._begin(run, size)
            self._pdf.set_xy(x, y)
            if bold:
                with self._pdf.local_context(text_mode="FILL_STROKE", line_width=size * POINT * BOLD):
                    self._pdf.cell(part, height, run.text)
            else:
                self._pdf.cell(part, height, run.text)
            x += part
        return wide

    def _begin(self, run: Run, size: float) -> None:
        self._pdf.set_font(run.font, size=size)
        if run.shaped:
            self._pdf.set_text_shaping(use_shaping_engine=True, direction="rtl" if run.backwards else "ltr")
        else:
            self._pdf.set_text_shaping(use_shaping_engine=False)


@functools.lru_cache(maxsize=KEPT)
def runs(text: str, *, backwards: bool) -> tuple[Run, ...]:
    """A line's runs from left to right: by Unicode's bidirectional algorithm, and by which font has a character."""
    from fpdf.bidi import BidiParagraph
    from fpdf.enums import TextDirection

    if not text or (not backwards and not fonts.RIGHT_TO_LEFT.search(text)):
        return tuple(_by_font(text, backwards=False))
    base = TextDirection.RTL if backwards else TextDirection.LTR
    paragraph = BidiParagraph(text, base_direction=base, preserve_bn_chars=True)
    parts: list[tuple[int, str]] = []
    for each in paragraph.get_characters_with_embedding_level():
        if parts and parts[-1][0] == each.embedding_level:
            parts[-1] = (each.embedding_level, parts[-1][1] + each.character)
        else:
            parts.append((each.embedding_level, each.character))
    return tuple(run for level, part in _seen(parts) for run in _by_font(part, backwards=level % 2 == 1))


def _seen(parts: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Parts of one level each, as they are seen: from the highest level to the lowest odd one, what is at it or above
    is turned round (rule L2 of UAX #9)."""
    for level in range(max(level for level, _ in parts), 0, -1):
        turned: list[tuple[int, str]] = []
        high: list[tuple[int, str]] = []
        for part in parts:
            if part[0] >= level:
                high.insert(0, part)
            else:
                turned += [*high, part]
                high = []
        parts = turned + high
    return parts


def _by_font(text: str, *, backwards: bool) -> list[Run]:
    found: list[Run] = []
    for character in text:
        last = found[-1] if found else None
        fits = last is not None and ord(character) in fonts.covered(last.font)
        # Blanks and signs stay with what they stand by; letters go back to the first font that has them.
        if last is not None and fits and (not character.isalnum() or last.font == fonts.of(character)):
            found[-1] = Run(last.text + character, last.font, backwards)
        else:
            found.append(Run(character, fonts.of(character), backwards))
    return found[::-1] if backwards else found


def _pieces(text: str) -> list[str]:
    """Words with the blanks behind them; Chinese and Japanese characters break one by one."""
    pieces = [""]
    for character in text:
        if "\u3040" <= character <= "\u9fff" or "\uff00" <= character <= "\uffef":
            pieces += [character, ""]
        else:
            pieces[-1] += character
            if character == " ":
                pieces.append("")
    return [piece for piece in pieces if piece]
