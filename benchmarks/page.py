"""Writes tables into docs/performance.md, each between ``<!-- bench:NAME -->`` and ``<!-- /bench -->``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from .report import Report, Table, number


class NoPlace(Exception):
    """The page has no markers of this name."""


def place(name: str) -> re.Pattern[str]:
    return re.compile(rf"(<!-- bench:{re.escape(name)} -->\n).*?(<!-- /bench -->)", re.DOTALL)


def has(page: str, name: str) -> bool:
    return place(name).search(page) is not None


def put(page: str, name: str, text: str) -> str:
    """The page with ``text`` between the markers of ``name``. Raises NoPlace."""
    if not has(page, name):
        raise NoPlace(f"docs/performance.md has no place for {name}: add <!-- bench:{name} --> and <!-- /bench -->.")
    return place(name).sub(lambda found: f"{found[1]}{text.strip()}\n{found[2]}", page)


def _cell(value: Any) -> str:
    return number(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _row(cells: Sequence[Any]) -> str:
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def table(table: Table) -> str:
    lines = [f"**{table.title}**", ""]
    if table.text:
        lines += [table.text, ""]
    lines += [_row(table.header), "|---|" + "---:|" * (len(table.header) - 1), *map(_row, table.rows)]
    return "\n".join(lines)


def section(report: Report) -> str:
    """Tables, then notes, of one benchmark."""
    parts = [table(one) for one in report.tables]
    if report.notes:
        parts.append("\n".join(f"- {note}" for note in report.notes))
    return "\n\n".join(parts)


def summary(results: Sequence[dict[str, Any]]) -> str:
    """What results/latest.json says, as a table."""
    rows = [
        (one["name"], one["ratio"], one["target"] or "", "yes" if one["holds"] else "**no**", one["detail"])
        for one in results
    ]
    return table(Table("Ratios", ("what", "ratio", "target", "holds", "figures"), rows))
