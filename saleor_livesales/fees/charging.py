"""Charging a saved method for an order of the shop: once, whatever is doubled, late, or lost.

A charge is made at the provider and kept here before it is confirmed; only that one is ever confirmed, and asked about
afterwards. What was charged is entered in the shop's books in the transaction that notes it. Money that is not owed any
more when it arrives (the order was paid otherwise meanwhile, or cancelled) goes back at once, and is no part of them.
No transaction is open while the provider is asked.
"""

from __future__ import annotations

import datetime
import logging
import uuid
from collections.abc import Collection
from typing import Final

from django.db import transaction
from django.db.models import F

from .. import shop
from ..collectors import FINAL_REASONS, CollectorError, FeeCollector, Outcome, Refused, Wanted
from . import collector, leases, methods
from .models import Fee, FeeState, MethodState, SavedMethod

logger = logging.getLogger(__name__)

OPEN: Final = (FeeState.PLANNED, FeeState.MADE, FeeState.PENDING)
GONE: Final = frozenset({"resource_missing", "payment_method_gone", "payment_method_unexpected_state"})
LOOK_EVERY: Final = datetime.timedelta(hours=1)  # at a charge on which the bank is silent; providers tell sooner


def collect(*, user_id: str, order: shop.Order, reference: str, number: int, now: datetime.datetime) -> Fee | None:
    """Try to charge what the order still costs, on the ``number``-th of the days it is tried on.

    The latest try as it stands afterwards, which is an earlier one where nothing new is to be tried: that day was tried
    already, or the bank refused for good. None: the account has no method, or nobody charges them here.
    """
    fee = _next(user_id=user_id, order=order, reference=reference, number=number, now=now)
    if fee is None or fee.work_at is None or fee.work_at > now:
        return fee
    for row in leases.taken(Fee.objects.filter(pk=fee.pk), now=now, limit=1):
        advance(row, now=now)
    return Fee.objects.select_related("method").get(pk=fee.pk)


def _next(*, user_id: str, order: shop.Order, reference: str, number: int, now: datetime.datetime) -> Fee | None:
    provider = collector()
    if provider is None:
        return None
    with transaction.atomic():
        method = (
            SavedMethod.objects.select_for_update()
            .filter(user_id=user_id, state=MethodState.SAVED, collector=provider.name)
            .first()
        )
        latest = Fee.objects.select_related("method").filter(order_id=order.id).order_by("-created_at", "-id").first()
        if latest is not None and (latest.state in OPEN or latest.state in (FeeState.PAID, FeeState.RETURNING)):
            return latest
        if method is None or order.outstanding <= 0:
            return None
        refused = latest is not None and latest.state == FeeState.REFUSED and latest.method_id == method.pk
        if refused and (latest.number >= number or latest.reason in FINAL_REASONS):
            return latest
        fee, _ = Fee.objects.get_or_create(
            order_id=order.id,
            method=method,
            number=number,
            defaults={
                "user_id": user_id,
                "reference": reference,
                "order_number": order.number,
                "amount": order.outstanding,
                "currency": order.currency,
                "created_at": now,
                "work_at": now,
            },
        )
    return fee


def advance(fee: Fee, *, now: datetime.datetime) -> None:
    """Do what comes next for a try that this process has taken. Never raises for the provider's sake."""
    provider = collector()
    if provider is None:  # switched off in between: kept as it is
        Fee.objects.filter(pk=fee.pk, work_at__isnull=False).update(work_at=now + LOOK_EVERY)
        return
    try:
        _advance(provider, fee, now)
    except CollectorError as error:
        Fee.objects.filter(pk=fee.pk, work_at__isnull=False).update(
            attempts=F("attempts") + 1,
            error=f"{type(error).__name__} {error}"[:64],
            work_at=now + leases.pause(fee.attempts),
        )
        logger.warning("Fee %s is tried again: %s %s", fee.pk, type(error).__name__, error)


def _advance(provider: FeeCollector, fee: Fee, now: datetime.datetime) -> None:
    outcome: Outcome | None = None
    if fee.state == FeeState.PLANNED:
        if not _owed(fee):
            _note(fee, FeeState.DROPPED, now=now)
            return
        try:
            fee.charge_ref = provider.make(_wanted(fee), key=f"fee-{fee.pk}")
        except Refused as error:
            _refused(fee, str(error), now=now)
            return
        Fee.objects.filter(pk=fee.pk, state=FeeState.PLANNED).update(state=FeeState.MADE, charge_ref=fee.charge_ref)
        fee.refresh_from_db()
        outcome = Outcome(state="open")
    if fee.state in (FeeState.MADE, FeeState.PENDING):
        outcome = outcome or provider.look(fee.charge_ref)
        if outcome.state == "open":
            if _owed(fee):
                outcome = provider.confirm(fee.charge_ref, method=fee.method.method_ref)
            else:
                outcome = provider.cancel(fee.charge_ref)
        _settle(fee, outcome, now=now)
        fee.refresh_from_db()
    if fee.state == FeeState.PAID and fee.recorded_at is None:
        _record(provider, fee, now=now)
        fee.refresh_from_db()
    if fee.state == FeeState.RETURNING:
        provider.give_back(fee.charge_ref, key=f"return-{fee.pk}")
        _note(fee, FeeState.RETURNED, now=now)
        logger.warning("Fee %s was paid and not owed any more: given back", fee.pk)


