"""The one table by which a membership changes its state, and what is due by the clock. Pure.

Nothing here waits for a timer: a membership whose time has come is read as if it had changed already (``standing``);
beat writes that down later, with the moment at which it was due.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from enum import StrEnum
from typing import Final, Protocol

from ..errors import LiveSalesError

NOTICE_DAYS: Final = (1, 3, 5, 7)  # after the end of the paid period, a renewal that is not paid is asked for again
LEAD: Final = datetime.timedelta(days=3)  # before the end of the paid period the next one is asked for
PAST_DUE: Final = datetime.timedelta(days=NOTICE_DAYS[-1])


class Command(StrEnum):
    TRY = "try"  # a trial begins
    PAY = "pay"  # periods were paid, or given
    FALL_DUE = "fall_due"  # the paid period is over, the next one is not paid
    WAIT = "wait"  # the notices are over, the days of grace begin
    LAPSE = "lapse"
    CANCEL = "cancel"
    CHANGE = "change"  # another plan takes its place
    CARRY = "carry"  # what was left on another plan comes in
    REFUND = "refund"  # what was paid for the time to come was given back


TRANSITIONS: Final = {
    ("new", Command.TRY): "trial",
    ("new", Command.PAY): "active",
    ("new", Command.CARRY): "active",
    ("trial", Command.PAY): "active",
    ("trial", Command.CHANGE): "cancelled",
    ("trial", Command.LAPSE): "lapsed",
    ("trial", Command.CANCEL): "cancelled",
    ("active", Command.PAY): "active",
    ("active", Command.FALL_DUE): "past_due",
    ("active", Command.CANCEL): "cancelled",
    ("active", Command.CHANGE): "cancelled",
    ("active", Command.REFUND): "refunded",
    ("past_due", Command.PAY): "active",
    ("past_due", Command.WAIT): "grace",
    ("past_due", Command.LAPSE): "lapsed",
    ("past_due", Command.CANCEL): "cancelled",
    ("past_due", Command.CHANGE): "cancelled",
    ("past_due", Command.REFUND): "refunded",
    ("grace", Command.PAY): "active",
    ("grace", Command.LAPSE): "lapsed",
    ("grace", Command.CANCEL): "cancelled",
    ("grace", Command.CHANGE): "cancelled",
    ("grace", Command.REFUND): "refunded",
    ("lapsed", Command.PAY): "active",
    ("lapsed", Command.CARRY): "active",
    ("cancelled", Command.PAY): "active",
    ("cancelled", Command.CARRY): "active",
    ("refunded", Command.PAY): "active",
    ("refunded", Command.CARRY): "active",
}

LIVE_STATES: Final = frozenset({"trial", "active", "past_due", "grace"})  # those that carry the privilege
ENDED_STATES: Final = frozenset({"lapsed", "cancelled", "refunded"})


class NotAllowedInState(LiveSalesError):
    """A membership in this state does not allow it."""

    code = "MEMBERSHIP_STATE"


def after(state: str, command: Command) -> str:
    """The state that follows. Raises NotAllowedInState."""
    try:
        return TRANSITIONS[state, command]
    except KeyError:
        raise NotAllowedInState(
            f"A membership that is {state.replace('_', ' ')} can't {command.replace('_', ' ')}.", field="id"
        ) from None


class Row(Protocol):
    """What of a membership the clock needs."""

    state: str
    paid_until: datetime.datetime
    grace_days: int
    ends_with_period: bool


def due(*, state: str, row: Row) -> tuple[Command, datetime.datetime] | None:
    """The next change that comes by itself, and when; None for a state that stays."""
    match state:
        case "trial":
            return (Command.CANCEL if row.ends_with_period else Command.LAPSE), row.paid_until
        case "active":
            return (Command.CANCEL if row.ends_with_period else Command.FALL_DUE), row.paid_until
        case "past_due":
            return (Command.WAIT if row.grace_days else Command.LAPSE), row.paid_until + PAST_DUE
        case "grace":
            return Command.LAPSE, row.paid_until + PAST_DUE + datetime.timedelta(days=row.grace_days)
    return None


def overdue(*, row: Row, now: datetime.datetime) -> Iterator[tuple[Command, datetime.datetime]]:
    """The changes that should have come by ``now``, in order."""
    state = row.state
    while (step := due(state=state, row=row)) is not None and step[1] <= now:
        yield step
        state = after(state, step[0])


def standing(*, row: Row, now: datetime.datetime) -> str:
    """The state in which the membership is at ``now``, whatever was written down."""
    state = row.state
    for command, _ in overdue(row=row, now=now):
        state = after(state, command)
    return state


def entitled(*, row: Row, now: datetime.datetime) -> bool:
    """Whether the privilege holds at ``now``."""
    return standing(row=row, now=now) in LIVE_STATES


def over_at(row: Row) -> datetime.datetime | None:
    """When the privilege ends if nothing happens but time; None where it has ended."""
    state, moment = row.state, None
    while (step := due(state=state, row=row)) is not None:
        state, moment = after(state, step[0]), step[1]
    return moment
