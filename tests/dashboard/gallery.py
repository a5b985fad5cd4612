"""Every state of the desk and of the owner's page, each reached as people reach it.

``python -m tests.dashboard.gallery FOLDER [STATE...]`` leaves a picture of each in light, dark and Arabic, and a page
``index.html`` that shows them side by side.
"""

from __future__ import annotations

import argparse
import html
from pathlib import Path

from playwright.sync_api import Browser, Frame, Page, expect

from .. import chromium
from . import states_of_desk, states_of_owner
from .fake import FakeShop
from .states import STATES, WIDTHS

MODULES = (states_of_desk, states_of_owner)  # importing them registers what they hold
LOOKS = ("light", "dark", "arabic")


def dress(page: Page, frame: Frame, look: str) -> None:
    """As the Dashboard tells it."""
    if look == "dark":
        page.evaluate("post('theme', {theme: 'dark'})")
        expect(frame.locator("html")).to_have_attribute("data-theme", "dark")
    elif look == "arabic":
        page.evaluate("post('localeChanged', {locale: 'ar'})")
        expect(frame.locator("html")).to_have_attribute("dir", "rtl")


def show(browser: Browser, folder: Path, wanted: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for name, reach in STATES.items():
        if wanted and name not in wanted:
            continue
        cells = []
        size = {"width": WIDTHS.get(name, 1440), "height": 900}
        context = browser.new_context(viewport=size, reduced_motion="reduce", locale="en-US")  # type: ignore[arg-type]
        page = context.new_page()
        try:
            frame = reach(page, FakeShop(context))
            for look in LOOKS:
                dress(page, frame, look)
                page.wait_for_timeout(200)
                page.screenshot(path=str(folder / f"{name}-{look}.png"))
                if look == "dark":
                    page.evaluate("post('theme', {theme: 'light'})")
                cells.append(f'<td><img src="{name}-{look}.png" alt="{html.escape(f"{name}, {look}")}" loading=lazy>')
        finally:
            context.unroute_all(behavior="ignoreErrors")
            context.close()
        rows.append(f"<tr><th scope=row>{html.escape(name)}{''.join(cells)}")
    heads = "".join(f"<th scope=col>{look}" for look in LOOKS)
    (folder / "index.html").write_text(
        "<!doctype html><meta charset=utf-8><title>States of the desk</title>"
        "<style>body{font:14px system-ui}img{max-width:620px;border:1px solid #ccc}th{padding:8px}</style>"
        f"<table><tr><th>{heads}{''.join(rows)}</table>",
        encoding="utf-8",
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("states", nargs="*", help="names of states; all without")
    given = parser.parse_args()
    with chromium.running() as chrome:
        show(chrome, given.folder, given.states)
