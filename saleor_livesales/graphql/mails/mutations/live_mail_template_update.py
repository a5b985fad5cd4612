from __future__ import annotations

from typing import Any

import graphene

from ....mails import actions
from ....shop import MANAGE_LIVE_SALES
from ...actors import now
from ...base import LiveSalesMutation
from ...enums import MailTemplateEnum
from ...permissions import requestor
from ..types import LiveMailTemplate, LiveMailTemplateInput


class LiveMailTemplateUpdate(LiveSalesMutation):
    template = graphene.Field(LiveMailTemplate, description="What the mail says now.")

    class Arguments:
        channel = graphene.String(required=True, description="Slug of the channel.")
        template = graphene.Argument(MailTemplateEnum, required=True, description="Which mail.")
        language = graphene.String(required=True, description="In which language: ar, de, en, es, fr or pl.")
        input = LiveMailTemplateInput(required=True, description="What it is to say.")

    class Meta:
        description = "Set what a mail says in one language, in one channel."
        permissions = (MANAGE_LIVE_SALES,)

    @classmethod
    def perform(
        cls, info: Any, *, channel: str, template: str, language: str, input: dict[str, str]
    ) -> LiveMailTemplateUpdate:
        written = actions.write(
            channel=channel,
            template=template,
            language=language,
            parts=dict(input),
            actor_user_id=requestor(info).user_id,
            now=now(),
        )
        return cls(template=written)
