"""Plans and memberships through the API: who may, what is shown to whom, and in how many queries."""

from __future__ import annotations

import pytest

from saleor_livesales.codes import actions as codes_room
from saleor_livesales.ids import to_global_id
from saleor_livesales.members import codes, orders
from saleor_livesales.members.models import Charge, MemberCode, Membership, Plan
from tests.members import build

from .conftest import (
    APP,
    CHANNEL,
    CUSTOMER,
    NOBODY,
    ONLY_MANAGER,
    OWNER,
    PRODUCT,
    REP,
    SHOPPER,
    STAFF,
    VARIANT,
    gid,
    make_visitor,
    now,
    requestor,
    ticket,
)  # fmt: skip

OTHER = to_global_id("User", 32)
OTHER_SHOPPER = requestor(OTHER, staff=False, name="Bob")

CREATE = """mutation($input: LiveMembershipPlanInput!) { liveMembershipPlanCreate(input: $input) {
  plan { id name level period trial graceDays timeZone active paymentUrl } errors { field code } } }"""
UPDATE = """mutation($id: ID!, $input: LiveMembershipPlanInput!) { liveMembershipPlanUpdate(id: $id, input: $input) {
  plan { id active } errors { field code } } }"""
MINE = """{ liveMembership { id state entitled endsWithPeriod plan { name } charges { id } changes { id }
  profile { name } } }"""
LIST = """query($filter: LiveMembershipFilterInput) { liveMemberships(first: 100, filter: $filter) { totalCount
  edges { node { id state plan { name } profile { name } user { id }
    charges { kind orderId amount { amount currency } refunded { amount } periods returned }
    changes { kind after actor user { id } reason } } } } }"""
INPUT = {"name": "Circle", "productId": PRODUCT, "variantId": VARIANT, "period": "P1M"}


INCOME = """{ liveMembershipIncome(since: "2020-01-01T00:00:00Z", until: "2100-01-01T00:00:00Z") {
  kept { amount } } }"""


def act(name: str, arguments: str = "", given: str = "") -> str:
    return f"""mutation($id: ID!{arguments}) {{ liveMembership{name}(id: $id{given}) {{
      membership {{ id state entitled endsWithPeriod }} errors {{ field code }} }} }}"""


CANCEL, RESUME = act("Cancel"), act("Resume")
REVOKE = act("Revoke", ", $reason: String!", ", reason: $reason")
EXTEND = act(
    "Extend", ", $periods: Int!, $reason: String!, $amount: PositiveDecimal",
    ", periods: $periods, reason: $reason, amount: $amount",
)  # fmt: skip
GRANT = """mutation($user: ID!, $plan: ID!, $channel: String!) { liveMembershipGrant(userId: $user, planId: $plan,
  channel: $channel, periods: 1, reason: "prize") { membership { id state } errors { field code } } }"""
TRIAL = """mutation($plan: ID!, $channel: String!) { liveMembershipTrialStart(planId: $plan, channel: $channel) {
  membership { id state } errors { field code } } }"""


@pytest.fixture
def plan(db) -> Plan:
    return build.a_plan(product_id=PRODUCT, variant_id=VARIANT, trial="P14D")


def member_id(row) -> str:
    return to_global_id("LiveMembership", row.pk)


def plan_id(row) -> str:
    return to_global_id("LiveMembershipPlan", row.pk)


def bought(shop, number: int = 1, user_id: str = CUSTOMER) -> Membership:
    line = build.a_line(number, variant=VARIANT)
    shop.put_order(build.an_order(number, line, user_id=user_id))
    orders.follow(order_id=f"order-{number}", now=now())
    return Membership.objects.get(user_id=user_id)


