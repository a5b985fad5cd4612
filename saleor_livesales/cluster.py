"""A Redis or Valkey cluster for Saleor's processes and the decider: redis-py's clients, one for each master.

``Cluster`` stands where a ``redis.Redis`` stands on a single server, with the commands that we use; each has one key.
redis-py's own RedisCluster is not used: it differs much between the versions that Saleor pins, opens connections where
it is made, and lets one node that is away hold up the commands for all others (docs/adr/0011).
"""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final, Literal

import redis
from redis.commands import CoreCommands
from redis.exceptions import AskError, MovedError

from . import slots
from .slots import Address

Command = tuple[tuple[Any, ...], dict[str, Any]]  # arguments, and options for reading the answer

_Commands: Any = CoreCommands  # its types know redis-py's own clients only

TRIES: Final = 3  # a command that is sent elsewhere each time is given up
REFRESH_AT_MOST: Final = 0.5  # seconds between two looks at the map because a node is away


class NodeAway(redis.ConnectionError):
    """The node that has this key did not answer just now, or the cluster has none for it."""


class Cluster(_Commands):
    """Opens nothing until the first command. For one thread. ``options`` are those of ``redis.Redis.from_url``.

    A node that failed is not tried again for ``pause`` seconds; its commands fail at once meanwhile.
    """

    def __init__(self, url: str, *, pause: float = 0.0, **options: Any) -> None:
        self._seeds = slots.seeds(url)
        self._options = options
        self._pause = pause
        self._nodes: dict[Address, redis.Redis] = {}
        self._away: dict[Address, float] = {}  # until when
        self._owners: list[Address | None] = []
        self._outdated = False
        self._refreshed = 0.0

    def execute_command(self, *args: Any, **options: Any) -> Any:
        pipeline = self.pipeline()
        pipeline.execute_command(*args, **options)
        return pipeline.execute()[0]

    def pipeline(self, transaction: bool = False) -> Pipeline:
        if transaction:
            raise ValueError("Keys of a cluster have no transactions.")
        return Pipeline(self)

    def mget(self, keys: Any, *args: Any) -> Any:
        pipeline = self.pipeline()
        for key in [*keys, *args]:
            pipeline.get(key)
        return pipeline.execute()

    def close(self) -> None:
        for node in self._nodes.values():
            node.close()
        self._nodes.clear()

    def masters(self) -> dict[Address, redis.Redis]:
        """A client for each master. Raises NodeAway where nobody tells who they are."""
        self.refresh()
        return {address: self._node(address) for address in dict.fromkeys(self._owners) if address is not None}

    # Who has what

    def owner(self, key: bytes) -> Address | None:
        return self._owners[slots.slot(key)] if self._owners else None

    def refresh(self) -> None:
        """Asks any node for the map. Raises NodeAway where none answers."""
        self._refreshed = time.monotonic()
        known = list(self._nodes)
        random.shuffle(known)
        candidates = [address for address in known if not self._is_away(address)]
        for address in dict.fromkeys([*candidates, *map(slots.address, self._seeds), *known]):
            try:
                reply = self._node(address).execute_command("CLUSTER SLOTS")
            except redis.RedisError:
                self._failed(address)
                continue
            owners: list[Address | None] = [None] * slots.COUNT
            for numbers, owner in slots.owners(reply, asked=address[0]):
                for number in numbers:
                    owners[number] = owner
            self._owners, self._outdated = owners, False
            return
        raise NodeAway("No node of the cluster answers.")

    def _node(self, address: Address) -> redis.Redis:
        if address not in self._nodes:
            self._nodes[address] = redis.Redis.from_url(slots.node_url(self._seeds[0], address), **self._options)
        return self._nodes[address]

    def _is_away(self, address: Address) -> bool:
        return self._away.get(address, 0.0) > time.monotonic()

    def _failed(self, address: Address) -> None:
        self._away[address] = time.monotonic() + self._pause

    # Sending

    def send(self, commands: list[Command]) -> list[Any]:
        """The answer to each command, or the exception that stands for it."""
        if not self._owners or self._outdated:
            self._refresh_unless_just_done()
        answers: list[Any] = [None] * len(commands)
        keys = [key_of(args) for args, _ in commands]
        left = list(range(len(commands)))
        for _ in range(TRIES):
            by_node: dict[Address | None, list[int]] = defaultdict(list)
            for number in left:
                by_node[self.owner(keys[number])].append(number)
            left = []
            for address, numbers in by_node.items():
                for number, answer in zip(numbers, self._send_to(address, [commands[n] for n in numbers]), strict=True):
                    answers[number] = answer
                    told = _redirection(answer, address)
                    if told is not None and told.kind == "MOVED":
                        self._owners[slots.slot(keys[number])] = told.address
                        self._outdated = True
                        left.append(number)
                    elif told is not None:
                        answers[number] = self._ask(told.address, commands[number])
                if isinstance(answers[numbers[0]], NodeAway) and self._refresh_unless_just_done():
                    left += [number for number in numbers if self.owner(keys[number]) not in (None, address)]
            if not left:
                break
        return answers

    def _refresh_unless_just_done(self) -> bool:
        if self._owners and time.monotonic() - self._refreshed < REFRESH_AT_MOST:
            return False
        try:
            self.refresh()
        except NodeAway:
            if not self._owners:
                raise
            return False
        return True

    def _send_to(self, address: Address | None, commands: list[Command]) -> list[Any]:
        if address is None or self._is_away(address):
            return [NodeAway("The node that has this key is away.")] * len(commands)
        pipeline = self._node(address).pipeline(transaction=False)
        for args, options in commands:
            pipeline.execute_command(*args, **options)
        try:
            return pipeline.execute(raise_on_error=False)
        except (redis.ConnectionError, redis.TimeoutError, OSError) as error:
            self._failed(address)
            away = NodeAway(f"The node that has this key is away ({type(error).__name__}).")
            return [away] * len(commands)

    def _ask(self, address: Address, command: Command) -> Any:
        pipeline = self._node(address).pipeline(transaction=False)
        pipeline.execute_command("ASKING")
        pipeline.execute_command(*command[0], **command[1])
        try:
            return pipeline.execute(raise_on_error=False)[1]
        except (redis.ConnectionError, redis.TimeoutError, OSError) as error:
            return NodeAway(f"The node that is to have this key is away ({type(error).__name__}).")


