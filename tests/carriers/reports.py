"""Reports as Lob sends them, for tests of this room and of post."""

from __future__ import annotations

import datetime
import json

from saleor_livesales.carriers.lob_events import sign

from . import spec

NOW = datetime.datetime(2026, 11, 24, 12, tzinfo=datetime.UTC)
SECRET = "whsec-of-tests"


def report(
    kind: str, letter: str, *, reference: str = "", event: str = "evt_1", at: str = "2026-11-24T11:00:00.000Z"
) -> bytes:
    """An event about a letter, with Lob's example of one."""
    example = spec.at("components", "mediaTypes", "letter", "application/json", "example")
    return json.dumps(
        {
            "id": event,
            "body": {**example, "id": letter, "metadata": {"livesales": reference} if reference else {}},
            "reference_id": letter,
            "event_type": {"id": kind, "enabled_for_test": False, "resource": "letters", "object": "event_type"},
            "date_created": at,
            "object": "event",
        }
    ).encode()


def signed(
    body: bytes, *, secret: str = SECRET, now: datetime.datetime = NOW, off: float = 0, unit: int = 1000
) -> dict[str, str]:
    """The headers of a report that was sent ``off`` seconds after ``now``."""
    timestamp = str(int((now.timestamp() + off) * unit))
    return {"Lob-Signature-Timestamp": timestamp, "Lob-Signature": sign(body, timestamp=timestamp, secret=secret)}
