"""``make check``: all that must hold before a change lands, each with the command that mends it."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
ENV = {
    **os.environ,
    "PATH": os.pathsep.join([str(Path(PYTHON).parent), os.environ.get("PATH", "")]),
    "DJANGO_SETTINGS_MODULE": "sandbox.settings",
    "LIVESALES_SIGNING_KEYS": "check:" + "c" * 48,
    "DATABASE_URL": os.environ.get("DATABASE_URL", "postgres://check@127.0.0.1:1/check"),
    "REDIS_URL": os.environ.get("REDIS_URL", "redis://127.0.0.1:1/0"),
    "PYTHONWARNINGS": "ignore::RuntimeWarning",
}

# name, command, what to do when it fails
CHECKS: list[tuple[str, list[str], str]] = [
    ("format", [PYTHON, "-m", "ruff", "format", "--check", "-q", "."], "make format"),
    ("lint", [PYTHON, "-m", "ruff", "check", "-q", "."], "make format, and mend the rest by hand"),
    ("types", [PYTHON, "-m", "mypy"], "mend the types"),
    ("imports", ["lint-imports", "--no-cache"], "see the rooms in docs/architecture.md"),
    (
        "migrations",
        [PYTHON, "-m", "django", "makemigrations", "--check", "--dry-run", "saleor_livesales"],
        "python -m django makemigrations saleor_livesales",
    ),
    ("GraphQL schema", [PYTHON, "-m", "tools.print_schema", "--check"], "make build, and commit"),
    ("wire types", [PYTHON, "-m", "tools.wire_types", "--check"], "make build, and commit"),
    ("TypeScript", [PYTHON, "-m", "tools.node", "tsc", "--noEmit"], "mend the types"),
    ("built files", [PYTHON, "-m", "tools.node", "tools/build.mjs", "--check"], "make build, and commit"),
]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("only", nargs="*", help="names of checks; all without")
    wanted = parser.parse_args().only
    failed = []
    for name, command, mend in CHECKS:
        if wanted and name not in wanted:
            continue
        began = time.monotonic()
        done = subprocess.run(command, cwd=ROOT, env=ENV, capture_output=True, text=True)
        print(f"{'ok    ' if not done.returncode else 'FAILED'} {name} ({time.monotonic() - began:.0f} s)", flush=True)
        if done.returncode:
            failed.append(name)
            print((done.stdout + done.stderr).strip()[-6000:])
            print(f"To mend it: {mend}\n", flush=True)
    print(f"{len(failed)} of the checks failed: {', '.join(failed)}" if failed else "All checks hold.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
