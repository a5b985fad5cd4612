"""What each kind of client reads of sessions, visitors, reps, channels and decisions."""

from __future__ import annotations

import datetime
import uuid

import pytest

from saleor_livesales.channels.models import ChannelSettings
from saleor_livesales.ids import to_global_id, uuid7
from saleor_livesales.offers.models import Decision
from saleor_livesales.sessions.models import Inquiry, Rep, Session
from saleor_livesales.visitors.models import Visitor

from .conftest import (
    APP,
    CHANNEL,
    CHECKOUT,
    CUSTOMER,
    NOBODY,
    ONLY_MANAGER,
    OWNER,
    PRODUCT,
    REP,
    REP_USER,
    SHOPPER,
    STAFF,
    VARIANT,
    gid,
    make_message,
    make_session,
    make_visit,
    make_visitor,
    now,
    ticket,
)

SESSION = """
query($id: ID!, $ticket: String) { liveSession(id: $id, ticket: $ticket) {
  id state position repName earlierSessions
  rep { id name user { email } }
  visitor { id name user { id } profile { email sessions spend { amount currency } } online }
  product { id channel } variant { id } checkout { id } cart { total { amount currency } quantity }
} }
"""


@pytest.fixture
def talk(visitor: Visitor, rep: Rep) -> Session:
    visitor.user_id = CUSTOMER
    visitor.save()
    make_session(visitor, state="ended", at=now() - datetime.timedelta(days=1))
    return make_session(visitor, state="active", rep=rep, product_id=PRODUCT, variant_id=VARIANT, checkout_id=CHECKOUT)


def test_its_rep_sees_all_of_a_session(ask, talk, visitor, rep):
    make_visit(visitor)
    assert ask(SESSION, REP, id=gid(talk)).data == {
        "id": gid(talk),
        "state": "ACTIVE",
        "position": None,
        "repName": "Rosa Rep",
        "earlierSessions": 1,
        "rep": {"id": gid(rep), "name": "Rosa Rep", "user": {"email": "ada@example.com"}},
        "visitor": {
            "id": gid(visitor),
            "name": "Vera",
            "user": {"id": CUSTOMER},
            "profile": {
                "email": "ada@example.com",
                "sessions": 2,
                "spend": [{"amount": 321.5, "currency": "USD"}],
            },
            "online": True,
        },
        "product": {"id": PRODUCT, "channel": CHANNEL},
        "variant": {"id": VARIANT},
        "checkout": {"id": CHECKOUT},
        "cart": {"total": {"amount": 250.0, "currency": "USD"}, "quantity": 1},
    }


def test_its_visitor_sees_neither_rep_nor_profile(ask, talk, visitor):
    answer = ask(SESSION, id=gid(talk), ticket=ticket(visitor.pk))
    assert answer.errors == []
    assert answer.data["repName"] == "Rosa Rep"
    assert answer.data["cart"] == {"total": {"amount": 250.0, "currency": "USD"}, "quantity": 1}
    assert [answer.data[name] for name in ("rep", "visitor", "earlierSessions")] == [None, None, None]


def test_with_a_ticket_a_rep_sees_what_the_visitor_sees(ask, talk, visitor):
    data = ask(SESSION, REP, id=gid(talk), ticket=ticket(visitor.pk)).data
    assert [data[name] for name in ("rep", "visitor", "earlierSessions")] == [None, None, None]


def test_a_session_of_another_is_null(ask, talk, other_rep):
    other = make_visitor()
    assert ask(SESSION, id=gid(talk), ticket=ticket(other.pk)).data is None
    talk.rep = other_rep
    talk.save()
    answer = ask(SESSION, REP, id=gid(talk))
    assert (answer.data, answer.errors) == (None, [])
    assert ask(SESSION, OWNER, id=gid(talk)).data["id"] == gid(talk)
    assert ask(SESSION, ONLY_MANAGER, id=gid(talk)).data["id"] == gid(talk)


