"""Celery tasks of the letters room; ``saleor_livesales.tasks`` gathers them. Run by beat; safe to run twice at once."""

from __future__ import annotations

import datetime

from celery import shared_task

from .. import shop
from . import actions, batches, posting


@shared_task(name="livesales.letters_work", ignore_result=True)
def letters_work() -> int:
    """Draw the batches that wait, remove files, and cancel letters whose code ended. No code is in it."""
    with shop.current().writer():
        if not shop.current().active():
            return 0
        now = datetime.datetime.now(datetime.UTC)
        actions.cancel_ended(now=now)
        return batches.work(now=now)


@shared_task(name="livesales.letters_post", ignore_result=True)
def letters_post() -> int:
    """Give letters to providers, and act on what these told. Requests to them take their time: a task by itself."""
    with shop.current().writer():
        return posting.work(now=datetime.datetime.now(datetime.UTC)) if shop.current().active() else 0
