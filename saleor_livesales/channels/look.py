"""What the widget looks like where the owner sets a colour or two: the rest is worked out. Pure.

A colour is ``#rrggbb`` in lower case, and nothing else ever is: what comes from here goes into style sheets.
Contrast is that of WCAG 2.2; text needs 4.5 to 1 (criterion 1.4.3). ``dashboard/src/settings/look.ts`` works out the
same while the owner chooses, and a test holds the two together.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

COLOUR: Final = re.compile(r"#(?:[0-9a-fA-F]{3}){1,2}", re.ASCII)
READABLE: Final = 4.5
RADIUS_LIMIT: Final = 32  # pixels
WHITE: Final = "#ffffff"
BLACK: Final = "#000000"

# The widget's own, as in storefront/src/styles/base.css.
OWN_ACCENT: Final = "#1f3a8a"
OWN_ACCENT_DARK: Final = "#a9c1ff"
DARK_SURFACE: Final = "#191d26"


@dataclass(frozen=True, kw_only=True)
class Look:
    """What a widget is told. None: the widget's own."""

    accent: str | None
    on_accent: str | None
    accent_dark: str | None
    on_accent_dark: str | None
    radius: int | None
    side: str
    theme: str


def colour(text: str) -> str | None:
    """``#AbC`` and ``#aabbcc`` alike as ``#aabbcc``; None for what is no such colour."""
    if not COLOUR.fullmatch(text):
        return None
    digits = text[1:].lower()
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))


def contrast(one: str, other: str) -> float:
    """From 1, the same, to 21, black on white."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def text_on(background: str) -> str:
    """White where that can be read, else black, which then can."""
    return WHITE if contrast(WHITE, background) >= READABLE else BLACK


def for_the_dark(accent: str) -> str:
    """The accent, mixed with white in steps of a twentieth until it stands out from the dark window by 4.5 to 1."""
    mixed = accent
    for step in range(21):
        mixed = "#" + "".join(f"{(part * (20 - step) + 255 * step + 10) // 20:02x}" for part in _parts(accent))
        if contrast(mixed, DARK_SURFACE) >= READABLE:
            break
    return mixed


def shortened(ratio: float) -> str:
    """To one digit, never upwards: 4.49 must not read as the 4.5 that it misses."""
    return f"{math.floor(ratio * 10) / 10:.1f}"


def _parts(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def _luminance(colour: str) -> float:
    red, green, blue = (
        part / 255 / 12.92 if part / 255 <= 0.04045 else ((part / 255 + 0.055) / 1.055) ** 2.4
        for part in _parts(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
