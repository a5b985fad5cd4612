"""Answers below ``letters/`` of the plugin's HTTP hook: a batch's file, for a signed address that is good for minutes.

The address is the permission, as a picture's is: it was made for somebody who may print the letters.
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
from . import vault
from .models import BatchState, LetterBatch

logger = logging.getLogger(__name__)

PREFIX: Final = "letters/"
LONGEST: Final = 2000  # characters of a path
SAFE: Final[Mapping[str, str]] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "private, no-store",  # it holds codes
}


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)


def downloadable(batch: LetterBatch) -> bool:
    return batch.state in (BatchState.READY, BatchState.PRINTED) and batch.secret is not None


def address(batch: LetterBatch, kind: str, *, now: datetime.datetime) -> str | None:
    """Where the file can be had for five minutes by whoever knows this; None: it is not there."""
    if not downloadable(batch):
        return None
    token = conf.load().signer.sign(kind="letters", subject=batch.pk, now=now)
    return f"{shop.current().plugin_url()}{PREFIX}{token}/letters.{kind}"


def respond(path: str, *, method: str, now: datetime.datetime) -> Answer:
    """The answer for ``path``, which is what follows ``letters/``. Never raises."""
    if method not in ("GET", "HEAD"):
        return _plain(405, "Only GET and HEAD are answered here.", {"Allow": "GET, HEAD"})
    token, _, name = path.partition("/")
    kind = name.removeprefix("letters.")
    try:
        body = _find(token, kind, now) if len(path) <= LONGEST and kind in vault.KINDS else None
    except (vault.StorageAway, OperationalError, InterfaceError, conf.Misconfigured):
        return _plain(503, "Not available right now.", {"Retry-After": "5"})
    except Exception as error:
        logger.error("Letters could not be served: %s", type(error).__name__)
        return _plain(500, "Something went wrong on our side.")
    if body is None:
        return _plain(404, "Not found.")
    headers = {
        **SAFE,
        "Content-Type": vault.KINDS[kind],
        "Content-Length": str(len(body)),
        "Content-Disposition": f'attachment; filename="letters.{kind}"',
    }
    return Answer(status=200, headers=headers, body=b"" if method == "HEAD" else body)


def _find(token: str, kind: str, now: datetime.datetime) -> bytes | None:
    """None for an address that is forged or too old, and for a file that is gone: which of these is never told."""
    try:
        subject, _ = conf.load().signer.verify(token, kind="letters", now=now)
    except InvalidToken:
        return None
    with shop.current().writer():
        batch = LetterBatch.objects.filter(pk=uuid.UUID(str(subject))).first()
    if batch is None or not downloadable(batch) or batch.secret is None:
        return None
    return vault.get(batch.pk, bytes(batch.secret), kind)


def _plain(status: int, text: str, more: Mapping[str, str] | None = None) -> Answer:
    headers = {"Content-Type": "text/plain; charset=utf-8", **SAFE, **(more or {})}
    return Answer(status=status, headers=headers, body=text.encode())
