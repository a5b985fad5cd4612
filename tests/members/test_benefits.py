"""What a plan gives when a session starts: whose membership counts, its sessions, and how they run out."""

from __future__ import annotations

import datetime

import pytest
from django.db import transaction

from saleor_livesales.channels.models import ChannelSettings
from saleor_livesales.ids import uuid7
from saleor_livesales.members import actions as members
from saleor_livesales.members import benefits, orders, plans
from saleor_livesales.members.actors import By
from saleor_livesales.members.models import Membership, Plan
from saleor_livesales.sessions import actions
from saleor_livesales.sessions.forms import FormNotAvailable
from saleor_livesales.sessions.models import Session
from saleor_livesales.sessions.privileges import NOBODYS, Privilege
from saleor_livesales.visitors.models import Visitor, VisitorPass
from tests.sessions import build as talk

from .build import ADA, BOB, CHANNEL, NOW, OTHER, a_line, a_plan, an_order, days

OWNER = By(kind="staff", user_id="VXNlcjo5")


def a_member(shop, plan, *, number=1, user_id=ADA, at=NOW, quantity=1):
    shop.put_order(an_order(number, a_line(number, quantity, variant=plan.variant_id), user_id=user_id))
    orders.follow(order_id=f"order-{number}", now=at)
    return Membership.objects.get(user_id=user_id, plan=plan)


def a_visitor(user_id=None, *, code_of=None, until=None, revoked=None):
    visitor = Visitor.objects.create(user_id=user_id, created_at=NOW)
    if code_of is not None:
        VisitorPass.objects.create(
            visitor=visitor, code_id=uuid7(), holder_kind="member", holder_id=str(code_of.pk), opens_kind="member",
            opens_id=str(code_of.pk), at=NOW, until=until, revoked_at=revoked,
        )  # fmt: skip
    return visitor.pk


def claim(visitor_id, *, now=NOW, form="chat", invited=False):
    with transaction.atomic():
        return benefits.claim(visitor_id=visitor_id, form=form, invited=invited, now=now)


def test_the_account_has_what_its_plan_gives_while_it_holds(shop, db):
    plan = a_plan(priority=4)
    member = a_member(shop, plan)
    gold = Privilege(membership_id=member.pk, priority=4)
    assert claim(a_visitor(ADA)) == gold
    assert claim(a_visitor(BOB)) == claim(a_visitor()) == claim(uuid7()) == NOBODYS
    assert claim(a_visitor(ADA), now=member.paid_until + days(11)) == gold  # past due, then grace
    assert claim(a_visitor(ADA), now=member.paid_until + days(12)) == NOBODYS


def test_a_members_code_gives_the_same_until_it_is_over(shop, db):
    member = a_member(shop, a_plan(priority=4))
    gold = Privilege(membership_id=member.pk, priority=4)
    assert claim(a_visitor(code_of=member)) == gold
    assert claim(a_visitor(BOB, code_of=member)) == gold  # a bearer's, whoever is signed in
    assert claim(a_visitor(code_of=member, until=NOW)) == NOBODYS
    assert claim(a_visitor(code_of=member, revoked=NOW)) == NOBODYS
    members.revoke(membership_id=member.pk, reason="left", by=OWNER, now=NOW)
    assert claim(a_visitor(code_of=member)) == NOBODYS


def test_another_kind_of_code_makes_no_member(shop, db):
    member = a_member(shop, a_plan(priority=4))
    visitor_id = a_visitor(code_of=member)
    VisitorPass.objects.update(opens_kind="piece")
    assert claim(visitor_id) == NOBODYS


def test_of_several_the_highest_priority_that_has_a_session_left(shop, db):
    shop.add_item(a_plan(priority=2).product_id, "5.00", variant_id=OTHER)
    gold_plan = a_plan(variant_id=OTHER, priority=9, sessions_per_period=1)
    silver = a_member(shop, Plan.objects.get(priority=2))
    gold = a_member(shop, gold_plan, number=2)
    visitor_id = a_visitor(ADA)
    assert claim(visitor_id).membership_id == gold.pk
    a_session(gold)
    assert claim(visitor_id) == Privilege(membership_id=silver.pk, priority=2)


def a_session(member, *, at=NOW, state="active", **values):
    given = {"accepted_at": at, **values}
    if state == "active":
        given["rep"] = talk.Rep.objects.create(user_id=str(uuid7()), name="R")
    return Session.objects.create(
        visitor_id=a_visitor(), channel=CHANNEL, state=state, membership_id=member.pk, created_at=at, **given
    )


def used(member, now=NOW):
    found = benefits.sessions_of([Membership.objects.select_related("plan").get(pk=member.pk)], now=now)[member.pk]
    return found.used, found.left


