"""Who acts on a session. Made in one place from a ticket or a requestor, and passed in everywhere."""

from __future__ import annotations

import uuid
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class VisitorActor:
    """A visitor, known by its ticket."""

    visitor_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class RepActor:
    """Staff that may handle live sales. ``manager``: may also see and end everybody's sessions.

    ``rep_id`` is None for a manager that is no rep.
    """

    rep_id: uuid.UUID | None
    user_id: str
    manager: bool = False


@dataclass(frozen=True, kw_only=True)
class SystemActor:
    """The product itself. ``reason`` is one of ``EndReason``."""

    reason: str


Actor = VisitorActor | RepActor | SystemActor
