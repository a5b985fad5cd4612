"""The owner switches the plugin off, and on again."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from .client import CHANNEL, Api
from .people import END, IDENTIFY, INQUIRE, OFFER_ACCEPT, SEND, START, Rep, Visitor, codes, everything

STOREFRONT = "query($c: String!) { liveStorefront(channel: $c) { active available forms } }"


@pytest.fixture
def on_again(api: Api) -> Iterator[None]:
    """Whatever the test does, the plugin is on after it."""
    yield
    api.switch(active=True)


def test_off_and_on_again(api: Api, rep: Rep, visitor: Visitor, stranger: Visitor, talk: str, on_again: None):
    # given: a session, an offer, and what the Dashboard shows
    offer = stranger.offered().id
    pages = sorted(api.extensions("owner"))
    assert pages == ["Live sales desk", "Live sales settings"]
    before = everything(api)

    # when
    api.switch(active=False)

    # then: storefronts are told, and whatever a visitor tries
    assert api.only(STOREFRONT, c=CHANNEL) == {"active": False, "available": False, "forms": []}
    said = {"sessionId": talk, "ticket": visitor.ticket, "key": str(uuid.uuid4()), "text": "Hi"}
    mail = {"ticket": visitor.ticket, "channel": CHANNEL, "key": str(uuid.uuid4())}
    for document, variables in (
        (START, {"input": {"ticket": visitor.ticket, "channel": CHANNEL}}),
        (IDENTIFY, {"input": {"ticket": visitor.ticket, "name": "Eve"}}),
        (OFFER_ACCEPT, {"id": offer, "ticket": stranger.ticket}),
        (SEND, {"input": said}),
        (END, {"id": talk, "ticket": visitor.ticket}),
        (INQUIRE, {"input": {**mail, "email": "a@example.com", "text": "Hi"}}),
    ):
        assert codes(api.only(document, **variables)) == [(None, "INACTIVE")], document
    assert everything(api) == before

    # and the pages are gone from the Dashboard, the files from their address; the shop itself works
    assert api.extensions("owner") == {}
    for name in ("livesales.js", "console/"):
        assert api.http("GET", f"/plugins/saleor.livesales/{name}").status == 404
    assert api.product("tray-table")["slug"] == "tray-table"

    # when
    api.switch(active=True)

    # then: all is as it was
    storefront = api.only(STOREFRONT, c=CHANNEL)
    assert storefront == {"active": True, "available": True, "forms": ["CHAT"]}
    assert sorted(api.extensions("owner")) == pages
    assert api.http("GET", "/plugins/saleor.livesales/livesales.js").status == 200
    assert everything(api) == before
    assert codes(api.only(SEND, input=said)) == []
