"""Identifiers: time-ordered UUIDs for our rows, and the global ids by which every client names them.

A global id is what Saleor uses: base64 of ``Type:pk``. It is the only form that leaves the database,
on GraphQL and on the socket alike. Ids of Saleor's own objects are stored in this form as well.
"""

from __future__ import annotations

import base64
import binascii
import functools
import os
import time
import uuid
from typing import Final

from .errors import NotFound

CACHED: Final = 128  # characters; a longer one may be valid, but is not worth keeping


def uuid7() -> uuid.UUID:
    """A version 7 UUID (RFC 9562, section 5.7): 48 bits of Unix milliseconds, 74 random bits."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return uuid.UUID(int=value)


def to_global_id(kind: str, pk: object) -> str:
    """``to_global_id("LiveSession", pk)``: the id that clients see."""
    return base64.b64encode(f"{kind}:{pk}".encode()).decode()


def from_global_id(kind: str, value: str) -> str:
    """The primary key inside a global id of this kind. Raises NotFound for anything else."""
    try:
        found, _, pk = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        found, pk = "", ""
    if found != kind or not pk:
        raise NotFound(f"Couldn't resolve to a node of type {kind}.", field="id")
    return pk


def uuid_from_global_id(kind: str, value: str) -> uuid.UUID:
    """Like :func:`from_global_id`, for our own rows, whose keys are UUIDs: each has one id, as :func:`to_global_id`
    writes it."""
    return _uuid(kind, value) if len(value) > CACHED else _cached_uuid(kind, value)


def _uuid(kind: str, value: str) -> uuid.UUID:
    try:
        found = uuid.UUID(from_global_id(kind, value))
    except ValueError:
        found = None
    # UUID() takes capitals, braces, underscores and any number of hyphens; base64 has several ways to end as well.
    if found is None or to_global_id(kind, found) != value:
        raise NotFound(f"Couldn't resolve to a node of type {kind}.", field="id")
    return found


# A conversation names its session in every frame.
_cached_uuid = functools.lru_cache(maxsize=8192)(_uuid)
