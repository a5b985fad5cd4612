"""The one table by which a session changes its state."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from ..errors import LiveSalesError


class Command(StrEnum):
    QUEUE = "queue"  # wait for a rep
    RING = "ring"  # ask one rep
    ACCEPT = "accept"  # a rep takes it
    RELEASE = "release"  # back to the queue: rang out, or its rep is gone
    HOLD = "hold"
    RESUME = "resume"
    END = "end"


TRANSITIONS: Final = {
    ("requested", Command.QUEUE): "queued",
    ("requested", Command.END): "ended",
    ("queued", Command.RING): "ringing",
    ("queued", Command.ACCEPT): "active",  # a rep takes it from the queue
    ("queued", Command.END): "ended",
    ("ringing", Command.ACCEPT): "active",
    ("ringing", Command.RELEASE): "queued",
    ("ringing", Command.END): "ended",
    ("active", Command.RELEASE): "queued",
    ("active", Command.HOLD): "on_hold",
    ("active", Command.END): "ended",
    ("on_hold", Command.RESUME): "active",
    ("on_hold", Command.RELEASE): "queued",
    ("on_hold", Command.END): "ended",
}

OPEN_STATES: Final = frozenset(state for state, _ in TRANSITIONS)
CLAIMED_STATES: Final = frozenset({"ringing", "active", "on_hold"})  # counted in a rep's load


class SessionEnded(LiveSalesError):
    """The session is over: it takes neither messages nor commands."""

    code = "SESSION_ENDED"


class NotAllowedNow(LiveSalesError):
    """The session's state does not allow this command."""

    code = "NOT_ALLOWED_NOW"


def after(state: str, command: Command) -> str:
    """The state that follows. Raises SessionEnded or NotAllowedNow."""
    if state == "ended":
        raise SessionEnded("This session has ended.", field="id")
    try:
        return TRANSITIONS[state, command]
    except KeyError:
        raise NotAllowedNow(f"A session that is {state} can't {command}.", field="id") from None