@pytest.mark.parametrize("bad", ["", "1", "TGl2ZVNlc3Npb246MQ==", to_global_id("LiveRep", uuid.UUID(int=1)), "\0"])
def test_an_id_that_names_nothing_is_null(ask, bad):
    answer = ask(SESSION, OWNER, id=bad)
    assert (answer.data, answer.errors) == (None, [])


@pytest.mark.parametrize("by", [NOBODY, STAFF, SHOPPER])
@pytest.mark.parametrize(
    "document",
    [
        '{ liveSession(id: "x") { id } }',
        "{ liveSessions(first: 1) { totalCount } }",
        "{ liveVisitors(first: 1) { totalCount } }",
        '{ liveVisitor(id: "TGl2ZVZpc2l0b3I6MDAwMDAwMDAtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAw") { id } }',
        "{ liveRep { id } }",
        '{ liveRep(id: "x") { id } }',
        "{ liveReps(first: 1) { totalCount } }",
        '{ liveChannelSettings(channel: "default-channel") { active } }',
        "{ liveChannels { active } }",
        '{ liveDecisions(visitorId: "x", first: 1) { totalCount } }',
        "{ liveInquiries(first: 1) { totalCount } }",
    ],
)
def test_without_permission_nothing_is_read(ask, by, document):
    answer = ask(document, by)
    assert answer.refusals == ["PermissionDenied"]
    assert str(answer.errors[0]).startswith("To access this path, you need one of the following permissions: ")
    assert answer.data is None
    assert Rep.objects.count() == 0


def test_a_rep_may_not_read_the_owners_settings(ask):
    assert ask("{ liveChannels { active } }", REP).refusals == ["PermissionDenied"]


def test_the_owner_without_handle_reads_no_visitors(ask):
    assert ask("{ liveVisitors(first: 1) { totalCount } }", ONLY_MANAGER).refusals == ["PermissionDenied"]


@pytest.mark.parametrize("bad", ["", "nonsense", "a.b.c"])
def test_a_bad_ticket_is_an_error(ask, talk, bad):
    answer = ask(SESSION, id=gid(talk), ticket=bad)
    assert (answer.data, answer.refusals) == (None, ["Refused"])
    assert answer.errors[0].extensions == {"code": "INVALID_TICKET"}


SESSIONS = """
query($filter: LiveSessionFilterInput, $sortBy: LiveSessionSortingInput, $ticket: String, $first: Int) {
  liveSessions(filter: $filter, sortBy: $sortBy, ticket: $ticket, first: $first) {
    totalCount edges { node { id position visitor { id } } }
  }
}
"""


def ids(answer):
    return [node["id"] for node in answer.nodes]


def test_lists_hold_what_each_may_see(ask, rep, other_rep):
    mine = make_session(make_visitor(), state="active", rep=rep)
    theirs = make_session(make_visitor(), state="active", rep=other_rep)
    waiting = make_session(make_visitor())
    ringing = make_session(make_visitor(), state="ringing", rep=other_rep)
    assert ids(ask(SESSIONS, REP, first=10)) == [gid(waiting), gid(mine)]
    assert ids(ask(SESSIONS, OWNER, first=10)) == [gid(ringing), gid(waiting), gid(theirs), gid(mine)]
    assert ids(ask(SESSIONS, APP, first=10)) == [gid(ringing), gid(waiting), gid(theirs), gid(mine)]
    answer = ask(SESSIONS, ticket=ticket(mine.visitor_id), first=10)
    assert answer.nodes == [{"id": gid(mine), "position": None, "visitor": None}]
    assert answer.data["totalCount"] == 1


