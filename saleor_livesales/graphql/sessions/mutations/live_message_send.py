from __future__ import annotations

from typing import Any

import graphene

from ....errors import NotFound
from ....ids import uuid_from_global_id
from ....sessions import actions
from ....sessions.models import Entry
from ....shop import HANDLE_LIVE_SALES
from ...actors import acting, now
from ...base import LiveSalesMutation
from ...permissions import requires
from ...scalars import shops
from ..types import LiveMessage


class LiveMessageSendInput(graphene.InputObjectType):
    session_id = graphene.ID(required=True, description="ID of a session.")
    key = graphene.InputField(
        shops("uuid"), required=True, description="The sender's own key. Sent again, the message is not written again."
    )
    text = graphene.String(required=True, description="Plain text, at most 4,000 characters by default.")
    ticket = graphene.String(description="The visitor's ticket. Without it, the session's rep is asking.")

    class Meta:
        description = "A message to send."


class LiveMessageSend(LiveSalesMutation):
    message = graphene.Field(LiveMessage, description="The message, as it is kept.")

    class Arguments:
        input = LiveMessageSendInput(required=True, description="What to say.")

    class Meta:
        description = "Say something in a session. It is kept once this answers. Without a ticket:" + requires(
            HANDLE_LIVE_SALES
        )

    @classmethod
    def perform(cls, info: Any, *, input: dict[str, Any]) -> LiveMessageSend:
        actor = acting(info, input.get("ticket"), HANDLE_LIVE_SALES)
        try:
            session_id = uuid_from_global_id("LiveSession", input["session_id"])
            appended = actions.send(session_id=session_id, actor=actor, key=input["key"], text=input["text"], now=now())
        except NotFound as error:
            raise NotFound(error.message, field="sessionId") from None  # what this mutation calls it
        return cls(message=Entry.objects.get(session_id=session_id, number=appended.number))
