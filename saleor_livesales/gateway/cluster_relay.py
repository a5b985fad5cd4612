"""The gateway's end of the bus on a Redis or Valkey cluster: the same as ``relay``, divided among the masters.

Every channel and stream belongs to one master by its name. A master that is away takes only its own part with it; what
``relay`` does for a whole server is done for that part. Where slots move, by a failover or because the operator moved
them, their channels are listened to at the new place, and whoever listens there hears ``resync``.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable, Iterable
from typing import Any, Final

from .. import bus, slots, wire
from ..slots import Address
from ..visitors import events
from .cluster_node import Command, Node, Redirected
from .metrics import Metrics
from .redis_link import Link, Refused, connect
from .relay import RESYNC

logger = logging.getLogger(__name__)

MAP_EVERY: Final = 10.0  # seconds between two looks at the map of slots while all is well
MAP_AGAIN: Final = 0.5  # while a node is away, or the map has changed
MAP_TIMEOUT: Final = 2.0
MISSED_WITHIN: Final = 0.05  # seconds for which channels are gathered before their sockets hear resync


class ClusterRelay:
    """``deliver(channel, payload)`` takes what was announced; ``resync(channels)`` is called when some may be missing
    on these."""

    def __init__(
        self,
        url: str,
        *,
        deliver: Callable[[bytes, bytes], None],
        resync: Callable[[Iterable[bytes]], None],
        metrics: Metrics,
    ) -> None:
        self._seeds = slots.seeds(url)
        self.heard = deliver
        self._resync = resync
        self._metrics = metrics
        self._nodes: dict[Address, Node] = {}
        self._owners: list[Node | None] = [None] * slots.COUNT
        self._channels: set[bytes] = set()
        self._unheard: set[bytes] = set()  # channels on which something could not be published
        self._missed: set[bytes] = set()
        self._stale = asyncio.Event()
        self._first_up = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._keep_map())

    async def first_up(self, *, patience: float) -> None:
        """Waits until the whole cluster is there for the first time, ``patience`` seconds at most."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._first_up.wait()

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        for node in self._nodes.values():
            await node.stop()

    @property
    def up(self) -> bool:
        """Whether every slot has a master, and all masters are there."""
        return None not in self._owners and all(node.up for node in self._nodes.values())

    @property
    def nodes(self) -> tuple[int, int]:
        """How many masters are there, and how many are away."""
        here = sum(node.up for node in self._nodes.values())
        return here, len(self._nodes) - here

    def probe_channels(self, name: str) -> list[bytes]:
        """One channel for each master."""
        found: dict[Address, bytes] = {}
        for number in range(1000):
            channel = f"{name}:{number}".encode()
            node = self._owner(channel)
            if node is not None:
                found.setdefault(node.address, channel)
            if len(found) == len(self._nodes):
                break
        return list(found.values())

    def _owner(self, key: bytes) -> Node | None:
        return self._owners[slots.slot(key)]

    # Out

    def publish(self, channel: bytes, payload: bytes) -> None:
        """Announces on a channel, to this gateway's own sockets as well."""
        node = self._owners[slots.slot(channel)]
        if node is None:
            self.failed((b"SPUBLISH", channel, payload))
        else:
            node.publish(channel, payload)

    def notice(self, event: wire.Noticed) -> None:
        """Puts one event on its visitor's stream; drops it when that part of Redis is away."""
        self._send(
            b"XADD", bus.visitor_stream(event.visitor).encode(), b"MAXLEN", b"~", b"%d" % bus.STREAM_LENGTH, b"*",
            b"d", wire.encode_noticed(event),
        )  # fmt: skip

    def add_up(self, sums: dict[str, int]) -> None:
        """Adds what was dropped to the sums over all gateways."""
        key = events.drops_key().encode()
        for reason, number in sums.items():
            self._send(b"HINCRBY", key, reason.encode(), b"%d" % number)

    def _send(self, *command: bytes) -> None:
        node = self._owner(command[1])
        if node is None:
            self.failed(command)
        else:
            node.send(command)

    def listeners(self, channel: bytes, answer: Callable[[int], None]) -> None:
        """How many gateways listen to a channel. Not answered when its part of Redis is away."""
        node = self._owner(channel)
        if node is not None and node.commands is not None:
            node.commands.send(
                b"PUBSUB", b"SHARDNUMSUB", channel, context=lambda reply: answer(reply[1] if type(reply) is list else 0)
            )

    # In

    def subscribe(self, channel: bytes, ready: Callable[[], None]) -> None:
        """Listens to a channel; ``ready`` is called once everything announced from then on arrives here."""
        self._channels.add(channel)
        node = self._owner(channel)
        if node is None:
            ready()
        else:
            node.subscribe(channel, ready)

    def unsubscribe(self, channel: bytes) -> None:
        self._channels.discard(channel)
        for node in self._nodes.values():
            if channel in node.channels:
                node.unsubscribe(channel)

    # What nodes tell (see ``cluster_node.Cluster``)

    def outdated(self) -> None:
        self._stale.set()

    def changed(self) -> None:
        if self.up:
            self._first_up.set()
        unheard, self._unheard = self._unheard, set()
        for channel in unheard:
            node = self._owner(channel)
            if node is not None and node.commands is not None:
                node.publish(channel, RESYNC)
            else:
                self._unheard.add(channel)

    def failed(self, command: Command) -> None:
        if command[0] == b"SPUBLISH":
            self.heard(command[1], command[2])
            if len(self._unheard) < bus.MISSED_LIMIT:
                self._unheard.add(command[1])  # told at the next look at the map
            self._stale.set()
        elif command[0] == b"XADD":
            self._metrics.drop("redis_away")

    def again(self, command: Command, told: slots.Redirection) -> None:
        """A command is sent elsewhere once; the map is looked at anew meanwhile."""
        node = self._nodes.get(told.address)
        if node is None or isinstance(command, Redirected):
            self.failed(command)
        elif told.kind == "ASK":
            node.ask(Redirected(command))
        else:
            node.send(Redirected(command))

    def missed(self, channels: Iterable[bytes]) -> None:
        if not self._missed:
            asyncio.get_running_loop().call_later(MISSED_WITHIN, self._tell_missed)
        self._missed.update(channels)

    def _tell_missed(self) -> None:
        missed, self._missed = self._missed, set()
        self._resync(missed)

    # The map

    async def _keep_map(self) -> None:
        said = False
        while True:
            self._stale.clear()
            try:
                self._adopt(await self._look())
                said = False
            except (OSError, TimeoutError, Refused) as error:
                if not said:
                    said = True
                    logger.warning("The Redis cluster is away: %s", type(error).__name__)
            except Exception:
                logger.exception("The map of the Redis cluster could not be read")
            await asyncio.sleep(MAP_AGAIN * random.uniform(0.5, 1.0))
            if self.up and not self._homeless():
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(MAP_EVERY):
                        await self._stale.wait()

    def _homeless(self) -> bool:
        return sum(len(node.channels) for node in self._nodes.values()) < len(self._channels)

    async def _look(self) -> list[tuple[range, Address]]:
        """The map, from any node that is there. Raises OSError, TimeoutError or Refused."""
        here = [node for node in self._nodes.values() if node.commands is not None]
        random.shuffle(here)
        for node in here:
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(MAP_TIMEOUT):
                    assert node.commands is not None
                    return _read(await node.commands.ask(b"CLUSTER", b"SLOTS"), node.address[0])
        urls = [*self._seeds, *(slots.node_url(self._seeds[0], address) for address in self._nodes)]
        for position, url in enumerate(urls):
            link = Link(on_push=None, on_lost=lambda _: None)
            try:
                async with asyncio.timeout(MAP_TIMEOUT):
                    await connect(url, link, timeout=MAP_TIMEOUT)
                    return _read(await link.ask(b"CLUSTER", b"SLOTS"), slots.address(url)[0])
            except (OSError, TimeoutError, Refused):
                if position == len(urls) - 1:
                    raise
            finally:
                link.abort()
        raise ConnectionError("There is no node to ask.")

    def _adopt(self, found: list[tuple[range, Address]]) -> None:
        """Goes by a map: new masters are connected to, channels follow their slots, old masters are left."""
        owners: list[Node | None] = [None] * slots.COUNT
        for numbers, address in found:
            node = self._nodes.get(address)
            if node is None:
                node = self._nodes[address] = Node(slots.node_url(self._seeds[0], address), address, self)
                node.start()
            owners[numbers.start : numbers.stop] = [node] * len(numbers)
        self._owners = owners
        masters = set(owners)
        for node in tuple(self._nodes.values()):
            self._move(node)
            if node not in masters:
                del self._nodes[node.address]
                asyncio.get_running_loop().create_task(node.stop()).add_done_callback(_is_over)
        for channel in self._channels.difference(*(node.channels for node in self._nodes.values())):
            if home := self._owner(channel):
                home.adopt(channel)
        self.changed()

    def _move(self, node: Node) -> None:
        """Takes from a node what is no longer its own."""
        waiting = []
        for channel in [channel for channel in node.channels if self._owner(channel) is not node]:
            waiting += node.forget(channel)
        for ready in waiting:
            ready()


def _read(reply: Any, asked: str) -> list[tuple[range, Address]]:
    if isinstance(reply, Exception):
        raise Refused(str(reply))
    return list(slots.owners(reply, asked=asked))


def _is_over(task: asyncio.Task[None]) -> None:
    if not task.cancelled():
        task.exception()
