from __future__ import annotations

from typing import Any

import graphene

from ....ids import uuid_from_global_id
from ....sessions import actions
from ....shop import HANDLE_LIVE_SALES
from ...actors import acting_staff, now, show
from ...base import LiveSalesMutation
from ..types import LiveSession


class LiveSessionAccept(LiveSalesMutation):
    session = graphene.Field(LiveSession, description="The session, now the rep's.")

    class Arguments:
        id = graphene.ID(required=True, description="ID of a session that waits, or rings at this rep.")

    class Meta:
        description = "Take a session."
        permissions = (HANDLE_LIVE_SALES,)

    @classmethod
    def perform(cls, info: Any, *, id: str) -> LiveSessionAccept:
        actor = acting_staff(info, HANDLE_LIVE_SALES)
        session = actions.accept(session_id=uuid_from_global_id("LiveSession", id), actor=actor, now=now())
        return cls(session=show(session, actor))
