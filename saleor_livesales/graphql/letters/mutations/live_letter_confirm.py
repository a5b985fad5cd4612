from __future__ import annotations

from typing import Any

import graphene

from ....letters import actions
from ....shop import MANAGE_LIVE_SALES
from ...actors import now
from ...base import LiveSalesMutation
from ..types import LiveLetter


class LiveLetterConfirm(LiveSalesMutation):
    letter = graphene.Field(LiveLetter, description="The letter.")

    class Arguments:
        number = graphene.String(required=True, description="The number on the paper, typed or scanned.")

    class Meta:
        description = "This letter was handed over to the post: its code can't be read here any more."
        permissions = (MANAGE_LIVE_SALES,)

    @classmethod
    def perform(cls, _info: Any, *, number: str) -> LiveLetterConfirm:
        return cls(letter=actions.confirm(number=number, now=now()))
