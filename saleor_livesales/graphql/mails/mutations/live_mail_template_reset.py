from __future__ import annotations

from typing import Any

import graphene

from ....mails import actions
from ....shop import MANAGE_LIVE_SALES
from ...base import LiveSalesMutation
from ...enums import MailTemplateEnum
from ..types import LiveMailTemplate


class LiveMailTemplateReset(LiveSalesMutation):
    template = graphene.Field(LiveMailTemplate, description="What the mail says now.")

    class Arguments:
        channel = graphene.String(required=True, description="Slug of the channel.")
        template = graphene.Argument(MailTemplateEnum, required=True, description="Which mail.")
        language = graphene.String(required=True, description="In which language: ar, de, en, es, fr or pl.")

    class Meta:
        description = "Have a mail say again what it said before the store wrote it."
        permissions = (MANAGE_LIVE_SALES,)

    @classmethod
    def perform(cls, _info: Any, *, channel: str, template: str, language: str) -> LiveMailTemplateReset:
        return cls(template=actions.reset(channel=channel, template=template, language=language))
