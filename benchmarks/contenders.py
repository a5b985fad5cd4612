"""Two servers of each kind, the same pairs of sockets to all of them, and rounds in which they take turns."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import load
from .stand import Server, Stand

Measured = dict[str, Any]


@dataclass
class Contender:
    """``pair(number, a, b)``: who sends on server ``a`` and who hears on server ``b``."""

    name: str
    kind: str  # see clients.KINDS
    servers: tuple[Server, Server]
    pair: Callable[[int, Server, Server], tuple[dict[str, Any], dict[str, Any]]]
    stand: Stand
    rounds: dict[str, list[Measured]] = field(default_factory=dict)

    def measure(self, what: str, action: str, *, pairs: int, seconds: float, hears: bool = True, **job: Any) -> None:
        """One round of ``what``. Half of the pairs go from the first server to the second, half the other way."""
        first, second = self.servers
        made = []
        for number in range(pairs):
            if action == "behaviour" and number % 4 >= 2:
                continue  # a rep's
            a, b = (first, second) if number % 2 else (second, first)
            sender, hearer = self.pair(number, a, b)
            made.append({"sender": sender, "hearer": hearer} if hears else {"sender": sender})
        pids = {
            "servers": [server.pid for server in self.servers],
            "redis": [self.stand.redis_pid],
            "postgresql": [self.stand.postgres_pid],
        }
        job |= {"kind": self.kind, "action": action, "pairs": made, "pids": pids, "seconds": seconds, "warm": 0.7}
        self.rounds.setdefault(what, []).append(load.run(job))

    def median(self, what: str, *path: str) -> float:
        """The median over the rounds of ``what``; NaN where there were none."""
        values = []
        for one in self.rounds.get(what, ()):
            value: Any = one
            for step in path:
                value = value[step]
            values.append(value)
        return statistics.median(values) if values else math.nan

    def cpu(self, what: str) -> float:
        """CPU microseconds a message, of the two servers, Redis and PostgreSQL."""
        return sum(self.median(what, "cpu", part) for part in ("servers", "redis", "postgresql")) * 1e6


def ratio(what: str, ours: Contender, theirs: Contender, *path: str) -> float:
    """The median over the rounds of how many times theirs ours was."""
    pairs = zip(ours.rounds.get(what, ()), theirs.rounds.get(what, ()), strict=True)
    values = []
    for one, other in pairs:
        mine: Any = one
        his: Any = other
        for step in path:
            mine, his = mine[step], his[step]
        values.append(mine / his if his else math.nan)
    return statistics.median(values) if values else math.nan


def ours(stand: Stand, database: str, *, pairs: int) -> Contender:
    """Visitors and reps who talk: each pair in a session of its own, half of the messages from visitors to reps."""
    sessions = stand.sessions(database, pairs)

    def pair(number: int, a: Server, b: Server) -> tuple[dict[str, Any], dict[str, Any]]:
        one = sessions[number]
        visitor = {"session": one["session"], "token": one["token"]}
        rep = {"session": one["session"], "ticket": stand.ticket(one["rep"])}
        sender, hearer = (visitor, rep) if number % 4 < 2 else (rep, visitor)
        return {"url": a.url, **sender}, {"url": b.url, **hearer}

    return Contender("this gateway", "ours", (stand.gateway(database), stand.gateway(database)), pair, stand)


def _room(number: int, a: Server, b: Server) -> tuple[dict[str, Any], dict[str, Any]]:
    room = f"session-{number}"
    return {"url": a.url, "room": room, "joins": False}, {"url": b.url, "room": room, "joins": True}


def socketio(stand: Stand, database: str, *, batches: bool = False) -> Contender:
    name = "Socket.IO, INSERT in batches" if batches else "Socket.IO"
    servers = [stand.socketio(database, DURABLE="batch" if batches else "one", POOL="1" if batches else "10")
               for _ in range(2)]  # fmt: skip
    return Contender(name, "socketio", (servers[0], servers[1]), _room, stand)


def channels(stand: Stand, database: str, *, pool: bool = False) -> Contender:
    name = "Django Channels, with a pool" if pool else "Django Channels"
    servers = [stand.channels(database, pool=pool) for _ in range(2)]
    return Contender(name, "channels", (servers[0], servers[1]), _room, stand)


def in_turns(contenders: Sequence[Contender], rounds: int) -> Iterator[Contender]:
    """Each contender once a round, in an order that changes, so that no one always comes after the same other."""
    for number in range(rounds):
        shift = number % len(contenders)
        yield from (*contenders[shift:], *contenders[:shift])
