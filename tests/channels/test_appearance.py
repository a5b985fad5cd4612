"""What the widget looks like in a channel, and what is refused."""

from __future__ import annotations

import datetime
import threading

import pytest
from django.db import DatabaseError, connection, transaction

from saleor_livesales.channels import actions, appearance, queries
from saleor_livesales.channels.models import ChannelSettings
from saleor_livesales.errors import Invalid, NotFound

from .test_look import NO_COLOURS

NOW = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)
CHANNEL = "default-channel"

pytestmark = pytest.mark.django_db


def update(channel=CHANNEL, **changes):
    return appearance.update(channel=channel, changes=changes, actor_user_id="VXNlcjox", now=NOW)


def look():
    told = appearance.look_of(queries.settings_for(CHANNEL))
    return (told.accent, told.on_accent, told.accent_dark, told.on_accent_dark, told.radius, told.side, told.theme)


NOTHING_SET = (None, None, None, None, None, "end", "page")


def test_an_untouched_channel_has_the_widgets_own_looks(shop):
    assert look() == NOTHING_SET
    actions.update(channel=CHANNEL, changes={"active": True}, actor_user_id=None, now=NOW)
    assert look() == NOTHING_SET


def test_everything_is_set(shop):
    settings = update(
        accent="#7A1F3D",
        on_accent="#fff",
        accent_dark="#ffb3cf",
        on_accent_dark="#2b0a16",
        radius=0,
        side="start",
        theme="dark",
    )
    assert (settings.updated_at, settings.updated_by, settings.currency) == (NOW, "VXNlcjox", "USD")
    assert look() == ("#7a1f3d", "#ffffff", "#ffb3cf", "#2b0a16", 0, "start", "dark")


def test_one_accent_is_enough(shop):
    update(accent="#7a1f3d")
    assert look() == ("#7a1f3d", "#ffffff", "#af798b", "#000000", None, "end", "page")
    update(accent="#ffdd00")
    assert look() == ("#ffdd00", "#000000", "#ffdd00", "#000000", None, "end", "page")


def test_what_is_left_out_stays_and_none_takes_it_back(shop):
    update(accent="#7a1f3d", radius=4, side="start")
    actions.update(channel=CHANNEL, changes={"greeting": "Hi"}, actor_user_id=None, now=NOW)
    update(radius=32)
    assert look()[0] == "#7a1f3d"
    assert look()[4:] == (32, "start", "page")
    update(accent=None, radius=None, side="end")
    assert look() == NOTHING_SET
    assert queries.settings_for(CHANNEL).greeting == "Hi"


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"accent": "#ffdd00", "on_accent": "#ffffff"}, "onAccent", "#ffffff on #ffdd00 has a contrast of 1.3 to 1"),
        ({"on_accent": "#1f3a8b"}, "onAccent", "#1f3a8b on #1f3a8a has a contrast of 1.0 to 1"),
        ({"accent": "#777777", "on_accent": "#ffffff"}, "onAccent", "#ffffff on #777777 has a contrast of 4.4 to 1"),
        ({"on_accent_dark": "#ffffff"}, "onAccentDark", "#ffffff on #a9c1ff has a contrast of 1.7 to 1"),
        ({"accent": "#ffdd00", "on_accent_dark": "#eeeeee"}, "onAccentDark", "#eeeeee on #ffdd00"),
        ({"accent_dark": "#333333", "on_accent_dark": "#000000"}, "onAccentDark", "#000000 on #333333"),
    ],
)
def test_text_that_can_not_be_read_is_refused(shop, changes, field, message):
    with pytest.raises(appearance.Unreadable) as error:
        update(**changes)
    assert error.value.field == field
    assert error.value.message.startswith(message)
    assert error.value.message.endswith("text needs 4.5 to 1. Choose another, or none and it is worked out.")
    assert ChannelSettings.objects.count() == 0


def test_a_pair_is_checked_as_it_will_be_and_not_as_it_was_sent(shop):
    update(accent="#1f3a8a", on_accent="#ffffff")
    with pytest.raises(appearance.Unreadable):
        update(accent="#ffdd00")  # the white text was chosen before
    assert look()[:2] == ("#1f3a8a", "#ffffff")
    update(accent="#ffdd00", on_accent=None)
    assert look()[:2] == ("#ffdd00", "#000000")


@pytest.mark.parametrize("name", ["accent", "on_accent", "accent_dark", "on_accent_dark"])
@pytest.mark.parametrize("value", [*NO_COLOURS, 0xFFFFFF, ["#fff"], True])
def test_what_is_no_colour_is_refused(shop, name, value):
    update(radius=3)
    with pytest.raises(Invalid) as error:
        update(**{"radius": 4, name: value})
    assert error.value.field == appearance.FIELDS[name]
    assert look() == (None, None, None, None, 3, "end", "page")


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("radius", -1, "radius"),
        ("radius", 33, "radius"),
        ("radius", "4", "radius"),
        ("radius", 1.5, "radius"),
        ("radius", True, "radius"),
        ("side", None, "side"),
        ("side", "left", "side"),
        ("side", "end; } * {", "side"),
        ("theme", None, "theme"),
        ("theme", "sepia", "theme"),
        ("greeting", "Hi", "greeting"),
    ],
)
def test_a_wrong_value_is_refused_and_changes_nothing(shop, name, value, field):
    with pytest.raises(Invalid) as error:
        update(**{"accent": "#123", name: value})
    assert error.value.field == field
    assert ChannelSettings.objects.count() == 0


def test_an_unknown_channel_is_not_found(shop):
    with pytest.raises(NotFound) as error:
        update(channel="nowhere", accent="#123")
    assert error.value.field == "channel"
    assert ChannelSettings.objects.count() == 0


@pytest.mark.parametrize(
    "change",
    [{"accent": "red"}, {"on_accent": "#FFF"}, {"accent_dark": "}"}, {"on_accent_dark": "\n"}, {"radius": 33}],
)
def test_the_database_takes_nothing_else_either(shop, change):
    update(accent="#123456")
    with pytest.raises(DatabaseError), transaction.atomic():
        ChannelSettings.objects.update(**change)
    assert look()[0] == "#123456"


@pytest.mark.django_db(transaction=True)
def test_two_owners_at_once_leave_a_pair_that_can_be_read(shop):
    """Each change alone can be read, both together can't: one of the two is refused."""
    update(accent="#767676")  # white and black can both be read on it
    refused = []

    def change(**values):
        try:
            update(**values)
        except appearance.Unreadable as error:
            refused.append(error.field)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=change, kwargs={"accent": "#ffffff"}),
        threading.Thread(target=change, kwargs={"on_accent": "#ffffff"}),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["onAccent"]
    assert look()[:2] in (("#ffffff", "#000000"), ("#767676", "#ffffff"))
