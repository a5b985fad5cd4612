from __future__ import annotations

from typing import Any

import graphene

from ....ids import uuid_from_global_id
from ....members import actions
from ...actors import now
from ...base import LiveSalesMutation
from ..types import LiveDelivery
from .acting import either


class LiveMembershipCodeReplace(LiveSalesMutation):
    delivery = graphene.Field(LiveDelivery, description="The new code on its way.")

    class Arguments:
        id = graphene.ID(required=True, description="ID of a membership.")
        address_works = graphene.Boolean(
            default_value=False,
            description="By staff: mail it although mails to the account's address came back.",
        )

    class Meta:
        description = (
            "Mail a new sign-in code where the former was lost or never came; that one opens nothing any more. By the "
            "member itself, three times a day, or by staff that may manage live sales."
        )

    @classmethod
    def perform(cls, info: Any, *, id: str, address_works: bool = False) -> LiveMembershipCodeReplace:
        by = either(info)
        membership_id = uuid_from_global_id("LiveMembership", id)
        made = actions.replace_code(membership_id=membership_id, by=by, now=now(), address_works=address_works)
        return cls(delivery=made)
