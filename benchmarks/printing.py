"""A mailing with a code for each recipient: how long it takes to issue the codes and to list them for the printer."""

from __future__ import annotations

import sys
from statistics import median
from typing import Any, Final

from .ground import Program, ground
from .inside.operations import STILL
from .report import Report, Table, judged

NAME: Final = "printing"
RECIPIENTS: Final = 100_000
ALLOWED: Final = 60.0  # seconds for so many
ROUNDS: Final = 3


def measure(*, recipients: int, rounds: int) -> list[dict[str, Any]]:
    with ground() as at:
        at.shop("shop")
        program = Program(
            [sys.executable, "-m", "benchmarks.inside.printing", str(recipients)],
            env=at.env("shop", **STILL),
            log=at.folder / "printing.log",
        )
        try:
            return [program.ask("mailing") for _ in range(rounds)]
        finally:
            program.stop()


def run(*, quick: bool) -> Report:
    recipients = 2_000 if quick else RECIPIENTS
    found = measure(recipients=recipients, rounds=1 if quick else ROUNDS)
    issued, listed = (median(each[part] for each in found) for part in ("issued", "listed"))
    total = issued + listed
    return Report(
        results=[
            judged(
                "mailing with 100,000 codes, of the time allowed",
                total / (ALLOWED * recipients / RECIPIENTS),
                "<= 1",
                f"{recipients:,} codes issued in {issued:.1f} s and listed in {listed:.1f} s; "
                f"{ALLOWED:.0f} s are allowed for {RECIPIENTS:,}",
            )
        ],
        tables=[
            Table(
                title="A mailing",
                header=("recipients", "issued in s", "listed in s", "codes/s"),
                rows=[(f"{recipients:,}", f"{issued:.1f}", f"{listed:.1f}", f"{recipients / issued:,.0f}")],
                text="Each recipient has a code of its own, kept as a keyed digest and, until it is printed, sealed.",
            )
        ],
    )
