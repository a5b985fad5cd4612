"""Rating a session by HTTP and the socket: who may, when, and who hears of it."""

from __future__ import annotations

from typing import Any

from saleor_livesales import wire

from .client import CHANNEL, Api
from .people import CONFIGURE, END, Rep, Visitor, codes, everything

RATE = """mutation($input: LiveSessionRateInput!) { liveSessionRate(input: $input) {
  session { id ratingAsked rating { score comment } } errors { field code } } }"""
RATING = """query($id: ID!, $ticket: String) { liveSession(id: $id, ticket: $ticket) {
  ratingAsked rating { score comment } } }"""
RATED = """query($filter: LiveSessionFilterInput, $ticket: String) {
  liveSessions(filter: $filter, ticket: $ticket, first: 100) { edges { node { id } } } }"""
FIGURES = "{ liveReps(first: 100) { edges { node { name ratingAverage ratingCount } } } }"


def rate(who: Visitor, session: str, score: Any = 4, **given: Any) -> dict[str, Any]:
    return who.api.only(RATE, input={"sessionId": session, "ticket": who.ticket, "score": score, **given})


def answered_and_over(rep: Rep, session: str) -> str:
    assert codes(rep.send(session, "Yes, in green.")) == []
    assert codes(rep.api.only(END, rep.api.token("rep"), id=session)) == []
    return session


def count(api: Api) -> int:
    edges = api.only(FIGURES, api.token("owner"))["edges"]
    return next(edge["node"]["ratingCount"] for edge in edges if edge["node"]["name"] == "Robin Rep")


def found(api: Api, token: str | None = None, **variables: Any) -> list[str]:
    return [edge["node"]["id"] for edge in api.only(RATED, token, **variables)["edges"]]


def test_it_is_asked_once_after_the_end_and_both_sides_hear_of_it(api: Api, rep: Rep, visitor: Visitor, talk: str):
    assert api.only(RATING, id=talk, ticket=visitor.ticket) == {"ratingAsked": False, "rating": None}
    assert codes(rate(visitor, talk)) == [("sessionId", "NOT_ALLOWED_NOW")]
    before = count(api)
    answered_and_over(rep, talk)
    assert api.only(RATING, id=talk, ticket=visitor.ticket) == {"ratingAsked": True, "rating": None}
    assert found(api, ticket=visitor.ticket, filter={"current": True}) == [talk]

    answer = rate(visitor, talk, 4, comment="She knew all about it.")

    rating = {"score": 4, "comment": "She knew all about it."}
    assert answer == {"session": {"id": talk, "ratingAsked": False, "rating": rating}, "errors": []}
    frame = wire.Rated(session=talk, **rating)
    assert (visitor.live.next(wire.Rated), rep.live.next(wire.Rated)) == (frame, frame)
    assert api.only(RATING, api.token("rep"), id=talk) == {"ratingAsked": False, "rating": rating}
    assert found(api, ticket=visitor.ticket, filter={"current": True}) == []
    assert count(api) == before + 1
    assert codes(rate(visitor, talk, 5)) == []  # changed
    assert count(api) == before + 1
    assert talk in found(api, api.token("owner"), filter={"score": [5]})
    assert talk not in found(api, api.token("owner"), filter={"score": [4]})


def test_it_is_the_visitors_own_to_rate(api: Api, rep: Rep, visitor: Visitor, stranger: Visitor, talk: str):
    answered_and_over(rep, talk)
    before = everything(api)
    assert codes(rate(stranger, talk)) == [("sessionId", "NOT_FOUND")]
    assert api.only(RATING, id=talk, ticket=stranger.ticket) is None
    forged = api.only(RATE, api.token("rep"), input={"sessionId": talk, "ticket": "x", "score": 5})
    assert codes(forged) == [("ticket", "INVALID_TICKET")]
    assert codes(rate(visitor, talk, 0)) == [("score", "INVALID")]
    assert codes(rate(visitor, talk, 3, comment="x" * 501)) == [("comment", "TOO_LONG")]
    assert everything(api) == before
    assert api.only(RATING, id=talk, ticket=visitor.ticket) == {"ratingAsked": True, "rating": None}


def test_what_is_put_away_is_not_asked_again(api: Api, rep: Rep, visitor: Visitor, talk: str):
    answered_and_over(rep, talk)
    assert codes(rate(visitor, talk, None)) == []
    assert api.only(RATING, id=talk, ticket=visitor.ticket) == {"ratingAsked": False, "rating": None}
    assert visitor.live.next(wire.Rated) == wire.Rated(session=talk)


def test_nobody_answered(api: Api, rep: Rep, visitor: Visitor, talk: str):
    assert codes(api.only(END, api.token("rep"), id=talk)) == []
    assert api.only(RATING, id=talk, ticket=visitor.ticket)["ratingAsked"] is False
    assert codes(rate(visitor, talk)) == [("sessionId", "NOT_ALLOWED_NOW")]


def test_a_channel_can_do_without(api: Api, rep: Rep, visitor: Visitor, talk: str):
    answered_and_over(rep, talk)
    owner = api.token("owner")
    try:
        assert codes(api.only(CONFIGURE, owner, channel=CHANNEL, input={"ratingAsked": False})) == []
        assert api.only(RATING, id=talk, ticket=visitor.ticket)["ratingAsked"] is False
        assert codes(rate(visitor, talk)) == [("sessionId", "NOT_ALLOWED_NOW")]
    finally:
        assert codes(api.only(CONFIGURE, owner, channel=CHANNEL, input={"ratingAsked": True})) == []
    assert codes(rate(visitor, talk)) == []
