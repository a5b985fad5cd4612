"""The stills of README's tour: ``python -m tests.tour`` writes them into docs/images.

The widget and the desk are the built ones; the shop behind them is the one of the galleries.
"""

from __future__ import annotations

import base64
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, expect

from . import chromium
from .dashboard import gallery as desk
from .dashboard.fake import FakeShop as DeskShop
from .storefront import gallery as widget
from .storefront.fake import FakeShop
from .storefront.steps import dock

IMAGES = Path(__file__).parent.parent / "docs" / "images"
QUALITY = 82
SMALL: ViewportSize = {"width": 900, "height": 640}
WIDE: ViewportSize = {"width": 1440, "height": 860}

# A product page with nothing of anybody's on it.
PAGE = """<style>
body { margin: 0; padding: 40px 48px; font: 16px/1.5 Georgia, serif; color: #2a2622; background: #fbf9f6 }
body::before { content: ""; float: left; width: 340px; height: 420px; margin-right: 40px; border-radius: 4px;
  background: radial-gradient(circle at 50% 48%,
    #fbf9f6 0 84px, #d9b25f 85px 104px, #b98b33 105px 112px, #efe8dd 113px) }
h1 { margin: 24px 0 8px; font-size: 38px; font-weight: 400 }
p { font-size: 20px; margin: 0 0 28px }
body > button { padding: 14px 28px; border: 0; background: #2a2622; color: #fbf9f6; font: inherit }
</style>"""


def shoot(page: Page, name: str) -> None:
    cdp = page.context.new_cdp_session(page)
    told = cdp.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    (IMAGES / f"{name}.webp").write_bytes(base64.b64decode(told["data"]))


def visitors(browser: Browser) -> None:
    for name in ("offer", "conversation"):
        context = browser.new_context(viewport=SMALL, reduced_motion="reduce")
        page = context.new_page()
        fake = FakeShop()
        fake.head = PAGE
        try:
            if name == "offer":
                page.goto(fake.url)
                fake.wait(lambda shop=fake: shop.called("LiveOpenSession"))
                fake.offer("Hello! Shall I show you how the bracelet is made?")
                expect(dock(page).locator("[part=offer]")).to_be_visible()
            else:
                widget.STATES[name](page, fake)
            page.wait_for_timeout(300)
            shoot(page, f"tour-{name}")
        finally:
            fake.stop()
            context.close()


def console(browser: Browser) -> None:
    for name, looks in (("three-conversations", ("light", "dark")), ("appearance", ("light",))):
        context = browser.new_context(viewport=WIDE, reduced_motion="reduce", locale="en-US")
        page = context.new_page()
        try:
            frame = desk.STATES[name](page, DeskShop(context))
            for look in looks:
                desk.dress(page, frame, look)
                page.wait_for_timeout(400)
                shoot(page, f"tour-{'desk' if name != 'appearance' else name}-{look}".removesuffix("-light"))
        finally:
            context.unroute_all(behavior="ignoreErrors")
            context.close()


if __name__ == "__main__":
    with chromium.running() as chrome:
        visitors(chrome)
        console(chrome)