def test_filters(ask, rep, other_rep):
    old = make_session(make_visitor(), state="ended", at=now() - datetime.timedelta(days=9))
    mine = make_session(make_visitor(), state="active", rep=rep, channel="channel-pln")
    theirs = make_session(make_visitor(), state="active", rep=other_rep)

    def found(**given):
        return ids(ask(SESSIONS, OWNER, first=10, filter=given))

    Rep.objects.create(user_id=OWNER.user_id, name="Olga")
    assert found(state=["ENDED"]) == [gid(old)]
    assert found(state=["ENDED", "ACTIVE"]) == [gid(theirs), gid(mine), gid(old)]
    assert found(channel=["channel-pln"]) == [gid(mine)]
    assert found(createdAt={"lte": (now() - datetime.timedelta(days=1)).isoformat()}) == [gid(old)]
    assert found(createdAt={"gte": (now() - datetime.timedelta(days=1)).isoformat()}) == [gid(theirs), gid(mine)]
    assert found(mine=True) == []
    assert ids(ask(SESSIONS, REP, first=10, filter={"mine": True})) == [gid(mine)]
    nothing = {"state": None, "channel": None, "mine": None, "createdAt": None}
    assert found(**nothing) == [gid(theirs), gid(mine), gid(old)]
    assert ids(ask(SESSIONS, OWNER, first=10, filter=None, sortBy=None)) == [gid(theirs), gid(mine), gid(old)]


def test_the_queue_in_its_order(ask):
    base = now()
    later = make_session(make_visitor(), at=base)
    first = make_session(make_visitor(), at=base - datetime.timedelta(minutes=5))
    answer = ask(SESSIONS, REP, first=10, sortBy={"field": "QUEUED_AT"})
    assert [(node["id"], node["position"]) for node in answer.nodes] == [(gid(first), 1), (gid(later), 2)]


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
def test_what_has_no_such_moment_comes_last(ask, direction):
    base = now()
    never = make_session(make_visitor())
    early = make_session(make_visitor(), awaiting_since=base - datetime.timedelta(minutes=2))
    late = make_session(make_visitor(), awaiting_since=base)
    order = [gid(early), gid(late)] if direction == "ASC" else [gid(late), gid(early)]
    sort = {"field": "AWAITING_SINCE", "direction": direction}
    assert ids(ask(SESSIONS, REP, first=10, sortBy=sort)) == [*order, gid(never)]


def test_an_overdue_session_is_shown_as_what_it_will_be(ask, rep):
    past = now() - datetime.timedelta(seconds=1)
    long_ago = now() - datetime.timedelta(days=1)
    ringing = make_session(make_visitor(), state="ringing", rep=rep, due_at=past)
    idle = make_session(make_visitor(), state="active", rep=rep, due_at=past, last_message_at=long_ago)
    assert ask(SESSION, REP, id=gid(ringing)).data["state"] == "QUEUED"
    assert ask(SESSION, REP, id=gid(idle)).data["state"] == "ENDED"


VISITORS = """
query($filter: LiveVisitorFilterInput, $first: Int = 10) { liveVisitors(filter: $filter, first: $first) {
  totalCount edges { node {
    id name assurance channel online pageUrl pageTitle startedAt lastSeenAt reason
    product { id channel } variant { id } user { id } profile { name }
    cart { total { amount } } session { id visitor { id } }
  } }
} }
"""


def test_a_visitor_on_the_site(ask, visitor):
    visit = make_visit(
        visitor,
        page_url="https://shop/p",
        page_title="A lamp",
        product_id=PRODUCT,
        variant_id=VARIANT,
        checkout_id=CHECKOUT,
        cart_total="250",
        currency="USD",
    )
    session = make_session(visitor)
    for reason, minutes in (("below", 3), ("above_threshold", 1)):
        Decision.objects.create(
            at=now() - datetime.timedelta(minutes=minutes),
            visitor_id=visitor.pk,
            visit_id=visit.pk,
            channel=CHANNEL,
            event_id="1-0",
            outcome="offer",
            rule="price",
            reason=reason,
        )
    assert ask(VISITORS, REP).nodes == [
        {
            "id": gid(visitor),
            "name": "Vera",
            "assurance": "ANONYMOUS",
            "channel": CHANNEL,
            "online": True,
            "pageUrl": "https://shop/p",
            "pageTitle": "A lamp",
            "startedAt": visit.started_at.isoformat(),
            "lastSeenAt": visit.last_seen_at.isoformat(),
            "reason": "above_threshold",
            "product": {"id": PRODUCT, "channel": CHANNEL},
            "variant": {"id": VARIANT},
            "user": None,
            "profile": None,
            "cart": {"total": {"amount": 250.0}},
            "session": {"id": gid(session), "visitor": {"id": gid(visitor)}},
        }
    ]


