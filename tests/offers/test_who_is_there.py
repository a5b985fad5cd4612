"""Whose name and picture an offer shows: of the rep who would be asked, and of nobody who is not there."""
# ruff: noqa: F811 (fixtures of the neighbour)

from __future__ import annotations

import datetime

import pytest
import redis as redis_client

from saleor_livesales import bus, wire
from saleor_livesales.ids import uuid7
from saleor_livesales.offers import actions
from saleor_livesales.sessions import actions as sessions
from saleor_livesales.sessions.models import Rep

from .test_batch import NOW, Site, site, store_is_open  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)

PICTURE = "https://shop.example/media/thumbnails/rita_thumbnail_128.webp"


def told(redis: redis_client.Redis, site: Site) -> tuple[str | None, str | None]:
    """Name and picture in the offer that a new visitor gets."""
    visitor = uuid7()
    heard = redis.pubsub()
    heard.subscribe(bus.visitor_channel(visitor))
    heard.get_message(timeout=1)
    site.work(*site.opens_lamp(visitor))
    message = heard.get_message(timeout=1)
    assert message is not None
    offer = wire.decode_from_server(message["data"])
    assert isinstance(offer, wire.OfferMade)
    assert b"VXNlc" not in message["data"]
    return offer.rep_name, offer.rep_avatar_url


def test_the_rep_who_would_be_asked(site: Site, redis: redis_client.Redis) -> None:
    lease = NOW + datetime.timedelta(days=9)
    Rep.objects.update(avatar_url=PICTURE, load=1, capacity=3)
    assert told(redis, site) == ("Rita", PICTURE)
    Rep.objects.create(user_id="VXNlcjoy", name="Adam", status="online", lease_until=lease)
    assert told(redis, site) == ("Adam", None)  # who has less to do

    visitor = uuid7()
    site.work(*site.opens_lamp(visitor))
    offer = actions.Offer.objects.get(visitor_id=visitor)
    _, session = actions.accept(offer_id=offer.pk, visitor_id=visitor, form="chat", now=NOW)
    assert sessions.Session.objects.get(pk=session.pk).rep.name == "Adam"


@pytest.mark.parametrize(
    "how",
    [
        {"status": "away"},
        {"status": "offline", "lease_until": None},
        {"lease_until": NOW - datetime.timedelta(seconds=1)},
    ],
)
def test_never_one_who_is_not_there(site: Site, redis: redis_client.Redis, how: dict[str, object]) -> None:
    Rep.objects.update(name="Gus", avatar_url=PICTURE, **how)
    Rep.objects.create(
        user_id="VXNlcjoy", name="Adam", status="online", load=2, lease_until=NOW + datetime.timedelta(days=9)
    )
    assert told(redis, site) == ("Adam", None)


def test_the_open_offer_is_told_again_with_who_is_there_then(site: Site, redis: redis_client.Redis) -> None:
    visitor = uuid7()
    site.work(*site.opens_lamp(visitor))
    Rep.objects.update(status="away")
    heard = redis.pubsub()
    heard.subscribe(bus.visitor_channel(visitor))
    heard.get_message(timeout=1)
    site.later(2)

    site.work(site.event(visitor, "arrive"))

    message = heard.get_message(timeout=1)
    assert message is not None
    again = wire.decode_from_server(message["data"])
    assert isinstance(again, wire.OfferMade)
    assert (again.rep_name, again.rep_avatar_url) == (None, None)
