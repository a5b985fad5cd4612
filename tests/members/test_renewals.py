"""Renewals: planned once, ordered in the shop, mailed, asked for again, and closed."""

from __future__ import annotations

import dataclasses
import datetime
import re

import pytest
from django.core import mail

from saleor_livesales import conf
from saleor_livesales.members import actions, orders, renewals, tasks
from saleor_livesales.members.actors import By
from saleor_livesales.members.models import Charge, Membership, Renewal
from tests.fakes import FakeShop

from .build import ADA, BOB, CHANNEL, NOW, a_plan, an_order, at, days, stands, the_member
from .test_orders import at_once

pytestmark = [pytest.mark.django_db(transaction=True)]

END = at(2027, 2, 28)
MEMBER, OWNER = By(kind="member", user_id=ADA), By(kind="staff", user_id="VXNlcjo5")


@pytest.fixture(autouse=True)
def mailbox(monkeypatch: pytest.MonkeyPatch) -> list:
    """What was mailed, in memory. (The way through a mail server is the inquiries' own, tested there.)"""
    settings = dataclasses.replace(conf.load(), mail_backend="django.core.mail.backends.locmem.EmailBackend")
    monkeypatch.setattr(conf, "load", lambda: settings)
    mail.outbox = []
    return mail.outbox


@pytest.fixture
def member(shop: FakeShop) -> Membership:
    a_plan(payment_url="https://shop.example.com/pay/{order}?from=mail")
    shop.put_order(an_order(1))
    orders.follow(order_id="order-1", now=NOW)
    return the_member()


def run(now: datetime.datetime) -> None:
    """What beat does."""
    actions.tick(now=now)
    renewals.plan_due(now=now)
    renewals.work(now=now)


def pay(shop: FakeShop, order_id: str, now: datetime.datetime) -> None:
    shop.put_order(dataclasses.replace(shop.order_table[order_id], paid=True))
    orders.follow(order_id=order_id, now=now)


def test_three_days_before_the_end_it_is_ordered_and_mailed(shop: FakeShop, member: Membership, mailbox: list) -> None:
    run(END - days(3.01))
    assert Renewal.objects.count() == 0
    run(END - days(3))
    run(END - days(2.9))
    renewal = Renewal.objects.get()
    assert (renewal.state, renewal.term, renewal.number, renewal.order_id, renewal.due_on, renewal.work_at) == (
        "ordered", 1, 2, "placed-9000", END, END + days(1)
    )  # fmt: skip
    [letter] = mailbox
    assert letter.to == ["ada@example.com"]
    assert letter.subject == "Your membership Circle is about to be renewed"
    assert "https://shop.example.com/pay/placed-9000?from=mail" in letter.body
    assert "Hello Ada Buyer," in letter.body and "is paid until 2027-02-28 15:00 UTC" in letter.body
    assert letter.extra_headers["Message-ID"] == f"<renewal-{renewal.pk}-1-0@localhost>"


def test_paid_it_extends_and_nothing_more_is_mailed(shop: FakeShop, member: Membership, mailbox: list) -> None:
    run(END - days(3))
    pay(shop, "placed-9000", END - days(1))
    for after in (0, 1, 3, 20):
        run(END + days(after))
    assert (stands(member, END), member.paid_until) == (("active", True), at(2027, 3, 31))
    assert (Renewal.objects.get().state, len(mailbox)) == ("paid", 1)
    run(at(2027, 3, 28))
    assert list(Renewal.objects.order_by("number").values_list("number", "state")) == [(2, "paid"), (3, "ordered")]
    assert Charge.objects.get(order_id="placed-9000").membership == member


def test_unpaid_it_is_asked_for_again_and_then_lapses(shop: FakeShop, member: Membership, mailbox: list) -> None:
    run(END - days(3))
    seen = []
    for hour in range(24 * 14):
        moment = END + datetime.timedelta(hours=hour)
        run(moment)
        if len(mailbox) > len(seen) + 1:
            seen.append(hour / 24)
    assert seen == [1, 3, 5, 7]
    assert mailbox[-1].subject == "Your membership Circle was to be renewed"
    assert "was paid until 2027-02-28" in mailbox[-1].body
    assert len({letter.extra_headers["Message-ID"] for letter in mailbox}) == 5
    assert (stands(member, END + days(14))[0], member.ended_at) == ("lapsed", END + days(12))
    assert Renewal.objects.get().state == "closed"
    assert shop.order_table["placed-9000"].cancelled


def test_a_worker_that_was_away_sends_one_notice_not_all(shop: FakeShop, member: Membership, mailbox: list) -> None:
    run(END - days(3))
    run(END + days(5.5))
    assert (len(mailbox), Renewal.objects.get().work_at) == (2, END + days(7))


def test_cancelled_nothing_is_asked_for(shop: FakeShop, member: Membership, mailbox: list) -> None:
    actions.cancel(membership_id=member.pk, by=MEMBER, now=NOW)
    run(END - days(3))
    run(END)
    assert (Renewal.objects.count(), mailbox, shop.placed) == (0, [], {})


def test_cancelled_after_it_was_ordered_the_order_goes_and_resumed_it_comes_anew(
    shop: FakeShop, member: Membership, mailbox: list
) -> None:
    run(END - days(3))
    actions.cancel(membership_id=member.pk, by=MEMBER, now=END - days(2))
    run(END - days(2))
    assert (Renewal.objects.get().state, shop.order_table["placed-9000"].cancelled) == ("closed", True)
    actions.resume(membership_id=member.pk, by=MEMBER, now=END - days(1))
    run(END - days(1))
    renewal = Renewal.objects.get()
    assert (renewal.state, renewal.order_id, renewal.round, len(mailbox)) == ("ordered", "placed-9001", 2, 2)
    pay(shop, "placed-9001", END)
    assert stands(member, END) == ("active", True)


