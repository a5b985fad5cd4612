"""Sessions that were open when their membership ended go on, for some minutes, or not at all, as the channel sets."""

from __future__ import annotations

import datetime

import pytest

from saleor_livesales import bus, wire
from saleor_livesales.channels import actions as channels
from saleor_livesales.errors import Invalid
from saleor_livesales.members import actions as members
from saleor_livesales.members import benefits, lapses, tasks
from saleor_livesales.members.models import Membership, Plan
from saleor_livesales.sessions import actions, append, deadlines, overdue
from saleor_livesales.sessions.models import Entry, Session
from tests.sessions import build as talk

from .build import ADA, CHANNEL, NOW, OTHER, a_plan, days
from .test_benefits import OWNER, a_member, a_visitor

MINUTE = datetime.timedelta(minutes=1)


@pytest.fixture
def store(shop, redis, transactional_db):
    return channels.update(channel=CHANNEL, changes={"active": True}, actor_user_id=None, now=NOW)


def after(minutes):
    channels.update(channel=CHANNEL, changes={"ends_after_lapse": minutes}, actor_user_id=None, now=NOW)


def a_talk(user_id=ADA, *, code_of=None, rep=None, now=NOW):
    """An open conversation of whoever has the privilege, and its rep."""
    visitor_id = a_visitor(user_id, code_of=code_of)
    rep = rep or talk.online(now=now)
    session = talk.start(visitor_id, claim=benefits.claim, now=now)
    assert session.membership_id is not None
    return actions.accept(session_id=session.pk, actor=talk.by(rep), now=now), rep


def notices(session):
    rows = Entry.objects.filter(session=session, kind="notice").order_by("number")
    return [{name: value for name, value in row.data.items() if name != "reason"} for row in rows]


def ends(moment):
    return {"notice": "ends", "endsAt": append.moment(moment)}


def revoke(member, now=NOW):
    members.revoke(membership_id=member.pk, reason="left", by=OWNER, now=now)


@pytest.mark.parametrize("minutes", [None, 0, 5])
def test_while_the_membership_holds_nothing_happens(shop, store, minutes):
    after(minutes)
    a_member(shop, a_plan())
    session, _ = a_talk()
    assert lapses.follow(now=NOW) == 0
    assert (talk.state(session), notices(session)) == ("active", [])


def test_it_goes_on_where_nothing_else_is_set(shop, store):
    member = a_member(shop, a_plan())
    session, _ = a_talk()
    revoke(member)
    assert lapses.follow(now=NOW) == 0
    assert (talk.state(session), notices(session)) == ("active", [])
    talk.say(session)


def test_at_once(shop, store):
    after(0)
    member = a_member(shop, a_plan())
    session, _ = a_talk()
    revoke(member)
    assert lapses.follow(now=NOW) == 1
    session.refresh_from_db()
    assert (session.state, session.end_reason, session.ended_at) == ("ended", "lapsed", NOW)
    assert notices(session) == []
    talk.check_loads()
    assert lapses.follow(now=NOW) == 0


def test_after_minutes_of_which_both_are_told(shop, store, redis_url):
    after(5)
    member = a_member(shop, a_plan())
    session, rep = a_talk()
    revoke(member)
    channels_of = bus.visitor_channel(session.visitor_id), bus.rep_channel(rep.pk)
    listener = talk.Listener(redis_url, *channels_of)
    assert lapses.follow(now=NOW) == 1
    heard = listener.frames()
    listener.close()
    assert sorted(channel for channel, _ in heard) == sorted(channels_of)
    for _, frame in heard:
        assert isinstance(frame, wire.Entry)
        assert (frame.kind, frame.sender) == ("notice", "system")
        assert frame.data == {**ends(NOW + 5 * MINUTE), "reason": "lapsed"}

    assert lapses.follow(now=NOW + MINUTE) == 0  # said once
    assert notices(session) == [ends(NOW + 5 * MINUTE)]
    talk.say(session, now=NOW + MINUTE)  # they go on talking meanwhile
    session.refresh_from_db()
    assert overdue.state_at(session, NOW + 5 * MINUTE) == "ended"
    talk.stay(rep, now=NOW + 5 * MINUTE - MINUTE / 60)
    assert deadlines.work_off(now=NOW + 5 * MINUTE - MINUTE / 60) == 0
    talk.stay(rep, now=NOW + 5 * MINUTE)
    deadlines.work_off(now=NOW + 5 * MINUTE)
    session.refresh_from_db()
    assert (session.state, session.end_reason) == ("ended", "lapsed")
    assert talk.log(session)[-1] == "ended lapsed"
    talk.check_loads()


def test_who_pays_meanwhile_goes_on_and_is_told(shop, store):
    after(5)
    plan = a_plan()
    member = a_member(shop, plan)
    session, rep = a_talk()
    revoke(member)
    lapses.follow(now=NOW)
    a_member(shop, plan, number=2, at=NOW + MINUTE)
    assert lapses.follow(now=NOW + 2 * MINUTE) == 1
    assert notices(session) == [ends(NOW + 5 * MINUTE), {"notice": "goes_on"}]
    talk.stay(rep, now=NOW + 6 * MINUTE)
    deadlines.work_off(now=NOW + 6 * MINUTE)
    assert talk.state(session) == "active"
    revoke(Membership.objects.get(), now=NOW + 7 * MINUTE)
    assert lapses.follow(now=NOW + 7 * MINUTE) == 1  # and again
    assert notices(session)[2:] == [ends(NOW + 12 * MINUTE)]


