"""Reps reach visitors: the trail of pages, and help that a rep offers."""

from __future__ import annotations

import time
from typing import Any

from .client import Api
from .people import OFFER_ACCEPT, OFFER_DECLINE, Rep, Visitor, codes, configure, decisions

MAKE = """mutation($input: LiveOfferMakeInput!) { liveOfferMake(input: $input) {
  offer { id state rule greeting } errors { field code } } }"""
TRAIL = """query($id: ID!) { liveVisitor(id: $id) { online offer { id }
  trail { url title viewedAt product { id } } } }"""


def seen(api: Api, visitor: Visitor, pages: int) -> dict[str, Any]:
    """The visitor as reps see it, once so many pages and the product of the last have arrived."""
    for _ in range(150):
        found = api.only(TRAIL, api.token("rep"), id=visitor.id)
        trail = (found or {}).get("trail") or []
        if len(trail) == pages and trail[0]["product"]:
            return found
        time.sleep(0.1)
    raise AssertionError(found)


def offer(api: Api, visitor: Visitor, who: str = "rep", **given: Any) -> dict[str, Any]:
    return api.only(MAKE, api.token(who), input={"visitorId": visitor.id, **given})


def test_the_trail_of_a_visitor(api: Api, visitor: Visitor):
    visitor.look_at("tray-table")
    first = seen(api, visitor, 1)["trail"][0]
    assert first["url"].endswith("/product.html?tray-table")
    assert first["title"] == "tray-table"
    assert first["viewedAt"] is not None
    assert first["product"] == {"id": api.product("tray-table")["id"]}


def test_a_rep_offers_help_and_talks_to_who_accepts(api: Api, rep: Rep, visitor: Visitor):
    configure(api, priceThreshold="100000.00")  # the rules stay silent
    visitor.look_at("tray-table")
    seen(api, visitor, 1)
    made = offer(api, visitor, greeting="Shall I show you the tray?")
    assert codes(made) == []
    assert (made["offer"]["rule"], made["offer"]["greeting"]) == ("rep", "Shall I show you the tray?")
    shown = visitor.next_offer()
    assert (shown.id, shown.greeting) == (made["offer"]["id"], "Shall I show you the tray?")
    assert decisions(api, visitor.id)[0] == {
        "outcome": "offer",
        "rule": "rep",
        "reason": "offered_by_rep",
        "offer": {"id": made["offer"]["id"], "state": "OPEN"},
    }
    assert codes(offer(api, visitor)) == [("visitorId", "OFFER_OPEN")]
    accepted = api.only(OFFER_ACCEPT, id=shown.id, ticket=visitor.ticket)
    assert codes(accepted) == []
    session = accepted["session"]["id"]
    assert codes(offer(api, visitor)) == [("visitorId", "VISITOR_IN_SESSION")]
    assert codes(rep.accept(session)) == []
    assert codes(rep.send(session, "Here it is.")) == []


def test_who_declines_is_left_alone(api: Api, rep: Rep, visitor: Visitor):
    configure(api, priceThreshold="100000.00")
    visitor.look_at("tray-table")
    seen(api, visitor, 1)
    made = offer(api, visitor)
    assert codes(api.only(OFFER_DECLINE, id=made["offer"]["id"], ticket=visitor.ticket)) == []
    assert codes(offer(api, visitor)) == [("visitorId", "OFFER_PAUSE")]


def test_nobody_but_a_rep_who_is_there_offers_help(api: Api, rep: Rep, visitor: Visitor):
    configure(api, priceThreshold="100000.00")
    visitor.look_at("tray-table")
    seen(api, visitor, 1)
    for who in (None, "shopper", "noperm"):
        answer = api.ask(MAKE, api.token(who) if who else None, input={"visitorId": visitor.id})
        assert answer.refusal[0] == "PermissionDenied"
    rep.presence("AWAY")
    assert codes(offer(api, visitor)) == [(None, "REP_OFFLINE")]
    assert seen(api, visitor, 1)["offer"] is None


BLOCK = """mutation($input: LiveVisitorBlockInput!) { liveVisitorBlock(input: $input) {
  block { until } errors { field code } } }"""
UNBLOCK = "mutation($id: ID!) { liveVisitorUnblock(visitorId: $id) { errors { field code } } }"


def test_a_blocked_visitor_opens_nothing_until_it_is_lifted(api: Api, rep: Rep, visitor: Visitor, talk: str):
    given = {"visitorId": visitor.id, "duration": "DAY", "reason": "Insults"}
    assert codes(api.only(BLOCK, api.token("rep"), input={**given, "duration": "FOR_GOOD"})) == [
        ("duration", "PERMISSION_DENIED")
    ]
    assert codes(api.only(BLOCK, api.token("rep"), input=given)) == []
    own = visitor.read(talk)
    assert own is not None and (own["state"], own["endReason"]) == ("ENDED", "REP")  # an end like any other
    assert codes(visitor.send(talk, "Hello?")) == [("sessionId", "SESSION_ENDED")]
    assert codes(visitor.start()) == [(None, "NOBODY_AVAILABLE")]
    visitor.look_at("tray-table")
    seen(api, visitor, 1)
    assert codes(offer(api, visitor)) == [("visitorId", "VISITOR_BLOCKED")]
    for _ in range(150):
        reasons = [decision["reason"] for decision in decisions(api, visitor.id)]
        if "blocked" in reasons:
            break
        time.sleep(0.1)
    assert "blocked" in reasons
    assert codes(api.only(UNBLOCK, api.token("rep"), id=visitor.id)) == []
    assert codes(visitor.start()) == []
