"""A decider's connection to PostgreSQL that never hangs for long, at either end.

Django waits for an answer without a limit, and a network that loses everything without a word gives none: then the
decider would stand still while PostgreSQL keeps its locks on the shards, so that no other one could take over.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from django.db import DEFAULT_DB_ALIAS, connection, connections

PATIENCE: Final = 10.0  # seconds without any progress; the decider's own waits are shorter
LOOK_EVERY: Final = 0.5
CONNECT_WITHIN: Final = 5  # seconds; libpq has no limit of its own

# PostgreSQL looks for us after 10 s of silence and lets our locks go 10 s later (the system's own limit: two hours).
SETTINGS: Final = (
    "SELECT set_config('tcp_keepalives_idle', '10', false), set_config('tcp_keepalives_interval', '5', false),"
    " set_config('tcp_keepalives_count', '2', false),"
    " set_config('idle_in_transaction_session_timeout', '30000', false)"
)


class Watch:
    """Cuts this thread's connection when nothing moves. Each statement moves something; ``alive`` tells of the rest."""

    def __init__(self, *, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._moved = time.monotonic()
        self._raw: Any = None  # psycopg's connection, as far as it is set up
        self._stop = threading.Event()

    def alive(self) -> None:
        self._moved = time.monotonic()

    def set_up(self) -> None:
        """Settles what a new connection needs. Raises OperationalError or InterfaceError."""
        connection.ensure_connection()
        if connection.connection is not self._raw:
            with connection.cursor() as cursor:
                cursor.execute(SETTINGS)
            self._raw = connection.connection

    @contextlib.contextmanager
    def on(self) -> Iterator[None]:
        """Watches the calling thread's connection until the block ends."""
        os.environ.setdefault("PGCONNECT_TIMEOUT", str(CONNECT_WITHIN))
        own = connections[DEFAULT_DB_ALIAS]  # this thread's; ``connection`` means another one in each thread
        watcher = threading.Thread(target=self._look, args=(own,), name="livesales-watch", daemon=True)
        self.alive()
        watcher.start()
        try:
            with connection.execute_wrapper(self._statement):
                yield
        finally:
            self._stop.set()
            watcher.join()

    def _statement(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        self.alive()
        try:
            return execute(sql, params, many, context)
        finally:
            self.alive()

    def _look(self, own: Any) -> None:
        """In a thread of its own, which looks at the watched thread's connection."""
        while not self._stop.wait(LOOK_EVERY):
            raw = own.connection
            if raw is None or time.monotonic() - self._moved < self._patience:
                continue
            self.alive()  # once, then the same patience again
            with contextlib.suppress(Exception), socket.socket(fileno=os.dup(raw.fileno())) as copy:
                copy.shutdown(socket.SHUT_RDWR)
