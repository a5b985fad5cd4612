"""Where the bytes of pictures lie: in a storage of the shop, encrypted by the key that only the picture's row holds.

So it does not matter who else can read the storage, nor what a bucket, a backup or a proxy keeps: without the row
there is no picture. See docs/adr/0014.
"""

from __future__ import annotations

import logging
import os
from typing import Any, Final, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.files.base import ContentFile
from django.utils.module_loading import import_string

from .. import conf, shop
from ..errors import LiveSalesError
from .models import Picture

logger = logging.getLogger(__name__)

Size = Literal["large", "small"]
SIZES: Final[tuple[Size, Size]] = ("large", "small")
FOLDER: Final = "livesales/pictures"
NONCE: Final = 12  # bytes, before the rest (NIST SP 800-38D)


class StorageAway(LiveSalesError):
    """The storage for pictures does not answer."""

    code = "UNAVAILABLE"


def put(picture: Picture, size: Size, data: bytes) -> None:
    """Raises StorageAway."""
    nonce = os.urandom(NONCE)
    sealed = nonce + AESGCM(bytes(picture.secret)).encrypt(nonce, data, _bound(picture, size))
    name = _name(picture, size)
    try:
        kept = _storage().save(name, ContentFile(sealed))
    except Exception as error:
        raise _away(error) from error
    if kept != name:  # there is such a file, which can't be ours
        _storage().delete(kept)
        raise StorageAway("The picture could not be kept. Try again in a moment.")


def get(picture: Picture, size: Size) -> bytes | None:
    """None where the storage has no such file, or another than was put there. Raises StorageAway."""
    try:
        with _storage().open(_name(picture, size), "rb") as file:
            sealed = file.read()
    except FileNotFoundError:
        logger.error("A picture's file is not in the storage.")
        return None
    except Exception as error:
        raise _away(error) from error
    try:
        return AESGCM(bytes(picture.secret)).decrypt(sealed[:NONCE], sealed[NONCE:], _bound(picture, size))
    except (InvalidTag, ValueError):
        logger.error("A picture's file is not what was put into the storage.")
        return None


def remove(picture: Picture) -> None:
    """Whatever is there of it. May be done again. Raises StorageAway."""
    try:
        for size in SIZES:
            _storage().delete(_name(picture, size))
    except Exception as error:
        raise _away(error) from error


def _name(picture: Picture, size: Size) -> str:
    return f"{FOLDER}/{picture.name}-{size}"


def _bound(picture: Picture, size: Size) -> bytes:
    """A file opens as this size of this picture and as nothing else."""
    return picture.pk.bytes + size.encode()


def _storage() -> Any:
    if path := conf.load().picture_storage:
        return import_string(path)()
    return shop.current().private_storage()


def _away(error: Exception) -> StorageAway:
    logger.warning("The storage for pictures does not answer: %s", type(error).__name__)
    return StorageAway("The picture could not be kept or read. Try again in a moment.")
