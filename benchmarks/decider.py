"""The decider: the rules alone, whole batches, and how long an offer takes as more and more happens on the site."""

from __future__ import annotations

import base64
import contextlib
import itertools
import subprocess
import sys
import threading
import time
import uuid
import zlib
from collections.abc import Iterator
from statistics import median, quantiles
from typing import Any, Final

import redis

from saleor_livesales import wire
from saleor_livesales.ids import uuid7
from sandbox.runner.services import die_with_parent

from .ground import ROOT, Ground, Program, ground
from .report import Report, Table, judged

NAME: Final = "decider"
WANTED: Final = 100_000  # decisions a second on one core
STREAMS: Final = 16
PREFIX: Final = "ls:"
RATES: Final = (250, 500, 1_000, 1_500, 2_000, 3_000, 4_000, 6_000, 8_000, 12_000, 16_000)  # events a second
EACH: Final = 20  # of so many events three bring a visitor to an item above the threshold
TICK: Final = 0.01  # seconds
DRAIN: Final = 20.0
SATURATED: Final = 1.0  # seconds until half of the offers are there
BATCHES: Final = (
    ("new 66 200", "66 visitors arrive, open a page and a product"),
    ("busy 66 200", "66 known ones go on to other pages and products"),
    ("beats 200 200", "signs of life of 200"),
)


class Listener:
    """Hears every offer that is announced to a visitor, and when."""

    def __init__(self, url: str) -> None:
        self.heard: dict[str, float] = {}
        self.pubsub = redis.Redis.from_url(url).pubsub()
        self.pubsub.psubscribe(f"{PREFIX}visitor:*")
        self.pubsub.get_message(timeout=5)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while not self._stop.is_set():
            message: Any = self.pubsub.get_message(timeout=0.2)
            if message and message["type"] == "pmessage" and message["data"].startswith(b'{"type":"offer",'):
                visitor = message["channel"].decode().rpartition(":")[2]
                self.heard.setdefault(visitor, time.monotonic())

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()
        self.pubsub.close()


class Load:
    """Puts events on the visitors' streams, as gateways do, at a rate."""

    def __init__(self, client: redis.Redis, dear: str, cheap: str) -> None:
        self.client, self.dear, self.cheap = client, dear, cheap
        self.known = [uuid7() for _ in range(500)]
        self.asked: dict[str, float] = {}  # when a visitor came to the dear item

    def _events(self) -> Iterator[tuple[uuid.UUID, dict[str, Any], bool]]:
        for number in itertools.count():
            visitor = uuid7()
            yield visitor, {"kind": "arrive"}, False
            yield visitor, {"kind": "page", "url": f"https://shop.example/{number}", "title": "A lamp"}, False
            yield visitor, {"kind": "product", "product": self.dear}, True
            for step in range(EACH - 3):
                one = self.known[(number * (EACH - 3) + step) % len(self.known)]
                if step % 3 == 0:
                    yield one, {"kind": "page", "url": f"https://shop.example/{number}", "title": "A pen"}, False
                elif step % 3 == 1:
                    yield one, {"kind": "product", "product": self.cheap}, False
                else:
                    yield one, {"kind": "beat"}, False

    def run(self, rate: int, seconds: float) -> int:
        """Returns how many events were put."""
        events, put = self._events(), 0
        began = time.monotonic()
        while (passed := time.monotonic() - began) < seconds:
            pipeline = self.client.pipeline(transaction=False)
            asked = []
            for visitor, data, counts in itertools.islice(events, max(0, int(rate * passed) - put)):
                noticed = wire.Noticed(visitor=visitor, channel="default-channel", at=time.time(), **data)
                stream = f"{PREFIX}events:{zlib.crc32(visitor.bytes) % STREAMS}"
                pipeline.xadd(stream, {"d": wire.encode_noticed(noticed)}, maxlen=100_000, approximate=True)
                put += 1
                if counts:
                    asked.append(str(visitor))
            now = time.monotonic()
            pipeline.execute()
            self.asked.update(dict.fromkeys(asked, now))
            time.sleep(TICK)
        return put

    def drained(self) -> bool:
        """Whether the deciders have read and acknowledged everything."""
        for number in range(STREAMS):
            stream = f"{PREFIX}events:{number}"
            if not self.client.exists(stream):
                continue
            groups: Any = self.client.xinfo_groups(stream)
            last: Any = self.client.xinfo_stream(stream)["last-generated-id"]
            if not groups or groups[0]["pending"] or groups[0]["last-delivered-id"] != last:
                return False
        return True


@contextlib.contextmanager
def deciders(at: Ground, database: str, number: int) -> Iterator[None]:
    """Real decider processes that have shared out the streams."""
    started = []
    with (at.folder / "decider.log").open("ab") as log:
        for _ in range(number):
            started.append(
                subprocess.Popen(
                    [sys.executable, "-m", "saleor_livesales.cli", "decider"],
                    env=at.env(database), cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    preexec_fn=die_with_parent,
                )
            )  # fmt: skip
    try:
        with at.connect(database) as connection:
            deadline = time.monotonic() + 30
            wanted = STREAMS + 1 + number  # each stream's lock, the shop's, and one of each decider
            while time.monotonic() < deadline:
                row = connection.execute(
                    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND granted"
                ).fetchone()
                if row and row[0] >= wanted:
                    break
                time.sleep(0.2)
        time.sleep(1.5 * number)  # until they hold a fair share each
        yield
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(20)


