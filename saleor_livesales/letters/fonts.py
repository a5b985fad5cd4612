"""The fonts of letters: Noto Sans for Latin, Greek and Cyrillic, for Arabic, and for Chinese, Japanese and Korean.

All three are under the SIL Open Font License and come from packages of PyPI (extra ``letters``). The large one is read
only for a document that needs it.
"""

from __future__ import annotations

import functools
import importlib.util
import re
from pathlib import Path
from typing import Final

from ..errors import LiveSalesError

LATIN: Final = "latin"
ARABIC: Final = "arabic"
CJK: Final = "cjk"
FILES: Final = {
    LATIN: ("fontpkg_noto_sans", "files/NotoSans[wdth,wght].ttf"),
    ARABIC: ("fontpkg_noto_sans_arabic", "files/NotoSansArabic[wdth,wght].ttf"),
    CJK: ("noto_cjk_sans_jp_regular", "NotoSansCJKjp-Regular.otf"),
}
# Scripts whose letters change with their neighbours, or run from the right: these are shaped by HarfBuzz.
SHAPED: Final = re.compile("[\u0590-\u08ff\u0900-\u0dff\ufb1d-\ufdff\ufe70-\ufefc\u0300-\u036f]")
RIGHT_TO_LEFT: Final = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
LEFT_TO_RIGHT: Final = re.compile("[A-Za-z\u00c0-\u058f\u0900-\ud7ff]")


class LettersNotInstalled(LiveSalesError):
    """The extra that draws letters is missing in this deployment."""

    code = "LETTERS_NOT_INSTALLED"


class Unfit(Exception):
    """A letter can't be set. ``reason``: address_too_long, words_too_long, or unknown_script."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def missing() -> LettersNotInstalled:
    return LettersNotInstalled("Letters need the extra: pip install saleor-livesales[letters].")


@functools.cache
def path(name: str) -> Path:
    """The font's file. Raises LettersNotInstalled."""
    package, file = FILES[name]
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise missing()
    return Path(next(iter(spec.submodule_search_locations))) / file


@functools.cache
def covered(name: str) -> frozenset[int]:
    """The characters that the font has. Raises LettersNotInstalled."""
    from fontTools.ttLib import TTFont

    with TTFont(path(name), lazy=True) as font:
        return frozenset(font.getBestCmap())


@functools.lru_cache(maxsize=65536)
def of(character: str) -> str:
    """The first font that has the character. Raises Unfit("unknown_script"), LettersNotInstalled."""
    if character.isspace():
        return LATIN
    for name in FILES:
        if ord(character) in covered(name):
            return name
    raise Unfit("unknown_script")


def needed(text: str) -> set[str]:
    """The fonts by which all of ``text`` can be set. Raises Unfit("unknown_script"), LettersNotInstalled."""
    return {of(character) for character in set(text)}


def from_the_right(text: str) -> bool:
    """Whether the first letter of a direction runs from right to left (as in Unicode's rules P2 and P3)."""
    right, left = RIGHT_TO_LEFT.search(text), LEFT_TO_RIGHT.search(text)
    return right is not None and (left is None or right.start() < left.start())
