"""How a channel's letters go, over GraphQL: for the owner alone, with the cost of the month."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import pytest

from saleor_livesales import conf
from saleor_livesales.postings.models import PostingSettings
from tests.postings.build import a_posting

from .conftest import CHANNEL, ONLY_MANAGER, REP

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
