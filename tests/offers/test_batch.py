"""Batches on a real PostgreSQL and Redis: what is known, offered and written down."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal

import pytest
import redis as redis_client

from saleor_livesales import bus, wire
from saleor_livesales.channels.models import ChannelSettings
from saleor_livesales.ids import to_global_id, uuid7
from saleor_livesales.offers import actions, batch, queries
from saleor_livesales.offers.models import Decision, Offer
from saleor_livesales.sessions.models import Rep, Session
from saleor_livesales.visitors import store
from saleor_livesales.visitors.models import Visit, Visitor, VisitorCheckout
from tests.fakes import FakeShop

pytestmark = pytest.mark.django_db(transaction=True)

LAMP = "UHJvZHVjdDox"
CART = "Q2hlY2tvdXQ6MQ=="
NOW = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)
START = int(NOW.timestamp() * 1000)


@pytest.fixture(autouse=True)
def store_is_open(shop: FakeShop, redis: redis_client.Redis) -> None:
    """The lamp costs a cent more than the threshold, and a rep is there."""
    ChannelSettings.objects.create(
        channel="default-channel",
        active=True,
        currency="USD",
        price_threshold=Decimal("100.00"),
        greeting="Hello",
        updated_at=NOW,
    )
    Rep.objects.create(user_id="VXNlcjox", name="Rita", status="online", lease_until=NOW + datetime.timedelta(days=9))
    shop.add_item(LAMP, "100.01")


class Site:
    """Puts events through batches, as the decider does."""

    def __init__(self, client: redis_client.Redis) -> None:
        self.client = client
        self.number = 0
        self.now = NOW
        self.sent: list[batch.Event] = []

    def event(self, visitor: uuid.UUID, kind: str, **data: object) -> batch.Event:
        self.number += 1
        data.setdefault("channel", "default-channel")
        noticed = wire.Noticed(visitor=visitor, kind=kind, at=self.now.timestamp(), **data)  # type: ignore[arg-type]
        return batch.Event(f"{int(self.now.timestamp() * 1000)}-{self.number}", noticed)

    def work(self, *events: batch.Event, redelivered: bool = False) -> None:
        batch.work(events, client=self.client, rules=queries.rules_by_channel(), now=self.now, redelivered=redelivered)
        self.sent += events

    def later(self, seconds: float) -> None:
        self.now += datetime.timedelta(seconds=seconds)

    def opens_lamp(self, visitor: uuid.UUID) -> list[batch.Event]:
        return [
            self.event(visitor, "arrive"),
            self.event(visitor, "page", url="https://shop.example/lamp", title="Lamp"),
            self.event(visitor, "product", product=LAMP),
        ]


@pytest.fixture
def site(redis: redis_client.Redis) -> Site:
    return Site(redis)


def reasons(visitor: uuid.UUID) -> list[tuple[str, str, str]]:
    return list(
        Decision.objects.filter(visitor_id=visitor).order_by("at", "id").values_list("outcome", "rule", "reason")
    )


def test_a_visitor_on_the_page_is_offered_help(site: Site, redis: redis_client.Redis) -> None:
    visitor = uuid7()
    heard = redis.pubsub()
    heard.subscribe(bus.visitor_channel(visitor), bus.reps_channel())
    for _ in range(2):
        heard.get_message(timeout=1)

    site.work(*site.opens_lamp(visitor))

    offer = Offer.objects.get()
    assert (offer.visitor_id, offer.state, offer.rule, offer.product_id) == (visitor, "open", "price", LAMP)
    assert offer.due_at == NOW + datetime.timedelta(seconds=120)
    frames = {}
    while message := heard.get_message(timeout=0.2):
        frames[message["channel"].decode()] = wire.decode_from_server(message["data"])
    assert frames == {
        bus.visitor_channel(visitor): wire.OfferMade(
            id=to_global_id("LiveOffer", offer.id),
            forms=["chat"],
            greeting="Hello",
            expires_at="2026-11-22T12:02:00+00:00",
            product=LAMP,
            rep_name="Rita",
        ),
        bus.reps_channel(): wire.VisitorChanged(
            id=to_global_id("LiveVisitor", visitor), channel="default-channel", online=True
        ),
    }
    visit = Visit.objects.get()
    assert (visit.visitor_id, visit.online, visit.current, visit.page_title) == (visitor, True, True, "Lamp")
    assert (visit.product_id, visit.last_event_id) == (LAMP, site.sent[-1].event_id)
    decision = Decision.objects.get()
    assert (decision.outcome, decision.rule, decision.reason) == ("offer", "price", "above_threshold")
    assert (decision.offer_id, decision.visit_id, decision.event_id) == (offer.id, visit.id, offer.event_id)
    assert decision.facts["item"] == {"amount": "100.01", "currency": "USD"}


def test_at_the_threshold_there_is_silence_and_it_is_explained(site: Site, shop: FakeShop) -> None:
    shop.add_item(LAMP, "100.00")
    visitor = uuid7()

    site.work(*site.opens_lamp(visitor))

    assert Offer.objects.count() == 0
    assert reasons(visitor) == [("silence", "price", "at_or_below_threshold")]
    line = next(line for line in Decision.objects.get().explanation if line["rule"] == "price")
    assert (line["amount"], line["threshold"], line["currency"]) == ("100.00", "100.000", "USD")


def test_a_reason_is_written_when_it_changes_and_only_then(site: Site, shop: FakeShop) -> None:
    visitor = uuid7()
    site.work(site.event(visitor, "arrive"))
    for _ in range(3):
        site.later(25)
        site.work(site.event(visitor, "beat"))
    site.work(*site.opens_lamp(visitor)[1:])
    site.later(1)
    site.work(site.event(visitor, "beat"))
    actions.decline(offer_id=Offer.objects.get().id, visitor_id=visitor, now=site.now)
    site.later(1)
    site.work(site.event(visitor, "answered"))

    assert reasons(visitor) == [
        ("silence", "price", "nothing_to_price"),
        ("offer", "price", "above_threshold"),
        ("silence", "conditions", "open_offer"),
        ("silence", "price", "offer_pause"),
    ]
    assert queries.latest_reasons(visitor_ids=[visitor, uuid7()]) == {visitor: "offer_pause"}
    assert Offer.objects.count() == 1


def test_a_pause_after_an_ignored_offer_and_another_one_afterwards(site: Site) -> None:
    visitor = uuid7()
    site.work(*site.opens_lamp(visitor))
    site.later(121)
    assert actions.expire_due(now=site.now) == 1
    site.work(site.event(visitor, "beat"))
    assert reasons(visitor)[-1] == ("silence", "price", "offer_pause")
    for _ in range(36):
        site.later(25)
        site.work(site.event(visitor, "beat"))

    assert [offer.state for offer in Offer.objects.order_by("created_at")] == ["expired", "open"]


@pytest.mark.parametrize("redis_lost", [False, True])
def test_a_redelivered_batch_changes_nothing(site: Site, redis: redis_client.Redis, redis_lost: bool) -> None:
    visitor = uuid7()
    events = [*site.opens_lamp(visitor), site.event(visitor, "dwell", seconds=9)]
    site.work(*events)
    if redis_lost:
        redis.flushall()
    actions.decline(offer_id=Offer.objects.get().id, visitor_id=visitor, now=site.now)
    before = Visit.objects.values().get()

    site.later(1000)  # the pause is over: only the event's id stands against a second offer
    site.work(*events, redelivered=True)

    assert Visit.objects.values().get() == before
    assert (Offer.objects.count(), Decision.objects.count()) == (1, 1)
    assert store.load(redis, [visitor])[visitor].dwell == 9


def test_facts_come_back_from_their_rows(site: Site, redis: redis_client.Redis) -> None:
    visitor = uuid7()
    site.work(*site.opens_lamp(visitor), site.event(visitor, "dwell", seconds=9))
    known = store.load(redis, [visitor])[visitor]
    redis.flushall()

    assert store.load(redis, [visitor]) == {visitor: known}

    site.later(5)
    site.work(site.event(visitor, "dwell", seconds=4))
    assert (store.load(redis, [visitor])[visitor].dwell, Visit.objects.get().facts["dwell"]) == (13, 13)


def test_the_shop_is_asked_once_for_a_batch_and_not_again_for_a_while(
    site: Site, shop: FakeShop, redis: redis_client.Redis, django_assert_max_num_queries: object
) -> None:
    visitors = [uuid7() for _ in range(50)]
    shop.add_cart(CART, "5.00")
    arrivals = [event for visitor in visitors for event in site.opens_lamp(visitor)]
    with django_assert_max_num_queries(22):  # type: ignore[operator]
        site.work(*arrivals, site.event(visitors[0], "cart", checkout=CART))
    site.work(*(site.event(visitor, "beat") for visitor in visitors))

    assert (shop.calls["items"], shop.calls["carts"]) == (1, 1)
    assert Offer.objects.count() == 50


def test_a_checkout_belongs_to_the_first_who_brings_it(site: Site, shop: FakeShop) -> None:
    first, second = uuid7(), uuid7()
    shop.add_cart(CART, "250.00")
    site.work(site.event(first, "cart", checkout=CART))
    site.work(site.event(second, "cart", checkout=CART))
    site.work(site.event(second, "cart", checkout="Q2hlY2tvdXQ6bm9uZQ=="))

    assert list(VisitorCheckout.objects.values_list("checkout_id", "visitor_id")) == [(CART, first)]
    mine, other = Visit.objects.get(visitor_id=first), Visit.objects.get(visitor_id=second)
    assert (mine.checkout_id, mine.cart_total, mine.currency) == (CART, Decimal("250.000"), "USD")
    assert (other.checkout_id, other.cart_total, other.currency) == (None, None, "")
    assert [offer.visitor_id for offer in Offer.objects.all()] == [first]


def test_a_request_is_answered_with_an_offer_whatever_the_price(site: Site, shop: FakeShop) -> None:
    shop.add_item(LAMP, "1.00")
    visitor = uuid7()
    site.work(*site.opens_lamp(visitor), site.event(visitor, "request"))
    site.later(1)
    site.work(site.event(visitor, "beat"))

    assert Offer.objects.get().rule == "request"
    assert reasons(visitor) == [("offer", "request", "requested"), ("silence", "conditions", "open_offer")]


def test_the_window_of_another_page_shows_the_open_offer_again(site: Site, redis: redis_client.Redis) -> None:
    visitor = uuid7()
    site.work(*site.opens_lamp(visitor))
    heard = redis.pubsub()
    heard.subscribe(bus.visitor_channel(visitor))
    heard.get_message(timeout=1)
    site.later(2)

    site.work(site.event(visitor, "arrive"))

    message = heard.get_message(timeout=1)
    assert message is not None
    assert wire.decode_from_server(message["data"]).id == to_global_id("LiveOffer", Offer.objects.get().id)


def test_accepting_twice_gives_one_session(site: Site) -> None:
    visitor = uuid7()
    site.work(*site.opens_lamp(visitor))
    offer_id = Offer.objects.get().id

    first = actions.accept(offer_id=offer_id, visitor_id=visitor, form="chat", now=site.now)
    again = actions.accept(offer_id=offer_id, visitor_id=visitor, form="chat", now=site.now)

    assert first[1].id == again[1].id == Session.objects.get().id
    assert (first[1].offer_id, first[1].product_id, first[0].state) == (offer_id, LAMP, "accepted")
    site.later(1)
    site.work(site.event(visitor, "session"))
    assert reasons(visitor)[-1] == ("silence", "conditions", "open_session")
    with pytest.raises(actions.OfferClosed):
        actions.decline(offer_id=offer_id, visitor_id=visitor, now=site.now)


def test_an_offer_of_another_visitor_is_not_there(site: Site) -> None:
    visitor = uuid7()
    site.work(*site.opens_lamp(visitor))
    offer_id = Offer.objects.get().id

    for answer in (
        lambda: actions.accept(offer_id=offer_id, visitor_id=uuid7(), form="chat", now=NOW),
        lambda: actions.decline(offer_id=offer_id, visitor_id=uuid7(), now=NOW),
    ):
        with pytest.raises(actions.NotFound):
            answer()
    assert (Offer.objects.get().state, Session.objects.count()) == ("open", 0)


def test_an_offer_that_ran_out_can_not_be_accepted_even_before_it_is_closed(site: Site) -> None:
    visitor = uuid7()
    site.work(*site.opens_lamp(visitor))
    site.later(120)

    with pytest.raises(actions.OfferClosed):
        actions.accept(offer_id=Offer.objects.get().id, visitor_id=visitor, form="chat", now=site.now)
    assert Session.objects.count() == 0


def test_with_nobody_left_the_offer_stays_open_for_another_try(site: Site) -> None:
    visitor = uuid7()
    site.work(*site.opens_lamp(visitor))
    offer = Offer.objects.get()
    Rep.objects.update(status="offline")

    with pytest.raises(Exception, match="Nobody is there") as refused:
        actions.accept(offer_id=offer.id, visitor_id=visitor, form="chat", now=site.now)

    assert getattr(refused.value, "code", None) == "NOBODY_AVAILABLE"
    offer.refresh_from_db()
    assert (offer.state, offer.answered_at, Session.objects.count()) == ("open", None, 0)


def test_an_offer_is_withdrawn_when_its_visitor_talks_already(site: Site) -> None:
    visitor = uuid7()
    site.work(*site.opens_lamp(visitor))
    Session.objects.create(visitor_id=visitor, channel="default-channel", state="queued", created_at=NOW)
    site.later(1)

    site.work(site.event(visitor, "session"))

    assert Offer.objects.get().state == "withdrawn"


def test_silent_visitors_leave_the_list_and_a_new_visit_begins_later(site: Site, redis: redis_client.Redis) -> None:
    visitor = uuid7()
    site.work(*site.opens_lamp(visitor))
    site.later(69)
    assert store.mark_silent(now=site.now, limit=10) == 0
    site.later(1)
    assert store.mark_silent(now=site.now, limit=10) == 1
    assert Visit.objects.get().online is False
    site.later(1801)

    site.work(site.event(visitor, "arrive"))

    assert list(Visit.objects.order_by("started_at").values_list("current", "online")) == [(False, False), (True, True)]
    assert Visitor.objects.get().assurance == "cookie"


def test_one_visitor_with_a_broken_shop_does_not_stop_the_others(
    site: Site, shop: FakeShop, monkeypatch: pytest.MonkeyPatch, redis: redis_client.Redis
) -> None:
    from saleor_livesales.offers.decider import Decider
    from saleor_livesales.offers.streams import Arrived
    from saleor_livesales.visitors.events import drops

    def items(wanted: object) -> dict:
        if any(product == "UHJvZHVjdDpicm9rZW4=" for _, product, _ in wanted):  # type: ignore[attr-defined]
            raise ValueError("the shop can't price this")
        return {key: shop.item_table[key] for key in wanted if key in shop.item_table}  # type: ignore[attr-defined]

    monkeypatch.setattr(shop, "items", items)
    monkeypatch.setattr("saleor_livesales.clock.Clock.now", lambda self: NOW)
    good, bad = uuid7(), uuid7()
    events = [*site.opens_lamp(good), site.event(bad, "product", product="UHJvZHVjdDpicm9rZW4=")]
    arrived = [Arrived("s", event.event_id, wire.encode_noticed(event.noticed)) for event in events]

    Decider()._handle([*arrived, Arrived("s", "1-1", b"{"), Arrived("s", "1-2", None)], redelivered=False)

    assert [offer.visitor_id for offer in Offer.objects.all()] == [good]
    assert drops(redis) == {"unknown": 0, "oversized": 0, "too_frequent": 0, "invalid": 1, "failed": 1}
