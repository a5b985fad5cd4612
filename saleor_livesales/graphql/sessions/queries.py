"""Queries on sessions, reps and inquiries."""

from __future__ import annotations

from typing import Any

import graphene
from django.db.models import Q, QuerySet

from ...ids import uuid_from_global_id
from ...sessions import queries, ratings, reps
from ...sessions.actors import Actor, RepActor
from ...sessions.models import Rep, Session
from ...shop import HANDLE_LIVE_SALES, MANAGE_LIVE_SALES
from ..actors import acting_staff, now, reading, show
from ..connection import ConnectionField, Part, connection_from_parts, connection_from_queryset
from ..enums import SessionStateEnum
from ..permissions import require, requires
from ..reading import reads
from ..scalars import shops
from .types import (
    LiveInquiryCountableConnection,
    LiveRep,
    LiveRepCountableConnection,
    LiveSession,
    LiveSessionCountableConnection,
)

TICKET = "A visitor's ticket, which shows that visitor's own sessions. Without it, staff is asking."


class LiveDateTimeRangeInput(graphene.InputObjectType):
    gte = graphene.InputField(shops("datetime"), description="From this moment on.")
    lte = graphene.InputField(shops("datetime"), description="Up to this moment.")

    class Meta:
        description = "A range of time, both ends included."


class LiveSessionFilterInput(graphene.InputObjectType):
    state = graphene.List(graphene.NonNull(SessionStateEnum), description="Where they stand.")
    channel = graphene.List(graphene.NonNull(graphene.String), description="Slugs of channels.")
    mine = graphene.Boolean(description="Whether they are the asking rep's own.")
    created_at = graphene.InputField(LiveDateTimeRangeInput, description="When they began.")
    current = graphene.Boolean(
        description="Whether they are what the visitor's window shows: they go on, or ended less than ten minutes ago "
        "and wait for their rating. `false` filters nothing."
    )
    rated = graphene.Boolean(description="Whether the visitor rated them.")
    score = graphene.List(graphene.NonNull(graphene.Int), description="Scores that the visitor gave, from 1 to 5.")

    class Meta:
        description = "Which sessions. What is left out or `null` filters nothing."


class LiveSessionSortField(graphene.Enum):
    CREATED_AT = "created_at"
    QUEUED_AT = "queued_at"
    AWAITING_SINCE = "awaiting_since"
    PLACE = "place"

    class Meta:
        description = "What sessions can be sorted by. `PLACE` is the order of the queue, always from the front."


class LiveSessionSortingInput(graphene.InputObjectType):
    field = LiveSessionSortField(required=True, description="What to sort by. What has no such moment comes last.")
    direction = graphene.InputField(shops("order_direction"), description="In which direction. Ascending by default.")

    class Meta:
        description = "In which order sessions come."


def _filtered(sessions: QuerySet[Session], given: dict[str, Any], actor: Actor) -> QuerySet[Session]:
    if states := given.get("state"):
        sessions = sessions.filter(state__in=states)
    if channels := given.get("channel"):
        sessions = sessions.filter(channel__in=channels)
    if given.get("mine") is not None and isinstance(actor, RepActor):
        own: dict[str, Any] = {"rep_id": actor.rep_id} if actor.rep_id else {"pk__in": []}
        sessions = sessions.filter(**own) if given["mine"] else sessions.exclude(**own)
    created = given.get("created_at") or {}
    if created.get("gte") is not None:
        sessions = sessions.filter(created_at__gte=created["gte"])
    if created.get("lte") is not None:
        sessions = sessions.filter(created_at__lte=created["lte"])
    if given.get("current"):
        sessions = ratings.current(sessions, now=now())
    return ratings.rated(sessions, scores=given.get("score") or None, rated=given.get("rated"))


