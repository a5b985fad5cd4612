"""Mails of a channel, as the owner sets them."""

from __future__ import annotations

from typing import Any

import graphene

from ... import conf
from ...mails import texts
from ...mails.models import MailSettings
from ..enums import MailTemplateEnum
from ..reading import reads
from ..scalars import shops


class LiveMailTemplate(graphene.ObjectType):
    """Root: ``mails.texts.Text``."""

    template = graphene.Field(MailTemplateEnum, required=True, description="Which mail.")
    language = graphene.String(required=True, description="In which language: ar, de, en, es, fr or pl.")
    subject = graphene.String(required=True, description="The subject, not filled in.")
    text = graphene.String(required=True, description="The text, not filled in.")
    html = graphene.String(required=True, description="The same as HTML, not filled in.")
    own = graphene.Boolean(required=True, description="Whether the store wrote it in the Dashboard.")
    facts = graphene.List(
        graphene.NonNull(graphene.String), required=True, description="What may stand in it between `{{` and `}}`."
    )
    updated_at = graphene.Field(shops("datetime"), description="When the store wrote it.")

    class Meta:
        description = "What a mail says in one language."

    def resolve_own(root: texts.Text, _info: Any) -> bool:
        return root.own is not None

    def resolve_facts(root: texts.Text, _info: Any) -> list[str]:
        return list(texts.FACTS[root.template])

    def resolve_updated_at(root: texts.Text, _info: Any) -> Any:
        return root.own and root.own.updated_at


class LiveMailSettings(graphene.ObjectType):
    """Root: ``mails.models.MailSettings``, unsaved where nothing is set."""

    channel = graphene.String(required=True, description="Slug of the channel.")
    sender = graphene.String(required=True, description="From whom mails come. Empty: the deployment's sender.")
    deployment_sender = graphene.String(required=True, description="From whom they come where no sender is set.")
    reply_to = graphene.String(required=True, description="Where answers go. Empty: to the sender.")
    unsubscribe = graphene.String(
        required=True, description="Address for the header List-Unsubscribe, `https:` or `mailto:`. Empty: no header."
    )
    templates = graphene.List(
        graphene.NonNull(LiveMailTemplate), required=True, description="What the mails say in each language."
    )

    class Meta:
        description = "Mails to the customers of a channel."

    def resolve_deployment_sender(_root: MailSettings, _info: Any) -> str:
        return conf.load().mail_from

    @reads
    def resolve_templates(root: MailSettings, _info: Any) -> list[texts.Text]:
        return texts.all_standing(channel=root.channel)


class LiveMailPreview(graphene.ObjectType):
    """Root: ``mails.actions.Preview``."""

    sender = graphene.String(required=True, description="From whom it comes.")
    subject = graphene.String(required=True, description="The subject.")
    text = graphene.String(required=True, description="The text.")
    html = graphene.String(required=True, description="The HTML. Show it in a sandboxed frame alone.")

    class Meta:
        description = "A mail as a customer would get it, with invented facts."


class LiveMailTemplateInput(graphene.InputObjectType):
    subject = graphene.String(required=True, description="The subject, at most 500 characters.")
    text = graphene.String(required=True, description="The text, at most 20,000 characters.")
    html = graphene.String(required=True, description="The same as HTML, at most 100,000 characters.")

    class Meta:
        description = (
            "What a mail says: text with facts between `{{` and `}}` and with `{% if … %}`, which Django's template "
            "language describes. A sign-in code must stand in text and HTML, and not in the subject."
        )
