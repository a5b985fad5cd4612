"""Every mutation with each kind of client, and what it leaves behind in the database."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from saleor_livesales import conf
from saleor_livesales.channels.models import ChannelSettings
from saleor_livesales.ids import to_global_id, uuid7
from saleor_livesales.offers.models import Offer
from saleor_livesales.sessions.models import Entry, Inquiry, Rep, Session
from saleor_livesales.visitors.models import Visitor, VisitorCheckout, VisitorLink

from .conftest import (
    APP,
    CHANNEL,
    CHECKOUT,
    CUSTOMER,
    HANDLE,
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
    make_visitor,
    now,
    requestor,
    ticket,
)

IDENTIFY = """mutation($input: LiveVisitorIdentifyInput!) { liveVisitorIdentify(input: $input) {
  visitor { id name assurance user { id } profile { name } online inSession session { id } reason }
  errors { field message code } } }"""
START = """mutation($input: LiveSessionStartInput!) { liveSessionStart(input: $input) {
  session { id state form position product { id } visitor { id } } errors { field message code } } }"""
OFFER_ACCEPT = """mutation($id: ID!, $ticket: String!, $form: LiveSessionFormEnum = CHAT) {
  liveOfferAccept(id: $id, ticket: $ticket, form: $form) {
  offer { id state } session { id state } errors { field message code } } }"""
OFFER_DECLINE = """mutation($id: ID!, $ticket: String!) { liveOfferDecline(id: $id, ticket: $ticket) {
  offer { id state } errors { field message code } } }"""
ACCEPT = """mutation($id: ID!) { liveSessionAccept(id: $id) {
  session { id state repName visitor { name } } errors { field message code } } }"""
END = """mutation($id: ID!, $ticket: String) { liveSessionEnd(id: $id, ticket: $ticket) {
  session { id state endReason visitor { id } } errors { field message code } } }"""
SEND = """mutation($input: LiveMessageSendInput!) { liveMessageSend(input: $input) {
  message { id number sender text key } errors { field message code } } }"""
PRESENCE = """mutation($input: LiveRepPresenceUpdateInput!) { liveRepPresenceUpdate(input: $input) {
  rep { id name status capacity online } ticket expiresAt gatewayUrl errors { field message code } } }"""
INQUIRE = """mutation($input: LiveInquiryCreateInput!) { liveInquiryCreate(input: $input) {
  inquiry { id email text } errors { field message code } } }"""
CONFIGURE = """mutation($channel: String!, $input: LiveChannelSettingsInput!) {
  liveChannelSettingsUpdate(channel: $channel, input: $input) {
  settings { channel active priceThreshold { amount currency } priceStrength greeting }
  errors { field message code } } }"""


def rows() -> dict[str, Any]:
    """Everything that a mutation could change."""
    tables = (Visitor, VisitorLink, VisitorCheckout, Session, Entry, Rep, Offer, Inquiry, ChannelSettings)
    return {table.__name__: sorted(map(repr, table.objects.values())) for table in tables}


@pytest.fixture
def offer(visitor: Visitor) -> Offer:
    moment = now()
    return Offer.objects.create(
        visitor=visitor,
        visit_id=uuid7(),
        channel=CHANNEL,
        rule="price",
        forms=["chat"],
        product_id=PRODUCT,
        event_id="1-0",
        created_at=moment,
        due_at=moment + datetime.timedelta(minutes=2),
    )


@pytest.fixture
def waiting(visitor: Visitor) -> Session:
    return make_session(visitor)


@pytest.fixture
def talk(visitor: Visitor, rep: Rep) -> Session:
    rep.load = 1
    rep.save()
    return make_session(visitor, state="active", rep=rep, last_number=0)


# Who may: nobody without a ticket, whoever else is signed in


def visitors_mutations(visitor_id: uuid.UUID, offer_id: uuid.UUID) -> dict[str, tuple[str, Callable[[str], dict]]]:
    """Mutations that only a ticket opens: document, and variables by ticket."""
    target = to_global_id("LiveOffer", offer_id)
    return {
        "identify": (IDENTIFY, lambda shown: {"input": {"ticket": shown, "name": "Eve"}}),
        "start": (START, lambda shown: {"input": {"ticket": shown, "channel": CHANNEL, "productId": PRODUCT}}),
        "accept": (OFFER_ACCEPT, lambda shown: {"id": target, "ticket": shown}),
        "decline": (OFFER_DECLINE, lambda shown: {"id": target, "ticket": shown}),
        "inquire": (
            INQUIRE,
            lambda shown: {
                "input": {
                    "ticket": shown,
                    "channel": CHANNEL,
                    "key": str(uuid7()),
                    "email": "vera@example.com",
                    "text": "Hello?",
                }
            },
        ),
    }


MINE = ["identify", "start", "accept", "decline", "inquire"]


@pytest.mark.parametrize("name", MINE)
@pytest.mark.parametrize("by", [NOBODY, REP, OWNER, STAFF, SHOPPER])
@pytest.mark.parametrize("kind", ["empty", "garbage", "visitor", "rep-ticket", "expired", "forged"])
def test_without_a_valid_ticket_nothing_happens(ask, channel, rep, visitor, offer, name, by, kind):
    signer = conf.load().signer
    past = now() - datetime.timedelta(hours=1)
    shown = {
        "empty": "",
        "garbage": "a.b.c",
        "visitor": signer.sign(kind="visitor", subject=visitor.pk, now=now()),
        "rep-ticket": signer.sign(kind="rep-ticket", subject=visitor.pk, now=now()),
        "expired": signer.sign(kind="visitor-ticket", subject=visitor.pk, now=past),
        "forged": ticket(visitor.pk)[:-4] + "AAAA",
    }[kind]
    document, variables = visitors_mutations(visitor.pk, offer.pk)[name]
    before = rows()
    assert ask(document, by, **variables(shown)).codes == [("ticket", "INVALID_TICKET")]
    assert rows() == before


@pytest.mark.parametrize("name", MINE)
def test_a_visitors_ticket_opens_them(ask, channel, rep, visitor, offer, name):
    document, variables = visitors_mutations(visitor.pk, offer.pk)[name]
    before = rows()
    assert ask(document, **variables(ticket(visitor.pk))).codes == []
    assert rows() != before


@pytest.mark.parametrize("name", MINE)
def test_where_the_plugin_is_off_visitors_are_told(ask, shop, channel, rep, visitor, offer, name):
    shop.is_active = False
    document, variables = visitors_mutations(visitor.pk, offer.pk)[name]
    before = rows()
    assert ask(document, **variables(ticket(visitor.pk))).codes == [(None, "INACTIVE")]
    assert rows() == before


def test_where_the_plugin_is_off_messages_and_ends_of_visitors_are_refused(ask, shop, talk, visitor):
    shop.is_active = False
    before = rows()
    key = str(uuid7())
    said = {"sessionId": gid(talk), "key": key, "text": "Hi", "ticket": ticket(visitor.pk)}
    assert ask(SEND, input=said).codes == [(None, "INACTIVE")]
    assert ask(END, id=gid(talk), ticket=ticket(visitor.pk)).codes == [(None, "INACTIVE")]
    assert rows() == before
    assert ask(END, REP, id=gid(talk)).codes == []  # a rep may still close what is open


STAFFS = {
    "accept": (ACCEPT, lambda session: {"id": gid(session)}, "HANDLE_LIVE_SALES"),
    "presence": (PRESENCE, lambda session: {"input": {"status": "ONLINE"}}, "HANDLE_LIVE_SALES"),
    "configure": (
        CONFIGURE,
        lambda session: {"channel": CHANNEL, "input": {"active": False}},
        "MANAGE_LIVE_SALES",
    ),
    "end": (END, lambda session: {"id": gid(session)}, "HANDLE_LIVE_SALES, MANAGE_LIVE_SALES"),
    "send": (
        SEND,
        lambda session: {"input": {"sessionId": gid(session), "key": str(uuid7()), "text": "Hi"}},
        "HANDLE_LIVE_SALES",
    ),
}


@pytest.mark.parametrize("name", STAFFS)
@pytest.mark.parametrize("by", [NOBODY, SHOPPER, STAFF])
def test_staff_mutations_need_their_permission(ask, channel, rep, waiting, name, by):
    document, variables, permissions = STAFFS[name]
    before = rows()
    answer = ask(document, by, **variables(waiting))
    assert answer.refusals == ["PermissionDenied"]
    assert str(answer.errors[0]) == f"To access this path, you need one of the following permissions: {permissions}"
    assert answer.data is None
    assert rows() == before


@pytest.mark.parametrize("name", ["accept", "presence", "end", "send"])
def test_an_app_does_not_act_as_a_rep(ask, channel, rep, waiting, name):
    document, variables, _ = STAFFS[name]
    before = rows()
    assert ask(document, APP, **variables(waiting)).refusals == ["PermissionDenied"]
    assert rows() == before


def test_a_rep_may_not_change_settings(ask, channel):
    before = rows()
    assert ask(CONFIGURE, REP, channel=CHANNEL, input={"active": False}).refusals == ["PermissionDenied"]
    assert rows() == before


def test_the_owner_alone_takes_no_sessions(ask, waiting):
    before = rows()
    assert ask(ACCEPT, ONLY_MANAGER, id=gid(waiting)).refusals == ["PermissionDenied"]
    assert ask(PRESENCE, ONLY_MANAGER, input={"status": "ONLINE"}).refusals == ["PermissionDenied"]
    assert say(ask, waiting, "Hi", by=ONLY_MANAGER).refusals == ["PermissionDenied"]
    assert rows() == before


# Identity


def test_a_signed_in_visitor_is_linked_and_sees_nothing_of_its_profile(ask, visitor):
    shown = {"ticket": ticket(visitor.pk), "name": "Somebody else"}
    answer = ask(IDENTIFY, SHOPPER, input=shown)
    assert answer.data["visitor"] == {
        "id": gid(visitor),
        "name": "Ada Buyer",
        "assurance": "SIGNED_IN",
        "user": None,
        "profile": None,
        "online": False,
        "inSession": False,
        "session": None,
        "reason": None,
    }
    visitor.refresh_from_db()
    assert (visitor.user_id, visitor.name) == (CUSTOMER, "Ada Buyer")
    assert ask(IDENTIFY, NOBODY, input={"ticket": ticket(visitor.pk), "name": None}).codes == []
    visitor.refresh_from_db()
    assert (visitor.user_id, visitor.name, visitor.assurance) == (None, "", "cookie")
    assert list(VisitorLink.objects.order_by("at").values_list("user_id", "linked", "reason")) == [
        (CUSTOMER, True, "signed_in"),
        (CUSTOMER, False, "signed_out"),
    ]


def test_even_a_rep_sees_no_profile_by_a_ticket(ask, visitor):
    visitor.user_id = CUSTOMER
    visitor.save()
    data = ask(IDENTIFY, REP, input={"ticket": ticket(visitor.pk)}).data["visitor"]
    assert (data["user"], data["profile"]) == (None, None)


def test_a_visitor_that_nobody_knew_is_made(ask):
    visitor_id = uuid7()
    name = "<img src=x onerror=alert(1)>"
    answer = ask(IDENTIFY, input={"ticket": ticket(visitor_id), "name": name})
    assert answer.data["visitor"]["name"] == name
    assert list(Visitor.objects.values_list("pk", "name", "user_id")) == [(visitor_id, name, None)]


# Offers and sessions of visitors


def test_accepting_an_offer_starts_one_session(ask, channel, rep, offer, visitor):
    for _ in range(2):
        answer = ask(OFFER_ACCEPT, id=gid(offer), ticket=ticket(visitor.pk))
        assert answer.codes == []
        assert answer.data["offer"] == {"id": gid(offer), "state": "ACCEPTED"}
    [session] = Session.objects.all()
    assert (session.offer_id, session.product_id, session.visitor_id) == (offer.pk, PRODUCT, visitor.pk)
    assert answer.data["session"]["id"] == gid(session)


def test_an_offer_of_another_visitor_does_not_exist(ask, channel, rep, offer):
    before = rows()
    other = ticket(uuid7())
    assert ask(OFFER_ACCEPT, id=gid(offer), ticket=other).codes == [("id", "NOT_FOUND")]
    assert ask(OFFER_DECLINE, id=gid(offer), ticket=other).codes == [("id", "NOT_FOUND")]
    assert rows() == before


def test_a_declined_offer_is_closed(ask, channel, rep, offer, visitor):
    answer = ask(OFFER_DECLINE, id=gid(offer), ticket=ticket(visitor.pk))
    assert answer.data["offer"] == {"id": gid(offer), "state": "DECLINED"}
    assert ask(OFFER_ACCEPT, id=gid(offer), ticket=ticket(visitor.pk)).codes == [("id", "OFFER_CLOSED")]
    assert Session.objects.count() == 0


@pytest.mark.parametrize("form", ["AUDIO", "VIDEO"])
def test_a_form_that_is_not_offered_leaves_the_offer_open(ask, channel, rep, offer, visitor, form):
    answer = ask(OFFER_ACCEPT, id=gid(offer), ticket=ticket(visitor.pk), form=form)
    assert answer.codes == [("form", "FORM_NOT_AVAILABLE")]
    assert (Offer.objects.get().state, Session.objects.count()) == ("open", 0)


def test_a_form_of_null_is_a_chat(ask, channel, rep, offer, visitor):
    assert ask(OFFER_ACCEPT, id=gid(offer), ticket=ticket(visitor.pk), form=None).codes == []
    assert Session.objects.get().form == "chat"


def start(ask, visitor_id: uuid.UUID, **given: Any) -> Any:
    return ask(START, input={"ticket": ticket(visitor_id), "channel": CHANNEL, **given})


def test_starting_is_idempotent(ask, channel, rep, visitor):
    first = start(ask, visitor.pk, productId=PRODUCT, variantId=VARIANT, checkoutId=CHECKOUT)
    second = start(ask, visitor.pk)
    assert first.codes == second.codes == []
    assert first.data["session"]["id"] == second.data["session"]["id"]
    assert first.data["session"]["product"] == {"id": PRODUCT}
    assert first.data["session"]["visitor"] is None
    [session] = Session.objects.all()
    assert (session.product_id, session.variant_id, session.checkout_id) == (PRODUCT, VARIANT, CHECKOUT)
    assert VisitorCheckout.objects.get().visitor_id == visitor.pk


def test_explicit_nulls_are_as_if_left_out(ask, channel, rep, visitor):
    nulls = {"form": None, "productId": None, "variantId": None, "checkoutId": None}
    assert start(ask, visitor.pk, **nulls).codes == []
    assert Session.objects.get().form == "chat"


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"productId": to_global_id("Product", 404)}, ("productId", "INVALID")),
        ({"productId": "<script>"}, ("productId", "INVALID")),
        ({"productId": PRODUCT, "variantId": to_global_id("ProductVariant", 404)}, ("variantId", "INVALID")),
        ({"variantId": VARIANT}, ("productId", "INVALID")),
        ({"checkoutId": to_global_id("Checkout", uuid.UUID(int=404))}, ("checkoutId", "NOT_FOUND")),
        ({"channel": "no-such-channel"}, ("channel", "CHANNEL_INACTIVE")),
        ({"channel": "a\0b"}, (None, "INVALID")),
        ({"form": "VIDEO"}, ("form", "FORM_NOT_AVAILABLE")),
    ],
)
def test_what_is_unknown_starts_nothing(ask, channel, rep, visitor, given, error):
    before = rows()
    assert start(ask, visitor.pk, **given).codes == [error]
    assert rows() == before


def test_a_checkout_of_another_visitor(ask, channel, rep, visitor):
    VisitorCheckout.objects.create(checkout_id=CHECKOUT, visitor=make_visitor(), claimed_at=now())
    assert start(ask, visitor.pk, checkoutId=CHECKOUT).codes == [("checkoutId", "NOT_FOUND")]
    assert Session.objects.count() == 0


def test_nobody_is_there(ask, channel, visitor):
    assert start(ask, visitor.pk).codes == [(None, "NOBODY_AVAILABLE")]
    assert Session.objects.count() == 0


def test_below_the_gate(ask, channel, rep, visitor):
    ChannelSettings.objects.update(price_threshold="100.00", price_strength="gate")
    assert start(ask, visitor.pk, productId=PRODUCT).codes == [("productId", "BELOW_THRESHOLD")]
    assert Session.objects.count() == 0
    ChannelSettings.objects.update(price_threshold="99.99")
    assert start(ask, visitor.pk, productId=PRODUCT).codes == []


def test_requests_are_not_taken(ask, channel, rep, visitor):
    ChannelSettings.objects.update(requests_allowed=False)
    assert start(ask, visitor.pk).codes == [("channel", "REQUESTS_NOT_ALLOWED")]
    assert Session.objects.count() == 0


@pytest.mark.parametrize(
    "given",
    [{"form": "SMOKE_SIGNALS"}, {"channel": None}, {"ticket": None}, {"nonsense": 1}],
)
def test_what_the_schema_forbids_never_arrives(ask, channel, rep, visitor, given):
    answer = start(ask, visitor.pk, **given)
    assert answer.refusals == ["GraphQLError"]
    assert Session.objects.count() == 0


# Sessions of reps


def test_a_rep_takes_a_session_from_the_queue(ask, rep, waiting):
    answer = ask(ACCEPT, REP, id=gid(waiting))
    assert answer.data == {
        "session": {"id": gid(waiting), "state": "ACTIVE", "repName": "Rosa Rep", "visitor": {"name": "Vera"}},
        "errors": [],
    }
    waiting.refresh_from_db()
    assert (waiting.state, waiting.rep_id) == ("active", rep.pk)
    assert ask(ACCEPT, REP, id=gid(waiting)).codes == []
    assert Entry.objects.filter(kind="state").count() == 1


@pytest.mark.parametrize("case", ["other's", "unknown", "garbage", "ended", "busy", "offline"])
def test_what_a_rep_cannot_take(ask, rep, other_rep, waiting, case):
    target = gid(waiting)
    if case == "other's":
        Session.objects.update(state="active", rep=other_rep)
    elif case == "unknown":
        target = to_global_id("LiveSession", uuid7())
    elif case == "garbage":
        target = "nonsense"
    elif case == "ended":
        Session.objects.update(state="ended", rep=rep)
    elif case == "busy":
        Rep.objects.filter(pk=rep.pk).update(load=3)
    else:
        Rep.objects.filter(pk=rep.pk).update(lease_until=now())
    before = rows()
    expected = {"ended": "SESSION_ENDED", "busy": "REP_BUSY", "offline": "REP_OFFLINE"}.get(case, "NOT_FOUND")
    assert ask(ACCEPT, REP, id=target).codes == [("id", expected)]
    assert rows() == before


def test_a_rep_that_never_opened_the_desk_takes_nothing(ask, waiting):
    before = rows()
    assert ask(ACCEPT, REP, id=gid(waiting)).codes == [("id", "NOT_FOUND")]
    assert rows() == before


@pytest.mark.parametrize(("by", "reason"), [("visitor", "VISITOR"), ("rep", "REP"), ("owner", "REP")])
def test_either_side_ends_it_once(ask, talk, visitor, by, reason):
    shown = {"ticket": ticket(visitor.pk)} if by == "visitor" else {}
    who = {"visitor": NOBODY, "rep": REP, "owner": OWNER}[by]
    for _ in range(2):
        answer = ask(END, who, id=gid(talk), **shown)
        assert answer.codes == []
        assert (answer.data["session"]["state"], answer.data["session"]["endReason"]) == ("ENDED", reason)
        assert answer.data["session"]["visitor"] == (None if by == "visitor" else {"id": gid(visitor)})
    assert Entry.objects.filter(kind="state").count() == 1
    key = str(uuid7())
    said = {"sessionId": gid(talk), "key": key, "text": "Hello?", "ticket": ticket(visitor.pk)}
    assert ask(SEND, input=said).codes == [("sessionId", "SESSION_ENDED")]
    assert Entry.objects.filter(kind="message").count() == 0


def test_nobody_else_ends_it(ask, talk, other_rep):
    before = rows()
    other = requestor(other_rep.user_id, HANDLE)
    assert ask(END, other, id=gid(talk)).codes == [("id", "NOT_FOUND")]
    assert ask(END, id=gid(talk), ticket=ticket(uuid7())).codes == [("id", "NOT_FOUND")]
    assert ask(END, REP, id=gid(talk), ticket=ticket(uuid7())).codes == [("id", "NOT_FOUND")]  # the ticket decides
    assert ask(END, REP, id=gid(talk), ticket="").codes == [("ticket", "INVALID_TICKET")]
    assert rows() == before


# Messages


def say(ask, session, text, *, by=NOBODY, shown=None, key=None):
    given = {"sessionId": gid(session), "key": key or str(uuid7()), "text": text}
    return ask(SEND, by, input=given if shown is None else {**given, "ticket": shown})


def test_both_sides_write(ask, talk, visitor):
    key = str(uuid7())
    text = "<b>Hello</b> & \u00fc\U0001f600"
    answer = say(ask, talk, text, shown=ticket(visitor.pk), key=key)
    assert answer.codes == []
    assert {**answer.data["message"], "id": ""} == {
        "id": "",
        "number": 1,
        "sender": "VISITOR",
        "text": text,
        "key": key,
    }
    assert say(ask, talk, "Hi", by=REP).data["message"]["sender"] == "REP"
    assert list(Entry.objects.values_list("number", "sender", "text")) == [(1, "visitor", text), (2, "rep", "Hi")]


def test_a_key_sent_again_is_the_same_message(ask, talk, visitor):
    key = str(uuid7())
    first = say(ask, talk, "Hello", shown=ticket(visitor.pk), key=key).data["message"]
    second = say(ask, talk, "Hello", shown=ticket(visitor.pk), key=key).data["message"]
    assert first == second
    assert Entry.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [("x" * 4001, "TOO_LONG"), ("", "INVALID"), (" \n\t", "INVALID"), ("a\0b", "INVALID"), ("\ud800", "INVALID")],
)
def test_a_text_that_is_not_taken(ask, talk, visitor, text, code):
    before = rows()
    assert say(ask, talk, text, shown=ticket(visitor.pk)).codes == [("text", code)]
    assert say(ask, talk, text, by=REP).codes == [("text", code)]
    assert rows() == before


def test_4000_characters_are_taken(ask, talk, visitor):
    assert say(ask, talk, "\U0001f600" * 4000, shown=ticket(visitor.pk)).codes == []


def test_another_session_is_not_found(ask, talk, other_rep):
    before = rows()
    assert say(ask, talk, "Hi", shown=ticket(uuid7())).codes == [("sessionId", "NOT_FOUND")]
    assert say(ask, talk, "Hi", by=requestor(other_rep.user_id, HANDLE)).codes == [("sessionId", "NOT_FOUND")]
    assert say(ask, talk, "Hi", by=OWNER).codes == [("sessionId", "NOT_FOUND")]  # sees it, but isn't in it
    bad = {"sessionId": "nonsense", "key": str(uuid7()), "text": "Hi"}
    assert ask(SEND, REP, input=bad).codes == [("sessionId", "NOT_FOUND")]
    assert rows() == before


@pytest.mark.parametrize("key", ["", "no uuid", 7, None])
def test_a_key_must_be_a_uuid(ask, talk, key):
    given = {"sessionId": gid(talk), "key": key, "text": "Hi"}
    assert ask(SEND, REP, input=given).refusals == ["GraphQLError"]
    assert Entry.objects.count() == 0


def test_a_ticket_of_null_is_as_if_left_out(ask, talk):
    given = {"sessionId": gid(talk), "key": str(uuid7()), "text": "Hi", "ticket": None}
    assert ask(SEND, REP, input=given).codes == []
    assert ask(SEND, NOBODY, input=given).refusals == ["PermissionDenied"]
    assert Entry.objects.count() == 1


def test_a_waiting_session_takes_the_visitors_messages_alone(ask, rep, waiting, visitor):
    assert say(ask, waiting, "Hello?", shown=ticket(visitor.pk)).codes == []
    assert say(ask, waiting, "Hi", by=REP).codes == [("sessionId", "NOT_FOUND")]
    assert Entry.objects.count() == 1


# Presence


def test_presence_gives_a_ticket(ask):
    before = now()
    answer = ask(PRESENCE, REP, input={"status": "ONLINE", "capacity": 5})
    [rep] = Rep.objects.all()
    assert answer.codes == []
    assert answer.data["rep"] == {
        "id": gid(rep),
        "name": "Rosa Rep",
        "status": "ONLINE",
        "capacity": 5,
        "online": True,
    }
    subject, expires = conf.load().signer.verify(answer.data["ticket"], kind="rep-ticket", now=now())
    assert subject == rep.pk
    assert datetime.timedelta(minutes=4) < expires - before < datetime.timedelta(minutes=6)
    assert abs(datetime.datetime.fromisoformat(answer.data["expiresAt"]) - expires) < datetime.timedelta(seconds=1)
    assert answer.data["gatewayUrl"] == conf.load().gateway_url


@pytest.mark.parametrize("capacity", [0, 13, -1])
def test_a_capacity_out_of_range(ask, capacity):
    answer = ask(PRESENCE, REP, input={"status": "ONLINE", "capacity": capacity})
    assert answer.codes == [("capacity", "INVALID")]
    assert [answer.data[name] for name in ("rep", "ticket", "gatewayUrl")] == [None, None, None]
    assert Rep.objects.filter(status="online").count() == 0


def test_a_capacity_of_null_stays_as_it_is(ask, rep):
    Rep.objects.update(capacity=7)
    assert ask(PRESENCE, REP, input={"status": "AWAY", "capacity": None}).data["rep"]["capacity"] == 7


def test_a_right_that_was_taken_away_gives_no_ticket(ask, shop):
    """The request's token still says HANDLE_LIVE_SALES; the database does not."""
    shop.staff[REP_USER] = set()
    assert ask(PRESENCE, REP, input={"status": "ONLINE"}).refusals == ["PermissionDenied"]
    assert Rep.objects.count() == 0


