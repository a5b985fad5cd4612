from __future__ import annotations

from typing import Any

import graphene

from ....ids import uuid_from_global_id
from ....sessions import actions
from ....shop import HANDLE_LIVE_SALES, MANAGE_LIVE_SALES
from ...actors import acting, now, show
from ...base import LiveSalesMutation
from ...permissions import requires
from ..types import LiveSession


class LiveSessionEnd(LiveSalesMutation):
    session = graphene.Field(LiveSession, description="The session, ended.")

    class Arguments:
        id = graphene.ID(required=True, description="ID of a session.")
        ticket = graphene.String(description="The visitor's ticket. Without it, staff is asking.")

    class Meta:
        description = (
            "End a session for both sides. A visitor ends its own, a rep its own, the owner any. One that has ended "
            "stays as it is. Without a ticket:" + requires(HANDLE_LIVE_SALES, MANAGE_LIVE_SALES)
        )

    @classmethod
    def perform(cls, info: Any, *, id: str, ticket: str | None = None) -> LiveSessionEnd:
        actor = acting(info, ticket, HANDLE_LIVE_SALES, MANAGE_LIVE_SALES)
        session = actions.end(session_id=uuid_from_global_id("LiveSession", id), actor=actor, now=now())
        return cls(session=show(session, actor))
