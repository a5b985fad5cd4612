from __future__ import annotations

from decimal import Decimal
from typing import Any

import graphene

from ....ids import uuid_from_global_id
from ....members import actions
from ....shop import MANAGE_LIVE_SALES
from ...actors import now
from ...base import LiveSalesMutation
from ...scalars import shops
from ..types import LiveMembership
from .acting import staff


class LiveMembershipExtend(LiveSalesMutation):
    membership = graphene.Field(LiveMembership, description="The membership as it is now.")

    class Arguments:
        id = graphene.ID(required=True, description="ID of a membership.")
        periods = graphene.Int(required=True, description="How many periods, 1 to 120.")
        amount = graphene.Argument(
            shops("positive_decimal"),
            description="Money that the store took itself, in the currency of the membership's channel. Left out: the "
            "periods are given.",
        )
        reason = graphene.String(required=True, description="Why; kept in the log.")

    class Meta:
        description = "Add periods to a running membership: given, or paid outside of the shop."
        permissions = (MANAGE_LIVE_SALES,)

    @classmethod
    def perform(
        cls, info: Any, *, id: str, periods: int, reason: str, amount: Decimal | None = None
    ) -> LiveMembershipExtend:
        by = staff(info)
        membership = actions.extend(
            membership_id=uuid_from_global_id("LiveMembership", id),
            periods=periods,
            amount=amount,
            reason=reason,
            by=by,
            now=now(),
        )
        return cls(membership=membership)
