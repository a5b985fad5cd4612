"""Batches of messages in PostgreSQL's binary array format: a third of what lists of objects cost, on both sides.

The format is that of ``array_send`` and ``array_recv``: number of dimensions, whether there are nulls, the elements'
type, then length and lower bound of the one dimension, and each element after its length. Imports no Django.
"""

from __future__ import annotations

import datetime
import struct
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

import psycopg
from psycopg.adapt import Buffer, Dumper
from psycopg.pq import Format

if TYPE_CHECKING:
    from .append import Message

# Types' numbers, from pg_type.dat: they never change.
TEXT, TIMESTAMPTZ, UUID = 25, 1184, 2950
TEXT_ARRAY, TIMESTAMPTZ_ARRAY, UUID_ARRAY = 1009, 1185, 2951

_SENDERS: Final = {"visitor": b"\0\0\0\x07visitor", "rep": b"\0\0\0\x03rep"}
_EPOCH: Final = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
_MICROSECOND: Final = datetime.timedelta(microseconds=1)
_head = struct.Struct("!5i").pack
_length = struct.Struct("!i").pack
_int8 = struct.Struct("!q").pack
_16: Final = _length(16)
_8: Final = _length(8)


class _Dumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: Any) -> Buffer | None:
        return obj


class UUIDs(bytes):
    """uuid[]"""


class Texts(bytes):
    """text[]"""


class Moments(bytes):
    """timestamptz[]"""


for _kind, _oid in ((UUIDs, UUID_ARRAY), (Texts, TEXT_ARRAY), (Moments, TIMESTAMPTZ_ARRAY)):
    psycopg.adapters.register_dumper(_kind, type(f"{_kind.__name__}Dumper", (_Dumper,), {"oid": _oid}))


def _uuids(values: Sequence[int]) -> UUIDs:
    return UUIDs(_16.join([_head(1, 0, UUID, len(values), 1), *[value.to_bytes(16, "big") for value in values]]))


def _texts(values: Iterable[str], number: int) -> Texts:
    parts = [_head(1, 0, TEXT, number, 1)]
    for value in values:
        encoded = value.encode()
        parts += _length(len(encoded)), encoded
    return Texts(b"".join(parts))


def _moments(values: Sequence[datetime.datetime]) -> Moments:
    head = _head(1, 0, TIMESTAMPTZ, len(values), 1)
    return Moments(_8.join([head, *[_int8((value - _EPOCH) // _MICROSECOND) for value in values]]))


def parameters(messages: Sequence[Message]) -> tuple[bytes, ...]:
    """What ``append.parameters`` gives, in bytes."""
    sessions = [m.session_id.int for m in messages]
    number = len(messages)
    return (
        _uuids(list(set(sessions))),
        _uuids(sessions),
        Texts(b"".join([_head(1, 0, TEXT, number, 1), *[_SENDERS[m.sender] for m in messages]])),
        _uuids([m.sender_id.int for m in messages]),
        _uuids([m.key.int for m in messages]),
        _texts((m.text for m in messages), number),
        _moments([m.at for m in messages]),
    )
