from __future__ import annotations

from typing import Any

import graphene

from ....ids import uuid_from_global_id
from ....offers import actions
from ...actors import acting_visitor, now
from ...base import LiveSalesMutation
from ..types import LiveOffer


class LiveOfferDecline(LiveSalesMutation):
    offer = graphene.Field(LiveOffer, description="The offer.")

    class Arguments:
        id = graphene.ID(required=True, description="ID of an offer.")
        ticket = graphene.String(required=True, description="The visitor's ticket.")

    class Meta:
        description = "Decline an offer of help."

    @classmethod
    def perform(cls, info: Any, *, id: str, ticket: str) -> LiveOfferDecline:
        actor = acting_visitor(ticket)
        offer = actions.decline(offer_id=uuid_from_global_id("LiveOffer", id), visitor_id=actor.visitor_id, now=now())
        return cls(offer=offer)
