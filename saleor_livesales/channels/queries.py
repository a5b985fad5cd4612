"""Reading what the owner set for a channel."""

from __future__ import annotations

from dataclasses import dataclass

from .. import shop
from .models import ChannelSettings


@dataclass(frozen=True, kw_only=True)
class ChannelWithSettings:
    """A channel of the shop beside what is set for it; the defaults, unsaved, where nothing was set yet."""

    channel: shop.Channel
    settings: ChannelSettings


def settings_for(channel: str) -> ChannelSettings | None:
    """What the owner set for this channel (a slug). None: nothing yet, so the channel is inactive."""
    return ChannelSettings.objects.filter(channel=channel).first()


def all_settings() -> list[ChannelWithSettings]:
    """Every channel of the shop, in the shop's order. One query beside the shop's own."""
    channels = shop.current().channels()
    rows = ChannelSettings.objects.in_bulk([channel.slug for channel in channels])
    return [
        ChannelWithSettings(channel=channel, settings=rows.get(channel.slug) or defaults(channel))
        for channel in channels
    ]


def defaults(channel: shop.Channel) -> ChannelSettings:
    """What holds for a channel that the owner has not touched. Not saved."""
    return ChannelSettings(channel=channel.slug, currency=channel.currency)
