"""What a visitor who waits may know, and what of a rep it sees."""

from __future__ import annotations

import datetime
import json

import pytest

from saleor_livesales.sessions.models import Rep

from .conftest import REP, REP_USER, gid, make_session, make_visitor, now, ticket
from .test_mutations import PRESENCE

DOCUMENT = """query($id: ID!, $ticket: String) {
  liveSession(id: $id, ticket: $ticket) { state position expectedWait repName repAvatarUrl } }"""
PICTURE = "https://shop.example/media/thumbnails/rosa_thumbnail_128.webp"


def ended(rep: Rep, number: int, *, minutes: int = 4) -> None:
    for _ in range(number):
        at = now() - datetime.timedelta(minutes=30)
        took = datetime.timedelta(minutes=minutes)
        make_session(make_visitor(), state="ended", rep=rep, at=at - took, accepted_at=at - took, ended_at=at)


def shown(ask, session, **others):
    return ask(DOCUMENT, id=gid(session), ticket=ticket(session.visitor_id)).data


def test_who_waits_is_told_how_long_that_may_take(ask, rep):
    Rep.objects.update(capacity=2, load=2)
    ended(rep, 20)
    first = make_session(make_visitor(), at=now() - datetime.timedelta(minutes=2))
    second = make_session(make_visitor())
    waits = {"state": "QUEUED", "repName": None, "repAvatarUrl": None}
    assert shown(ask, first) == {**waits, "position": 1, "expectedWait": 120}
    assert shown(ask, second) == {**waits, "position": 2, "expectedWait": 240}
    assert ask(DOCUMENT, REP, id=gid(second)).data["expectedWait"] == 240


def test_nothing_is_said_where_nothing_true_can_be(ask, rep):
    waiting = make_session(make_visitor())
    Rep.objects.update(capacity=2, load=2)
    ended(rep, 19)
    assert shown(ask, waiting)["expectedWait"] is None  # too few
    ended(rep, 1)
    assert shown(ask, waiting)["expectedWait"] == 120
    Rep.objects.update(load=1)
    assert shown(ask, waiting)["expectedWait"] is None  # a rep is free
    Rep.objects.update(load=2, status="away")
    assert shown(ask, waiting)["expectedWait"] is None
    Rep.objects.update(status="online", lease_until=now() - datetime.timedelta(seconds=1))
    assert shown(ask, waiting)["expectedWait"] is None


@pytest.mark.parametrize("state", ["ringing", "active", "on_hold", "ended"])
def test_only_who_waits_has_a_wait(ask, rep, state):
    Rep.objects.update(capacity=2, load=2)
    ended(rep, 20)
    session = make_session(make_visitor(), state=state, rep=rep, ended_at=now() if state == "ended" else None)
    assert shown(ask, session)["expectedWait"] is None


def test_a_visitor_sees_the_picture_of_the_rep_who_took_it(ask, rep):
    Rep.objects.update(avatar_url=PICTURE)
    ringing = make_session(make_visitor(), state="ringing", rep=rep)
    assert (shown(ask, ringing)["repName"], shown(ask, ringing)["repAvatarUrl"]) == (None, None)
    active = make_session(make_visitor(), state="active", rep=rep)
    assert (shown(ask, active)["repName"], shown(ask, active)["repAvatarUrl"]) == ("Rosa Rep", PICTURE)
    answer = json.dumps(ask(DOCUMENT, id=gid(active), ticket=ticket(active.visitor_id)).result.data)
    assert REP_USER not in answer
    assert gid(rep) not in answer


def test_the_picture_is_taken_from_the_shop_when_a_rep_says_that_it_is_there(ask, shop):
    shop.avatars[REP_USER] = PICTURE
    assert ask(PRESENCE, REP, input={"status": "ONLINE"}).codes == []
    assert Rep.objects.get().avatar_url == PICTURE
    assert ask("{ liveRep { avatarUrl } }", REP).data == {"avatarUrl": PICTURE}
    shop.avatars.clear()
    assert ask(PRESENCE, REP, input={"status": "ONLINE"}).codes == []
    assert Rep.objects.get().avatar_url is None
    shop.avatars[REP_USER] = f"https://shop.example/{'x' * 500}"
    assert ask(PRESENCE, REP, input={"status": "ONLINE"}).codes == []
    assert Rep.objects.get().avatar_url is None
