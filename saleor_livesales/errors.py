"""The base of every error that a caller of this package may be shown.

Each room declares its own errors beside the action that raises them.
``graphql.errors`` and the gateway turn ``code``, ``field`` and the text into an answer; nothing else is shown.
"""

from __future__ import annotations

from typing import ClassVar


class LiveSalesError(Exception):
    """An expected refusal. ``code`` is part of the public API and appears in ``LiveSalesErrorCode``."""

    code: ClassVar[str] = "INVALID"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class NotFound(LiveSalesError):
    """The thing does not exist, or is not the caller's: both look the same from outside."""

    code = "NOT_FOUND"


class Invalid(LiveSalesError):
    """An argument is malformed, too long, or names something unknown."""

    code = "INVALID"


class PermissionDenied(LiveSalesError):
    """The caller is known and may not do this."""

    code = "PERMISSION_DENIED"