def _sorted(sessions: QuerySet[Session], sort_by: dict[str, Any]) -> list[Part]:
    """Those that have the moment, then those that don't. An ended session awaits nothing, which spares looking at all
    of the past for those that do."""
    if sort_by and sort_by["field"] == "place":
        parts = [Part(*part) for part in queries.in_order(sessions, now())]
        return [*parts, Part(sessions.exclude(state="queued"), ("-created_at", "-id"))]
    name, direction = (sort_by["field"], sort_by.get("direction") or "") if sort_by else ("created_at", "-")
    order = (f"{direction}{name}", f"{direction}id")
    if name == "created_at":
        return [Part(sessions, order)]
    has = Q(**{f"{name}__isnull": False})
    if name == "awaiting_since":
        has &= ~Q(state="ended")
    return [Part(sessions.filter(has), order), Part(sessions.exclude(has), order[1:])]


class SessionQueries:
    live_session = graphene.Field(
        LiveSession,
        id=graphene.ID(required=True, description="ID of a session."),
        ticket=graphene.String(description=TICKET),
        description="A session: a visitor's own; for a rep its own and those that wait; for the owner any. `null` "
        "otherwise." + requires(HANDLE_LIVE_SALES, MANAGE_LIVE_SALES),
    )
    live_sessions = ConnectionField(
        LiveSessionCountableConnection,
        filter=LiveSessionFilterInput(description="Which sessions."),
        sort_by=LiveSessionSortingInput(description="In which order. The latest first by default."),
        ticket=graphene.String(description=TICKET),
        description="The sessions that `liveSession` shows." + requires(HANDLE_LIVE_SALES, MANAGE_LIVE_SALES),
    )
    live_rep = graphene.Field(
        LiveRep,
        id=graphene.ID(description="ID of a rep. Without it: the one who is asking."),
        description="A rep." + requires(HANDLE_LIVE_SALES),
    )
    live_reps = ConnectionField(
        LiveRepCountableConnection,
        description="All reps, by name." + requires(HANDLE_LIVE_SALES, MANAGE_LIVE_SALES),
    )
    live_inquiries = ConnectionField(
        LiveInquiryCountableConnection,
        description="Messages left when nobody could answer, the latest first." + requires(HANDLE_LIVE_SALES),
    )

    @staticmethod
    @reads
    def resolve_live_session(_root: Any, info: Any, id: str, ticket: str | None = None) -> Session | None:
        actor = reading(info, ticket)
        return show(queries.get(session_id=uuid_from_global_id("LiveSession", id), actor=actor), actor)

    @staticmethod
    @reads
    def resolve_live_sessions(
        _root: Any,
        info: Any,
        filter: dict[str, Any] | None = None,
        sort_by: dict[str, Any] | None = None,
        ticket: str | None = None,
        **args: Any,
    ) -> Any:
        actor = reading(info, ticket)
        found = _filtered(queries.visible(actor=actor), filter or {}, actor)
        return connection_from_parts(
            _sorted(found, sort_by or {}),
            whole=found,
            field="liveSessions",
            args=args,
            type_=LiveSessionCountableConnection,
            node=lambda session: show(session, actor),
        )

    @staticmethod
    @reads
    def resolve_live_rep(_root: Any, info: Any, id: str | None = None) -> Rep | None:
        if id is None:
            acting_staff(info, HANDLE_LIVE_SALES)
            asking = require(info, HANDLE_LIVE_SALES)
            return reps.ensure(user_id=asking.user_id or "", name=asking.name)
        require(info, HANDLE_LIVE_SALES)
        return Rep.objects.filter(pk=uuid_from_global_id("LiveRep", id)).first()

    @staticmethod
    @reads
    def resolve_live_reps(_root: Any, info: Any, **args: Any) -> Any:
        require(info, HANDLE_LIVE_SALES, MANAGE_LIVE_SALES)
        return connection_from_queryset(
            queries.all_reps(), field="liveReps", args=args, type_=LiveRepCountableConnection, order=("name", "id")
        )

    @staticmethod
    @reads
    def resolve_live_inquiries(_root: Any, info: Any, **args: Any) -> Any:
        require(info, HANDLE_LIVE_SALES)
        return connection_from_queryset(
            queries.inquiries(),
            field="liveInquiries",
            args=args,
            type_=LiveInquiryCountableConnection,
            order=("-created_at", "-id"),
        )
