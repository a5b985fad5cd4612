"""The row of a channel, found or made, and locked for a change."""

from __future__ import annotations

import datetime

from .. import shop
from ..errors import NotFound
from .models import ChannelSettings


def channel_named(slug: str) -> shop.Channel:
    """The shop's channel of this slug. Raises NotFound where the shop has none."""
    found = next((known for known in shop.current().channels() if known.slug == slug), None)
    if found is None:
        raise NotFound("The shop has no such channel.", field="channel")
    return found


def locked(channel: shop.Channel, *, actor_user_id: str | None, now: datetime.datetime) -> ChannelSettings:
    """The channel's row under a lock, within the caller's transaction; marked as changed by this actor, unsaved."""
    made = {"currency": channel.currency, "updated_at": now, "updated_by": actor_user_id or ""}
    ChannelSettings.objects.get_or_create(channel=channel.slug, defaults=made)
    settings = ChannelSettings.objects.select_for_update().get(channel=channel.slug)
    settings.currency = channel.currency
    settings.updated_at = now
    settings.updated_by = actor_user_id or ""
    return settings
