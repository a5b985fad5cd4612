"""Each of our GraphQL operations, and what runs by itself, in shops with 10, 1,000 and 100,000 sessions."""

from __future__ import annotations

import base64
import sys
from statistics import median
from typing import Any, Final

from . import rows
from .ground import Ground, Program, ground
from .inside.operations import SMALL, STILL
from .report import Report, Table, judged

NAME: Final = "graphql"
SIZES: Final = (10, 1_000, 100_000)  # sessions
ROUNDS: Final = 8
MS, SQL_MS, QUERIES, OURS, PAGES = range(5)


def _filled(at: Ground, sessions: int) -> Program:
    """A shop with so many sessions, and the program that asks it."""
    name = f"shop_{sessions}"
    at.copy("base", name)
    with at.connect(name) as connection:
        user = connection.execute("SELECT id FROM shop_user WHERE email = 'rep@example.com'").fetchone()
        assert user is not None
        rep_user = base64.b64encode(f"User:{user[0]}".encode()).decode()
        rows.fill(connection, sessions=sessions, rep_user=rep_user, shop=True)
        connection.execute("VACUUM ANALYZE")
    return Program(
        [sys.executable, "-m", "benchmarks.inside.operations", str(sessions)],
        env=at.env(name, **STILL),
        log=at.folder / f"{name}.log",
    )


def measure(*, sizes: tuple[int, ...], rounds: int) -> tuple[dict[int, list[dict[str, Any]]], dict[str, Any]]:
    """What each round found, by size; and the plans at the largest. Sizes take turns within a round."""
    with ground() as at:
        at.shop("base")
        programs: dict[int, Program] = {}
        try:
            for size in sizes:
                programs[size] = _filled(at, size)
                programs[size].ask("round")  # the first one compiles, connects and fills caches
            found: dict[int, list[dict[str, Any]]] = {size: [] for size in sizes}
            for _ in range(rounds):
                for size, program in programs.items():
                    found[size].append(program.ask("round"))
            return found, programs[sizes[-1]].ask("plans")
        finally:
            for program in programs.values():
                program.stop()


def run(*, quick: bool) -> Report:
    sizes = (1_000, 3_000) if quick else SIZES
    found, plans = measure(sizes=sizes, rounds=1 if quick else ROUNDS)
    names = list(plans)
    small, large = sizes[-2], sizes[-1]

    def typical(size: int, name: str, what: int) -> float:
        return median(one[name][what] for one in found[size])

    def grown(name: str) -> float:
        """How much longer it takes in the larger shop, both at their fastest, which other work disturbs least."""
        return min(one[name][MS] for one in found[large]) / min(one[name][MS] for one in found[small])

    slowest = max(names, key=grown)
    more = max(names, key=lambda name: typical(large, name, QUERIES) / typical(small, name, QUERIES))
    scanned = {name: plan["scanned"] for name, plan in plans.items() if plan["scanned"]}
    report = Report()
    report.results = [
        judged(
            "SQL queries of an operation, large shop to small",
            typical(large, more, QUERIES) / typical(small, more, QUERIES),
            "<= 1",
            f"the worst is {more}: {typical(large, more, QUERIES):.0f} queries with {large:,} sessions, "
            f"{typical(small, more, QUERIES):.0f} with {small:,}; {len(names)} operations and duties",
        ),
        judged(
            "time of an operation, large shop to small",
            grown(slowest),
            "<= 2",
            f"the worst is {slowest}, {typical(large, slowest, MS):.1f} ms with {large:,} sessions and "
            f"{typical(small, slowest, MS):.1f} ms with {small:,}; the median operation "
            f"{median(map(grown, names)):.2f} times; fastest rounds compared",
        ),
    ]
    report.tables = [
        Table(
            "Operations by sessions in the shop",
            ("operation", "SQL queries", *(f"ms, {size:,}" for size in sizes), *(f"pages, {size:,}" for size in sizes)),
            [
                (
                    name,
                    int(typical(large, name, QUERIES)),
                    *(round(typical(size, name, MS), 1) for size in sizes),
                    *(int(typical(size, name, PAGES)) for size in sizes),
                )
                for name in names
            ],
            "Milliseconds are those of the whole request in the shop's process: parsing, checking, resolving, SQL, "
            "JSON. Queries include the shop's own, for products, accounts and carts. Pages are the 8 KiB blocks of our "
            "tables and indexes that PostgreSQL looked at: they don't depend on how busy the machine is.",
        ),
        Table(
            f"Indexes by which they read, by EXPLAIN with {large:,} sessions",
            ("operation", "indexes"),
            [(name, ", ".join(f"`{index}`" for index in plan["indexes"]) or "none") for name, plan in plans.items()],
        ),
    ]
    for name, tables in scanned.items():
        report.notes.append(f"{name} reads {', '.join(tables)} from end to end (of tables with over {SMALL:,} rows).")
    return report
