"""Queries on letters that go by a provider."""

from __future__ import annotations

from typing import Any

import graphene

from ...postings import ways
from ...postings.models import PostingSettings
from ...shop import MANAGE_LIVE_SALES
from ..permissions import require, requires
from ..reading import reads
from .types import LiveLetterWay


class PostingQueries:
    live_letter_way = graphene.Field(
        LiveLetterWay,
        channel=graphene.String(required=True, description="Slug of the channel."),
        description="How the letters of a channel go, and what they cost." + requires(MANAGE_LIVE_SALES),
    )

    @staticmethod
    @reads
    def resolve_live_letter_way(_root: Any, info: Any, channel: str) -> PostingSettings:
        require(info, MANAGE_LIVE_SALES)
        return ways.known(channel)