# Inquiries


def inquire(ask, visitor_id, **given):
    values = {
        "ticket": ticket(visitor_id),
        "channel": CHANNEL,
        "key": str(uuid7()),
        "email": "vera@example.com",
        "text": "Is it blue?",
        **given,
    }
    return ask(INQUIRE, input=values)


def test_an_inquiry_is_kept_once(ask, channel, visitor):
    key = str(uuid7())
    first, second = (inquire(ask, visitor.pk, key=key, productId=PRODUCT) for _ in range(2))
    assert first.codes == second.codes == []
    assert first.data == second.data
    [row] = Inquiry.objects.all()
    assert (row.email, row.text, row.product_id) == ("vera@example.com", "Is it blue?", PRODUCT)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"email": "nonsense"}, ("email", "INVALID")),
        ({"email": "a@example.com\nBcc: b@example.com"}, ("email", "INVALID")),
        ({"text": "x" * 4001}, ("text", "TOO_LONG")),
        ({"text": " "}, ("text", "INVALID")),
        ({"productId": to_global_id("Product", 404)}, ("productId", "INVALID")),
        ({"channel": "no-such-channel"}, ("channel", "CHANNEL_INACTIVE")),
    ],
)
def test_an_inquiry_that_is_not_taken(ask, channel, visitor, given, error):
    before = rows()
    assert inquire(ask, visitor.pk, **given).codes == [error]
    assert rows() == before


