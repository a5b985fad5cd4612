"""Celery tasks of the sessions room; ``saleor_livesales.tasks`` gathers them."""

from __future__ import annotations

import datetime

from celery import shared_task

from .. import shop
from . import inquiries


@shared_task(name="livesales.mail_inquiries")
def mail_inquiries() -> int:
    """Mail the messages that visitors left. Run by beat; safe to run twice at once. How many were sent."""
    with shop.current().writer():
        return inquiries.mail_due(now=datetime.datetime.now(datetime.UTC))
