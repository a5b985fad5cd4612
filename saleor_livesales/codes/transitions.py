"""In which states a code and a printed piece may be, and what leads from one to the next. Nothing else changes them."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from ..errors import LiveSalesError


class Command(StrEnum):
    USE_UP = "use_up"  # its last use was made
    EXPIRE = "expire"  # its time is over
    REVOKE = "revoke"


TRANSITIONS: Final[dict[tuple[str, Command], str]] = {
    ("issued", Command.USE_UP): "used",
    ("issued", Command.EXPIRE): "expired",
    ("issued", Command.REVOKE): "revoked",
    ("used", Command.EXPIRE): "expired",
    ("used", Command.REVOKE): "revoked",  # what it opened is closed
}

PIECES: Final[dict[tuple[str, Command], str]] = {("active", Command.REVOKE): "revoked"}


class NotThisState(LiveSalesError):
    """In its present state this can't be done."""

    code = "NOT_ALLOWED_IN_STATE"


def after(state: str, command: Command, table: dict[tuple[str, Command], str] = TRANSITIONS) -> str:
    """Raises NotThisState."""
    try:
        return table[state, command]
    except KeyError:
        raise NotThisState(f"This is {state}: it can't be done any more.") from None
