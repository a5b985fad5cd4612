"""The table of transitions, and what the clock alone does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pytest

from saleor_livesales.members import machine
from saleor_livesales.members.machine import Command, NotAllowedInState
from saleor_livesales.members.models import MembershipState

from .build import NOW, days


@dataclass
class Row:
    state: str
    paid_until: datetime = NOW
    grace_days: int = 5
    ends_with_period: bool = False


def at(row: Row, after: float) -> tuple[str, bool]:
    moment = NOW + days(after)
    return machine.standing(row=row, now=moment), machine.entitled(row=row, now=moment)


JUST = 1 / 86400


def test_an_unpaid_membership_goes_through_notices_and_grace_to_its_end() -> None:
    row = Row("active")
    assert [at(row, after) for after in (-JUST, 0, 7 - JUST, 7, 12 - JUST, 12, 400)] == [
        ("active", True), ("past_due", True), ("past_due", True), ("grace", True), ("grace", True),
        ("lapsed", False), ("lapsed", False),
    ]  # fmt: skip


def test_without_days_of_grace_it_ends_with_the_notices() -> None:
    row = Row("active", grace_days=0)
    assert [at(row, after) for after in (7 - JUST, 7)] == [("past_due", True), ("lapsed", False)]


def test_a_cancelled_one_and_a_trial_end_with_their_time() -> None:
    assert [at(Row("active", ends_with_period=True), after) for after in (-JUST, 0)] == [
        ("active", True), ("cancelled", False)
    ]  # fmt: skip
    assert [at(Row("trial"), after) for after in (-JUST, 0)] == [("trial", True), ("lapsed", False)]
    assert [at(Row("trial", ends_with_period=True), after) for after in (-JUST, 0)] == [
        ("trial", True), ("cancelled", False)
    ]  # fmt: skip


@pytest.mark.parametrize("state", sorted(machine.ENDED_STATES))
def test_what_has_ended_stays_so(state: str) -> None:
    assert at(Row(state), 1000) == (state, False)
    assert [command for command in Command if (state, command) in machine.TRANSITIONS] == [Command.PAY, Command.CARRY]


def test_every_pair_that_is_not_in_the_table_is_refused() -> None:
    states = {"new", *MembershipState.values}
    assert {state for state, _ in machine.TRANSITIONS} == states
    assert set(machine.TRANSITIONS.values()) == states - {"new"}
    refused = 0
    for state in states:
        for command in Command:
            if (state, command) not in machine.TRANSITIONS:
                with pytest.raises(NotAllowedInState):
                    machine.after(state, command)
                refused += 1
    assert refused == len(states) * len(Command) - len(machine.TRANSITIONS)
    assert states - {"new"} == machine.LIVE_STATES | machine.ENDED_STATES
