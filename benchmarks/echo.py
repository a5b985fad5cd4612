"""The cheapest question with an answer, on one process: what a socket and JSON cost by themselves."""

from __future__ import annotations

from . import contenders, limits
from .contenders import ratio
from .report import Report, Table, judged
from .stand import stand

NAME = "echo"
SOCKETS = 50


def run(*, quick: bool) -> Report:
    rounds, seconds, sockets = (1, 1.0, 20) if quick else (3, 2.5, SOCKETS)
    with stand() as here:
        database, peers = here.migrated(), here.peers()
        ours = contenders.ours(here, database, pairs=sockets)
        socketio = contenders.socketio(here, peers)
        channels = contenders.channels(here, peers)
        everybody = [ours, socketio, channels]
        for contender in everybody:  # half of the pairs are on each server: ask both, it is the same core
            contender.servers = (contender.servers[0], contender.servers[0])
        for contender in contenders.in_turns(everybody, rounds):
            contender.measure("saturated", "question", pairs=sockets, seconds=seconds, window=1, hears=False)
        for contender in contenders.in_turns(everybody, rounds):
            contender.measure("alone", "question", pairs=1, seconds=seconds / 2, window=1, hears=False)
    tcp = limits.measure("tcp")
    rows = [
        (
            contender.name,
            contender.median("saturated", "rate"),
            contender.median("saturated", "cpu", "servers") * 1e6,
            contender.median("alone", "p50") * 1e6,
            contender.median("alone", "p99") * 1e6,
        )
        for contender in everybody
    ]
    rate = ours.median("saturated", "rate")
    results = [
        judged(
            "throughput / Socket.IO", ratio("saturated", ours, socketio, "rate"), ">= 1.8",
            f"{rate:.0f} against {socketio.median('saturated', 'rate'):.0f} answers/s",
        ),
        judged(
            "throughput / Django Channels", ratio("saturated", ours, channels, "rate"), None,
            f"{rate:.0f} against {channels.median('saturated', 'rate'):.0f} answers/s",
        ),
        judged(
            "p50 / TCP there and back", ours.median("alone", "p50") / tcp["p50"], None,
            f"{ours.median('alone', 'p50') * 1e6:.0f} against {tcp['p50'] * 1e6:.0f} µs",
        ),
    ]  # fmt: skip
    return Report(
        results=results,
        tables=[
            Table(
                f"Echo: {sockets} sockets, one process",
                ("", "answers/s", "CPU µs each", "p50 µs, one socket", "p99 µs"),
                rows,
                "Each socket asks again when it was answered.",
            )
        ],
        notes=[
            "The gateway has no echo. It is asked what costs it least and still goes the whole way: a second Hello is "
            "decoded, checked, counted, and refused with a frame of its own. The peers send back the object they got.",
            f"A hundred bytes over TCP to a bare process and back: p50 {tcp['p50'] * 1e6:.0f} µs.",
        ],
    )
