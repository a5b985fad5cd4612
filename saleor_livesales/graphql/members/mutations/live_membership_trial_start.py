from __future__ import annotations

from typing import Any

import graphene

from ....ids import uuid_from_global_id
from ....members import actions
from ...actors import now
from ...base import LiveSalesMutation
from ..types import LiveMembership
from .acting import member


class LiveMembershipTrialStart(LiveSalesMutation):
    membership = graphene.Field(LiveMembership, description="The membership as it is now.")

    class Arguments:
        plan_id = graphene.ID(required=True, description="ID of a plan that may be tried.")
        channel = graphene.String(required=True, description="Slug of the channel where it will be renewed.")

    class Meta:
        description = "Try a plan out. For the account that is asking; once, and before it is a member."

    @classmethod
    def perform(cls, info: Any, *, plan_id: str, channel: str) -> LiveMembershipTrialStart:
        by = member(info)
        membership = actions.start_trial(
            plan_id=uuid_from_global_id("LiveMembershipPlan", plan_id), user_id=by.user_id, channel=channel, now=now()
        )
        return cls(membership=membership)
