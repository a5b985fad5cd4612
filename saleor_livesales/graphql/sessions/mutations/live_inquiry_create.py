from __future__ import annotations

from typing import Any

import graphene

from ....sessions import inquiries
from ...actors import acting_visitor, now
from ...base import LiveSalesMutation
from ...scalars import shops
from ..types import LiveInquiry


class LiveInquiryCreateInput(graphene.InputObjectType):
    ticket = graphene.String(required=True, description="The visitor's ticket.")
    channel = graphene.String(required=True, description="Slug of the channel.")
    key = graphene.InputField(
        shops("uuid"), required=True, description="The visitor's own key. Sent again, the message is not kept again."
    )
    email = graphene.String(required=True, description="Where the visitor wants the answer.")
    text = graphene.String(required=True, description="Plain text, at most 4,000 characters by default.")
    product_id = graphene.ID(description="ID of the product that it is about.")

    class Meta:
        description = "A message to leave."


class LiveInquiryCreate(LiveSalesMutation):
    inquiry = graphene.Field(LiveInquiry, description="The message, as it is kept.")

    class Arguments:
        input = LiveInquiryCreateInput(required=True, description="What the visitor wants to know.")

    class Meta:
        description = "Leave a message with an address when nobody can answer. It goes to the store by mail."

    @classmethod
    def perform(cls, info: Any, *, input: dict[str, Any]) -> LiveInquiryCreate:
        actor = acting_visitor(input["ticket"])
        inquiry = inquiries.create(
            visitor_id=actor.visitor_id,
            channel=input["channel"],
            key=input["key"],
            email=input["email"],
            text=input["text"],
            product_id=input.get("product_id"),
            now=now(),
        )
        return cls(inquiry=inquiry)
