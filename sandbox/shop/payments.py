"""Charges by providers in an order's books, as Saleor's transactions are entered and reported on."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from . import actions, hooks
from .models import ChargeStatus, Order, Payment, PaymentEvent


def charged(order: Order) -> Decimal:
    """What is paid of it and was not given back."""
    if order.charge_status == ChargeStatus.FULL:
        return order.total_gross_amount
    paid = order.payments.aggregate(Sum("amount"))["amount__sum"] or Decimal(0)
    return max(Decimal(0), paid - order.refunded_amount - _taken(order))


def _taken(order: Order) -> Decimal:
    """What banks took from the shop, less what they gave again."""
    sums = dict(
        PaymentEvent.objects.filter(payment__order=order).order_by().values_list("kind").annotate(Sum("amount"))
    )
    return sums.get("chargeback", Decimal(0)) - sums.get("reinstated", Decimal(0))


@transaction.atomic
def record(*, order: Order, reference: str, amount: Decimal, name: str, now: datetime.datetime) -> None:
    """Entered before, it is not entered again."""
    order = Order.objects.select_for_update().get(pk=order.pk)
    _, new = Payment.objects.get_or_create(
        order=order, reference=reference, defaults={"amount": amount, "name": name, "created_at": now}
    )
    if new and charged(order) >= order.total_gross_amount:
        actions.mark_paid(order=order, now=now)


@transaction.atomic
def record_back(
    *, order_id: uuid.UUID | None, payment: str, kind: str, reference: str, amount: Decimal, now: datetime.datetime
) -> None:
    order = Order.objects.select_for_update().filter(pk=order_id).first()
    row = Payment.objects.filter(order=order, reference=payment).first() if order else None
    if order is None or row is None:
        return
    if kind == "refund_refused":
        kind = "refund_failed"  # nothing waits here for what was asked: it went back before, or there is nothing to do
    if kind == "refund_failed" and not row.events.filter(kind="refund", reference=reference).exists():
        return
    _, new = PaymentEvent.objects.get_or_create(
        payment=row, kind=kind, reference=reference, defaults={"amount": amount}
    )
    if not new:
        return
    if kind == "refund":
        actions.refund_order(order=order, amount=amount, now=now)
        return
    if kind == "refund_failed":
        order.refunded_amount -= amount
    order.charge_status = ChargeStatus.NONE
    left = charged(order)
    if left >= order.total_gross_amount:
        order.charge_status = ChargeStatus.FULL
    elif left > 0:
        order.charge_status = ChargeStatus.PARTIAL
    order.updated_at = now
    order.save(update_fields=["refunded_amount", "charge_status", "updated_at"])
    hooks.order_changed(
        "order_fully_paid" if order.charge_status == ChargeStatus.FULL else "order_refunded", order, now
    )
