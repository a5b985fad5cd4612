"""Paper, folds and windows. Pure; millimetres from the paper's upper left corner.

DIN 5008 form B (A4, envelopes DL and C6/5): the address field begins 45 mm from the top and 20 mm from the left and is
85 × 45 mm; its upper 17.7 mm are for the return address and remarks, the lower 27.3 mm for the address. Fold marks at
105 and 210 mm.

US #10: Letter paper (8.5 × 11 in) folded in three, in an envelope of 9.5 × 4.125 in whose window is 4.5 × 1.125 in,
7/8 in from the left and 1/2 in from the bottom. The folded sheet, 8.5 × 3.667 in, may lie 1 in to the right and
0.458 in lower than it could. The window's edges on the envelope are 0.875 to 5.375 in and, from the top, 2.5 to
3.625 in. On a sheet that lies at the far end these are 0.875 - 1 and 5.375 - 1, and 2.5 - 0.458 and 3.625 - 0.458: what
shows in every case is 0.875 to 4.375 in and 2.5 to 3.167 in.

Lob: Letter paper that Lob prints both addresses on, and folds. Its #10 envelope (9.5 × 4.125 in) has two windows,
0.625 in from the left: 3.25 × 0.875 in whose lower edge is 2.375 in above the envelope's, and 4 × 1 in, 1 in above it
(help.lob.com, "Letter envelopes"). From the top these are 0.875 to 1.75 in and 2.125 to 3.125 in. We put nothing
between the paper's left edge and 4.75 in above 3.5 in: the store's head is to the right of that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

INCH: Final = 25.4


@dataclass(frozen=True, kw_only=True)
class Box:
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, kw_only=True)
class Form:
    """``address``: what shows in the window however the sheet lies. ``remarks``: above it, for the return address."""

    paper: tuple[float, float]
    address: Box
    remarks: Box
    sender: Box
    text_top: float
    margin_left: float
    margin_right: float
    folds: tuple[float, ...]


DIN_5008_B: Final = Form(
    paper=(210.0, 297.0),
    address=Box(left=25.0, top=62.7, width=80.0, height=27.3),
    remarks=Box(left=25.0, top=50.0, width=80.0, height=12.7),
    sender=Box(left=125.0, top=20.0, width=65.0, height=60.0),
    text_top=103.0,
    margin_left=25.0,
    margin_right=20.0,
    folds=(105.0, 210.0),
)
US_10: Final = Form(
    paper=(8.5 * INCH, 11 * INCH),
    address=Box(left=0.875 * INCH, top=2.5 * INCH, width=3.5 * INCH, height=(11 / 3 - 0.5) * INCH - 2.5 * INCH),
    remarks=Box(left=0.875 * INCH, top=2.2 * INCH, width=0.0, height=0.0),  # nothing shows above the address
    sender=Box(left=0.875 * INCH, top=0.5 * INCH, width=4.0 * INCH, height=1.3 * INCH),
    text_top=4.1 * INCH,
    margin_left=0.875 * INCH,
    margin_right=0.875 * INCH,
    folds=(11 / 3 * INCH, 22 / 3 * INCH),
)
FOR_LOB: Final = Form(
    paper=US_10.paper,
    address=US_10.address,  # stays empty
    remarks=US_10.remarks,
    sender=Box(left=4.9 * INCH, top=0.6 * INCH, width=3.0 * INCH, height=2.8 * INCH),
    text_top=3.6 * INCH,
    margin_left=US_10.margin_left,
    margin_right=US_10.margin_right,
    folds=(),
)
FORMS: Final = {"din5008b": DIN_5008_B, "us10": US_10}
