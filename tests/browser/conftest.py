"""One whole stack for these tests, on the sandbox or, with ``LIVESALES_TARGET=saleor``, on a real Saleor.

``SALEOR`` names the checkout, ``DASHBOARD`` a built Saleor Dashboard; without that the stand-in frames the console.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from sandbox.runner.stack import Stack
from sandbox.runner.targets import Saleor, Sandbox, Target
from tools import browser as chromium

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


def target() -> Target:
    if os.environ.get("LIVESALES_TARGET", "sandbox") == "sandbox":
        return Sandbox()
    return Saleor(Path(os.environ.get("SALEOR") or "~/saleor"))


def dashboard() -> Path | None:
    """A built Dashboard, only on a real Saleor: the stand-in shop lacks what the real Dashboard asks for."""
    if os.environ.get("LIVESALES_TARGET", "sandbox") == "sandbox":
        return None
    found = Path(os.environ.get("DASHBOARD") or "~/saleor-dashboard/build").expanduser()
    return found if found.exists() else None


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    folder = Path(tempfile.mkdtemp(prefix="livesales-stack-"))
    folder.chmod(0o755)
    running = Stack(data_dir=folder / "data", target=target(), dashboard=dashboard(), durable=False)
    running.start()
    yield running
    running.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
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


@pytest.fixture(scope="session")
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
