"""``python -m benchmarks [names ...] [--quick]``: runs benchmarks, writes results/latest.json and the page's tables.

A quick run is too short to be believed: it shows that everything works, prints what it got, and writes nothing. A run
of some benchmarks replaces their results and leaves the others'. The exit status is 1 where a target was missed.
"""

from __future__ import annotations

import argparse
import importlib
import json
import math
import os
import pkgutil
import platform
import sys
import time
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

from . import page, scale
from .report import Report

HERE = Path(__file__).resolve().parent
LATEST = HERE / "results" / "latest.json"
PAGE = HERE.parent / "docs" / "performance.md"


def found() -> dict[str, ModuleType]:
    """The benchmarks by name."""
    modules = {}
    for info in pkgutil.iter_modules([str(HERE)]):
        if info.ispkg or info.name.startswith("_"):
            continue
        module = importlib.import_module(f"{__package__}.{info.name}")
        if hasattr(module, "NAME") and hasattr(module, "run"):
            modules[module.NAME] = module
    return dict(sorted(modules.items()))


def machine() -> str:
    """One line: cores, memory, versions."""
    processor = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line.partition(":")[2].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        processor = names[0] if names else processor
    packages = ", ".join(f"{name} {version(name)}" for name in ("picows", "uvloop", "psycopg", "hiredis", "msgspec"))
    return (
        f"{os.cpu_count()} cores ({processor}), {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, {packages}"
    )


def rows(name: str, report: Report) -> list[dict[str, Any]]:
    """The report's results as they stand in latest.json."""
    return [
        {
            "name": f"{name}: {result.name}",
            "ratio": round(result.ratio, 4) if math.isfinite(result.ratio) else None,
            "target": result.target,
            "holds": result.holds,
            "detail": result.detail,
        }
        for result in report.results
    ]


def merged(before: list[dict[str, Any]], new: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """All results by name of their benchmark; those that ran replaced theirs."""
    kept = [row for row in before if row["name"].partition(":")[0] not in new]
    together = kept + [row for results in new.values() for row in results]
    return sorted(together, key=lambda row: row["name"].partition(":")[0])


def write(reports: dict[str, Report]) -> None:
    new = {name: rows(name, report) for name, report in reports.items()}
    before = json.loads(LATEST.read_text()) if LATEST.exists() else []
    results = merged(before, new)
    LATEST.parent.mkdir(exist_ok=True)
    LATEST.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    text = PAGE.read_text()
    for name, report in reports.items():
        text = page.put(text, name, page.section(report))
    text = page.put(text, "summary", page.summary(results))
    if (needed := scale.table(results)) is not None:
        text = page.put(text, "scale", page.table(needed))
    text = page.put(text, "machine", machine())
    PAGE.write_text(text)


def main() -> int:
    benchmarks = found()
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(benchmarks)}; all without")
    parser.add_argument("--quick", action="store_true", help="show that everything works, in under two minutes")
    options = parser.parse_args()
    if unknown := set(options.names) - set(benchmarks):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    wanted = {name: module for name, module in benchmarks.items() if name in (options.names or benchmarks)}
    for name in wanted:
        page.put(PAGE.read_text(), name, "")  # no place for it is said now, not after the work
    missed = []
    reports: dict[str, Report] = {}
    for name, module in wanted.items():
        began = time.monotonic()
        print(f"{name} …", flush=True)
        report = reports[name] = module.run(quick=options.quick)
        print(page.section(report), flush=True)
        for result in report.results:
            verdict = "holds" if result.holds else "MISSED"
            print(f"  {verdict:6} {result.name}: {result.ratio:.3g} (target {result.target}); {result.detail}")
            if not result.holds:
                missed.append(f"{name}: {result.name}")
        print(f"{name}: {time.monotonic() - began:.0f} s\n", flush=True)
        if not options.quick:
            write({name: report})
    if options.quick:
        print("A quick run: nothing was written.")
        return 0
    print(f"{len(missed)} targets missed: {'; '.join(missed)}" if missed else "All targets are met.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
