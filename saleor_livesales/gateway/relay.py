"""The gateway's end of the bus: what it publishes, what it listens to, and what it reports to the deciders.

Redis may be away at any time. Meanwhile what is published reaches the sockets of this gateway only, and behaviour is
dropped and counted; messages are committed and acknowledged all the same. Once it is back every socket hears
``resync``, for nobody knows what it has missed; and so does, on other gateways, whoever was to hear what could not be
published.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable
from typing import Any, Final

from .. import bus, wire
from ..visitors import events
from .metrics import Metrics
from .redis_link import Link, Refused, connect

logger = logging.getLogger(__name__)

CONNECT_TIMEOUT: Final = 2.0
CHECK_EVERY: Final = 1.0  # a connection that answers nothing between two checks is dead
RETRY_AFTER: Final = (0.1, 0.2, 0.5, 1.0)
SUBSCRIBE_AT_ONCE: Final = 500


class Relay:
    """``deliver(channel, payload)`` takes what was announced; ``resync()`` is called when some may be missing."""

    def __init__(
        self,
        url: str,
        *,
        deliver: Callable[[bytes, bytes], None],
        resync: Callable[[], None],
        metrics: Metrics,
    ) -> None:
        self._url = url
        self._deliver = deliver
        self._resync = resync
        self._metrics = metrics
        self._channels: set[bytes] = set()  # that somebody here listens to
        self._ready: dict[bytes, list[Callable[[], None]]] = {}  # waiting for the server's word
        self._commands: Link | None = None
        self._listener: Link | None = None
        self._missed = False
        self._unheard: set[bytes] = set()  # channels on which something could not be published
        self._tasks: list[asyncio.Task[None]] = []
        self._first_up = asyncio.Event()

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._keep_commands()), asyncio.create_task(self._keep_listener())]

    async def first_up(self, *, patience: float) -> None:
        """Waits until Redis is there for the first time, ``patience`` seconds at most."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._first_up.wait()

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for link in (self._commands, self._listener):
            if link is not None:
                link.abort()

    @property
    def up(self) -> bool:
        return self._commands is not None and self._listener is not None

    def probe_channels(self, name: str) -> list[bytes]:
        """Channels that together tell whether all of Redis carries what is announced."""
        return [name.encode()]

    # Out

    def publish(self, channel: bytes, payload: bytes) -> None:
        """Announces on a channel, to this gateway's own sockets as well."""
        if self._commands is None:
            self._not_published(channel, payload)
            return
        self._commands.send(b"PUBLISH", channel, payload, context=(channel, payload))
        if self._listener is None:
            self._deliver(channel, payload)

    def _not_published(self, channel: bytes, payload: bytes) -> None:
        self._deliver(channel, payload)
        if len(self._unheard) < bus.MISSED_LIMIT:
            self._unheard.add(channel)

    def notice(self, event: wire.Noticed) -> None:
        """Puts one event on its visitor's stream; drops it when Redis is away."""
        if self._commands is None:
            self._metrics.drop("redis_away")
            return
        self._commands.send(
            b"XADD", bus.visitor_stream(event.visitor).encode(), b"MAXLEN", b"~", b"%d" % bus.STREAM_LENGTH, b"*",
            b"d", wire.encode_noticed(event), context=self._noticed,
        )  # fmt: skip

    def _noticed(self, reply: Any) -> None:
        if isinstance(reply, Exception):
            self._metrics.drop("redis_refused")

    def add_up(self, sums: dict[str, int]) -> None:
        """Adds what was dropped to the sums over all gateways."""
        if self._commands is not None:
            key = events.drops_key().encode()
            for reason, number in sums.items():
                self._commands.send(b"HINCRBY", key, reason.encode(), b"%d" % number)

    def listeners(self, channel: bytes, answer: Callable[[int], None]) -> None:
        """How many gateways listen to a channel. Not answered when Redis is away."""
        if self._commands is not None:
            self._commands.send(
                b"PUBSUB", b"NUMSUB", channel, context=lambda reply: answer(reply[1] if type(reply) is list else 0)
            )

    # In

    def subscribe(self, channel: bytes, ready: Callable[[], None]) -> None:
        """Listens to a channel; ``ready`` is called once everything announced from then on arrives here."""
        if self._listener is None or (channel in self._channels and channel not in self._ready):
            self._channels.add(channel)
            ready()
            return
        self._channels.add(channel)
        waiting = self._ready.setdefault(channel, [])
        waiting.append(ready)
        if len(waiting) == 1:
            self._listener.send(b"SUBSCRIBE", channel, replied=False)

    def unsubscribe(self, channel: bytes) -> None:
        self._channels.discard(channel)
        for ready in self._ready.pop(channel, ()):
            ready()
        if self._listener is not None:
            self._listener.send(b"UNSUBSCRIBE", channel, replied=False)

    def _pushed(self, reply: list[Any]) -> None:
        kind = reply[0]
        if kind == b"message":
            self._deliver(reply[1], reply[2])
        elif kind == b"subscribe":
            for ready in self._ready.pop(reply[1], ()):
                ready()

    # Connections

    async def _keep_commands(self) -> None:
        attempt = 0
        while True:
            link = Link(on_push=None, on_lost=self._commands_lost)
            attempt = await self._open(link, attempt)
            if attempt:
                continue
            self._commands = link
            self._is_up()
            unheard, self._unheard = self._unheard, set()
            for channel in unheard:
                link.send(b"PUBLISH", channel, _RESYNC, context=(channel, _RESYNC))
            await self._watch(link, b"PING")

    async def _keep_listener(self) -> None:
        attempt = 0
        while True:
            link = Link(on_push=self._pushed, on_lost=self._listener_lost)
            attempt = await self._open(link, attempt)
            if attempt:
                continue
            channels = list(self._channels)
            for start in range(0, len(channels), SUBSCRIBE_AT_ONCE):
                link.send(b"SUBSCRIBE", *channels[start : start + SUBSCRIBE_AT_ONCE], replied=False)
            self._listener = link
            self._is_up()
            if self._missed:
                self._missed = False
                # Only when the server has all the subscriptions is there nothing left to miss.
                self.subscribe(_FENCE, self._fenced)
            await self._watch(link, b"PING")

    def _is_up(self) -> None:
        if self.up:
            self._first_up.set()

    def _fenced(self) -> None:
        self.unsubscribe(_FENCE)
        logger.info("Redis is back")
        self._resync()

    async def _open(self, link: Link, attempt: int) -> int:
        """0, or the number of the failed attempt after a pause."""
        try:
            await connect(self._url, link, timeout=CONNECT_TIMEOUT)
        except (OSError, TimeoutError, Refused) as error:
            self._missed = True
            if attempt == 0:
                logger.warning("Redis is away: %s", error if isinstance(error, Refused) else type(error).__name__)
            await asyncio.sleep(RETRY_AFTER[min(attempt, len(RETRY_AFTER) - 1)] * random.uniform(0.5, 1.0))
            return attempt + 1
        return 0

    async def _watch(self, link: Link, ping: bytes) -> None:
        """Returns when the connection is lost, or cuts it when it answers nothing any more."""
        while True:
            before = link.replies
            link.send(ping, context=None, replied=link is self._commands)
            try:
                async with asyncio.timeout(CHECK_EVERY):
                    await link.lost.wait()
                return
            except TimeoutError:
                if link.replies == before:
                    logger.warning("Redis does not answer")
                    link.abort()
                    return

    def _commands_lost(self, left: list[Any]) -> None:
        if self._commands is not None and self._commands.lost.is_set():
            self._commands = None
        for context in left:  # announcements of which nobody knows whether they went out: those here get them
            if type(context) is tuple:
                self._not_published(*context)

    def _listener_lost(self, _left: list[Any]) -> None:
        self._missed = True
        if self._listener is not None and self._listener.lost.is_set():
            self._listener = None
        self._ready.pop(_FENCE, None)  # what was missed is told once a connection holds
        waiting, self._ready = self._ready, {}
        for callbacks in waiting.values():
            for ready in callbacks:
                ready()


_FENCE: Final = b"livesales-gateway-fence"
_RESYNC: Final = wire.encode(wire.Resync())
