"""Orders that wait for their money, and methods to charge."""

from __future__ import annotations

import datetime
from decimal import Decimal

from saleor_livesales import fees, shop
from saleor_livesales.fees import methods
from saleor_livesales.fees.models import SavedMethod
from tests.collectors.stripe_server import FakeStripe
from tests.fakes import FakeShop

NOW = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
ADA, BOB = "VXNlcjox", "VXNlcjoy"
PRICE = Decimal("30.00")
RETURN = "https://shop.example.com/account?card=saved"


def later(**values: float) -> datetime.datetime:
    return NOW + datetime.timedelta(**values)


def an_order(fake: FakeShop, number: int = 1, *, user_id: str = ADA, **values: object) -> shop.Order:
    given = {
        "id": f"order-{number}", "number": str(1000 + number), "placed_at": NOW, "channel": "default-channel",
        "currency": "USD", "user_id": user_id, "confirmed": True, "cancelled": False, "paid": False, "total": PRICE,
        "refunded": Decimal(0), "lines": (), "outstanding": PRICE, **values,
    }  # fmt: skip
    return fake.put_order(shop.Order(**given))  # type: ignore[arg-type]


def leave_card(
    stripe: FakeStripe, *, user_id: str = ADA, bank: str = "paid", now: datetime.datetime = NOW, **card: object
) -> SavedMethod:
    """The whole way of a member: the page is asked for, filled in, and looked at."""
    methods.ask(user_id=user_id, return_url=RETURN, cancel_url=RETURN, now=now)
    row = SavedMethod.objects.filter(user_id=user_id).latest("created_at", "id")
    stripe.leave_card(row.link_ref, bank, **card)
    provider = fees.collector()
    assert provider is not None
    assert methods.told(provider=provider, link_ref=row.link_ref, method_ref="", now=now) == {user_id}
    row.refresh_from_db()
    return row


def take_away(user_id: str = ADA) -> None:
    row = methods.of_user(user_id)
    assert row is not None
    methods.remove(method_id=row.pk, owner=user_id, now=NOW)
