"""Charges of ours in Saleor's books: a transaction of the order, by Saleor's own mutations."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from saleor.payment import TransactionEventType
from saleor.payment.models import TransactionItem

from .. import shop
from . import mutations
from .keys import uuids
from .names import PLUGIN_ID

EVENTS: Final = {
    "refund": TransactionEventType.REFUND_SUCCESS,
    "refund_failed": TransactionEventType.REFUND_REVERSE,
    "chargeback": TransactionEventType.CHARGE_BACK,
    "reinstated": TransactionEventType.CHARGE_SUCCESS,
}


def _entered(order_id: str, reference: str) -> TransactionItem | None:
    rows = TransactionItem.objects.filter(order_id__in=uuids("Order", [order_id]).values(), psp_reference=reference)
    return rows.filter(app_identifier=PLUGIN_ID).order_by("pk").first()


def record(*, order_id: str, reference: str, amount: Decimal, currency: str, name: str, url: str) -> None:
    """By transactionCreate."""
    if _entered(order_id, reference) is not None:
        return
    value = {
        "name": name,
        "pspReference": reference,
        "amountCharged": {"amount": str(amount), "currency": currency},
        "externalUrl": url,
    }
    mutations.run("transactionCreate", id=order_id, transaction=value)


def record_back(*, order_id: str, payment: str, kind: shop.BackKind, reference: str, amount: Decimal) -> None:
    """By transactionEventReport, which knows again what it was told before."""
    row = _entered(order_id, payment)
    if row is None:
        return
    if kind == "refund_failed":
        told = row.events.filter(type=TransactionEventType.REFUND_SUCCESS, psp_reference=reference)
        if not told.exists():
            return
    mutations.run(
        "transactionEventReport",
        token=str(row.token),
        type=EVENTS[kind].upper(),
        amount=str(amount),
        pspReference=reference,
    )
