from __future__ import annotations

from typing import Any

import graphene

from ....letters import actions, pages
from ....shop import MANAGE_LIVE_SALES
from ...actors import now
from ...base import LiveSalesMutation
from ...members.mutations.acting import staff
from ..types import LiveLetterBatch


class LiveLetterBatchCreate(LiveSalesMutation):
    batch = graphene.Field(LiveLetterBatch, description="The batch, which is drawn by a task.")

    class Arguments:
        channel = graphene.String(required=True, description="Slug of the channel.")

    class Meta:
        description = "Have the letters that wait drawn into one file, the oldest first, 1,000 at most."
        permissions = (MANAGE_LIVE_SALES,)

    @classmethod
    def perform(cls, info: Any, *, channel: str) -> LiveLetterBatchCreate:
        pages.check_installed()
        return cls(batch=actions.batch(channel=channel, by=staff(info), now=now()))