# Settings


def test_the_owner_changes_settings(ask, channel):
    given = {"active": True, "priceThreshold": "99.50", "priceStrength": "GATE", "greeting": "Hi"}
    answer = ask(CONFIGURE, ONLY_MANAGER, channel=CHANNEL, input=given)
    assert answer.data == {
        "settings": {
            "channel": CHANNEL,
            "active": True,
            "priceThreshold": {"amount": 99.5, "currency": "USD"},
            "priceStrength": "GATE",
            "greeting": "Hi",
        },
        "errors": [],
    }
    row = ChannelSettings.objects.get()
    assert (str(row.price_threshold), row.price_strength, row.updated_by) == ("99.500", "gate", OWNER.user_id)
    assert ask(CONFIGURE, OWNER, channel=CHANNEL, input={"priceThreshold": None}).codes == []
    row.refresh_from_db()
    assert (row.price_threshold, row.greeting) == (None, "Hi")


@pytest.mark.parametrize(
    "field",
    [
        "active",
        "priceStrength",
        "requestsAllowed",
        "greeting",
        "gatewayUrl",
        "contactEmail",
        "picturesAllowed",
        "timeZone",
        "openingHours",
        "specialDays",
        "ratingAsked",
    ],
)
def test_null_is_refused_where_it_means_nothing(ask, channel, field):
    before = rows()
    assert ask(CONFIGURE, OWNER, channel=CHANNEL, input={field: None}).codes == [(field, "INVALID")]
    assert rows() == before


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"gatewayUrl": "javascript:alert(1)"}, ("gatewayUrl", "INVALID")),
        ({"contactEmail": "nonsense"}, ("contactEmail", "INVALID")),
        ({"greeting": "x" * 501}, ("greeting", "INVALID")),
        ({"priceThreshold": 0.001}, ("priceThreshold", "INVALID")),
        ({"endsAfterLapse": 241}, ("endsAfterLapse", "INVALID")),
    ],
)
def test_settings_that_are_not_taken(ask, channel, given, error):
    before = rows()
    assert ask(CONFIGURE, OWNER, channel=CHANNEL, input=given).codes == [error]
    assert rows() == before


