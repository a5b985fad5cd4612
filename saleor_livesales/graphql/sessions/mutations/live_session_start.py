from __future__ import annotations

from typing import Any

import graphene

from ....members import benefits
from ....sessions import actions
from ...actors import acting_visitor, now, show
from ...base import LiveSalesMutation
from ...enums import DEFAULT_FORM, SessionFormEnum
from ..types import LiveSession


class LiveSessionStartInput(graphene.InputObjectType):
    ticket = graphene.String(required=True, description="The visitor's ticket.")
    channel = graphene.String(required=True, description="Slug of the channel.")
    form = SessionFormEnum(default_value=DEFAULT_FORM, description="How the visitor wants to talk.")
    product_id = graphene.ID(description="ID of the product that it is about.")
    variant_id = graphene.ID(description="ID of the variant that it is about.")
    checkout_id = graphene.ID(description="ID of the visitor's checkout.")

    class Meta:
        description = "What a visitor asks for."


class LiveSessionStart(LiveSalesMutation):
    session = graphene.Field(LiveSession, description="The session that began, or the one that was open.")

    class Arguments:
        input = LiveSessionStartInput(required=True, description="What the visitor asks for.")

    class Meta:
        description = "Ask for help: a session begins and waits for a rep. Sent again, it answers with the same one."

    @classmethod
    def perform(cls, info: Any, *, input: dict[str, Any]) -> LiveSessionStart:
        actor = acting_visitor(input["ticket"])
        session = actions.start(
            visitor_id=actor.visitor_id,
            channel=input["channel"],
            form=input.get("form") or DEFAULT_FORM,
            product_id=input.get("product_id"),
            variant_id=input.get("variant_id"),
            checkout_id=input.get("checkout_id"),
            offer_id=None,
            claim=benefits.claim,
            may_ask=benefits.may_ask,
            now=now(),
        )
        return cls(session=show(session, actor))
