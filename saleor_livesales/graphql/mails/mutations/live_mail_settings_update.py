from __future__ import annotations

from typing import Any

import graphene

from ....mails import actions
from ....shop import MANAGE_LIVE_SALES
from ...actors import now
from ...base import LiveSalesMutation
from ...permissions import requestor
from ..types import LiveMailSettings


class LiveMailSettingsInput(graphene.InputObjectType):
    sender = graphene.String(description="An address, or `Name <address>`. Empty: the deployment's sender.")
    reply_to = graphene.String(description="An address, or `Name <address>`. Empty: answers go to the sender.")
    unsubscribe = graphene.String(
        description="`https://…` or `mailto:…`, for the header List-Unsubscribe. Empty: no header."
    )

    class Meta:
        description = "What to set for a channel's mails. What is left out stays as it is."


class LiveMailSettingsUpdate(LiveSalesMutation):
    settings = graphene.Field(LiveMailSettings, description="What is set now.")

    class Arguments:
        channel = graphene.String(required=True, description="Slug of the channel.")
        input = LiveMailSettingsInput(required=True, description="What to set. What is left out stays as it is.")

    class Meta:
        description = (
            "Set from whom the mails of a channel come. The mail server, or provider, must be allowed to send for "
            "that address."
        )
        permissions = (MANAGE_LIVE_SALES,)

    @classmethod
    def perform(cls, info: Any, *, channel: str, input: dict[str, Any]) -> LiveMailSettingsUpdate:
        settings = actions.update(
            channel=channel, changes=dict(input), actor_user_id=requestor(info).user_id, now=now()
        )
        return cls(settings=settings)
