"""Giving back a part of a charge, or all of it, because staff of the shop says so.

What is asked is kept first, and given back by a task: whoever asks waits for no provider, and nothing that was asked is
lost. The shop's books know it by our reference, which the provider keeps with it, whoever enters it there.
"""

from __future__ import annotations

import datetime
import logging
from decimal import Decimal

from django.db.models import F

from .. import shop
from ..collectors import CollectorError, FeeCollector, KeyRefused, Refused
from ..errors import NotFound
from . import charging, collector, leases
from .models import Fee, FeeRefund, FeeState, RefundState

logger = logging.getLogger(__name__)


def ask(*, charge: str, amount: Decimal, asked_as: str, now: datetime.datetime) -> FeeRefund:
    """Keep that ``amount`` is to go back, in the currency of the charge; once for each ``asked_as``.

    Raises NotFound for a charge that is none of ours.
    """
    fee = Fee.objects.filter(charge_ref=charge, state=FeeState.PAID, recorded_at__isnull=False).first()
    if fee is None or collector() is None:
        raise NotFound("No card was charged here for this.", field="charge")
    values = {"fee": fee, "amount": amount, "asked_at": now, "work_at": now}
    return FeeRefund.objects.get_or_create(asked_as=asked_as, defaults=values)[0]


def work(*, provider: FeeCollector, now: datetime.datetime, limit: int = 100) -> set[str]:
    """Give back what was asked. Orders that were looked at."""
    touched: set[str] = set()
    for row in leases.taken(FeeRefund.objects.select_related("fee"), now=now, limit=limit):
        _advance(provider, row, now)
        touched.add(row.fee.order_id)
    return touched


def _advance(provider: FeeCollector, row: FeeRefund, now: datetime.datetime) -> None:
    fee = row.fee
    try:
        try:
            provider.refund(fee.charge_ref, amount=row.amount, currency=fee.currency, reference=str(row.pk))
        except (Refused, KeyRefused) as error:
            shop.current().record_back(
                order_id=fee.order_id, payment=fee.charge_ref, kind="refund_refused", reference=str(row.pk),
                amount=row.amount, currency=fee.currency, message=f"{provider.title}: {error}",
            )  # fmt: skip
            _note(row, RefundState.REFUSED, str(error))
            return
        charging.backs(provider, fee)
    except CollectorError as error:
        logger.warning("Refund %s is tried again: %s %s", row.pk, type(error).__name__, error)
        FeeRefund.objects.filter(pk=row.pk).update(
            attempts=F("attempts") + 1, work_at=now + leases.pause(row.attempts), reason=str(error)[:64]
        )
        return
    _note(row, RefundState.MADE, "")


def _note(row: FeeRefund, state: object, reason: str) -> None:
    FeeRefund.objects.filter(pk=row.pk).update(state=state, reason=reason[:64], work_at=None, attempts=0)
