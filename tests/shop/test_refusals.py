"""What is not right is refused, by GraphQL and the gateway alike, and changes nothing."""

from __future__ import annotations

import base64
import datetime
import time
import uuid
from typing import Any

import jwt
import pytest

from saleor_livesales import ids, wire
from saleor_livesales.tokens import Signer

from ..live_client import Live
from .client import CHANNEL, Api
from .people import (
    ACCEPT,
    CONFIGURE,
    END,
    IDENTIFY,
    INQUIRE,
    OFFER_ACCEPT,
    OFFER_DECLINE,
    PRESENCE,
    SEND,
    SESSION,
    SESSIONS,
    START,
    Rep,
    Visitor,
    codes,
    everything,
)

HTML = "<img src=x onerror=\"alert('1')\"><script>alert(1)</script> & \u00fc \U0001f600 \u202e"


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def tickets(api: Api, visitor: Visitor) -> dict[str, str]:
    """Everything that looks like this visitor's ticket and is none."""
    kind, subject = "visitor-ticket", ids.uuid_from_global_id("LiveVisitor", visitor.id)
    claims = {"aud": kind, "sub": str(subject), "iat": now(), "exp": now() + datetime.timedelta(minutes=5)}
    key_id, secret = next(iter(api.signing_keys.items()))

    def signed(secret: str = secret, algorithm: str = "HS256", kid: Any = key_id, **changes: Any) -> str:
        kept = {name: value for name, value in {**claims, **changes}.items() if value is not None}
        return jwt.encode(kept, secret, algorithm, headers={"kid": kid} if kid is not None else {})

    head, payload, signature = visitor.ticket.split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none","kid":"%s"}' % key_id.encode()).decode().rstrip("=")
    return {
        "empty": "",
        "malformed": "a.b.c",
        "long": "x" * 100_000,
        "cut": visitor.ticket[:-1],
        "altered": f"{head}.{payload}.{signature[:-4]}AAAA",
        "no algorithm": f"{none}.{payload}.",
        "other key": Signer({key_id: "x" * 48}).sign(kind="visitor-ticket", subject=subject, now=now()),
        "other key's name": Signer({"other": secret}).sign(kind="visitor-ticket", subject=subject, now=now()),
        "no key's name": signed(kid=None),
        "other algorithm": signed(algorithm="HS512"),
        "long-lived token": visitor.token,
        "rep's": api.signer.sign(kind="rep-ticket", subject=subject, now=now()),
        "other audience": signed(aud="other"),
        "no audience": signed(aud=None),
        "no expiry": signed(exp=None),
        "no subject": signed(sub=None),
        "no uuid": signed(sub="1"),
        "expired": api.signer.sign(kind="visitor-ticket", subject=subject, now=now() - datetime.timedelta(minutes=6)),
        "staff's": api.token("rep"),
        "frame's": str(api.frame_token("rep")),
    }


def test_tickets_that_are_none(api: Api, rep: Rep, visitor: Visitor, talk: str):
    before = everything(api)
    genuine = api.signer.sign(
        kind="visitor-ticket", subject=ids.uuid_from_global_id("LiveVisitor", visitor.id), now=now()
    )
    assert api.only(SESSION, id=talk, ticket=genuine)["id"] == talk  # what is made here would be taken if it were right
    for name, ticket in tickets(api, visitor).items():
        said = {"sessionId": talk, "ticket": ticket, "key": str(uuid.uuid4()), "text": "Hi"}
        mail = {"ticket": ticket, "channel": CHANNEL, "key": str(uuid.uuid4()), "email": "a@example.com", "text": "Hi"}
        for document, variables in (
            (IDENTIFY, {"input": {"ticket": ticket}}),
            (START, {"input": {"ticket": ticket, "channel": CHANNEL}}),
            (END, {"id": talk, "ticket": ticket}),
            (SEND, {"input": said}),
            (INQUIRE, {"input": mail}),
        ):
            assert codes(api.only(document, **variables)) == [("ticket", "INVALID_TICKET")], name
        for document, variables in ((SESSION, {"id": talk, "ticket": ticket}), (SESSIONS, {"ticket": ticket})):
            answer = api.ask(document, **variables).json
            assert set(answer["data"].values()) == {None}, name
            assert len(answer["errors"]) == 1, name
    assert everything(api) == before


