"""Who changes a membership. Made at the edges and passed in everywhere; it is written into the log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, kw_only=True)
class By:
    """``user_id`` is the account of a member or of staff; the shop and the clock have none."""

    kind: Literal["shop", "clock", "member", "staff"]
    user_id: str = ""


SHOP: Final = By(kind="shop")
CLOCK: Final = By(kind="clock")
