"""Tests that take parts of the whole stack away and bring them back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.runner.stack import Stack
from sandbox.runner.targets import Sandbox

from ..shop.client import Api
from ..shop.people import STANDARD, Rep, configure, end_all
from ..stack import running


@pytest.fixture(scope="package")
def stack() -> Iterator[Stack]:
    with running(Sandbox(), LIVESALES_MESSAGES_PER_MINUTE="100000", LIVESALES_EVENTS_PER_MINUTE="100000") as started:
        yield started


@pytest.fixture(scope="package")
def api(stack: Stack) -> Api:
    return Api(stack)


@pytest.fixture
def rep(api: Api) -> Iterator[Rep]:
    configure(api, **STANDARD)
    online = Rep(api)
    yield online
    end_all(api)
    online.leave()
