"""What a shop of a given size needs, from the figures in results/latest.json. The formula stands on the page."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from .report import Table

# What is assumed of a visitor and of a session. Change it to your own shop's figures.
EVENTS: Final = 4 / 60  # a second and visitor: pages, products, time spent
MESSAGES: Final = 8 / 60  # a second and session, both sides together
SIGNALS: Final = 16 / 60  # a second and session: typing, read
LOAD: Final = 0.5  # of each core that is used: the rest is for bursts, and for the neighbour that stops
PER_GATEWAY: Final = 20_000  # connections to one gateway process: what moves at once when it stops
SIZES: Final = ((1_000, 50), (10_000, 500), (100_000, 4_000), (1_000_000, 20_000))  # visitors online, sessions open


def figures(results: Sequence[Mapping[str, Any]]) -> dict[str, float] | None:
    """The growth benchmark's figures by name; None when it has not run."""
    found = {row["name"].partition(": ")[2]: row["ratio"] for row in results if row["name"].startswith("growth: ")}
    return found if found and None not in found.values() else None


def needs(figures: Mapping[str, float], visitors: int, sessions: int) -> dict[str, float]:
    """Cores of gateways, Redis and PostgreSQL; gateway processes; GiB of gateways; messages a second."""
    messages, signals, events = sessions * MESSAGES, sessions * SIGNALS, visitors * EVENTS

    def cores(part: str) -> float:
        return (
            messages * figures.get(f"CPU µs, message, {part}", 0.0)
            + signals * figures.get(f"CPU µs, signal, {part}", 0.0)
            + events * figures.get(f"CPU µs, event, {part}", 0.0)
        ) / 1e6

    gateways = cores("gateways") + visitors * figures["CPU µs each second, idle connection"] / 1e6
    return {
        "messages": messages,
        "events": events,
        "gateway_cores": gateways,
        "gateways": max(2, math.ceil(gateways / LOAD), math.ceil(visitors / PER_GATEWAY)),
        "gib": visitors * figures["KiB a connection"] / 1024 / 1024,
        "redis_cores": cores("Redis"),
        "redis": max(1, math.ceil(cores("Redis") / LOAD)),
        "postgresql_cores": cores("PostgreSQL"),
    }


def table(results: Sequence[Mapping[str, Any]]) -> Table | None:
    known = figures(results)
    if known is None:
        return None
    rows = []
    for visitors, sessions in SIZES:
        need = needs(known, visitors, sessions)
        rows.append(
            (
                f"{visitors:,} / {sessions:,}".replace(",", "\N{NO-BREAK SPACE}"),
                need["messages"], need["events"], need["gateway_cores"], f"{need['gateways']:.0f}", need["gib"],
                need["redis_cores"], f"{need['redis']:.0f}", need["postgresql_cores"],
            )
        )  # fmt: skip
    return Table(
        "What it takes",
        (
            "visitors online / sessions open", "messages/s", "events/s", "gateways: cores", "processes", "GiB",
            "Redis: cores", "shards", "PostgreSQL: cores, for messages",
        ),
        rows,
        "Cores of the machine above, fully used; processes and shards at half of that.",
    )  # fmt: skip
