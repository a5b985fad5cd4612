"""How a channel's letters go, over GraphQL: for the owner alone, with the cost of the month."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import pytest

from saleor_livesales import conf
from saleor_livesales.ids import to_global_id
from saleor_livesales.letters import actions as letters
from saleor_livesales.letters import posting
from saleor_livesales.members.actors import By
from saleor_livesales.members.models import Membership
from saleor_livesales.postings.models import PostingSettings
from tests.carriers.server import Lob
from tests.postings.build import a_channel, a_posting
from tests.postings.conftest import server  # noqa: F401

from .conftest import CHANNEL, ONLY_MANAGER, REP, now
from .test_letters import a_member

pytestmark = pytest.mark.django_db

READ = """query($channel: String!) { liveLetterWay(channel: $channel) {
  channel way provider providers reportUrl letters waiting color senderCountry
  price { amount currency } monthlyLimit { amount currency } spent { amount currency } } }"""
SET = """mutation($channel: String!, $input: LiveLetterWayInput!) {
  liveLetterWayUpdate(channel: $channel, input: $input) {
    letterWay { way provider price { amount currency } senderName } errors { field code } } }"""
LOB = {
    "way": "PROVIDER", "provider": "lob", "price": 1.25, "monthlyLimit": 100, "currency": "USD",
    "senderName": "Example Books", "senderLine1": "210 King St", "senderCity": "San Francisco", "senderArea": "CA",
    "senderPostalCode": "94107", "senderCountry": "US",
}  # fmt: skip


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("LIVESALES_LETTER_PROVIDERS", '{"lob": {"api_key": "k"}}')
    conf.load.cache_clear()
    yield
    monkeypatch.undo()
    conf.load.cache_clear()


def test_nothing_is_set(ask: Any) -> None:
    assert ask(READ, ONLY_MANAGER, channel=CHANNEL).data == {
        "channel": CHANNEL, "way": "PRINT", "provider": "", "providers": ["lob"], "reportUrl": None, "letters": 0,
        "waiting": 0, "color": False, "senderCountry": "", "price": None, "monthlyLimit": None, "spent": None,
    }  # fmt: skip


def test_the_owner_chooses_lob_and_sees_the_cost(ask: Any) -> None:
    assert ask(SET, ONLY_MANAGER, channel=CHANNEL, input=LOB).data == {
        "letterWay": {"way": "PROVIDER", "provider": "lob", "price": {"amount": 1.25, "currency": "USD"},
                      "senderName": "Example Books"},
        "errors": [],
    }  # fmt: skip
    a_posting(now=datetime.datetime.now(datetime.UTC))
    told = ask(READ, ONLY_MANAGER, channel=CHANNEL).data
    assert (told["spent"], told["monthlyLimit"]["amount"]) == ({"amount": 1.25, "currency": "USD"}, 100)
    assert (told["letters"], told["waiting"]) == (1, 1)
    assert told["reportUrl"].endswith("/webhooks/post/lob/")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"senderName": ""}, {"field": "senderName", "code": "INVALID"}),
        ({"price": 0}, {"field": "price", "code": "INVALID"}),
        ({"provider": "pigeon"}, {"field": "provider", "code": "PROVIDER_NOT_CONFIGURED"}),
    ],
)
def test_what_is_wrong_is_told_at_its_field(ask: Any, changes: dict[str, Any], error: dict[str, str]) -> None:
    answer = ask(SET, ONLY_MANAGER, channel=CHANNEL, input={**LOB, **changes}).data
    assert (answer, PostingSettings.objects.count()) == ({"letterWay": None, "errors": [error]}, 0)


def test_an_unknown_channel(ask: Any) -> None:
    answer = ask(SET, ONLY_MANAGER, channel="nowhere", input=LOB).data
    assert answer["errors"] == [{"field": "channel", "code": "NOT_FOUND"}]


def test_a_rep_may_not(ask: Any) -> None:
    assert ask(READ, REP, channel=CHANNEL).errors[0].message.endswith("MANAGE_LIVE_SALES")
    assert ask(SET, REP, channel=CHANNEL, input=LOB).errors[0].message.endswith("MANAGE_LIVE_SALES")
    assert PostingSettings.objects.count() == 0


LETTERS = """{ liveLetters(first: 10) { edges { node { state batch { id } posting {
  provider state reason round expectedOn cost { amount currency } } } } } }"""
RETRY = "mutation($id: ID!) { liveLetterRetry(id: $id) { letter { state } errors { field code } } }"


STAFF = By(kind="staff", user_id="VXNlcjo5")


def the_members(shop: Any) -> Any:
    a_member(shop)
    return Membership.objects.get().pk


def test_a_letter_shows_where_it_is(ask: Any, shop: Any, server: Lob) -> None:  # noqa: F811
    moment = now()
    a_channel()
    letter = letters.create(membership_id=the_members(shop), by=STAFF, now=moment)
    assert ask(LETTERS, ONLY_MANAGER).nodes == [{"state": "QUEUED", "batch": None, "posting": None}]
    server.deliverability = "undeliverable"
    posting.work(now=moment)
    refused = {"provider": "lob", "state": "UNDELIVERABLE", "reason": "undeliverable", "round": 1, "expectedOn": None}
    assert ask(LETTERS, ONLY_MANAGER).nodes == [
        {"state": "BAD_ADDRESS", "batch": None, "posting": {**refused, "cost": None}}
    ]
    server.deliverability = None
    assert ask(RETRY, ONLY_MANAGER, id=to_global_id("LiveLetter", letter.pk)).data["letter"] == {"state": "QUEUED"}
    posting.work(now=moment)
    [shown] = ask(LETTERS, ONLY_MANAGER).nodes
    assert shown["state"] == "HANDED_OVER"
    assert shown["posting"] == {
        "provider": "lob", "state": "SENT", "reason": None, "round": 2, "expectedOn": "2017-09-12",
        "cost": {"amount": 1.25, "currency": "USD"},
    }  # fmt: skip
