"""Celery tasks of the pictures room; ``saleor_livesales.tasks`` gathers them."""

from __future__ import annotations

import datetime

from celery import shared_task

from .. import shop
from . import actions


@shared_task(name="livesales.pictures_sweep")
def sweep_pictures() -> int:
    """Remove what was never sent, and pictures of sessions that are gone. Run by beat; safe to run twice at once."""
    with shop.current().writer():
        return actions.sweep(now=datetime.datetime.now(datetime.UTC))