def test_sessions_that_somebody_took_count_and_those_that_nobody_took_do_not(shop, db):
    member = a_member(shop, a_plan(sessions_per_period=5))
    assert used(member) == (0, 5)
    a_session(member)
    a_session(member, state="queued", accepted_at=None)
    a_session(member, state="ended", ended_at=NOW)
    assert used(member) == (3, 2)
    a_session(member, state="ended", accepted_at=None, ended_at=NOW, end_reason="nobody")
    a_session(member, at=NOW - days(1))  # before the period
    assert used(member) == (3, 2)
    member.plan.sessions_per_period = 0
    member.plan.save()
    assert used(member) == (3, None)


def test_they_count_anew_with_each_period_and_in_the_one_that_is_asked_for(shop, db):
    member = a_member(shop, a_plan(sessions_per_period=1), quantity=2)
    february, april = member.paid_until - days(31), member.paid_until
    a_session(member, at=february - datetime.timedelta(seconds=1), state="ended")
    assert used(member, now=february - datetime.timedelta(seconds=1)) == (1, 0)
    assert used(member, now=february) == (0, 1)
    assert benefits.span(member, now=february) == (february, april)
    a_session(member, at=april, state="ended")  # past due
    assert used(member, now=april + days(3)) == (1, 0)
    a_member(shop, member.plan, number=2, at=april + days(4))  # paid late: the same period
    assert used(member, now=april + days(5)) == (1, 0)


def test_on_trial_they_count_from_its_beginning(shop, db):
    plan = a_plan(trial="P14D", sessions_per_period=1)
    member = members.start_trial(plan_id=plan.pk, user_id=ADA, channel=CHANNEL, now=NOW)
    assert benefits.span(member, now=NOW + days(1)) == (NOW, NOW + days(14))
    a_session(member, at=NOW + days(1), state="ended")
    a_member(shop, plan, at=NOW + days(2))  # paid while on trial: the trial goes on to its end
    assert used(member, now=NOW + days(3)) == (1, 0)
    assert used(member, now=NOW + days(14)) == (0, 1)


@pytest.fixture
def store(shop, redis, transactional_db):
    talk.online(capacity=10, now=NOW)
    return ChannelSettings.objects.create(channel=CHANNEL, active=True, currency="USD", updated_at=NOW)


def start(visitor_id, **values):
    return talk.start(visitor_id, now=NOW, claim=benefits.claim, **values)


def test_used_up_it_is_refused_and_nothing_starts(shop, store):
    member = a_member(shop, a_plan(priority=3, sessions_per_period=1))
    first = start(a_visitor(ADA))
    assert (first.priority, first.membership_id) == (3, member.pk)
    with pytest.raises(benefits.SessionsUsedUp):
        start(a_visitor(code_of=member))
    assert Session.objects.count() == 1
    actions.end(session_id=first.pk, actor=talk.visitor_of(first), now=NOW)  # it rang, and nobody took it
    again = start(a_visitor(code_of=member))
    assert again.membership_id == member.pk


def test_the_open_session_comes_back_also_when_none_is_left(shop, store):
    a_member(shop, a_plan(sessions_per_period=1))
    visitor_id = a_visitor(ADA)
    assert start(visitor_id).pk == start(visitor_id).pk


def test_whom_the_store_invites_is_let_in(shop, store):
    member = a_member(shop, a_plan(priority=3, sessions_per_period=1))
    a_session(member)
    invited = start(a_visitor(ADA), offer_id=uuid7())
    assert (invited.priority, invited.membership_id) == (3, member.pk)
    assert used(member) == (2, 0)


def test_of_many_at_once_as_many_begin_as_are_left(shop, store):
    member = a_member(shop, a_plan(sessions_per_period=2))
    visitors = [a_visitor(ADA) for _ in range(3)] + [a_visitor(code_of=member) for _ in range(3)]
    results = talk.at_once(*[lambda pk=pk: start(pk) for pk in visitors])
    assert sorted(type(result).__name__ for result in results) == ["Session"] * 2 + ["SessionsUsedUp"] * 4
    assert Session.objects.filter(membership_id=member.pk).count() == 2


def test_a_form_that_the_plan_does_not_have_is_refused(shop, db):
    member = a_member(shop, a_plan(forms=["chat", "audio"]))
    visitor_id = a_visitor(ADA)
    assert claim(visitor_id, form="audio").membership_id == member.pk
    with pytest.raises(FormNotAvailable):
        claim(visitor_id, form="video")
    assert claim(visitor_id, form="video", invited=True).membership_id == member.pk


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"priority": 11}, "priority"), ({"priority": -1}, "priority"),
        ({"sessions_per_period": -1}, "sessions_per_period"), ({"sessions_per_period": 100_001}, "sessions_per_period"),
        ({"forms": ["video"]}, "forms"),
    ],
)  # fmt: skip
def test_benefits_are_checked(shop, db, values, field):
    plan = a_plan()
    with pytest.raises(plans.Invalid) as error:
        plans.update(plan_id=plan.pk, changes=values, now=NOW)
    assert error.value.field == field
    good = {"priority": 10, "sessions_per_period": 3, "forms": ["video", "chat"]}
    changed = plans.update(plan_id=plan.pk, changes=good, now=NOW)
    assert (changed.priority, changed.sessions_per_period, changed.forms) == (10, 3, ["chat", "video"])
