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


class LiveMembershipRevoke(LiveSalesMutation):
    membership = graphene.Field(LiveMembership, description="The membership as it is now.")

    class Arguments:
        id = graphene.ID(required=True, description="ID of a membership.")
        reason = graphene.String(required=True, description="Why; kept in the log.")

    class Meta:
        description = "End a membership at once, whatever was paid. Money goes back by refunding the order in the shop."
        permissions = (MANAGE_LIVE_SALES,)

    @classmethod
    def perform(cls, info: Any, *, id: str, reason: str) -> LiveMembershipRevoke:
        by = staff(info)
        membership_id = uuid_from_global_id("LiveMembership", id)
        return cls(membership=actions.revoke(membership_id=membership_id, reason=reason, by=by, now=now()))
