"""Celery tasks of the codes room; ``saleor_livesales.tasks`` gathers them. No code is ever an argument."""

from __future__ import annotations

import datetime

from celery import shared_task

from .. import shop
from . import actions, tries


@shared_task(name="livesales.codes_expire", ignore_result=True)
def expire_codes() -> int:
    """Give codes whose time is over that state, and forget old counts of tries. Run by beat; safe to run twice."""
    now = datetime.datetime.now(datetime.UTC)
    with shop.current().writer():
        tries.forget(now=now)
        return actions.expire_due(now=now)
