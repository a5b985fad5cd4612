"""Two browsers on one whole stack: see ``tests/stack.py`` for the shop that it runs on."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from sandbox.runner.stack import Stack
from tools import browser as chromium

from ..stack import whole_stack  # noqa: F401  (a fixture)
from .pages import Desk, Shop
from .shop_api import ShopApi

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="package")
def chrome() -> Iterator[Browser]:
    path = chromium.find()
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("There is no Chromium, and CI must have one: python -m tools.browser")
        pytest.skip("BROWSER TESTS SKIPPED: there is no Chromium. Install it, or set CHROMIUM=<path>.")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield running
        running.close()


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
