"""Real Chromium with the built console in a Dashboard's frame."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tools.browser import find

from .fake import FakeShop

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """For one module: Playwright keeps an event loop in this thread, which other tests must not meet."""
    path = find()
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("There is no Chromium, and CI must have one: python -m tools.browser")
        pytest.skip("BROWSER TESTS SKIPPED: there is no Chromium. Install it, or set CHROMIUM=<path>.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


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
