"""How long Hypothesis looks: briefly and always alike, or with ``FUZZ_EXAMPLES=n`` n times as long and by chance."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

PHASES = (Phase.explicit, Phase.generate, Phase.shrink)  # to explain what was found takes a slow tracer
TIMES = int(os.environ.get("FUZZ_EXAMPLES", "0"))


def effort(examples: int, *, steps: int = 50) -> settings:
    return settings(
        max_examples=examples * max(1, TIMES),
        stateful_step_count=steps,
        derandomize=not TIMES,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
        phases=PHASES,
    )
