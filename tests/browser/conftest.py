"""Two browsers on one whole stack: see ``tests/stack.py`` for the shop that it runs on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from sandbox.runner.stack import Stack

from .. import chromium
from ..stack import whole_stack  # noqa: F401  (a fixture)
from .pages import Desk, Shop
from .shop_api import ShopApi


@pytest.fixture(scope="package")
def chrome() -> Iterator[Browser]:
    with chromium.running() as browser:
        yield browser


@pytest.fixture(scope="package")
def api(stack: Stack) -> ShopApi:
    return ShopApi(stack)


@pytest.fixture
def desks(chrome: Browser, stack: Stack) -> Iterator[list[Desk]]:
    opened: list[Desk] = []
    yield opened
    for desk in opened:
        desk.leave()


@pytest.fixture
def rep(chrome: Browser, stack: Stack, desks: list[Desk], settings: None) -> Desk:
    """A rep at the desk, online, with no sessions left over."""
    desk = Desk(chrome, stack, login=stack.logins["rep"])
    desks.append(desk)
    desk.go_online()
    return desk


@pytest.fixture
def settings(api: ShopApi) -> None:
    """The channel as the tests expect it: active, at the threshold of one of the products."""
    api.set_channel(active=True, priceThreshold="100.00", priceStrength="OFFER", requestsAllowed=True)


@pytest.fixture
def visitor(chrome: Browser, stack: Stack) -> Iterator[Shop]:
    shop = Shop(chrome, stack)
    yield shop
    shop.leave()


@pytest.fixture
def second_visitor(chrome: Browser, stack: Stack) -> Iterator[Shop]:
    shop = Shop(chrome, stack)
    yield shop
    shop.leave()
