"""Tests that take parts of the whole stack away and bring them back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ..shop.client import Api
from ..shop.people import STANDARD, Rep, configure, end_all
from . import rig
from .rig import Rig


@pytest.fixture(scope="package")
def stack() -> Iterator[Rig]:
    with rig.rig() as started:
        yield started


@pytest.fixture(scope="package")
def api(stack: Rig) -> Api:
    return Api(stack)


@pytest.fixture
def rep(api: Api) -> Iterator[Rep]:
    configure(api, **STANDARD)
    online = Rep(api)
    yield online
    end_all(api)
    online.leave()
