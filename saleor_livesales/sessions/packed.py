"""Batches of messages, and what came of them, in PostgreSQL's binary format: a third of what lists of objects cost.

The format is that of ``array_send`` and ``array_recv``: number of dimensions, whether there are nulls, the elements'
type, then length and lower bound of the one dimension, and each element after its length. Imports no Django.
"""

from __future__ import annotations

import datetime
import functools
import struct
import uuid
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .append import Message

# Types' numbers, from pg_type.dat: they never change.
TEXT, TIMESTAMPTZ, UUID = 25, 1184, 2950
TYPES: Final = ("uuid[]", "uuid[]", "text[]", "uuid[]", "uuid[]", "text[]", "timestamptz[]")

_SENDERS: Final = {"visitor": b"\0\0\0\x07visitor", "rep": b"\0\0\0\x03rep"}
_EPOCH: Final = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
_MICROSECOND: Final = datetime.timedelta(microseconds=1)
_head = struct.Struct("!5i").pack
_length = struct.Struct("!i").pack
_int8 = struct.Struct("!q").pack
_16: Final = _length(16)
_8: Final = _length(8)


def _uuids(values: Sequence[int]) -> bytes:
    return _16.join([_head(1, 0, UUID, len(values), 1), *[value.to_bytes(16, "big") for value in values]])


def _texts(values: Iterable[str], number: int) -> bytes:
    parts = [_head(1, 0, TEXT, number, 1)]
    for value in values:
        encoded = value.encode()
        parts += _length(len(encoded)), encoded
    return b"".join(parts)


def _moments(values: Sequence[datetime.datetime]) -> bytes:
    head = _head(1, 0, TIMESTAMPTZ, len(values), 1)
    return _8.join([head, *[_int8((value - _EPOCH) // _MICROSECOND) for value in values]])


def parameters(messages: Sequence[Message]) -> tuple[bytes, ...]:
    """What ``append.parameters`` gives, in bytes."""
    sessions = [m.session_id.int for m in messages]
    number = len(messages)
    return (
        _uuids(list(set(sessions))),
        _uuids(sessions),
        b"".join([_head(1, 0, TEXT, number, 1), *[_SENDERS[m.sender] for m in messages]]),
        _uuids([m.sender_id.int for m in messages]),
        _uuids([m.key.int for m in messages]),
        _texts((m.text for m in messages), number),
        _moments([m.at for m in messages]),
    )


@functools.lru_cache(maxsize=65536)
def _uuid(data: bytes) -> uuid.UUID:
    """The same few participants come back with each message."""
    return uuid.UUID(bytes=data)


def row(values: Sequence[bytes | None]) -> tuple[Any, ...]:
    """A row of the append's answer, as ``append.result`` takes it."""
    verdict, number, at, text, visitor_id, rep_id = values
    assert verdict is not None
    return (
        verdict.decode(),
        None if number is None else int.from_bytes(number, "big", signed=True),
        None if at is None else _EPOCH + int.from_bytes(at, "big", signed=True) * _MICROSECOND,
        None if text is None else text.decode(),
        None if visitor_id is None else _uuid(visitor_id),
        None if rep_id is None else _uuid(rep_id),
    )
