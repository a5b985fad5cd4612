"""How a gateway's memory and processor time grow with connections and with messages; what the scale page rests on."""

from __future__ import annotations

import time
from typing import Any

from . import contenders
from .load import Holder
from .report import Report, Result, Table
from .stand import Stand, cpu_since, cpu_times, memory, settle, stand

NAME = "growth"
CONNECTIONS = (500, 1000, 2000, 5000, 10000)
WATCHED = (2000, 10000)  # for a whole beat of presence
WATCH = 26.0  # seconds: each visitor's presence is told, and each silent socket pinged, every 25
RATES = (250, 500, 1000, 2000, 4000)  # messages a second


def _connections(here: Stand, database: str, *, quick: bool) -> tuple[list[tuple[Any, ...]], float, float]:
    """Rows; KiB and processor seconds a second that one more connection takes."""
    server = here.gateway(database)
    holder = Holder("ours", url=server.url)
    rows: list[tuple[Any, ...]] = []
    held: list[tuple[int, float]] = []
    watched: list[tuple[int, float]] = []
    try:
        for number in (100, 200) if quick else CONNECTIONS:
            holder.grow(number)
            settle(server.pid)
            held.append((number, memory(server.pid) / 1024))
            share = "–"
            if quick or number in WATCHED:
                before, began = cpu_times([server.pid]), time.perf_counter()
                time.sleep(2.0 if quick else WATCH)
                watched.append((number, cpu_since(before, [server.pid]) / (time.perf_counter() - began)))
                share = f"{watched[-1][1] * 100:.1f} %"
            rows.append((f"{number}", held[-1][1] / 1024, share))
    finally:
        holder.close()
        here.stop(server)
    return rows, _slope(held), max(0.0, _slope(watched))


def _slope(points: list[tuple[int, float]]) -> float:
    """From the first to the last."""
    (x0, y0), (x1, y1) = points[0], points[-1]
    return (y1 - y0) / (x1 - x0)


def run(*, quick: bool) -> Report:
    seconds = 1.0 if quick else 3.0
    with stand() as here:
        database = here.migrated()
        connections, kib, idle = _connections(here, database, quick=quick)
        ours = contenders.ours(here, database, pairs=64)
        rows: list[tuple[Any, ...]] = []
        for rate in RATES[1:2] if quick else RATES:
            what = f"message {rate}"
            ours.measure(what, "message", pairs=64, seconds=seconds, rate=rate)
            parts = [ours.median(what, "cpu", part) * 1e6 for part in ("servers", "redis", "postgresql")]
            p50, p99 = (ours.median(what, name) * 1e3 for name in ("p50", "p99"))
            rows.append((f"{rate}", ours.median(what, "rate"), *parts, p50, p99))
        for action in ("typing", "behaviour"):
            ours.measure(action, action, pairs=64, seconds=seconds, rate=1000)
    costs: dict[str, list[float]] = {
        "message": [rows[-1][2], rows[-1][3], rows[-1][4]],
        "signal": [ours.median("typing", "cpu", part) * 1e6 for part in ("servers", "redis", "postgresql")],
        "event": [ours.median("behaviour", "cpu", part) * 1e6 for part in ("servers", "redis", "postgresql")],
    }

    def told(name: str, value: float, unit: str) -> Result:
        return Result(name, value, None, True, f"{value:.1f} {unit}")

    results = [
        told("KiB a connection", kib, "KiB"),
        told("CPU µs each second, idle connection", idle * 1e6, "µs each second"),
    ]
    for what, (servers, redis, postgresql) in costs.items():
        results.append(told(f"CPU µs, {what}, gateways", servers, "µs"))
        results.append(told(f"CPU µs, {what}, Redis", redis, "µs"))
        if what == "message":
            results.append(told(f"CPU µs, {what}, PostgreSQL", postgresql, "µs"))
    return Report(
        results=results,
        tables=[
            Table(
                "Idle connections to one gateway", ("connections", "process MiB", "of one core"), connections,
                f"Straight through: {kib:.1f} KiB a connection more, and {idle * 1e6:.1f} µs of processor time each "
                "second for its presence and pings.",
            ),
            Table(
                "Durable messages through two gateways",
                ("asked for/s", "messages/s", "gateways µs", "Redis µs", "PostgreSQL µs", "A to B p50 ms", "p99 ms"),
                rows,
                "Processor time for each message. It falls with load, because batches grow by themselves.",
            ),
            Table(
                "Other frames, 1 000 a second", ("", "gateways µs", "Redis µs"),
                [(f"a {name}", costs[name][0], costs[name][1]) for name in ("signal", "event")],
                "A signal (typing) goes to the other side; an event (a page seen) goes to the deciders' stream.",
            ),
        ],
    )  # fmt: skip
