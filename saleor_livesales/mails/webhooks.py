"""What mail providers tell of mails, by Anymail's views: checked, kept once, acted on elsewhere (``members.tracking``).

The views get their secrets from ``LIVESALES_MAIL_WEBHOOKS`` and nothing from the shop's own Anymail settings, and they
tell nobody but us: another plugin's receivers of Anymail's signals don't hear of our mails.
"""

from __future__ import annotations

import datetime
import hashlib
import importlib
import logging
import warnings
from collections.abc import Mapping
from typing import Any, Final

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse

from .. import conf
from . import METADATA
from .models import MailEvent, MailEventKind

logger = logging.getLogger(__name__)

PREFIX: Final = "webhooks/email/"
BODY_LIMIT: Final = 2_000_000  # bytes; providers send at most 1,000 events at once
VIEWS: Final[Mapping[str, str]] = {  # by the name in the address, as Anymail's own addresses have it
    "amazon_ses": "AmazonSESTrackingWebhookView",
    "brevo": "BrevoTrackingWebhookView",
    "mailersend": "MailerSendTrackingWebhookView",
    "mailgun": "MailgunTrackingWebhookView",
    "mailjet": "MailjetTrackingWebhookView",
    "mailtrap": "MailtrapTrackingWebhookView",
    "mandrill": "MandrillCombinedWebhookView",
    "postal": "PostalTrackingWebhookView",
    "postmark": "PostmarkTrackingWebhookView",
    "resend": "ResendTrackingWebhookView",
    "sendgrid": "SendGridTrackingWebhookView",
    "sparkpost": "SparkPostTrackingWebhookView",
    "unisender_go": "UnisenderGoTrackingWebhookView",
}
# Anymail's reasons (its docs, "Normalized reject reason") after which a further mail would fail as this one did.
HARD: Final = frozenset({"invalid", "bounced", "unsubscribed", "spam"})


class _Kept:
    """Stands where a view has Anymail's signal."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    def send(self, sender: Any, event: Any, esp_name: str) -> None:
        self.events.append(event)


def respond(provider: str, request: HttpRequest, *, now: datetime.datetime) -> HttpResponse:
    """Answer a provider. 404: not set up here. 400: its secret or signature is wrong. 2xx: everything is kept."""
    options = conf.load().mail_webhooks.get(provider)
    if provider not in VIEWS or not isinstance(options, dict) or not options:
        return HttpResponse("Not found.", status=404, content_type="text/plain; charset=utf-8")
    # A body whose length is not said could have any. Mandrill tries an address with HEAD first.
    length = request.headers.get("Content-Length") or ("" if request.method == "POST" else "0")
    if not length.isdecimal() or int(length) > BODY_LIMIT:
        return HttpResponse("Too large.", status=413, content_type="text/plain; charset=utf-8")
    kept = _Kept()
    try:
        view = _view(provider, options, kept)
    except Exception as error:  # the extra is missing, or a secret is: the deployment's mistake, told to it alone
        logger.error("LIVESALES_MAIL_WEBHOOKS does not work for %s: %s", provider, type(error).__name__)
        return HttpResponse("Not found.", status=404, content_type="text/plain; charset=utf-8")
    view.setup(request)
    try:
        answer = view.dispatch(request)
    except SuspiciousOperation as error:
        logger.warning("A report of %s was refused: %s", provider, type(error).__name__)
        return HttpResponse("Refused.", status=400, content_type="text/plain; charset=utf-8")
    except Exception as error:  # whatever somebody sends: its text may quote it
        logger.warning("A report of %s could not be read: %s", provider, type(error).__name__)
        return HttpResponse("Not understood.", status=400, content_type="text/plain; charset=utf-8")
    rows = [row for row in (_row(provider, event, now) for event in kept.events) if row is not None]
    MailEvent.objects.bulk_create(rows, ignore_conflicts=True)
    return HttpResponse(answer.content, status=answer.status_code)


def _view(provider: str, options: Mapping[str, Any], kept: _Kept) -> Any:
    """Anymail's view with these secrets. Raises what Anymail does where one is missing or wrong."""
    found = getattr(importlib.import_module(f"anymail.webhooks.{provider}"), VIEWS[provider])
    ours = property(lambda _: kept, lambda _, __: None)  # Mandrill's view sets it by itself
    quiet = type(found.__name__, (found,), {"signal": ours})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", _insecure())  # a view that would let anybody in
        return quiet(**options)


def _insecure() -> type[Warning]:
    from anymail.exceptions import AnymailInsecureWebhookWarning

    found: type[Warning] = AnymailInsecureWebhookWarning
    return found


def _row(provider: str, event: Any, now: datetime.datetime) -> MailEvent | None:
    kind = _kind(event)
    if kind is None:
        return None
    at = event.timestamp or now
    mail = str((event.metadata or {}).get(METADATA) or "")[:64]
    name = event.event_id or f"{event.message_id}/{event.recipient}/{event.event_type}/{at.isoformat()}"
    return MailEvent(
        key=hashlib.sha256(f"{provider}/{name}/{kind}".encode()).hexdigest(),
        mail=mail,
        provider_id=str(event.message_id or "")[:255],
        kind=kind,
        hard=kind == MailEventKind.COMPLAINED or (kind == MailEventKind.BOUNCED and event.reject_reason in HARD),
        address=address_digest(event.recipient or ""),
        at=at,
        received_at=now,
    )


def _kind(event: Any) -> str | None:
    match event.event_type:
        case "delivered":
            return str(MailEventKind.DELIVERED)
        case "opened" | "clicked":
            return str(MailEventKind.OPENED if conf.load().mail_opens else MailEventKind.DELIVERED)
        case "bounced" | "rejected" | "failed":
            return str(MailEventKind.BOUNCED)
        case "complained":
            return str(MailEventKind.COMPLAINED)
    return None  # queued, sent, deferred, subscribed: nothing to be done


def address_digest(address: str) -> str:
    """By which a bounced address is known again; empty for none."""
    return hashlib.sha256(address.strip().lower().encode()).hexdigest() if address.strip() else ""
