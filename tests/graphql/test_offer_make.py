"""A rep offers help by hand, through the API."""

from __future__ import annotations

import pytest

from saleor_livesales.ids import to_global_id, uuid7
from saleor_livesales.offers.models import Offer

from .conftest import APP, CHANNEL, NOBODY, ONLY_MANAGER, REP, SHOPPER, STAFF, gid, make_session, make_visit

MAKE = """mutation($input: LiveOfferMakeInput!) { liveOfferMake(input: $input) {
  offer { id state rule greeting channel } errors { field code } } }"""
SEEN = "{ liveVisitors(first: 10) { edges { node { id offer { id } reason } } } }"


def test_an_offer_is_made_and_shown_to_reps(ask, channel, rep, visitor):
    make_visit(visitor)
    answer = ask(MAKE, REP, input={"visitorId": gid(visitor), "greeting": "Hello"})
    assert answer.codes == []
    [offer] = Offer.objects.all()
    assert answer.data["offer"] == {
        "id": gid(offer),
        "state": "OPEN",
        "rule": "rep",
        "greeting": "Hello",
        "channel": CHANNEL,
    }
    assert offer.rep == rep
    assert ask(SEEN, REP).nodes == [{"id": gid(visitor), "offer": {"id": gid(offer)}, "reason": "offered_by_rep"}]
    again = ask(MAKE, REP, input={"visitorId": gid(visitor)})
    assert (again.codes, again.data["offer"]) == ([("visitorId", "OFFER_OPEN")], None)


def test_refusals_carry_field_and_code(ask, channel, rep, visitor):
    assert ask(MAKE, REP, input={"visitorId": gid(visitor)}).codes == [("visitorId", "VISITOR_AWAY")]
    make_visit(visitor)
    long = ask(MAKE, REP, input={"visitorId": gid(visitor), "greeting": "x" * 501})
    assert long.codes == [("greeting", "INVALID")]
    unknown = to_global_id("LiveVisitor", uuid7())
    assert ask(MAKE, REP, input={"visitorId": unknown}).codes == [("visitorId", "NOT_FOUND")]
    make_session(visitor)
    assert ask(MAKE, REP, input={"visitorId": gid(visitor)}).codes == [("visitorId", "VISITOR_IN_SESSION")]
    rep.status = "away"
    rep.save()
    assert ask(MAKE, REP, input={"visitorId": gid(visitor)}).codes == [(None, "REP_OFFLINE")]
    assert Offer.objects.count() == 0


@pytest.mark.parametrize("by", [NOBODY, SHOPPER, STAFF, ONLY_MANAGER, APP])
def test_only_a_rep_may(ask, channel, rep, visitor, by):
    make_visit(visitor)
    answer = ask(MAKE, by, input={"visitorId": gid(visitor)})
    assert answer.refusals == ["PermissionDenied"]
    assert Offer.objects.count() == 0