TRAIL = """query($id: ID!) { liveVisitor(id: $id) { name
  trail { url title viewedAt seconds product { id channel } variant { id } } } }"""


def test_the_trail_of_pages_is_newest_first_with_the_product_of_each(ask, visitor):
    trail = [
        {"url": "https://shop/", "title": "Home", "at": 1.7e9, "seconds": 12},
        {"url": "https://shop/p", "at": 1.7e9 + 12, "product": PRODUCT, "variant": VARIANT},
        {"url": "javascript:alert(1)"},
    ]
    make_visit(visitor, facts={"visitor": str(visitor.pk), "trail": trail})
    assert ask(TRAIL, REP, id=gid(visitor)).data == {
        "name": "Vera",
        "trail": [
            {
                "url": "javascript:alert(1)",
                "title": None,
                "viewedAt": None,
                "seconds": None,
                "product": None,
                "variant": None,
            },
            {
                "url": "https://shop/p",
                "title": None,
                "viewedAt": "2023-11-14T22:13:32+00:00",
                "seconds": None,
                "product": {"id": PRODUCT, "channel": CHANNEL},
                "variant": {"id": VARIANT},
            },
            {
                "url": "https://shop/",
                "title": "Home",
                "viewedAt": "2023-11-14T22:13:20+00:00",
                "seconds": 12,
                "product": None,
                "variant": None,
            },
        ],
    }


@pytest.mark.parametrize("facts", [{}, {"trail": 7}, {"trail": [{"title": "no address"}]}])
def test_a_trail_that_cannot_be_read_is_empty(ask, visitor, facts):
    make_visit(visitor, facts=facts)
    assert ask(TRAIL, REP, id=gid(visitor)).data == {"name": "Vera", "trail": []}


def test_the_trail_is_the_reps_alone(ask, visitor):
    make_visit(visitor, facts={"trail": [{"url": "https://shop/"}]})
    assert ask(TRAIL, SHOPPER, id=gid(visitor)).refusals == ["PermissionDenied"]
    session = make_session(visitor)
    own = "query($id: ID!, $ticket: String) { liveSession(id: $id, ticket: $ticket) { visitor { trail { url } } } }"
    assert ask(own, id=gid(session), ticket=ticket(visitor.pk)).data == {"visitor": None}
    assert ask(own, REP, id=gid(session)).data == {"visitor": {"trail": [{"url": "https://shop/"}]}}


def test_a_visitor_without_a_visit_or_that_nobody_knows(ask, visitor):
    assert ask(TRAIL, REP, id=gid(visitor)).data == {"name": "Vera", "trail": None}
    answer = ask(TRAIL, REP, id=to_global_id("LiveVisitor", uuid7()))
    assert (answer.data, answer.errors) == (None, [])


def test_a_visitors_session_with_another_rep_is_not_shown(ask, visitor, rep, other_rep):
    make_visit(visitor)
    session = make_session(visitor, state="active", rep=other_rep)
    make_message(session, "between us")
    document = """{ liveVisitors(first: 1) { edges { node { inSession session {
      id messages(first: 1) { edges { node { text } } } } } } } }"""
    assert ask(document, REP).nodes == [{"inSession": True, "session": None}]
    assert ask(document, OWNER).nodes == [
        {
            "inSession": True,
            "session": {"id": gid(session), "messages": {"edges": [{"node": {"text": "between us"}}]}},
        }
    ]