def test_settings_of_an_unknown_channel(ask):
    assert ask(CONFIGURE, OWNER, channel="no-such", input={"active": True}).codes == [("channel", "NOT_FOUND")]
    assert ChannelSettings.objects.count() == 0


@pytest.mark.parametrize("threshold", [-1, "-0.01", "NaN", "Infinity", "abc"])
def test_a_threshold_is_a_positive_decimal(ask, channel, threshold):
    answer = ask(CONFIGURE, OWNER, channel=CHANNEL, input={"priceThreshold": threshold})
    assert answer.refusals == ["GraphQLError"]
    assert ChannelSettings.objects.get().price_threshold is None


def test_presence_and_a_session_in_one_request(ask, waiting):
    """Who has just become a rep is one."""
    document = """mutation($id: ID!) {
      presence: liveRepPresenceUpdate(input: {status: ONLINE}) { errors { code } }
      accept: liveSessionAccept(id: $id) { session { state } errors { code } }
    }"""
    result = ask(document, REP, id=gid(waiting)).result
    assert result.errors is None
    assert result.data["accept"] == {"session": {"state": "ACTIVE"}, "errors": []}


def test_two_mutations_in_one_request_each_see_what_is_there(ask, talk, visitor):
    """The second one's answer does not come from what was loaded for the first."""
    make_message(talk, "before")
    document = """mutation($a: LiveMessageSendInput!, $b: LiveMessageSendInput!, $id: ID!) {
      first: liveMessageSend(input: $a) { message { number } }
      end: liveSessionEnd(id: $id) { session { messages(first: 9) { totalCount edges { node { number } } } } }
      second: liveMessageSend(input: $b) { errors { code } }
    }"""
    said = [{"sessionId": gid(talk), "key": str(uuid7()), "text": "Hi"} for _ in range(2)]
    result = ask(document, REP, a=said[0], b=said[1], id=gid(talk)).result
    assert result.errors is None
    assert result.data["first"] == {"message": {"number": 2}}
    assert result.data["end"]["session"]["messages"]["totalCount"] == 2
    assert result.data["second"] == {"errors": [{"code": "SESSION_ENDED"}]}
