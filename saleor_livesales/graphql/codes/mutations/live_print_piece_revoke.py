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


class LivePrintPieceRevoke(LiveSalesMutation):
    piece = graphene.Field(LivePrintPiece, description="The piece.")

    class Arguments:
        id = graphene.ID(required=True, description="ID of a printed piece.")
        reason = graphene.String(description="Why, for the log. At most 255 characters are kept.")

    class Meta:
        description = "Revoke a piece with all its codes: they open nothing any more, and what they opened is closed."
        permissions = (MANAGE_LIVE_SALES,)

    @classmethod
    def perform(cls, info: Any, *, id: str, reason: str | None = None) -> LivePrintPieceRevoke:
        piece = pieces.revoke(
            piece_id=uuid_from_global_id("LivePrintPiece", id),
            reason=reason or "",
            actor_user_id=requestor(info).user_id,
            now=now(),
        )
        return cls(piece=piece)
