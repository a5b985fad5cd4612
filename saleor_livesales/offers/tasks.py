"""Celery tasks of the offers room; ``saleor_livesales.tasks`` gathers them."""

from __future__ import annotations

import datetime

from celery import shared_task

from .. import shop
from . import partitions


@shared_task(name="livesales.offers_partitions")
def make_partitions() -> list[str]:
    """The next months of the decisions' table. Run hourly by beat. Returns the names of those that were made."""
    with shop.current().writer():
        return partitions.ensure_partitions(now=datetime.datetime.now(datetime.UTC))
