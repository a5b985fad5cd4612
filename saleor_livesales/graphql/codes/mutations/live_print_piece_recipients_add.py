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


class LivePrintRecipientInput(graphene.InputObjectType):
    reference = graphene.String(required=True, description="Your own name for the recipient, at most 100 characters.")
    name = graphene.String(description="The recipient's name, at most 200 characters. The rep sees it.")

    class Meta:
        description = "To whom a piece is sent."


class LivePrintPieceRecipientsAdd(LiveSalesMutation):
    piece = graphene.Field(LivePrintPiece, description="The piece.")
    added = graphene.Int(description="How many of them were new and got a code.")

    class Arguments:
        id = graphene.ID(required=True, description="ID of a personal piece that is not printed yet.")
        recipients = graphene.List(
            graphene.NonNull(LivePrintRecipientInput), required=True, description="At most 5,000 in one call."
        )

    class Meta:
        description = "Issue a code to each recipient. A reference that the piece has already gets no second one."
        permissions = (MANAGE_LIVE_SALES,)

    @classmethod
    def perform(cls, info: Any, *, id: str, recipients: list[dict[str, Any]]) -> LivePrintPieceRecipientsAdd:
        piece, added = pieces.add_recipients(
            piece_id=uuid_from_global_id("LivePrintPiece", id),
            recipients=[
                pieces.Recipient(reference=given["reference"], name=given.get("name") or "") for given in recipients
            ],
            actor_user_id=requestor(info).user_id,
            now=now(),
        )
        return cls(piece=piece, added=added)
