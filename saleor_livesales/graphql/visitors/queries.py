"""Queries on visitors."""

from __future__ import annotations

from typing import Any

import graphene

from ...ids import uuid_from_global_id
from ...shop import HANDLE_LIVE_SALES, MANAGE_LIVE_SALES
from ...visitors import blocks
from ...visitors.queries import online
from .. import loaders
from ..actors import now, show, staff
from ..connection import ConnectionField, connection_from_queryset
from ..enums import AssuranceEnum
from ..permissions import require, requires
from ..reading import reads
from .types import LiveBlockCountableConnection, LiveVisitor, LiveVisitorCountableConnection


class LiveVisitorFilterInput(graphene.InputObjectType):
    channel = graphene.List(graphene.NonNull(graphene.String), description="Slugs of channels.")
    has_cart = graphene.Boolean(description="Whether something is in the cart.")
    assurance = graphene.List(graphene.NonNull(AssuranceEnum), description="How sure it is who they are.")
    search = graphene.String(description="A part of the name, or of the open page's title.")

    class Meta:
        description = "Which visitors. What is left out or `null` filters nothing."


class VisitorQueries:
    live_visitor = graphene.Field(
        LiveVisitor,
        id=graphene.Argument(graphene.ID, required=True, description="ID of a visitor."),
        description="A visitor by ID, on the site or not." + requires(HANDLE_LIVE_SALES),
    )
    live_visitors = ConnectionField(
        LiveVisitorCountableConnection,
        filter=LiveVisitorFilterInput(description="Which visitors."),
        description="Who is on the site now, the last to arrive first." + requires(HANDLE_LIVE_SALES),
    )

    live_visitor_blocks = ConnectionField(
        LiveBlockCountableConnection,
        description="Who is blocked now, the latest first." + requires(HANDLE_LIVE_SALES, MANAGE_LIVE_SALES),
    )

    @staticmethod
    @reads
    def resolve_live_visitor_blocks(_root: Any, info: Any, **args: Any) -> Any:
        require(info, HANDLE_LIVE_SALES, MANAGE_LIVE_SALES)
        return connection_from_queryset(
            blocks.active(now=now()),
            field="liveVisitorBlocks",
            args=args,
            type_=LiveBlockCountableConnection,
            order=("-at", "-id"),
        )

    @staticmethod
    @reads
    def resolve_live_visitor(_root: Any, info: Any, id: str) -> Any:
        require(info, HANDLE_LIVE_SALES)
        actor = staff(info)
        found = loaders.VisitorById.of(info).load(uuid_from_global_id("LiveVisitor", id))
        return found.then(lambda visitor: visitor and show(visitor, actor))

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
