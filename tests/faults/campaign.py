"""One run: hundreds of sessions talk, something breaks, and afterwards every book must agree with the tables."""

from __future__ import annotations

import asyncio
import datetime
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from saleor_livesales import wire
from saleor_livesales.tokens import Kind, Signer

from ..shop.client import CHANNEL
from . import kinds, world
from .clients import Habits, Line, Person
from .rig import Rig
from .shoppers import Market

SESSIONS: Final = 200
EACH_REP: Final = 10
RATE: Final = 190.0  # messages a second that all of them write, about
HUSHED: Final = 0.15  # of the sessions fall silent in the last fault: no later message shows them what they missed
WARM_UP: Final = 1.5  # seconds
NORMAL_WITHIN: Final = 10.0
RUN_WITHIN: Final = 240.0  # seconds; patience only
SETTLE_WITHIN: Final = 40.0  # patience only: whoever is late is named


@dataclass
class Result:
    """What came of a run. ``recovery`` in seconds: until the last client had an ack for what it wrote afterwards."""

    seed: int
    faults: list[str]
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0
    sessions: int = 0
    rounds: int = 0
    messages: int = 0
    acked: int = 0
    lost: int = 0
    doubled: int = 0
    rate: float = 0.0  # messages acknowledged a second, while people wrote
    recovery: float = 0.0
    starved: float = 0.0  # seconds of the recovery in which something waited for a processor
    counts: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def pressure() -> float:
    """Seconds since the start in which something here waited for a processor; 0.0 where Linux does not say."""
    try:
        return int(Path("/proc/pressure/cpu").read_text().split("total=")[1].split()[0]) / 1e6
    except (OSError, IndexError, ValueError):
        return 0.0


def plan(seed: int) -> list[str]:
    """The faults of a run: each kind comes by turns, so that a campaign has all; often a second one by chance."""
    names = list(kinds.KINDS)
    chance = random.Random(f"plan {seed}")
    chosen = [names[seed % len(names)]]
    if chance.random() < 0.3:
        brief = [name for name in names if name not in ("redis_stopped", "postgres_stopped", *chosen)]
        chosen.append(chance.choice(brief))
    return chosen


