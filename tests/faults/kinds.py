"""The faults: each breaks something, and returns when what it broke is whole again.

``await fault(scene)``. ``Scene.over()`` is the moment from which the return to normal is measured. What a kind does is
decided by the scene's random numbers alone.
"""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

import redis

from .clients import Person
from .proxy import Proxy
from .rig import GATEWAYS, Rig
from .shoppers import Market

HOUR: Final = 3600.0
LONG: Final = 20.0  # seconds that a stopped server stays away in the long kinds


@dataclass
class Scene:
    """What a fault may touch. ``quick``: shorter, for a run of all kinds in CI."""

    rig: Rig
    random: random.Random
    people: list[Person]
    market: Market
    quick: bool = False
    over_at: float = 0.0
    notes: list[str] = field(default_factory=list)

    def over(self) -> None:
        """The fault ends now; what comes back slowly comes back from here."""
        self.over_at = time.monotonic()

    async def sleep(self, least: float, most: float) -> None:
        await asyncio.sleep(self.random.uniform(least, most))

    async def do(self, call: Callable[..., Any], *arguments: Any) -> Any:
        """A blocking step, beside the clients."""
        return await self.rig.do(call, *arguments)

    def some(self, share: float) -> list[Person]:
        return [person for person in self.people if self.random.random() < share]


Fault = Callable[[Scene], Awaitable[None]]
KINDS: dict[str, Fault] = {}


def kind(fault: Fault) -> Fault:
    KINDS[fault.__name__] = fault
    return fault


# Gateways


@kind
async def gateway_killed(scene: Scene) -> None:
    """kill -9, and a new one on the same address after a while."""
    process = scene.rig.process(scene.random.choice(GATEWAYS))
    await scene.do(process.kill)
    scene.over()  # the other one is there
    await scene.sleep(0.0, 2.0)
    process.start()
    await scene.do(process.wait_ready)


@kind
async def gateway_drained(scene: Scene) -> None:
    """SIGTERM: it ends by itself and moves its clients to the other; sometimes then the other one too."""
    names = list(GATEWAYS)
    scene.random.shuffle(names)
    for name in names[: scene.random.choice((1, 2))]:
        process = scene.rig.process(name)
        scene.over()
        process._signal(signal.SIGTERM)
        assert process.popen is not None
        status = await scene.do(process.popen.wait, 20)
        if status != 0:
            scene.notes.append(f"{name} ended with {status}")
        process.start()
        await scene.do(process.wait_ready)
        await scene.sleep(0.2, 1.0)


# Redis


@kind
async def redis_emptied(scene: Scene) -> None:
    """Restarted empty, as it is without persistence."""
    await scene.do(scene.rig.redis.stop)
    await scene.sleep(0.0, 1.0)
    await scene.do(scene.rig.redis.start)
    scene.over()


@kind
async def redis_flushed(scene: Scene) -> None:
    """FLUSHALL, some times: streams, groups and facts are gone, connections stay."""
    for _ in range(scene.random.randint(1, 4)):
        client = redis.Redis.from_url(scene.rig.redis.url)
        await scene.do(client.flushall)
        client.close()
        await scene.sleep(0.05, 0.5)
    scene.over()


@kind
async def redis_stopped(scene: Scene) -> None:
    await scene.do(scene.rig.redis.stop)
    await asyncio.sleep(LONG / 2 if scene.quick else LONG)
    await scene.do(scene.rig.redis.start)
    scene.over()


@kind
async def redis_frozen(scene: Scene) -> None:
    """SIGSTOP: the machine is there and says nothing."""
    scene.rig.redis.freeze()
    await scene.sleep(1.0, 4.0 if scene.quick else 12.0)
    scene.rig.redis.thaw()
    scene.over()


@kind
async def redis_blackholed(scene: Scene) -> None:
    """The network to Redis loses everything, for one gateway or for all; then it is whole, or has forgotten."""
    roads = _roads(scene, "redis")
    for road in roads:
        await scene.do(road.hold)
    await scene.sleep(1.0, 4.0 if scene.quick else 12.0)
    await _after_blackhole(scene, roads)


@kind
async def redis_cut(scene: Scene) -> None:
    """Connections to Redis are reset, some times, in the middle of what passes."""
    for _ in range(scene.random.randint(1, 5)):
        for road in _roads(scene, "redis"):
            await scene.do(road.cut_after, scene.random.randint(1, 400))
        await scene.sleep(0.1, 0.8)
    scene.over()
    for road in scene.rig.roads.values():
        road.left = None


# PostgreSQL


@kind
async def postgres_restarted_fast(scene: Scene) -> None:
    await scene.do(scene.rig.postgres.stop)
    await scene.do(scene.rig.postgres.start)
    scene.over()


@kind
async def postgres_restarted_immediately(scene: Scene) -> None:
    """As after a crash: what was not committed is gone, the log is replayed."""
    await scene.do(lambda: scene.rig.postgres.stop(immediately=True))
    await scene.do(scene.rig.postgres.start)
    scene.over()


@kind
async def postgres_stopped(scene: Scene) -> None:
    await scene.do(scene.rig.postgres.stop)
    await asyncio.sleep(LONG)
    await scene.do(scene.rig.postgres.start)
    scene.over()


