"""Files of batches in the shop's private storage, sealed, as pictures are, by a secret that only the row holds."""

from __future__ import annotations

import logging
import os
import uuid
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.files.base import ContentFile

from .. import shop
from ..errors import LiveSalesError

logger = logging.getLogger(__name__)

FOLDER: Final = "livesales/letters"
KINDS: Final = {"pdf": "application/pdf", "csv": "text/csv; charset=utf-8"}
NONCE: Final = 12  # bytes, before the rest (NIST SP 800-38D)


class StorageAway(LiveSalesError):
    """The storage for letters does not answer."""

    code = "UNAVAILABLE"


def new_secret() -> bytes:
    return AESGCM.generate_key(bit_length=256)


def put(batch_id: uuid.UUID, secret: bytes, kind: str, data: bytes) -> None:
    """In place of what is there: whoever draws a batch again draws the same letters. Raises StorageAway."""
    nonce = os.urandom(NONCE)
    sealed = nonce + AESGCM(secret).encrypt(nonce, data, _bound(batch_id, kind))
    try:
        _storage().delete(_name(batch_id, kind))
        kept = _storage().save(_name(batch_id, kind), ContentFile(sealed))
    except Exception as error:
        raise _away(error) from error
    if kept != _name(batch_id, kind):
        _storage().delete(kept)
        raise StorageAway("Another worker keeps the same file.")


def get(batch_id: uuid.UUID, secret: bytes, kind: str) -> bytes | None:
    """None where there is no such file, or another than was put there. Raises StorageAway."""
    try:
        with _storage().open(_name(batch_id, kind), "rb") as file:
            sealed = file.read()
    except FileNotFoundError:
        return None
    except Exception as error:
        raise _away(error) from error
    try:
        return AESGCM(secret).decrypt(sealed[:NONCE], sealed[NONCE:], _bound(batch_id, kind))
    except (InvalidTag, ValueError):
        logger.error("A file of letters is not what was put into the storage.")
        return None


def remove(batch_id: uuid.UUID) -> None:
    """Whatever is there of it. May be done again. Raises StorageAway."""
    try:
        for kind in KINDS:
            _storage().delete(_name(batch_id, kind))
    except Exception as error:
        raise _away(error) from error


def _name(batch_id: uuid.UUID, kind: str) -> str:
    return f"{FOLDER}/{batch_id.hex}.{kind}.sealed"


def _bound(batch_id: uuid.UUID, kind: str) -> bytes:
    """A file opens as this kind of this batch and as nothing else."""
    return batch_id.bytes + kind.encode()


def _storage() -> Any:
    return shop.current().private_storage()


def _away(error: Exception) -> StorageAway:
    logger.warning("The storage for letters does not answer: %s", type(error).__name__)
    return StorageAway("The letters could not be kept or read. Try again in a moment.")
