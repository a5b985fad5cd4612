"""Queries on sign-in codes and printed pieces."""

from __future__ import annotations

from typing import Any

import graphene

from ...codes import queries
from ...codes.models import PrintPiece
from ...ids import uuid_from_global_id
from ...shop import MANAGE_LIVE_SALES
from ..connection import ConnectionField, connection_from_queryset
from ..enums import CodeStateEnum
from ..permissions import require, requires
from ..reading import reads
from .types import LivePrintPiece, LivePrintPieceCountableConnection, LiveSignInCodeCountableConnection

LATEST_FIRST = ("-created_at", "-id")


class LiveSignInCodeFilterInput(graphene.InputObjectType):
    piece = graphene.ID(description="ID of the printed piece that they open.")
    state = graphene.List(graphene.NonNull(CodeStateEnum), description="Where they stand.")

    class Meta:
        description = "Which codes. What is left out or `null` filters nothing."


class CodeQueries:
    live_print_piece = graphene.Field(
        LivePrintPiece,
        id=graphene.ID(required=True, description="ID of a printed piece."),
        description="A printed piece." + requires(MANAGE_LIVE_SALES),
    )
    live_print_pieces = ConnectionField(
        LivePrintPieceCountableConnection,
        description="Printed pieces, the latest first." + requires(MANAGE_LIVE_SALES),
    )
    live_sign_in_codes = ConnectionField(
        LiveSignInCodeCountableConnection,
        filter=LiveSignInCodeFilterInput(description="Which codes."),
        description="Sign-in codes, the latest first, without the codes themselves." + requires(MANAGE_LIVE_SALES),
    )

    @staticmethod
    @reads
    def resolve_live_print_piece(_root: Any, info: Any, id: str) -> PrintPiece | None:
        require(info, MANAGE_LIVE_SALES)
        return queries.pieces().filter(pk=uuid_from_global_id("LivePrintPiece", id)).first()

    @staticmethod
    @reads
    def resolve_live_print_pieces(_root: Any, info: Any, **args: Any) -> Any:
        require(info, MANAGE_LIVE_SALES)
        return connection_from_queryset(
            queries.pieces(),
            field="livePrintPieces",
            args=args,
            type_=LivePrintPieceCountableConnection,
            order=LATEST_FIRST,
        )

    @staticmethod
    @reads
    def resolve_live_sign_in_codes(_root: Any, info: Any, filter: dict[str, Any] | None = None, **args: Any) -> Any:
        require(info, MANAGE_LIVE_SALES)
        given = filter or {}
        piece = given.get("piece")
        return connection_from_queryset(
            queries.codes(
                piece_id=None if piece is None else uuid_from_global_id("LivePrintPiece", piece),
                states=given.get("state"),
            ),
            field="liveSignInCodes",
            args=args,
            type_=LiveSignInCodeCountableConnection,
            order=LATEST_FIRST,
        )