def test_the_owner_makes_and_changes_a_plan(ask):
    made = ask(CREATE, ONLY_MANAGER, input={**INPUT, "level": 2, "paymentUrl": "https://a.example/{order}"})
    assert made.codes == []
    assert {key: value for key, value in made.data["plan"].items() if key != "id"} == {
        "name": "Circle", "level": 2, "period": "P1M", "trial": None, "graceDays": 0, "timeZone": "UTC", "active": True,
        "paymentUrl": "https://a.example/{order}",
    }  # fmt: skip
    assert ask(CREATE, OWNER, input=INPUT).codes == [("variantId", "VARIANT_TAKEN")]
    assert ask(CREATE, OWNER, input={**INPUT, "period": "P1H"}).codes == [("period", "INVALID")]
    assert ask(CREATE, OWNER, input={"name": "x"}).codes == [("productId", "INVALID")]
    changed = ask(UPDATE, OWNER, id=made.data["plan"]["id"], input={"active": False})
    assert (changed.codes, changed.data["plan"]["active"]) == ([], False)
    assert ask(UPDATE, OWNER, id=CUSTOMER, input={}).codes == [("id", "NOT_FOUND")]
    assert Plan.objects.count() == 1


@pytest.mark.parametrize("by", [NOBODY, SHOPPER, STAFF, REP])
def test_nobody_else_manages_plans_and_members(ask, shop, plan, by):
    member = bought(shop)
    for document, variables in (
        (CREATE, {"input": INPUT}),
        (UPDATE, {"id": plan_id(plan), "input": {"active": False}}),
        (LIST, {}),
        (REVOKE, {"id": member_id(member), "reason": "x"}),
        (EXTEND, {"id": member_id(member), "periods": 1, "reason": "x"}),
        (GRANT, {"user": CUSTOMER, "plan": plan_id(plan), "channel": CHANNEL}),
        (INCOME, {}),
    ):
        assert ask(document, by, **variables).refusals == ["PermissionDenied"], document
    member.refresh_from_db()
    assert (member.state, member.periods, Charge.objects.count()) == ("active", 1, 1)


def test_an_app_may_read_and_gives_nothing(ask, shop, plan):
    member = bought(shop)
    assert len(ask(LIST, APP).nodes) == 1
    assert ask(REVOKE, APP, id=member_id(member), reason="x").refusals == ["PermissionDenied"]


def test_everybody_sees_the_plans_that_are_on(ask, plan):
    build.a_plan(variant_id="other", name="Old", active=False)
    document = '{ liveMembershipPlans { name active paymentUrl variant(channel: "default-channel") { id } } }'
    Plan.objects.update(payment_url="https://a.example/{order}")
    assert ask(document, NOBODY).data == [
        {"name": "Circle", "active": True, "paymentUrl": None, "variant": {"id": VARIANT}}
    ]  # fmt: skip
    assert [row["name"] for row in ask(document, OWNER).data] == ["Circle", "Old"]


def test_a_member_sees_its_own_and_no_books(ask, shop, plan):
    assert ask(MINE, NOBODY).data is None
    assert ask(MINE, SHOPPER).data is None
    member = bought(shop)
    shop.add_customer(OTHER, name="Bob")
    bought(shop, 2, OTHER)
    assert ask(MINE, SHOPPER).data == {
        "id": member_id(member), "state": "ACTIVE", "entitled": True, "endsWithPeriod": False,
        "plan": {"name": "Circle"}, "charges": None, "changes": None, "profile": None,
    }  # fmt: skip


def test_a_member_cancels_and_resumes_its_own_alone(ask, shop, plan):
    member = member_id(bought(shop))
    for document in (CANCEL, RESUME):
        assert ask(document, OTHER_SHOPPER, id=member).codes == [("id", "NOT_FOUND")]
        assert ask(document, NOBODY, id=member).refusals == ["PermissionDenied"]
        assert ask(document, APP, id=member).refusals == ["PermissionDenied"]
    done = ask(CANCEL, SHOPPER, id=member)
    shown = done.data["membership"]
    assert (done.codes, shown["endsWithPeriod"], shown["entitled"]) == ([], True, True)
    assert ask(RESUME, SHOPPER, id=member).data["membership"]["endsWithPeriod"] is False
    assert ask(CANCEL, ONLY_MANAGER, id=member).data["membership"]["endsWithPeriod"] is True
    shop.is_active = False
    assert ask(RESUME, SHOPPER, id=member).codes == [(None, "INACTIVE")]


