from __future__ import annotations

from typing import Any

import graphene

from ....ids import uuid_from_global_id
from ....letters import actions
from ....shop import MANAGE_LIVE_SALES
from ...actors import now
from ...base import LiveSalesMutation
from ...enums import LetterBatchStateEnum
from ..types import LiveLetterBatch


class LiveLetterBatchMark(LiveSalesMutation):
    batch = graphene.Field(LiveLetterBatch, description="The batch as it is now.")

    class Arguments:
        id = graphene.ID(required=True, description="ID of a batch.")
        state = graphene.Argument(LetterBatchStateEnum, required=True, description="PRINTED or HANDED_OVER.")

    class Meta:
        description = (
            "The batch was printed, or handed over to the post: then its codes can't be read here any more, and its "
            "file is removed."
        )
        permissions = (MANAGE_LIVE_SALES,)

    @classmethod
    def perform(cls, _info: Any, *, id: str, state: str) -> LiveLetterBatchMark:
        key = uuid_from_global_id("LiveLetterBatch", id)
        return cls(batch=actions.mark(batch_id=key, state=state, now=now()))
