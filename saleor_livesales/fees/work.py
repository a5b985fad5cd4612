"""What beat does for fees."""

from __future__ import annotations

import datetime

from . import charging, collector, events, methods, refunds


def work(*, now: datetime.datetime) -> events.Touched:
    """Act on what was told, look at what nobody told of, and go on with what was left in the middle."""
    touched = events.act(now=now)
    provider = collector()
    if provider is not None:
        touched.users |= methods.work(provider=provider, now=now)
        touched.orders |= charging.work(now=now)
        touched.orders |= refunds.work(provider=provider, now=now)
    return touched
