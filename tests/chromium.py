"""Real Chromium for the tests. A run in CI fails without it; elsewhere its tests say loudly that they were skipped."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tools.browser import find

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def path() -> str:
    """Where it is. Skips the test, or in CI fails it, where there is none."""
    found = find()
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("There is no Chromium, and CI must have one: python -m tools.browser")
        pytest.skip("BROWSER TESTS SKIPPED: there is no Chromium. Install it, or set CHROMIUM=<path>.")
    return found


@contextlib.contextmanager
def running() -> Iterator[Browser]:
    """A browser, for one module or package: Playwright keeps an event loop in this thread, which other tests must not
    meet."""
    executable = path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()
