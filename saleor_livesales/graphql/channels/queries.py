"""Queries on channels."""

from __future__ import annotations

from typing import Any

import graphene

from ... import shop
from ...channels.opening import opening
from ...channels.queries import ChannelWithSettings, all_settings, settings_for
from ...sessions import forms
from ...sessions.routing import somebody_online
from ...shop import HANDLE_LIVE_SALES, MANAGE_LIVE_SALES
from ..actors import now
from ..permissions import require, requires
from ..reading import reads
from .hours import LiveOpening, opening_of
from .types import LiveChannelSettings, LiveStorefront, Storefront


class ChannelQueries:
    live_channel_settings = graphene.Field(
        LiveChannelSettings,
        channel=graphene.String(required=True, description="Slug of the channel."),
        description="What is set for a channel. `null` for a channel that the shop does not have."
        + requires(MANAGE_LIVE_SALES),
    )
    live_channels = graphene.List(
        graphene.NonNull(LiveChannelSettings),
        required=True,
        description="What is set for each channel of the shop; the defaults where nothing was set yet."
        + requires(MANAGE_LIVE_SALES),
    )
    live_storefront = graphene.Field(
        LiveStorefront,
        channel=graphene.String(required=True, description="Slug of the channel."),
        description="What a storefront's widget needs to start.",
    )

    live_openings = graphene.List(
        graphene.NonNull(LiveOpening),
        required=True,
        description="Which channels with live sales are open now, by their office hours."
        + requires(HANDLE_LIVE_SALES, MANAGE_LIVE_SALES),
    )

    @staticmethod
    @reads
    def resolve_live_channel_settings(_root: Any, info: Any, channel: str) -> ChannelWithSettings | None:
        require(info, MANAGE_LIVE_SALES)
        return next((found for found in all_settings() if found.channel.slug == channel), None)

    @staticmethod
    @reads
    def resolve_live_channels(_root: Any, info: Any) -> list[ChannelWithSettings]:
        require(info, MANAGE_LIVE_SALES)
        return all_settings()

    @staticmethod
    @reads
    def resolve_live_openings(_root: Any, info: Any) -> list[LiveOpening]:
        require(info, HANDLE_LIVE_SALES, MANAGE_LIVE_SALES)
        moment = now()
        return [opening_of(found, moment) for found in all_settings() if found.settings.active]

    @staticmethod
    @reads
    def resolve_live_storefront(_root: Any, _info: Any, channel: str) -> Storefront:
        settings = settings_for(channel)
        moment = now()
        hours = opening(settings, moment)
        active = settings is not None and settings.active and shop.current().active()
        return Storefront(
            channel=channel,
            active=active,
            settings=settings,
            available=active and hours.open and somebody_online(moment),
            forms=forms.available(settings=settings) if active and settings else (),
            opening=hours,
        )
