from __future__ import annotations

from typing import Any

import graphene

from ....codes import files
from ....ids import uuid_from_global_id
from ....shop import MANAGE_LIVE_SALES
from ...base import LiveSalesMutation
from ..types import LivePrintFile


class LivePrintFormat(graphene.Enum):
    CSV = "csv"
    SVG = "svg"
    PNG = "png"
    PDF = "pdf"

    class Meta:
        description = "A list of codes, or a QR code in one of three formats."


class LivePrintPieceDownload(LiveSalesMutation):
    file = graphene.Field(LivePrintFile, description="The file.")

    class Arguments:
        id = graphene.ID(required=True, description="ID of a piece that is not printed yet.")
        format = LivePrintFormat(required=True, description="What to make.")
        reference = graphene.String(description="Whose QR code, of a personal piece.")
        after = graphene.String(description="Where a part of a list begins: `after` of the part before.")

    class Meta:
        description = (
            "A file for the printer with codes that can be read. Possible until the piece is marked as printed; a list "
            "comes in parts of 10,000."
        )
        permissions = (MANAGE_LIVE_SALES,)

    @classmethod
    def perform(
        cls, _info: Any, *, id: str, format: str, reference: str | None = None, after: str | None = None
    ) -> LivePrintPieceDownload:
        file = files.download(
            piece_id=uuid_from_global_id("LivePrintPiece", id), kind=format, reference=reference, after=after
        )
        return cls(file=file)
