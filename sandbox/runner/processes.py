"""Child processes that end with us, whatever happens to us."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from .services import CannotStart, die_with_parent, tail


class Process:
    """One program with its log. ``ready`` is asked until it is true or the program ends."""

    def __init__(
        self,
        *,
        name: str,
        command: list[str],
        env: Mapping[str, str],
        folder: Path,
        log: Path,
        ready: Callable[[], bool] = lambda: True,
    ) -> None:
        self.name, self.command, self.env, self.folder, self.log, self.ready = name, command, env, folder, log, ready
        self.popen: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        return self.popen is not None and self.popen.poll() is None

    def start(self) -> None:
        with open(self.log, "ab") as output:
            self.popen = subprocess.Popen(
                self.command, env=dict(self.env), cwd=self.folder, stdin=subprocess.DEVNULL, stdout=output,
                stderr=output, start_new_session=True, preexec_fn=die_with_parent,
            )  # fmt: skip

    def wait_ready(self, timeout: float = 180.0) -> None:
        """Returns once the program serves. Raises CannotStart with the end of its log."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if not self.running:
                raise CannotStart(f"{self.name} stopped at once. The end of {self.log}:\n{tail(self.log)}")
            if self.ready():
                return
            time.sleep(0.1)
        raise CannotStart(
            f"{self.name} did not answer within {timeout:.0f} s. The end of {self.log}:\n{tail(self.log)}"
        )

    def kill(self) -> None:
        """As a crash does: no chance to tidy up."""
        self._signal(signal.SIGKILL)
        if self.popen:
            self.popen.wait()

    def stop(self, timeout: float = 10.0) -> None:
        self._signal(signal.SIGTERM)
        if self.popen:
            try:
                self.popen.wait(timeout)
            except subprocess.TimeoutExpired:
                self.kill()
        self.popen = None

    def _signal(self, number: int) -> None:
        if self.running and self.popen:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.popen.pid, number)