def test_a_rep_with_a_ticket_that_is_none_stays_outside_the_gateway(api: Api, rep: Rep, visitor: Visitor):
    own = ids.uuid_from_global_id("LiveRep", api.only("{ liveRep { id } }", api.token("rep"))["id"])
    for ticket in (
        None,
        "",
        "a.b.c",
        visitor.ticket,
        visitor.token,
        api.token("rep"),
        api.signer.sign(kind="visitor-ticket", subject=own, now=now()),
        api.signer.sign(kind="rep-ticket", subject=own, now=now() - datetime.timedelta(minutes=6)),
        api.signer.sign(kind="rep-ticket", subject=own, now=now())[:-4] + "AAAA",
        Signer({"other": "x" * 48}).sign(kind="rep-ticket", subject=own, now=now()),
    ):
        live = Live(api.stack.urls["gateway"], origin=api.origin)
        live.send(wire.Hello(role="rep", ticket=ticket))
        assert live.closed() == (4401, "TICKET_INVALID")
        assert live.frames == []


def test_a_token_that_is_none_makes_another_visitor(api: Api, visitor: Visitor):
    subject = ids.uuid_from_global_id("LiveVisitor", visitor.id)
    assert Visitor(api, token=visitor.token).id == visitor.id
    for token in (
        visitor.ticket,
        visitor.token[:-4] + "AAAA",
        Signer({"other": "x" * 48}).sign(kind="visitor", subject=subject, now=now()),
        api.signer.sign(kind="visitor", subject=subject, now=now() - datetime.timedelta(days=401)),
        "a.b.c",
    ):
        other = Visitor(api, token=token)
        assert other.id != visitor.id
        assert other.token != token
        other.live.close()


def test_a_page_of_another_origin_opens_no_socket(api: Api):
    with pytest.raises(Exception, match="403"):
        Live(api.stack.urls["gateway"], origin="http://evil.test")


# What is somebody else's


def test_another_visitors_session(api: Api, rep: Rep, visitor: Visitor, stranger: Visitor, talk: str):
    assert codes(visitor.send(talk, "a secret")) == []
    before = everything(api)
    # on GraphQL
    assert stranger.read(talk) is None
    assert api.only(SESSIONS, ticket=stranger.ticket) == {"totalCount": 0, "edges": []}
    assert codes(stranger.send(talk, "Hi")) == [("sessionId", "NOT_FOUND")]
    assert codes(api.only(END, id=talk, ticket=stranger.ticket)) == [("id", "NOT_FOUND")]
    # on the socket
    refused = stranger.live.say(talk, "Hi")
    assert isinstance(refused, wire.Refused)
    assert (refused.code, refused.session) == ("NOT_FOUND", talk)
    stranger.live.send(wire.Resume(session=talk))
    assert stranger.live.next(wire.Refused).code == "NOT_FOUND"
    stranger.live.send(wire.Read(session=talk, number=1))
    assert stranger.live.next(wire.Refused).code == "NOT_FOUND"
    stranger.live.send(wire.Typing(session=talk))
    visitor.live.send(wire.Typing(session=talk))
    typing = rep.live.next(wire.Typing)
    assert (typing.session, typing.sender) == (talk, "visitor")
    assert len(rep.live.heard(wire.Typing)) == 1  # the visitor's own, not the stranger's
    # and nothing happened, nor was anything heard
    assert everything(api) == before
    assert not any("secret" in str(frame) or talk in str(frame) for frame in stranger.live.heard(wire.Entry))
    # with a rep's token beside its ticket it is the stranger all the same
    assert api.only(SESSION, api.token("rep"), id=talk, ticket=stranger.ticket) is None


def test_another_visitors_offer(api: Api, rep: Rep, visitor: Visitor, stranger: Visitor):
    offer = visitor.offered().id
    before = everything(api)
    for document in (OFFER_ACCEPT, OFFER_DECLINE):
        assert codes(api.only(document, id=offer, ticket=stranger.ticket)) == [("id", "NOT_FOUND")]
        assert codes(api.only(document, id="nonsense", ticket=visitor.ticket)) == [("id", "NOT_FOUND")]
        unknown = ids.to_global_id("LiveOffer", uuid.uuid4())
        assert codes(api.only(document, id=unknown, ticket=visitor.ticket)) == [("id", "NOT_FOUND")]
    assert everything(api) == before
    assert stranger.live.heard(wire.OfferMade) == stranger.live.heard(wire.OfferClosed) == []
    assert codes(api.only(OFFER_DECLINE, id=offer, ticket=visitor.ticket)) == []


