"""Charges of ours in Saleor's books: a transaction of the order, by Saleor's own mutations, in the
name of the App that Saleor asks for refunds (``refunds``)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from saleor.payment import TransactionEventType
from saleor.payment.models import TransactionItem

from .. import shop
from . import mutations
from .keys import uuids
from .names import PAYMENTS_ID

AGAIN: Final = ["REFUND"]  # what staff may ask for in the Dashboard
EVENTS: Final = {
    "refund": TransactionEventType.REFUND_SUCCESS,
    "refund_failed": TransactionEventType.REFUND_REVERSE,
    "refund_refused": TransactionEventType.REFUND_REVERSE,
    "chargeback": TransactionEventType.CHARGE_BACK,
    "reinstated": TransactionEventType.CHARGE_SUCCESS,
}


def _entered(order_id: str, reference: str) -> TransactionItem | None:
    rows = TransactionItem.objects.filter(order_id__in=uuids("Order", [order_id]).values(), psp_reference=reference)
    return rows.filter(app_identifier=PAYMENTS_ID).order_by("pk").first()


def record(*, order_id: str, reference: str, amount: Decimal, currency: str, name: str, url: str) -> None:
    """By transactionCreate."""
    if _entered(order_id, reference) is not None:
        return
    value = {
        "name": name,
        "pspReference": reference,
        "amountCharged": {"amount": str(amount), "currency": currency},
        "externalUrl": url,
        "availableActions": AGAIN,
    }
    mutations.run("transactionCreate", id=order_id, transaction=value)


def record_back(
    *, order_id: str, payment: str, kind: shop.BackKind, reference: str, amount: Decimal, message: str
) -> None:
    """By transactionEventReport, which knows again what it was told before."""
    row = _entered(order_id, payment)
    if row is None:
        return
    event = EVENTS[kind]
    more: dict[str, Any] = {"message": message} if message else {}
    if kind in ("refund_failed", "refund_refused"):
        more["availableActions"] = AGAIN
        if not row.events.filter(type=TransactionEventType.REFUND_SUCCESS, psp_reference=reference).exists():
            if kind == "refund_failed":
                return
            event = TransactionEventType.REFUND_FAILURE  # pending until now
    mutations.run(
        "transactionEventReport",
        token=str(row.token),
        type=event.upper(),
        amount=str(amount),
        pspReference=reference,
        **more,
    )
