"""Rows that are worked on outside a transaction, as a provider takes its time: taken for a while, then free again."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any, Final

from django.db import models

LEASE: Final = datetime.timedelta(minutes=5)  # longer than any call takes
LONGEST_PAUSE: Final = datetime.timedelta(hours=6)


def taken(rows: models.QuerySet[Any], *, now: datetime.datetime, limit: int) -> Iterator[Any]:
    """Those whose ``work_at`` has come, each with one process at a time while its lease lasts."""
    for key in list(rows.filter(work_at__lte=now).order_by("work_at", "pk").values_list("pk", flat=True)[:limit]):
        if rows.filter(pk=key, work_at__lte=now).update(work_at=now + LEASE):
            yield rows.get(pk=key)


def pause(attempts: int) -> datetime.timedelta:
    """Before the next try, after so many that failed."""
    return min(datetime.timedelta(minutes=2 ** min(attempts, 10)), LONGEST_PAUSE)
