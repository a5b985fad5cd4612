"""A plan, orders of it, and what is read of them."""

from __future__ import annotations

import dataclasses
import datetime
from decimal import Decimal

from saleor_livesales import shop
from saleor_livesales.members import machine
from saleor_livesales.members.models import Membership, Plan
from tests.fakes import FakeShop

NOW = datetime.datetime(2027, 1, 31, 15, tzinfo=datetime.UTC)
CHANNEL = "default-channel"
PRODUCT, VARIANT, OTHER = "UHJvZHVjdDox", "UHJvZHVjdFZhcmlhbnQ6MQ==", "UHJvZHVjdFZhcmlhbnQ6OQ=="
ADA, BOB = "VXNlcjox", "VXNlcjoy"
PRICE = Decimal("30.00")


def days(number: float) -> datetime.timedelta:
    return datetime.timedelta(days=number)


def at(year: int, month: int, day: int, hour: int = 15) -> datetime.datetime:
    return datetime.datetime(year, month, day, hour, tzinfo=datetime.UTC)


def a_plan(**values: object) -> Plan:
    given = {
        "name": "Circle", "product_id": PRODUCT, "variant_id": VARIANT, "period": "P1M", "grace_days": 5,
        "created_at": NOW, "updated_at": NOW, **values,
    }  # fmt: skip
    return Plan.objects.create(**given)


def a_line(
    number: int = 1, quantity: int = 1, variant: str | None = VARIANT, total: Decimal | None = None
) -> shop.OrderLine:
    total = PRICE * quantity if total is None else total
    return shop.OrderLine(id=f"line-{number}", variant_id=variant, quantity=quantity, total=total, refunded_quantity=0)


def an_order(number: int = 1, *lines: shop.OrderLine, user_id: str | None = ADA, **values: object) -> shop.Order:
    lines = lines or (a_line(number),)
    given = {
        "id": f"order-{number}", "number": str(number), "placed_at": NOW, "channel": CHANNEL, "currency": "USD",
        "user_id": user_id,
        "confirmed": user_id is not None, "cancelled": False, "paid": True,
        "total": sum((line.total for line in lines), Decimal(0)), "refunded": Decimal(0), "lines": lines, **values,
    }  # fmt: skip
    return shop.Order(**given)


def refunded(order: shop.Order, amount: Decimal | str | None = None, **pieces: int) -> shop.Order:
    """The order with so much given back, all of it by default; ``line_1=2``: two pieces of that line."""
    lines = tuple(
        dataclasses.replace(line, refunded_quantity=pieces.get(line.id.replace("-", "_"), line.refunded_quantity))
        for line in order.lines
    )
    return dataclasses.replace(order, refunded=order.total if amount is None else Decimal(amount), lines=lines)


def the_member(user_id: str = ADA) -> Membership:
    return Membership.objects.get(user_id=user_id)


def stands(membership: Membership, now: datetime.datetime) -> tuple[str, bool]:
    membership.refresh_from_db()
    return machine.standing(row=membership, now=now), machine.entitled(row=membership, now=now)


def fill(fake: FakeShop) -> FakeShop:
    fake.add_item(PRODUCT, str(PRICE), variant_id=VARIANT)
    fake.add_item(PRODUCT, str(PRICE))
    for user_id, name, email in ((ADA, "Ada Buyer", "ada@example.com"), (BOB, "Bob Buyer", "bob@example.com")):
        fake.add_customer(user_id, name=name, email=email)
    return fake
