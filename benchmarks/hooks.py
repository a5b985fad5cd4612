"""What the plugin's hooks cost a shopper, on a real Saleor: ``SALEOR=<checkout>``, default ``~/saleor``."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Final

from sandbox.runner.services import free_port
from tests.host.saleor import Host

from .ground import Program, ground
from .report import Report, Table, judged

NAME: Final = "hooks"
CHECKOUT: Final = Path(os.environ.get("SALEOR") or "~/saleor").expanduser()
SKIPPED: Final = f"NOT MEASURED: THERE IS NO SALEOR IN {CHECKOUT}. Give SALEOR=<checkout of Saleor>."
ROUNDS: Final = 30
DEAD_CALLS: Final = 300  # all within the pause that follows a failure


@contextmanager
def _blackhole() -> Iterator[int]:
    """A port where connections open and nothing is ever said."""
    with socket.socket() as hole:
        hole.bind(("127.0.0.1", 0))
        hole.listen(64)
        yield hole.getsockname()[1]


def measure(*, rounds: int) -> tuple[str, list[dict[str, Any]], dict[str, list[float]]]:
    """Saleor's version, what each round found with Redis up, and the hooks' seconds with Redis dead."""
    with ground() as at, _blackhole() as hole:
        host = Host(checkout=CHECKOUT, postgres=at.postgres, redis_url=at.redis.url, folder=at.folder)
        host.prepare()

        with host.database("host_bench") as database:
            program = Program(
                [str(host.target.python), "-m", "benchmarks.inside.hooks"],
                env=host.env(database, CELERY_BROKER_URL=at.redis.url.removesuffix("/0") + "/1", DEBUG="False"),
                log=at.folder / "saleor.log",
                folder=host.target.folder,
            )
            try:
                version = program.first["version"]
                program.ask("pair")
                found = [program.ask("pair turned" if number % 2 else "pair") for number in range(rounds)]
                dead = {}
                for name, port in (("refused", free_port()), ("silent", hole)):
                    program.ask(f"redis redis://127.0.0.1:{port}/0")
                    dead[name] = program.ask(f"hooks {DEAD_CALLS}")
            finally:
                program.stop()
    return version, found, dead


def run(*, quick: bool) -> Report:
    report = Report()
    if not (CHECKOUT / "saleor" / "settings.py").exists():
        print(SKIPPED, file=sys.stderr)
        report.notes.append(SKIPPED)
        return report
    version, found, dead = measure(rounds=2 if quick else ROUNDS)
    hook = median(one for each in found for one in each["hooks"])
    cuts = quantiles([one for each in found for one in each["hooks"]], n=100)
    later = {name: median(taken[1:]) for name, taken in dead.items()}
    first = {name: taken[0] for name, taken in dead.items()}
    rows = []
    for index, name in enumerate(("checkoutCreate", "checkoutLinesAdd")):
        on = median(each["on"][index] for each in found)
        off = median(each["off"][index] for each in found)
        difference = median(each["on"][index] - each["off"][index] for each in found)
        report.results.append(
            judged(
                f"a hook, of {name}",
                hook / off,
                "<= 0.01",
                f"{hook * 1e6:.0f} µs (p99 {cuts[98] * 1e6:.0f} µs) of {off * 1000:.0f} ms, Saleor {version}",
            )
        )
        for how, seconds in later.items():
            report.results.append(
                judged(
                    f"a hook, of {name}, Redis {how}",
                    seconds / off,
                    "<= 0.01",
                    f"{seconds * 1e6:.0f} µs of {off * 1000:.0f} ms, after a first call of {first[how] * 1000:.1f} ms",
                )
            )
        rows.append((name, off * 1000, on * 1000, difference * 1000, hook * 1e6, f"{hook / off:.3%}"))
    report.tables = [
        Table(
            f"Mutations of Saleor {version} and the hook in them",
            ("mutation", "ms, plugin off", "ms, plugin on", "difference ms", "hook alone µs", "hook, of the mutation"),
            rows,
            f"In one process, without HTTP, {len(found)} rounds that take turns; medians. The difference is the median "
            "of each round's own: it is smaller than the rounds differ among themselves, and may come out negative.",
        ),
        Table(
            "A hook when Redis is dead",
            ("Redis", "first call, ms", "later calls, µs"),
            [(f"{name}", first[name] * 1000, later[name] * 1e6) for name in dead],
            "Refused: nothing listens. Silent: the connection opens, and no answer ever comes. After a failure nothing "
            "is tried for five seconds.",
        ),
    ]
    return report
