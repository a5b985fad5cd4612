"""What a plan gives, through the API: the queue in its order, the reason for the rep, sessions used and left."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_livesales.ids import to_global_id, uuid7
from saleor_livesales.members import orders
from saleor_livesales.members.models import Membership, Plan
from saleor_livesales.sessions.models import Session
from saleor_livesales.visitors.models import VisitorPass
from tests.members import build

from .conftest import (
    CHANNEL,
    CUSTOMER,
    NOBODY,
    ONLY_MANAGER,
    OWNER,
    PRODUCT,
    REP,
    SHOPPER,
    VARIANT,
    gid,
    make_session,
    make_visitor,
    now,
    requestor,
    ticket,
)

START = """mutation($input: LiveSessionStartInput!) { liveSessionStart(input: $input) {
  session { id position priority memberPlan { name } } errors { field code } } }"""
QUEUE = """query($first: Int = 100, $after: String) { liveSessions(filter: {state: [QUEUED]}, sortBy: {field: PLACE},
  first: $first, after: $after) { edges { cursor node { id priority position memberPlan { name } } } } }"""
MINE = "{ liveMembership { sessions { used limit left since until } plan { priority forms sessionsPerPeriod } } }"
UPDATE = """mutation($id: ID!, $input: LiveMembershipPlanInput!) { liveMembershipPlanUpdate(id: $id, input: $input) {
  plan { priority forms sessionsPerPeriod } errors { field code } } }"""


@pytest.fixture
def plan(db) -> Plan:
    return build.a_plan(product_id=PRODUCT, variant_id=VARIANT, priority=3, sessions_per_period=1)


def bought(shop, number=1, user_id=CUSTOMER) -> Membership:
    shop.put_order(build.an_order(number, build.a_line(number, variant=VARIANT), user_id=user_id))
    orders.follow(order_id=f"order-{number}", now=now())
    return Membership.objects.get(user_id=user_id)


def ago(seconds: float) -> datetime.datetime:
    return now() - datetime.timedelta(seconds=seconds)


def test_the_owner_sets_what_a_plan_gives(ask, plan):
    given = {"priority": 7, "forms": ["AUDIO", "CHAT"], "sessionsPerPeriod": 4}
    changed = ask(UPDATE, OWNER, id=to_global_id("LiveMembershipPlan", plan.pk), input=given)
    assert (changed.codes, changed.data["plan"]) == ([], {**given, "forms": ["CHAT", "AUDIO"]})
    refused = ask(UPDATE, OWNER, id=to_global_id("LiveMembershipPlan", plan.pk), input={"sessionsPerPeriod": -1})
    assert refused.codes == [("sessionsPerPeriod", "INVALID")]


def test_a_member_starts_before_others_and_is_refused_when_none_is_left(ask, shop, channel, rep, plan):
    member = bought(shop)
    rep.capacity, rep.load = 1, 1
    rep.save()
    make_session(make_visitor(), state="active", rep=rep)
    make_session(make_visitor(), at=ago(60))
    visitor = make_visitor(user_id=CUSTOMER)
    begun = ask(START, NOBODY, input={"ticket": ticket(visitor.pk), "channel": CHANNEL})
    assert begun.codes == []
    told = begun.data["session"]
    assert (told["position"], told["priority"]) == (1, 3)
    assert told["memberPlan"] is None  # for staff
    [used] = [ask(MINE, SHOPPER).data["sessions"]]
    assert (used["used"], used["limit"], used["left"]) == (1, 1, 0)
    other = make_visitor(user_id=CUSTOMER)
    refused = ask(START, NOBODY, input={"ticket": ticket(other.pk), "channel": CHANNEL})
    assert refused.codes == [(None, "SESSIONS_USED_UP")]
    assert Session.objects.filter(membership_id=member.pk).count() == 1


def test_the_rep_sees_the_queue_in_its_order_and_why(ask, plan, rep):
    member = Membership.objects.create(
        user_id=CUSTOMER, plan=plan, channel=CHANNEL, state="active", anchor=now(), period="P1M", time_zone="UTC",
        grace_days=0, periods=1, paid_until=now() + datetime.timedelta(days=30), since=now(), created_at=now(),
        due_at=now() + datetime.timedelta(days=30),
    )  # fmt: skip
    late = make_session(make_visitor(), at=ago(700))
    gold = make_session(make_visitor(), at=ago(10), turn=-3, membership_id=member.pk)
    plain = make_session(make_visitor(), at=ago(60))
    lost = make_session(make_visitor(), at=ago(5), membership_id=uuid7())  # of a membership that is gone
    answer = ask(QUEUE, REP)
    assert [node["id"] for node in answer.nodes] == [gid(late), gid(gold), gid(plain), gid(lost)]
    assert [node["position"] for node in answer.nodes] == [1, 2, 3, 4]
    assert [(node["priority"], node["memberPlan"]) for node in answer.nodes] == [
        (0, None), (3, {"name": "Circle"}), (0, None), (0, None),
    ]  # fmt: skip
    after, found = None, []
    while (page := ask(QUEUE, REP, first=1, after=after)).data["edges"]:
        [edge] = page.data["edges"]
        found.append(edge["node"]["id"])
        after = edge["cursor"]
    assert found == [gid(late), gid(gold), gid(plain), gid(lost)]


def test_the_queue_costs_the_same_whatever_its_length(ask, plan, rep):
    def cost(number):
        for _ in range(number):
            make_session(make_visitor(), at=ago(5), turn=-3, membership_id=uuid7())
        make_session(make_visitor(), at=ago(5000))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert not ask(QUEUE, REP).errors
        return len(queries)

    assert cost(1) == cost(20)


def test_sessions_are_told_to_the_member_and_the_owner_while_the_membership_holds(ask, shop, plan):
    document = "{ liveMemberships(first: 5) { edges { node { sessions { left } } } } }"
    member = bought(shop)
    assert ask(MINE, SHOPPER).data["plan"] == {"priority": 3, "forms": [], "sessionsPerPeriod": 1}
    assert ask(document, ONLY_MANAGER).nodes == [{"sessions": {"left": 1}}]
    Membership.objects.filter(pk=member.pk).update(state="lapsed", ended_at=now(), due_at=None)
    assert ask(document, ONLY_MANAGER).nodes == [{"sessions": None}]


def test_who_asks_learns_what_is_the_owners(ask, rep):
    document = "{ liveRep { mayManage } }"
    assert ask(document, REP).data == {"mayManage": False}
    assert ask(document, OWNER).data == {"mayManage": True}


CHANGE = """mutation($id: ID!, $plan: ID!, $atOnce: Boolean) {
  liveMembershipChange(id: $id, planId: $plan, atOnce: $atOnce) {
    membership { id state nextPlan { name } plan { name } paidUntil } errors { field code } } }"""


@pytest.fixture
def gold(shop, db) -> Plan:
    other = to_global_id("ProductVariant", 12)
    shop.add_item(PRODUCT, "10.00", variant_id=other)
    return build.a_plan(product_id=PRODUCT, variant_id=other, name="Gold", period="P1D")


def changing(member, plan, **more):
    return {
        "id": to_global_id("LiveMembership", member.pk),
        "plan": to_global_id("LiveMembershipPlan", plan.pk),
        **more,
    }


def test_a_member_goes_over_to_another_plan(ask, shop, plan, gold):
    member = bought(shop)
    chosen = ask(CHANGE, SHOPPER, **changing(member, gold))
    assert chosen.codes == []
    assert chosen.data["membership"]["nextPlan"] == {"name": "Gold"}
    back = ask(CHANGE, SHOPPER, **changing(member, plan))
    assert (back.codes, back.data["membership"]["nextPlan"]) == ([], None)
    at_once = ask(CHANGE, SHOPPER, **changing(member, gold, atOnce=True))
    assert (at_once.codes, at_once.data["membership"]["plan"]) == ([], {"name": "Gold"})
    again = ask(CHANGE, SHOPPER, **changing(member, gold, atOnce=True))
    assert again.data["membership"] == at_once.data["membership"]
    assert ask(CHANGE, SHOPPER, **changing(member, plan)).codes == [("id", "MEMBERSHIP_STATE")]


def test_nobody_else_changes_a_members_plan_but_the_owner(ask, shop, plan, gold):
    member = bought(shop)
    stranger = requestor(to_global_id("User", 99), staff=False, name="Bob")
    assert ask(CHANGE, NOBODY, **changing(member, gold)).refusals == ["PermissionDenied"]
    assert ask(CHANGE, REP, **changing(member, gold)).codes == [("id", "NOT_FOUND")]
    assert ask(CHANGE, stranger, **changing(member, gold)).codes == [("id", "NOT_FOUND")]
    member.refresh_from_db()
    assert member.next_plan_id is None
    assert ask(CHANGE, OWNER, **changing(member, gold)).codes == []
    assert ask(CHANGE, OWNER, **changing(member, member)).codes == [("planId", "NOT_FOUND")]


BADGE = """query($ticket: String!) { liveMemberBadge(ticket: $ticket) {
  name byCode plan { name level paymentUrl } sessions { used left } } }"""


def test_the_badge_names_the_account_to_itself_and_nobody_to_a_bearer(ask, shop, plan, gold):
    member = bought(shop)
    own = make_visitor(user_id=CUSTOMER, name="Ada Buyer")
    assert ask(BADGE, NOBODY, ticket=ticket(own.pk)).data == {
        "name": "Ada Buyer", "byCode": False, "plan": {"name": "Circle", "level": 1, "paymentUrl": None},
        "sessions": {"used": 0, "left": 1},
    }  # fmt: skip
    bearer = make_visitor(name="Bob", user_id=to_global_id("User", 99))
    assert ask(BADGE, NOBODY, ticket=ticket(bearer.pk)).data is None
    VisitorPass.objects.create(
        visitor=bearer, code_id=uuid7(), holder_kind="member", holder_id=str(member.pk), opens_kind="member",
        opens_id=str(member.pk), at=now(),
    )  # fmt: skip
    shown = ask(BADGE, NOBODY, ticket=ticket(bearer.pk)).data
    assert (shown["name"], shown["byCode"], shown["plan"]["name"]) == (None, True, "Circle")
    Membership.objects.filter(pk=member.pk).update(state="lapsed", ended_at=now(), due_at=None)
    assert ask(BADGE, NOBODY, ticket=ticket(own.pk)).data is None
    assert ask(BADGE, NOBODY, ticket=ticket(bearer.pk)).data is None
    assert ask(BADGE, SHOPPER, ticket="wrong").refusals == ["Refused"]
