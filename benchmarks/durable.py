"""Messages that are committed before they are acknowledged and passed on, end to end, through two server processes."""

from __future__ import annotations

import math
import statistics

from . import contenders, limits
from .contenders import ratio
from .report import Report, Table, judged
from .stand import stand

NAME = "durable"
PAIRS = 256
PACE = 1000  # messages a second, of all that keep up with it
SLOW_PACE = 200
CHANNELS_PACE = 100


def run(*, quick: bool) -> Report:
    rounds, seconds, pairs = (1, 1.0, 32) if quick else (3, 2.5, PAIRS)
    synced = []
    with stand() as here:
        database, peers = here.migrated(), here.peers()
        ours = contenders.ours(here, database, pairs=pairs)
        single = contenders.socketio(here, peers)
        batches = contenders.socketio(here, peers, batches=True)
        channels = contenders.channels(here, peers)
        pooled = contenders.channels(here, peers, pool=True)
        everybody = [ours, single, batches, channels, pooled]
        for contender in contenders.in_turns(everybody, rounds):
            contender.measure("saturated", "message", pairs=pairs, seconds=seconds, window=1)
        for contender in contenders.in_turns(everybody, rounds):
            pace = CHANNELS_PACE if contender in (channels, pooled) else PACE
            contender.measure("paced", "message", pairs=pairs // 4, seconds=seconds, rate=pace)
            if contender is ours:
                synced.append(limits.measure("fdatasync", str(here.root)))
                contender.measure("alone", "message", pairs=1, seconds=seconds, window=1)
                contender.measure("slow", "message", pairs=16, seconds=seconds, rate=SLOW_PACE)
        sent = sum(measured["total"] for several in ours.rounds.values() for measured in several)
        kept = here.one(database, "SELECT count(*) FROM saleor_livesales_entry WHERE kind = 'message'")
        gaps = here.one(
            database,
            "SELECT count(*) FROM saleor_livesales_session s WHERE last_number <>"
            " (SELECT count(*) FROM saleor_livesales_entry e WHERE e.session_id = s.id)",
        )
        if kept != sent or gaps:
            raise RuntimeError(f"{sent} messages were acknowledged and {kept} are there; {gaps} sessions have gaps.")
    sync = statistics.median(one["p50"] for one in synced)
    ack = statistics.median(
        alone["ack_p50"] / one["p50"] for alone, one in zip(ours.rounds["alone"], synced, strict=True)
    )  # fmt: skip
    rows = [
        (
            contender.name,
            contender.median("saturated", "rate"),
            contender.cpu("saturated"),
            contender.median("paced", "p50") * 1e3,
            contender.median("paced", "p99") * 1e3,
            contender.median("paced", "ack_p50") * 1e3,
            contender.cpu("paced"),
        )
        for contender in everybody
    ]
    rate, alone = ours.median("saturated", "rate"), ours.median("alone", "ack_p50") * 1e3
    results = [
        judged(
            "throughput / Socket.IO, one INSERT a message", ratio("saturated", ours, single, "rate"), ">= 2.5",
            f"{rate:.0f} against {single.median('saturated', 'rate'):.0f} messages/s",
        ),
        judged(
            "throughput / Socket.IO, INSERT in batches", ratio("saturated", ours, batches, "rate"), None,
            f"{rate:.0f} against {batches.median('saturated', 'rate'):.0f} messages/s",
        ),
        judged(
            "throughput / Django Channels, ORM as its documentation shows it",
            ratio("saturated", ours, channels, "rate"), ">= 30",
            f"{rate:.0f} against {channels.median('saturated', 'rate'):.0f} messages/s",
        ),
        judged(
            "throughput / Django Channels, ORM with a pool of connections",
            ratio("saturated", ours, pooled, "rate"), None,
            f"{rate:.0f} against {pooled.median('saturated', 'rate'):.0f} messages/s",
        ),
        judged(
            "CPU a message / Socket.IO, one INSERT a message", ours.cpu("saturated") / single.cpu("saturated"), None,
            f"{ours.cpu('saturated'):.0f} against {single.cpu('saturated'):.0f} µs, databases included",
        ),
        judged(
            "p99 / Socket.IO, one INSERT a message", ratio("paced", ours, single, "p99"), "<= 0.5",
            f"{ours.median('paced', 'p99') * 1e3:.2f} against {single.median('paced', 'p99') * 1e3:.2f} ms "
            f"at {PACE} messages/s",
        ),
        judged(
            "ack p50 / fdatasync p50", ack if math.isfinite(ack) else math.nan, "<= 6",
            f"{alone:.2f} ms, one sender that waits for each ack, against {sync * 1e3:.3f} ms",
        ),
    ]  # fmt: skip
    return Report(
        results=results,
        tables=[
            Table(
                f"Durable messages: {pairs} senders, two processes, PostgreSQL with fsync",
                ("", "messages/s", "CPU µs each", "A to B p50 ms", "p99 ms", "ack p50 ms", "CPU µs each, paced"),
                rows,
                f"Saturated: each sender sends its next message when the last one has arrived. Paced: {PACE} messages "
                f"a second (Channels {CHANNELS_PACE}, it keeps up with no more); A to B is from sending to arriving. "
                "CPU is that of both servers, Redis and PostgreSQL.",
            )
        ],
        notes=[
            f"One page and fdatasync, one after the other: p50 {sync * 1e3:.3f} ms. One sender that writes its next "
            f"message when the last one has arrived has its ack from this gateway after {alone:.2f} ms (p50). At a "
            f"leisurely {SLOW_PACE} messages a second, when every process on the way has to wake up first and finds "
            f"its caches cold, after {ours.median('slow', 'ack_p50') * 1e3:.2f} ms.",
            "The gateway checks that the sender takes part and the session is open, numbers without gaps, keeps a "
            "message that is sent twice once, and shows the sender its own message in the common order. The peers "
            "insert a row.",
            "The documentation of Channels makes rows with database_sync_to_async, which gives each message a new "
            "connection, as Django does by default. With Django's own pool, which its documentation advises for ASGI, "
            "Channels is several times faster, and the distance to it smaller: both are shown.",
        ],
    )
