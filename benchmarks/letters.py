"""A batch of letters with sign-in codes: how long the task takes to draw it, and in how much memory."""

from __future__ import annotations

import sys
from statistics import median
from typing import Any, Final

from .ground import Program, ground
from .inside.operations import STILL
from .report import Report, Table, judged

NAME: Final = "letters"
LETTERS: Final = 1_000
ALLOWED: Final = 60.0  # seconds for so many
MEMORY: Final = 500.0  # MB of the process, all in all
ROUNDS: Final = 3


def measure(*, letters: int, rounds: int) -> list[dict[str, Any]]:
    with ground() as at:
        at.shop("shop")
        program = Program(
            [sys.executable, "-m", "benchmarks.inside.letters", str(letters)],
            env=at.env("shop", **STILL),
            log=at.folder / "letters.log",
        )
        try:
            return [program.ask("batch") for _ in range(rounds)]
        finally:
            program.stop()


def run(*, quick: bool) -> Report:
    letters = 50 if quick else LETTERS
    found = measure(letters=letters, rounds=1 if quick else ROUNDS)
    drawn, peak = median(each["drawn"] for each in found), max(each["peak"] for each in found)
    size = median(each["bytes"] for each in found) / 1_000_000
    return Report(
        results=[
            judged(
                "batch of 1,000 letters, of the time allowed",
                drawn / (ALLOWED * letters / LETTERS),
                "<= 1",
                f"{letters:,} letters drawn in {drawn:.1f} s; {ALLOWED:.0f} s are allowed for {LETTERS:,}",
            ),
            judged(
                "batch of 1,000 letters, of the memory allowed",
                peak / MEMORY,
                "<= 1",
                f"{peak:.0f} MB at most in the whole process; {MEMORY:.0f} MB are allowed",
            ),
        ],
        tables=[
            Table(
                title="Letters",
                header=("letters", "drawn in s", "file in MB", "process in MB"),
                rows=[(f"{letters:,}", f"{drawn:.1f}", f"{size:.1f}", f"{peak:.0f}")],
                text="Members of seven countries, in six languages and four scripts; with the reading of rows and "
                "addresses, and the encryption of the file.",
            )
        ],
    )
