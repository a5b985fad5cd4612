"""Working the inbox off: at least once, each event in a transaction of its own, any number of workers at once."""

from __future__ import annotations

import datetime
import logging
import uuid
from typing import Final

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, Value
from django.db.models.functions import Least, Power

from . import handlers
from .models import ShopEvent

logger = logging.getLogger(__name__)

FIRST_WAIT: Final = datetime.timedelta(seconds=15)
MOST_WAITS: Final = 1440  # times the first wait: at most six hours between an event and its next try
MOST_ATTEMPTS: Final = 30  # then it stays in the table, with the type of its error, for somebody to look at


def work_off(*, now: datetime.datetime, limit: int = 100) -> int:
    """Handle up to ``limit`` events that are due, the oldest first. Returns how many were handled.

    One that fails is tried again after 15 s, 45 s, 105 s ... (counted from when it came), and holds up no other.
    """
    wait = ExpressionWrapper(
        Value(FIRST_WAIT) * (Least(Power(2, F("attempts")), MOST_WAITS) - 1), output_field=DurationField()
    )
    due_at = ExpressionWrapper(F("created_at") + wait, output_field=DateTimeField())
    due = (
        ShopEvent.objects.filter(done_at__isnull=True, attempts__lt=MOST_ATTEMPTS)
        .annotate(next_at=due_at)
        .filter(next_at__lte=now)
        .order_by("created_at", "id")
        .values_list("id", flat=True)[:limit]
    )
    return sum(_work_one(event_id, now) for event_id in list(due))


def _work_one(event_id: uuid.UUID, now: datetime.datetime) -> bool:
    """Handle one event under its lock. False: somebody else has it, it is done, or it failed."""
    with transaction.atomic():
        event = ShopEvent.objects.select_for_update(skip_locked=True).filter(id=event_id, done_at__isnull=True).first()
        if event is None:
            return False
        try:
            with transaction.atomic():
                handlers.handle(event=event, now=now)
        except (OperationalError, InterfaceError):
            raise  # the database is away, or took us for a deadlock: not the event's fault
        except Exception as error:
            logger.exception("An event of the shop could not be handled: %s %s", event.kind, event.id)
            event.attempts += 1
            event.error = type(error).__name__[:500]
            event.save(update_fields=["attempts", "error"])
            return False
        event.done_at = now
        event.error = ""
        event.save(update_fields=["done_at", "error"])
    return True
