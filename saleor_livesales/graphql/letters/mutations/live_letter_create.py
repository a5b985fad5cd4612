from __future__ import annotations

from typing import Any

import graphene

from ....ids import uuid_from_global_id
from ....letters import actions
from ....shop import MANAGE_LIVE_SALES
from ...actors import now
from ...base import LiveSalesMutation
from ...members.mutations.acting import staff
from ..types import LiveLetter


class LiveLetterCreate(LiveSalesMutation):
    letter = graphene.Field(LiveLetter, description="The letter.")

    class Arguments:
        membership_id = graphene.ID(required=True, description="ID of a membership.")

    class Meta:
        description = (
            "Send the member's sign-in code by post instead of by mail: the present one while its mail was not sent, "
            "else a new one, and the former opens nothing any more."
        )
        permissions = (MANAGE_LIVE_SALES,)

    @classmethod
    def perform(cls, info: Any, *, membership_id: str) -> LiveLetterCreate:
        key = uuid_from_global_id("LiveMembership", membership_id)
        return cls(letter=actions.create(membership_id=key, by=staff(info), now=now()))
