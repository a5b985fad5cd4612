from __future__ import annotations

from typing import Any

import graphene

from ....errors import Invalid, NotFound
from ....ids import uuid_from_global_id
from ....pictures import actions
from ....shop import HANDLE_LIVE_SALES
from ...actors import acting, now
from ...base import LiveSalesMutation
from ...permissions import requires
from ...scalars import shops
from ...sessions.types import LiveMessage


class LivePictureSendInput(graphene.InputObjectType):
    session_id = graphene.ID(required=True, description="ID of a session.")
    key = graphene.InputField(
        shops("uuid"), required=True, description="The sender's own key. Sent again, the picture is not written again."
    )
    image = graphene.InputField(
        shops("upload"),
        required=True,
        description="A JPEG, PNG or WebP that does not move, at most 10 MB and 40 million pixels by default. It is "
        "drawn anew: nothing but its pixels is kept.",
    )
    caption = graphene.String(description="What it shows, at most 500 characters.")
    ticket = graphene.String(description="The visitor's ticket. Without it, the session's rep is asking.")

    class Meta:
        description = "A picture to send."


class LivePictureSend(LiveSalesMutation):
    message = graphene.Field(LiveMessage, description="The message with the picture, as it is kept.")

    class Arguments:
        input = LivePictureSendInput(required=True, description="What to show.")

    class Meta:
        description = (
            "Send a picture in a session, as a multipart request "
            "(https://github.com/jaydenseric/graphql-multipart-request-spec). It is kept once this answers. "
            "Without a ticket:"
        ) + requires(HANDLE_LIVE_SALES)

    @classmethod
    def perform(cls, info: Any, *, input: dict[str, Any]) -> LivePictureSend:
        actor = acting(info, input.get("ticket"), HANDLE_LIVE_SALES)
        try:
            entry = actions.send(
                session_id=uuid_from_global_id("LiveSession", input["session_id"]),
                actor=actor,
                key=input["key"],
                file=_file(info, input["image"]),
                caption=input.get("caption") or "",
                now=now(),
            )
        except NotFound as error:
            raise NotFound(error.message, field="sessionId") from None  # what this mutation calls it
        return cls(message=entry)


def _file(info: Any, part: Any) -> actions.File:
    """The part of the request that a variable names. Raises Invalid."""
    file = getattr(info.context, "FILES", {}).get(part) if isinstance(part, str) else None
    if file is None:
        raise Invalid("The request has no such file. Send it as a part of a multipart request.", field="image")
    return file  # type: ignore[no-any-return]