def test_who_left_or_fell_silent_is_not_on_the_site(ask):
    make_visit(make_visitor(), online=False)
    make_visit(make_visitor(), at=now() - datetime.timedelta(hours=1))
    assert ask(VISITORS, REP).data == {"totalCount": 0, "edges": []}


def test_visitors_are_filtered(ask):
    ada = make_visitor(name="Ada", assurance="signed_in", user_id=CUSTOMER)
    bob = make_visitor(name="Bob")
    make_visit(ada, channel="channel-pln", cart_total="12")
    make_visit(bob, page_title="A lamp")

    def found(**given):
        return [node["name"] for node in ask(VISITORS, REP, filter=given).nodes]

    assert found() == ["Bob", "Ada"]
    assert found(channel=["channel-pln"]) == ["Ada"]
    assert found(hasCart=True) == ["Ada"]
    assert found(hasCart=False) == ["Bob"]
    assert found(assurance=["SIGNED_IN"]) == ["Ada"]
    assert found(search="lam") == ["Bob"]
    assert found(channel=None, hasCart=None, assurance=None, search=None) == ["Bob", "Ada"]


def test_text_that_the_database_cannot_hold_is_a_clear_error(ask, visitor):
    answer = ask(VISITORS, REP, filter={"search": "a\0b"})
    assert answer.refusals == ["Refused"]
    assert answer.errors[0].extensions == {"code": "INVALID"}


def test_oneself_as_a_rep_is_made_on_the_first_ask(ask):
    document = "{ liveRep { id name status capacity load online user { id } } }"
    answer = ask(document, REP)
    [row] = Rep.objects.all()
    assert answer.data == {
        "id": gid(row),
        "name": "Rosa Rep",
        "status": "OFFLINE",
        "capacity": 3,
        "load": 0,
        "online": False,
        "user": {"id": REP_USER},
    }
    assert ask(document, REP).data["id"] == gid(row)
    assert Rep.objects.count() == 1


def test_an_app_is_no_rep(ask):
    assert ask("{ liveRep { id } }", APP).refusals == ["PermissionDenied"]
    assert Rep.objects.count() == 0


def test_reps_by_name(ask, rep, other_rep):
    document = "{ liveReps(first: 5) { totalCount edges { node { name online } } } }"
    answer = ask(document, ONLY_MANAGER)
    assert answer.nodes == [{"name": "Otto Other", "online": False}, {"name": "Rosa Rep", "online": True}]
    assert ask("query($id: ID) { liveRep(id: $id) { name } }", REP, id=gid(other_rep)).data == {"name": "Otto Other"}
    assert ask("query($id: ID) { liveRep(id: $id) { name } }", REP, id=to_global_id("LiveRep", uuid7())).data is None


def test_a_rep_whose_lease_ran_out_is_not_online(ask, rep):
    rep.lease_until = now() - datetime.timedelta(seconds=1)
    rep.save()
    assert ask("{ liveRep { status online } }", REP).data == {"status": "ONLINE", "online": False}


def test_channels_with_what_is_set(ask, channel):
    channel.price_threshold = "99.50"
    channel.save()
    document = """{ liveChannels { channel name currency active priceThreshold { amount currency } priceStrength
      requestsAllowed greeting gatewayUrl contactEmail updatedAt } }"""
    defaults = {"requestsAllowed": True, "greeting": "", "gatewayUrl": "", "contactEmail": "", "priceStrength": "OFFER"}
    assert ask(document, OWNER).data == [
        {
            "channel": CHANNEL,
            "name": "Default channel",
            "currency": "USD",
            "active": True,
            "priceThreshold": {"amount": 99.5, "currency": "USD"},
            "updatedAt": channel.updated_at.isoformat(),
            **defaults,
        },
        {
            "channel": "channel-pln",
            "name": "Channel PLN",
            "currency": "PLN",
            "active": False,
            "priceThreshold": None,
            "updatedAt": None,
            **defaults,
        },
    ]
    one = "query($channel: String!) { liveChannelSettings(channel: $channel) { active } }"
    assert ask(one, OWNER, channel=CHANNEL).data == {"active": True}
    assert ask(one, OWNER, channel="no-such").data is None