def test_paid_in_another_way_the_order_is_taken_back(shop: FakeShop, member: Membership) -> None:
    run(END - days(3))
    actions.extend(membership_id=member.pk, periods=1, amount=None, reason="gift", by=OWNER, now=END - days(2))
    run(END - days(2))
    assert (Renewal.objects.get().state, shop.order_table["placed-9000"].cancelled) == ("closed", True)


def test_paid_without_anybody_telling_is_seen_before_it_is_asked_for_again(
    shop: FakeShop, member: Membership, mailbox: list
) -> None:
    run(END - days(3))
    shop.put_order(dataclasses.replace(shop.order_table["placed-9000"], paid=True))
    run(END + days(1))
    assert (stands(member, END + days(1)), len(mailbox), Renewal.objects.get().state) == (("active", True), 1, "paid")


def test_an_order_that_staff_cancelled_or_that_expired_is_made_anew(
    shop: FakeShop, member: Membership, mailbox: list
) -> None:
    run(END - days(3))
    assert shop.cancel_order("placed-9000")
    run(END + days(1))
    renewal = Renewal.objects.get()
    assert (renewal.state, renewal.order_id, renewal.round, len(mailbox)) == ("ordered", "placed-9001", 2, 2)
    assert "/pay/placed-9001" in mailbox[-1].body


def test_a_shop_that_refuses_is_asked_again_later(shop: FakeShop, member: Membership, mailbox: list) -> None:
    shop.refuses_orders = "draftOrderComplete: order BILLING_ADDRESS_NOT_SET"
    run(END - days(3))
    renewal = Renewal.objects.get()
    assert (renewal.state, renewal.attempts, renewal.error) == ("planned", 1, shop.refuses_orders)
    assert renewal.work_at == END - days(3) + datetime.timedelta(minutes=1)
    run(END - days(3))
    assert shop.calls["place_order"] == 1
    shop.refuses_orders = ""
    run(END - days(2.5))
    renewal.refresh_from_db()
    assert (renewal.state, renewal.attempts, renewal.error, len(mailbox)) == ("ordered", 0, "", 1)


def test_a_mail_server_that_is_away_is_asked_again(
    shop: FakeShop, member: Membership, mailbox: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = renewals.mail_notice
    monkeypatch.setattr(
        renewals, "mail_notice", lambda *_, **__: (_ for _ in ()).throw(ConnectionRefusedError("secret"))
    )
    run(END - days(3))
    renewal = Renewal.objects.get()
    assert (renewal.state, renewal.notices, renewal.error) == ("ordered", 0, "ConnectionRefusedError")
    monkeypatch.setattr(renewals, "mail_notice", real)
    run(END - days(2.9))
    assert (len(mailbox), shop.calls["place_order"]) == (1, 1)


def test_a_worker_that_died_leaves_one_order(
    shop: FakeShop, member: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the shop's commit and ours: the reference finds the order again, when the lease is over."""
    renewals.plan_due(now=END - days(3))
    with monkeypatch.context() as patch:
        patch.setattr(renewals, "_keep", lambda *_, **__: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            renewals.work(now=END - days(3))
    assert renewals.work(now=END - days(3)) == 0
    assert Renewal.objects.get().order_id is None
    assert renewals.work(now=END - days(3) + renewals.LEASE) == 1
    assert (Renewal.objects.get().order_id, len(shop.placed)) == ("placed-9000", 1)


def test_many_workers_make_one_renewal_one_order_and_one_mail(
    shop: FakeShop, member: Membership, mailbox: list
) -> None:
    at_once(6, lambda _: run(END - days(3)))
    assert (Renewal.objects.count(), len(shop.placed), len(mailbox)) == (1, 1, 1)


def test_all_that_are_due_are_worked_off_in_one_run(
    shop: FakeShop, member: Membership, mailbox: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.put_order(an_order(2, user_id=BOB))
    orders.follow(order_id="order-2", now=NOW)
    monkeypatch.setattr(tasks, "AT_A_TIME", 1)
    monkeypatch.setattr(tasks, "_now", lambda: END - days(3))
    assert tasks.members_renew() == 2
    assert (Renewal.objects.count(), len(shop.placed), len(mailbox)) == (2, 2, 2)
    assert tasks.members_renew() == 0


def test_a_trial_is_asked_for_and_ends_unpaid(shop: FakeShop, mailbox: list) -> None:
    plan = a_plan(trial="P14D")
    member = actions.start_trial(plan_id=plan.pk, user_id=ADA, channel=CHANNEL, now=NOW)
    run(NOW + days(11))
    assert Renewal.objects.get().number == 1
    assert not re.search(r"https?://", mailbox[0].body)  # the plan has no page for it
    run(NOW + days(14))
    run(NOW + days(14.1))
    assert (stands(member, NOW + days(14)), len(mailbox)) == (("lapsed", False), 1)


def test_a_plan_that_is_switched_off_is_not_renewed(shop: FakeShop, member: Membership, mailbox: list) -> None:
    member.plan.active = False
    member.plan.save()
    run(END - days(3))
    assert (Renewal.objects.count(), mailbox) == (0, [])
