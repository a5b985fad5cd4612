"""What the plugin answers under /plugins/saleor.livesales/: the built widget and console, pictures of sessions,
providers that tell of mails, payments and letters, and Saleor that asks for a refund."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from saleor.core.db.connection import allow_writer
from saleor.plugins.error_codes import PluginErrorCode

from .. import conf
from ..dashboard import serve
from ..fees import STRIPE_KEY, STRIPE_WEBHOOK_SECRET
from ..fees import events as fee_events
from ..letters import serve as letters
from ..mails import webhooks as mail_webhooks
from ..pictures import serve as pictures
from ..postings import webhooks as post_webhooks
from . import refunds
from .names import REFUNDS
from .registration import public_url

DASHBOARDS: Final = "Dashboard addresses"


def answer(
    request: HttpRequest, path: str, *, active: bool, configuration: Iterable[Mapping[str, Any]]
) -> HttpResponse:
    """Saleor calls this for any method, and on one of its three paths for inactive plugins as well: checked here.

    The body of a request is read for what providers tell, and for nothing else.
    """
    if not active:
        return HttpResponse("Not found.", status=404, content_type="text/plain; charset=utf-8")
    path = path.removeprefix("/")
    if path.startswith(pictures.PREFIX):
        shown = pictures.respond(
            path.removeprefix(pictures.PREFIX), method=request.method or "", now=datetime.datetime.now(datetime.UTC)
        )
        return HttpResponse(shown.body, status=shown.status, headers=dict(shown.headers))
    if path.startswith(mail_webhooks.PREFIX):
        provider = path.removeprefix(mail_webhooks.PREFIX).strip("/")
        with allow_writer():
            return mail_webhooks.respond(provider, request, now=datetime.datetime.now(datetime.UTC))
    if path.startswith(letters.PREFIX):
        file = letters.respond(
            path.removeprefix(letters.PREFIX), method=request.method or "", now=datetime.datetime.now(datetime.UTC)
        )
        return HttpResponse(file.body, status=file.status, headers=dict(file.headers))
    if path.startswith(fee_events.PREFIX):
        provider = path.removeprefix(fee_events.PREFIX).strip("/")
        with allow_writer():
            return fee_events.respond(provider, request, now=datetime.datetime.now(datetime.UTC))
    if path == REFUNDS:
        with allow_writer():
            return refunds.respond(request, now=datetime.datetime.now(datetime.UTC))
    if path.startswith(post_webhooks.PREFIX):
        provider = path.removeprefix(post_webhooks.PREFIX)
        with allow_writer():
            return post_webhooks.respond(provider, request, now=datetime.datetime.now(datetime.UTC))
    found = serve.respond(
        path,
        api_url=f"{public_url()}{reverse('api')}",
        frame_ancestors=dashboards(configuration),
        method=request.method or "",
        if_none_match=request.headers.get("If-None-Match", ""),
        accept_encoding=request.headers.get("Accept-Encoding", ""),
        query=request.META.get("QUERY_STRING", ""),
    )
    return HttpResponse(found.body, status=found.status, headers=dict(found.headers))


def dashboards(configuration: Iterable[Mapping[str, Any]]) -> list[str]:
    """The origins that may frame the console: what the owner set, and what the deployment's environment says."""
    try:
        deployment = conf.load().dashboard_origins
    except conf.Misconfigured:  # `livesales check` says so; the console's own page needs none of it
        deployment = ()
    return serve.origins([*_addresses(configuration), *deployment])


def _addresses(configuration: Iterable[Mapping[str, Any]]) -> list[str]:
    text = next((item["value"] for item in configuration if item["name"] == DASHBOARDS), "") or ""
    return str(text).replace(",", " ").split()


def validate(configuration: Iterable[Mapping[str, Any]]) -> None:
    """Raises ValidationError with a sentence that says what is wrong."""
    for part in _addresses(configuration):
        if not serve.origins([part]):
            raise _wrong(DASHBOARDS, f"{part!r} is not an address. Give for example https://dashboard.example.com.")
    given = {item["name"]: str(item["value"] or "").strip() for item in configuration}
    key, secrets = given.get(STRIPE_KEY, ""), given.get(STRIPE_WEBHOOK_SECRET, "").replace(",", " ").split()
    if key and not (key.startswith(("sk_", "rk_")) and key.isascii() and key.isprintable() and " " not in key):
        raise _wrong(STRIPE_KEY, "This is not a secret key of Stripe: these begin with sk_ or rk_.")
    if any(not (secret.startswith("whsec_") and secret.isascii()) for secret in secrets):
        raise _wrong(STRIPE_WEBHOOK_SECRET, "This is not the secret of an endpoint at Stripe: these begin with whsec_.")


def _wrong(name: str, message: str) -> ValidationError:
    return ValidationError({name: ValidationError(message, code=PluginErrorCode.INVALID.value)})
