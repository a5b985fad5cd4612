"""Real Chromium against the built widget, with a shop that does what the test says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from ..chromium import running
from .fake import FakeShop


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For one module: Playwright keeps an event loop in this thread, which other tests must not meet."""
    with running() as chromium:
        yield chromium


@pytest.fixture
def fake() -> Iterator[FakeShop]:
    shop = FakeShop()
    yield shop
    shop.stop()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1100, "height": 760}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(8000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []
