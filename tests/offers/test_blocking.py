"""Who is blocked gets no offer, opens no session, and is told nothing of it."""

from __future__ import annotations

import datetime
import uuid
from functools import partial

import pytest

from saleor_livesales.errors import Invalid, NotFound, PermissionDenied
from saleor_livesales.ids import uuid7
from saleor_livesales.offers import actions, blocking, by_hand, queries
from saleor_livesales.sessions import actions as sessions
from saleor_livesales.sessions import gates
from saleor_livesales.sessions.actors import RepActor, VisitorActor
from saleor_livesales.sessions.models import Rep, Session
from saleor_livesales.sessions.transitions import SessionEnded
from saleor_livesales.visitors import actions as visitors
from saleor_livesales.visitors import blocks
from saleor_livesales.visitors.models import Visitor, VisitorBlock

from .test_actions import NOW, at_once, new_offer
from .test_by_hand import browse, channel, make_rep, offer, refused  # noqa: F401  (the channel is a fixture)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis", "shop")]

USER = "VXNlcjo3"
DAY = datetime.timedelta(days=1)


@pytest.fixture
def rep() -> Rep:
    return make_rep(1, capacity=6)


def actor(rep: Rep, *, manager: bool = False) -> RepActor:
    return RepActor(rep_id=rep.pk, user_id=rep.user_id, manager=manager)


def block(visitor: uuid.UUID, rep: Rep, duration: str = "day", *, manager: bool = False) -> VisitorBlock:
    by = actor(rep, manager=manager)
    return blocking.block(visitor_id=visitor, duration=duration, reason=" Abuse ", actor=by, name="Rep 1", now=NOW)


def start(visitor: uuid.UUID, now: datetime.datetime = NOW) -> Session:
    return sessions.start(
        visitor_id=visitor, channel="default-channel", form="chat", product_id=None, variant_id=None,
        checkout_id=None, offer_id=None, now=now,
    )  # fmt: skip


def test_nothing_opens_and_the_answer_is_that_nobody_is_there(rep: Rep) -> None:
    visitor = browse()
    made = block(visitor, rep)
    with pytest.raises(gates.NobodyAvailable) as blocked:
        start(visitor)
    Rep.objects.update(status="offline")
    with pytest.raises(gates.NobodyAvailable) as nobody:
        start(browse())
    assert (blocked.value.message, blocked.value.field) == (nobody.value.message, nobody.value.field)
    assert Session.objects.count() == 0
    assert (made.reason, made.by_name, made.by_user_id, made.until) == ("Abuse", "Rep 1", rep.user_id, NOW + DAY)


def test_when_its_time_is_over_or_it_is_lifted_all_is_as_before(rep: Rep) -> None:
    visitor = browse()
    block(visitor, rep)
    other = browse()
    block(other, rep)
    blocking.unblock(visitor_id=other, actor=actor(rep), now=NOW)
    assert start(other).state == "ringing"
    with pytest.raises(gates.NobodyAvailable):
        start(visitor, NOW + DAY - datetime.timedelta(seconds=1))
    Rep.objects.update(lease_until=NOW + 2 * DAY)
    assert start(visitor, NOW + DAY).state == "ringing"
    lifted = VisitorBlock.objects.get(visitor_id=other)
    assert (lifted.lifted_at, lifted.lifted_by_user_id) == (NOW, rep.user_id)  # the log stays


def test_what_is_open_ends_as_usual_and_takes_no_more_words(rep: Rep) -> None:
    visitor = browse()
    session = start(visitor)
    sessions.accept(session_id=session.pk, actor=actor(rep), now=NOW)
    block(visitor, rep)
    session.refresh_from_db()
    rep.refresh_from_db()
    assert (session.state, session.end_reason, rep.load) == ("ended", "rep", 0)
    with pytest.raises(SessionEnded):
        sessions.send(session_id=session.pk, actor=VisitorActor(visitor_id=visitor), key=uuid7(), text="Hello", now=NOW)


