from __future__ import annotations

from typing import Any

import graphene

from ....ids import uuid_from_global_id
from ....members import changing
from ...actors import now
from ...base import LiveSalesMutation
from ..types import LiveMembership
from .acting import either


class LiveMembershipChange(LiveSalesMutation):
    membership = graphene.Field(
        LiveMembership, description="The membership as it is now; at once, the one of the new plan."
    )

    class Arguments:
        id = graphene.ID(required=True, description="ID of a membership.")
        plan_id = graphene.ID(required=True, description="ID of the plan to go over to. Its own takes a choice back.")
        at_once = graphene.Boolean(
            default_value=False,
            description="Now, and not with the next period: what is left of what was paid becomes time on the new "
            "plan, at its price, in whole days. No money moves.",
        )

    class Meta:
        description = (
            "Go over to another plan. With the next period: its renewal asks for the new plan. By the member itself, "
            "or by staff that may manage live sales."
        )

    @classmethod
    def perform(cls, info: Any, *, id: str, plan_id: str, at_once: bool = False) -> LiveMembershipChange:
        membership = changing.change(
            membership_id=uuid_from_global_id("LiveMembership", id),
            plan_id=uuid_from_global_id("LiveMembershipPlan", plan_id),
            at_once=at_once,
            by=either(info),
            now=now(),
        )
        return cls(membership=membership)
