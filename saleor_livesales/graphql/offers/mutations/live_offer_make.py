from __future__ import annotations

from typing import Any

import graphene

from ....ids import uuid_from_global_id
from ....offers import by_hand
from ....sessions import reps
from ....shop import HANDLE_LIVE_SALES
from ...actors import acting_staff, now
from ...base import LiveSalesMutation
from ...permissions import require
from ..types import LiveOffer


class LiveOfferMakeInput(graphene.InputObjectType):
    visitor_id = graphene.ID(required=True, description="ID of a visitor who is on the site.")
    greeting = graphene.String(
        description=f"What the offer says, at most {by_hand.GREETING_LIMIT} characters. Without it: the channel's."
    )

    class Meta:
        description = "A rep's offer of help."


class LiveOfferMake(LiveSalesMutation):
    offer = graphene.Field(LiveOffer, description="The offer. Whoever accepts it is brought to its rep first.")

    class Arguments:
        input = LiveOfferMakeInput(required=True, description="Whom to offer help.")

    class Meta:
        description = "Offer help to a visitor. The rep has to be online, with a place free."
        permissions = (HANDLE_LIVE_SALES,)

    @classmethod
    def perform(cls, info: Any, *, input: dict[str, Any]) -> LiveOfferMake:
        acting_staff(info, HANDLE_LIVE_SALES)
        asking = require(info, HANDLE_LIVE_SALES)
        rep = reps.ensure(user_id=asking.user_id or "", name=asking.name)
        offer = by_hand.make(
            visitor_id=uuid_from_global_id("LiveVisitor", input["visitor_id"]),
            rep_id=rep.pk,
            greeting=input.get("greeting") or "",
            now=now(),
        )
        return cls(offer=offer)
