"""Rating a session through the API: who may, what staff sees of it, filters, and what it costs."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_livesales.ids import to_global_id, uuid7
from saleor_livesales.sessions.models import Rating

from .conftest import (
    APP,
    NOBODY,
    ONLY_MANAGER,
    OWNER,
    REP,
    gid,
    make_message,
    make_session,
    make_visitor,
    now,
    ticket,
)

RATE = """mutation($input: LiveSessionRateInput!) { liveSessionRate(input: $input) {
  session { id ratingAsked rating { score comment } } errors { field code } } }"""
SESSION = """query($id: ID!, $ticket: String) { liveSession(id: $id, ticket: $ticket) {
  ratingAsked rating { score comment ratedAt changedAt } } }"""
SESSIONS = """query($filter: LiveSessionFilterInput, $ticket: String) {
  liveSessions(first: 20, filter: $filter, ticket: $ticket) { edges { node { id ratingAsked rating { score } } } } }"""
REPS = "{ liveReps(first: 20) { edges { node { name ratingAverage ratingCount } } } }"


def make_over(visitor: Any, rep: Any, **fields: Any) -> Any:
    """A session in which the rep answered, and which ended a minute ago."""
    moment = now() - datetime.timedelta(minutes=5)
    given = {"state": "ended", "end_reason": "rep", "rep": rep, "at": moment, "accepted_at": moment, **fields}
    session = make_session(visitor, ended_at=given.pop("ended_at", now() - datetime.timedelta(minutes=1)), **given)
    make_message(session, "Yes", sender="rep")
    return session


def make_rating(session: Any, score: int | None, comment: str = "") -> Rating:
    return Rating.objects.create(
        session=session, rep=session.rep, score=score, comment=comment, rated_at=now(), changed_at=now()
    )


def given(session: Any, score: Any = 4, **more: Any) -> dict[str, Any]:
    return {"sessionId": gid(session), "ticket": ticket(session.visitor_id), "score": score, **more}


def test_a_visitor_rates_and_both_sides_see_it(ask, channel, rep, visitor):
    session = make_over(visitor, rep)
    mine = {"id": gid(session), "ticket": ticket(visitor.pk)}
    assert ask(SESSION, **mine).data == {"ratingAsked": True, "rating": None}

    answer = ask(RATE, input=given(session, 4, comment="Kind."))

    assert answer.codes == []
    assert answer.data["session"] == {
        "id": gid(session),
        "ratingAsked": False,
        "rating": {"score": 4, "comment": "Kind."},
    }
    for by, asked in ((NOBODY, mine), (REP, {"id": gid(session)}), (OWNER, {"id": gid(session)})):
        seen = ask(SESSION, by, **asked).data
        assert (seen["ratingAsked"], seen["rating"]["score"], seen["rating"]["comment"]) == (False, 4, "Kind.")
        assert seen["rating"]["ratedAt"] == seen["rating"]["changedAt"]


def test_the_question_is_put_away(ask, channel, rep, visitor):
    session = make_over(visitor, rep)
    answer = ask(RATE, input=given(session, None))
    assert answer.codes == []
    assert (answer.data["session"]["ratingAsked"], answer.data["session"]["rating"]) == (False, None)


def test_refusals_carry_field_and_code(ask, channel, rep, visitor):
    session = make_over(visitor, rep)
    stranger = {**given(session), "ticket": ticket(uuid7())}
    unknown = {**given(session), "sessionId": to_global_id("LiveSession", uuid7())}
    wrong = {**given(session), "sessionId": gid(visitor)}
    for refused in (stranger, unknown, wrong):
        assert ask(RATE, input=refused).codes == [("sessionId", "NOT_FOUND")]
    assert ask(RATE, input={**given(session), "ticket": "nonsense"}).codes == [("ticket", "INVALID_TICKET")]
    assert ask(RATE, input=given(session, 6)).codes == [("score", "INVALID")]
    assert ask(RATE, input=given(session, 3, comment="x" * 501)).codes == [("comment", "TOO_LONG")]
    going = make_session(make_visitor(), state="active", rep=rep)
    make_message(going, "Yes", sender="rep")
    assert ask(RATE, input=given(going)).codes == [("sessionId", "NOT_ALLOWED_NOW")]
    assert Rating.objects.count() == 0


def test_nothing_is_taken_while_the_store_is_switched_off(ask, channel, rep, visitor, shop):
    session = make_over(visitor, rep)
    shop.is_active = False
    assert ask(RATE, input=given(session)).codes == [(None, "INACTIVE")]


@pytest.mark.parametrize("by", [REP, OWNER, APP])
def test_staff_rates_nothing(ask, channel, rep, visitor, by):
    session = make_over(visitor, rep)
    refused = ask(RATE, by, input={**given(session), "ticket": ticket(uuid7())})
    assert refused.codes == [("sessionId", "NOT_FOUND")]


def test_sessions_by_rating(ask, channel, rep, visitor):
    best, worst, silent = (make_over(make_visitor(), rep) for _ in range(3))
    make_rating(best, 5)
    make_rating(worst, 1)
    make_rating(silent, None)
    new = make_over(make_visitor(), rep)

    def found(**chosen):
        return {node["id"] for node in ask(SESSIONS, OWNER, filter=chosen).nodes}

    assert found(rated=True) == {gid(best), gid(worst)}
    assert found(rated=False) == {gid(silent), gid(new)}
    assert found(score=[1, 2]) == {gid(worst)}
    assert found(score=[5], rated=True) == {gid(best)}
    assert found(score=[]) == found() == {gid(best), gid(worst), gid(silent), gid(new)}
    assert ask(SESSIONS, REP, filter={"score": [5]}).nodes == [
        {"id": gid(best), "ratingAsked": False, "rating": {"score": 5}}
    ]


def test_what_a_visitors_window_shows(ask, channel, rep, visitor):
    def shown():
        return [node["id"] for node in ask(SESSIONS, filter={"current": True}, ticket=ticket(visitor.pk)).nodes]

    make_over(visitor, rep, ended_at=now() - datetime.timedelta(minutes=11))
    session = make_over(visitor, rep)
    make_over(make_visitor(), rep)
    assert shown() == [gid(session)]
    assert ask(RATE, input=given(session, 2)).codes == []
    assert shown() == []
    going = make_session(visitor)
    assert shown() == [gid(going)]


def test_figures_are_for_the_owner_and_for_the_rep_itself(ask, channel, rep, other_rep):
    for score in (5, 4, 4):
        make_rating(make_over(make_visitor(), rep), score)
    make_rating(make_over(make_visitor(), other_rep), 1)
    unseen = {"ratingAverage": None, "ratingCount": None}
    others, own = {"name": "Otto Other"}, {"name": "Rosa Rep", "ratingAverage": 4.33, "ratingCount": 3}
    for by in (OWNER, ONLY_MANAGER):
        assert ask(REPS, by).nodes == [{**others, "ratingAverage": 1.0, "ratingCount": 1}, own]
    assert ask(REPS, REP).nodes == [{**others, **unseen}, own]


def test_the_figures_of_many_cost_one_statement(ask, channel, rep, other_rep):
    def cost(document, **variables):
        with CaptureQueriesContext(connection) as sent:
            assert ask(document, OWNER, **variables).nodes
        return len(sent)

    make_rating(make_over(make_visitor(), rep), 3)
    before = cost(REPS), cost(SESSIONS)
    for score in (1, 2, 3, 4):
        make_rating(make_over(make_visitor(), other_rep), score)
        make_over(make_visitor(), rep)
    assert (cost(REPS), cost(SESSIONS)) == before


def test_a_channel_that_does_not_ask(ask, channel, rep, visitor):
    session = make_over(visitor, rep)
    configure = """mutation { liveChannelSettingsUpdate(channel: "default-channel", input: {ratingAsked: false}) {
      settings { ratingAsked } errors { field code } } }"""
    assert ask(configure, OWNER).data == {"settings": {"ratingAsked": False}, "errors": []}
    mine = {"id": gid(session), "ticket": ticket(visitor.pk)}
    assert ask(SESSION, **mine).data["ratingAsked"] is False
    assert ask(RATE, input=given(session)).codes == [("sessionId", "NOT_ALLOWED_NOW")]
