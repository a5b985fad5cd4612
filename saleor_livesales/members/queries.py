"""Reading plans and memberships. What is overdue by the clock is read as having happened."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum

from .. import shop
from ..fees import charging
from ..fees.models import Fee
from . import machine
from .models import Charge, Membership, MembershipChange, Plan, Renewal

FOUND_USERS = 500  # accounts that a search looks for memberships of


def plans(*, only_active: bool) -> list[Plan]:
    """All plans, the highest level first."""
    found = Plan.objects.order_by("-level", "name", "id")
    return list(found.filter(active=True) if only_active else found)


def best_of(user_ids: Collection[str], *, now: datetime.datetime) -> Mapping[str, Membership]:
    """Of each account the membership that counts: one that holds before one that has ended, the higher level first,
    then the one that lasts longest. One query."""
    found: dict[str, Membership] = {}

    def rank(row: Membership) -> tuple[bool, int, datetime.datetime]:
        return machine.entitled(row=row, now=now), row.plan.level, row.paid_until

    for row in Membership.objects.filter(user_id__in=user_ids).select_related("plan"):
        if row.user_id not in found or rank(row) > rank(found[row.user_id]):
            found[row.user_id] = row
    return found


def entitled_level(user_id: str, *, now: datetime.datetime) -> int | None:
    """The level of the account's membership at this moment; None for whoever is no member."""
    best = best_of([user_id], now=now).get(user_id)
    return best.plan.level if best is not None and machine.entitled(row=best, now=now) else None


def memberships(
    *, states: Collection[str] | None = None, plan_id: uuid.UUID | None = None, search: str = "", now: datetime.datetime
) -> QuerySet[Membership]:
    """For the owner. ``states`` are those at ``now``; ``search`` is for name or address of the account."""
    found = Membership.objects.select_related("plan")
    if plan_id is not None:
        found = found.filter(plan_id=plan_id)
    if text := search.strip():
        found = found.filter(user_id__in=shop.current().find_users(text, FOUND_USERS))
    if states is not None:
        # Beat writes down what the clock changes within a minute; what it has not is told apart here.
        fresh = Q(state__in=states) & (Q(due_at__isnull=True) | Q(due_at__gt=now))
        late = [row.pk for row in found.filter(due_at__lte=now) if machine.standing(row=row, now=now) in states]
        found = found.filter(fresh | Q(pk__in=late))
    return found


def charges_of(membership_ids: Collection[uuid.UUID], *, limit: int) -> Mapping[uuid.UUID, list[Charge]]:
    """The latest charges of each membership. One query."""
    found: dict[uuid.UUID, list[Charge]] = {key: [] for key in membership_ids}
    for charge in Charge.objects.filter(membership__in=membership_ids).order_by("-created_at", "-id"):
        if charge.membership_id is not None and len(found[charge.membership_id]) < limit:
            found[charge.membership_id].append(charge)
    return found


def changes_of(membership_ids: Collection[uuid.UUID], *, limit: int) -> Mapping[uuid.UUID, list[MembershipChange]]:
    """The latest changes of each membership. One query."""
    found: dict[uuid.UUID, list[MembershipChange]] = {key: [] for key in membership_ids}
    for line in MembershipChange.objects.filter(membership__in=membership_ids).order_by("-at", "-id"):
        if len(found[line.membership_id]) < limit:
            found[line.membership_id].append(line)
    return found


def fees_of(membership_ids: Collection[uuid.UUID], *, limit: int) -> Mapping[uuid.UUID, list[Fee]]:
    """The latest tries to charge the payment methods of these memberships' accounts. Two queries."""
    renewals = Renewal.objects.filter(membership__in=membership_ids).values_list("pk", "membership_id")
    owners = {str(renewal): membership for renewal, membership in renewals}
    found: dict[uuid.UUID, list[Fee]] = {key: [] for key in membership_ids}
    for reference, rows in charging.of_references(owners).items():
        found[owners[reference]] += rows
    return {
        key: sorted(rows, key=lambda fee: (fee.created_at, fee.pk), reverse=True)[:limit] for key, rows in found.items()
    }


@dataclass(frozen=True, kw_only=True)
class Income:
    """What came in by charges of a span of time, in one currency. ``refunded`` is what of these went back."""

    currency: str
    charged: Decimal
    refunded: Decimal

    @property
    def kept(self) -> Decimal:
        return self.charged - self.refunded


def income(*, since: datetime.datetime, until: datetime.datetime) -> list[Income]:
    """Charges made from ``since`` to before ``until``, by currency. One query."""
    rows = (
        Charge.objects.filter(created_at__gte=since, created_at__lt=until)
        .exclude(currency="")
        .values("currency")
        .annotate(charged=Sum("amount"), given_back=Sum("refunded"))
        .order_by("currency")
    )
    return [Income(currency=row["currency"], charged=row["charged"], refunded=row["given_back"]) for row in rows]
