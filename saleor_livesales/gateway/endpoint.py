"""Two connections to one Redis server, made anew for as long as it takes: one for commands, one that listens."""

from __future__ import annotations

import asyncio
import logging
import random
from typing import Any, Final

from .redis_link import Link, Refused, connect

logger = logging.getLogger(__name__)

CONNECT_TIMEOUT: Final = 2.0
CHECK_EVERY: Final = 1.0  # a connection that answers nothing between two checks is dead
RETRY_AFTER: Final = (0.1, 0.2, 0.5, 1.0)


class Endpoint:
    """A subclass says what is done with a connection that is there (``_commands_up``, ``_listener_up``), with what it
    brings (``_pushed``), and when it is lost (``_commands_left``, ``_listener_left``)."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._commands: Link | None = None
        self._listener: Link | None = None
        self._missed = False  # something may have been announced that was not heard here
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._keep_commands()), asyncio.create_task(self._keep_listener())]

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

    # For subclasses

    def _link(self, *, listens: bool) -> Link:
        if listens:
            return Link(on_push=self._pushed, on_lost=self._listener_lost)
        return Link(on_push=None, on_lost=self._commands_lost)

    def _commands_up(self, link: Link) -> None: ...

    def _listener_up(self, link: Link) -> None: ...

    def _pushed(self, reply: list[Any]) -> None: ...

    def _commands_left(self, left: list[Any]) -> None:
        """``left``: contexts of commands of which nobody knows whether they were carried out."""

    def _listener_left(self) -> None: ...

    # Keeping them

    async def _keep_commands(self) -> None:
        attempt = 0
        while True:
            link = self._link(listens=False)
            attempt = await self._open(link, attempt)
            if attempt:
                continue
            self._commands = link
            self._commands_up(link)
            await self._watch(link)

    async def _keep_listener(self) -> None:
        attempt = 0
        while True:
            link = self._link(listens=True)
            attempt = await self._open(link, attempt)
            if attempt:
                continue
            self._listener = link
            self._listener_up(link)
            await self._watch(link)

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

    async def _watch(self, link: Link) -> None:
        """Returns when the connection is lost, or cuts it when it answers nothing any more."""
        while not link.lost.is_set():
            before = link.replies
            link.send(b"PING", context=None, replied=link is self._commands)
            try:
                async with asyncio.timeout(CHECK_EVERY):
                    await link.lost.wait()
            except TimeoutError:
                if link.replies == before:
                    logger.warning("Redis does not answer")
                    link.abort()

    def _commands_lost(self, left: list[Any]) -> None:
        if self._commands is not None and self._commands.lost.is_set():
            self._commands = None
        self._commands_left(left)

    def _listener_lost(self, _left: list[Any]) -> None:
        self._missed = True
        if self._listener is not None and self._listener.lost.is_set():
            self._listener = None
        self._listener_left()