STOREFRONT = """query($channel: String!) { liveStorefront(channel: $channel) {
  channel active gatewayUrl requestsAllowed available forms greeting } }"""


def test_a_storefront_is_told_what_it_needs(ask, channel, rep):
    ChannelSettings.objects.update(greeting="Hello", gateway_url="wss://live.example.com/live")
    assert ask(STOREFRONT, channel=CHANNEL).data == {
        "channel": CHANNEL,
        "active": True,
        "gatewayUrl": "wss://live.example.com/live",
        "requestsAllowed": True,
        "available": True,
        "forms": ["CHAT"],
        "greeting": "Hello",
    }


def test_nobody_is_there(ask, channel, rep):
    Rep.objects.update(status="away")
    data = ask(STOREFRONT, channel=CHANNEL).data
    assert (data["active"], data["available"]) == (True, False)
    assert data["gatewayUrl"] == "ws://127.0.0.1:8400/live"


@pytest.mark.parametrize("case", ["plugin", "channel", "no row"])
def test_an_inactive_storefront(ask, shop, channel, rep, case):
    if case == "plugin":
        shop.is_active = False
    ChannelSettings.objects.update(active=case != "channel")
    data = ask(STOREFRONT, channel="other" if case == "no row" else CHANNEL).data
    assert (data["active"], data["available"], data["requestsAllowed"], data["forms"]) == (False, False, False, [])


def test_reps_still_read_where_the_plugin_is_off(ask, shop, talk):
    shop.is_active = False
    assert ask(SESSION, REP, id=gid(talk)).data["state"] == "ACTIVE"
    assert ids(ask(SESSIONS, REP, first=1)) == [gid(talk)]


def test_why_help_was_offered_or_not(ask, visitor):
    row = Decision.objects.create(
        at=now(),
        visitor_id=visitor.pk,
        visit_id=uuid7(),
        channel=CHANNEL,
        event_id="1-0",
        outcome="silence",
        rule="price",
        reason="at_threshold",
        explanation=[{"rule": "price", "worth": "100"}],
        facts={"page": 1},
    )
    document = """query($id: ID!) { liveDecisions(visitorId: $id, first: 3) { edges { node {
      id outcome rule reason explanation facts offer { id } } } } }"""
    assert ask(document, REP, id=gid(visitor)).nodes == [
        {
            "id": gid(row),
            "outcome": "silence",
            "rule": "price",
            "reason": "at_threshold",
            "explanation": '[{"rule": "price", "worth": "100"}]',
            "facts": '{"page": 1}',
            "offer": None,
        }
    ]
    assert ask(document, REP, id="nonsense").data is None


def test_inquiries(ask, visitor):
    row = Inquiry.objects.create(
        visitor=visitor,
        channel=CHANNEL,
        key=uuid7(),
        email="vera@example.com",
        text="<b>Hi</b>",
        product_id=PRODUCT,
        created_at=now(),
    )
    document = "{ liveInquiries(first: 3) { edges { node { id email text mailedAt product { id } } } } }"
    assert ask(document, REP).nodes == [
        {"id": gid(row), "email": "vera@example.com", "text": "<b>Hi</b>", "mailedAt": None, "product": {"id": PRODUCT}}
    ]


def test_markup_is_kept_as_text(ask, talk, visitor):
    make_message(talk, "<script>alert(1)</script>")
    document = "query($id: ID!) { liveSession(id: $id) { messages(first: 5) { edges { node { text sender } } } } }"
    data = ask(document, REP, id=gid(talk)).data
    assert data["messages"]["edges"] == [{"node": {"text": "<script>alert(1)</script>", "sender": "VISITOR"}}]
