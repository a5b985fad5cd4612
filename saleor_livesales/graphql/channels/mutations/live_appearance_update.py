from __future__ import annotations

from typing import Any

import graphene

from ....channels import appearance
from ....channels.queries import all_settings
from ....shop import MANAGE_LIVE_SALES
from ...actors import now
from ...base import LiveSalesMutation
from ...enums import WidgetSideEnum, WidgetThemeEnum
from ...permissions import requestor
from ..types import LiveChannelSettings


class LiveAppearanceInput(graphene.InputObjectType):
    accent = graphene.String(description="`#rrggbb`. `null`: the widget's own.")
    on_accent = graphene.String(description="`#rrggbb`, readable on the accent (4.5 to 1). `null`: worked out.")
    accent_dark = graphene.String(description="`#rrggbb`, where the widget is dark. `null`: worked out.")
    on_accent_dark = graphene.String(
        description="`#rrggbb`, readable on the dark accent (4.5 to 1). `null`: worked out."
    )
    radius = graphene.Int(description="Pixels, from 0 to 32. `null`: the widget's own.")
    side = WidgetSideEnum(description="On which side of the page the widget is.")
    theme = WidgetThemeEnum(description="Whether the widget is light or dark.")

    class Meta:
        description = "What to set for the widget's looks. What is left out stays as it is."


class LiveAppearanceUpdate(LiveSalesMutation):
    settings = graphene.Field(LiveChannelSettings, description="What is set now.")

    class Arguments:
        channel = graphene.String(required=True, description="Slug of the channel.")
        input = LiveAppearanceInput(required=True, description="What to set. What is left out stays as it is.")

    class Meta:
        description = "Set what the widget looks like in a channel. What a page says in its own style sheet goes first."
        permissions = (MANAGE_LIVE_SALES,)

    @classmethod
    def perform(cls, info: Any, *, channel: str, input: dict[str, Any]) -> LiveAppearanceUpdate:
        appearance.update(channel=channel, changes=dict(input), actor_user_id=requestor(info).user_id, now=now())
        return cls(settings=next(found for found in all_settings() if found.channel.slug == channel))
