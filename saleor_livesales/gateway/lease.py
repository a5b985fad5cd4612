"""A rep's lease: while a socket of the rep is open, PostgreSQL knows that the rep is there, even without Redis.

It is the database's clock that counts: deciders compare the lease with it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any, Final

LEASE_EVERY: Final = 10.0  # seconds

# A rep who said goodbye stays away, though a socket is still open.
LEASE_SQL: Final = """
UPDATE saleor_livesales_rep
SET lease_until = greatest(lease_until, clock_timestamp() + make_interval(secs => %(lease)s))
WHERE id = ANY(%(reps)s::uuid[]) AND status <> 'offline'
"""


def parameters(reps: Iterable[uuid.UUID], *, lease: int) -> dict[str, Any]:
    """The arguments of LEASE_SQL: one update for all reps of a gateway. ``lease`` in seconds."""
    return {"reps": list(reps), "lease": lease}
