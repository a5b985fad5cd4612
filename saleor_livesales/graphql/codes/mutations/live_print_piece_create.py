from __future__ import annotations

from typing import Any

import graphene

from ....codes import pieces
from ....shop import MANAGE_LIVE_SALES
from ...actors import now
from ...base import LiveSalesMutation
from ...enums import PieceKindEnum
from ...permissions import requestor
from ...scalars import shops
from ..types import LivePrintPiece


class LivePrintPieceCreateInput(graphene.InputObjectType):
    name = graphene.String(required=True, description="What you call it, at most 200 characters. Visitors see it.")
    kind = PieceKindEnum(required=True, description="What is printed.")
    channel = graphene.String(required=True, description="Slug of the channel.")
    product_id = graphene.ID(required=True, description="ID of the product that it leads to.")
    variant_id = graphene.ID(description="ID of the variant that it leads to.")
    landing_url = graphene.String(
        required=True, description="The page that its QR codes open, with the widget on it. Without a part after `#`."
    )
    personal = graphene.Boolean(required=True, description="A code for each recipient; else one for everybody.")
    starts_at = graphene.InputField(shops("datetime"), description="From when on its codes are valid. Now by default.")
    ends_at = graphene.InputField(shops("datetime"), description="Until when. Without: until they are revoked.")

    class Meta:
        description = "A piece to print."


class LivePrintPieceCreate(LiveSalesMutation):
    piece = graphene.Field(LivePrintPiece, description="The piece.")

    class Arguments:
        input = LivePrintPieceCreateInput(required=True, description="What is to be printed.")

    class Meta:
        description = "Make a printed piece. One with a code for everybody gets it at once."
        permissions = (MANAGE_LIVE_SALES,)

    @classmethod
    def perform(cls, info: Any, *, input: dict[str, Any]) -> LivePrintPieceCreate:
        piece = pieces.create(
            name=input["name"],
            kind=input["kind"],
            channel=input["channel"],
            product_id=input["product_id"],
            variant_id=input.get("variant_id"),
            landing_url=input["landing_url"],
            personal=input["personal"],
            starts_at=input.get("starts_at"),
            ends_at=input.get("ends_at"),
            actor_user_id=requestor(info).user_id,
            now=now(),
        )
        return cls(piece=piece)
