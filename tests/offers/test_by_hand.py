"""A rep offers help: to whom, when not, and where the visitor is brought who accepts."""

from __future__ import annotations

import datetime
import uuid
from functools import partial

import pytest
import redis as redis_client

from saleor_livesales import bus, conf, wire
from saleor_livesales.channels.models import ChannelSettings, PriceStrength
from saleor_livesales.errors import Invalid, LiveSalesError, NotFound
from saleor_livesales.ids import uuid7
from saleor_livesales.offers import actions, by_hand
from saleor_livesales.offers.batch import _open_offers
from saleor_livesales.offers.models import Decision, Offer
from saleor_livesales.sessions import actions as sessions
from saleor_livesales.sessions import capacity, gates
from saleor_livesales.sessions.models import Rep, Session
from saleor_livesales.visitors.models import Visit, Visitor, VisitorPass
from tests.fakes import FakeShop

from .test_actions import LAMP, NOW, at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis", "shop")]

SECOND = datetime.timedelta(seconds=1)


@pytest.fixture(autouse=True)
def channel(shop: FakeShop) -> ChannelSettings:
    shop.add_item(LAMP, "100.01")
    return ChannelSettings.objects.create(
        channel="default-channel", active=True, currency="USD", greeting="May we help?", updated_at=NOW
    )


def make_rep(number: int, **fields: object) -> Rep:
    given = {"status": "online", "lease_until": NOW + datetime.timedelta(days=1), **fields}
    return Rep.objects.create(user_id=f"VXNlcjo{number}", name=f"Rep {number}", **given)


@pytest.fixture
def rep() -> Rep:
    """Not the one whose turn it is: the other has been asked for nothing yet."""
    make_rep(1)
    return make_rep(2, last_assigned_at=NOW, capacity=2)


def browse(**fields: object) -> uuid.UUID:
    visitor = Visitor.objects.create(id=uuid7(), created_at=NOW)
    given = {"channel": "default-channel", "started_at": NOW, "last_seen_at": NOW, "last_event_id": "1-0", **fields}
    Visit.objects.create(visitor=visitor, **given)
    return visitor.pk


def offer(visitor: uuid.UUID, rep: Rep, greeting: str = "", now: datetime.datetime = NOW) -> Offer:
    return by_hand.make(visitor_id=visitor, rep_id=rep.pk, greeting=greeting, now=now)


def refused(visitor: uuid.UUID, rep: Rep, now: datetime.datetime = NOW) -> str:
    """The code; and nothing was made."""
    before = (Offer.objects.count(), Decision.objects.count())
    with pytest.raises(LiveSalesError) as raised:
        offer(visitor, rep, now=now)
    assert (Offer.objects.count(), Decision.objects.count()) == before
    return raised.value.code


def test_the_window_shows_the_rep_and_its_words(rep: Rep, redis: redis_client.Redis) -> None:
    visitor = browse()
    heard = redis.pubsub()
    heard.subscribe(bus.visitor_channel(visitor))
    heard.get_message(timeout=5)

    made = offer(visitor, rep, "  Hello, shall I show you the lamp?  ")

    assert (made.rule, made.rep_id, made.greeting) == ("rep", rep.pk, "Hello, shall I show you the lamp?")
    assert made.visit_id == Visit.objects.get().pk
    message = heard.get_message(timeout=5)
    assert message is not None
    assert b"Rep 2" in message["data"]
    assert b"Rep 1" not in message["data"]
    [(_, frame)] = _open_offers([visitor], NOW)
    assert isinstance(frame, wire.OfferMade) and frame.rep_name == "Rep 2"
    Rep.objects.filter(pk=rep.pk).update(status="away")
    [(_, frame)] = _open_offers([visitor], NOW)
    assert isinstance(frame, wire.OfferMade) and frame.rep_name == "Rep 1"  # who would be asked now
    decision = Decision.objects.get()
    assert (decision.outcome, decision.rule, decision.reason) == ("offer", "rep", "offered_by_rep")
    assert decision.offer_id == made.pk
    assert {line["rule"] for line in decision.explanation} >= {"active", "present", "open_offer", "offer_pause", "rep"}


def test_an_empty_greeting_is_the_channels(rep: Rep) -> None:
    assert offer(browse(), rep, "  ").greeting == "May we help?"


@pytest.mark.parametrize("greeting", ["x" * 501, "a\0b", "\ud800"])
def test_a_greeting_that_cannot_be_shown(rep: Rep, greeting: str) -> None:
    with pytest.raises(Invalid) as raised:
        offer(browse(), rep, greeting)
    assert raised.value.field == "greeting"
    assert offer(browse(), rep, "x" * 500).greeting == "x" * 500


def test_who_accepts_is_brought_to_the_rep_who_offered(rep: Rep) -> None:
    visitor = browse()
    made = offer(visitor, rep)
    _, session = actions.accept(offer_id=made.pk, visitor_id=visitor, form="chat", now=NOW)
    session.refresh_from_db()
    assert (session.state, session.rep_id) == ("ringing", rep.pk)


