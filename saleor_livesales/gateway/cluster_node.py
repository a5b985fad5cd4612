"""One master of a Redis cluster, as a gateway sees it: the channels that it has, with sharded pub/sub."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Final, Protocol

import hiredis

from .. import slots
from ..slots import Address
from .endpoint import Endpoint
from .redis_link import Link

logger = logging.getLogger(__name__)

Command = tuple[bytes, ...]

FENCE: Final = b"livesales-fence"


class Redirected(tuple[bytes, ...]):
    """A command that was sent elsewhere once already: a second time it is given up."""


class Cluster(Protocol):
    """What a node asks of the whole."""

    def outdated(self) -> None:
        """The map of slots is no longer right."""

    def again(self, command: Command, told: slots.Redirection) -> None:
        """Send a command where it was told to go."""

    def failed(self, command: Command) -> None:
        """A command came to nothing."""

    def heard(self, channel: bytes, payload: bytes) -> None: ...

    def missed(self, channels: Iterable[bytes]) -> None:
        """Something may have been announced on these that was not heard here."""

    def changed(self) -> None:
        """A node came or went."""


class NodeLink(Link):
    """Tells of errors, which on a cluster are often redirections, with the command that they answer."""

    on_error: Callable[[Any, str], None]

    def _replied(self, reply: Any) -> None:
        if not isinstance(reply, hiredis.ReplyError) or (self.contexts and callable_or_future(self.contexts[0])):
            super()._replied(reply)
            return
        self.on_error(self.contexts.popleft() if self.contexts else None, str(reply))


def callable_or_future(context: Any) -> bool:
    return callable(context) or isinstance(context, asyncio.Future)


class Node(Endpoint):
    def __init__(self, url: str, address: Address, cluster: Cluster) -> None:
        super().__init__(url)
        self.address = address
        self.channels: set[bytes] = set()
        self._cluster = cluster
        self._ready: dict[bytes, list[Callable[[], None]]] = {}  # waiting for the server's word
        self._adopted: set[bytes] = set()  # so do these, to which nobody listened for a moment
        self._asked: deque[tuple[bytes, bytes]] = deque()  # what the listener has not answered yet, in order

    @property
    def commands(self) -> Link | None:
        return self._commands

    # Out

    def publish(self, channel: bytes, payload: bytes) -> None:
        if self._commands is None:
            self._cluster.failed((b"SPUBLISH", channel, payload))
            return
        command = (b"SPUBLISH", channel, payload)
        self._commands.send(*command, context=command)
        if self._listener is None:
            self._cluster.heard(channel, payload)

    def send(self, command: Command) -> None:
        if self._commands is None:
            self._cluster.failed(command)
            return
        self._commands.send(*command, context=command)

    def ask(self, command: Command) -> None:
        """A command whose key is just being moved here."""
        if self._commands is None:
            self._cluster.failed(command)
            return
        self._commands.send(b"ASKING", context=None)
        self._commands.send(*command, context=command)

    # In

    def subscribe(self, channel: bytes, ready: Callable[[], None]) -> None:
        if self._listener is None or (channel in self.channels and channel not in self._ready):
            self.channels.add(channel)
            ready()
            return
        self.channels.add(channel)
        waiting = self._ready.setdefault(channel, [])
        waiting.append(ready)
        if len(waiting) == 1:
            self._listen(self._listener, b"SSUBSCRIBE", channel)

    def adopt(self, channel: bytes) -> None:
        """Listens to a channel that nobody listened to for a moment."""
        if self._listener is None:
            self.channels.add(channel)
            self._missed = True
        else:
            self._adopted.add(channel)
            self.subscribe(channel, lambda: None)

    def unsubscribe(self, channel: bytes) -> None:
        for ready in self.forget(channel):
            ready()
        if self._listener is not None:
            self._listen(self._listener, b"SUNSUBSCRIBE", channel)

    def forget(self, channel: bytes) -> list[Callable[[], None]]:
        """The channel is another node's now. Returns who waits for it."""
        self.channels.discard(channel)
        self._adopted.discard(channel)
        return self._ready.pop(channel, [])

    def _listen(self, listener: Link, command: bytes, channel: bytes) -> None:
        self._asked.append((command, channel))
        listener.send(command, channel, replied=False)

    def _pushed(self, reply: list[Any]) -> None:
        kind = reply[0]
        if kind == b"smessage":
            self._cluster.heard(reply[1], reply[2])
        elif kind == b"ssubscribe":
            self._answered(b"SSUBSCRIBE", reply[1])
            for ready in self._ready.pop(reply[1], ()):
                ready()
            if reply[1] in self._adopted:
                self._adopted.discard(reply[1])
                self._cluster.missed([reply[1]])
        elif kind == b"sunsubscribe":
            if not self._answered(b"SUNSUBSCRIBE", reply[1]):  # nobody asked for it: the slot went elsewhere
                self._homeless(reply[1])
        elif kind == b"pong" and reply[1] == FENCE:
            logger.info("Redis is back")
            self._cluster.missed(self.channels)

    def _answered(self, command: bytes, channel: bytes) -> bool:
        if self._asked and self._asked[0] == (command, channel):
            self._asked.popleft()
            return True
        return False

    # Errors

    def _link(self, *, listens: bool) -> Link:
        if listens:
            self._asked.clear()
            link = NodeLink(on_push=self._pushed, on_lost=self._listener_lost)
            link.on_error = self._not_listened
        else:
            link = NodeLink(on_push=None, on_lost=self._commands_lost)
            link.on_error = self._refused
        return link

    def _refused(self, command: Any, text: str) -> None:
        told = slots.redirection(text, asked=self.address[0])
        if told is not None and told.kind == "MOVED":
            self._cluster.outdated()
        if type(command) is tuple and told is not None:
            self._cluster.again(command, told)
        elif isinstance(command, tuple):
            self._cluster.failed(command)

    def _not_listened(self, _: Any, text: str) -> None:
        """The oldest question of the listener was refused, for the channel is another node's."""
        if self._asked:
            command, channel = self._asked.popleft()
            if command == b"SSUBSCRIBE":
                self._homeless(channel)

    def _homeless(self, channel: bytes) -> None:
        """The channel is nobody's until the map says whose."""
        for ready in self.forget(channel):
            ready()
        self._cluster.outdated()

    # Connections

    def _commands_up(self, link: Link) -> None:
        self._cluster.changed()

    def _listener_up(self, link: Link) -> None:
        for channel in self.channels:
            self._listen(link, b"SSUBSCRIBE", channel)
        self._cluster.changed()
        if self._missed:
            self._missed = False
            if self.channels:  # only when the server has all of them is there nothing left to miss
                link.send(b"PING", FENCE, replied=False)

    def _commands_left(self, left: list[Any]) -> None:
        self._cluster.outdated()
        for context in left:  # of these nobody knows whether they went out
            if isinstance(context, tuple) and context[0] == b"SPUBLISH":
                self._cluster.failed(context)

    def _listener_left(self) -> None:
        self._cluster.outdated()
        self._adopted.clear()
        waiting, self._ready = self._ready, {}
        for callbacks in waiting.values():
            for ready in callbacks:
                ready()
