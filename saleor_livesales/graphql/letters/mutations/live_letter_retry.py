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


class LiveLetterRetry(LiveSalesMutation):
    letter = graphene.Field(LiveLetter, description="The letter that waits now.")

    class Arguments:
        id = graphene.ID(required=True, description="ID of a letter that had no address, or came back.")

    class Meta:
        description = (
            "The account has a good address now: the letter waits to be printed again. One that came back is followed "
            "by another, with a new code."
        )
        permissions = (MANAGE_LIVE_SALES,)

    @classmethod
    def perform(cls, info: Any, *, id: str) -> LiveLetterRetry:
        letter = actions.retry(letter_id=uuid_from_global_id("LiveLetter", id), by=staff(info), now=now())
        return cls(letter=letter)
