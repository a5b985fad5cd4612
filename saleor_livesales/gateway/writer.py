"""Commits messages in groups: while one batch commits the next one collects. No timer, no task for a message.

A message is answered once it is committed, or refused. While PostgreSQL is away messages wait, unanswered, within a
bound of number and of time. A connection that is lost during a commit leaves open what became of the batch: it is sent
again, and the senders' keys keep anything from being written twice.

A session that somebody else has locked is set aside with all its later messages, and tried again after a few
milliseconds; the others go on.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

import msgspec
import psycopg

from ..sessions.append import Appended, Locked, Message, Refusal, append_async, sqlstate
from . import database
from .metrics import Metrics

logger = logging.getLogger(__name__)

BATCH: Final = 512
LOOK_EVERY: Final = 5.0  # seconds without a message until the connection is tried: readiness depends on it
RETRY_AFTER: Final = (0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.1)


class Unavailable(msgspec.Struct, frozen=True):
    """The message was not committed in time, or too many wait. It may be sent again with the same key."""


Outcome = Appended | Refusal | Unavailable
Done = Callable[[Any, Message, Outcome], None]


class _Item(msgspec.Struct):
    message: Message
    context: Any
    since: float
    held: bool = False
    answered: bool = False


class _Held(msgspec.Struct):
    items: deque[_Item]
    due: float
    tries: int


class Writer:
    """``done(context, message, outcome)`` is called for each submitted message, exactly once."""

    def __init__(self, url: str, *, done: Done, pending: int, pending_for: float, metrics: Metrics) -> None:
        self._url = url
        self._done = done
        self._bound = pending
        self._pending_for = pending_for
        self._metrics = metrics
        self._incoming: deque[_Item] = deque()
        self._held: dict[UUID, _Held] = {}
        self._waiting = 0  # submitted and not answered
        self._wake = asyncio.Event()
        self._clock = asyncio.get_running_loop().time
        self._task: asyncio.Task[None] | None = None
        self.connected = False

    @property
    def pending(self) -> int:
        return self._waiting

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    def submit(self, message: Message, context: Any) -> None:
        if self._waiting >= self._bound:
            self._done(context, message, Unavailable())
            return
        self._waiting += 1
        self._incoming.append(_Item(message, context, self._clock()))
        self._wake.set()

    async def drain(self, patience: float) -> int:
        """Waits until everything is answered, ``patience`` seconds at most, and stops. Returns what is left."""
        end = self._clock() + patience
        while self._waiting and self._clock() < end:
            await asyncio.sleep(0.01)
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        return self._waiting

    async def _run(self) -> None:
        attempt = 0
        while True:
            try:
                conn = await database.connect(self._url)
            except (psycopg.Error, OSError) as error:
                if attempt == 0:
                    logger.warning("PostgreSQL is away, messages wait: %s", type(error).__name__)
                await asyncio.sleep(database.backoff(attempt))
                attempt += 1
                self._give_up()
                continue
            attempt = 0
            self.connected = True
            try:
                await self._commit_on(conn)
            except (psycopg.Error, OSError) as error:
                logger.warning("The connection for messages was lost: %s", type(error).__name__)
            finally:
                self.connected = False
                await conn.close()

    async def _commit_on(self, conn: database.Connection) -> None:
        while True:
            batch = self._collect()
            if not batch:
                await self._sleep(conn)
                continue
            try:
                await self._commit(conn, batch, set())
            except BaseException:  # nothing is known of the unanswered ones: they come first in the next batch
                self._incoming.extendleft(item for item in reversed(batch) if not (item.answered or item.held))
                raise
            finally:
                if self._held:
                    self._let_go(batch)

    async def _sleep(self, conn: database.Connection) -> None:
        """Until something comes in, or a held session is due; now and then a look at the connection itself."""
        self._wake.clear()
        if self._incoming:
            return
        now = self._clock()
        wait = min((held.due for held in self._held.values()), default=now + LOOK_EVERY) - now
        try:
            async with asyncio.timeout(max(wait, 0.0005)):
                await self._wake.wait()
        except TimeoutError:
            if not self._held:
                with database.deadline(conn):
                    await conn.execute("SELECT 1")  # raises where the server went away while nobody spoke

    def _collect(self) -> list[_Item]:
        """The next batch: sessions that are due again, then what came in, each sender's key once."""
        now = self._clock()
        batch: list[_Item] = []
        if self._held:
            self._give_up()
            for held in self._held.values():
                if held.due <= now and len(batch) < BATCH:
                    batch.extend(held.items)
        seen = {item.message.identity for item in batch}
        later: list[_Item] = []
        incoming = self._incoming
        while incoming and len(batch) < BATCH:
            item = incoming.popleft()
            held_session = self._held.get(item.message.session_id)
            if held_session is not None:
                item.held = True
                held_session.items.append(item)
                continue
            identity = item.message.identity
            if identity in seen:
                later.append(item)
            else:
                seen.add(identity)
                batch.append(item)
        incoming.extendleft(reversed(later))
        return self._without_repetitions(batch) if self._held else batch

    @staticmethod
    def _without_repetitions(batch: list[_Item]) -> list[_Item]:
        """A held session may have collected a message and its repetition: the repetition stays held."""
        seen: set[tuple[UUID, UUID, UUID]] = set()
        first = []
        for item in batch:
            if item.message.identity not in seen:
                seen.add(item.message.identity)
                first.append(item)
        return first

    async def _commit(self, conn: database.Connection, batch: list[_Item], stuck: set[UUID]) -> None:
        """``stuck`` collects the sessions of which a message was set aside: nothing later may overtake it."""
        if stuck:
            for item in batch:
                if item.message.session_id in stuck:
                    self._hold(item)
            batch = [item for item in batch if item.message.session_id not in stuck]
        if not batch:
            return
        try:
            with database.deadline(conn):
                answers = await append_async(conn, [item.message for item in batch], wait=False)
        except Exception as error:  # not only PostgreSQL's: a message that can't be encoded must not end all writing
            if conn.closed or isinstance(error, OSError):
                raise
            if len(batch) == 1:
                if not batch[0].held:  # once for each message, not for each try
                    logger.warning(
                        "A message could not be committed yet: %s",
                        sqlstate(error) or type(error).__name__,
                        exc_info=None if isinstance(error, psycopg.Error) else error,
                    )
                self._hold(batch[0])
                stuck.add(batch[0].message.session_id)
                return
            middle = len(batch) // 2  # one session is in somebody's way: find it by halves
            await self._commit(conn, batch[:middle], stuck)
            await self._commit(conn, batch[middle:], stuck)
            return
        self._metrics.batches.observe(len(batch))
        took, now = self._metrics.append, self._clock()
        for item, answer in zip(batch, answers, strict=True):
            if isinstance(answer, Locked):
                self._hold(item)
                stuck.add(item.message.session_id)
            else:
                took.observe(now - item.since)
                self._answer(item, answer)

    def _hold(self, item: _Item) -> None:
        """Sets a session aside; its messages stay in their order."""
        if item.held:
            return
        item.held = True
        session = item.message.session_id
        held = self._held.get(session)
        if held is None:
            self._held[session] = _Held(deque([item]), 0.0, 0)
        else:
            held.items.append(item)

    def _let_go(self, batch: list[_Item]) -> None:
        """After an answer: held sessions lose what was answered, or wait longer."""
        now = self._clock()
        for session in {item.message.session_id for item in batch} & self._held.keys():
            held = self._held[session]
            left = deque(item for item in held.items if not item.answered)
            if not left:
                del self._held[session]
            elif len(left) < len(held.items):
                held.items, held.tries, held.due = left, 0, now
            else:
                held.due = now + RETRY_AFTER[min(held.tries, len(RETRY_AFTER) - 1)]
                held.tries += 1

    def _give_up(self) -> None:
        """Answers what waited too long."""
        limit = self._clock() - self._pending_for
        while self._incoming and self._incoming[0].since < limit:
            self._answer(self._incoming.popleft(), Unavailable())
        for session, held in list(self._held.items()):
            while held.items and held.items[0].since < limit:
                self._answer(held.items.popleft(), Unavailable())
            if not held.items:
                del self._held[session]

    def _answer(self, item: _Item, outcome: Outcome) -> None:
        item.answered = True
        self._waiting -= 1
        try:
            self._done(item.context, item.message, outcome)
        except Exception:
            logger.exception("The outcome of a message could not be delivered")
