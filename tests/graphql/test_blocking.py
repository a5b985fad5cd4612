"""Blocking, through the API."""

from __future__ import annotations

import pytest

from saleor_livesales.ids import to_global_id, uuid7
from saleor_livesales.visitors.models import VisitorBlock

from .conftest import APP, CHANNEL, NOBODY, OWNER, REP, SHOPPER, STAFF, gid, make_session, make_visit, ticket

BLOCK = """mutation($input: LiveVisitorBlockInput!) { liveVisitorBlock(input: $input) {
  block { id reason byName until visitor { id } } errors { field code } } }"""
UNBLOCK = """mutation($id: ID!) { liveVisitorUnblock(visitorId: $id) {
  visitor { id block { id } } errors { field code } } }"""
BLOCKS = "{ liveVisitorBlocks(first: 10) { totalCount edges { node { id reason until visitor { id } } } } }"
SEEN = "query($id: ID!) { liveVisitor(id: $id) { block { reason byName } inSession } }"
START = """mutation($input: LiveSessionStartInput!) { liveSessionStart(input: $input) {
  session { id } errors { field message code } } }"""


def given(visitor, duration="DAY", reason="Insults"):
    return {"visitorId": gid(visitor), "duration": duration, "reason": reason}


def test_a_block_is_made_shown_and_lifted(ask, channel, rep, visitor):
    make_visit(visitor)
    session = make_session(visitor)
    answer = ask(BLOCK, REP, input=given(visitor))
    assert answer.codes == []
    [block] = VisitorBlock.objects.all()
    assert answer.data["block"] == {
        "id": to_global_id("LiveBlock", block.pk),
        "reason": "Insults",
        "byName": "Rosa Rep",
        "until": block.until.isoformat(),
        "visitor": {"id": gid(visitor)},
    }
    session.refresh_from_db()
    assert (session.state, session.end_reason) == ("ended", "rep")
    assert ask(SEEN, REP, id=gid(visitor)).data == {
        "block": {"reason": "Insults", "byName": "Rosa Rep"},
        "inSession": False,
    }
    assert [node["visitor"]["id"] for node in ask(BLOCKS, OWNER).nodes] == [gid(visitor)]
    started = ask(START, input={"ticket": ticket(visitor.pk), "channel": CHANNEL})
    assert started.codes == [(None, "NOBODY_AVAILABLE")]
    lifted = ask(UNBLOCK, REP, id=gid(visitor))
    assert (lifted.codes, lifted.data["visitor"]) == ([], {"id": gid(visitor), "block": None})
    assert ask(BLOCKS, OWNER).nodes == []
    assert ask(START, input={"ticket": ticket(visitor.pk), "channel": CHANNEL}).codes == []


def test_for_good_by_the_owner_alone(ask, rep, visitor):
    assert ask(BLOCK, REP, input=given(visitor, "FOR_GOOD")).codes == [("duration", "PERMISSION_DENIED")]
    assert VisitorBlock.objects.count() == 0
    assert ask(BLOCK, OWNER, input=given(visitor, "FOR_GOOD")).data["block"]["until"] is None
    assert ask(UNBLOCK, REP, id=gid(visitor)).codes == [("visitorId", "PERMISSION_DENIED")]
    assert ask(UNBLOCK, OWNER, id=gid(visitor)).codes == []


def test_what_is_wrong_is_named(ask, rep, visitor):
    assert ask(BLOCK, REP, input=given(visitor, reason=" ")).codes == [("reason", "INVALID")]
    unknown = to_global_id("LiveVisitor", uuid7())
    assert ask(BLOCK, REP, input={**given(visitor), "visitorId": unknown}).codes == [("visitorId", "NOT_FOUND")]
    assert ask(UNBLOCK, REP, id=unknown).codes == [("visitorId", "NOT_FOUND")]


@pytest.mark.parametrize("by", [NOBODY, SHOPPER, STAFF, APP])
def test_only_staff_with_a_permission_may(ask, rep, visitor, by):
    assert ask(BLOCK, by, input=given(visitor)).refusals == ["PermissionDenied"]
    assert ask(UNBLOCK, by, id=gid(visitor)).refusals == ["PermissionDenied"]
    assert VisitorBlock.objects.count() == 0
    if by is not APP:
        assert ask(BLOCKS, by).refusals == ["PermissionDenied"]


def test_the_visitor_is_told_nothing(ask, rep, visitor):
    session = make_session(visitor)
    ask(BLOCK, REP, input=given(visitor))
    own = "query($id: ID!, $ticket: String) { liveSession(id: $id, ticket: $ticket) { endReason visitor { name } } }"
    shown = ask(own, id=gid(session), ticket=ticket(visitor.pk)).data
    assert shown == {"endReason": "REP", "visitor": None}
