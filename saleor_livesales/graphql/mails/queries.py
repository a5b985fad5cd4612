"""Queries on mails."""

from __future__ import annotations

from typing import Any

import graphene

from ...mails import actions
from ...mails.models import MailSettings
from ...shop import MANAGE_LIVE_SALES
from ..actors import now
from ..enums import MailTemplateEnum
from ..permissions import require, requires
from ..reading import reads
from .types import LiveMailPreview, LiveMailSettings, LiveMailTemplateInput


class MailQueries:
    live_mail_settings = graphene.Field(
        LiveMailSettings,
        channel=graphene.String(required=True, description="Slug of the channel."),
        description="From whom the mails of a channel come, and what they say." + requires(MANAGE_LIVE_SALES),
    )
    live_mail_preview = graphene.Field(
        LiveMailPreview,
        channel=graphene.String(required=True, description="Slug of the channel."),
        template=graphene.Argument(MailTemplateEnum, required=True, description="Which mail."),
        language=graphene.String(required=True, description="In which language."),
        input=graphene.Argument(LiveMailTemplateInput, required=True, description="What it would say."),
        description="A mail as a customer would get it. Nothing is saved or sent." + requires(MANAGE_LIVE_SALES),
    )

    @staticmethod
    @reads
    def resolve_live_mail_settings(_root: Any, info: Any, channel: str) -> MailSettings:
        require(info, MANAGE_LIVE_SALES)
        return actions.settings_of(channel)

    @staticmethod
    @reads
    def resolve_live_mail_preview(
        _root: Any, info: Any, channel: str, template: str, language: str, input: dict[str, str]
    ) -> actions.Preview:
        require(info, MANAGE_LIVE_SALES)
        return actions.preview(channel=channel, template=template, language=language, parts=dict(input), now=now())
