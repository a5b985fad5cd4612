from __future__ import annotations

from typing import Any

import graphene

from ....codes import pieces
from ....ids import uuid_from_global_id
from ....shop import MANAGE_LIVE_SALES
from ...actors import now
from ...base import LiveSalesMutation
from ...permissions import requestor
from ..types import LivePrintPiece


class LivePrintPiecePrinted(LiveSalesMutation):
    piece = graphene.Field(LivePrintPiece, description="The piece.")

    class Arguments:
        id = graphene.ID(required=True, description="ID of a printed piece.")

    class Meta:
        description = "The piece is printed: what could be read of its codes is erased, for good."
        permissions = (MANAGE_LIVE_SALES,)

    @classmethod
    def perform(cls, info: Any, *, id: str) -> LivePrintPiecePrinted:
        piece = pieces.printed(
            piece_id=uuid_from_global_id("LivePrintPiece", id),
            actor_user_id=requestor(info).user_id,
            now=now(),
        )
        return cls(piece=piece)
