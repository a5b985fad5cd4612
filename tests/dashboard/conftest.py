"""Real Chromium with the built console in a Dashboard's frame."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from ..chromium import running
from .fake import FakeShop


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """For one module: Playwright keeps an event loop in this thread, which other tests must not meet."""
    with running() as browser:
        yield browser


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page whose errors, refusals by the content security policy included, fail the test."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce", locale="en-US")
    page = context.new_page()
    page.set_default_timeout(8000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))

    def told(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text and not message.text.startswith("Framing"):
            errors.append(message.text)

    page.on("console", told)
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def shop(page: Page) -> FakeShop:
    return FakeShop(page.context)
