from __future__ import annotations

from typing import Any

import graphene

from ....ids import uuid_from_global_id
from ....offers import actions
from ...actors import acting_visitor, now, show
from ...base import LiveSalesMutation
from ...enums import DEFAULT_FORM, SessionFormEnum
from ...sessions.types import LiveSession
from ..types import LiveOffer


class LiveOfferAccept(LiveSalesMutation):
    session = graphene.Field(LiveSession, description="The session that began, or the one that was open.")
    offer = graphene.Field(LiveOffer, description="The offer.")

    class Arguments:
        id = graphene.ID(required=True, description="ID of an offer.")
        ticket = graphene.String(required=True, description="The visitor's ticket.")
        form = SessionFormEnum(default_value=DEFAULT_FORM, description="How the visitor wants to talk.")

    class Meta:
        description = "Accept an offer of help: a session begins."

    @classmethod
    def perform(cls, info: Any, *, id: str, ticket: str, form: str | None = None) -> LiveOfferAccept:
        actor = acting_visitor(ticket)
        offer, session = actions.accept(
            offer_id=uuid_from_global_id("LiveOffer", id),
            visitor_id=actor.visitor_id,
            form=form or DEFAULT_FORM,
            now=now(),
        )
        return cls(session=show(session, actor), offer=offer)
