from __future__ import annotations

from typing import Any

import graphene

from ....ids import uuid_from_global_id
from ....members import actions
from ....shop import MANAGE_LIVE_SALES
from ...actors import now
from ...base import LiveSalesMutation
from ..types import LiveMembership
from .acting import staff


class LiveMembershipGrant(LiveSalesMutation):
    membership = graphene.Field(LiveMembership, description="The membership as it is now.")

    class Arguments:
        user_id = graphene.ID(description="ID of an account of the shop. This or its address is needed.")
        email = graphene.String(description="Address of an account of the shop.")
        plan_id = graphene.ID(required=True, description="ID of a plan.")
        channel = graphene.String(required=True, description="Slug of the channel where it is renewed.")
        periods = graphene.Int(required=True, description="How many periods, 1 to 120.")
        reason = graphene.String(required=True, description="Why; kept in the log.")

    class Meta:
        description = "Make an account a member without money, or add to what it has of this plan."
        permissions = (MANAGE_LIVE_SALES,)

    @classmethod
    def perform(
        cls,
        info: Any,
        *,
        plan_id: str,
        channel: str,
        periods: int,
        reason: str,
        user_id: str | None = None,
        email: str | None = None,
    ) -> LiveMembershipGrant:
        by = staff(info)
        membership = actions.grant(
            user_id=user_id or actions.account_of(email or ""),
            plan_id=uuid_from_global_id("LiveMembershipPlan", plan_id),
            channel=channel,
            periods=periods,
            reason=reason,
            by=by,
            now=now(),
        )
        return cls(membership=membership)
