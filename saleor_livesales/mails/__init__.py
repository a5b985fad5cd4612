"""Mails to customers: from templates that the store can replace, through the deployment's mail server.

A template is a folder of files ``<language>.subject.txt``, ``<language>.txt`` and ``<language>.html`` (Django's
template language; HTML is escaped). Those of the folder ``LIVESALES_MAIL_TEMPLATES`` go before ours, each file by
itself.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from email.utils import parseaddr
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.mail import EmailMultiAlternatives, get_connection
from django.template import Context, Engine, TemplateDoesNotExist

from .. import conf

TIMEOUT: Final = 20  # seconds for the mail server
OURS: Final = Path(__file__).parent / "templates"
FALLBACK: Final = "en"


@functools.lru_cache(maxsize=4)
def _engine(folder: str) -> Engine:
    return Engine(dirs=[folder, str(OURS)] if folder else [str(OURS)])


def compose(
    *, template: str, language: str, facts: Mapping[str, Any], to: str, message_id: str, connection: Any
) -> EmailMultiAlternatives:
    """A mail of text and HTML in the customer's language, or in English.

    ``language`` is a code as the shop keeps it (``de``, ``pt-br``); ``message_id`` is what stands before the ``@``, and
    the same for each try. Raises TemplateSyntaxError where the store's own template is broken.
    """
    sender = conf.load().mail_from
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    parts = {kind: _render(template, language, kind, facts) for kind in ("subject.txt", "txt", "html")}
    mail = EmailMultiAlternatives(
        subject=" ".join(parts["subject.txt"].split()),
        body=parts["txt"],
        from_email=sender,
        to=[to],
        headers={"Message-ID": f"<{message_id}@{domain}>", "Auto-Submitted": "auto-generated"},
        connection=connection,
    )
    mail.attach_alternative(parts["html"], "text/html")
    return mail


def _render(template: str, language: str, kind: str, facts: Mapping[str, Any]) -> str:
    engine = _engine(conf.load().mail_templates)
    code = language.lower().replace("_", "-")
    for wanted in dict.fromkeys([code, code.partition("-")[0], FALLBACK]):
        try:
            found = engine.get_template(f"{template}/{wanted}.{kind}")
        except TemplateDoesNotExist:
            continue
        return found.render(Context(dict(facts), autoescape=kind == "html"))
    raise TemplateDoesNotExist(f"{template}/{FALLBACK}.{kind}")


def connect() -> Any:
    """The mail backend of the deployment. ``mail_url`` (``smtp://user:password@host:port?tls=1``, ``smtps://``) is for
    Django's SMTP backend; others bring settings of their own."""
    settings = conf.load()
    if not settings.mail_backend.endswith(".smtp.EmailBackend"):
        return get_connection(settings.mail_backend)
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