def test_another_visitors_checkout(api: Api, rep: Rep, visitor: Visitor, stranger: Visitor):
    create = """mutation($input: CheckoutCreateInput!) { checkoutCreate(input: $input) { checkout { id } } }"""
    line = {"variantId": api.variant("tray-table"), "quantity": 1}
    cart = api.only(create, input={"channel": CHANNEL, "lines": [line]})["checkout"]["id"]
    assert codes(visitor.start(checkoutId=cart)) == []
    assert codes(stranger.start(checkoutId=cart)) == [("checkoutId", "NOT_FOUND")]
    unknown = ids.to_global_id("Checkout", uuid.UUID(int=404))
    assert codes(stranger.start(checkoutId=unknown)) == [("checkoutId", "NOT_FOUND")]
    assert api.only(SESSIONS, ticket=stranger.ticket)["totalCount"] == 0


@pytest.mark.parametrize("shown", ["", "nonsense", "TGl2ZVNlc3Npb246MQ==", "x" * 10_000])
def test_ids_that_are_none(api: Api, rep: Rep, visitor: Visitor, shown: str):
    assert visitor.read(shown) is None
    assert rep.read(shown) is None
    assert codes(visitor.send(shown, "Hi")) == codes(rep.send(shown, "Hi")) == [("sessionId", "NOT_FOUND")]
    assert codes(api.only(END, id=shown, ticket=visitor.ticket)) == [("id", "NOT_FOUND")]
    assert codes(rep.accept(shown)) == [("id", "NOT_FOUND")]
    refused = visitor.live.say(shown, "Hi")
    assert isinstance(refused, wire.Refused)
    assert refused.code == "NOT_FOUND"


# What is unknown


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"productId": ids.to_global_id("Product", 2000000000)}, ("productId", "INVALID")),
        ({"productId": "<script>"}, ("productId", "INVALID")),
        ({"productId": ids.to_global_id("Order", 1)}, ("productId", "INVALID")),
        ({"variantId": ids.to_global_id("ProductVariant", 1)}, ("productId", "INVALID")),
        ({"channel": "no-such-channel"}, ("channel", "CHANNEL_INACTIVE")),
        ({"channel": ""}, ("channel", "CHANNEL_INACTIVE")),
        ({"channel": "channel-pln"}, ("channel", "CHANNEL_INACTIVE")),
        ({"form": "AUDIO"}, ("form", "FORM_NOT_AVAILABLE")),
        ({"form": "VIDEO"}, ("form", "FORM_NOT_AVAILABLE")),
    ],
    ids=str,
)
def test_what_is_unknown_starts_nothing(api: Api, rep: Rep, visitor: Visitor, given, error):
    before = everything(api)
    assert codes(visitor.start(**given)) == [error]
    assert everything(api) == before


def test_a_form_that_is_not_offered_leaves_the_offer_open(api: Api, rep: Rep, visitor: Visitor):
    offer = visitor.offered().id
    answer = api.only(OFFER_ACCEPT, id=offer, ticket=visitor.ticket, form="VIDEO")
    assert codes(answer) == [("form", "FORM_NOT_AVAILABLE")]
    assert codes(api.only(OFFER_ACCEPT, id=offer, ticket=visitor.ticket, form=None)) == []


@pytest.mark.parametrize("form", ["FAX", "chat", 1])
def test_a_form_that_is_no_form(api: Api, visitor: Visitor, form):
    answer = api.ask(START, input={"ticket": visitor.ticket, "channel": CHANNEL, "form": form})
    assert answer.status == 400 or answer.json["errors"]
    assert api.only(SESSIONS, ticket=visitor.ticket)["totalCount"] == 0


