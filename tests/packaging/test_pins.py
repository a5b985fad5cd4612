"""What talks to PostgreSQL and Redis below their libraries' usual calls, with the versions that Saleor pins."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
PINNED = ("psycopg", "psycopg-binary", "redis", "uvloop")
CRITICAL = ("tests/sessions/test_append.py", "tests/gateway/test_plans.py", "tests/gateway/test_relay.py")


def test_messages_are_written_with_the_oldest_versions_that_a_supported_saleor_pins(tmp_path: Path) -> None:
    lines = (HERE / "saleor-3.22.txt").read_text().splitlines()
    pins = [line for line in lines if line.split("==")[0] in PINNED]
    assert len(pins) == len(PINNED)
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(tmp_path), *pins], check=True
    )
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "DJANGO", "COV"))}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *CRITICAL],
        cwd=HERE.parent.parent,
        env={**environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-2000:]
    assert " passed" in run.stdout
