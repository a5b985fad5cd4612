"""Connections to PostgreSQL that survive its absence, and the queue for everything but messages."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import random
import socket
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import msgspec
import psycopg

logger = logging.getLogger(__name__)

# Seconds; then the connection is cut, for nobody knows what became of the statement. With the time for a new connection
# still below the ten seconds after which a client takes its own for dead.
STATEMENT_TIMEOUT: Final = 8.0
BACKOFF: Final = (0.05, 0.1, 0.2, 0.5, 1.0)

# An ack is a promise, so it waits for the disk, whatever the server's default is; a stricter default stays.
# lock_timeout: nothing here waits long for a row. The planner's switches: a plan made while a table was empty must not
# read the whole table once it is full. Every table here is reached by an index, row by row, so there is one good plan
# for each statement: it is made once (planning would take longer than the work), whatever the parameters are.
SETTINGS: Final = (
    "SELECT set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'local'"
    " ELSE current_setting('synchronous_commit') END, false),"
    " set_config('lock_timeout', '1000', false), set_config('statement_timeout', '6000', false),"
    " set_config('timezone', 'UTC', false), set_config('plan_cache_mode', 'force_generic_plan', false),"
    " set_config('enable_seqscan', 'off', false), set_config('enable_mergejoin', 'off', false),"
    " set_config('enable_hashjoin', 'off', false), set_config('enable_bitmapscan', 'off', false),"
    " set_config('jit', 'off', false)"
)

Connection = psycopg.AsyncConnection[tuple[Any, ...]]


async def connect(url: str) -> Connection:
    """A connection in autocommit mode, set up for short statements. Raises psycopg.Error."""
    conn = await psycopg.AsyncConnection.connect(
        url,
        autocommit=True,
        connect_timeout=5,
        application_name="livesales-gateway",
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=2,
        tcp_user_timeout=int(STATEMENT_TIMEOUT * 1000),
    )
    try:
        await conn.execute(SETTINGS)
    except BaseException:
        await conn.close()
        raise
    return conn


def cut(conn: Connection) -> None:
    """Ends the connection under a statement that hangs: it then fails at once, without asking the server to cancel."""
    with contextlib.suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(conn.fileno())) as copy:
        copy.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def deadline(conn: Connection, seconds: float = STATEMENT_TIMEOUT) -> Iterator[None]:
    handle = asyncio.get_running_loop().call_later(seconds, cut, conn)
    try:
        yield
    finally:
        handle.cancel()


def backoff(attempt: int) -> float:
    """Seconds before the next try, with jitter, so that many gateways don't knock together."""
    return BACKOFF[min(attempt, len(BACKOFF) - 1)] * random.uniform(0.5, 1.0)


class Job(msgspec.Struct):
    """A statement and who waits for its rows; ``done(None)``: it could not be run."""

    statement: str
    parameters: Mapping[str, Any]
    done: Callable[[list[tuple[Any, ...]] | None], None]
    since: float


class Reader:
    """Runs short statements on a few connections, in order of arrival, apart from the writing of messages.

    A statement is given up ``patience`` seconds after it was asked for; so is what comes when ``bound`` others wait.
    """

    def __init__(self, url: str, *, connections: int = 2, bound: int = 10000, patience: float = 5.0) -> None:
        self._url = url
        self._connections = connections
        self._bound = bound
        self._patience = patience
        self._jobs: deque[Job] = deque()
        self._wake = asyncio.Semaphore(0)
        self._tasks: list[asyncio.Task[None]] = []
        self.connected = 0

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._work()) for _ in range(self._connections)]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def submit(
        self, statement: str, parameters: Mapping[str, Any], done: Callable[[list[tuple[Any, ...]] | None], None]
    ) -> None:
        if len(self._jobs) >= self._bound:
            done(None)
            return
        self._jobs.append(Job(statement, parameters, done, asyncio.get_running_loop().time()))
        self._wake.release()

    async def _work(self) -> None:
        attempt = 0
        while True:
            try:
                conn = await connect(self._url)
            except (psycopg.Error, OSError) as error:
                if attempt == 0:
                    logger.warning("PostgreSQL is away: %s", type(error).__name__)
                await asyncio.sleep(backoff(attempt))
                attempt += 1
                self._give_up()
                continue
            attempt = 0
            self.connected += 1
            try:
                await self._serve(conn)
            except (psycopg.OperationalError, psycopg.InterfaceError, OSError) as error:
                logger.warning("A connection to PostgreSQL was lost: %s", type(error).__name__)
            finally:
                self.connected -= 1
                await conn.close()

    async def _serve(self, conn: Connection) -> None:
        while True:
            await self._wake.acquire()
            if not self._jobs:
                continue
            job = self._jobs.popleft()
            try:
                with deadline(conn):
                    cursor = await conn.execute(job.statement, job.parameters, prepare=True)
                    rows = await cursor.fetchall() if cursor.description else []
            except psycopg.Error as error:
                if conn.closed:
                    self._jobs.appendleft(job)  # these statements may be run twice
                    self._wake.release()
                    raise
                logger.warning("A statement failed: %s", error.sqlstate or type(error).__name__)
                rows = None
            self._answer(job, rows)

    def _give_up(self) -> None:
        limit = asyncio.get_running_loop().time() - self._patience
        while self._jobs and self._jobs[0].since < limit:
            self._answer(self._jobs.popleft(), None)

    @staticmethod
    def _answer(job: Job, rows: list[tuple[Any, ...]] | None) -> None:
        try:
            job.done(rows)
        except Exception:
            logger.exception("The answer to a statement could not be used")
