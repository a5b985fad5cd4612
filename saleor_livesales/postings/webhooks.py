"""What the plugin's HTTP hook answers below ``webhooks/post/``: providers that tell of letters. Checked, kept once,
acted on elsewhere (``tracking``)."""

from __future__ import annotations

import datetime
import hashlib
import logging
from typing import Final

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse

from .. import conf
from ..carriers import BadSignature, Event, Malformed, registry
from .models import PostingEvent

logger = logging.getLogger(__name__)

PREFIX: Final = "webhooks/post/"
BODY_LIMIT: Final = 1_000_000  # bytes; a report holds one letter


def respond(path: str, request: HttpRequest, *, now: datetime.datetime) -> HttpResponse:
    """Answer a provider, ``path`` being what follows the prefix. 404: not set up here. 400: not signed by it, or not
    readable. 204: what it told is kept."""
    try:
        provider = registry.configured().get(path.strip("/"))
    except conf.Misconfigured as error:
        logger.error("%s", error)
        provider = None
    if provider is None:
        return _plain(404, "Not found.")
    if request.method != "POST":
        return _plain(405, "Only POST is answered here.", allow="POST")
    length = request.headers.get("Content-Length") or ""  # not said, it could be any
    if not length.isdecimal() or int(length) > BODY_LIMIT:
        return _plain(413, "Too large.")
    try:
        events = provider.read(request.headers, request.body, now=now)
    except RequestDataTooBig:
        return _plain(413, "Too large.")
    except (BadSignature, Malformed) as error:
        logger.warning("A report of %s was refused: %s, %s", provider.name, type(error).__name__, error.reason)
        return _plain(400, "Refused.")
    PostingEvent.objects.bulk_create([_row(provider.name, event, now) for event in events], ignore_conflicts=True)
    return HttpResponse(status=204)


def _row(provider: str, event: Event, now: datetime.datetime) -> PostingEvent:
    return PostingEvent(
        key=hashlib.sha256(f"{provider}/{event.id}".encode()).hexdigest(),
        provider=provider,
        kind=event.kind,
        reference=event.reference,
        provider_id=event.provider_id,
        at=event.at,
        received_at=now,
    )


def _plain(status: int, text: str, *, allow: str = "") -> HttpResponse:
    answer = HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
    if allow:
        answer["Allow"] = allow
    return answer
