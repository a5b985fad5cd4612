"""Renewals of members who left a payment method: charged when the period ends, tried again, told of, and given up."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterator

import pytest
from django.core import mail

from saleor_livesales import conf
from saleor_livesales.fees import methods
from saleor_livesales.fees.models import Fee
from saleor_livesales.members import actions, orders, renewals, tasks
from saleor_livesales.members.actors import By
from saleor_livesales.members.models import Charge, Membership, Plan, Renewal
from tests.collectors import stripe_server
from tests.collectors.stripe_server import FakeStripe
from tests.fakes import FakeShop
from tests.fees.build import leave_card

from .build import ADA, NOW, a_plan, an_order, at, days, stands, the_member

pytestmark = [pytest.mark.django_db(transaction=True)]

END = at(2027, 2, 28)
HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def stripe(monkeypatch: pytest.MonkeyPatch, shop: FakeShop) -> Iterator[FakeStripe]:
    with stripe_server.running() as fake:
        settings = dataclasses.replace(
            conf.load(), mail_backend="django.core.mail.backends.locmem.EmailBackend", stripe_api=fake.url,
            stripe_key=stripe_server.KEY, stripe_webhook_secrets=(stripe_server.SECRET,),
        )  # fmt: skip
        monkeypatch.setattr(conf, "load", lambda: settings)
        mail.outbox = []
        fake.clock = lambda: tasks._now().timestamp()
        yield fake


@pytest.fixture
def member(shop: FakeShop, stripe: FakeStripe) -> Membership:
    a_plan(payment_url="https://shop.example.com/pay/{order}")
    shop.put_order(an_order(1))
    orders.follow(order_id="order-1", now=NOW)
    return the_member()


def run(now: datetime.datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """What beat does."""
    monkeypatch.setattr(tasks, "_now", lambda: now)
    actions.tick(now=now)
    tasks.members_fees()
    tasks.members_renew()


def subjects() -> list[str]:
    return [letter.subject for letter in mail.outbox]


def test_it_is_announced_charged_as_the_period_ends_and_nothing_more_is_asked(
    shop: FakeShop, stripe: FakeStripe, member: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_card(stripe, last4="1881")
    for day in (-3, -2, -1):
        run(END + days(day), monkeypatch)
    assert (stripe.charged, Renewal.objects.get().work_at) == ([], END - HOUR)
    [letter] = mail.outbox
    assert letter.subject == "Your membership Circle is about to be renewed"
    assert "Order 9000 for the next period is then charged to your card Visa •••• 1881." in letter.body
    assert "https://" not in letter.body
    run(END - HOUR, monkeypatch)
    assert (stands(member, END), member.paid_until, len(stripe.charged)) == (("active", True), at(2027, 3, 31), 1)
    charge = Charge.objects.get(order_id="placed-9000")
    assert (charge.amount, charge.membership_id) == (30, member.pk)
    for day in (1, 3, 5, 7):
        run(END + days(day), monkeypatch)
    assert (len(mail.outbox), len(stripe.charged), Renewal.objects.get().state) == (1, 1, "paid")


def test_refused_it_is_tried_again_with_a_notice_each_time_then_grace_then_lapsed(
    shop: FakeShop, stripe: FakeStripe, member: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_card(stripe, bank="insufficient_funds")
    hours = [END + datetime.timedelta(hours=step) for step in range(-72, 24 * 15)]
    stood = {}
    for moment in hours:
        run(moment, monkeypatch)
        stood[moment] = stands(member, moment)
    fees = list(Fee.objects.order_by("id"))
    assert [(fee.number, fee.state, fee.reason) for fee in fees] == [
        (number, "refused", "insufficient_funds") for number in (1, 2, 3, 4, 5)
    ]
    assert [fee.created_at - END for fee in fees] == [-HOUR, *(days(number) for number in (1, 3, 5, 7))]
    assert subjects() == ["Your membership Circle is about to be renewed"] + ["Your card was refused: Circle"] * 5
    assert "it will be tried again" in mail.outbox[1].body and "it will be tried again" not in mail.outbox[5].body
    assert "https://shop.example.com/pay/placed-9000" in mail.outbox[1].body
    assert len({letter.extra_headers["Message-ID"] for letter in mail.outbox}) == 6
    assert stood[END - HOUR] == ("active", True) and stood[END + days(7) - HOUR] == ("past_due", True)
    assert stood[END + days(12) - HOUR] == ("grace", True)
    assert stood[END + days(12)] == ("lapsed", False)
    assert (stripe.charged, shop.order_table["placed-9000"].cancelled) == ([], True)


def test_another_card_is_charged_at_once(
    shop: FakeShop, stripe: FakeStripe, member: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_card(stripe, bank="stolen_card")
    for day in (-3, 0, 1, 3):
        run(END + days(day), monkeypatch)
    assert subjects() == [
        "Your membership Circle is about to be renewed", "Your card was refused: Circle",
        "Your membership Circle was to be renewed", "Your membership Circle was to be renewed",
    ]  # fmt: skip
    assert Fee.objects.count() == 1  # refused for good: the pay link is mailed instead
    methods.ask(user_id=ADA, return_url="https://shop.example.com/", cancel_url="https://shop.example.com/", now=NOW)
    link = list(stripe.tables["checkout/sessions"])[-1]
    stripe.leave_card(link)
    run(END + days(3.5), monkeypatch)
    assert (stands(member, END + days(4)), len(stripe.charged)) == (("active", True), 1)


def test_who_pays_by_the_link_is_not_charged(
    shop: FakeShop, stripe: FakeStripe, member: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_card(stripe, bank="insufficient_funds")
    for day in (-3, 0):
        run(END + days(day), monkeypatch)
    shop.put_order(dataclasses.replace(shop.order_table["placed-9000"], paid=True, outstanding=0))
    for day in (1, 3, 5, 7, 9):
        run(END + days(day), monkeypatch)
    assert (stands(member, END + days(9)), stripe.charged, Fee.objects.count()) == (("active", True), [], 1)


def test_who_cancels_is_not_charged(
    shop: FakeShop, stripe: FakeStripe, member: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_card(stripe)
    run(END - days(3), monkeypatch)
    actions.cancel(membership_id=member.pk, by=By(kind="member", user_id=ADA), now=END - days(1))
    for day in (-1, 0, 1, 9):
        run(END + days(day), monkeypatch)
    assert (stripe.charged, stands(member, END + days(1))[0]) == ([], "cancelled")


def test_who_has_a_plan_that_is_switched_off_is_not_charged_until_it_is_on_again(
    shop: FakeShop, stripe: FakeStripe, member: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_card(stripe)
    run(END - days(3), monkeypatch)
    Plan.objects.update(active=False)
    for day in (-1, 0, 1, 3):
        run(END + days(day), monkeypatch)
    assert (stripe.charged, len(mail.outbox), stands(member, END + days(3))[0]) == ([], 1, "past_due")
    Plan.objects.update(active=True)
    run(END + days(3.3), monkeypatch)
    assert (len(stripe.charged), stands(member, END + days(4))) == (1, ("active", True))


def test_what_is_asked_for_a_plan_that_stays_switched_off_is_taken_back_at_the_end(
    shop: FakeShop, stripe: FakeStripe, member: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(END - days(3), monkeypatch)
    Plan.objects.update(active=False)
    for step in range(60):
        run(END + days(step / 4), monkeypatch)
    assert (stands(member, END + days(15))[0], Renewal.objects.get().state) == ("lapsed", "closed")
    assert (shop.order_table["placed-9000"].cancelled, len(mail.outbox)) == (True, 1)


def test_a_card_that_is_left_after_the_notice_is_charged_at_the_end(
    shop: FakeShop, stripe: FakeStripe, member: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(END - days(3), monkeypatch)
    methods.ask(
        user_id=ADA, return_url="https://shop.example.com/", cancel_url="https://shop.example.com/", now=END - days(2)
    )
    stripe.leave_card(next(iter(stripe.tables["checkout/sessions"])))
    run(END - days(1), monkeypatch)
    assert (stripe.charged, Renewal.objects.get().work_at, len(mail.outbox)) == ([], END - HOUR, 1)
    run(END, monkeypatch)
    assert (len(stripe.charged), stands(member, END)) == (1, ("active", True))


def test_a_trial_goes_over_into_a_paid_period(
    shop: FakeShop, stripe: FakeStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = a_plan(trial="P14D")
    actions.start_trial(user_id=ADA, plan_id=plan.pk, channel="default-channel", now=NOW)
    leave_card(stripe)
    for day in (11, 13, 13.96):
        run(NOW + days(day), monkeypatch)
    member = the_member()
    assert (stands(member, NOW + days(15)), len(stripe.charged)) == (("active", True), 1)


def test_a_refund_at_the_provider_takes_the_period_back(
    shop: FakeShop, stripe: FakeStripe, member: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_card(stripe)
    for day in (-3, 0):
        run(END + days(day), monkeypatch)
    fee = Fee.objects.get()
    stripe.refund(fee.charge_ref)
    monkeypatch.setattr(tasks, "_now", lambda: END + days(1))
    tasks.members_fees_sweep()
    run(END + days(1), monkeypatch)
    assert (stands(member, END + days(1))[1], shop.order_table["placed-9000"].refunded) == (False, 30)
    assert Charge.objects.get(order_id="placed-9000").refunded == 30


def test_a_charge_that_the_bank_takes_back_takes_the_period_back(
    shop: FakeShop, stripe: FakeStripe, member: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_card(stripe)
    for day in (-3, 0):
        run(END + days(day), monkeypatch)
    dispute = stripe.dispute(Fee.objects.get().charge_ref)
    monkeypatch.setattr(tasks, "_now", lambda: END + days(1))
    tasks.members_fees_sweep()
    run(END + days(1), monkeypatch)
    assert stands(member, END + days(1))[1] is False
    dispute["status"] = "won"
    stripe.tell("charge.dispute.closed", dispute)
    monkeypatch.setattr(tasks, "_now", lambda: END + days(2))
    tasks.members_fees_sweep()
    run(END + days(2), monkeypatch)
    assert stands(member, END + days(2)) == ("active", True)


@pytest.mark.parametrize("language", ["ar", "de", "en", "es", "fr", "pl"])
@pytest.mark.parametrize("bank", ["insufficient_funds", "lost_card"])
def test_the_mails_name_card_and_order_in_each_language(
    shop: FakeShop, stripe: FakeStripe, member: Membership, monkeypatch: pytest.MonkeyPatch, language: str, bank: str
) -> None:
    shop.customer_table[ADA] = dataclasses.replace(shop.customer_table[ADA], language=language)
    leave_card(stripe, bank=bank)
    run(END - days(3), monkeypatch)
    run(END, monkeypatch)
    announced, refused = mail.outbox
    for letter in mail.outbox:
        [(html, _)] = letter.alternatives
        for text in (letter.body, html):
            assert "Visa •••• 4242" in text and "9000" in text
            assert ("/pay/placed-9000" in text) == (letter is refused)
    assert announced.subject != refused.subject
    assert renewals.compose.__doc__
