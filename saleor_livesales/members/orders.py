"""Memberships follow the shop's orders.

Nothing is concluded from which report came when, or how often: any report, and the sweep, lead to one look at the order
as it is now, and its charges are made to agree with that. So reports may come twice, in any order, or never.
"""

from __future__ import annotations

import datetime
import logging
from collections.abc import Collection, Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Final

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F

from .. import shop
from ..channels.actions import MINOR_DIGITS
from . import carrying, ledger
from .actors import SHOP
from .models import Charge, ChargeKind, Plan

logger = logging.getLogger(__name__)

PAGE: Final = 100


def follow(*, order_id: str, now: datetime.datetime) -> None:
    """Make memberships and books agree with this order. Changes nothing where they do."""
    if not Plan.objects.exists():
        return
    with transaction.atomic():
        ledger.hold(f"order:{order_id}")  # before the look: who looks later, writes later
        order = shop.current().orders([order_id]).get(order_id)
        charges = {row.line_id: row for row in Charge.objects.filter(order_id=order_id)}
        if order is None:
            for charge in charges.values():  # deleted in the shop, which keeps no record of the money: as it was
                charge.checked_at = now
                charge.save(update_fields=["checked_at"])
            return
        variants = {line.variant_id for line in order.lines if line.variant_id}
        plans = {plan.variant_id: plan for plan in Plan.objects.filter(variant_id__in=variants)}
        by_id = {charge.plan_id: charge.plan for charge in charges.values()}
        lines: dict[str, tuple[shop.OrderLine, Plan]] = {}
        for line in order.lines:
            if line.id in charges:
                lines[line.id] = (line, by_id[charges[line.id].plan_id])
            elif line.variant_id in plans and order.paid and line.quantity > 0:
                lines[line.id] = (line, plans[line.variant_id])
        refunds = given_back(order=order, line_ids=lines.keys())
        for line_id, (line, plan) in sorted(lines.items(), key=lambda item: str(item[1][1].pk)):  # one order of locks
            charge = charges.get(line_id) or _new(order, line, plan, now)
            money, returned = refunds[line_id]
            _settle(charge, order=order, plan=plan, money=money, returned=min(returned, charge.periods), now=now)


def follow_each(*, order_ids: Iterable[str], now: datetime.datetime) -> list[str]:
    """Follow these orders, and tell in the log of each that could not be: it holds up no other. Those orders."""
    failed = []
    for order_id in order_ids:
        try:
            follow(order_id=order_id, now=now)
        except (OperationalError, InterfaceError):
            raise  # the database is away: not the order's fault
        except Exception as error:
            logger.error("Order %s could not be followed: %s", order_id, type(error).__name__)
            failed.append(order_id)
    return failed


def _new(order: shop.Order, line: shop.OrderLine, plan: Plan, now: datetime.datetime) -> Charge:
    return Charge(
        plan=plan,
        kind=ChargeKind.ORDER,
        order_id=order.id,
        order_number=order.number,
        line_id=line.id,
        channel=order.channel,
        currency=order.currency,
        amount=line.total,
        periods=line.quantity,
        created_at=now,
    )


def _settle(
    charge: Charge, *, order: shop.Order, plan: Plan, money: Decimal, returned: int, now: datetime.datetime
) -> None:
    """One line: its money, and its periods in the membership."""
    charge.refunded = min(money, charge.amount)
    charge.checked_at = now
    if charge.membership_id is not None:
        membership = ledger.lock(charge.membership_id)
        ledger.give_back(membership, charge, returned=returned, by=SHOP, now=now)
        charge.save()
        carrying.give_back(charge, by=SHOP, now=now)
        return
    charge.returned = returned
    if returned == charge.periods:
        charge.waits_since = None
        charge.save()
    elif order.user_id and order.confirmed:
        found = ledger.of_account(user_id=order.user_id, plan=plan)
        ledger.pay(found, charge, user_id=order.user_id, plan=plan, by=SHOP, now=now)
    else:
        charge.waits_since = charge.waits_since or now
        charge.save()


def given_back(*, order: shop.Order, line_ids: Collection[str]) -> Mapping[str, tuple[Decimal, int]]:
    """For each of these lines: the money given back for it, and how many of its pieces that is.

    What the shop says about a line counts first. A refund that names no line is taken to be for the order's other goods
    first, and only what is more than these cost is for the lines asked about: in an order of nothing else, all of it.
    A part of a piece's price gives back no piece. A cancelled order, and one whose payment was taken back, gives back
    all of them, with as much money as the shop gave back.
    """
    wanted = [line for line in order.lines if line.id in line_ids]
    named = {line.id: _share(line, order.currency) for line in order.lines}
    unnamed = max(Decimal(0), order.refunded - sum(named.values(), Decimal(0)))
    others = order.total - sum((line.total for line in wanted), Decimal(0))
    others -= sum((named[line.id] for line in order.lines if line not in wanted), Decimal(0))
    unnamed = max(Decimal(0), unnamed - max(Decimal(0), others))
    left = order.refunded
    found: dict[str, tuple[Decimal, int]] = {}
    for line in wanted:
        more = min(unnamed, line.total - named[line.id])
        unnamed -= more
        money = min(named[line.id] + more, left, line.total)
        left -= money
        pieces = min(line.refunded_quantity, line.quantity)
        if order.cancelled or not order.paid:
            pieces = line.quantity
        elif more and line.total:
            exact = Fraction(line.total) * pieces / line.quantity + Fraction(more)
            pieces = min(line.quantity, max(pieces, int(exact * line.quantity / Fraction(line.total))))
        found[line.id] = (money, pieces)
    return found


def _share(line: shop.OrderLine, currency: str) -> Decimal:
    """What the pieces cost that the shop says were refunded."""
    pieces = min(line.refunded_quantity, line.quantity)
    if not pieces:
        return Decimal(0)
    smallest = Decimal(1).scaleb(-MINOR_DIGITS.get(currency, 2))
    return min(line.total, (line.total * pieces / line.quantity).quantize(smallest, rounding=ROUND_HALF_UP))


def concerns(orders: list[shop.Order]) -> list[str]:
    """Those of the orders that have a plan in them, or a charge of ours."""
    variants = {line.variant_id for order in orders for line in order.lines if line.variant_id}
    plans = set(Plan.objects.filter(variant_id__in=variants).values_list("variant_id", flat=True))
    charged = set(Charge.objects.filter(order_id__in=[order.id for order in orders]).values_list("order_id", flat=True))
    return [
        order.id for order in orders if order.id in charged or any(line.variant_id in plans for line in order.lines)
    ]


def recheck_waiting(*, now: datetime.datetime, limit: int = PAGE) -> int:
    """Look again at paid orders that belong to no confirmed account, those first that were not looked at for longest.

    How many were looked at.
    """
    waiting = Charge.objects.filter(waits_since__isnull=False).order_by(F("checked_at").asc(nulls_first=True), "id")
    order_ids = list(dict.fromkeys(waiting.values_list("order_id", flat=True)[:limit]))
    found = shop.current().orders(order_ids)
    ready = [
        order_id
        for order_id in order_ids
        if (order := found.get(order_id)) is not None
        and ((order.user_id and order.confirmed) or order.refunded or order.cancelled)
    ]
    follow_each(order_ids=ready, now=now)
    Charge.objects.filter(order_id__in=order_ids, waits_since__isnull=False).update(checked_at=now)
    return len(order_ids)