def test_nobody_is_there(api: Api, visitor: Visitor):
    assert codes(visitor.start()) == [(None, "NOBODY_AVAILABLE")]
    assert api.only(SESSIONS, ticket=visitor.ticket)["totalCount"] == 0


# Texts


def test_4000_characters_are_taken_and_4001_are_not(api: Api, rep: Rep, visitor: Visitor, talk: str):
    text = "\U0001f600" * 4000
    assert visitor.send(talk, text)["message"]["text"] == text
    assert isinstance(visitor.live.say(talk, text), wire.Ack)
    assert rep.live.next(wire.Entry, lambda entry: entry.kind == "message").text == text
    before = everything(api)
    for longer in (text + "x", "x" * 4001):
        assert codes(visitor.send(talk, longer)) == codes(rep.send(talk, longer)) == [("text", "TOO_LONG")]
        refused = visitor.live.say(talk, longer)
        assert isinstance(refused, wire.Refused)
        assert refused.code == "TOO_LONG"
    mail = {"ticket": visitor.ticket, "channel": CHANNEL, "key": str(uuid.uuid4()), "email": "a@example.com"}
    assert codes(api.only(INQUIRE, input={**mail, "text": "x" * 4001})) == [("text", "TOO_LONG")]
    for empty in ("", " \n\t "):
        assert [field for field, _ in codes(visitor.send(talk, empty))] == ["text"]
    assert everything(api) == before


def test_html_stays_as_it_is(api: Api, rep: Rep, visitor: Visitor, talk: str):
    assert codes(api.only(IDENTIFY, input={"ticket": visitor.ticket, "name": "<b onclick=x>Eve</b>"})) == []
    query = "query($id: ID!) { liveSession(id: $id) { visitor { name } } }"
    assert api.only(query, api.token("rep"), id=talk)["visitor"] == {"name": "<b onclick=x>Eve</b>"}
    assert visitor.send(talk, HTML)["message"]["text"] == HTML
    assert rep.live.next(wire.Entry, lambda entry: entry.kind == "message").text == HTML
    assert isinstance(visitor.live.say(talk, HTML), wire.Ack)
    read = rep.read(talk)
    assert read is not None
    assert [edge["node"]["text"] for edge in read["messages"]["edges"]] == [HTML, HTML]
    assert [entry.text for entry in visitor.live.resume(talk) if entry.kind == "message"] == [HTML, HTML]


@pytest.mark.parametrize("email", ["nonsense", "", "a@example.com\nBcc: b@example.com", "<script>@example.com"])
def test_an_address_that_is_none(api: Api, visitor: Visitor, email):
    before = everything(api)
    mail = {"ticket": visitor.ticket, "channel": CHANNEL, "key": str(uuid.uuid4()), "text": "Hi", "email": email}
    assert codes(api.only(INQUIRE, input=mail)) == [("email", "INVALID")]
    assert everything(api) == before


# Nulls


def test_null_where_a_value_may_be_left_out_is_the_same_as_leaving_it_out(
    api: Api, rep: Rep, visitor: Visitor, stranger: Visitor
):
    assert codes(api.only(IDENTIFY, input={"ticket": visitor.ticket, "name": None})) == []
    answer = visitor.start(form=None, productId=None, variantId=None, checkoutId=None)
    assert codes(answer) == []
    assert answer["session"]["form"] == "CHAT"
    session = answer["session"]["id"]
    assert codes(rep.accept(session)) == []
    assert codes(rep.send(session, "Hi", ticket=None)) == []
    assert api.only(SESSION, api.token("rep"), id=session, ticket=None)["id"] == session
    assert codes(api.only(END, api.token("rep"), id=session, ticket=None)) == []
    rep_now = rep.presence("ONLINE", capacity=None)["rep"]
    assert rep_now["capacity"] == 6
    assert codes(api.only(OFFER_ACCEPT, id=stranger.offered().id, ticket=stranger.ticket, form=None)) == []
    mail = {"ticket": visitor.ticket, "channel": CHANNEL, "key": str(uuid.uuid4()), "email": "a@example.com"}
    assert codes(api.only(INQUIRE, input={**mail, "text": "Hi", "productId": None})) == []


