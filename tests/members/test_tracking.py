"""What providers tell of members' mails: late, twice, in any order, before the worker noted it; and what it stops."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core import mail as outbox
from django.db import transaction

from saleor_livesales import conf
from saleor_livesales.mails import webhooks
from saleor_livesales.mails.models import MailBounce, MailEvent
from saleor_livesales.members import actions, codes, mail, renewals, tracking
from saleor_livesales.members.actors import By
from saleor_livesales.members.models import MemberCode, Renewal
from tests.fakes import FakeShop
from tests.mails.provider import postmark, request

from .build import ADA, NOW, a_plan, days
from .test_codes import buy
from .test_orders import at_once

pytestmark = [pytest.mark.django_db(transaction=True)]
STAFF = By(kind="staff", user_id="VXNlcjo5")


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    monkeypatch.setenv("LIVESALES_MAIL_WEBHOOKS", '{"postmark": {"webhook_secret": "us:hunter2"}}')
    monkeypatch.setenv("LIVESALES_MAIL_BACKEND", "django.core.mail.backends.locmem.EmailBackend")
    monkeypatch.setenv("LIVESALES_MAIL_OPENS", "1")
    conf.load.cache_clear()
    outbox.outbox = []
    yield monkeypatch.setenv
    monkeypatch.undo()
    conf.load.cache_clear()


@pytest.fixture
def row(shop: FakeShop) -> MemberCode:
    a_plan(payment_url="https://shop.example.com/pay/{order}")
    buy(shop)
    codes.issue_due(now=NOW)
    return MemberCode.objects.get()


@pytest.fixture
def sent(row: MemberCode) -> MemberCode:
    assert mail.mail_due(now=NOW) == 1
    row.refresh_from_db()
    return row


def tell(kind: str, row: MemberCode | None, at: datetime.datetime = NOW, **more: Any) -> None:
    name = f"code-{row.pk}" if row is not None else ""
    answer = webhooks.respond("postmark", request(postmark(kind, **{"mail": name, **more})), now=at)
    assert answer.status_code == 200


def state(row: MemberCode) -> str:
    row.refresh_from_db()
    return row.mail_state


def test_delivered_then_opened(sent: MemberCode) -> None:
    tell("Delivery", sent)
    assert state(sent) == "sent"  # kept, not acted on within the provider's request
    told = datetime.datetime(2027, 1, 1, 12, tzinfo=datetime.UTC)  # by the provider's clock
    assert (tracking.act(now=NOW), state(sent), sent.told_at) == (1, "delivered", told)
    tell("Open", sent)
    assert (tracking.act(now=NOW), tracking.act(now=NOW), state(sent)) == (1, 0, "opened")
    assert not MailBounce.objects.exists()


KINDS = {"Delivery": "delivered", "Open": "opened", "Bounce": "bounced", "SpamComplaint": "complained"}


@pytest.mark.parametrize("order", list(itertools.permutations(KINDS, 3)))
def test_in_any_order_and_twice_it_ends_the_same(sent: MemberCode, order: tuple[str, ...]) -> None:
    for kind in (*order, *reversed(order)):
        tell(kind, sent)
        tracking.act(now=NOW)
    highest = max(order, key=list(KINDS).index)
    assert state(sent) == KINDS[highest]
    assert MailBounce.objects.count() == ("Bounce" in order or "SpamComplaint" in order)


def test_told_before_the_worker_noted_that_it_mailed(row: MemberCode) -> None:
    tell("Delivery", row)
    assert (tracking.act(now=NOW), state(row)) == (0, "queued")
    mail.mail_due(now=NOW)
    assert (tracking.act(now=NOW), state(row)) == (1, "delivered")


def test_told_while_it_is_being_sent_nobody_waits(row: MemberCode) -> None:
    tell("Delivery", row)
    with transaction.atomic():
        MemberCode.objects.select_for_update().get(pk=row.pk)
        done: list[int] = []
        at_once(1, lambda _: done.append(tracking.act(now=NOW)))
        assert done == [0]


def test_a_provider_that_gives_no_metadata_back_names_its_own_id(sent: MemberCode) -> None:
    MemberCode.objects.filter(pk=sent.pk).update(provider_id="883953f4-6105-42a2-a16a-77a8eac79483")
    tell("Delivery", None)
    assert (tracking.act(now=NOW), state(sent)) == (1, "delivered")


def test_of_mails_that_are_not_ours_nothing_stays(sent: MemberCode) -> None:
    for name in ("", "x", "code-", "code-7", "renewal-7", f"code-{sent.membership_id}"):
        tell("Bounce", None, mail=name, ID=name)
    assert tracking.act(now=NOW + days(0.5)) == 0
    assert tracking.act(now=NOW + days(1.1)) == 6 == MailEvent.objects.exclude(done_at=None).count()
    assert state(sent) == "sent" and not MailBounce.objects.exists()
    tracking.act(now=NOW + days(40))
    assert not MailEvent.objects.exists()


def test_what_was_given_up_but_arrived_counts_and_is_erased(row: MemberCode) -> None:
    MemberCode.objects.filter(pk=row.pk).update(mail_state="failed", due_at=None)
    tell("Delivery", row)
    tracking.act(now=NOW)
    assert state(row) == "delivered"
    from saleor_livesales.codes.models import CodeDelivery

    assert not CodeDelivery.objects.exists()


def test_many_workers_act_once(sent: MemberCode) -> None:
    for number in range(8):
        tell("Bounce", sent, ID=number)
    done: list[int] = []
    at_once(4, lambda _: done.append(tracking.act(now=NOW)))
    tracking.act(now=NOW)
    assert MailEvent.objects.filter(done_at=None).count() == 0
    assert (state(sent), MailBounce.objects.count()) == ("bounced", 1)


def replace(row: MemberCode, by: By = STAFF, *, works: bool = False) -> MemberCode:
    return actions.replace_code(membership_id=row.membership_id, by=by, now=NOW, address_works=works)


def test_a_bounce_stops_codes_and_notices_until_the_address_changes(shop: FakeShop, sent: MemberCode) -> None:
    tell("Bounce", sent, to="ADA@example.com ")
    tracking.act(now=NOW)
    new = replace(sent)
    assert (mail.mail_due(now=NOW), state(new), new.error) == (0, "failed", "bounced_before")
    end = sent.membership.paid_until
    renewals.plan_due(now=end - days(2))
    renewals.work(now=end - days(2))
    assert (Renewal.objects.get().state, len(outbox.outbox)) == ("ordered", 1)
    shop.add_customer(ADA, name="Ada Buyer", email="ada@new.example")
    newest = replace(sent)
    assert (mail.mail_due(now=NOW), state(newest), outbox.outbox[-1].to) == (1, "sent", ["ada@new.example"])


def test_staff_that_knows_better_mails_again_and_a_member_can_not(sent: MemberCode) -> None:
    tell("Bounce", sent)
    tracking.act(now=NOW)
    mine = replace(sent, By(kind="member", user_id=ADA), works=True)
    assert (mail.mail_due(now=NOW), state(mine)) == (0, "failed")
    new = replace(sent, works=True)
    assert (mail.mail_due(now=NOW), state(new)) == (1, "sent")


def test_a_notice_that_came_back_stops_as_well(shop: FakeShop, sent: MemberCode) -> None:
    end = sent.membership.paid_until
    renewals.plan_due(now=end - days(2))
    renewals.work(now=end - days(2))
    name = outbox.outbox[-1].extra_headers["Message-ID"].strip("<>").partition("@")[0]
    assert name.startswith("renewal-")
    tell("Bounce", None, mail=name)
    assert tracking.act(now=NOW) == 1
    assert tracking.stopped(user_id=ADA, address="ada@example.com")


def test_with_the_account_goes_what_is_known_of_its_address(sent: MemberCode) -> None:
    tell("Bounce", sent)
    tracking.act(now=NOW)
    actions.account_deleted(user_id=ADA, now=NOW)
    assert not MailBounce.objects.exists()
