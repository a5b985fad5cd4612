from __future__ import annotations

from typing import Any

import graphene

from ....postings import ways
from ....shop import MANAGE_LIVE_SALES
from ...actors import now
from ...base import LiveSalesMutation
from ...enums import LetterWayEnum
from ...permissions import requestor
from ...scalars import shops
from ..types import LiveLetterWay


class LiveLetterWayInput(graphene.InputObjectType):
    way = LetterWayEnum(description="How the letters of the channel go.")
    provider = graphene.String(description="Name of a provider that the deployment has an account with.")
    price = graphene.Field(shops("positive_decimal"), description="What the provider takes for a letter.")
    monthly_limit = graphene.Field(
        shops("positive_decimal"), description="What the letters of a calendar month (UTC) may cost together."
    )
    currency = graphene.String(description="Of both amounts, as three letters (ISO 4217).")
    color = graphene.Boolean(description="Whether letters are printed in colour.")
    sender_name = graphene.String(description="Who the sender is: the store's name.")
    sender_line1 = graphene.String(description="Street and number.")
    sender_line2 = graphene.String(description="What does not fit there.")
    sender_city = graphene.String(description="City.")
    sender_area = graphene.String(description="State or province.")
    sender_postal_code = graphene.String(description="Postal code.")
    sender_country = graphene.String(description="Country, as two letters (ISO 3166).")

    class Meta:
        description = "What to set for a channel's letters. What is left out stays as it is."


class LiveLetterWayUpdate(LiveSalesMutation):
    letter_way = graphene.Field(LiveLetterWay, description="What is set now.")

    class Arguments:
        channel = graphene.String(required=True, description="Slug of the channel.")
        input = LiveLetterWayInput(required=True, description="What to set. What is left out stays as it is.")

    class Meta:
        description = (
            "Set how the letters of a channel go. Letters that were given to a provider already stay with it; a "
            "lower limit holds for letters from now on."
        )
        permissions = (MANAGE_LIVE_SALES,)

    @classmethod
    def perform(cls, info: Any, *, channel: str, input: dict[str, Any]) -> LiveLetterWayUpdate:
        changes = {name: value for name, value in input.items() if value is not None}
        row = ways.update(channel=channel, changes=changes, actor_user_id=requestor(info).user_id, now=now())
        return cls(letter_way=row)
