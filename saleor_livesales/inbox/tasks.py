"""Celery tasks of the inbox; ``saleor_livesales.tasks`` gathers them."""

from __future__ import annotations

import datetime

from celery import shared_task

from .. import shop
from . import sweeps, work


@shared_task(name="livesales.inbox_work_off", ignore_result=True)
def work_off() -> int:
    """Handle what the shop reported. Woken by each report, run by beat every 15 s; any number at once."""
    with shop.current().writer():
        return work.work_off(now=_now())


@shared_task(name="livesales.inbox_sweep", ignore_result=True)
def sweep() -> int:
    """Record what was never reported. Run by beat; twice at once records an event twice, which changes nothing."""
    with shop.current().writer():
        now = _now()
        return sweeps.orders(now=now) + sweeps.accounts(now=now)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
