"""Which decider works on which streams: advisory locks of PostgreSQL, held for as long as the connection lives.

The locks are on the very connection that writes. So a decider that dies, or is cut off, loses its shards and can no
longer write, both at once; the others take the shards over within a second or so. Needs a direct connection or a
pooler in session mode.
"""

from __future__ import annotations

import zlib
from typing import Final

from django.db import connection

from .. import conf

MEMBERS: Final = 1_000_000  # the lock that every decider shares; beyond any shard's number

_HELD = """
SELECT objid::int, count(*), bool_or(pid = pg_backend_pid())
  FROM pg_locks
 WHERE locktype = 'advisory' AND classid = %s AND objsubid = 2 AND granted
   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
 GROUP BY objid
"""


class Shards:
    """The shards of this process. ``count`` is how many there are; ``owned`` which of them are ours now."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.owned: set[int] = set()
        # One database may serve several installations, told apart by the prefix.
        self._space = zlib.crc32(f"livesales {conf.load().redis_prefix}".encode()) & 0x7FFFFFFF

    def rebalance(self) -> set[int]:
        """Take what is ours to take, give up what is more than a fair share. Returns the shards gained.

        Between two batches only. Raises OperationalError or InterfaceError when PostgreSQL is away.
        """
        with connection.cursor() as cursor:
            held, members = self._held(cursor)
            if MEMBERS not in self._mine:
                cursor.execute("SELECT pg_advisory_lock_shared(%s, %s)", [self._space, MEMBERS])
                members += 1
            self.owned = self._mine - {MEMBERS}
            share = -(-self.count // members)
            for shard in sorted(self.owned)[share:]:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [self._space, shard])
                self.owned.discard(shard)
            gained: set[int] = set()
            for shard in range(self.count):
                if len(self.owned) >= share:
                    break
                if shard in held:
                    continue
                cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [self._space, shard])
                if cursor.fetchone()[0]:
                    self.owned.add(shard)
                    gained.add(shard)
        return gained

    def _held(self, cursor: object) -> tuple[set[int], int]:
        """The shards that anybody holds, and how many deciders there are."""
        cursor.execute(_HELD, [self._space])  # type: ignore[attr-defined]
        rows = cursor.fetchall()  # type: ignore[attr-defined]
        self._mine = {number for number, _, mine in rows if mine}
        members = sum(count for number, count, _ in rows if number == MEMBERS)
        return {number for number, _, _ in rows if number != MEMBERS}, members

    def forget(self) -> None:
        """The connection is gone, and the locks with it."""
        self.owned = set()

    def leave(self) -> None:
        """Give everything up for the others, at once."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")
        self.owned = set()
