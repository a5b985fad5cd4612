"""The widget's looks: who sets them, what is told to whom."""

from __future__ import annotations

from typing import Any

import pytest

from saleor_livesales.channels.models import ChannelSettings

from .conftest import APP, CHANNEL, NOBODY, ONLY_MANAGER, OWNER, REP, SHOPPER, STAFF

SET = """mutation($channel: String!, $input: LiveAppearanceInput!) {
  liveAppearanceUpdate(channel: $channel, input: $input) {
    settings { channel active appearance { accent onAccent accentDark onAccentDark radius side theme } }
    errors { field message code } } }"""
TOLD = """query($channel: String!) { liveStorefront(channel: $channel) {
  look { accent onAccent accentDark onAccentDark radius side theme } } }"""
OPEN = {"accent": None, "onAccent": None, "accentDark": None, "onAccentDark": None, "radius": None}
OWN = {**OPEN, "side": "END", "theme": "PAGE"}


def colours() -> list[tuple[Any, ...]]:
    return list(ChannelSettings.objects.values_list("accent", "radius", "side", "theme", "updated_by"))


def test_the_owner_sets_them_and_a_widget_is_told_all_that_is_worked_out(ask, channel):
    answer = ask(SET, ONLY_MANAGER, channel=CHANNEL, input={"accent": "#7A1F3D", "radius": 4, "side": "START"})
    set_now = {**OPEN, "accent": "#7a1f3d", "radius": 4, "side": "START", "theme": "PAGE"}
    assert answer.data == {"settings": {"channel": CHANNEL, "active": True, "appearance": set_now}, "errors": []}
    worked_out = {"onAccent": "#ffffff", "accentDark": "#af798b", "onAccentDark": "#000000"}
    assert ask(TOLD, NOBODY, channel=CHANNEL).data == {"look": {**set_now, **worked_out}}
    assert colours() == [("#7a1f3d", 4, "start", "page", ONLY_MANAGER.user_id)]


def test_null_takes_them_back(ask, channel):
    assert ask(SET, OWNER, channel=CHANNEL, input={"accent": "#123", "radius": 0, "theme": "DARK"}).codes == []
    assert ask(SET, OWNER, channel=CHANNEL, input={**OPEN, "theme": "PAGE"}).codes == []
    assert ask(TOLD, channel=CHANNEL).data == {"look": OWN}


def test_a_channel_that_nobody_touched_has_the_widgets_own(ask, shop):
    assert ask(TOLD, channel=CHANNEL).data == {"look": OWN}
    document = "{ liveChannels { channel appearance { accent radius side theme } } }"
    appearance = {"accent": None, "radius": None, "side": "END", "theme": "PAGE"}
    assert ask(document, OWNER).data == [
        {"channel": CHANNEL, "appearance": appearance},
        {"channel": "channel-pln", "appearance": appearance},
    ]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"accent": "red"}, "accent"),
        ({"accent": "#fff;}*{display:none}"}, "accent"),
        ({"accentDark": "url(//evil.example)"}, "accentDark"),
        ({"accent": "#ffdd00", "onAccent": "#ffffff"}, "onAccent"),
        ({"radius": 33}, "radius"),
        ({"side": None}, "side"),
        ({"theme": None}, "theme"),
    ],
)
def test_what_is_not_taken(ask, channel, given, field):
    before = colours()
    answer = ask(SET, OWNER, channel=CHANNEL, input=given)
    assert answer.codes == [(field, "INVALID")]
    assert answer.data["settings"] is None
    assert colours() == before


def test_a_sentence_says_what_is_wrong_and_what_to_do(ask, channel):
    answer = ask(SET, OWNER, channel=CHANNEL, input={"accent": "#fd0", "onAccent": "#fff"})
    assert answer.data["errors"][0]["message"] == (
        "#ffffff on #ffdd00 has a contrast of 1.3 to 1, and text needs 4.5 to 1. "
        "Choose another, or none and it is worked out."
    )


@pytest.mark.parametrize("who", [NOBODY, REP, STAFF, SHOPPER])
def test_nobody_else_sets_them(ask, channel, who):
    before = colours()
    assert ask(SET, who, channel=CHANNEL, input={"accent": "#123456"}).refusals == ["PermissionDenied"]
    assert colours() == before


def test_an_app_of_the_owner_may(ask, channel):
    assert ask(SET, APP, channel=CHANNEL, input={"accent": "#123456"}).codes == []
    assert colours() == [("#123456", None, "end", "page", "")]


@pytest.mark.parametrize(
    ("given", "code"),
    [({"radius": "4px"}, "ValueError"), ({"side": "LEFT"}, "GraphQLError"), ({"colour": "#fff"}, "GraphQLError")],
)
def test_what_the_schema_forbids_never_arrives(ask, channel, given, code):
    before = colours()
    assert ask(SET, OWNER, channel=CHANNEL, input=given).refusals == [code]
    assert colours() == before


def test_a_storefront_costs_no_more_queries_with_looks_than_without(ask, channel, rep, django_assert_num_queries):
    plain = "query($channel: String!) { liveStorefront(channel: $channel) { active available } }"
    with django_assert_num_queries(2):
        ask(plain, channel=CHANNEL)
    with django_assert_num_queries(2):
        assert ask(TOLD.replace("look {", "active available look {"), channel=CHANNEL).data["available"] is True
