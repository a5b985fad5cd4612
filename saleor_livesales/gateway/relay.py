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
from collections.abc import Callable
from typing import Any, Final

from .. import bus, wire
from ..visitors import events
from .endpoint import Endpoint
from .metrics import Metrics
from .redis_link import Link

logger = logging.getLogger(__name__)

SUBSCRIBE_AT_ONCE: Final = 500


class Relay(Endpoint):
    """``deliver(channel, payload)`` takes what was announced; ``resync()`` is called when some may be missing."""

    def __init__(
        self,
        url: str,
        *,
        deliver: Callable[[bytes, bytes], None],
        resync: Callable[[], None],
        metrics: Metrics,
    ) -> None:
        super().__init__(url)
        self._deliver = deliver
        self._resync = resync
        self._metrics = metrics
        self._channels: set[bytes] = set()  # that somebody here listens to
        self._ready: dict[bytes, list[Callable[[], None]]] = {}  # waiting for the server's word
        self._unheard: set[bytes] = set()  # channels on which something could not be published
        self._first_up = asyncio.Event()

    async def first_up(self, *, patience: float) -> None:
        """Waits until Redis is there for the first time, ``patience`` seconds at most."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._first_up.wait()

    @property
    def nodes(self) -> tuple[int, int]:
        """How many servers are there, and how many are away."""
        return (1, 0) if self.up else (0, 1)

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

    def _commands_up(self, link: Link) -> None:
        self._is_up()
        unheard, self._unheard = self._unheard, set()
        for channel in unheard:
            link.send(b"PUBLISH", channel, RESYNC, context=(channel, RESYNC))

    def _listener_up(self, link: Link) -> None:
        channels = list(self._channels)
        for start in range(0, len(channels), SUBSCRIBE_AT_ONCE):
            link.send(b"SUBSCRIBE", *channels[start : start + SUBSCRIBE_AT_ONCE], replied=False)
        self._is_up()
        if self._missed:
            self._missed = False
            # Only when the server has all the subscriptions is there nothing left to miss.
            self.subscribe(_FENCE, self._fenced)

    def _is_up(self) -> None:
        if self.up:
            self._first_up.set()

    def _fenced(self) -> None:
        self.unsubscribe(_FENCE)
        logger.info("Redis is back")
        self._resync()

    def _commands_left(self, left: list[Any]) -> None:
        for context in left:  # announcements of which nobody knows whether they went out: those here get them
            if type(context) is tuple:
                self._not_published(*context)

    def _listener_left(self) -> None:
        self._ready.pop(_FENCE, None)  # what was missed is told once a connection holds
        waiting, self._ready = self._ready, {}
        for callbacks in waiting.values():
            for ready in callbacks:
                ready()


_FENCE: Final = b"livesales-gateway-fence"
RESYNC: Final = wire.encode(wire.Resync())
