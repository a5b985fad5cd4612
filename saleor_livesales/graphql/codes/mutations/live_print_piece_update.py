from __future__ import annotations

from typing import Any

import graphene

from ....codes import pieces
from ....ids import uuid_from_global_id
from ....shop import MANAGE_LIVE_SALES
from ...actors import now
from ...base import LiveSalesMutation
from ...permissions import requestor
from ...scalars import shops
from ..types import LivePrintPiece


class LivePrintPieceUpdateInput(graphene.InputObjectType):
    name = graphene.String(description="What you call it, at most 200 characters. Visitors see it.")
    landing_url = graphene.String(description="The page that its QR codes open. Fixed once it is printed.")
    starts_at = graphene.InputField(shops("datetime"), description="From when on its codes are valid.")
    ends_at = graphene.InputField(shops("datetime"), description="Until when. `null`: until they are revoked.")

    class Meta:
        description = "What to change of a printed piece. What is left out stays as it is."


class LivePrintPieceUpdate(LiveSalesMutation):
    piece = graphene.Field(LivePrintPiece, description="The piece.")

    class Arguments:
        id = graphene.ID(required=True, description="ID of a printed piece.")
        input = LivePrintPieceUpdateInput(required=True, description="What to change.")

    class Meta:
        description = "Change a printed piece. Another period holds for its codes at once."
        permissions = (MANAGE_LIVE_SALES,)

    @classmethod
    def perform(cls, info: Any, *, id: str, input: dict[str, Any]) -> LivePrintPieceUpdate:
        piece = pieces.update(
            piece_id=uuid_from_global_id("LivePrintPiece", id),
            changes=dict(input),
            actor_user_id=requestor(info).user_id,
            now=now(),
        )
        return cls(piece=piece)
