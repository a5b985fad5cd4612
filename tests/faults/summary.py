"""The figures of a campaign as the tables of docs/faults.md."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .campaign import NORMAL_WITHIN

PAGE = Path(__file__).resolve().parents[2] / "docs" / "faults.md"
BEGIN, END = "<!-- faults -->", "<!-- /faults -->"
HEAD = (
    "| fault | runs | messages | acknowledged | lost | doubled | sessions started and ended | worst return to normal |"
)


def tables(runs: Sequence[dict[str, Any]]) -> str:
    """One line a kind; a run with two faults counts in both lines, and once in the sum."""
    kinds = sorted({name for run in runs for name in run["faults"]})
    lines = [HEAD, "|---|--:|--:|--:|--:|--:|--:|--:|"]
    lines += [_line(name.replace("_", " "), [run for run in runs if name in run["faults"]]) for name in kinds]
    lines.append(_line("**all**", runs))
    failed = [run for run in runs if run["problems"]]
    median = statistics.median(run["recovery"] for run in runs)
    rate = statistics.median(run["rate"] for run in runs)
    seeds = [run["seed"] for run in runs]
    lines += [
        "",
        f"{len(runs)} runs, seeds {min(seeds)} to {max(seeds)}, {len(failed)} of them found something. At least "
        f"{min(run['sessions'] for run in runs)} sessions and, in the median, {rate:.0f} messages acknowledged a "
        f"second, outages included. The return to normal took {median:.1f} s in the median and "
        f"{max(run['recovery'] for run in runs):.1f} s at worst.",
    ]
    late = [run for run in runs if run["recovery"] > NORMAL_WITHIN and not run["problems"]]
    if late:
        told = ", ".join(f"seed {run['seed']}: {run['recovery']:.1f} s" for run in late)
        lines += ["", f"Beyond {NORMAL_WITHIN:.0f} s, on a machine that was short of processors: {told}."]
    for run in failed:
        lines += ["", f"Seed {run['seed']} ({', '.join(run['faults'])}):", ""]
        lines += [f"- `{problem[:300]}`" for problem in run["problems"]]
    return "\n".join(lines)


def _line(name: str, runs: Sequence[dict[str, Any]]) -> str:
    sums = [sum(run[field] for run in runs) for field in ("messages", "acked", "lost", "doubled", "rounds")]
    cells = " | ".join(f"{number:,}" for number in (len(runs), *sums))
    return f"| {name} | {cells} | {max(run['recovery'] for run in runs):.1f} s |"


def write(runs: Sequence[dict[str, Any]]) -> None:
    """Puts the tables between the markers of the page."""
    text = PAGE.read_text()
    before, after = text[: text.index(BEGIN) + len(BEGIN)], text[text.index(END) :]
    PAGE.write_text(f"{before}\n{tables(runs)}\n{after}")
