"""Whether our books and the shop's orders say the same."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from .. import shop
from . import orders
from .models import Charge, Plan, Renewal

PAGE: Final = 200


@dataclass(frozen=True, kw_only=True)
class Difference:
    """``what``: missing (the order paid for a plan and has no charge), gone (no such order), plan, amount, currency,
    refunded, returned. ``ours`` and ``shops`` are amounts, or numbers of periods."""

    order_id: str
    line_id: str
    what: str
    ours: str
    shops: str


def compare(*, also: Iterable[str] = ()) -> Iterator[Difference]:
    """Every difference between the charges that orders made and these orders, and ``also`` between the orders named
    and our charges. Reads a page at a time."""
    ids = Charge.objects.filter(order_id__isnull=False).order_by("order_id").values_list("order_id", flat=True)
    every = itertools.chain(ids.distinct().iterator(chunk_size=PAGE), also)
    seen: set[str] = set()
    while page := [order_id for order_id in itertools.islice(every, PAGE) if order_id]:
        fresh = [order_id for order_id in dict.fromkeys(page) if order_id not in seen]
        seen.update(fresh)
        yield from _page(fresh)


def _page(order_ids: list[str]) -> Iterator[Difference]:
    found = shop.current().orders(order_ids)
    charges: dict[str, dict[str, Charge]] = {}
    for charge in Charge.objects.filter(order_id__in=order_ids):
        charges.setdefault(charge.order_id or "", {})[charge.line_id or ""] = charge
    variants = {line.variant_id for order in found.values() for line in order.lines if line.variant_id}
    plans = dict(Plan.objects.filter(variant_id__in=variants).values_list("variant_id", "pk"))
    for order_id in order_ids:
        order, ours = found.get(order_id), charges.get(order_id, {})
        if order is None:
            for line_id, charge in ours.items():
                yield Difference(order_id=order_id, line_id=line_id, what="gone", ours=str(charge.amount), shops="")
            continue
        lines = {
            line.id: line
            for line in order.lines
            if line.id in ours or (order.paid and line.quantity > 0 and line.variant_id in plans)
        }
        refunds = orders.given_back(order=order, line_ids=lines.keys())
        for line_id in sorted(lines.keys() | ours.keys()):
            yield from _line(order, line_id, lines.get(line_id), ours.get(line_id), refunds)


def _line(
    order: shop.Order, line_id: str, line: shop.OrderLine | None, charge: Charge | None, refunds: object
) -> Iterator[Difference]:
    def differ(what: str, ours: object, shops: object) -> Iterator[Difference]:
        if ours != shops:
            yield Difference(order_id=order.id, line_id=line_id, what=what, ours=str(ours), shops=str(shops))

    if line is None or charge is None:
        yield from differ("gone" if line is None else "missing", charge and charge.amount, line and line.total)
        return
    money, returned = refunds[line_id]  # type: ignore[index]
    yield from differ("amount", charge.amount, line.total)
    yield from differ("currency", charge.currency, order.currency)
    yield from differ("refunded", charge.refunded, money)
    yield from differ("returned", charge.returned, min(returned, charge.periods))


def troubles(*, also: Iterable[str] = ()) -> Iterator[str]:
    """What the owner should know: each difference, and each renewal that can't be ordered or mailed. Sentences."""
    for row in compare(also=also):
        said = f"{row.ours or 'none'} here, {row.shops or 'none'} in the shop"
        yield f"Order {row.order_id}, line {row.line_id}: {row.what}: {said}."
    failing = Renewal.objects.filter(work_at__isnull=False).exclude(error="").order_by("due_on")
    for renewal in failing:
        due = f"due on {renewal.due_on:%Y-%m-%d}"
        yield f"Renewal {renewal.pk}, {due}, failed {renewal.attempts} times: {renewal.error}."
