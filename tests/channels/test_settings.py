"""What an owner sets for a channel, and what is refused."""

import datetime
from decimal import Decimal

import pytest

from saleor_livesales.channels import actions, queries
from saleor_livesales.channels.models import ChannelSettings
from saleor_livesales.errors import Invalid, NotFound

NOW = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)

pytestmark = pytest.mark.django_db


def update(channel="default-channel", **changes):
    return actions.update(channel=channel, changes=changes, actor_user_id="VXNlcjox", now=NOW)


def test_a_channel_without_a_row_has_no_settings(shop):
    assert queries.settings_for("default-channel") is None


def test_all_settings_has_defaults_in_the_channels_currency(shop):
    update(active=True)

    found = queries.all_settings()

    assert [(e.channel.slug, e.settings.active, e.settings.currency, e.settings.updated_at) for e in found] == [
        ("default-channel", True, "USD", NOW),
        ("channel-pln", False, "PLN", None),
    ]
    assert found[1].settings.requests_allowed is True
    assert found[1].settings.price_threshold is None
    assert found[1].settings.price_strength == "offer"
    assert ChannelSettings.objects.count() == 1


def test_all_settings_takes_one_query(shop, django_assert_num_queries):
    with django_assert_num_queries(1):
        queries.all_settings()


def test_update_sets_every_setting(shop):
    update(
        active=True,
        price_threshold=Decimal("99.99"),
        price_strength="gate",
        requests_allowed=False,
        greeting="  Hello!  ",
        gateway_url="wss://live.example.com/live",
        contact_email="sales@example.com",
    )

    settings = queries.settings_for("default-channel")
    assert settings.active is True
    assert settings.currency == "USD"
    assert settings.price_threshold == Decimal("99.99")
    assert settings.price_strength == "gate"
    assert settings.requests_allowed is False
    assert settings.greeting == "Hello!"
    assert settings.gateway_url == "wss://live.example.com/live"
    assert settings.contact_email == "sales@example.com"
    assert (settings.updated_at, settings.updated_by) == (NOW, "VXNlcjox")


def test_update_leaves_what_it_does_not_name(shop):
    update(active=True, price_threshold=Decimal(10), greeting="Hi")

    update(price_threshold=None)

    settings = queries.settings_for("default-channel")
    assert (settings.active, settings.price_threshold, settings.greeting) == (True, None, "Hi")


def test_settings_may_be_emptied(shop):
    update(greeting="Hi", gateway_url="ws://x/live", contact_email="a@example.com")

    settings = update(greeting="", gateway_url="", contact_email="")

    assert (settings.greeting, settings.gateway_url, settings.contact_email) == ("", "", "")


def test_an_unknown_channel_is_not_found(shop):
    with pytest.raises(NotFound) as error:
        update(channel="nowhere", active=True)
    assert error.value.field == "channel"
    assert ChannelSettings.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("active", None, "active"),
        ("active", 1, "active"),
        ("requests_allowed", None, "requestsAllowed"),
        ("price_strength", None, "priceStrength"),
        ("price_strength", "loud", "priceStrength"),
        ("price_threshold", Decimal("-0.01"), "priceThreshold"),
        ("price_threshold", Decimal("1.001"), "priceThreshold"),
        ("price_threshold", Decimal("NaN"), "priceThreshold"),
        ("price_threshold", Decimal("Infinity"), "priceThreshold"),
        ("price_threshold", Decimal("1e17"), "priceThreshold"),
        ("price_threshold", 12.5, "priceThreshold"),
        ("greeting", None, "greeting"),
        ("greeting", "x" * 501, "greeting"),
        ("greeting", "a\0b", "greeting"),
        ("gateway_url", None, "gatewayUrl"),
        ("gateway_url", "https://live.example.com", "gatewayUrl"),
        ("gateway_url", "wss://", "gatewayUrl"),
        ("gateway_url", "wss://user:secret@live.example.com", "gatewayUrl"),
        ("gateway_url", "wss://live.example.com/?token=1", "gatewayUrl"),
        ("gateway_url", "wss://live.example.com:port/", "gatewayUrl"),
        ("gateway_url", "wss://live.example.com/a b", "gatewayUrl"),
        ("gateway_url", "javascript:alert(1)", "gatewayUrl"),
        ("gateway_url", "wss://" + "x" * 250, "gatewayUrl"),
        ("contact_email", None, "contactEmail"),
        ("contact_email", "not an address", "contactEmail"),
        ("contact_email", "a@example.com\nBcc: b@example.com", "contactEmail"),
        ("currency", "EUR", "currency"),
    ],
)
def test_a_wrong_value_is_refused_and_changes_nothing(shop, name, value, field):
    update(greeting="before")

    with pytest.raises(Invalid) as error:
        update(**{"greeting": "after", name: value})

    assert error.value.field == field
    assert queries.settings_for("default-channel").greeting == "before"


def test_five_hundred_characters_of_greeting_fit(shop):
    assert update(greeting="x" * 500).greeting == "x" * 500


@pytest.mark.parametrize(
    ("currency", "fits", "refused"),
    [("JPY", "1000", "1000.5"), ("KWD", "1.005", "1.0005"), ("USD", "0.10", "0.105"), ("USD", "5.000", "5.001")],
)
def test_the_threshold_has_no_more_digits_than_the_currency(shop, currency, fits, refused):
    import dataclasses

    shop.channel_list[0] = dataclasses.replace(shop.channel_list[0], currency=currency)

    assert update(price_threshold=Decimal(fits)).price_threshold == Decimal(fits)
    with pytest.raises(Invalid):
        update(price_threshold=Decimal(refused))


def test_zero_is_a_threshold(shop):
    assert update(price_threshold=Decimal(0)).price_threshold == 0
