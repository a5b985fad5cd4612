"""Queries on visitors."""

from __future__ import annotations

from typing import Any

import graphene

from ...shop import HANDLE_LIVE_SALES
from ...visitors.queries import online
from ..actors import now, show, staff
from ..connection import ConnectionField, connection_from_queryset
from ..enums import AssuranceEnum
from ..permissions import require, requires
from ..reading import reads
from .types import LiveVisitorCountableConnection


class LiveVisitorFilterInput(graphene.InputObjectType):
    channel = graphene.List(graphene.NonNull(graphene.String), description="Slugs of channels.")
    has_cart = graphene.Boolean(description="Whether something is in the cart.")
    assurance = graphene.List(graphene.NonNull(AssuranceEnum), description="How sure it is who they are.")
    search = graphene.String(description="A part of the name, or of the open page's title.")

    class Meta:
        description = "Which visitors. What is left out or `null` filters nothing."


class VisitorQueries:
    live_visitors = ConnectionField(
        LiveVisitorCountableConnection,
        filter=LiveVisitorFilterInput(description="Which visitors."),
        description="Who is on the site now, the last to arrive first." + requires(HANDLE_LIVE_SALES),
    )

    @staticmethod
    @reads
    def resolve_live_visitors(_root: Any, info: Any, filter: dict[str, Any] | None = None, **args: Any) -> Any:
        require(info, HANDLE_LIVE_SALES)
        actor = staff(info)
        given = filter or {}
        visits = online(
            now=now(),
            channels=given.get("channel"),
            has_cart=given.get("has_cart"),
            assurances=given.get("assurance"),
            search=given.get("search"),
        )
        return connection_from_queryset(
            visits,
            field="liveVisitors",
            args=args,
            type_=LiveVisitorCountableConnection,
            order=("-started_at", "-id"),
            node=lambda visit: show(visit.visitor, actor),
        )