@pytest.mark.parametrize("gone", [{"status": "away"}, {"capacity": 1, "load": 1}])
def test_where_that_rep_is_gone_or_full_it_goes_as_usual(rep: Rep, gone: dict[str, object]) -> None:
    visitor = browse()
    made = offer(visitor, rep)
    Rep.objects.filter(pk=rep.pk).update(**gone)
    _, session = actions.accept(offer_id=made.pk, visitor_id=visitor, form="chat", now=NOW)
    session.refresh_from_db()
    assert (session.state, session.rep_id) == ("ringing", Rep.objects.get(name="Rep 1").pk)


def test_who_is_not_there(rep: Rep) -> None:
    assert refused(browse(online=False), rep) == "VISITOR_AWAY"
    assert refused(browse(current=False), rep) == "VISITOR_AWAY"
    window = datetime.timedelta(seconds=conf.load().online_window)
    assert refused(browse(last_seen_at=NOW - window - SECOND), rep) == "VISITOR_AWAY"
    with pytest.raises(NotFound):
        offer(uuid7(), rep)


def test_who_talks_or_was_offered_help_already(rep: Rep) -> None:
    talking = browse()
    Session.objects.create(visitor_id=talking, channel="default-channel", created_at=NOW, state="queued", queued_at=NOW)
    assert refused(talking, rep) == "VISITOR_IN_SESSION"
    waiting = browse()
    offer(waiting, rep)
    assert refused(waiting, rep) == "OFFER_OPEN"


def test_who_said_no_is_left_alone_for_a_while(rep: Rep) -> None:
    visitor = browse(last_seen_at=NOW + datetime.timedelta(hours=1))
    made = offer(visitor, rep)
    actions.decline(offer_id=made.pk, visitor_id=visitor, now=NOW)
    pause = datetime.timedelta(seconds=conf.load().offer_pause)
    assert refused(visitor, rep, NOW + SECOND) == "OFFER_PAUSE"
    assert refused(visitor, Rep.objects.get(name="Rep 1"), NOW + pause - SECOND) == "OFFER_PAUSE"
    assert offer(visitor, rep, now=NOW + pause).state == "open"


def test_where_nothing_is_sold_live(rep: Rep, channel: ChannelSettings, shop: FakeShop) -> None:
    channel.active = False
    channel.save()
    assert refused(browse(), rep) == "CHANNEL_INACTIVE"


def test_where_a_code_is_asked_for(rep: Rep, channel: ChannelSettings) -> None:
    channel.code_required = True
    channel.save()
    visitor = browse()
    assert refused(visitor, rep) == "CODE_REQUIRED"
    VisitorPass.objects.create(
        visitor_id=visitor,
        code_id=uuid7(),
        holder_kind="piece",
        holder_id="1",
        opens_kind="piece",
        opens_id="1",
        at=NOW,
    )
    assert offer(visitor, rep).state == "open"


def test_where_the_price_is_a_gate(rep: Rep, channel: ChannelSettings) -> None:
    channel.price_threshold, channel.price_strength = 100, PriceStrength.GATE
    channel.save()
    assert refused(browse(), rep) == gates.BelowThreshold.code
    item = {"amount": "100.01", "currency": "USD"}
    dear = browse()
    facts = {"visitor": str(dear), "product": LAMP, "item": item}
    Visit.objects.filter(visitor_id=dear).update(facts=facts, product_id=LAMP)
    assert offer(dear, rep).product_id == LAMP


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"status": "offline", "lease_until": None}, capacity.RepOffline.code),
        ({"status": "away"}, capacity.RepOffline.code),
        ({"lease_until": NOW}, capacity.RepOffline.code),
        ({"load": 2}, capacity.RepBusy.code),
    ],
)
def test_who_cannot_answer_offers_nothing(rep: Rep, fields: dict[str, object], code: str) -> None:
    Rep.objects.filter(pk=rep.pk).update(**fields)
    assert refused(browse(), rep) == code


def test_open_offers_take_the_places_that_they_promise(rep: Rep) -> None:
    visitors = [browse() for _ in range(5)]
    results = at_once(*(partial(offer, visitor, rep) for visitor in visitors))
    made = [result for result in results if isinstance(result, Offer)]
    assert len(made) == rep.capacity == Offer.objects.count()
    assert sum(isinstance(result, capacity.RepBusy) for result in results) == 3


def test_many_reps_at_once_make_one_offer() -> None:
    reps = [make_rep(number) for number in range(5)]
    visitor = browse()
    results = at_once(*(partial(offer, visitor, each) for each in reps))
    assert sum(isinstance(result, Offer) for result in results) == 1
    assert sum(isinstance(result, by_hand.OfferOpen) for result in results) == 4
    assert (Offer.objects.count(), Decision.objects.count()) == (1, 1)


def test_no_offer_to_who_starts_at_the_same_time(rep: Rep) -> None:
    """Whichever is first: an offer that was made before the session is taken back by the next event."""
    for _ in range(5):
        visitor = browse()
        start = partial(
            sessions.start, visitor_id=visitor, channel="default-channel", form="chat", product_id=None,
            variant_id=None, checkout_id=None, offer_id=None, now=NOW,
        )  # fmt: skip
        made, session = at_once(partial(offer, visitor, rep), start)
        assert isinstance(session, Session), session
        assert isinstance(made, (Offer, by_hand.VisitorInSession, capacity.RepBusy)), made
        if isinstance(made, Offer):
            actions.withdraw(visitor_ids=[visitor], now=NOW)
        sessions.end(session_id=session.pk, actor=sessions.VisitorActor(visitor_id=visitor), now=NOW)