def curve(at: Ground, number: int, rates: tuple[int, ...], seconds: float) -> list[dict[str, float]]:
    """A step for each rate, up to and with the first that saturates: p50 and p99 in seconds, events a second done."""
    name = f"site_{number}"
    at.copy("base", name)
    dear, cheap = _items(at, name)
    steps = []
    client = redis.Redis.from_url(at.redis.url)
    client.flushall()
    with deciders(at, name, number):
        load, listener = Load(client, dear, cheap), Listener(at.redis.url)
        load.run(100, 2.0)  # connections, plans, prices
        time.sleep(1.0)
        for rate in rates:
            load.asked.clear()
            began = time.monotonic()
            put = load.run(rate, seconds)
            given_up = time.monotonic() + DRAIN
            while not load.drained() and time.monotonic() < given_up:
                time.sleep(0.02)
            took = time.monotonic() - began
            time.sleep(0.3)
            waits = sorted(listener.heard[one] - at_ for one, at_ in load.asked.items() if one in listener.heard)
            cuts = quantiles(waits, n=100) if len(waits) > 1 else [float("nan")] * 99
            missing = len(load.asked) - len(waits)
            steps.append(
                {
                    "rate": rate,
                    "done": put / took,
                    "p50": cuts[49],
                    "p99": cuts[98],
                    "offers": len(waits),
                    "missing": missing,
                }
            )
            if not cuts[49] < SATURATED:
                break
        listener.stop()
    client.close()
    return steps


def _items(at: Ground, database: str) -> tuple[str, str]:
    """A product above the threshold of the default channel, and one that is not. A rep is there all day."""
    with at.connect(database) as connection:
        connection.execute(
            "INSERT INTO saleor_livesales_rep (id, user_id, name, status, capacity, load, lease_until)"
            " VALUES (gen_random_uuid(), 'VXNlcjox', 'Rita', 'online', 12, 0, now() + interval '1 day')"
        )
        rows = connection.execute(
            "SELECT v.product_id, min(l.price_amount) FROM shop_productvariant v"
            " JOIN shop_productvariantchannellisting l ON l.variant_id = v.id"
            " JOIN shop_channel c ON c.id = l.channel_id AND c.slug = 'default-channel' GROUP BY 1 ORDER BY 2"
        ).fetchall()

    def gid(pk: int) -> str:
        return base64.b64encode(f"Product:{pk}".encode()).decode()

    return gid(rows[-1][0]), gid(rows[0][0])


def run(*, quick: bool) -> Report:
    report = Report()
    with ground() as at:
        at.shop("base")
        at.copy("base", "batches")
        program = Program(
            [sys.executable, "-m", "benchmarks.inside.decisions"],
            env=at.env("batches"),
            log=at.folder / "decisions.log",
        )
        try:
            rules = [program.ask("rules") for _ in range(2 if quick else 9)]
            rounds: dict[str, list[dict[str, float]]] = {command: [] for command, _ in BATCHES}
            for index in range(3 if quick else 25):
                for command in rounds:
                    found = program.ask(f"batch {command}")
                    if index:  # the first one plans and connects
                        rounds[command].append(found)
        finally:
            program.stop()
        counts = (1,) if quick else (1, 2)
        curves = {number: curve(at, number, RATES[1:2] if quick else RATES, 2.0 if quick else 4.0) for number in counts}

    speed = median(1 / one["seconds"] for one in rules)
    report.results.append(
        judged(
            f"decisions a second on one core, of {WANTED:,}",
            speed / WANTED,
            f">= {WANTED / WANTED:.0f}",
            f"{speed:,.0f} decisions with their explanations, over {rules[0]['situations']} situations of which "
            f"{rules[0]['offers']:.0%} lead to an offer",
        )
    )
    best = max(step["done"] for step in curves[1])
    calm = [step for step in curves[1] if step["rate"] <= best / 2] or curves[1][:1]
    report.results.append(
        judged(
            "seconds from event to offer, p99, at half of what one decider can do",
            calm[-1]["p99"],
            "<= 1",
            f"p50 {calm[-1]['p50'] * 1000:.0f} ms, p99 {calm[-1]['p99'] * 1000:.0f} ms at {calm[-1]['rate']:,.0f} "
            f"events a second; one decider does {best:,.0f}",
        )
    )
    report.tables.append(
        Table(
            "A batch of 200 events",
            ("what", "events a second", "µs of processor an event", "SQL statements", "Redis round trips"),
            [
                (
                    text,
                    200 / median(one["seconds"] for one in rounds[command]),
                    median(one["cpu"] for one in rounds[command]) / 200 * 1e6,
                    int(median(one["queries"] for one in rounds[command])),
                    int(median(one["trips"] for one in rounds[command])),
                )
                for command, text in BATCHES
            ],
            "Facts read, prices, standing, decisions, one transaction, facts kept, announcements; all but reading and "
            "acknowledging the stream. Processor time is the decider's own, without PostgreSQL and Redis.",
        )
    )
    for number, steps in curves.items():
        plural = "One decider" if number == 1 else f"{number} deciders"
        report.tables.append(
            Table(
                f"{plural}: from an event to its offer",
                ("events a second", "done a second", "p50 ms", "p99 ms", "offers"),
                [
                    (step["rate"], step["done"], step["p50"] * 1000, step["p99"] * 1000, f"{step['offers']:.0f}")
                    for step in steps
                ],
                "From the entry in the stream to the announcement on the visitor's channel, with real processes; the "
                f"last row is where they can't keep up. One event in {EACH} leads to an offer.",
            )
        )
        lost = sum(step["missing"] for step in steps[:-1])
        if lost:
            report.notes.append(f"{plural}: {lost:.0f} offers were not heard before the last step.")
    return report