def online(api: Api, token: str, filtered: dict[str, Any] | None) -> set[str]:
    """Who is on the site, as far as the filter lets through."""
    query = "query($f: LiveVisitorFilterInput) { liveVisitors(filter: $f, first: 100) { edges { node { id } } } }"
    return {edge["node"]["id"] for edge in api.only(query, token, f=filtered)["edges"]}


def test_null_in_filters_filters_nothing(api: Api, visitor: Visitor):
    token = api.token("owner")
    sessions = "query($f: LiveSessionFilterInput, $s: LiveSessionSortingInput) { liveSessions(filter: $f, sortBy: $s, "
    sessions += "first: 100) { totalCount } }"
    every = api.only(sessions, token)
    assert api.only(sessions, token, f=None, s=None) == every
    nulls = {"state": None, "channel": None, "mine": None, "createdAt": None}
    assert api.only(sessions, token, f=nulls, s={"field": "CREATED_AT", "direction": None}) == every
    assert api.only(sessions, token, f={"createdAt": {"gte": None, "lte": None}}) == every
    # Other visitors come and go meanwhile; this one stays.
    nulls = {"channel": None, "hasCart": None, "assurance": None, "search": None}
    visitor.look_at("side-table")
    deadline = time.monotonic() + 20
    while visitor.id not in online(api, token, {"search": "side-table"}):
        assert time.monotonic() < deadline, "The visitor never came onto the list."
        time.sleep(0.1)
    assert visitor.id not in online(api, token, {"hasCart": True})
    assert visitor.id in online(api, token, {**nulls, "search": "side-table"})
    assert visitor.id in online(api, token, nulls)
    assert visitor.id in online(api, token, None)
    assert api.only("query($id: ID) { liveRep(id: $id) { name } }", token, id=None) == {"name": "Olga Owner"}


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
    ],
)
def test_null_where_it_means_nothing_is_refused(api: Api, settings: None, field):
    before = everything(api)
    answer = api.only(CONFIGURE, api.token("owner"), channel=CHANNEL, input={field: None})
    assert codes(answer) == [(field, "INVALID")]
    assert everything(api) == before


def test_a_threshold_of_null_switches_the_rule_off(api: Api, settings: None):
    answer = api.only(CONFIGURE, api.token("owner"), channel=CHANNEL, input={"priceThreshold": None})
    assert (codes(answer), answer["settings"]["priceThreshold"]) == ([], None)


# Tokens of staff


def test_a_token_made_for_another_app_gives_none_of_our_rights(api: Api, rep: Rep, visitor: Visitor, other_key: str):
    session = visitor.start()["session"]["id"]
    frame = str(api.frame_token("rep"))
    assert api.only(SESSION, api.forge(frame), id=session)["id"] == session
    before = everything(api)
    for changes in (
        {"aud": "http://elsewhere.test"},
        {"drop": ("aud",)},
        {"app": ids.to_global_id("App", 2000000000)},
        {"drop": ("app",)},
        {"iss": "http://elsewhere.test/graphql/"},
        {"permissions": []},
        {"permissions": ["MANAGE_ORDERS"]},
        {"exp": 1600000000},
        {"type": "refresh"},
        {"email": "shopper@example.com"},
        {"key": other_key},
    ):
        stolen = api.forge(frame, **changes)
        for document, variables in (
            (ACCEPT, {"id": session}),
            (PRESENCE, {"input": {"status": "ONLINE"}}),
            (END, {"id": session}),
            ("{ liveReps(first: 1) { totalCount } }", {}),
        ):
            answer = api.ask(document, stolen, **variables).json
            assert answer.get("errors"), (changes, document, answer)
            assert answer["data"] is None or set(answer["data"].values()) == {None}, changes
    assert everything(api) == before
    # one that ran out says so, and not that something went wrong
    late = api.forge(frame, exp=1600000000)
    for document, variables in ((ACCEPT, {"id": session}), (SESSION, {"id": session})):
        assert api.ask(document, late, **variables).refusal == ("ExpiredSignatureError", "Signature has expired")
    # it claims no more than its user has
    more = api.forge(frame, permissions=["HANDLE_LIVE_SALES", "MANAGE_LIVE_SALES"])
    assert api.ask("{ liveChannels { channel } }", more).refusal[0] == "PermissionDenied"
    assert codes(api.only(ACCEPT, frame, id=session)) == []
