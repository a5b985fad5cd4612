"""Every mutation with each kind of client, and what it left behind as the API shows it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from saleor_livesales import wire

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
    START,
    Rep,
    Visitor,
    codes,
    decisions,
    everything,
)

HANDLE, MANAGE = "HANDLE_LIVE_SALES", "MANAGE_LIVE_SALES"


def inquiry(ticket: str) -> dict[str, Any]:
    key = str(uuid.uuid4())
    return {"ticket": ticket, "channel": CHANNEL, "key": key, "email": "vera@example.com", "text": "Is it oak?"}


# Document, and variables by ticket and offer.
BY_TICKET: dict[str, tuple[str, Callable[[str, str], dict[str, Any]]]] = {
    "identify": (IDENTIFY, lambda ticket, offer: {"input": {"ticket": ticket, "name": "Eve"}}),
    "start": (START, lambda ticket, offer: {"input": {"ticket": ticket, "channel": CHANNEL}}),
    "offer accept": (OFFER_ACCEPT, lambda ticket, offer: {"id": offer, "ticket": ticket}),
    "offer decline": (OFFER_DECLINE, lambda ticket, offer: {"id": offer, "ticket": ticket}),
    "inquire": (INQUIRE, lambda ticket, offer: {"input": inquiry(ticket)}),
}


def test_what_only_a_visitor_may_is_refused_to_all_others(api: Api, rep: Rep, visitor: Visitor):
    # given: an offer
    offer = visitor.offered().id
    before = everything(api)

    # when: nobody, a customer, a rep, the owner and staff without a right try, with anything but a visitor's ticket
    for name, (document, variables) in BY_TICKET.items():
        for who in (None, "shopper", "rep", "owner", "noperm"):
            token = api.token(who) if who else None
            for shown in ("", "a.b.c", token or "nonsense", visitor.token):
                answer = api.only(document, token, **variables(shown, offer))
                # then: it is refused
                assert codes(answer) == [("ticket", "INVALID_TICKET")], (name, who)
                assert [value for key, value in answer.items() if key != "errors" and value is not None] == []

    # and nothing happened
    assert everything(api) == before
    assert [entry["offer"]["state"] for entry in decisions(api, visitor.id) if entry["offer"]] == ["OPEN"]


def test_a_visitor_accepts_an_offer(api: Api, rep: Rep, visitor: Visitor):
    offer = visitor.offered().id
    answer = api.only(OFFER_ACCEPT, id=offer, ticket=visitor.ticket)
    assert codes(answer) == []
    assert answer["offer"] == {"id": offer, "state": "ACCEPTED"}
    session = answer["session"]["id"]
    assert visitor.live.next(wire.OfferClosed) == wire.OfferClosed(id=offer, reason="accepted")
    assert api.only(OFFER_ACCEPT, id=offer, ticket=visitor.ticket)["session"]["id"] == session  # once more is the same
    read = rep.read(session)
    assert read is not None
    assert (read["state"], read["visitor"]["id"]) == ("RINGING", visitor.id)
    assert codes(api.only(OFFER_DECLINE, id=offer, ticket=visitor.ticket)) == [("id", "OFFER_CLOSED")]


def test_a_visitor_declines_an_offer(api: Api, rep: Rep, visitor: Visitor):
    offer = visitor.offered().id
    before = everything(api)
    answer = api.only(OFFER_DECLINE, id=offer, ticket=visitor.ticket)
    assert answer == {"offer": {"id": offer, "state": "DECLINED"}, "errors": []}
    assert visitor.live.next(wire.OfferClosed) == wire.OfferClosed(id=offer, reason="declined")
    assert everything(api) == before
    assert [entry["offer"]["state"] for entry in decisions(api, visitor.id) if entry["offer"]] == ["DECLINED"]
    assert codes(api.only(OFFER_ACCEPT, id=offer, ticket=visitor.ticket)) == [("id", "OFFER_CLOSED")]


def test_a_visitor_asks_writes_and_ends(api: Api, rep: Rep, visitor: Visitor):
    product = api.product("tray-table")["id"]
    answer = visitor.start(productId=product)
    assert codes(answer) == []
    session = answer["session"]
    assert (session["form"], session["product"], session["visitor"], session["rep"]) == (
        "CHAT", {"id": product}, None, None,
    )  # fmt: skip
    assert visitor.start()["session"]["id"] == session["id"]
    key = str(uuid.uuid4())
    for _ in range(2):
        message = visitor.send(session["id"], "Is it oak?", key=key)
        assert codes(message) == []
        assert (message["message"]["sender"], message["message"]["text"]) == ("VISITOR", "Is it oak?")
    assert codes(rep.accept(session["id"])) == []
    entry = rep.live.next(wire.Entry, lambda entry: entry.kind == "message")
    assert (entry.session, entry.sender, entry.text) == (session["id"], "visitor", "Is it oak?")
    assert codes(rep.send(session["id"], "Beech.")) == []
    heard = visitor.live.next(wire.Entry, lambda entry: entry.kind == "message" and entry.sender == "rep")
    assert heard.text == "Beech."
    answer = api.only(END, id=session["id"], ticket=visitor.ticket)
    assert answer == {"session": {"id": session["id"], "state": "ENDED", "endReason": "VISITOR"}, "errors": []}
    read = rep.read(session["id"])
    assert read is not None
    assert [edge["node"]["text"] for edge in read["messages"]["edges"]] == ["Is it oak?", "Beech."]
    assert codes(visitor.send(session["id"], "Wait")) == [("sessionId", "SESSION_ENDED")]
    refused = visitor.live.say(session["id"], "Wait")
    assert isinstance(refused, wire.Refused)
    assert refused.code == "SESSION_ENDED"
    assert rep.read(session["id"]) == read


def test_a_visitor_leaves_a_message(api: Api, visitor: Visitor):
    given = inquiry(visitor.ticket)
    first, second = api.only(INQUIRE, input=given), api.only(INQUIRE, input=given)
    assert first == second
    assert (first["inquiry"]["email"], first["inquiry"]["text"]) == ("vera@example.com", "Is it oak?")
    query = "{ liveInquiries(first: 100) { edges { node { id } } } }"
    ids = [edge["node"]["id"] for edge in api.only(query, api.token("rep"))["edges"]]
    assert ids.count(first["inquiry"]["id"]) == 1


def test_a_customer_is_known_and_forgotten_again(api: Api, rep: Rep, visitor: Visitor):
    answer = api.only(IDENTIFY, api.token("shopper"), input={"ticket": visitor.ticket, "name": "<b>Eve</b>"})
    shown = {"id": visitor.id, "name": "Sam Shopper", "assurance": "SIGNED_IN", "user": None, "profile": None}
    assert answer == {"visitor": shown, "errors": []}
    session = visitor.start()["session"]["id"]
    query = "query($id: ID!) { liveSession(id: $id) { visitor { name assurance user { email } profile { email } } } }"
    assert api.only(query, api.token("rep"), id=session)["visitor"] == {
        "name": "Sam Shopper",
        "assurance": "SIGNED_IN",
        "user": {"email": "shopper@example.com"},
        "profile": {"email": "shopper@example.com"},
    }
    assert api.only(query.replace("$id: ID!", "$id: ID!, $t: String").replace("id: $id)", "id: $id, ticket: $t)"),
                    id=session, t=visitor.ticket)["visitor"] is None  # fmt: skip
    api.only(IDENTIFY, input={"ticket": visitor.ticket, "name": None})
    read = api.only(query, api.token("rep"), id=session)["visitor"]
    assert (read["name"], read["user"], read["profile"]) == ("", None, None)


# Staff


def staffs(session: str) -> dict[str, tuple[str, dict[str, Any], str]]:
    return {
        "accept": (ACCEPT, {"id": session}, HANDLE),
        "presence": (PRESENCE, {"input": {"status": "ONLINE"}}, HANDLE),
        "configure": (CONFIGURE, {"channel": CHANNEL, "input": {"active": False}}, MANAGE),
        "end": (END, {"id": session}, f"{HANDLE}, {MANAGE}"),
        "send": (SEND, {"input": {"sessionId": session, "key": str(uuid.uuid4()), "text": "Hi"}}, HANDLE),
    }


def test_what_only_staff_may_is_refused_to_all_others(api: Api, rep: Rep, talk: str):
    before = everything(api)
    for document, variables, needed in staffs(talk).values():
        for who in (None, "shopper", "noperm"):
            answer = api.ask(document, api.token(who) if who else None, **variables)
            message = f"To access this path, you need one of the following permissions: {needed}"
            assert answer.refusal == ("PermissionDenied", message)
    document, variables, needed = staffs(talk)["configure"]
    assert api.ask(document, api.token("rep"), **variables).refusal[0] == "PermissionDenied"
    assert everything(api) == before


def test_what_is_staffs_alone_to_read(api: Api, visitor: Visitor):
    reads = {
        "{ liveVisitors(first: 1) { totalCount } }": ("rep", "owner"),
        f'{{ liveVisitor(id: "{visitor.id}") {{ trail {{ url }} }} }}': ("rep", "owner"),
        "{ liveReps(first: 1) { totalCount } }": ("rep", "owner"),
        "{ liveInquiries(first: 1) { totalCount } }": ("rep", "owner"),
        "{ liveSessions(first: 1) { totalCount } }": ("rep", "owner"),
        "{ liveRep { id } }": ("rep", "owner"),
        "{ liveChannels { channel } }": ("owner",),
        '{ liveChannelSettings(channel: "default-channel") { channel } }': ("owner",),
        f'{{ liveDecisions(visitorId: "{visitor.id}", first: 1) {{ totalCount }} }}': ("rep", "owner"),
    }
    for query, allowed in reads.items():
        for who in (None, "shopper", "noperm", "rep", "owner"):
            answer = api.ask(query, api.token(who) if who else None)
            if who in allowed:
                assert "errors" not in answer.json, (query, who)
            else:
                assert answer.json["errors"][0]["extensions"]["exception"]["code"] == "PermissionDenied", (query, who)


def test_a_rep_accepts_writes_and_ends(api: Api, rep: Rep, visitor: Visitor):
    session = visitor.start()["session"]["id"]
    assert rep.accept(session) == {"session": {"id": session, "state": "ACTIVE", "repName": "Robin Rep"}, "errors": []}
    assert rep.accept(session)["session"]["state"] == "ACTIVE"
    assert rep.send(session, "Hello")["message"]["sender"] == "REP"
    changed = visitor.live.next(wire.SessionChanged, lambda frame: frame.state == "active")
    assert (changed.id, changed.rep_name) == (session, "Robin Rep")
    answer = api.only(END, api.token("rep"), id=session)
    assert answer == {"session": {"id": session, "state": "ENDED", "endReason": "REP"}, "errors": []}
    assert visitor.live.next(wire.SessionChanged, lambda frame: frame.state == "ended").reason == "rep"
    read = visitor.read(session)
    assert read is not None
    assert (read["state"], read["rep"], read["visitor"]) == ("ENDED", None, None)
    assert codes(rep.send(session, "Wait")) == [("sessionId", "SESSION_ENDED")]


def test_a_session_of_another_rep_is_the_owners_to_end_and_nobody_elses(api: Api, rep: Rep, talk: str):
    other = api.token("rep2")
    before = everything(api)
    assert api.only("query($id: ID!) { liveSession(id: $id) { id } }", other, id=talk) is None
    assert codes(api.only(ACCEPT, other, id=talk)) == [("id", "NOT_FOUND")]
    assert codes(api.only(END, other, id=talk)) == [("id", "NOT_FOUND")]
    said = {"sessionId": talk, "key": str(uuid.uuid4()), "text": "Hi"}
    assert codes(api.only(SEND, other, input=said)) == [("sessionId", "NOT_FOUND")]
    assert codes(api.only(SEND, api.token("owner"), input=said)) == [("sessionId", "NOT_FOUND")]
    assert everything(api) == before
    assert codes(api.only(END, api.token("owner"), id=talk)) == []
    read = rep.read(talk)
    assert read is not None
    assert read["state"] == "ENDED"


def test_presence_of_a_rep_and_of_the_owner(api: Api, settings: None):
    storefront = 'query { liveStorefront(channel: "default-channel") { available } }'
    assert api.only(storefront) == {"available": False}
    for who, name in (("rep2", "Noor Rep"), ("owner", "Olga Owner")):
        answer = api.only(PRESENCE, api.token(who), input={"status": "ONLINE", "capacity": 2})
        assert codes(answer) == []
        assert {**answer["rep"], "id": ""} == {
            "id": "", "name": name, "status": "ONLINE", "capacity": 2, "online": True,
        }  # fmt: skip
        assert answer["gatewayUrl"] == api.stack.urls["gateway"]
        assert api.only(storefront) == {"available": True}
        answer = api.only(PRESENCE, api.token(who), input={"status": "OFFLINE"})
        assert (answer["rep"]["status"], answer["rep"]["online"]) == ("OFFLINE", False)
        assert api.only(storefront) == {"available": False}


def test_the_owner_configures(api: Api, settings: None):
    given = {"priceThreshold": "99.50", "priceStrength": "GATE", "greeting": "<i>Hi</i>"}
    answer = api.only(CONFIGURE, api.token("owner"), channel=CHANNEL, input=given)
    assert codes(answer) == []
    assert answer["settings"] == {
        "channel": CHANNEL,
        "active": True,
        "priceThreshold": {"amount": 99.5, "currency": "USD"},
        "priceStrength": "GATE",
        "requestsAllowed": True,
        "greeting": "<i>Hi</i>",
        "contactEmail": "owner@example.com",
    }
    query = "query($c: String!) { liveStorefront(channel: $c) { active greeting requestsAllowed forms gatewayUrl } }"
    assert api.only(query, c=CHANNEL) == {
        "active": True,
        "greeting": "<i>Hi</i>",
        "requestsAllowed": True,
        "forms": ["CHAT"],
        "gatewayUrl": api.stack.urls["gateway"],
    }
    assert api.only(query, c="no-such-channel")["active"] is False
