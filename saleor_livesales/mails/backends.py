"""Anymail's backends where one needs more than it gives. Imported by its dotted path only where it is used."""

from __future__ import annotations

import uuid
from typing import Any

from anymail.backends.resend import EmailBackend, ResendPayload

from . import METADATA


class ResendBackend(EmailBackend):  # type: ignore[misc]
    """Tells Resend a key by which it takes a mail once (resend.com/docs, "Idempotency keys": 24 hours)."""

    def build_message_payload(self, message: Any, defaults: Any) -> ResendPayload:
        payload = super().build_message_payload(message, defaults)
        name = (getattr(message, "metadata", None) or {}).get(METADATA)
        if name:
            payload.headers["Idempotency-Key"] = str(uuid.uuid5(uuid.NAMESPACE_URL, f"livesales:{name}"))
        return payload
