"""What providers tell of charges and methods: checked, kept once, and then acted on by asking how things stand now.

So reports may come twice, late, in any order, or never: the sweep asks what was missed.
"""

from __future__ import annotations

import datetime
import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from django.db.models import F
from django.http import HttpRequest, HttpResponse

from ..collectors import BadSignature, CollectorError, Event, FeeCollector
from . import charging, collector, leases, methods
from .models import Fee, FeeEvent, FeesSwept, FeeState

logger = logging.getLogger(__name__)

PREFIX: Final = "webhooks/fees/"
BODY_LIMIT: Final = 1_000_000  # bytes
KEEP: Final = datetime.timedelta(days=40)  # longer than a provider tells again, and than the sweep looks back
FIRST: Final = datetime.timedelta(days=3)  # how far the first sweep looks back
OVERLAP: Final = datetime.timedelta(hours=6)  # of one with the next, for what a provider lists late
FARTHEST: Final = datetime.timedelta(days=29)  # providers keep what they told for 30 days
PATIENCE: Final = 5  # times that a charge is looked for which we have not noted yet


@dataclass
class Touched:
    """What may stand otherwise than before."""

    orders: set[str] = field(default_factory=set)
    users: set[str] = field(default_factory=set)  # whose payment method is another one, or none


def respond(name: str, request: HttpRequest, *, now: datetime.datetime) -> HttpResponse:
    """Answer a provider. 404: not set up here. 400: it did not send this. 200: kept."""
    provider = collector()
    if provider is None or provider.name != name:
        return _plain("Not found.", 404)
    if request.method != "POST":
        return _plain("Only POST.", 405)
    length = request.headers.get("Content-Length") or ""
    if not length.isdecimal() or int(length) > BODY_LIMIT:
        return _plain("Too large.", 413)
    try:
        event = provider.read_event(body=request.body, headers=_headers(request), now=now)
    except BadSignature as error:
        logger.warning("A report of %s was refused: %s", name, error)
        return _plain("Refused.", 400)
    except (ValueError, TypeError, AttributeError, KeyError, json.JSONDecodeError):
        return _plain("Not understood.", 400)
    keep(provider, [event], now=now)
    return _plain("Kept.", 200)


def _plain(text: str, status: int) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")


def _headers(request: HttpRequest) -> Mapping[str, str]:
    return dict(request.headers)


def keep(provider: FeeCollector, events: Iterable[Event], *, now: datetime.datetime) -> None:
    rows = [
        FeeEvent(
            collector=provider.name,
            event_id=event.id,
            kind=event.kind,
            charge_ref=event.charge,
            link_ref=event.link,
            method_ref=event.method,
            received_at=now,
            work_at=now,
        )
        for event in events
        if event.charge or event.link or event.method
    ]
    FeeEvent.objects.bulk_create(rows, ignore_conflicts=True)


def sweep(*, now: datetime.datetime) -> int:
    """Ask the provider what it told, or could not tell, since the last sweep that went through. How many events."""
    provider = collector()
    if provider is None:
        return 0
    mark = FeesSwept.objects.filter(pk=provider.name).first()
    since = now - FIRST if mark is None else max(mark.until - OVERLAP, now - FARTHEST)
    try:
        found = list(provider.events_since(since))
    except CollectorError as error:  # the next sweep looks back farther
        logger.warning("%s did not say what it told: %s %s", provider.name, type(error).__name__, error)
        return 0
    keep(provider, found, now=now)
    FeesSwept.objects.update_or_create(
        pk=provider.name, defaults={"until": now}, create_defaults={"collector": provider.name, "until": now}
    )
    FeeEvent.objects.filter(work_at__isnull=True, received_at__lt=now - KEEP).delete()
    return len(found)


def act(*, now: datetime.datetime, limit: int = 200) -> Touched:
    """Act on the events that are kept; any number of workers at once."""
    touched = Touched()
    provider = collector()
    if provider is None:
        return touched
    for event in leases.taken(FeeEvent.objects.filter(collector=provider.name), now=now, limit=limit):
        try:
            done = _act(provider, event, touched, now) or event.attempts >= PATIENCE
        except CollectorError as error:
            logger.warning("Report %s waits: %s %s", event.pk, type(error).__name__, error)
            done = False
        if done:
            FeeEvent.objects.filter(pk=event.pk).update(work_at=None)
        else:
            FeeEvent.objects.filter(pk=event.pk).update(
                attempts=F("attempts") + 1, work_at=now + leases.pause(event.attempts)
            )
    return touched


def _act(provider: FeeCollector, event: FeeEvent, touched: Touched, now: datetime.datetime) -> bool:
    """Whether it is done with: a charge that is not ours, or not noted yet, is looked for some times more."""
    if event.link_ref or event.method_ref:
        touched.users |= methods.told(provider=provider, link_ref=event.link_ref, method_ref=event.method_ref, now=now)
        return True
    fee = Fee.objects.select_related("method").filter(charge_ref=event.charge_ref).first()
    if fee is None:
        return False
    touched.orders.add(fee.order_id)
    if fee.state in charging.OPEN or (fee.state == FeeState.PAID and fee.recorded_at is None):
        # Whoever has it on lease goes on; else it is looked at now.
        Fee.objects.filter(pk=fee.pk, work_at__gt=now + leases.LEASE).update(work_at=now)
        for taken in leases.taken(Fee.objects.select_related("method").filter(pk=fee.pk), now=now, limit=1):
            charging.advance(taken, now=now)
        fee.refresh_from_db()
        if fee.work_at is not None:
            return fee.state == FeeState.PENDING
    if event.kind == "back":
        charging.backs(provider, fee)
    return True
