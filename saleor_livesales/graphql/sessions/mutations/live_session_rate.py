from __future__ import annotations

from typing import Any

import graphene

from ....errors import NotFound
from ....ids import uuid_from_global_id
from ....sessions import queries, ratings
from ...actors import acting_visitor, now, show
from ...base import LiveSalesMutation
from ..types import LiveSession


class LiveSessionRateInput(graphene.InputObjectType):
    session_id = graphene.ID(required=True, description="ID of a session that has ended.")
    ticket = graphene.String(required=True, description="The visitor's ticket.")
    score = graphene.Int(description="From 1, the worst, to 5, the best. `null`: the visitor puts the question away.")
    comment = graphene.String(description="Plain text beside the score, at most 500 characters.")

    class Meta:
        description = "What a visitor thought of its session."


class LiveSessionRate(LiveSalesMutation):
    session = graphene.Field(LiveSession, description="The session with its rating.")

    class Arguments:
        input = LiveSessionRateInput(required=True, description="What the visitor thought of it.")

    class Meta:
        description = (
            "Rate a session in which a rep had answered, up to seven days after its end. The visitor alone may. The "
            "same again changes nothing; another score or comment takes the place of the first for 15 minutes."
        )

    @classmethod
    def perform(cls, _info: Any, *, input: dict[str, Any]) -> LiveSessionRate:
        actor = acting_visitor(input["ticket"])
        try:
            session_id = uuid_from_global_id("LiveSession", input["session_id"])
            ratings.rate(
                session_id=session_id,
                actor=actor,
                score=input.get("score"),
                comment=input.get("comment") or "",
                now=now(),
            )
        except NotFound as error:
            raise NotFound(error.message, field="sessionId") from None  # what this mutation calls it
        return cls(session=show(queries.get(session_id=session_id, actor=actor), actor))
