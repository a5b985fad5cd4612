"""What a visitor and a rep see and do, in the words of the tests."""

from __future__ import annotations

import os
import re
import urllib.parse
from pathlib import Path

from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect

from sandbox.runner.stack import Stack

SHOTS = os.environ.get("LIVESALES_SHOTS")  # a folder: every step leaves a picture there


def shoot(page: Page, name: str) -> None:
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"))


class Shop:
    """One visitor's browser on the demo storefront."""

    def __init__(self, browser: Browser, stack: Stack) -> None:
        self.stack = stack
        self.context = browser.new_context(viewport={"width": 1280, "height": 800})
        self.page = self.context.new_page()
        self.frames: list[str] = []  # everything that came over the sockets
        self.page.on("websocket", lambda socket: socket.on("framereceived", self._keep))

    def _keep(self, payload: str | bytes) -> None:
        self.frames.append(payload if isinstance(payload, str) else payload.decode())

    @property
    def widget(self) -> Locator:
        return self.page.locator("live-sales")

    @property
    def offer(self) -> Locator:
        return self.widget.get_by_role("region", name="Offer of help")

    @property
    def messages(self) -> Locator:
        return self.widget.locator("[part~=message] .text")

    @property
    def input(self) -> Locator:
        return self.widget.get_by_role("textbox")

    def look_at(self, product_id: str) -> None:
        query = urllib.parse.urlencode({"id": product_id})
        self.page.goto(f"{self.stack.urls['storefront']}product.html?{query}")
        self.page.wait_for_selector("live-sales", state="attached")

    def accept(self) -> None:
        self.offer.get_by_role("button", name="Chat now").click()

    def write(self, text: str) -> None:
        self.input.fill(text)
        self.input.press("Enter")

    def end(self) -> None:
        self.widget.locator("[part=end]").click()
        self.widget.locator("[part=confirm-end]").click()

    def leave(self) -> None:
        self.context.close()


class Desk:
    """One rep's browser: logged in to the Dashboard, the desk open in its frame."""

    def __init__(self, browser: Browser, stack: Stack, *, login: str) -> None:
        self.stack = stack
        self.context = browser.new_context(viewport={"width": 1600, "height": 900})
        self.page = self.context.new_page()
        self.page.goto(stack.urls["console"])
        self.page.locator("input[type=email], input[name=email]").first.fill(login)
        self.page.locator("input[type=password]").first.fill(stack.password)
        self.page.get_by_role("button", name=re.compile("^sign in$", re.IGNORECASE)).click()
        self.open()

    @property
    def real(self) -> bool:
        """Whether this is Saleor's own Dashboard."""
        return self.stack.dashboard is not None

    def open(self) -> None:
        if self.real:
            # Saleor's menu entry Customers is for staff with a right of Saleor's own; these reps have ours alone.
            self.page.locator("[data-test-id=menu-list]").wait_for(timeout=60_000)
            self.page.goto(f"{self.stack.urls['console']}extensions/installed")
            self.page.get_by_role("link", name="Live sales").first.click()
        else:
            self.page.get_by_text("Live sales desk").first.click()
        self.frame.get_by_role("radio", name="Online").wait_for(timeout=30_000)

    def open_settings(self) -> None:
        """For an owner: the pages of settings, in place of the desk."""
        if self.real:
            self.frame.get_by_role("button", name="Settings", exact=True).click()
        else:
            self.page.get_by_text("Live sales settings").first.click()
        self.frame.get_by_role("link", name="Channels").wait_for(timeout=30_000)

    @property
    def frame(self) -> FrameLocator:
        return self.page.frame_locator("iframe[src*='livesales']")

    @property
    def panes(self) -> Locator:
        return self.frame.get_by_test_id("pane")

    def presence(self, name: str) -> Locator:
        return self.frame.get_by_role("radio", name=name)

    def go_online(self) -> None:
        self.presence("Online").click()
        expect(self.presence("Online")).to_be_checked()
        expect(self.frame.get_by_text("Connected")).to_be_visible()

    def accept(self) -> Locator:
        """Takes the session that rings, and gives its pane."""
        ring = self.frame.get_by_test_id("ring").first
        session = ring.get_attribute("data-session")
        ring.get_by_role("button", name=re.compile("^Accept")).click()
        pane = self.pane(str(session))
        expect(pane).to_be_visible()
        return pane

    def pane(self, session: str) -> Locator:
        return self.frame.locator(f"[data-testid=pane][data-session='{session}']")

    def messages(self, pane: Locator) -> Locator:
        return pane.locator("[data-number] .bubble")

    def write(self, pane: Locator, text: str) -> None:
        box = pane.get_by_role("textbox")
        box.fill(text)
        box.press("Enter")

    def end(self, pane: Locator) -> None:
        pane.get_by_role("button", name="End", exact=True).click()
        pane.get_by_role("button", name="End session").click()

    def leave(self) -> None:
        """Ends what is open and goes offline, so that the next test finds nobody waiting."""
        ends = self.panes.get_by_role("button", name="End", exact=True)
        while ends.count():
            ends.first.click()
            self.frame.get_by_role("button", name="End session").click()
            expect(self.frame.get_by_role("button", name="End session")).to_have_count(0)
            self.page.wait_for_timeout(500)
        self.presence("Offline").click()
        expect(self.presence("Offline")).to_be_checked()
        self.context.close()
