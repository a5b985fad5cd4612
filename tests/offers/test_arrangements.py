"""What a member's plan arranges: on request, an offer, or a session at once; and what goes before it."""

# ruff: noqa: F811
from __future__ import annotations

import datetime
import uuid
from decimal import Decimal

import pytest

from saleor_livesales import bus
from saleor_livesales.channels.models import ChannelSettings
from saleor_livesales.members import actions as members
from saleor_livesales.members import benefits
from saleor_livesales.members.actors import By
from saleor_livesales.members.models import Membership, Plan
from saleor_livesales.offers import actions
from saleor_livesales.offers.models import Decision, Offer
from saleor_livesales.sessions import actions as sessions
from saleor_livesales.sessions.actors import VisitorActor
from saleor_livesales.sessions.gates import RequestsNotAllowed
from saleor_livesales.sessions.models import Rep, Session
from saleor_livesales.visitors.models import Visitor, VisitorBlock, VisitorPass
from tests.fakes import FakeShop
from tests.sessions.build import Listener, by, start

from .test_batch import LAMP, NOW, Site, site, store_is_open  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)

ADA = "VXNlcjox"
OWNER = By(kind="staff", user_id="VXNlcjo5")


@pytest.fixture(autouse=True)
def cheap(shop: FakeShop, store_is_open: None) -> None:
    """Nothing that the shop sells is worth an offer by its price."""
    shop.add_item(LAMP, "1.00")
    shop.add_customer(ADA, name="Ada Buyer")


def a_plan(arrangement: str, **values: object) -> Plan:
    number = Plan.objects.count()
    return Plan.objects.create(
        name=f"Plan {number}", product_id="p", variant_id=f"v{number}", period="P1M", arrangement=arrangement,
        created_at=NOW, updated_at=NOW, **values,
    )  # fmt: skip


def grant(plan: Plan, user_id: str = ADA) -> Membership:
    return members.grant(
        user_id=user_id, plan_id=plan.pk, channel="default-channel", periods=1, reason="test", by=OWNER, now=NOW
    )


def a_member(arrangement: str, *, by_code: bool = False, **values: object) -> uuid.UUID:
    """A visitor that is signed in to a member's account, or entered its code."""
    membership = grant(a_plan(arrangement, **values))
    visitor = Visitor.objects.create(user_id=None if by_code else ADA, created_at=NOW)
    if by_code:
        VisitorPass.objects.create(
            visitor=visitor, code_id=uuid.uuid4(), holder_kind="member", holder_id=str(membership.pk),
            opens_kind="member", opens_id=str(membership.pk), at=NOW,
        )  # fmt: skip
    return visitor.pk


def settings(**values: object) -> None:
    ChannelSettings.objects.filter(channel="default-channel").update(**values)


def came(site: Site, visitor_id: uuid.UUID) -> None:
    site.work(*site.opens_lamp(visitor_id))


def outcome(visitor_id: uuid.UUID) -> tuple[str, str, str]:
    latest = Decision.objects.filter(visitor_id=visitor_id).latest("at", "id")
    return latest.outcome, latest.rule, latest.reason


@pytest.mark.parametrize("by_code", [False, True], ids=["by the account", "by a code"])
def test_connected_at_once(site: Site, redis_url: str, by_code: bool) -> None:
    visitor_id = a_member("connect", by_code=by_code)
    listener = Listener(redis_url, bus.visitor_channel(visitor_id))
    came(site, visitor_id)
    session = Session.objects.get()
    assert (session.visitor_id, session.state, session.product_id) == (visitor_id, "ringing", LAMP)
    assert session.membership_id == Membership.objects.get().pk
    assert (Offer.objects.get().state, outcome(visitor_id)) == (
        "accepted",
        ("offer", "arrangement", "arranged_connect"),
    )
    told = [type(frame).__name__ for _, frame in listener.frames()]
    listener.close()
    assert "OfferMade" not in told and "SessionChanged" in told
    came(site, visitor_id)
    assert Session.objects.count() == 1


def test_once_in_a_visit(site: Site) -> None:
    visitor_id = a_member("connect")
    came(site, visitor_id)
    session = Session.objects.get()
    sessions.end(session_id=session.pk, actor=VisitorActor(visitor_id=visitor_id), now=NOW)
    site.later(60)
    came(site, visitor_id)
    assert Session.objects.count() == 1
    site.later(3 * 3600)  # another visit
    Rep.objects.update(lease_until=site.now + datetime.timedelta(days=1))
    came(site, visitor_id)
    assert (Session.objects.count(), outcome(visitor_id)) == (2, ("offer", "arrangement", "arranged_connect"))


def test_who_asked_and_talked_in_this_visit_is_not_connected_again(site: Site) -> None:
    visitor_id = a_member("connect")
    site.work(site.event(visitor_id, "arrive"))
    first = Session.objects.get()
    sessions.end(session_id=first.pk, actor=VisitorActor(visitor_id=visitor_id), now=NOW)
    Offer.objects.all().delete()
    came(site, visitor_id)
    assert Session.objects.count() == 1


def test_help_is_offered_whatever_is_looked_at(site: Site) -> None:
    visitor_id = a_member("offer")
    came(site, visitor_id)
    offer = Offer.objects.get()
    assert (offer.state, offer.rule, outcome(visitor_id)[2]) == ("open", "arrangement", "arranged_offer")
    actions.decline(offer_id=offer.pk, visitor_id=visitor_id, now=NOW)
    came(site, visitor_id)
    assert Offer.objects.count() == 1


