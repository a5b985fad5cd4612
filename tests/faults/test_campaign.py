"""A short campaign: each kind of fault once, some together. `make faults RUNS=n SEED=s` runs long ones."""

from __future__ import annotations

import asyncio

import pytest

from . import campaign, kinds
from .rig import Rig

RUNS = [
    ["gateway_killed", "gateway_drained", "clients_resend"],
    ["redis_emptied", "redis_flushed", "redis_cut", "decider_killed", "celery_killed"],
    ["redis_frozen", "redis_blackholed", "clients_cut_in_a_frame"],
    ["redis_stopped", "clients_half_open"],
    ["postgres_restarted_fast", "postgres_restarted_immediately", "postgres_terminated"],
    ["postgres_cut", "postgres_answers_lost", "postgres_stopped"],
    ["postgres_frozen", "postgres_blackholed", "clients_slow"],
    ["clock_an_hour_ahead", "clock_an_hour_behind"],
]


def test_every_kind_has_its_turn():
    assert sorted(name for names in RUNS for name in names) == sorted(kinds.KINDS)
    planned = {name for seed in range(len(kinds.KINDS)) for name in campaign.plan(seed)}
    assert planned == set(kinds.KINDS)


@pytest.mark.parametrize(("seed", "faults"), list(enumerate(RUNS, 1)), ids=[" and ".join(names) for names in RUNS])
def test_nothing_is_lost_doubled_or_stuck(stack: Rig, seed: int, faults: list[str]):
    result = asyncio.run(campaign.Campaign(stack, seed=seed, faults=faults, quick=True).run())
    again = f"python -m tests.faults --quick --seed {seed} --faults {','.join(faults)}"
    assert result.problems == [], f"{result}; again: {again}"
    assert (result.lost, result.doubled) == (0, 0)
    assert result.sessions > campaign.SESSIONS
    assert result.rounds >= 5
    assert result.acked > 0.9 * result.messages > 1000
