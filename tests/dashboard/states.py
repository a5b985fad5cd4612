"""The register of states: each module of them adds its own, gallery and tests walk through all."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Frame, Page

from .fake import FakeShop

State = Callable[[Page, FakeShop], Frame]
STATES: dict[str, State] = {}
WIDTHS: dict[str, int] = {"panes-1024": 1024, "panes-2560": 2560, "four-conversations": 1920}


def state(reach: State) -> State:
    STATES[reach.__name__.replace("_", "-")] = reach
    return reach
