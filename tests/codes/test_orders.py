"""Orders that came of printed pieces: which, for which piece, and what they brought in."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from decimal import Decimal
from typing import Any

import pytest

from saleor_livesales import shop as interface
from saleor_livesales.codes import pieces, queries
from saleor_livesales.codes.models import PieceOrder, PrintPiece
from saleor_livesales.ids import uuid7
from saleor_livesales.inbox import actions as inbox
from saleor_livesales.inbox import work
from saleor_livesales.visitors import actions as visitors
from saleor_livesales.visitors.models import Visitor
from tests.sessions.build import at_once

from .conftest import CHANNEL, HOUR, NOW, OWNER
from .test_pieces import enter, make_piece, shared_code

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("lamp", "redis")]

CART, ADA = "Q2hlY2tvdXQ6MQ==", "VXNlcjox"
DAY = datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("saleor_livesales.inbox.nudge.worker", lambda: None)


def who_entered(piece: PrintPiece, *, at: datetime.datetime = NOW, cart: str | None = CART) -> uuid.UUID:
    visitor_id = uuid7()
    enter(shared_code(piece), visitor_id, now=at)
    if cart:
        assert visitors.claim_checkout(visitor_id=visitor_id, checkout_id=cart, now=at)
    return visitor_id


def place(shop: Any, order_id: str = "order-1", *, at: datetime.datetime = NOW + HOUR, **values: Any) -> None:
    given = {
        "id": order_id, "number": "1", "placed_at": at, "channel": CHANNEL, "currency": "USD", "user_id": None,
        "confirmed": False, "cancelled": False, "paid": True, "total": Decimal("100.00"), "refunded": Decimal(0),
        "lines": (), **values,
    }  # fmt: skip
    shop.put_order(interface.Order(**given))


def change(shop: Any, order_id: str = "order-1", **values: Any) -> None:
    shop.put_order(dataclasses.replace(shop.order_table[order_id], **values))


def told(
    kind: str = "order_fully_paid", order_id: str = "order-1", *, cart: str | None = CART, user_id: str | None = None
):
    payload = {"user_id": user_id, "checkout_id": cart}
    inbox.record(kind=kind, object_id=order_id, payload=payload, source="hook", now=NOW)
    work.work_off(now=NOW)


def counted(piece: PrintPiece) -> tuple[int, Decimal]:
    found = queries.counts(piece_ids=[piece.pk])[piece.pk]
    return found.orders, found.income


def test_a_guests_order_by_the_cart_that_the_visitor_had(shop):
    piece = make_piece()
    who_entered(piece)
    place(shop)
    for kind in ("order_created", "order_fully_paid", "order_created", "order_fully_paid"):
        told(kind)
    assert counted(piece) == (1, Decimal("100.00"))
    assert queries.counts(piece_ids=[piece.pk])[piece.pk].currency == "USD"


def test_an_accounts_order_by_the_visitor_that_is_linked_to_it(shop):
    piece = make_piece()
    visitor_id = who_entered(piece, cart=None)
    Visitor.objects.filter(pk=visitor_id).update(user_id=ADA)
    place(shop, user_id=ADA)
    told(cart=None, user_id=ADA)
    assert counted(piece) == (1, Decimal("100.00"))


@pytest.mark.parametrize(
    ("at", "counts"),
    [(NOW - HOUR, 0), (NOW, 1), (NOW + 7 * DAY - HOUR, 1), (NOW + 7 * DAY, 0)],
    ids=["before the code", "at once", "within seven days", "after seven days"],
)
def test_only_what_was_placed_within_seven_days_after_the_code(shop, at, counts):
    piece = make_piece()
    who_entered(piece)
    place(shop, at=at)
    told()
    assert counted(piece)[0] == counts


def test_the_orders_of_others_and_of_other_channels_are_not_the_pieces(shop):
    piece = make_piece()
    who_entered(piece)
    place(shop)
    told(cart="Q2hlY2tvdXQ6Mg==")
    assert counted(piece)[0] == 0
    place(shop, "order-2", channel="channel-pln")
    told(order_id="order-2")
    assert counted(piece)[0] == 0


def test_of_two_pieces_the_one_whose_code_came_last(shop):
    first, last, later = make_piece(), make_piece(), make_piece()
    visitor_id = who_entered(first)
    enter(shared_code(last), visitor_id, now=NOW + HOUR / 2)
    place(shop)
    told()
    assert [counted(piece)[0] for piece in (first, last)] == [0, 1]
    enter(shared_code(later), visitor_id, now=NOW + 2 * HOUR)  # after the order
    told("order_created")
    assert [counted(piece)[0] for piece in (first, last, later)] == [0, 1, 0]


def test_one_that_is_not_paid_counts_once_it_is(shop):
    piece = make_piece()
    who_entered(piece)
    place(shop, paid=False)
    told("order_created")
    assert counted(piece)[0] == 0
    change(shop, paid=True)
    told()
    assert counted(piece)[0] == 1


def test_what_goes_back_is_taken_off(shop):
    piece = make_piece()
    who_entered(piece)
    place(shop)
    told()
    change(shop, refunded=Decimal("30.00"))
    told("order_refunded")
    assert counted(piece) == (1, Decimal("70.00"))
    change(shop, refunded=Decimal("100.00"))
    told("order_refunded")
    assert counted(piece) == (0, Decimal(0))


def test_a_cancelled_one_counts_no_more(shop):
    piece = make_piece()
    who_entered(piece)
    place(shop)
    told()
    change(shop, cancelled=True)
    told("order_cancelled")
    assert counted(piece) == (0, Decimal(0))


def test_a_revoked_piece_keeps_what_came_of_it(shop):
    piece = make_piece()
    who_entered(piece)
    pieces.revoke(piece_id=piece.pk, reason="", actor_user_id=OWNER, now=NOW + HOUR / 2)
    place(shop)
    told()
    assert counted(piece)[0] == 1


def test_an_order_that_came_of_nothing_asks_the_shop_nothing_and_leaves_nothing(shop):
    place(shop)
    told()
    assert shop.calls.get("orders", 0) == 0
    assert not PieceOrder.objects.exists()


def test_many_workers_note_it_once(shop):
    piece = make_piece()
    who_entered(piece)
    place(shop)
    for kind in ("order_created", "order_fully_paid") * 4:
        inbox.record(kind=kind, object_id="order-1", payload={"checkout_id": CART}, source="hook", now=NOW)
    at_once(*[lambda: work.work_off(now=NOW)] * 5)
    work.work_off(now=NOW)
    assert counted(piece) == (1, Decimal("100.00"))


def test_many_pieces_are_counted_in_one_query(shop, django_assert_num_queries):
    found = [make_piece() for _ in range(3)]
    for number, piece in enumerate(found):
        who_entered(piece, cart=f"{CART}{number}")
        place(shop, f"order-{number}")
        told(order_id=f"order-{number}", cart=f"{CART}{number}")
    with django_assert_num_queries(1):
        counts = queries.counts(piece_ids=[piece.pk for piece in found])
    assert [counts[piece.pk].orders for piece in found] == [1, 1, 1]
