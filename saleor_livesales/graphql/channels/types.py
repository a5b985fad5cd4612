"""What is set for a channel: all of it for the owner, what a widget needs for everybody."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import graphene

from ... import conf
from ...channels.appearance import look_of
from ...channels.look import Look
from ...channels.models import ChannelSettings
from ...channels.opening import Opening
from ...channels.queries import ChannelWithSettings
from ..actors import now
from ..enums import PriceStrengthEnum, SessionFormEnum
from ..scalars import Amount, shops
from .appearance import LiveAppearance, LiveWidgetLook
from .hours import LiveOpening, LiveOpeningSpan, LiveSpecialDay, opening_of, special_days_of, week_of


class LiveChannelSettings(graphene.ObjectType):
    """Root: ``channels.queries.ChannelWithSettings``."""

    channel = graphene.String(required=True, description="Slug of the channel.")
    name = graphene.String(required=True, description="Name of the channel.")
    currency = graphene.String(required=True, description="The channel's currency.")
    active = graphene.Boolean(required=True, description="Whether live sales works in this channel.")
    price_threshold = graphene.Field(
        shops("money"), description="Help is offered for what is worth more than this. `null`: the price rule is off."
    )
    price_strength = PriceStrengthEnum(required=True, description="What the price rule does.")
    requests_allowed = graphene.Boolean(required=True, description="Whether a visitor may ask for help on its own.")
    code_required = graphene.Boolean(
        required=True, description="Whether a session opens only after a valid sign-in code. Outranks all other rules."
    )
    greeting = graphene.String(required=True, description="What an offer says. Empty: the widget's own words.")
    gateway_url = graphene.String(
        required=True, description="Address of the gateway for this channel. Empty: the deployment's."
    )
    contact_email = graphene.String(
        required=True, description="Where messages go that nobody was there to take. Empty: they are only kept."
    )
    appearance = graphene.Field(LiveAppearance, required=True, description="What is set for the widget's looks.")
    pictures_allowed = graphene.Boolean(required=True, description="Whether the two may send each other pictures.")
    time_zone = graphene.String(required=True, description="Time zone of the office hours, such as `Europe/Berlin`.")
    opening_hours = graphene.List(
        graphene.NonNull(LiveOpeningSpan),
        required=True,
        description="Office hours of a week, in order. Empty: open all the time, but for special days.",
    )
    special_days = graphene.List(
        graphene.NonNull(LiveSpecialDay), required=True, description="Days with other hours than their weekday."
    )
    opening = graphene.Field(LiveOpening, required=True, description="Whether the channel is open now.")
    rating_asked = graphene.Boolean(
        required=True, description="Whether visitors are asked to rate a session in which a rep had answered."
    )
    ends_after_lapse = graphene.Int(
        description="Minutes until an open session ends whose membership has. `null`: it goes on."
    )
    updated_at = graphene.Field(shops("datetime"), description="When the settings were changed last.")

    class Meta:
        description = "What the owner has set for a channel."

    def resolve_channel(root: ChannelWithSettings, _info: Any) -> str:
        return root.channel.slug

    def resolve_name(root: ChannelWithSettings, _info: Any) -> str:
        return root.channel.name

    def resolve_currency(root: ChannelWithSettings, _info: Any) -> str:
        return root.channel.currency

    def resolve_active(root: ChannelWithSettings, _info: Any) -> bool:
        return root.settings.active

    def resolve_price_threshold(root: ChannelWithSettings, _info: Any) -> Amount | None:
        threshold = root.settings.price_threshold
        return None if threshold is None else Amount(threshold, root.settings.currency)

    def resolve_price_strength(root: ChannelWithSettings, _info: Any) -> str:
        return root.settings.price_strength

    def resolve_requests_allowed(root: ChannelWithSettings, _info: Any) -> bool:
        return root.settings.requests_allowed

    def resolve_code_required(root: ChannelWithSettings, _info: Any) -> bool:
        return root.settings.code_required

    def resolve_greeting(root: ChannelWithSettings, _info: Any) -> str:
        return root.settings.greeting

    def resolve_gateway_url(root: ChannelWithSettings, _info: Any) -> str:
        return root.settings.gateway_url

    def resolve_contact_email(root: ChannelWithSettings, _info: Any) -> str:
        return root.settings.contact_email

    def resolve_appearance(root: ChannelWithSettings, _info: Any) -> ChannelSettings:
        return root.settings

    def resolve_pictures_allowed(root: ChannelWithSettings, _info: Any) -> bool:
        return root.settings.pictures_allowed

    def resolve_time_zone(root: ChannelWithSettings, _info: Any) -> str:
        return root.settings.time_zone

    def resolve_opening_hours(root: ChannelWithSettings, _info: Any) -> list[LiveOpeningSpan]:
        return week_of(root.settings)

    def resolve_special_days(root: ChannelWithSettings, _info: Any) -> list[LiveSpecialDay]:
        return special_days_of(root.settings)

    def resolve_opening(root: ChannelWithSettings, _info: Any) -> LiveOpening:
        return opening_of(root, now())

    def resolve_rating_asked(root: ChannelWithSettings, _info: Any) -> bool:
        return root.settings.rating_asked

    def resolve_ends_after_lapse(root: ChannelWithSettings, _info: Any) -> int | None:
        return root.settings.ends_after_lapse

    def resolve_updated_at(root: ChannelWithSettings, _info: Any) -> datetime.datetime | None:
        return root.settings.updated_at


@dataclass(frozen=True, kw_only=True)
class Storefront:
    """What a widget is told. ``available``: it is open, and a rep is there."""

    channel: str
    active: bool
    settings: ChannelSettings | None
    available: bool
    forms: tuple[str, ...]
    opening: Opening


class LiveStorefront(graphene.ObjectType):
    """Root: ``Storefront``."""

    channel = graphene.String(required=True, description="Slug of the channel.")
    active = graphene.Boolean(required=True, description="Whether live sales works here now.")
    gateway_url = graphene.String(required=True, description="Where the widget opens its socket.")
    requests_allowed = graphene.Boolean(required=True, description="Whether the visitor may ask for help on its own.")
    code_required = graphene.Boolean(required=True, description="Whether a sign-in code has to be entered first.")
    available = graphene.Boolean(required=True, description="Whether it is open and somebody is there to answer.")
    open = graphene.Boolean(required=True, description="Whether the channel is open now, by its office hours.")
    opens_at = graphene.Field(
        shops("datetime"), description="Where it is closed: when it opens. `null`: not within 400 days."
    )
    turns_in = graphene.Int(
        description="Seconds until it opens or closes, to ask again then. `null`: not within a week, or 400 days."
    )
    forms = graphene.List(
        graphene.NonNull(SessionFormEnum), required=True, description="In which forms help is given here, best first."
    )
    greeting = graphene.String(required=True, description="What an offer says. Empty: the widget's own words.")
    look = graphene.Field(LiveWidgetLook, required=True, description="What the widget looks like.")

    pictures_allowed = graphene.Boolean(required=True, description="Whether a visitor may send pictures.")

    class Meta:
        description = "What a storefront's widget needs to start."

    def resolve_gateway_url(root: Storefront, _info: Any) -> str:
        return (root.settings.gateway_url if root.settings else "") or conf.load().gateway_url

    def resolve_open(root: Storefront, _info: Any) -> bool:
        return root.opening.open

    def resolve_opens_at(root: Storefront, _info: Any) -> datetime.datetime | None:
        return root.opening.opens_at

    def resolve_turns_in(root: Storefront, _info: Any) -> int | None:
        return root.opening.turns_in

    def resolve_requests_allowed(root: Storefront, _info: Any) -> bool:
        return root.active and root.settings is not None and root.settings.requests_allowed

    def resolve_code_required(root: Storefront, _info: Any) -> bool:
        return root.active and root.settings is not None and root.settings.code_required

    def resolve_greeting(root: Storefront, _info: Any) -> str:
        return root.settings.greeting if root.settings else ""

    def resolve_look(root: Storefront, _info: Any) -> Look:
        return look_of(root.settings)

    def resolve_pictures_allowed(root: Storefront, _info: Any) -> bool:
        return root.active and root.settings is not None and root.settings.pictures_allowed
