"""Changing what the owner set for a channel."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from ..errors import Invalid
from . import opening
from .models import LONGEST_AFTER_LAPSE, ChannelSettings, PriceStrength
from .rows import channel_named, locked

GREETING_LIMIT: Final = 500  # characters, as the column
URL_LIMIT: Final = 255
EMAIL_LIMIT: Final = 254
INTEGER_DIGITS: Final = 17  # the column holds 20 digits, 3 of them after the point

_NULLABLE: Final = frozenset({"price_threshold", "ends_after_lapse"})

# Digits after the point where they are not two: ISO 4217, list one of 2024.
MINOR_DIGITS: Final[Mapping[str, int]] = {
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0, "UGX": 0,
    "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
    "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
}  # fmt: skip


def update(
    *, channel: str, changes: Mapping[str, Any], actor_user_id: str | None, now: datetime.datetime
) -> ChannelSettings:
    """Set what ``changes`` names (column names), leave the rest; the first change makes the channel's row.

    ``price_threshold`` is an amount in the channel's currency, or None to switch the price rule off.
    ``ends_after_lapse``: minutes, or None to let sessions go on. ``gateway_url`` and ``contact_email`` may be empty.
    The currency is always the shop channel's. Office hours: see ``opening``.
    Raises NotFound for a channel that the shop does not have, Invalid with the field as the API spells it; nothing is
    changed then.
    """
    found = channel_named(channel)
    values = {name: _checked(name, value, found.currency) for name, value in changes.items()}
    with transaction.atomic():
        settings = locked(found, actor_user_id=actor_user_id, now=now)
        for name, value in values.items():
            setattr(settings, name, value)
        settings.save()
    return settings


def _checked(name: str, value: Any, currency: str) -> Any:
    try:
        check, field = _CHECKS[name]
    except KeyError:
        raise Invalid(f"There is no setting named {name}.", field=name) from None
    if value is None and name not in _NULLABLE:
        raise Invalid("This setting can't be null. Leave it out to keep its value.", field=field)
    return check(value, field, currency)


def _boolean(value: Any, field: str, _currency: str) -> bool:
    if not isinstance(value, bool):
        raise Invalid("Must be true or false.", field=field)
    return value


def _threshold(value: Any, field: str, currency: str) -> Decimal | None:
    if value is None:
        return None
    if not isinstance(value, Decimal) or not value.is_finite() or value < 0:
        raise Invalid("The price threshold must be an amount of zero or more.", field=field)
    digits = MINOR_DIGITS.get(currency, 2)
    amount = value.normalize()
    exponent = amount.as_tuple().exponent
    if not isinstance(exponent, int) or -exponent > digits:
        raise Invalid(f"{currency} amounts have at most {digits} digits after the point.", field=field)
    if amount.adjusted() >= INTEGER_DIGITS:
        raise Invalid("The price threshold is too large.", field=field)
    return value


def _minutes(value: Any, field: str, _currency: str) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LONGEST_AFTER_LAPSE:
        raise Invalid(f"Must be a whole number of minutes from 0 to {LONGEST_AFTER_LAPSE}.", field=field)
    return value


def _strength(value: Any, field: str, _currency: str) -> str:
    if value not in PriceStrength.values:
        raise Invalid(f"Must be one of {', '.join(PriceStrength.values)}.", field=field)
    return str(value)


def _text(value: Any, field: str, limit: int) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise Invalid("Must be text.", field=field)
    text = value.strip()
    if len(text) > limit:
        raise Invalid(f"At most {limit} characters.", field=field)
    return text


def _greeting(value: Any, field: str, _currency: str) -> str:
    return _text(value, field, GREETING_LIMIT)


def _gateway_url(value: Any, field: str, _currency: str) -> str:
    text = _text(value, field, URL_LIMIT)
    if not text:
        return text
    try:
        parts = urlsplit(text)
        port_is_valid = parts.port != 0  # a malformed one raises
    except ValueError:
        parts, port_is_valid = urlsplit(""), False
    if (
        parts.scheme not in ("ws", "wss")
        or not parts.hostname
        or not port_is_valid
        or parts.username is not None
        or parts.query
        or parts.fragment
        or any(character.isspace() or not character.isprintable() for character in text)
    ):
        raise Invalid("The gateway's address must look like wss://live.example.com/live.", field=field)
    return text


def _email(value: Any, field: str, _currency: str) -> str:
    text = _text(value, field, EMAIL_LIMIT)
    if text:
        try:
            validate_email(text)
        except ValidationError:
            raise Invalid("This is not an e-mail address.", field=field) from None
    return text


_CHECKS: Final[Mapping[str, tuple[Callable[[Any, str, str], Any], str]]] = {
    "active": (_boolean, "active"),
    "price_threshold": (_threshold, "priceThreshold"),
    "price_strength": (_strength, "priceStrength"),
    "requests_allowed": (_boolean, "requestsAllowed"),
    "code_required": (_boolean, "codeRequired"),
    "greeting": (_greeting, "greeting"),
    "gateway_url": (_gateway_url, "gatewayUrl"),
    "contact_email": (_email, "contactEmail"),
    "pictures_allowed": (_boolean, "picturesAllowed"),
    "time_zone": (opening.checked_zone, "timeZone"),
    "opening_hours": (opening.checked_week, "openingHours"),
    "special_days": (opening.checked_special, "specialDays"),
    "rating_asked": (_boolean, "ratingAsked"),
    "ends_after_lapse": (_minutes, "endsAfterLapse"),
}