@pytest.mark.parametrize("minutes", [0, 5])
def test_another_membership_that_holds_for_the_visitor_keeps_it(shop, store, minutes):
    after(minutes)
    shop.add_item(a_plan(priority=2).product_id, "5.00", variant_id=OTHER)
    silver = a_plan(variant_id=OTHER, priority=1)
    gold = a_member(shop, Plan.objects.get(priority=2))
    kept = a_member(shop, silver, number=2)
    session, _ = a_talk()
    assert session.membership_id == gold.pk
    revoke(gold)
    assert lapses.follow(now=NOW) == 0
    revoke(kept)
    assert lapses.follow(now=NOW) == 1


def test_by_the_clock_a_membership_that_is_not_paid_ends_its_session(shop, store, monkeypatch):
    after(5)
    member = a_member(shop, a_plan())
    over = member.paid_until + days(12)
    session, _ = a_talk(now=over - 2 * MINUTE)
    monkeypatch.setattr(tasks, "_now", lambda: over - MINUTE)
    tasks.members_clock()
    assert notices(session) == []
    monkeypatch.setattr(tasks, "_now", lambda: over)
    tasks.members_clock()
    assert notices(session) == [ends(over + 5 * MINUTE)]


def test_who_came_by_a_members_code_is_asked_to_go_too(shop, store):
    after(0)
    member = a_member(shop, a_plan())
    session, _ = a_talk(None, code_of=member)
    revoke(member)
    lapses.follow(now=NOW)
    assert talk.state(session) == "ended"


def test_sessions_of_whoever_is_no_member_are_left_alone(shop, store):
    after(0)
    revoke(a_member(shop, a_plan()))
    session, _ = talk.talking(now=NOW)
    assert lapses.follow(now=NOW) == 0
    assert talk.state(session) == "active"


def test_one_that_waits_ends_as_well(shop, store):
    after(5)
    member = a_member(shop, a_plan())
    rep = talk.online(now=NOW, capacity=1)
    talk.talking(rep, now=NOW)
    waiting = talk.start(a_visitor(ADA), claim=benefits.claim, now=NOW)
    assert waiting.state == "queued"
    revoke(member)
    lapses.follow(now=NOW)
    talk.stay(rep, now=NOW + 5 * MINUTE)
    deadlines.work_off(now=NOW + 5 * MINUTE, since=deadlines.Since(heard=NOW + 5 * MINUTE))
    waiting.refresh_from_db()
    assert (waiting.state, waiting.end_reason) == ("ended", "lapsed")


def test_a_channel_that_lets_them_go_on_takes_it_back(shop, store):
    after(5)
    member = a_member(shop, a_plan())
    session, _ = a_talk()
    revoke(member)
    lapses.follow(now=NOW)
    after(None)
    assert lapses.follow(now=NOW + MINUTE) == 1
    assert notices(session)[-1] == {"notice": "goes_on"}
    assert Session.objects.get(pk=session.pk).ends_at is None


def test_many_processes_say_it_once(shop, store):
    after(5)
    member = a_member(shop, a_plan())
    rep = talk.online(now=NOW, capacity=12)
    sessions = [a_talk(None, code_of=member, rep=rep)[0] for _ in range(6)]
    revoke(member)
    results = talk.at_once(*[lambda: lapses.follow(now=NOW)] * 6)
    assert sum(results) == 6
    assert all(len(notices(session)) == 1 for session in sessions)


def test_ended_before_its_time_nothing_more_is_due(shop, store):
    after(5)
    member = a_member(shop, a_plan())
    session, rep = a_talk()
    revoke(member)
    lapses.follow(now=NOW)
    actions.end(session_id=session.pk, actor=talk.by(rep), now=NOW + MINUTE)
    session.refresh_from_db()
    assert (session.end_reason, session.ends_at) == ("rep", None)
    assert deadlines.work_off(now=NOW + 6 * MINUTE) <= 1  # its rep's lease
    assert lapses.follow(now=NOW + 6 * MINUTE) == 0


def test_the_next_session_begins_without_the_privilege(shop, store):
    after(5)
    member = a_member(shop, a_plan(priority=3))
    session, rep = a_talk()
    revoke(member)
    lapses.follow(now=NOW)
    talk.stay(rep, now=NOW + 5 * MINUTE)
    again = talk.start(session.visitor_id, claim=benefits.claim, now=NOW + 5 * MINUTE)
    assert (again.pk != session.pk, again.membership_id, again.priority) == (True, None, 0)
    assert Session.objects.get(pk=session.pk).end_reason == "lapsed"


@pytest.mark.parametrize("wrong", [-1, 241, True, "5", 2.5])
def test_minutes_are_checked(shop, store, wrong):
    with pytest.raises(Invalid, match="from 0 to 240") as refused:
        after(wrong)
    assert refused.value.field == "endsAfterLapse"
