"""Saleor's global ids and primary keys."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from .. import ids
from ..errors import NotFound

BIGGEST = 2**63 - 1  # of a bigint column


def global_id(kind: str, pk: object) -> str:
    return ids.to_global_id(kind, pk)


def integers(kind: str, values: Collection[str]) -> dict[str, int]:
    """Primary keys by global id, without those that are not ids of this kind. Each row has one id, as Saleor writes it:
    rows of ours that name it another way would be nobody's."""
    found = {}
    for value in values:
        try:
            pk = ids.from_global_id(kind, value)
        except NotFound:
            continue
        if pk.isascii() and pk.isdigit() and len(pk) < 20 and int(pk) <= BIGGEST and global_id(kind, int(pk)) == value:
            found[value] = int(pk)
    return found


def uuids(kind: str, values: Collection[str]) -> dict[str, uuid.UUID]:
    """The same for types whose primary key is a UUID."""
    found = {}
    for value in values:
        try:
            found[value] = ids.uuid_from_global_id(kind, value)
        except NotFound:
            continue
    return found
