"""Queries on offers."""

from __future__ import annotations

from typing import Any

import graphene

from ...ids import uuid_from_global_id
from ...offers.queries import decisions
from ...shop import HANDLE_LIVE_SALES
from ..connection import ConnectionField, connection_from_queryset
from ..permissions import require, requires
from ..reading import reads
from .types import LiveDecisionCountableConnection


class OfferQueries:
    live_decisions = ConnectionField(
        LiveDecisionCountableConnection,
        visitor_id=graphene.ID(required=True, description="ID of a visitor."),
        description="Why help was offered to a visitor, or was not: the latest first." + requires(HANDLE_LIVE_SALES),
    )

    @staticmethod
    @reads
    def resolve_live_decisions(_root: Any, info: Any, visitor_id: str, **args: Any) -> Any:
        require(info, HANDLE_LIVE_SALES)
        return connection_from_queryset(
            decisions(visitor_id=uuid_from_global_id("LiveVisitor", visitor_id)),
            field="liveDecisions",
            args=args,
            type_=LiveDecisionCountableConnection,
            order=("-at", "-id"),
        )
