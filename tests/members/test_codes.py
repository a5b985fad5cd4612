"""Sign-in codes of members: the paid have one, nobody else has, and it ends with the privilege."""

from __future__ import annotations

import datetime
import logging
import uuid

import pytest

from saleor_livesales import conf
from saleor_livesales.codes import actions as codes_room
from saleor_livesales.codes import redeem
from saleor_livesales.codes.models import Code, CodeDelivery
from saleor_livesales.errors import NotFound
from saleor_livesales.ids import uuid7
from saleor_livesales.members import actions, codes, machine, orders
from saleor_livesales.members.actors import By
from saleor_livesales.members.codes import Mended
from saleor_livesales.members.models import MemberCode, Membership
from saleor_livesales.visitors import queries as visitors
from tests.fakes import FakeShop

from .build import ADA, BOB, CHANNEL, NOW, a_line, a_plan, an_order, at, days, refunded, the_member
from .test_orders import at_once

pytestmark = [pytest.mark.django_db(transaction=True)]
MEMBER, OWNER = By(kind="member", user_id=ADA), By(kind="staff", user_id="VXNlcjo5")
MINUTE = datetime.timedelta(minutes=1)


def buy(
    shop: FakeShop, number: int = 1, quantity: int = 1, now: datetime.datetime = NOW, **order: object
) -> Membership:
    shop.put_order(an_order(number, a_line(number, quantity), **order))
    orders.follow(order_id=f"order-{number}", now=now)
    return the_member(order.get("user_id", ADA))


def living() -> list[tuple[int, int]]:
    """Term and period of each code that opens something by its row."""
    rows = MemberCode.objects.filter(ended_at__isnull=True, code__state__in=["issued", "used"])
    return sorted((row.term, row.number) for row in rows)


def enter(row: MemberCode, now: datetime.datetime, visitor: uuid.UUID | None = None) -> uuid.UUID:
    visitor = visitor or uuid7()
    secret = codes_room.readable(code_ids=[row.code_id])[row.code_id]
    redeem.redeem(code=secret, visitor_id=visitor, network="", now=now)
    return visitor


def let_in(visitor: uuid.UUID, now: datetime.datetime) -> bool:
    return visitors.has_pass(visitor_id=visitor, channel=CHANNEL, now=now)


def test_a_payment_brings_one_code_for_its_period(shop: FakeShop, redis) -> None:
    a_plan()
    buy(shop)
    assert living() == []
    assert codes.issue_due(now=NOW) == 1
    assert codes.issue_due(now=NOW) == 0
    row = MemberCode.objects.get()
    assert (row.term, row.number, row.mail_state, row.due_at) == (1, 1, "queued", NOW)
    assert row.code.valid_until == at(2027, 2, 28) + machine.PAST_DUE + days(5)  # when it lapses, if nothing happens
    assert (row.code.purpose, row.code.holder_kind, row.code.max_uses) == ("sign_in", "member", 10)
    visitor = enter(row, NOW)
    assert let_in(visitor, NOW)
    assert let_in(visitor, row.code.valid_until - MINUTE) and not let_in(visitor, row.code.valid_until)


def test_a_new_period_brings_a_new_code_and_ends_the_former(shop: FakeShop, redis) -> None:
    a_plan()
    member = buy(shop, quantity=3)
    codes.issue_due(now=NOW)
    first = MemberCode.objects.get()
    visitor = enter(first, NOW)
    member.refresh_from_db()
    assert member.code_due_at == at(2027, 2, 28)
    assert codes.issue_due(now=at(2027, 2, 28) - MINUTE) == 0
    assert codes.issue_due(now=at(2027, 2, 28)) == 1
    assert living() == [(1, 2)]
    first.refresh_from_db()
    assert (first.reason, first.mail_state, first.code.state) == ("new_period", "cancelled", "revoked")
    assert not let_in(visitor, at(2027, 2, 28)) and not CodeDelivery.objects.filter(code=first.code).exists()
    assert codes.issue_due(now=at(2027, 4, 2)) == 1  # beat was away: the third at once
    assert living() == [(1, 3)]


def test_paying_for_more_gives_the_code_more_time_at_once(shop: FakeShop, redis) -> None:
    a_plan()
    buy(shop)
    codes.issue_due(now=NOW)
    visitor = enter(MemberCode.objects.get(), NOW)
    later = at(2027, 3, 31) + machine.PAST_DUE + days(5)
    assert not let_in(visitor, later - MINUTE)
    buy(shop, 2, now=at(2027, 2, 10))
    assert MemberCode.objects.get().code.valid_until == later
    assert let_in(visitor, later - MINUTE)


def test_nobody_who_has_not_paid_gets_one(shop: FakeShop) -> None:
    plan = a_plan(trial="P14D")
    actions.start_trial(plan_id=plan.pk, user_id=ADA, channel=CHANNEL, now=NOW)
    shop.put_order(an_order(2, user_id=BOB, paid=False))
    orders.follow(order_id="order-2", now=NOW)
    assert codes.issue_due(now=NOW) == 0
    buy(shop, 3, now=NOW + days(2))  # pays while on trial
    assert codes.issue_due(now=NOW + days(2)) == 1
    assert living() == [(1, 1)]