def test_the_owner_grants_extends_and_revokes(ask, shop, plan):
    granted = ask(GRANT, OWNER, user=CUSTOMER, plan=plan_id(plan), channel=CHANNEL)
    assert (granted.codes, granted.data["membership"]["state"]) == ([], "ACTIVE")
    member = granted.data["membership"]["id"]
    assert ask(EXTEND, OWNER, id=member, periods=2, reason="cash", amount="20.5").codes == []
    assert ask(EXTEND, OWNER, id=member, periods=0, reason="x").codes == [("periods", "INVALID")]
    revoked = ask(REVOKE, OWNER, id=member, reason="abuse")
    assert (revoked.codes, revoked.data["membership"]["entitled"]) == ([], False)
    assert ask(REVOKE, OWNER, id=member, reason="abuse").codes == [("id", "MEMBERSHIP_STATE")]
    stranger = ask(GRANT, OWNER, user="VXNlcjo5OTk=", plan=plan_id(plan), channel=CHANNEL)
    assert stranger.codes == [("userId", "NOT_FOUND")]
    [node] = ask(LIST, OWNER).nodes
    owner = {"id": OWNER.user_id}
    assert node["changes"] == [
        {"kind": kind, "after": after, "actor": "staff", "user": owner, "reason": reason}
        for kind, after, reason in (
            ("cancel", "CANCELLED", "abuse"),
            ("pay", "ACTIVE", "cash"),
            ("pay", "ACTIVE", "prize"),
        )
    ]
    assert [(row["kind"], row["amount"], row["periods"]) for row in node["charges"]] == [
        ("HAND", {"amount": 20.5, "currency": "USD"}, 2), ("GIFT", None, 1)
    ]  # fmt: skip
    assert ask(INCOME, OWNER).data == [{"kept": {"amount": 20.5}}]


def test_a_shopper_tries_a_plan_out(ask, shop, plan):
    given = {"plan": plan_id(plan), "channel": CHANNEL}
    assert ask(TRIAL, NOBODY, **given).refusals == ["PermissionDenied"]
    assert ask(TRIAL, SHOPPER, plan=plan_id(plan), channel="moon").codes == [("channel", "NOT_FOUND")]
    assert ask(TRIAL, SHOPPER, **given).data["membership"]["state"] == "TRIAL"
    assert ask(TRIAL, SHOPPER, **given).codes == []
    assert Membership.objects.count() == 1


def test_the_list_is_filtered(ask, shop, plan):
    bought(shop)
    shop.add_customer(OTHER, name="Bob Buyer", email="bob@example.com")
    bought(shop, 2, OTHER)

    def found(**filter):
        return sorted(node["profile"]["name"] for node in ask(LIST, OWNER, filter=filter).nodes)

    both = ["Ada Buyer", "Bob Buyer"]
    assert found() == found(state="ACTIVE") == found(planId=plan_id(plan)) == found(state=None) == both
    assert (found(search="bob@"), found(state="LAPSED"), found(search="bob", state="ACTIVE")) == (
        ["Bob Buyer"], [], ["Bob Buyer"]
    )  # fmt: skip
    assert ask(LIST, OWNER, filter={"planId": CUSTOMER}).data is None


def test_a_list_costs_the_same_however_long(ask, shop, plan, django_assert_num_queries):
    def fill(first, last):
        for number in range(first, last):
            user = to_global_id("User", 100 + number)
            shop.add_customer(user, name=f"Member {number}")
            bought(shop, number, user)

    fill(1, 3)
    ask(LIST, OWNER)
    with django_assert_num_queries(5):  # rows, count, plans, charges, changes
        assert len(ask(LIST, OWNER).nodes) == 2
    fill(3, 20)
    with django_assert_num_queries(5):
        assert len(ask(LIST, OWNER).nodes) == 19


VISITORS = """{ liveVisitors(first: 100) { edges { node { name
  profile { name membership { state since plan { name level } } } } } } }"""


def test_a_rep_sees_the_membership_beside_the_profile(ask, shop, plan, rep, django_assert_max_num_queries):
    from .conftest import make_visit

    bought(shop)
    make_visit(make_visitor(name="Ada", user_id=CUSTOMER))
    make_visit(make_visitor(name="Guest"))
    nodes = {node["name"]: node["profile"] for node in ask(VISITORS, REP).nodes}
    assert nodes["Guest"] is None
    assert (nodes["Ada"]["membership"]["state"], nodes["Ada"]["membership"]["plan"]) == (
        "ACTIVE", {"name": "Circle", "level": 1}
    )  # fmt: skip


