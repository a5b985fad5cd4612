"""What Lob tells of letters: signed, and in Lob's words."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from . import REFERENCE, BadSignature, Event, EventKind, Malformed

TOLERANCE: Final = 300.0  # seconds between Lob's clock and ours, both ways
SECONDS_BELOW: Final = 100_000_000_000  # a larger number counts milliseconds
KINDS: Final[Mapping[str, EventKind]] = {
    "created": EventKind.ACCEPTED,
    "rendered_pdf": EventKind.ACCEPTED,
    "rendered_thumbnails": EventKind.ACCEPTED,
    "rejected": EventKind.FAILED,
    "failed": EventKind.FAILED,
    "deleted": EventKind.CANCELLED,
    "mailed": EventKind.MAILED,
    "in_transit": EventKind.IN_TRANSIT,
    "in_local_area": EventKind.IN_TRANSIT,
    "international_exit": EventKind.IN_TRANSIT,
    "processed_for_delivery": EventKind.IN_TRANSIT,
    "re-routed": EventKind.IN_TRANSIT,
    "delivered": EventKind.DELIVERED,
    "returned_to_sender": EventKind.RETURNED,
}


def read(headers: Mapping[str, str], body: bytes, *, secrets: Iterable[str], now: datetime.datetime) -> list[Event]:
    """The event of a report, none where it concerns no letter of ours. Raises BadSignature, Malformed."""
    _verify(headers, body, secrets, now)
    try:
        told = json.loads(body)
        kind = KINDS.get(_word(told["event_type"]["id"]))
        name, thing = told["id"], told["body"]
        provider_id = thing.get("id") or told.get("reference_id") or ""
        reference = (thing.get("metadata") or {}).get(REFERENCE) or ""
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Malformed("report") from None
    if not all(isinstance(text, str) for text in (name, provider_id, reference)) or not 0 < len(name) <= 100:
        raise Malformed("report")
    if kind is None or not provider_id.startswith("ltr_"):
        return []
    at = _time(told.get("date_created"), now)
    return [Event(id=name, kind=kind, reference=reference[:64], provider_id=provider_id[:64], at=at)]


def sign(body: bytes, *, timestamp: str, secret: str) -> str:
    """Lob-Signature, in hexadecimal digits: HMAC-SHA256 over Lob-Signature-Timestamp, a dot, and the body."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _verify(headers: Mapping[str, str], body: bytes, secrets: Iterable[str], now: datetime.datetime) -> None:
    timestamp, signature = headers.get("Lob-Signature-Timestamp", ""), headers.get("Lob-Signature", "")
    if not re.fullmatch(r"[0-9]{9,14}", timestamp):
        raise BadSignature("timestamp")
    at = int(timestamp) / (1 if int(timestamp) < SECONDS_BELOW else 1000)
    if abs(now.timestamp() - at) > TOLERANCE:
        raise BadSignature("timestamp")
    good = [
        hmac.compare_digest(sign(body, timestamp=timestamp, secret=secret).encode(), signature.encode())
        for secret in secrets
    ]
    if not any(good):
        raise BadSignature("signature")


def _word(kind: str) -> str:
    """``letter.certified.in_transit`` and ``letter.in_transit`` are the same to us; a return envelope's are not."""
    resource, _, word = kind.partition(".")
    return word.removeprefix("certified.") if resource == "letter" else ""


def _time(value: Any, now: datetime.datetime) -> datetime.datetime:
    try:
        at = datetime.datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return now
    return at if at.tzinfo else at.replace(tzinfo=datetime.UTC)
