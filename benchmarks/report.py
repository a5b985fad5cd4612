"""What a benchmark hands back."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

_TARGET = re.compile(r"(>=|<=) (\d+(?:\.\d+)?)")


@dataclass(frozen=True)
class Result:
    """One figure that is compared: ``ratio`` against ``target`` (such as ``>= 2.5``; None: only told).

    ``detail`` is a sentence with the absolute figures and their units.
    """

    name: str
    ratio: float
    target: str | None
    holds: bool
    detail: str


@dataclass(frozen=True)
class Table:
    """``text`` says what the rows show and in which units."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[Any]]
    text: str = ""


@dataclass
class Report:
    results: list[Result] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def judged(name: str, ratio: float, target: str | None, detail: str) -> Result:
    """A result that holds where its ratio meets its target. A ratio that is no number meets none."""
    if target is None:
        return Result(name, ratio, None, True, detail)
    found = _TARGET.fullmatch(target)
    if found is None:
        raise ValueError(f"A target is '>= number' or '<= number', not {target!r}.")
    bound = float(found[2])
    holds = math.isfinite(ratio) and (ratio >= bound if found[1] == ">=" else ratio <= bound)
    return Result(name, ratio, target, holds, detail)


def number(value: float) -> str:
    """Three digits that count, thousands apart: 15 700, 248, 0.69."""
    if not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    digits = 2 - math.floor(math.log10(abs(value)))
    if digits > 0:
        return f"{value:.{digits}f}"
    return f"{round(value, digits):,.0f}".replace(",", "\N{NO-BREAK SPACE}")
