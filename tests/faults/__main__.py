"""``python -m tests.faults --runs N --seed S``: long campaigns. ``--summary``: the tables of docs/faults.md."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import time
from pathlib import Path

from . import campaign, summary
from .rig import rig

RESULTS = Path(__file__).parent / "results.json"


def load() -> dict[int, dict]:
    return {run["seed"]: run for run in json.loads(RESULTS.read_text())} if RESULTS.exists() else {}


def keep(run: dict) -> None:
    found = load() | {run["seed"]: run}
    partial = RESULTS.with_suffix(".new")
    lines = ",\n".join(json.dumps(found[seed]) for seed in sorted(found))
    partial.write_text(f"[\n{lines}\n]\n")
    partial.replace(RESULTS)


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.faults")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1, help="of the first run; the next has the next number")
    parser.add_argument("--faults", default="", help="instead of the seed's own, separated by commas")
    parser.add_argument("--keep", action="store_true", help="write results.json; runs that are in it are left out")
    parser.add_argument("--quick", action="store_true", help="shorter faults, as in CI")
    parser.add_argument("--summary", action="store_true", help="only write results.json into docs/faults.md")
    options = parser.parse_args()
    if options.summary:
        summary.write(list(load().values()))
        return 0
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that nothing is left running
    done = load() if options.keep else {}
    seeds = [seed for seed in range(options.seed, options.seed + options.runs) if seed not in done]
    failed = []
    began = time.monotonic()
    if not seeds:
        return 0
    with rig() as stack:
        for seed in seeds:
            faults = [name for name in options.faults.split(",") if name] or campaign.plan(seed)
            run = campaign.Campaign(stack, seed=seed, faults=faults, quick=options.quick)
            try:
                result = asyncio.run(run.run())
            except Exception as error:  # told with the others; the next run begins on a rig that was healed
                result = run.result
                result.problems.append(f"the run broke off: {error!r}")
            print(
                f"{seed}: {', '.join(faults)}: {result.messages} messages, {result.acked} acked, {result.lost} lost, "
                f"{result.doubled} doubled, {result.rounds} rounds, {result.rate}/s, back after {result.recovery} s, "
                f"{result.seconds} s in all",
                flush=True,
            )
            if options.keep:
                keep(result.as_dict())
            if result.problems:
                failed.append(seed)
                print(f"  {result.notes} {result.counts}")
                for problem in result.problems:
                    print(f"  {problem}")
                print(f"  Again: make faults RUNS=1 SEED={seed}", flush=True)
    print(f"{len(seeds)} runs in {time.monotonic() - began:.0f} s, {len(failed)} failed: {failed}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
