from __future__ import annotations

from typing import Any

import graphene

from ....ids import uuid_from_global_id
from ....members import plans
from ....shop import MANAGE_LIVE_SALES
from ...actors import now
from ...base import LiveSalesMutation
from ..types import LiveMembershipPlan
from .live_membership_plan_create import LiveMembershipPlanInput


class LiveMembershipPlanUpdate(LiveSalesMutation):
    plan = graphene.Field(LiveMembershipPlan, description="The plan as it is now.")

    class Arguments:
        id = graphene.ID(required=True, description="ID of a plan.")
        input = LiveMembershipPlanInput(required=True, description="What to set. What is left out stays as it is.")

    class Meta:
        description = "Change a plan. Period, variant and time zone stay once somebody has bought it."
        permissions = (MANAGE_LIVE_SALES,)

    @classmethod
    def perform(cls, info: Any, *, id: str, input: dict[str, Any]) -> LiveMembershipPlanUpdate:
        plan_id = uuid_from_global_id("LiveMembershipPlan", id)
        return cls(plan=plans.update(plan_id=plan_id, changes=dict(input), now=now()))
