"""Taking in what the shop reports. One row, in the caller's transaction where there is one."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Literal

from django.db import transaction

from . import nudge
from .kinds import KINDS
from .models import ShopEvent


def record(
    *,
    kind: str,
    object_id: str,
    payload: Mapping[str, Any],
    source: Literal["hook", "sweep"] = "hook",
    now: datetime.datetime,
) -> ShopEvent:
    """Keep one report for the worker, with one INSERT, and wake the worker after the commit.

    A broker that is away costs nothing: beat works the inbox off every few seconds anyway. Raises ValueError for a kind
    that nothing handles.
    """
    if kind not in KINDS:
        raise ValueError(f"Nothing handles {kind!r} in the inbox.")
    event = ShopEvent(kind=kind, object_id=object_id, payload=dict(payload), source=source, created_at=now)
    event.save(force_insert=True)
    transaction.on_commit(nudge.worker, robust=True)
    return event