class Campaign:
    """One run on a rig that is whole."""

    def __init__(self, rig: Rig, *, seed: int, faults: Sequence[str], quick: bool = False) -> None:
        self.rig, self.seed, self.faults, self.quick = rig, seed, list(faults), quick
        self.random = random.Random(f"run {seed}")
        self.result = Result(seed, self.faults)
        self.counts: Counter[str] = Counter()
        self.habits = Habits()
        self.signer = Signer(dict([rig.env["LIVESALES_SIGNING_KEYS"].split(":", 1)]))
        self.people: list[Person] = []
        self.lines: dict[str, list[Line]] = {}

    async def run(self) -> Result:
        began = time.monotonic()
        since = datetime.datetime.now(datetime.UTC)
        database = await self.rig.do(self.rig.database)
        self.bulk = await self.rig.do(lambda: world.make(database, sessions=SESSIONS, each_rep=EACH_REP))
        database.close()
        self._people()
        market = Market(self.rig, seed=self.random.getrandbits(32), shoppers=5, habits=self.habits, counts=self.counts)
        ticking = asyncio.create_task(self._tick(market))
        market.start()
        for person in self.people:
            person.start()
        try:
            async with asyncio.timeout(RUN_WITHIN):
                await self._talk(market, since)
        finally:
            ticking.cancel()
            await asyncio.gather(*(person.stop() for person in self.people))
            await market.leave()
            await self.rig.do(self._clear)
        self.result.counts = dict(sorted(self.counts.items()))
        self.result.seconds = round(time.monotonic() - began, 1)
        return self.result

    async def _talk(self, market: Market, since: datetime.datetime) -> None:
        ready = lambda: market.open and all(line.whole >= 3 for line in self._all())  # noqa: E731
        await self._wait(ready, 120, "they never got to talk")
        talking = time.monotonic()
        acked = self._acked()
        await asyncio.sleep(WARM_UP)
        for name in self.faults:
            await self._break(name, market, last=name is self.faults[-1])
        self.result.rate = round((self._acked() - acked) / (time.monotonic() - talking), 1)
        await self._settle(market)
        await self._judge(market, since)

    # Those who talk

    def _people(self) -> None:
        count = SESSIONS + len(self.bulk.reps)
        # Half of the messages are the visitors', half the reps'.
        pauses = {"visitor": SESSIONS / (RATE / 2), "rep": len(self.bulk.reps) / (RATE / 2)}
        seeds = [self.random.getrandbits(32) for _ in range(count)]
        visitors = {session: visitor for session, visitor, _ in self.bulk.sessions}
        for number, (session, visitor) in enumerate(visitors.items()):
            person = self._person(f"v{number}", "visitor", visitor, seeds.pop(), pauses["visitor"])
            self._join(person, world.gid(session))
        for number, rep in enumerate(self.bulk.reps):
            person = self._person(f"r{number}", "rep", rep, seeds.pop(), pauses["rep"])
            for session, _, own in self.bulk.sessions:
                if own == rep:
                    self._join(person, world.gid(session))

    def _person(self, name: str, role: str, subject: Any, seed: int, pause: float) -> Person:
        async def hello() -> wire.Hello:
            if role == "rep":
                return wire.Hello(role="rep", ticket=self._sign("rep-ticket", subject))
            return wire.Hello(role="visitor", channel=CHANNEL, token=self._sign("visitor", subject))

        person = Person(
            name=name, role=role, gateways=self.rig.gateway_urls, origin=self.rig.urls["storefront"].rstrip("/"),
            hello=hello, seed=seed, habits=self.habits, pause=pause, counts=self.counts,
        )  # fmt: skip
        self.people.append(person)
        return person

    def _sign(self, kind: Kind, subject: Any) -> str:
        return self.signer.sign(kind=kind, subject=subject, now=datetime.datetime.now(datetime.UTC))

    def _join(self, person: Person, session: str) -> None:
        self.lines.setdefault(session, []).append(person.take_part(session))

    def _all(self) -> list[Line]:
        return [line for sides in self.lines.values() for line in sides]

    def _acked(self) -> int:
        return sum(len(line.acked) for line in self._all())

    # Time

    async def _tick(self, market: Market) -> None:
        while True:
            await asyncio.sleep(0.1)
            now = time.monotonic()
            for person in (*self.people, *market.people):
                person.tick(now)

    async def _wait(self, condition: Any, patience: float, what: str) -> None:
        deadline = time.monotonic() + patience
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(what)
            await asyncio.sleep(0.05)

    # A run

    def _hush(self) -> None:
        for sides in self.lines.values():
            if self.random.random() < HUSHED:
                when = self.random.uniform(0.2, 2.0)
                for line in sides:
                    asyncio.get_running_loop().call_later(when, setattr, line, "over", True)

    async def _break(self, name: str, market: Market, *, last: bool) -> None:
        """One fault, and everybody's first ack after its end."""
        scene = kinds.Scene(self.rig, random.Random(f"{name} {self.seed}"), self.people, market, quick=self.quick)
        await asyncio.sleep(self.random.uniform(0.0, 1.0))
        if last:
            self._hush()
        breaking = asyncio.create_task(kinds.KINDS[name](scene))
        while not scene.over_at:
            await asyncio.sleep(0.01)
            if breaking.done():
                await breaking
        over, before = scene.over_at, pressure()
        asked = [line for line in self._all() if not line.over]
        for line in asked:
            asyncio.get_running_loop().call_later(self.random.uniform(0.0, 0.5), line.ask_probe)
        await breaking
        deadline = time.monotonic() + SETTLE_WITHIN
        await asyncio.sleep(max(0.0, over + 0.6 - time.monotonic()))
        while time.monotonic() < deadline and any(line.recovered is None for line in asked):
            await asyncio.sleep(0.05)
        late = [line for line in asked if line.recovered is None]
        took = max(
            (line.probed_at + line.recovered - over for line in asked if line.recovered is not None), default=0.0
        )
        if late:
            took = time.monotonic() - over
            names = [f"{line.person.name} at {line.person.at} ({len(line.pending)})" for line in late[:5]]
            self.result.problems.append(f"{len(late)} clients had no ack after {took:.1f} s: {names}")
        starved = min(took, pressure() - before)
        # On a machine with nothing else to do this is the limit itself.
        if took > NORMAL_WITHIN + starved:
            self.result.problems.append(
                f"after {name} it took {took:.1f} s until all were served ({starved:.1f} s starved)"
            )
        self.result.recovery = max(self.result.recovery, round(took, 2))
        self.result.starved = round(self.result.starved + starved, 2)
        self.result.notes += scene.notes

    async def _settle(self, market: Market) -> None:
        """Everybody falls silent; then everything is acknowledged and nobody has a gap."""
        for person in self.people:
            person.quiet = True
        self.result.problems += await market.finish(SETTLE_WITHIN)
        deadline = time.monotonic() + SETTLE_WITHIN
        while time.monotonic() < deadline and any(line.pending for line in self._all()):
            await asyncio.sleep(0.05)
        sessions = [session for session, _, _ in self.bulk.sessions]
        database = await self.rig.do(self.rig.database)
        last = await self.rig.do(world.last_numbers, database, sessions)
        database.close()
        wanted = {world.gid(session): number for session, number in last.items()}
        while time.monotonic() < deadline and any(line.whole < wanted[line.session] for line in self._all()):
            await asyncio.sleep(0.05)

    async def _judge(self, market: Market, since: datetime.datetime) -> None:
        result = self.result
        database = await self.rig.do(self.rig.database)
        sessions = [session for session, _, _ in self.bulk.sessions]
        rows = await self.rig.do(world.entries, database, sessions)
        verdict = world.check_books(rows, self.lines)
        result.problems += (verdict.problems or [])[:10]
        result.lost, result.doubled = verdict.lost, verdict.doubled
        result.sessions = len(sessions) + len(market.visits)
        result.rounds = len(market.rounds)
        result.messages = sum(len(line.written) for line in self._all())
        result.acked = self._acked()
        for person in (*self.people, *market.people):
            result.problems += [f"{person.name}: {wrong}" for wrong in person.wrong[:2]]
        result.problems += await self.rig.do(self._judge_sessions, database, market)
        ring = int(self.rig.env["LIVESALES_RING_FOR"])
        for _ in range(20):  # a deadline that is due just now is worked off within a second or so
            found = await self.rig.do(lambda: world.inconsistent(database, since=since, ring=ring, lease=45))
            if not found:
                break
            await asyncio.sleep(0.5)
        result.problems += found
        database.close()

    def _judge_sessions(self, database: Any, market: Market) -> list[str]:
        """The bulk's sessions are as they were; of each shopper there is one, with what it was promised."""
        problems = []
        ids = [session for session, _, _ in self.bulk.sessions]
        changed = database.execute(
            "SELECT s.id, s.state, s.end_reason, r.status FROM saleor_livesales_session s"
            " LEFT JOIN saleor_livesales_rep r ON r.id = s.rep_id"
            " WHERE s.id = ANY(%s) AND (s.state <> 'active' OR r.status <> 'online')",
            [ids],
        ).fetchall()
        if changed:
            problems.append(f"{len(changed)} sessions did not stay as they were: {changed[:3]}")
        visitors = [visit.visitor for visit in market.visits]
        found: dict[Any, list[Any]] = {}
        for visitor, session in database.execute(
            "SELECT visitor_id, id FROM saleor_livesales_session WHERE visitor_id = ANY(%s)", [visitors]
        ).fetchall():
            found.setdefault(visitor, []).append(session)
        for visit in market.visits:
            own = found.get(visit.visitor, [])
            if len(own) != 1 and visit.step == "done":
                problems.append(f"a shopper who started once has {len(own)} sessions")
        rows = world.entries(database, [session for own in found.values() for session in own])
        for session, kept in rows.items():
            known = {row[0]: (row[1], row[2], row[3], row[4]) for row in kept}
            keys = [row[3] for row in kept if row[1] == "message"]
            self.result.doubled += len(keys) - len(set(keys))
            if sorted(known) != list(range(1, len(kept) + 1)):
                problems.append(f"{session}: a gap among {sorted(known)}")
            for line in market.lines.get(world.gid(session), []):
                self.result.acked += len(line.acked)
                self.result.messages += len(line.written)
                lost = [key for key, number in line.acked.items() if known.get(number, ("", "", None))[2] != key]
                self.result.lost += len(lost)
                if lost:
                    problems.append(f"{session}: {line.me} was promised {lost}")
                if any(known.get(number) != seen for number, seen in line.seen.items()):
                    problems.append(f"{session}: {line.me} saw what the table doesn't have")
        return problems

    def _clear(self) -> None:
        self.rig.heal()
        with self.rig.database() as database:
            world.end(database, self.bulk)
