"""``python -m tests.fuzz --seconds N``: every harness for its share of the time, new findings into the corpus.

Inside one process the fuzzer is guided by coverage (atheris). What needs a database or a gateway process is run by
pytest: streams against sockets, and Hypothesis for as long as there is time. ``--minimise`` writes the corpus anew:
the fewest inputs that reach all that is known.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .targets import TARGETS

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
CORPUS = HERE / "corpus"
WORK = ROOT / "var" / "fuzz"
WEIGHTS = {"connections": 4.0, "tokens": 1.5, "sockets": 4.0, "hypothesis": 4.0}  # of the time; others one
LONGEST = 2048  # bytes of an input


def guided(name: str, seconds: int) -> tuple[str, bool]:
    """One target under atheris. What it says, and whether all was well."""
    corpus, work = CORPUS / name, WORK / name
    for folder in (corpus, work):
        folder.mkdir(parents=True, exist_ok=True)
    done = _run(
        name,
        [sys.executable, "-m", "tests.fuzz.guided", name, f"-max_total_time={seconds}", f"-max_len={LONGEST}",
         "-len_control=20", "-print_final_stats=1", f"-artifact_prefix={corpus}/found-", str(work), str(corpus)],
    )  # fmt: skip
    runs = re.findall(r"number_of_executed_units: (\d+)", done.stdout)
    covered = re.findall(r"cov: (\d+) ft: (\d+) corp: (\d+)", done.stdout)
    return (
        f"{name}: {(runs or ['?'])[-1]} runs, edges, features and inputs {(covered or ['?'])[-1]}",
        not done.returncode,
    )


def by_pytest(name: str, seconds: int) -> tuple[str, bool]:
    """Streams against a real gateway, or all Hypothesis tests again and again."""
    began, rounds = time.monotonic(), 0
    environ = {**os.environ, "FUZZ_SECONDS": str(seconds / 2)}  # one half for each transport
    chosen = [str(HERE / "test_sockets.py"), "-k", "any_bytes"]
    if name == "hypothesis":
        environ = {**os.environ, "FUZZ_EXAMPLES": "5"}
        chosen = [str(HERE), "--ignore", str(HERE / "test_sockets.py")]
    told: list[str] = []
    while not rounds or (name == "hypothesis" and time.monotonic() - began < seconds):
        rounds += 1
        command = [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", *chosen]
        done = _run(f"{name}-{rounds}", command, environ)
        told = re.findall(r"\w+, seed .*", done.stdout) or [done.stdout.strip().splitlines()[-1]]
        if done.returncode:
            return f"{name}: round {rounds}: {told}", False
    return f"{name}: {rounds} rounds: " + "; ".join(told), True


def minimise(name: str) -> str:
    """The fewest known inputs that reach everything; what was found once stays."""
    corpus, work = CORPUS / name, WORK / name
    work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        again = Path(folder, "again")  # libFuzzer runs itself by its first argument, in case an input kills it
        again.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tests.fuzz.guided {name} "$@"\n')
        again.chmod(0o755)
        made = Path(folder, "made")
        made.mkdir()
        options = ["-set_cover_merge=1", f"-max_len={LONGEST}"]
        done = _run(
            f"{name}-minimise",
            [sys.executable, "-m", "tests.fuzz.guided", name, *options, str(made), str(corpus), str(work)],
            {**os.environ, "FUZZ_AGAIN": str(again)},
        )
        kept = list(made.iterdir())
        assert kept, done.stdout[-2000:]
        for old in corpus.iterdir():
            if not old.name.startswith("found-"):
                old.unlink()
        for path in kept:
            (corpus / path.name[:16]).write_bytes(path.read_bytes())
    return f"{name}: {len(list(corpus.iterdir()))} inputs"


def _run(
    name: str, command: list[str], environ: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:  # fmt: skip
    WORK.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    (WORK / f"{name}.log").write_text(done.stdout)
    return done


def main() -> int:
    harnesses = [*TARGETS, "sockets", "hypothesis"]
    parser = argparse.ArgumentParser(prog="tests.fuzz", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(harnesses)}; all without")
    parser.add_argument("--seconds", type=int, default=600, help="for everything together")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="harnesses side by side")
    parser.add_argument("--minimise", action="store_true", help="afterwards, write the corpus anew")
    options = parser.parse_args()
    names = options.names or harnesses
    if unknown := set(names) - set(harnesses):
        parser.error(f"no such harness: {', '.join(sorted(unknown))}")
    share = options.seconds * min(options.jobs, len(names)) / sum(WEIGHTS.get(name, 1.0) for name in names)

    def run(name: str) -> bool:
        seconds = max(1, int(share * WEIGHTS.get(name, 1.0)))
        said, well = guided(name, seconds) if name in TARGETS else by_pytest(name, seconds)
        print(said if well else f"FOUND {said}\n  See {WORK.relative_to(ROOT)}/{name}*.log", flush=True)
        return well

    all_well = True
    if options.seconds:
        with ThreadPoolExecutor(options.jobs) as pool:
            all_well = all(list(pool.map(run, sorted(names, key=lambda name: -WEIGHTS.get(name, 1.0)))))
    if options.minimise:
        for name in names:
            if name in TARGETS:
                print(minimise(name), flush=True)
    return 0 if all_well else 1


if __name__ == "__main__":
    sys.exit(main())
