"""The database's clock, as a process goes by it."""

import datetime

from saleor_livesales.clock import Clock

HOUR = datetime.timedelta(hours=1)


class Mono:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def test_it_goes_by_what_the_database_said_and_by_the_time_that_passed_since():
    mono = Mono()
    clock = Clock(mono)
    there = clock.now() + HOUR
    mono.seconds += 0.5

    ahead = clock.set(there, asked=1000.0)

    assert ahead == 3599.75  # half of the way is the answer's own
    mono.seconds += 60
    assert clock.now() == there + datetime.timedelta(seconds=60.25)
    assert clock.set(there + datetime.timedelta(seconds=61.25), asked=mono.seconds) == 1.0


def test_a_late_answer_sets_nothing():
    mono = Mono()
    clock = Clock(mono)
    before = clock.now()
    mono.seconds += 1.1
    assert clock.set(before + HOUR, asked=1000.0) == 0.0
    assert clock.now() == before + datetime.timedelta(seconds=1.1)
