"""Black-box tests: HTTP and the socket alone, the same on the sandbox and on a real Saleor (see ``tests/stack.py``)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.runner.stack import Stack

from ..stack import whole_stack  # noqa: F401  (a fixture)
from .client import Api
from .people import STANDARD, Rep, Visitor, codes, configure, end_all


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


@pytest.fixture
def settings(api: Api) -> None:
    """The channel as the tests expect it: active, at the threshold of one of the products."""
    configure(api, **STANDARD)


@pytest.fixture
def rep(api: Api, settings: None) -> Iterator[Rep]:
    """A rep who is online; whatever is open at the end is ended."""
    online = Rep(api)
    yield online
    end_all(api)
    online.leave()


@pytest.fixture
def visitor(api: Api, settings: None) -> Iterator[Visitor]:
    browser = Visitor(api)
    yield browser
    browser.live.close()


@pytest.fixture
def stranger(api: Api, settings: None) -> Iterator[Visitor]:
    """Another visitor, who has nothing to do with it."""
    browser = Visitor(api)
    yield browser
    browser.live.close()


@pytest.fixture
def talk(visitor: Visitor, rep: Rep) -> str:
    """An active session of the two."""
    answer = visitor.start()
    assert codes(answer) == []
    session = answer["session"]["id"]
    assert codes(rep.accept(session)) == []
    return session