def _owed(fee: Fee) -> bool:
    """Whether the order still waits for this money, and its owner still leaves the method to us."""
    order = shop.current().orders([fee.order_id]).get(fee.order_id)
    saved = SavedMethod.objects.filter(pk=fee.method_id, state=MethodState.SAVED).exists()
    return order is not None and saved and not order.cancelled and not order.paid and order.outstanding >= fee.amount


def _wanted(fee: Fee) -> Wanted:
    return Wanted(
        customer=fee.method.customer_ref,
        method=fee.method.method_ref,
        method_kind=fee.method.kind,
        amount=fee.amount,
        currency=fee.currency,
        description=f"Order {fee.order_number}",
        metadata={"saleor_order": fee.order_id, "livesales_fee": str(fee.pk)},
    )


def _settle(fee: Fee, outcome: Outcome, *, now: datetime.datetime) -> None:
    match outcome.state:
        case "paid":
            Fee.objects.filter(pk=fee.pk, state__in=OPEN).update(
                state=FeeState.PAID, settled_at=now, work_at=now + leases.LEASE, attempts=0, error=""
            )
        case "pending" | "open":
            Fee.objects.filter(pk=fee.pk, state__in=OPEN).update(
                state=FeeState.PENDING if outcome.state == "pending" else FeeState.MADE,
                work_at=now + LOOK_EVERY, attempts=0, error="",
            )  # fmt: skip
        case "refused":
            _refused(fee, outcome.reason, now=now)
        case "cancelled":
            _note(fee, FeeState.DROPPED, now=now)


def _refused(fee: Fee, reason: str, *, now: datetime.datetime) -> None:
    if reason in GONE:
        reason = "payment_method_gone"
        methods.lost(fee.method, now=now)
    _note(fee, FeeState.REFUSED, now=now, reason=reason)


def _note(fee: Fee, state: object, *, now: datetime.datetime, reason: str = "") -> None:
    """The end of a try."""
    rows = Fee.objects.filter(pk=fee.pk, work_at__isnull=False)
    rows.exclude(state=FeeState.PAID, recorded_at__isnull=False).update(
        state=state, reason=reason, settled_at=now, work_at=None, attempts=0, error=""
    )


def _record(provider: FeeCollector, fee: Fee, *, now: datetime.datetime) -> None:
    """Enter it in the shop's books: in the transaction that says so here, on the locked row."""
    with transaction.atomic():
        row = Fee.objects.select_for_update().get(pk=fee.pk)
        if row.state != FeeState.PAID or row.recorded_at is not None:
            return
        order = shop.current().orders([row.order_id]).get(row.order_id)
        if order is None or order.cancelled or order.paid:
            row.state = FeeState.RETURNING
            row.save(update_fields=["state"])
            return
        method = fee.method
        shop.current().record_payment(
            order_id=row.order_id,
            reference=row.charge_ref,
            amount=row.amount,
            currency=row.currency,
            name=f"{provider.title}, {method.brand} {method.last_digits}".strip(),
            url=provider.page_of(row.charge_ref),
        )
        row.recorded_at, row.work_at = now, None
        row.save(update_fields=["recorded_at", "work_at"])


def backs(provider: FeeCollector, fee: Fee) -> bool:
    """Enter in the shop's books what of a charge went back. Whether there was anything. Raises CollectorError."""
    found = provider.backs(fee.charge_ref) if fee.recorded_at is not None else ()
    for back in found:
        shop.current().record_back(
            order_id=fee.order_id,
            payment=fee.charge_ref,
            kind="refund_refused" if back.asked and back.kind == "refund_failed" else back.kind,
            reference=back.reference,
            amount=back.amount,
            currency=fee.currency,
        )
    return bool(found)


def work(*, now: datetime.datetime, limit: int = 100) -> set[str]:
    """Go on with tries that were left in the middle, or wait for their bank. Orders that were looked at."""
    touched: set[str] = set()
    for fee in leases.taken(Fee.objects.select_related("method"), now=now, limit=limit):
        advance(fee, now=now)
        touched.add(fee.order_id)
    return touched


def noticed(fee_id: uuid.UUID, *, now: datetime.datetime) -> None:
    """Its owner was told that it was refused."""
    Fee.objects.filter(pk=fee_id, noticed_at__isnull=True).update(noticed_at=now)


def of_references(references: Collection[str]) -> dict[str, list[Fee]]:
    """All tries for each reference, the latest first. One query."""
    found: dict[str, list[Fee]] = {}
    rows = Fee.objects.filter(reference__in=references).select_related("method")
    for fee in rows.order_by("-created_at", "-id"):
        found.setdefault(fee.reference, []).append(fee)
    return found
