"""From a socket of one process through Redis to a socket of another: typing, presence, signals. No database."""

from __future__ import annotations

import statistics

from . import contenders, limits
from .contenders import ratio
from .report import Report, Table, judged
from .stand import stand

NAME = "relay"
PAIRS = 100
PACE = 1000  # messages a second


def run(*, quick: bool) -> Report:
    rounds, seconds, pairs = (1, 1.0, 20) if quick else (3, 2.5, PAIRS)
    bare = []
    with stand() as here:
        database, peers = here.migrated(), here.peers()
        ours = contenders.ours(here, database, pairs=pairs)
        socketio = contenders.socketio(here, peers)
        channels = contenders.channels(here, peers)
        everybody = [ours, socketio, channels]
        for contender in contenders.in_turns(everybody, rounds):
            contender.measure("saturated", "typing", pairs=pairs, seconds=seconds, window=1)
        for contender in contenders.in_turns(everybody, rounds):
            contender.measure("paced", "typing", pairs=pairs // 2, seconds=seconds, rate=PACE)
            if contender is ours:
                bare.append(limits.measure("pubsub", str(here.redis.port)))
    limit = statistics.median(one["p50"] for one in bare)
    rows = [
        (
            contender.name,
            contender.median("saturated", "rate"),
            contender.cpu("saturated"),
            contender.median("paced", "p50") * 1e6,
            contender.median("paced", "p99") * 1e6,
        )
        for contender in everybody
    ]
    rate, p50 = ours.median("saturated", "rate"), ours.median("paced", "p50")
    results = [
        judged(
            "throughput / Socket.IO", ratio("saturated", ours, socketio, "rate"), ">= 3.5",
            f"{rate:.0f} against {socketio.median('saturated', 'rate'):.0f} messages/s",
        ),
        judged(
            "throughput / Django Channels", ratio("saturated", ours, channels, "rate"), ">= 15",
            f"{rate:.0f} against {channels.median('saturated', 'rate'):.0f} messages/s",
        ),
        judged(
            "CPU a message / Socket.IO", ours.cpu("saturated") / socketio.cpu("saturated"), None,
            f"{ours.cpu('saturated'):.0f} against {socketio.cpu('saturated'):.0f} µs, Redis included",
        ),
        judged(
            "p50 / Socket.IO", ratio("paced", ours, socketio, "p50"), "<= 0.7",
            f"{p50 * 1e6:.0f} against {socketio.median('paced', 'p50') * 1e6:.0f} µs at {PACE} messages/s",
        ),
        judged(
            "p50 / bare PUBLISH to subscriber",
            statistics.median(
                paced["p50"] / one["p50"] for paced, one in zip(ours.rounds["paced"], bare, strict=True)
            ),
            "<= 9",
            f"{p50 * 1e6:.0f} against {limit * 1e6:.0f} µs",
        ),
    ]  # fmt: skip
    adapter = "sharded" if here.redis_major >= 7 else "classic (this Redis is older than 7)"
    return Report(
        results=results,
        tables=[
            Table(
                f"Relay: {pairs} senders, two processes, Redis between them",
                ("", "messages/s", "CPU µs each", "p50 µs", "p99 µs"),
                rows,
                f"Saturated as above; the times at {PACE} messages a second. CPU is that of both servers and Redis.",
            )
        ],
        notes=[
            f"Between two bare sockets Redis takes {limit * 1e6:.0f} µs (p50).",
            f"Socket.IO with its {adapter} Redis adapter. The gateway looks up who takes part in the session, and "
            "forwards to nobody else; the peers forward to whatever room the sender names.",
        ],
    )
