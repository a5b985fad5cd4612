"""Answers below ``pictures/`` of the plugin's HTTP hook: a picture for a signed address that is good for minutes.

The address is the permission: it was made for somebody who may see the picture (docs/adr/0014). The body is one of our
own WebP files, and is told to be nothing else.
"""

from __future__ import annotations

import datetime
import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from django.db import InterfaceError, OperationalError

from .. import conf, shop
from ..tokens import InvalidToken
from . import images, vault
from .models import Picture

logger = logging.getLogger(__name__)

PREFIX: Final = "pictures/"
LONGEST: Final = 2000  # characters of a path
SAFE: Final[Mapping[str, str]] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # Opened by itself it runs nothing, loads nothing, and is of no origin.
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Robots-Tag": "noindex",
}


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def address(picture_id: uuid.UUID, size: vault.Size, *, now: datetime.datetime) -> str:
    """Where the picture can be had for ``conf.picture_link`` seconds by whoever knows this."""
    settings = conf.load()
    lifetime = datetime.timedelta(seconds=settings.picture_link)
    token = settings.signer.sign(kind="picture", subject=picture_id, now=now, lifetime=lifetime)
    return f"{shop.current().plugin_url()}{PREFIX}{token}/{size}"


def respond(path: str, *, method: str, now: datetime.datetime) -> Answer:
    """The answer for ``path``, which is what follows ``pictures/``. Never raises."""
    if method not in ("GET", "HEAD"):
        return _plain(405, "Only GET and HEAD are answered here.", {"Allow": "GET, HEAD"})
    token, _, size = path.partition("/")
    try:
        body = _find(token, size, now) if len(path) <= LONGEST else None
    except (vault.StorageAway, OperationalError, InterfaceError, conf.Misconfigured):
        return _plain(503, "Not available right now.", {"Retry-After": "5"})
    except Exception as error:
        logger.error("A picture could not be served: %s", type(error).__name__, exc_info=error)
        return _plain(500, "Something went wrong on our side.")
    if body is None:
        return _plain(404, "Not found.")
    headers = {
        **SAFE,
        "Content-Type": images.CONTENT_TYPE,
        "Content-Length": str(len(body)),
        "Content-Disposition": 'inline; filename="picture.webp"',
        "Cache-Control": f"private, max-age={conf.load().picture_link}, immutable",
        "Cross-Origin-Resource-Policy": "cross-origin",  # the storefront is another site; the address is the permission
    }
    return Answer(status=200, headers=headers, body=b"" if method == "HEAD" else body)


def _find(token: str, size: str, now: datetime.datetime) -> bytes | None:
    """None for an address that is forged or too old, and for a picture that is gone: which of these is never told."""
    try:
        picture_id, _ = conf.load().signer.verify(token, kind="picture", now=now)
    except InvalidToken:
        return None
    with shop.current().writer():
        sent = Picture.objects.filter(pk=picture_id, number__isnull=False, session__isnull=False)
        picture = sent.first() if size in vault.SIZES else None
    return None if picture is None else vault.get(picture, size)  # type: ignore[arg-type]  # one of SIZES


def _plain(status: int, text: str, extra: Mapping[str, str] | None = None) -> Answer:
    body = text.encode()
    headers = {**SAFE, "Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(body))}
    return Answer(status=status, headers={**headers, "Cache-Control": "no-store", **(extra or {})}, body=body)
