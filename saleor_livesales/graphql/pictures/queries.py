"""Queries on pictures."""

from __future__ import annotations

from typing import Any

import graphene

from ...ids import uuid_from_global_id
from ...pictures import queries
from ...shop import HANDLE_LIVE_SALES, MANAGE_LIVE_SALES
from ..actors import reading
from ..permissions import requires
from ..reading import reads
from .types import LivePicture, Shown, of_row


class PictureQueries:
    live_picture = graphene.Field(
        LivePicture,
        id=graphene.ID(required=True, description="ID of a picture."),
        ticket=graphene.String(description="The ticket of a visitor who takes part. Without it, staff is asking."),
        description="A picture of a session, for who may see the session. `null` when it is gone. Without a ticket:"
        + requires(HANDLE_LIVE_SALES, MANAGE_LIVE_SALES),
    )

    @staticmethod
    @reads
    def resolve_live_picture(_root: Any, info: Any, id: str, ticket: str | None = None) -> Shown:
        actor = reading(info, ticket)
        return of_row(queries.find(picture_id=uuid_from_global_id("LivePicture", id), actor=actor))
