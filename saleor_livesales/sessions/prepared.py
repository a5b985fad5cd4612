"""Runs a prepared statement through libpq's own calls (``psycopg.pq``), parameters and rows in binary.

A psycopg cursor looks up adapters, counts how often a statement came, and waits through several layers. For a statement
that is known beforehand this costs more than all else that the gateway does for a lone message. Imports no Django.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final
from weakref import WeakSet

import psycopg
from psycopg import pq

Row = tuple[bytes | None, ...]

_BINARY: Final = pq.Format.BINARY


class Statement:
    """``sql`` with ``%s`` for each of ``types``, which are PostgreSQL's names. Prepared once on each connection."""

    def __init__(self, name: str, sql: str, types: Sequence[str]) -> None:
        parts = sql.split("%s")
        numbered = "".join(f"{part}${number}" for number, part in enumerate(parts[:-1], 1)) + parts[-1]
        self.name = name.encode()
        self.prepare = f"PREPARE {name} ({', '.join(types)}) AS {numbered}"
        self.formats = [_BINARY] * len(types)
        self._on: WeakSet[Any] = WeakSet()

    async def fetch(self, conn: Any, arguments: Sequence[bytes]) -> list[Row]:
        """All rows, on a psycopg AsyncConnection in autocommit mode that does nothing else meanwhile.

        Raises psycopg errors; whoever is cancelled meanwhile closes the connection.
        """
        if conn not in self._on:
            await conn.execute(self.prepare)
            self._on.add(conn)
        pgconn = conn.pgconn
        pgconn.send_query_prepared(self.name, list(arguments), param_formats=self.formats, result_format=_BINARY)
        while pgconn.flush():  # there is more than the kernel takes at once
            await _ready(pgconn.socket, to_write=True)
            pgconn.consume_input()
        answer = None
        while True:
            while pgconn.is_busy():
                await _ready(pgconn.socket, to_write=False)
                pgconn.consume_input()
            result = pgconn.get_result()
            if result is None:
                break
            answer = answer or result
        if answer is None:
            raise psycopg.OperationalError("PostgreSQL did not answer.")
        if answer.status != pq.ExecStatus.TUPLES_OK:
            raise _error(answer)
        columns, value = range(answer.nfields), answer.get_value
        return [tuple([value(row, column) for column in columns]) for row in range(answer.ntuples)]


def _error(result: Any) -> psycopg.Error:
    state = result.error_field(pq.DiagnosticField.SQLSTATE)
    text = result.error_message.decode(errors="replace").strip()
    try:
        return psycopg.errors.lookup((state or b"").decode())(text)
    except KeyError:
        return psycopg.OperationalError(text)


async def _ready(fd: int, *, to_write: bool) -> None:
    """Waits until there is something to read, or room to write."""
    loop = asyncio.get_running_loop()
    woken: asyncio.Future[None] = loop.create_future()

    def wake() -> None:
        if not woken.done():
            woken.set_result(None)

    loop.add_reader(fd, wake)
    if to_write:
        loop.add_writer(fd, wake)
    try:
        await woken
    finally:
        loop.remove_reader(fd)
        if to_write:
            loop.remove_writer(fd)
