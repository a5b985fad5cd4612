"""The one table by which a letter changes its state. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from ..errors import LiveSalesError


class Command(StrEnum):
    BATCH = "batch"
    POST = "post"  # it goes by the provider
    UNBATCH = "unbatch"  # its batch could not be drawn
    PRINT = "print"
    HAND_OVER = "hand_over"
    MISS = "miss"  # there is no address
    REFUSE = "refuse"  # nothing can be delivered to the address, or it can't be printed
    FAIL = "fail"  # the provider could not print or mail it
    TAKE_BACK = "take_back"  # the provider gave it back before it was printed
    RETRY = "retry"
    RETURN = "return"  # it came back
    CANCEL = "cancel"


TRANSITIONS: Final = {
    ("queued", Command.BATCH): "batched",
    ("queued", Command.POST): "posting",
    ("queued", Command.CANCEL): "cancelled",
    ("posting", Command.HAND_OVER): "handed_over",
    ("posting", Command.MISS): "no_address",
    ("posting", Command.REFUSE): "bad_address",
    ("posting", Command.FAIL): "failed",
    ("posting", Command.TAKE_BACK): "cancelled",
    ("posting", Command.CANCEL): "cancelled",
    ("batched", Command.UNBATCH): "queued",
    ("batched", Command.MISS): "no_address",
    ("batched", Command.REFUSE): "bad_address",  # it can't be set in the window
    ("batched", Command.PRINT): "printed",
    ("batched", Command.HAND_OVER): "handed_over",
    ("batched", Command.CANCEL): "cancelled",
    ("printed", Command.HAND_OVER): "handed_over",
    ("printed", Command.CANCEL): "cancelled",
    ("no_address", Command.RETRY): "queued",
    ("no_address", Command.CANCEL): "cancelled",
    ("bad_address", Command.RETRY): "queued",
    ("bad_address", Command.CANCEL): "cancelled",
    ("failed", Command.RETRY): "queued",
    ("failed", Command.HAND_OVER): "handed_over",  # it was printed all the same
    ("failed", Command.CANCEL): "cancelled",
    ("handed_over", Command.FAIL): "failed",
    ("handed_over", Command.TAKE_BACK): "cancelled",
    ("handed_over", Command.RETURN): "undeliverable",
}


class NotThisState(LiveSalesError):
    """A letter, or a batch, in this state does not allow it."""

    code = "LETTER_STATE"


def after(state: str, command: Command) -> str:
    """The state that follows. Raises NotThisState."""
    try:
        return TRANSITIONS[state, command]
    except KeyError:
        raise NotThisState(f"This letter is {state.replace('_', ' ')}.", field="id") from None


def sources(command: Command) -> list[str]:
    """The states from which the command leads on."""
    return [state for state, known in TRANSITIONS if known is command]
