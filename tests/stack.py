"""One whole stack for a package of tests, on the sandbox or, with ``LIVESALES_TARGET=saleor``, on a real Saleor.

``SALEOR`` names the checkout, ``DASHBOARD`` a built Saleor Dashboard; without that the stand-in frames the console.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.runner.stack import Stack
from sandbox.runner.targets import Saleor, Sandbox, Target

ON_SALEOR = os.environ.get("LIVESALES_TARGET", "sandbox") == "saleor"


def target() -> Target:
    return Saleor(Path(os.environ.get("SALEOR") or "~/saleor")) if ON_SALEOR else Sandbox()


def dashboard() -> Path | None:
    """A built Dashboard, only on a real Saleor: the stand-in shop lacks what the real Dashboard asks for."""
    if not ON_SALEOR:
        return None
    found = Path(os.environ.get("DASHBOARD") or "~/saleor-dashboard/build").expanduser()
    return found if found.exists() else None


@contextlib.contextmanager
def running(target: Target, *, dashboard: Path | None = None, **environ: str) -> Iterator[Stack]:
    """A stack of its own folder, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="livesales-stack-"))
    folder.chmod(0o755)
    started = Stack(data_dir=folder / "data", target=target, dashboard=dashboard, durable=False, environ=environ)
    try:
        started.start()
        yield started
    finally:
        started.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="package", name="stack")
def whole_stack() -> Iterator[Stack]:
    with running(target(), dashboard=dashboard()) as started:
        yield started