def test_the_open_offer_is_taken_back_and_no_other_is_made(rep: Rep) -> None:
    visitor = browse()
    made = offer(visitor, rep)
    block(visitor, rep)
    made.refresh_from_db()
    assert made.state == "withdrawn"
    assert refused(visitor, rep) == by_hand.Blocked.code
    assert queries.standings(visitor_ids=[visitor], now=NOW)[visitor].blocked is True
    assert queries.standings(visitor_ids=[visitor], now=NOW + DAY)[visitor].blocked is False


def test_an_offer_that_slipped_through_cannot_be_accepted(rep: Rep) -> None:
    visitor = browse()
    block(visitor, rep)
    slipped = actions.make(offer=new_offer(visitor), now=NOW)
    assert slipped is not None
    with pytest.raises(gates.NobodyAvailable):
        actions.accept(offer_id=slipped.pk, visitor_id=visitor, form="chat", now=NOW)
    assert Session.objects.count() == 0


def test_other_browsers_of_the_account_are_blocked_too(rep: Rep) -> None:
    first, second, stranger = browse(), browse(), browse()
    for visitor in (first, second):
        visitors.identify(visitor_id=visitor, user_id=USER, name="Ada", now=NOW)
    session = start(second)
    block(first, rep)
    session.refresh_from_db()
    assert session.state == "ended"
    fresh = browse()  # cookies cleared
    visitors.identify(visitor_id=fresh, user_id=USER, name="Ada", now=NOW)
    for visitor in (first, second, fresh):
        with pytest.raises(gates.NobodyAvailable):
            start(visitor)
    assert queries.standings(visitor_ids=[fresh], now=NOW)[fresh].blocked is True
    assert set(blocks.of_visitors(visitor_ids=[first, second, fresh, stranger], now=NOW)) == {first, second, fresh}
    assert start(stranger).state == "ringing"
    blocking.unblock(visitor_id=fresh, actor=actor(rep), now=NOW)
    assert start(second).state == "ringing"


def test_for_good_is_the_owners_alone(rep: Rep) -> None:
    visitor = browse()
    with pytest.raises(PermissionDenied):
        block(visitor, rep, "for_good")
    assert VisitorBlock.objects.count() == 0
    assert block(visitor, rep, "for_good", manager=True).until is None
    with pytest.raises(PermissionDenied):
        blocking.unblock(visitor_id=visitor, actor=actor(rep), now=NOW)
    with pytest.raises(gates.NobodyAvailable):
        start(visitor)
    blocking.unblock(visitor_id=visitor, actor=actor(rep, manager=True), now=NOW)
    assert start(visitor).state == "ringing"


def test_a_rep_does_not_shorten_what_the_owner_set_for_good(rep: Rep) -> None:
    visitor = browse()
    block(visitor, rep, "for_good", manager=True)
    with pytest.raises(PermissionDenied):
        block(visitor, rep, "day")
    assert VisitorBlock.objects.get().until is None
    assert block(visitor, rep, "week", manager=True).until == NOW + 7 * DAY
    assert [each.lifted_at for each in VisitorBlock.objects.order_by("id")] == [NOW, None]


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501, "a\0b"])
def test_a_reason_is_needed(rep: Rep, reason: str) -> None:
    with pytest.raises(Invalid) as raised:
        blocking.block(visitor_id=browse(), duration="day", reason=reason, actor=actor(rep), name="R", now=NOW)
    assert raised.value.field == "reason"
    with pytest.raises(NotFound):
        block(uuid7(), rep)
    assert VisitorBlock.objects.count() == 0


def test_whoever_is_first_no_session_of_a_blocked_visitor_stays_open(rep: Rep) -> None:
    for _ in range(8):
        visitor = browse()
        started, blocked = at_once(partial(start, visitor), partial(block, visitor, rep))
        assert isinstance(blocked, VisitorBlock), blocked
        assert isinstance(started, (Session, gates.NobodyAvailable)), started
        assert not Session.objects.filter(visitor_id=visitor).exclude(state="ended").exists()


def test_many_who_block_at_once_leave_one_block(rep: Rep) -> None:
    visitor = browse()
    results = at_once(*(partial(block, visitor, rep) for _ in range(5)))
    assert all(isinstance(result, VisitorBlock) for result in results), results
    assert VisitorBlock.objects.filter(lifted_at=None).count() == 1
    assert Visitor.objects.count() == 1
