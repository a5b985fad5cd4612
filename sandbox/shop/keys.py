"""The RSA key of the shop's tokens: from RSA_PRIVATE_KEY, else one key file that all processes share."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from jwt.algorithms import RSAAlgorithm


def _pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _made_file() -> bytes:
    """The PEM in the data folder; the first process makes it, whoever else comes at the same time reads that one."""
    path = Path(settings.DATA_DIR) / "jwt_key.pem"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent)  # readable by its owner alone
        with os.fdopen(handle, "wb") as target:
            target.write(_pem(rsa.generate_private_key(public_exponent=65537, key_size=2048)))
        try:
            os.link(name, path)  # fails where another process was faster
        except FileExistsError:
            pass
        finally:
            Path(name).unlink()
    return path.read_bytes()


@functools.lru_cache(maxsize=1)
def private_key() -> rsa.RSAPrivateKey:
    pem = settings.RSA_PRIVATE_KEY.encode() or _made_file()
    key = serialization.load_pem_private_key(pem, password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def public_key() -> rsa.RSAPublicKey:
    return private_key().public_key()


@functools.lru_cache(maxsize=1)
def jwks() -> dict[str, Any]:
    """The public key as JSON Web Key Set; the key id is its thumbprint (RFC 7638)."""
    jwk = json.loads(RSAAlgorithm.to_jwk(public_key()))
    canonical = json.dumps({name: jwk[name] for name in ("e", "kty", "n")}, separators=(",", ":"), sort_keys=True)
    thumbprint = base64.urlsafe_b64encode(hashlib.sha256(canonical.encode()).digest()).rstrip(b"=").decode()
    return {"keys": [{**jwk, "use": "sig", "kid": thumbprint, "alg": "RS256"}]}


def key_id() -> str:
    return jwks()["keys"][0]["kid"]
