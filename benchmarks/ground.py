"""What benchmarks in the shop stand on: a PostgreSQL that writes to disk, a Redis, programs that answer by the line."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg

from sandbox.runner.services import Postgres, Redis, die_with_parent, tail

ROOT = Path(__file__).resolve().parent.parent


class Ground:
    """Services in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.postgres = Postgres(data_dir=folder / "postgres", durable=True)
        self.redis = Redis(data_dir=folder / "redis")

    def env(self, database: str, **more: str) -> dict[str, str]:
        """The environment of a process of the stand-in shop, as an operator would set it."""
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith(("LIVESALES_", "CELERY_"))},
            "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "sandbox.settings",
            "DATABASE_URL": self.postgres.url(database),
            "REDIS_URL": self.redis.url,
            "LIVESALES_DATA": str(self.folder),
            "LIVESALES_SIGNING_KEYS": "b1:" + "b" * 48,
            "LIVESALES_REDIS_TIMEOUT": "1.0",
            "LOG_LEVEL": "WARNING",
            **more,
        }

    def shop(self, database: str) -> None:
        """A database with the stand-in shop's tables and products and ours, all of ours but the settings empty."""
        self.postgres.create(database)
        for step in (["migrate", "--verbosity=0"], ["populate"]):
            done = subprocess.run(
                [sys.executable, "-m", "django", *step],
                env=self.env(database),
                cwd=ROOT,
                capture_output=True,
                text=True,
            )
            if done.returncode:
                raise RuntimeError(f"django {step[0]} failed:\n{done.stderr[-3000:]}")

    def copy(self, database: str, name: str) -> None:
        with self.connect("postgres") as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{database}"')  # type: ignore[arg-type]

    def connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(self.postgres.url(database), autocommit=True)


@contextlib.contextmanager
def ground() -> Iterator[Ground]:
    """PostgreSQL and Redis, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="livesales-bench-"))
    folder.chmod(0o755)
    made = Ground(folder)
    try:
        made.postgres.start()
        made.redis.start()
        yield made
    finally:
        made.redis.stop()
        made.postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


class Program:
    """A child process that answers each line with a line of JSON, after a first one that says it is ready."""

    def __init__(self, command: list[str], *, env: Mapping[str, str], log: Path, folder: Path = ROOT) -> None:
        self.log = log
        with log.open("ab") as errors:
            self.popen = subprocess.Popen(
                command, env=dict(env), cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                text=True, preexec_fn=die_with_parent,
            )  # fmt: skip
        self.first = self.answer()

    def answer(self) -> Any:
        assert self.popen.stdout is not None
        line = self.popen.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.log.stem} stopped:\n{tail(self.log, 30)}")
        return json.loads(line)

    def ask(self, line: str) -> Any:
        """Raises RuntimeError with the end of its log when it stopped."""
        assert self.popen.stdin is not None
        self.popen.stdin.write(line + "\n")
        self.popen.stdin.flush()
        return self.answer()

    def stop(self) -> None:
        self.popen.terminate()
        self.popen.wait(20)
