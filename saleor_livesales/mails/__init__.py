"""Mails to customers: from templates that the store can replace, through the deployment's mail server or provider.

A template is a folder of files ``<language>.subject.txt``, ``<language>.txt`` and ``<language>.html`` (Django's
template language; HTML is escaped). Those of the folder ``LIVESALES_MAIL_TEMPLATES`` go before ours, each file by
itself; what the owner wrote in the Dashboard goes before both (``mails.texts``).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from email.utils import parseaddr
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.mail import EmailMultiAlternatives, get_connection

from .. import conf

TIMEOUT: Final = 20  # seconds for the mail server
METADATA: Final = "livesales"  # under which a provider gives a mail's name back
ANYMAIL: Final = "anymail."


def compose(
    *,
    template: str,
    channel: str,
    language: str,
    facts: Mapping[str, Any],
    to: str,
    message_id: str,
    connection: Any,
) -> EmailMultiAlternatives:
    """A mail of text and HTML in the customer's language, or in English, from the channel's sender.

    ``language`` is a code as the shop keeps it (``de``, ``pt-br``); ``message_id`` is what stands before the ``@``, and
    the same for each try. Raises TemplateSyntaxError where the deployment's own file is broken.
    """
    from . import texts  # models: not before Django's apps are ready
    from .models import MailSettings

    settings = conf.load()
    own = MailSettings.objects.filter(channel=channel).first() or MailSettings()
    sender = own.sender or settings.mail_from
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    parts = texts.rendered(template=template, channel=channel, language=language, facts=facts)
    headers = {"Message-ID": f"<{message_id}@{domain}>", "Auto-Submitted": "auto-generated", **idempotency(message_id)}
    if own.unsubscribe:
        headers["List-Unsubscribe"] = f"<{own.unsubscribe}>"
    mail = EmailMultiAlternatives(
        subject=parts["subject"],
        body=parts["text"],
        from_email=sender,
        to=[to],
        reply_to=[own.reply_to] if own.reply_to else None,
        headers=headers,
        connection=connection,
    )
    mail.attach_alternative(parts["html"], "text/html")
    if settings.mail_backend.startswith(ANYMAIL):
        mail.metadata = {METADATA: message_id}  # type: ignore[attr-defined]  # Anymail reads these
        mail.track_opens = settings.mail_opens  # type: ignore[attr-defined]
        mail.track_clicks = False  # type: ignore[attr-defined]  # a redirect would be told the code in the link
    return mail


def idempotency(message_id: str) -> dict[str, str]:
    """The header by which the provider takes the same mail once, where it has one for mails.

    Brevo: developers.brevo.com, "Email API now supports idempotency"; Resend over SMTP: resend.com/docs, "Idempotency
    keys". Resend's API takes it in a header of the request: ``mails.backends``.
    """
    settings = conf.load()
    key = str(uuid.uuid5(uuid.NAMESPACE_URL, f"livesales:{message_id}"))
    if settings.mail_backend.startswith(("anymail.backends.brevo.", "anymail.backends.sendinblue.")):
        return {"idempotencyKey": key}
    if settings.mail_backend.endswith(".smtp.EmailBackend") and "smtp.resend.com" in settings.mail_url:
        return {"Resend-Idempotency-Key": key}
    return {}


def provider_id(mail: EmailMultiAlternatives) -> str:
    """What the provider calls a mail that it took; empty for a mail server."""
    status = getattr(mail, "anymail_status", None)
    known = getattr(status, "message_id", None)
    return known[:255] if isinstance(known, str) else ""


def connect() -> Any:
    """The mail backend of the deployment. ``mail_url`` (``smtp://user:password@host:port?tls=1``, ``smtps://``) is for
    Django's SMTP backend; ``mail_options`` are the arguments of any other, as Anymail's api_key."""
    settings = conf.load()
    if not settings.mail_backend.endswith(".smtp.EmailBackend"):
        options = dict(settings.mail_options)
        if settings.mail_backend.startswith(ANYMAIL):
            options.setdefault("ignore_unsupported_features", True)  # not every provider gives metadata back
        backend = settings.mail_backend
        if backend == "anymail.backends.resend.EmailBackend":
            backend = "saleor_livesales.mails.backends.ResendBackend"
        return get_connection(backend, **options)
    parts = urlsplit(settings.mail_url)
    use_ssl = parts.scheme == "smtps"
    return get_connection(
        settings.mail_backend,
        host=parts.hostname or "localhost",
        port=parts.port or (465 if use_ssl else 25),
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        use_tls=parse_qs(parts.query).get("tls") == ["1"],
        use_ssl=use_ssl,
        timeout=TIMEOUT,
    )
