from __future__ import annotations

import base64
import binascii
from typing import Any

import graphene

from ....errors import Invalid
from ....letters import styles, words
from ....shop import MANAGE_LIVE_SALES
from ...actors import now
from ...base import LiveSalesMutation
from ...permissions import requestor
from ..types import LiveLetterStyle, LiveLetterStyleInput


class LiveLetterStyleUpdate(LiveSalesMutation):
    style = graphene.Field(LiveLetterStyle, description="How letters look now.")

    class Arguments:
        channel = graphene.String(required=True, description="Slug of the channel.")
        input = LiveLetterStyleInput(required=True, description="What is to change.")

    class Meta:
        description = "Set how the letters of a channel look, and what they say."
        permissions = (MANAGE_LIVE_SALES,)

    @classmethod
    def perform(cls, info: Any, *, channel: str, input: dict[str, Any]) -> LiveLetterStyleUpdate:
        for name, value in input.items():
            if value is None:
                raise Invalid("This can't be null: leave it out.", field=name)
        changes = {name: value for name, value in input.items() if name != "words"}
        if "logo" in changes:
            changes["logo"] = _picture(changes["logo"])
        changes["words"] = {given["language"]: _words(given) for given in input.get("words") or ()}
        row = styles.update(channel=channel, changes=changes, actor_user_id=requestor(info).user_id, now=now())
        return cls(style=row)


def _picture(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True) or None
    except (binascii.Error, ValueError):
        raise Invalid("This is not base64.", field="logo") from None


def _words(given: dict[str, Any]) -> dict[str, str] | None:
    parts = {part: given[part] for part in words.PARTS if given.get(part) is not None}
    return {part: parts.get(part, "") for part in words.PARTS} if parts else None