def test_the_unpaid_keep_theirs_to_the_end_and_get_no_other(shop: FakeShop, redis) -> None:
    a_plan()
    member = buy(shop)
    codes.issue_due(now=NOW)
    visitor = enter(MemberCode.objects.get(), NOW)
    end = at(2027, 2, 28)
    for now in (end + days(1), end + days(8)):  # past due, in grace
        actions.tick(now=now)
        codes.issue_due(now=now)
        assert living() == [(1, 1)] and let_in(visitor, now)
    lapse = end + machine.PAST_DUE + days(5)
    assert not let_in(visitor, lapse)  # before any task has run
    actions.tick(now=lapse + MINUTE)
    assert living() == []
    codes.issue_due(now=lapse + MINUTE)
    assert living() == []
    with pytest.raises(codes.NoCode):
        actions.replace_code(membership_id=member.pk, by=OWNER, now=lapse + MINUTE)


@pytest.mark.parametrize("how", ["refund", "revoke", "account"])
def test_what_ends_it_ends_the_code_in_the_same_moment(shop: FakeShop, redis, how: str) -> None:
    a_plan()
    member = buy(shop)
    codes.issue_due(now=NOW)
    row = MemberCode.objects.get()
    visitor, now = enter(row, NOW), NOW + days(1)
    match how:
        case "refund":
            shop.put_order(refunded(shop.order_table["order-1"]))
            orders.follow(order_id="order-1", now=now)
        case "revoke":
            actions.revoke(membership_id=member.pk, reason="Asked to", by=OWNER, now=now)
        case "account":
            actions.account_deleted(user_id=ADA, now=now)
    assert living() == [] and not let_in(visitor, now)
    assert not CodeDelivery.objects.exists()
    row.refresh_from_db()
    assert (row.mail_state, row.due_at) == ("cancelled", None)


def test_cancelled_at_the_end_it_holds_to_the_end(shop: FakeShop, redis) -> None:
    a_plan()
    member = buy(shop)
    codes.issue_due(now=NOW)
    visitor, end = enter(MemberCode.objects.get(), NOW), at(2027, 2, 28)
    actions.cancel(membership_id=member.pk, by=MEMBER, now=NOW + days(1))
    assert let_in(visitor, end - MINUTE) and not let_in(visitor, end)
    actions.resume(membership_id=member.pk, by=MEMBER, now=NOW + days(2))
    assert let_in(visitor, end + days(1))


def test_lost_it_is_replaced_and_not_too_often(shop: FakeShop, redis) -> None:
    a_plan()
    member = buy(shop)
    codes.issue_due(now=NOW)
    visitor = enter(MemberCode.objects.get(), NOW)
    for minute in range(codes.PER_DAY):
        actions.replace_code(membership_id=member.pk, by=MEMBER, now=NOW + minute * MINUTE)
    assert not let_in(visitor, NOW + MINUTE) and living() == [(1, 1)]
    with pytest.raises(codes.TooManyCodes):
        actions.replace_code(membership_id=member.pk, by=MEMBER, now=NOW + days(0.5))
    actions.replace_code(membership_id=member.pk, by=OWNER, now=NOW + days(0.5))
    with pytest.raises(NotFound):
        actions.replace_code(membership_id=member.pk, by=By(kind="member", user_id=BOB), now=NOW)
    actions.replace_code(membership_id=member.pk, by=MEMBER, now=NOW + days(2))
    assert living() == [(1, 1)] and MemberCode.objects.count() == codes.PER_DAY + 3


def test_doubled_workers_make_one(shop: FakeShop) -> None:
    a_plan()
    for number in range(1, 5):
        shop.put_order(an_order(number, a_line(number), user_id=f"user-{number}"))
        orders.follow(order_id=f"order-{number}", now=NOW)
    made: list[int] = []
    at_once(4, lambda _: made.append(codes.issue_due(now=NOW)))
    assert sum(made) == 4 == MemberCode.objects.count() == Code.objects.count()


def test_without_keys_members_are_members_and_get_theirs_later(shop: FakeShop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVESALES_CODE_KEYS", "")
    conf.load.cache_clear()
    try:
        a_plan()
        member = buy(shop)
        assert machine.entitled(row=member, now=NOW)
        assert codes.issue_due(now=NOW) == 0 and codes.reconcile(now=NOW) == Mended()
    finally:
        monkeypatch.undo()
        conf.load.cache_clear()
    assert codes.issue_due(now=NOW) == 1


def test_the_night_mends_what_differs_and_tells(shop: FakeShop, caplog: pytest.LogCaptureFixture) -> None:
    a_plan()
    ada, bob = buy(shop), buy(shop, 2, user_id=BOB)
    codes.issue_due(now=NOW)
    assert codes.reconcile(now=NOW) == Mended()
    # Ada's is gone from the tables, Bob's was revoked by hand, and a third one is nobody's.
    Code.objects.filter(pk=MemberCode.objects.get(membership=ada).code_id).delete()
    codes_room.revoke(code_id=MemberCode.objects.get(membership=bob).code_id, actor="user:x", reason="", now=NOW)
    stray = codes_room.NewCode(
        purpose="sign_in", holder_kind="member", holder_id="x", opens_kind="member", opens_id="x", valid_from=NOW
    )
    codes_room.issue(wanted=[stray], actor="system", now=NOW)
    with caplog.at_level(logging.ERROR):
        assert codes.reconcile(now=NOW + days(1)) == Mended(without=2, strays=1)
    assert "2 paid members had none, 0 codes were of members who had not paid, 1 codes were nobody's" in caplog.text
    assert living() == [(1, 1), (1, 1)]
    assert codes.reconcile(now=NOW + days(1)) == Mended()
    # Somebody ended Bob's membership by hand in the database.
    Membership.objects.filter(pk=bob.pk).update(state="cancelled", ended_at=NOW, due_at=None, code_due_at=None)
    assert codes.reconcile(now=NOW + days(1)) == Mended(unpaid=1)
    assert living() == [(1, 1)]
