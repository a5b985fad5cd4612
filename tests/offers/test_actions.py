"""Offers under contention: one is made, one answer counts, one session comes of it."""

from __future__ import annotations

import dataclasses
import datetime
import threading
import uuid
from collections.abc import Callable
from functools import partial

import pytest
import redis as redis_client
from django.db import connection

from saleor_livesales import bus, wire
from saleor_livesales.channels.models import ChannelSettings
from saleor_livesales.ids import to_global_id, uuid7
from saleor_livesales.members.benefits import SessionsUsedUp
from saleor_livesales.members.models import Membership
from saleor_livesales.offers import actions, queries
from saleor_livesales.offers.models import Offer
from saleor_livesales.sessions.models import Rep, Session
from saleor_livesales.visitors.models import Visitor
from tests.fakes import FakeShop
from tests.members import build

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis", "shop")]

NOW = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)
LAMP, CART = "UHJvZHVjdDox", "Q2hlY2tvdXQ6MQ=="


@pytest.fixture(autouse=True)
def store_is_open(shop: FakeShop) -> None:
    ChannelSettings.objects.create(channel="default-channel", active=True, currency="USD", updated_at=NOW)
    Rep.objects.create(user_id="VXNlcjox", name="Rita", status="online", lease_until=NOW + datetime.timedelta(days=1))
    shop.add_item(LAMP, "100.01")


def new_offer(visitor_id: uuid.UUID, event_id: str = "1-0") -> actions.NewOffer:
    return actions.NewOffer(
        visitor_id=visitor_id, visit_id=uuid7(), channel="default-channel", rule="price", forms=("chat",),
        greeting="Hello", product_id=LAMP, variant_id=None, event_id=event_id,
    )  # fmt: skip


def at_once(*calls: Callable[[], object]) -> list[object]:
    """What each call gave, or raised, when all ran at the same time."""
    results: list[object] = [None] * len(calls)
    barrier = threading.Barrier(len(calls))

    def run(number: int) -> None:
        try:
            barrier.wait(10)
            results[number] = calls[number]()
        except Exception as error:
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def test_many_deciders_make_one_offer() -> None:
    visitor = uuid7()

    made = at_once(*(lambda n=n: actions.make(offer=new_offer(visitor, f"{n}-0"), now=NOW) for n in range(6)))

    assert [result for result in made if result is not None] == [Offer.objects.get()]
    assert queries.open_offer(visitor_id=visitor, now=NOW) == Offer.objects.get()
    assert queries.open_offer(visitor_id=visitor, now=NOW + datetime.timedelta(seconds=120)) is None


def test_an_event_makes_one_offer_for_good() -> None:
    visitor = uuid7()
    first = actions.make(offer=new_offer(visitor), now=NOW)
    assert first is not None
    actions.decline(offer_id=first.id, visitor_id=visitor, now=NOW)

    assert actions.make(offer=new_offer(visitor), now=NOW) is None
    assert actions.make(offer=new_offer(visitor, "2-0"), now=NOW) is not None


def test_accepting_many_times_at_once_gives_one_session() -> None:
    visitor = uuid7()
    offer = actions.make(offer=new_offer(visitor), now=NOW)
    assert offer is not None

    results = at_once(
        *[lambda: actions.accept(offer_id=offer.id, visitor_id=visitor, form="chat", now=NOW)[1].id for _ in range(5)]
    )

    assert set(results) == {Session.objects.get().id}
    assert Offer.objects.get().state == "accepted"


def test_either_accepted_or_declined() -> None:
    for _ in range(5):
        visitor = uuid7()
        offer = actions.make(offer=new_offer(visitor), now=NOW)
        assert offer is not None
        accepted, declined = at_once(
            partial(actions.accept, offer_id=offer.id, visitor_id=visitor, form="chat", now=NOW),
            partial(actions.decline, offer_id=offer.id, visitor_id=visitor, now=NOW),
        )
        offer.refresh_from_db()
        sessions = Session.objects.filter(visitor_id=visitor).count()
        if offer.state == "accepted":
            assert (isinstance(declined, actions.OfferClosed), sessions) == (True, 1)
        else:
            assert (offer.state, isinstance(accepted, actions.OfferClosed), sessions) == ("declined", True, 0)


