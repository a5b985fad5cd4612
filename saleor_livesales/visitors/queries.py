"""Who is on the site, for reps."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Collection

from django.db.models import Q, QuerySet

from .. import conf
from .models import Visit, Visitor, VisitorCheckout, VisitorPass


def online(
    *,
    now: datetime.datetime,
    channels: Collection[str] | None = None,
    has_cart: bool | None = None,
    assurances: Collection[str] | None = None,
    search: str | None = None,
) -> QuerySet[Visit]:
    """Visits of the visitors who are on the site now, with their visitors, newest visit first.

    The order (``started_at``, ``id``) does not change during a visit, so that a page of it can be continued. A visit
    that fell silent is left out even before the decider marked it. ``search`` looks into the name and the page.
    """
    silent_since = now - datetime.timedelta(seconds=conf.load().online_window)
    visits = Visit.objects.filter(online=True, current=True, last_seen_at__gt=silent_since)
    if channels is not None:
        visits = visits.filter(channel__in=channels)
    if has_cart is not None:
        empty = Q(cart_total__isnull=True) | Q(cart_total=0)
        visits = visits.exclude(empty) if has_cart else visits.filter(empty)
    if assurances is not None:
        visits = visits.filter(visitor__assurance__in=assurances)
    if search:
        visits = visits.filter(
            Q(visitor__name__icontains=search) | Q(page_title__icontains=search) | Q(page_url__icontains=search)
        )
    return visits.select_related("visitor").order_by("-started_at", "-id")


def current_visits(*, visitor_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Visit]:
    """The current visit of each visitor that has one, online or not."""
    return {visit.visitor_id: visit for visit in Visit.objects.filter(visitor_id__in=visitor_ids, current=True)}


def visitors_of(*, user_id: str | None, checkout_id: str | None) -> list[uuid.UUID]:
    """The visitors who are linked to this account, or who claimed this checkout."""
    found: set[uuid.UUID] = set()
    if user_id:
        found.update(Visitor.objects.filter(user_id=user_id).values_list("id", flat=True))
    if checkout_id:
        found.update(VisitorCheckout.objects.filter(checkout_id=checkout_id).values_list("visitor_id", flat=True))
    return sorted(found)


def passes(*, now: datetime.datetime) -> QuerySet[VisitorPass]:
    """Passes that are worth something at ``now``."""
    return VisitorPass.objects.filter(Q(until__isnull=True) | Q(until__gt=now), revoked_at__isnull=True)


def has_pass(*, visitor_id: uuid.UUID, channel: str, now: datetime.datetime) -> bool:
    """Whether this visitor showed a sign-in code that is good for this channel."""
    return passes(now=now).filter(visitor_id=visitor_id, channel__in=("", channel)).exists()
