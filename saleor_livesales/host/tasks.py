"""Keeps the Dashboard's rows as they should be, whatever happened to them."""

from __future__ import annotations

import logging
from typing import Any, Final

from celery import shared_task
from django.apps import apps
from django.conf import settings
from django.db.models.signals import post_migrate

from . import registration

logger = logging.getLogger(__name__)

REPAIR_EVERY: Final = 600.0  # seconds: how long an entry stays wrong that somebody removed, or an old address


@shared_task(name="livesales.registration")
def repair() -> None:
    """Brings App and extensions in line with whether the plugin is switched on. Safe to run twice at once."""
    registration.bring_up_to_date()


def schedule_repair() -> None:
    schedule: dict[str, Any] = settings.CELERY_BEAT_SCHEDULE
    schedule["livesales.registration"] = {"task": "livesales.registration", "schedule": REPAIR_EVERY}


def watch_migrations() -> None:
    """After an upgrade's migrations the rows are brought up to date: a signal, as Django offers nothing else."""
    sender = apps.get_app_config("saleor_livesales")
    post_migrate.connect(_migrated, sender=sender, dispatch_uid="saleor_livesales.registration")


def _migrated(*, using: str, plan: object = (), **_: object) -> None:
    if using != "default":
        return
    try:
        registration.bring_up_to_date()
    except Exception:  # a migration of the shop never fails for the sake of a menu entry; beat repairs it
        logger.exception("The Dashboard's entries were not brought up to date.")
