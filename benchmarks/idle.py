"""Visitors who only look: what an open socket costs that has been greeted, and how fast they can arrive."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable
from typing import Any

from .load import Holder
from .report import Report, Table, judged
from .stand import Server, Stand, memory, settle, stand

NAME = "idle"
FIRST, ALL = 500, 5000  # what is there once for all is not counted: the first 500 are the zero


def _hold(start: Callable[[], Server], here: Stand, kind: str, first: int, last: int, **who: Any) -> dict[str, float]:
    server = start()
    holder = Holder(kind, url=server.url, **who)
    try:
        holder.grow(first)
        before = _memory(server.pid, kind)
        seconds = holder.grow(last)
        after = _memory(server.pid, kind)
    finally:
        holder.close()
        here.stop(server)
    return {
        "kib": (after - before) / (last - first) / 1024,
        "rate": (last - first) / seconds,
        "total": after / 1024 / 1024,
    }


def _memory(pid: int, kind: str) -> int:
    """Bytes, when nothing is left to do; Node is asked to collect what it no longer needs."""
    settle(pid)
    if kind == "socketio":
        for _ in range(3):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGUSR2)
            settle(pid)
    return memory(pid)


def run(*, quick: bool) -> Report:
    first, last = (100, 500) if quick else (FIRST, ALL)
    with stand() as here:
        database, peers = here.migrated(), here.peers()
        measured = {
            "this gateway": _hold(lambda: here.gateway(database), here, "ours", first, last),
            "Socket.IO": _hold(
                lambda: here.socketio(peers), here, "socketio", first, last, room="visitor-#", joins=True
            ),
            "Django Channels": _hold(
                lambda: here.channels(peers), here, "channels", first, last, room="visitor-#", joins=True
            ),
        }  # fmt: skip
    ours, socketio, channels = measured.values()
    results = [
        judged(
            "memory / Socket.IO", ours["kib"] / socketio["kib"], "<= 0.85",
            f"{ours['kib']:.1f} against {socketio['kib']:.1f} KiB a connection",
        ),
        judged(
            "memory / Django Channels", ours["kib"] / channels["kib"], None,
            f"{ours['kib']:.1f} against {channels['kib']:.1f} KiB a connection",
        ),
        judged(
            "connections a second / Socket.IO", ours["rate"] / socketio["rate"], None,
            f"{ours['rate']:.0f} against {socketio['rate']:.0f} a second",
        ),
        judged(
            "connections a second / Django Channels", ours["rate"] / channels["rate"], None,
            f"{ours['rate']:.0f} against {channels['rate']:.0f} a second",
        ),
    ]  # fmt: skip
    return Report(
        results=results,
        tables=[
            Table(
                f"{last:,} idle connections".replace(",", "\N{NO-BREAK SPACE}"),
                ("", "KiB each", "connections/s", "process MiB"),
                [(name, one["kib"], one["rate"], one["total"]) for name, one in measured.items()],
                f"Memory that only this process holds, from {first} to {last} connections; buffers in the kernel are "
                "the same for all. Each connection is in a room of its own, which Redis knows of.",
            )
        ],
        notes=[
            "A connection to the gateway is greeted: an identity and two signed tokens are made, its arrival goes to "
            "the deciders' stream, and its presence and rates are kept from then on. The peers open a socket and join "
            "a room; Socket.IO has dropped the first request, as its documentation advises, and collected its garbage.",
        ],
    )