def test_on_request_nothing_is_offered_and_asking_is_answered(site: Site, shop: FakeShop) -> None:
    shop.add_item(LAMP, "500.00")  # others are offered help for it
    settings(requests_allowed=False)
    visitor_id, other = a_member("request"), uuid.uuid4()
    came(site, visitor_id)
    came(site, other)
    assert outcome(visitor_id) == ("silence", "arrangement", "on_request")
    assert outcome(other)[0] == "offer"
    site.work(site.event(visitor_id, "request"))
    assert outcome(visitor_id) == ("offer", "request", "requested")


def test_a_member_may_ask_where_others_may_not(store_is_open: None) -> None:
    settings(requests_allowed=False)
    rules = a_plan("rules")
    visitor_id = a_member("request")
    asked = {"claim": benefits.claim, "may_ask": benefits.may_ask, "now": NOW}
    with pytest.raises(RequestsNotAllowed):
        start(uuid.uuid4(), **asked)
    assert start(visitor_id, **asked).membership_id == Membership.objects.get().pk
    stranger = Visitor.objects.create(user_id="VXNlcjoy", created_at=NOW).pk
    shop_customer = grant(rules, ADA)
    assert shop_customer.plan.arrangement == "rules"
    with pytest.raises(RequestsNotAllowed):
        start(stranger, **asked)


def test_of_several_plans_the_strongest_counts(site: Site) -> None:
    visitor_id = a_member("request")
    grant(a_plan("connect"))
    grant(a_plan("offer"))
    came(site, visitor_id)
    assert Session.objects.count() == 1


def test_a_membership_that_ended_arranges_nothing(site: Site) -> None:
    visitor_id = a_member("connect")
    members.revoke(membership_id=Membership.objects.get().pk, reason="left", by=OWNER, now=NOW)
    came(site, visitor_id)
    assert (Session.objects.count(), outcome(visitor_id)[1]) == (0, "price")


@pytest.mark.parametrize("what", ["code", "gate", "blocked", "inactive", "nobody"])
def test_what_goes_before_it(site: Site, what: str) -> None:
    visitor_id = a_member("connect")
    if what == "code":
        settings(code_required=True)
    elif what == "gate":
        settings(price_strength="gate", price_threshold=Decimal("100.00"))
    elif what == "blocked":
        VisitorBlock.objects.create(visitor_id=visitor_id, reason="", by_user_id="VXNlcjo5", by_name="O", at=NOW)
    elif what == "inactive":
        settings(active=False)
    else:
        Rep.objects.update(status="offline")
    came(site, visitor_id)
    assert (Session.objects.count(), Offer.objects.count(), outcome(visitor_id)[0]) == (0, 0, "silence")


def test_the_plans_sessions_are_used_up(site: Site) -> None:
    visitor_id = a_member("connect", sessions_per_period=1)
    came(site, visitor_id)
    first = Session.objects.get()
    sessions.accept(session_id=first.pk, actor=by(Rep.objects.get()), now=NOW)
    sessions.end(session_id=first.pk, actor=VisitorActor(visitor_id=visitor_id), now=NOW)
    site.later(3 * 3600)
    Rep.objects.update(lease_until=site.now + datetime.timedelta(days=1))
    came(site, visitor_id)
    assert Session.objects.count() == 1
    assert list(Offer.objects.order_by("created_at").values_list("state", flat=True)) == ["accepted", "withdrawn"]


def test_where_no_session_can_begin_at_that_moment_it_is_offered(
    site: Site,
    redis_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    visitor_id = a_member("connect")
    listener = Listener(redis_url, bus.visitor_channel(visitor_id))
    monkeypatch.setattr("saleor_livesales.sessions.routing.somebody_online", lambda now: False)
    came(site, visitor_id)
    told = [type(frame).__name__ for _, frame in listener.frames()]
    listener.close()
    assert (Session.objects.count(), Offer.objects.get().state) == (0, "open")
    assert "OfferMade" in told


def test_a_decider_that_died_before_it_connected_leaves_an_offer(
    site: Site,
    redis_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    visitor_id = a_member("connect")

    def dies(**_: object) -> None:
        raise KeyboardInterrupt

    events = site.opens_lamp(visitor_id)
    with monkeypatch.context() as killed:
        killed.setattr(actions, "connect", dies)
        with pytest.raises(KeyboardInterrupt):
            site.work(*events)
    listener = Listener(redis_url, bus.visitor_channel(visitor_id))
    site.work(*events, redelivered=True)
    told = [type(frame).__name__ for _, frame in listener.frames()]
    listener.close()
    assert (Offer.objects.get().state, "OfferMade" in told) == ("open", True)


def test_one_more_query_is_asked_of_nobody(site: Site, django_assert_max_num_queries: object) -> None:
    """Standings of any number of visitors are one query, members among them."""
    from saleor_livesales.offers import queries

    ids = [a_member("connect"), uuid.uuid4(), uuid.uuid4()]
    with django_assert_max_num_queries(1):  # type: ignore[operator]
        found = queries.standings(visitor_ids=ids, now=NOW)
    assert [found[pk].arrangement for pk in ids] == ["connect", "", ""]
