"""What browsers really do with pages and storage. Playwright switches some of it off: this Chromium is started here."""

from __future__ import annotations

import contextlib
import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect, sync_playwright

from saleor_livesales import wire

from .. import chromium
from .fake import FakeShop
from .steps import dock, say, talk, ticks

BLOCKED = 2  # Chromium's content setting


@contextlib.contextmanager
def as_a_visitor_has_it(folder: Path, *, cookies: int = 0) -> Iterator[BrowserContext]:
    """A Chromium with its own defaults: back-forward cache on, storage partitioned."""
    profile = folder / "Default"
    profile.mkdir(parents=True)
    settings = {"profile": {"default_content_setting_values": {"cookies": cookies}}} if cookies else {}
    (profile / "Preferences").write_text(json.dumps(settings))
    process = subprocess.Popen(
        [
            chromium.path(),
            *chromium.ARGUMENTS,
            "--headless=new",
            "--remote-debugging-port=0",
            f"--user-data-dir={folder}",
            "about:blank",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        port = folder / "DevToolsActivePort"
        end = time.monotonic() + 60
        while not (port.is_file() and "\n" in port.read_text()):
            assert process.poll() is None and time.monotonic() < end, "Chromium did not start"
            time.sleep(0.05)
        with sync_playwright() as playwright:
            browser = playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port.read_text().split()[0]}")
            context = browser.contexts[0]
            context.set_default_timeout(15_000)
            yield context
            browser.close()
    finally:
        process.terminate()
        process.wait(30)


def test_page_that_comes_back_by_the_back_button_goes_on(tmp_path: Path, fake: FakeShop) -> None:
    with as_a_visitor_has_it(tmp_path) as context:
        page = context.new_page()
        page.add_init_script("addEventListener('pageshow', (event) => (window.kept = event.persisted))")
        talk(page, fake)
        say(page, "Is it gold?")
        expect(ticks(page)).to_have_text(["Delivered"])
        page.locator("live-sales [part=input]").fill("half a sent")
        page.goto(f"{fake.origin}/plain")
        fake.wait(lambda: not fake.listeners)
        fake.add(sender="rep", text="It is.")
        page.evaluate("() => void setTimeout(() => history.back())")  # go_back() waits for a load that never comes
        expect(dock(page).get_by_text("It is.")).to_be_visible()
        assert page.evaluate("() => window.kept") is True
        expect(page.locator("live-sales [part=input]")).to_have_value("half a sent")
        expect(page.locator("live-sales [part=notice]")).to_be_hidden()
        say(page, "And how heavy?")
        expect(ticks(page)).to_have_text(["Delivered", "Delivered"])
        assert len(fake.listeners) == 1


def test_cookies_and_storage_blocked(tmp_path: Path, fake: FakeShop) -> None:
    fake.token = "token-1"
    with as_a_visitor_has_it(tmp_path, cookies=BLOCKED) as context:
        page = context.new_page()
        talk(page, fake)
        assert [(hello.cookies, hello.token) for hello in fake.of(wire.Hello)] == [(False, None)]
        page.locator("live-sales [part=input]").fill("half a sent")
        fake.accepting = False
        fake.drop()
        expect(dock(page).get_by_text("if this page stays open")).to_be_visible()
        fake.accepting = True
        expect(dock(page).get_by_text("Connected again.")).to_be_visible(timeout=20_000)
        assert fake.of(wire.Hello)[-1].token == "token-1"  # the same visitor, as long as the page lasts
        expect(page.locator("live-sales [part=input]")).to_have_value("half a sent")


def test_shop_within_another_site_is_another_visitor(tmp_path: Path, fake: FakeShop) -> None:
    """Storage is partitioned: what the frame keeps is not what the shop's own page keeps, and each works."""
    fake.token = "token-1"
    with as_a_visitor_has_it(tmp_path) as context:
        page = context.new_page()
        page.goto(fake.url)
        expect(dock(page).locator("[part=launcher]")).to_be_visible()
        fake.token = "token-2"
        fake.visitor = "TGl2ZVZpc2l0b3I6Mg=="
        page.goto(f"{fake.origin.replace('127.0.0.1', 'localhost')}/frame")
        frame = page.frame_locator("iframe")
        frame.get_by_role("button", name="Chat with us").click()
        expect(frame.locator("live-sales [part=position]")).to_be_visible()
        fake.session = None
        page.goto(fake.url)
        expect(dock(page).locator("[part=launcher]")).to_be_visible()
        assert [hello.token for hello in fake.of(wire.Hello)] == [None, None, "token-1"]


@pytest.fixture
def fake() -> Iterator[FakeShop]:
    shop = FakeShop()
    yield shop
    shop.stop()
