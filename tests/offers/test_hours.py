"""Outside the office hours nothing is offered, whatever else speaks for it, and the decision says so."""

from __future__ import annotations

import datetime
import zoneinfo

import pytest
from msgspec.structs import replace as changed

from saleor_livesales.channels.hours import Hours, Span
from saleor_livesales.channels.models import ChannelSettings
from saleor_livesales.offers import queries
from saleor_livesales.offers.decide import OfferOutcome, Silence, decide, decide_by_hand

from .test_decide import facts, rules

NINE = datetime.datetime(2026, 11, 23, 8, tzinfo=datetime.UTC).timestamp()  # Monday in Berlin
WEEK = ((Span(9 * 60, 17 * 60),), *((),) * 6)
HOURS = Hours(zone=zoneinfo.ZoneInfo("Europe/Berlin"), week=WEEK)
SECOND_BEFORE = {
    "rule": "hours",
    "holds": False,
    "reason": "closed",
    "local_time": "2026-11-23 08:59",
    "time_zone": "Europe/Berlin",
}


@pytest.mark.parametrize("asked", [0.0, NINE - 5])
def test_nothing_is_offered_before_nine_and_help_is_from_nine_on(asked: float) -> None:
    known = changed(facts(), last_seen_at=NINE - 1, requested_at=asked)
    before = decide(known, rules(hours=HOURS), NINE - 1)
    assert isinstance(before, Silence)
    assert (before.rule, before.reason) == ("conditions", "closed")
    assert SECOND_BEFORE in before.explanation

    at_nine = decide(known, rules(hours=HOURS), NINE)
    assert isinstance(at_nine, OfferOutcome)
    assert SECOND_BEFORE | {"holds": True, "reason": "", "local_time": "2026-11-23 09:00"} in at_nine.explanation


def test_a_rep_offers_nothing_by_hand_either() -> None:
    known = changed(facts(), last_seen_at=NINE - 1)
    outcome = decide_by_hand(known, rules(hours=HOURS), NINE - 1, greeting="")
    assert isinstance(outcome, Silence) and outcome.reason == "closed"
    assert isinstance(decide_by_hand(known, rules(hours=HOURS), NINE, greeting=""), OfferOutcome)


@pytest.mark.django_db
def test_the_rules_take_the_channels_hours(shop) -> None:
    row = ChannelSettings(channel="default-channel", active=True, currency="USD", time_zone="Europe/Berlin")
    row.opening_hours = [[[540, 1020]], [], [], [], [], [], []]
    row.updated_at = datetime.datetime.fromtimestamp(NINE, datetime.UTC)
    row.save()
    assert queries.rules_by_channel()["default-channel"].hours == HOURS
    ChannelSettings.objects.update(opening_hours=[])
    assert queries.rules_by_channel()["default-channel"].hours is None
