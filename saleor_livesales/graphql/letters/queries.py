"""Queries on letters, for the owner."""

from __future__ import annotations

from typing import Any

import graphene

from ...letters import styles
from ...letters.models import Letter, LetterBatch, LetterStyle
from ...shop import MANAGE_LIVE_SALES
from ..actors import now
from ..connection import ConnectionField, connection_from_queryset
from ..enums import LetterStateEnum
from ..permissions import require, requires
from ..reading import reads
from .types import (
    LiveLetterBatchCountableConnection,
    LiveLetterCountableConnection,
    LiveLetterPage,
    LiveLetterStyle,
)

LATEST_FIRST = ("-created_at", "-id")
OWNER_ONLY = requires(MANAGE_LIVE_SALES)


class LiveLetterFilterInput(graphene.InputObjectType):
    channel = graphene.String(description="Slug of the channel.")
    state = graphene.List(graphene.NonNull(LetterStateEnum), description="Where they stand.")
    number = graphene.String(description="The number on the paper, or its beginning.")

    class Meta:
        description = "Which letters. What is left out or `null` filters nothing."


class LetterQueries:
    live_letters = ConnectionField(
        LiveLetterCountableConnection,
        filter=LiveLetterFilterInput(description="Which letters."),
        description="Letters with sign-in codes, the latest first." + OWNER_ONLY,
    )
    live_letter_batches = ConnectionField(
        LiveLetterBatchCountableConnection,
        channel=graphene.String(description="Slug of the channel."),
        description="Batches of letters, the latest first." + OWNER_ONLY,
    )
    live_letter_style = graphene.Field(
        LiveLetterStyle,
        channel=graphene.String(required=True, description="Slug of the channel."),
        description="How the letters of a channel look." + OWNER_ONLY,
    )
    live_letter_preview = graphene.Field(
        LiveLetterPage,
        channel=graphene.String(required=True, description="Slug of the channel."),
        language=graphene.String(required=True, description="One of ar, de, en, es, fr and pl."),
        description="A letter of the channel to an invented member, as it would be printed." + OWNER_ONLY,
    )

    @staticmethod
    @reads
    def resolve_live_letters(_root: Any, info: Any, filter: dict[str, Any] | None = None, **args: Any) -> Any:
        require(info, MANAGE_LIVE_SALES)
        given, rows = filter or {}, Letter.objects.select_related("member_code")
        if given.get("channel") is not None:
            rows = rows.filter(channel=given["channel"])
        if given.get("state") is not None:
            rows = rows.filter(state__in=given["state"])
        if number := "".join((given.get("number") or "").upper().split()):
            rows = rows.filter(number__startswith=number[:12])
        return connection_from_queryset(
            rows, field="liveLetters", args=args, type_=LiveLetterCountableConnection, order=LATEST_FIRST
        )

    @staticmethod
    @reads
    def resolve_live_letter_batches(_root: Any, info: Any, channel: str | None = None, **args: Any) -> Any:
        require(info, MANAGE_LIVE_SALES)
        rows = LetterBatch.objects.all()
        if channel is not None:
            rows = rows.filter(channel=channel)
        return connection_from_queryset(
            rows, field="liveLetterBatches", args=args, type_=LiveLetterBatchCountableConnection, order=LATEST_FIRST
        )

    @staticmethod
    @reads
    def resolve_live_letter_style(_root: Any, info: Any, channel: str) -> LetterStyle:
        require(info, MANAGE_LIVE_SALES)
        return styles.known(channel)

    @staticmethod
    @reads
    def resolve_live_letter_preview(_root: Any, info: Any, channel: str, language: str) -> bytes:
        require(info, MANAGE_LIVE_SALES)
        return styles.preview(styles.known(channel), language=language, now=now())
