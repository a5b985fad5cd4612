"""The keys that stand between our tables and the codes: a digest to know a code by, a seal until it is delivered. Pure.

Both kinds come from the environment or a file, never from the database, and each has an id that stands beside what it
made. The first key of a kind is used for what is new; a second one still opens what is old (docs/operate.md).
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import os
import uuid
from collections.abc import Mapping
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .. import conf
from ..errors import LiveSalesError
from .alphabet import Secret, clean

NONCE: Final = 12  # bytes, as NIST SP 800-38D recommends for GCM


class CodesNotConfigured(LiveSalesError):
    """The deployment has no keys for sign-in codes."""

    code = "CODES_NOT_CONFIGURED"


class Unsealable(LiveSalesError):
    """The key that sealed this code is not among the deployment's keys any more."""

    code = "CODE_NOT_READABLE"


class Keyring:
    """The keys of a deployment. Each map goes from key ids to secrets, the key in use first."""

    def __init__(self, digest_keys: Mapping[str, str], delivery_keys: Mapping[str, str]) -> None:
        self._digest = {key_id: _derive(secret, b"digest") for key_id, secret in digest_keys.items()}
        self._seal = {key_id: AESGCM(_derive(secret, b"seal")) for key_id, secret in delivery_keys.items()}

    @property
    def digest_ids(self) -> list[str]:
        return list(self._digest)

    @property
    def seal_ids(self) -> list[str]:
        return list(self._seal)

    def digest(self, code: Secret) -> tuple[str, bytes]:
        """The id of the key in use, and the digest of the code by it. Raises CodesNotConfigured."""
        for key_id, key in self._digest.items():
            return key_id, _digest(key, code)
        raise CodesNotConfigured("Sign-in codes need LIVESALES_CODE_KEYS. See docs/operate.md.")

    def digests(self, code: Secret) -> list[bytes]:
        """By every key that is valid: always the same work, whatever the code is."""
        return [_digest(key, code) for key in self._digest.values()]

    def bucket(self, kind: str, value: str) -> str:
        """A name for something that is counted, from which nothing is read back. Raises CodesNotConfigured."""
        for key in self._digest.values():
            return hmac.new(key, f"bucket:{kind}:{value}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:24]
        raise CodesNotConfigured("Sign-in codes need LIVESALES_CODE_KEYS. See docs/operate.md.")

    def seal(self, code: Secret, *, code_id: uuid.UUID) -> tuple[str, bytes]:
        """The id of the key in use, and the code sealed for the row ``code_id``. Raises CodesNotConfigured."""
        for key_id, cipher in self._seal.items():
            nonce = os.urandom(NONCE)
            return key_id, nonce + cipher.encrypt(nonce, code.reveal().encode(), code_id.bytes)
        raise CodesNotConfigured("Sign-in codes need LIVESALES_DELIVERY_KEYS. See docs/operate.md.")

    def unseal(self, key_id: str, sealed: bytes, *, code_id: uuid.UUID) -> Secret:
        """The code. Raises Unsealable where the key is gone, or the row was tampered with."""
        cipher = self._seal.get(key_id)
        try:
            if cipher is not None:
                return Secret(cipher.decrypt(sealed[:NONCE], sealed[NONCE:], code_id.bytes).decode())
        except (InvalidTag, ValueError):
            pass
        raise Unsealable(f"The code can't be read: the delivery key {key_id!r} is missing or another one now.")


def _derive(secret: str, purpose: bytes) -> bytes:
    """32 bytes for one purpose, so that the same secret given for both is two keys all the same."""
    return hmac.new(secret.encode(), b"livesales code " + purpose, hashlib.sha256).digest()


def _digest(key: bytes, code: Secret) -> bytes:
    return hmac.new(key, b"code:" + clean(code.reveal()).encode("utf-8", "replace"), hashlib.sha256).digest()


@functools.lru_cache(maxsize=4)
def _ring(digest: tuple[tuple[str, str], ...], delivery: tuple[tuple[str, str], ...]) -> Keyring:
    return Keyring(dict(digest), dict(delivery))


def keyring() -> Keyring:
    """The deployment's keys. Deriving them costs more than using them, so the last ones are kept."""
    settings = conf.load()
    return _ring(tuple(settings.code_keys.items()), tuple(settings.delivery_keys.items()))
