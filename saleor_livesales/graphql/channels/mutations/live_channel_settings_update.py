from __future__ import annotations

from typing import Any

import graphene

from ....channels import actions
from ....channels.queries import all_settings
from ....shop import MANAGE_LIVE_SALES
from ...actors import now
from ...base import LiveSalesMutation
from ...enums import PriceStrengthEnum
from ...permissions import requestor
from ...scalars import shops
from ..hours import LiveOpeningSpanInput, LiveSpecialDayInput
from ..types import LiveChannelSettings


class LiveChannelSettingsInput(graphene.InputObjectType):
    active = graphene.Boolean(description="Whether live sales works in this channel.")
    price_threshold = graphene.InputField(
        shops("positive_decimal"),
        description="In the channel's currency. `null` switches the price rule off.",
    )
    price_strength = PriceStrengthEnum(description="What the price rule does.")
    requests_allowed = graphene.Boolean(description="Whether a visitor may ask for help on its own.")
    code_required = graphene.Boolean(
        description="Whether a session opens only after a valid sign-in code. Outranks all other rules."
    )
    greeting = graphene.String(description="What an offer says, at most 500 characters. Empty: the widget's own words.")
    gateway_url = graphene.String(description="Address of the gateway for this channel. Empty: the deployment's.")
    contact_email = graphene.String(description="Where messages go that nobody was there to take.")
    pictures_allowed = graphene.Boolean(description="Whether the two may send each other pictures.")
    time_zone = graphene.String(description="Time zone of the office hours, such as `Europe/Berlin`.")
    opening_hours = graphene.List(
        graphene.NonNull(LiveOpeningSpanInput),
        description="All office hours of a week, at most 6 spans a day. Empty: open all the time.",
    )
    special_days = graphene.List(
        graphene.NonNull(LiveSpecialDayInput),
        description="All days with other hours than their weekday, at most 200.",
    )
    rating_asked = graphene.Boolean(
        description="Whether visitors are asked to rate a session in which a rep had answered."
    )
    ends_after_lapse = graphene.Int(
        description="Minutes, from 0 to 240, until an open session ends whose membership has. `null`: it goes on."
    )

    class Meta:
        description = "What to set for a channel. What is left out stays as it is."


class LiveChannelSettingsUpdate(LiveSalesMutation):
    settings = graphene.Field(LiveChannelSettings, description="What is set now.")

    class Arguments:
        channel = graphene.String(required=True, description="Slug of the channel.")
        input = LiveChannelSettingsInput(required=True, description="What to set. What is left out stays as it is.")

    class Meta:
        description = "Set how live sales works in a channel."
        permissions = (MANAGE_LIVE_SALES,)

    @classmethod
    def perform(cls, info: Any, *, channel: str, input: dict[str, Any]) -> LiveChannelSettingsUpdate:
        actions.update(channel=channel, changes=dict(input), actor_user_id=requestor(info).user_id, now=now())
        return cls(settings=next(found for found in all_settings() if found.channel.slug == channel))