def test_windows_and_decider_hear_of_an_answer(redis: redis_client.Redis) -> None:
    visitor = uuid7()
    offer = actions.make(offer=new_offer(visitor), now=NOW)
    assert offer is not None
    heard = redis.pubsub()
    heard.subscribe(bus.visitor_channel(visitor))
    heard.get_message(timeout=1)

    actions.decline(offer_id=offer.id, visitor_id=visitor, now=NOW)

    gid = to_global_id("LiveOffer", offer.id)
    message = heard.get_message(timeout=1)
    assert message is not None
    assert wire.decode_from_server(message["data"]) == wire.OfferClosed(id=gid, reason="declined")
    events = [wire.decode_noticed(fields[b"d"]) for _, fields in redis.xrange(bus.visitor_stream(visitor))]
    assert [(event.kind, event.data) for event in events] == [("answered", {"answer": "declined", "offer": gid})]


def test_the_session_of_an_offer_has_the_visitors_cart_while_it_exists(shop: FakeShop) -> None:
    from saleor_livesales.visitors import actions as visitors
    from saleor_livesales.visitors.models import Visit

    shop.add_cart(CART, "250.00")
    for exists in (True, False):
        visitor = uuid7()
        offer = actions.make(offer=new_offer(visitor), now=NOW)
        assert offer is not None
        checkout = CART if exists else "Q2hlY2tvdXQ6Z29uZQ=="
        assert visitors.claim_checkout(visitor_id=visitor, checkout_id=checkout, now=NOW)
        Visit.objects.create(
            visitor_id=visitor, channel="default-channel", started_at=NOW, last_seen_at=NOW, last_event_id="1-0",
            checkout_id=checkout, cart_total="250.00", currency="USD",
        )  # fmt: skip

        _, session = actions.accept(offer_id=offer.id, visitor_id=visitor, form="chat", now=NOW)

        assert (session.checkout_id, session.product_id) == (CART if exists else None, LAMP)


def a_member(user_id: str) -> uuid.UUID:
    """A visitor of an account whose plan has one session a period, which is used."""
    plan = build.a_plan(priority=2, sessions_per_period=1, created_at=NOW, updated_at=NOW)
    member = Membership.objects.create(
        user_id=user_id, plan=plan, channel="default-channel", state="active", anchor=NOW, period="P1M",
        time_zone="UTC", grace_days=0, periods=1, paid_until=NOW + datetime.timedelta(days=30), since=NOW,
        created_at=NOW, due_at=NOW + datetime.timedelta(days=30),
    )  # fmt: skip
    visitor, former = (Visitor.objects.create(user_id=user_id, created_at=NOW) for _ in range(2))
    Session.objects.create(
        visitor=former, channel="default-channel", state="ended", accepted_at=NOW, ended_at=NOW, created_at=NOW,
        membership_id=member.pk,
    )  # fmt: skip
    return visitor.pk


def test_whom_the_store_invites_needs_no_session_left_and_who_asked_does() -> None:
    visitor = a_member("VXNlcjox")
    asked = dataclasses.replace(new_offer(visitor), rule="request")
    offer = actions.make(offer=asked, now=NOW)
    assert offer is not None
    with pytest.raises(SessionsUsedUp):
        actions.accept(offer_id=offer.pk, visitor_id=visitor, form="chat", now=NOW)
    assert queries.open_offer(visitor_id=visitor, now=NOW) is not None
    actions.decline(offer_id=offer.pk, visitor_id=visitor, now=NOW)
    invited = actions.make(offer=new_offer(visitor, "2-0"), now=NOW)
    assert invited is not None
    _, session = actions.accept(offer_id=invited.pk, visitor_id=visitor, form="chat", now=NOW)
    assert session.priority == 2
