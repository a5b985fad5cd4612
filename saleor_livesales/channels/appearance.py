"""What the widget looks like in a channel."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction

from ..errors import Invalid
from . import look
from .models import ChannelSettings, WidgetSide, WidgetTheme
from .rows import channel_named, locked

FIELDS: Final[Mapping[str, str]] = {
    "accent": "accent",
    "on_accent": "onAccent",
    "accent_dark": "accentDark",
    "on_accent_dark": "onAccentDark",
    "radius": "radius",
    "side": "side",
    "theme": "theme",
}


class Unreadable(Invalid):
    """Text in the chosen colour can't be read on the accent."""


def update(
    *, channel: str, changes: Mapping[str, Any], actor_user_id: str | None, now: datetime.datetime
) -> ChannelSettings:
    """Set what ``changes`` names (column names), leave the rest; the first change makes the channel's row.

    Colours are ``#rgb`` or ``#rrggbb``, None to have them worked out; ``radius`` is in pixels, None for the widget's.
    Raises NotFound for a channel that the shop does not have, Invalid or Unreadable with the field as the API spells
    it; nothing is changed then.
    """
    found = channel_named(channel)
    values = {name: _checked(name, value) for name, value in changes.items()}
    with transaction.atomic():
        settings = locked(found, actor_user_id=actor_user_id, now=now)
        for name, value in values.items():
            setattr(settings, name, value)
        _check_pairs(settings)
        settings.save()
    return settings


def look_of(settings: ChannelSettings | None) -> look.Look:
    """What a widget is told, with all worked out that the owner left open."""
    if settings is None:
        settings = ChannelSettings()
    accent, accent_dark = settings.accent or None, _accent_dark(settings)
    return look.Look(
        accent=accent,
        on_accent=settings.on_accent or (look.text_on(accent) if accent else None),
        accent_dark=accent_dark,
        on_accent_dark=settings.on_accent_dark or (look.text_on(accent_dark) if accent_dark else None),
        radius=settings.radius,
        side=settings.side,
        theme=settings.theme,
    )


def _accent_dark(settings: ChannelSettings) -> str | None:
    return settings.accent_dark or (look.for_the_dark(settings.accent) if settings.accent else None)


def _checked(name: str, value: Any) -> Any:
    field = FIELDS.get(name)
    if field is None:
        raise Invalid(f"There is no setting named {name}.", field=name)
    if name == "side":
        return _one_of(WidgetSide, value, field)
    if name == "theme":
        return _one_of(WidgetTheme, value, field)
    if name == "radius":
        return _radius(value, field)
    if value is None:
        return ""
    found = look.colour(value) if isinstance(value, str) else None
    if found is None:
        raise Invalid("A colour is # and six digits, such as #1f3a8a.", field=field)
    return found


def _radius(value: Any, field: str) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= look.RADIUS_LIMIT:
        raise Invalid(f"The radius must be a whole number from 0 to {look.RADIUS_LIMIT}.", field=field)
    return value


def _one_of(choices: Any, value: Any, field: str) -> str:
    if value is None:
        raise Invalid("This setting can't be null. Leave it out to keep its value.", field=field)
    if value not in choices.values:
        raise Invalid(f"Must be one of {', '.join(choices.values)}.", field=field)
    return str(value)


def _check_pairs(settings: ChannelSettings) -> None:
    """Only what was chosen is checked: what is worked out can be read."""
    for text, accent, field in (
        (settings.on_accent, settings.accent or look.OWN_ACCENT, "onAccent"),
        (settings.on_accent_dark, _accent_dark(settings) or look.OWN_ACCENT_DARK, "onAccentDark"),
    ):
        ratio = look.contrast(text, accent) if text else look.READABLE
        if ratio < look.READABLE:
            raise Unreadable(
                f"{text} on {accent} has a contrast of {look.shortened(ratio)} to 1, and text needs 4.5 to 1. "
                "Choose another, or none and it is worked out.",
                field=field,
            )