class Pipeline(_Commands):
    """Commands that go out together, one round trip for each node. Not atomic, as none of ours are."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._commands: list[Command] = []

    def __len__(self) -> int:
        return len(self._commands)

    def execute_command(self, *args: Any, **options: Any) -> Pipeline:
        self._commands.append((args, options))
        return self

    def execute(self, raise_on_error: bool = True) -> list[Any]:
        """Raises the first error, once everything was sent. Without ``raise_on_error`` errors are among the answers."""
        commands, self._commands = self._commands, []
        answers = self._cluster.send(commands) if commands else []
        if raise_on_error:
            for answer in answers:
                if isinstance(answer, Exception):
                    raise answer
        return answers


def _redirection(answer: Any, asked: Address | None) -> slots.Redirection | None:
    """Versions of redis-py differ: some have types for this, with the text cut, and some leave it to the text."""
    host = asked[0] if asked else ""
    if isinstance(answer, AskError):
        kind: Literal["MOVED", "ASK"] = "MOVED" if isinstance(answer, MovedError) else "ASK"
        return slots.Redirection(kind, (answer.host or host, answer.port))
    return slots.redirection(str(answer), asked=host) if isinstance(answer, redis.ResponseError) else None


def key_of(args: Iterable[Any]) -> bytes:
    """The one key of a command."""
    parts = list(args)
    name = str(parts[0]).upper()
    key = parts[parts.index(b"STREAMS") + 1] if name == "XREADGROUP" else parts[1]
    return key if isinstance(key, bytes) else str(key).encode()
