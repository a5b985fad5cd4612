from __future__ import annotations

from typing import Any

import graphene

from ....ids import uuid_from_global_id
from ....members import actions
from ...actors import now
from ...base import LiveSalesMutation
from ..types import LiveMembership
from .acting import either


class LiveMembershipCancel(LiveSalesMutation):
    membership = graphene.Field(LiveMembership, description="The membership as it is now.")

    class Arguments:
        id = graphene.ID(required=True, description="ID of a membership.")

    class Meta:
        description = (
            "Cancel: it is not renewed, and ends with what is paid or with the trial. By the member itself, or by "
            "staff that may manage live sales."
        )

    @classmethod
    def perform(cls, info: Any, *, id: str) -> LiveMembershipCancel:
        by = either(info)
        membership_id = uuid_from_global_id("LiveMembership", id)
        return cls(membership=actions.cancel(membership_id=membership_id, by=by, now=now()))
