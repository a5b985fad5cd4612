from __future__ import annotations

from typing import Any

import graphene

from ....ids import uuid_from_global_id
from ....offers import blocking
from ....shop import HANDLE_LIVE_SALES, MANAGE_LIVE_SALES
from ...actors import acting_staff, now, show
from ...base import LiveSalesMutation
from ..types import LiveVisitor


class LiveVisitorUnblock(LiveSalesMutation):
    visitor = graphene.Field(LiveVisitor, description="The visitor.")

    class Arguments:
        visitor_id = graphene.ID(required=True, description="ID of a visitor.")

    class Meta:
        description = "Lift what blocks a visitor, or its account. What holds for good the owner alone lifts."
        permissions = (HANDLE_LIVE_SALES, MANAGE_LIVE_SALES)

    @classmethod
    def perform(cls, info: Any, *, visitor_id: str) -> LiveVisitorUnblock:
        actor = acting_staff(info, HANDLE_LIVE_SALES, MANAGE_LIVE_SALES)
        visitor = blocking.unblock(visitor_id=uuid_from_global_id("LiveVisitor", visitor_id), actor=actor, now=now())
        return cls(visitor=show(visitor, actor))
