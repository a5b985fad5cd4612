"""What the owner sets for the mails of a channel: from whom they come, and what they say."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formataddr, getaddresses
from typing import Any, Final
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from .. import conf
from ..channels.rows import channel_named
from ..errors import Invalid
from . import texts
from .models import MailSettings, MailTemplate

ADDRESS_LIMIT: Final = 254  # characters, as the columns
UNSUBSCRIBE_LIMIT: Final = 500
FIELDS: Final = {"sender": "sender", "reply_to": "replyTo", "unsubscribe": "unsubscribe"}


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A mail as a customer would get it, with invented facts."""

    sender: str
    subject: str
    text: str
    html: str


def settings_of(channel: str) -> MailSettings:
    """What is set; an unsaved row where nothing is. Raises NotFound for a channel that the shop does not have."""
    slug = channel_named(channel).slug
    return MailSettings.objects.filter(channel=slug).first() or MailSettings(channel=slug)


def update(
    *, channel: str, changes: Mapping[str, Any], actor_user_id: str | None, now: datetime.datetime
) -> MailSettings:
    """Set what ``changes`` names, leave the rest; empty is the deployment's own.

    Raises NotFound for a channel that the shop does not have, Invalid with the field; nothing is changed then.
    """
    slug = channel_named(channel).slug
    values = {name: _checked(name, value) for name, value in changes.items()}
    defaults = {**values, "updated_at": now, "updated_by": actor_user_id or ""}
    return MailSettings.objects.update_or_create(channel=slug, defaults=defaults)[0]


def _checked(name: str, value: Any) -> str:
    field = FIELDS[name]
    text = (value or "").strip()
    if any(not character.isprintable() for character in text):
        raise Invalid("This must be one line.", field=field)
    return _unsubscribe(text) if name == "unsubscribe" else _address(text, field)


def _address(text: str, field: str) -> str:
    if not text:
        return ""
    pairs = getaddresses([text])
    try:
        [(name, address)] = pairs
        validate_email(address)
    except (ValueError, ValidationError):
        raise Invalid("Write one address: live@shop.example or Shop <live@shop.example>.", field=field) from None
    whole = formataddr((name, address))
    if len(whole) > ADDRESS_LIMIT:
        raise Invalid(f"At most {ADDRESS_LIMIT} characters.", field=field)
    return whole


def _unsubscribe(text: str) -> str:
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        fits = (parts.scheme == "https" and bool(parts.hostname)) or (parts.scheme == "mailto" and "@" in parts.path)
    except ValueError:
        fits = False
    if not fits or len(text) > UNSUBSCRIBE_LIMIT or any(character in "<> ," for character in text):
        raise Invalid("Give an address that begins with https:// or mailto:.", field="unsubscribe")
    return text


def write(
    *,
    channel: str,
    template: str,
    language: str,
    parts: Mapping[str, str],
    actor_user_id: str | None,
    now: datetime.datetime,
) -> texts.Text:
    """Set what a mail says; ``parts`` are subject, text and html.

    Raises NotFound, Invalid with the part as the field.
    """
    slug = channel_named(channel).slug
    texts.check_names(template, language)
    texts.check(template=template, parts=parts)
    MailTemplate.objects.update_or_create(
        channel=slug,
        template=template,
        language=language,
        defaults={**parts, "updated_at": now, "updated_by": actor_user_id or ""},
    )
    return texts.standing(template=template, channel=slug, language=language)


def reset(*, channel: str, template: str, language: str) -> texts.Text:
    """Say again what the deployment's file says, or ours. Raises NotFound, Invalid."""
    slug = channel_named(channel).slug
    texts.check_names(template, language)
    with transaction.atomic():
        MailTemplate.objects.filter(channel=slug, template=template, language=language).delete()
        return texts.standing(template=template, channel=slug, language=language)


def preview(*, channel: str, template: str, language: str, parts: Mapping[str, str], now: datetime.datetime) -> Preview:
    """What a customer would get, were ``parts`` saved. Raises as ``write`` does."""
    settings = settings_of(channel)
    texts.check_names(template, language)
    texts.check(template=template, parts=parts)
    facts = {
        "name": "Ada Lovelace",
        "plan": "Gold",
        "code": "XXXX-XXXX-XXX",
        "order": "1042",
        "until": now + datetime.timedelta(days=30),
        "link": "https://shop.example.com/",
        "over": False,
        "trial": False,
        "card": "",
        "refused": False,
        "again": False,
    }
    known = {name: facts[name] for name in texts.FACTS[template]}
    filled = {kind: texts.fill(kind=kind, source=source, facts=known) for kind, source in parts.items()}
    return Preview(sender=settings.sender or conf.load().mail_from, **filled)
