"""Black-box tests: HTTP and the socket alone, the same on the sandbox and on a real Saleor (see ``tests/stack.py``)."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.runner.stack import Stack

from ..stack import whole_stack  # noqa: F401  (a fixture)
from .client import Api


@pytest.fixture(scope="package")
def api(stack: Stack) -> Api:
    return Api(stack)


@pytest.fixture(scope="session")
def other_key() -> str:
    """An RSA key that is not the shop's."""
    return (
        rsa.generate_private_key(public_exponent=65537, key_size=2048)
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode()
    )
