from __future__ import annotations

from typing import Any

import graphene

from ....ids import uuid_from_global_id
from ....offers import blocking
from ....shop import HANDLE_LIVE_SALES, MANAGE_LIVE_SALES
from ...actors import acting_staff, now
from ...base import LiveSalesMutation
from ...permissions import require
from ..types import LiveBlock


class LiveBlockDurationEnum(graphene.Enum):
    DAY = "day"
    WEEK = "week"
    FOR_GOOD = "for_good"

    class Meta:
        description = "How long a visitor stays blocked."


class LiveVisitorBlockInput(graphene.InputObjectType):
    visitor_id = graphene.ID(required=True, description="ID of a visitor.")
    duration = LiveBlockDurationEnum(required=True, description="How long. For good by the owner alone.")
    reason = graphene.String(
        required=True,
        description=f"Why, for staff: at most {blocking.REASON_LIMIT} characters. The visitor never sees it.",
    )

    class Meta:
        description = "Whom to block."


class LiveVisitorBlock(LiveSalesMutation):
    block = graphene.Field(LiveBlock, description="The block.")

    class Arguments:
        input = LiveVisitorBlockInput(required=True, description="Whom to block.")

    class Meta:
        description = (
            "Block a visitor, and whoever is signed in to the same account: open sessions end, no offer is made, and "
            "no session opens. The visitor is told nothing of it."
        )
        permissions = (HANDLE_LIVE_SALES, MANAGE_LIVE_SALES)

    @classmethod
    def perform(cls, info: Any, *, input: dict[str, Any]) -> LiveVisitorBlock:
        actor = acting_staff(info, HANDLE_LIVE_SALES, MANAGE_LIVE_SALES)
        block = blocking.block(
            visitor_id=uuid_from_global_id("LiveVisitor", input["visitor_id"]),
            duration=input["duration"],
            reason=input["reason"],
            actor=actor,
            name=require(info, HANDLE_LIVE_SALES, MANAGE_LIVE_SALES).name,
            now=now(),
        )
        return cls(block=block)