def test_ids_are_the_tables_own(ask, plan):
    assert gid(plan) != plan_id(plan)
    assert ask("{ liveMembershipPlans { id } }").data == [{"id": plan_id(plan)}]


DELIVERIES = """query($state: [LiveDeliveryStateEnum!]) { liveDeliveries(first: 100, state: $state) { totalCount
  edges { node { state attempts problem sentAt code { masked state holder } membership { plan { name }
    profile { name } } } } } }"""
DELIVERY = """{ liveMembership { delivery { state attempts problem code { id } membership { plan { name } } } } }"""
REPLACE = """mutation($id: ID!) { liveMembershipCodeReplace(id: $id) { delivery { state } errors { field code } } }"""


def test_a_members_code_on_its_way(ask, shop, plan):
    member = bought(shop)
    codes.issue_due(now=now())
    [node] = ask(DELIVERIES, OWNER).nodes
    assert node == {
        "state": "QUEUED", "attempts": 0, "problem": None, "sentAt": None,
        "code": {"masked": node["code"]["masked"], "state": "ISSUED", "holder": "MEMBER"},
        "membership": {"plan": {"name": "Circle"}, "profile": {"name": "Ada Buyer"}},
    }  # fmt: skip
    assert node["code"]["masked"].startswith("••••-••••-•")
    assert ask(DELIVERIES, OWNER, state=["SENT"]).nodes == []
    for by in (NOBODY, SHOPPER, STAFF, REP):
        assert ask(DELIVERIES, by).refusals == ["PermissionDenied"]
    assert ask(DELIVERY, SHOPPER).data["delivery"] == {
        "state": "QUEUED", "attempts": 0, "problem": None, "code": None, "membership": {"plan": {"name": "Circle"}},
    }  # fmt: skip
    assert ask(REPLACE, OTHER_SHOPPER, id=member_id(member)).codes == [("id", "NOT_FOUND")]
    assert ask(REPLACE, NOBODY, id=member_id(member)).refusals == ["PermissionDenied"]
    assert ask(REPLACE, SHOPPER, id=member_id(member)).data == {"delivery": {"state": "QUEUED"}, "errors": []}
    assert MemberCode.objects.filter(membership=member).count() == 2


def test_lists_of_codes_take_the_same_queries_whatever_their_length(ask, shop, plan, django_assert_num_queries):
    def fill(first: int, last: int) -> None:
        for number in range(first, last):
            user = to_global_id("User", 100 + number)
            shop.add_customer(user, name=f"Member {number}")
            bought(shop, number, user)
        codes.issue_due(now=now())

    fill(1, 3)
    with django_assert_num_queries(3):
        assert len(ask(DELIVERIES, OWNER).nodes) == 2
    fill(3, 20)
    with django_assert_num_queries(3):
        assert len(ask(DELIVERIES, OWNER).nodes) == 19


REDEEM = """mutation($ticket: String!, $code: LiveCode!) { liveSignInCodeRedeem(ticket: $ticket, code: $code) {
  opened { opens name product { id } } errors { code } } }"""
OPENED = """{ liveVisitors(first: 10) { edges { node { name assurance profile { name } opened { opens name } } } } }"""


def test_by_code_one_is_a_member_and_nobody_in_particular(ask, shop, plan, rep):
    from .conftest import make_visit

    bought(shop)
    codes.issue_due(now=now())
    [issued] = MemberCode.objects.all()
    text = codes_room.readable(code_ids=[issued.code_id])[issued.code_id].reveal()
    visitor = make_visitor()
    make_visit(visitor)
    answer = ask(REDEEM, NOBODY, ticket=ticket(visitor.pk), code=text)
    assert answer.data == {"opened": {"opens": "MEMBER", "name": "Circle", "product": None}, "errors": []}
    [seen] = ask(OPENED, REP).nodes
    assert seen == {
        "name": "", "assurance": "CODE", "profile": None, "opened": [{"opens": "MEMBER", "name": "Circle"}]
    }  # fmt: skip