@kind
async def postgres_frozen(scene: Scene) -> None:
    """SIGSTOP for all its processes, sometimes beyond the ten seconds after which a statement is cut off."""
    await scene.do(scene.rig.freeze_postgres)
    await scene.sleep(1.0, 3.0) if scene.quick else await scene.sleep(1.0, 16.0)
    await scene.do(scene.rig.thaw_postgres)
    scene.over()


@kind
async def postgres_blackholed(scene: Scene) -> None:
    """The network to PostgreSQL loses everything, for one gateway or for all."""
    roads = _roads(scene, "pg")
    for road in roads:
        await scene.do(road.hold)
    await scene.sleep(10.5, 12.0) if scene.quick else await scene.sleep(1.0, 16.0)
    await _after_blackhole(scene, roads)


@kind
async def postgres_terminated(scene: Scene) -> None:
    """pg_terminate_backend for every connection of the product, some times."""
    for _ in range(scene.random.randint(2, 8)):
        await scene.do(scene.rig.terminate_backends)
        await scene.sleep(0.05, 0.5)
    scene.over()


@kind
async def postgres_cut(scene: Scene) -> None:
    """Connections are reset in the middle of a statement, some times."""
    for _ in range(scene.random.randint(2, 8)):
        for road in _roads(scene, "pg"):
            await scene.do(road.cut_after, scene.random.randint(1, 3000))
        await scene.sleep(0.05, 0.5)
    scene.over()
    for road in scene.rig.roads.values():
        road.left = None


@kind
async def postgres_answers_lost(scene: Scene) -> None:
    """Statements arrive and are committed, and nobody hears of it: then the connection is reset."""
    for _ in range(scene.random.randint(2, 6)):
        roads = _roads(scene, "pg")
        for road in roads:
            await scene.do(road.swallow_answers)
        await scene.sleep(0.02, 0.4)
        for road in roads:
            await scene.do(road.restore)
        await scene.sleep(0.05, 0.5)
    scene.over()


# Clients


@kind
async def clients_cut_in_a_frame(scene: Scene) -> None:
    for _ in range(scene.random.randint(1, 4)):
        for person in scene.some(0.3):
            person.cut_in_frame()
        await scene.sleep(0.1, 0.8)
    scene.over()


@kind
async def clients_half_open(scene: Scene) -> None:
    """Clients come back from another network while the gateway holds their old sockets for alive."""
    for _ in range(scene.random.randint(1, 3)):
        for person in scene.some(0.25):
            person.leave_half_open()
        await scene.sleep(0.3, 1.5)
    scene.over()


@kind
async def clients_slow(scene: Scene) -> None:
    """Some ask for much and read nothing for a while; others just stop reading."""
    await asyncio.gather(
        *(
            person.read_nothing(scene.random.uniform(0.5, 5.0), asking=scene.random.choice((0, 150)))
            for person in scene.some(0.15)
        )
    )
    scene.over()


@kind
async def clients_resend(scene: Scene) -> None:
    """Everything twice, out of order, and by two sockets at two gateways at the same moment."""
    habits = scene.people[0].habits
    before = habits.repeat, habits.swap, habits.twin
    await asyncio.gather(*(person.open_twin() for person in scene.some(0.3)))
    habits.repeat, habits.swap, habits.twin = 0.5, 0.4, 0.9
    await scene.sleep(3.0, 5.0)
    habits.repeat, habits.swap, habits.twin = before
    scene.over()


# Clocks


async def _skewed(scene: Scene, seconds: float) -> None:
    every = list(scene.rig.processes)
    choices = [[GATEWAYS[0]], list(GATEWAYS), ["decider"], ["web"], every]
    names = scene.random.choice(choices)
    scene.notes.append(f"the clock of {', '.join(names)}")
    await scene.do(scene.rig.skew, names, seconds)
    await scene.sleep(2.0, 6.0)
    await scene.do(scene.rig.skew, names, 0.0)
    await asyncio.sleep(0.1)
    scene.over()


@kind
async def clock_an_hour_ahead(scene: Scene) -> None:
    """The clocks of some processes, or of all but PostgreSQL, jump an hour forward, and back after some seconds."""
    await _skewed(scene, HOUR)


@kind
async def clock_an_hour_behind(scene: Scene) -> None:
    await _skewed(scene, -HOUR)


# Workers


@kind
async def decider_killed(scene: Scene) -> None:
    await _kill(scene, "decider")


@kind
async def celery_killed(scene: Scene) -> None:
    await _kill(scene, "worker", "beat")


async def _kill(scene: Scene, *names: str) -> None:
    for _ in range(scene.random.randint(1, 2)):
        for name in names:
            await scene.do(scene.rig.process(name).kill)
        scene.over()
        await scene.sleep(0.2, 3.0)
        for name in names:
            scene.rig.process(name).start()
        await scene.sleep(0.0, 2.0)


async def _after_blackhole(scene: Scene, roads: list[Proxy]) -> None:
    """What was kept is delivered, or every connection is reset, or the old ones stay dead without a word."""
    name = scene.random.choice(("release", "restore", "forget"))
    scene.notes.append(name)
    for road in roads:
        await scene.do(getattr(road, name))
    scene.over()


def _roads(scene: Scene, what: str) -> list[Proxy]:
    """One gateway's, both gateways', or everybody's."""
    places = scene.random.choice([[GATEWAYS[0]], list(GATEWAYS), [*GATEWAYS, "rest"], [*GATEWAYS, "rest"]])
    scene.notes.append(f"{what} of {', '.join(places)}")
    return [scene.rig.roads[place, what] for place in places]
