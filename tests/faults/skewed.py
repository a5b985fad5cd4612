"""``python -m tests.faults.skewed MODULE ARGUMENTS``: runs a program whose wall clock the test sets.

``FAULTS_CLOCK`` names a file with the seconds by which the clock is wrong. What measures durations is left alone.
"""

from __future__ import annotations

import contextlib
import datetime
import os
import runpy
import sys
import threading
import time
from pathlib import Path

import time_machine

LOOK_EVERY = 0.05  # seconds


def watch(path: Path) -> None:
    """Follows the file for as long as the process lives.

    The first time that the clock is wrong it is taken over, and never given back: giving it back fails in whichever
    other thread asks for the time at that moment.
    """
    clock: time_machine.Traveller | None = None
    offset = 0.0
    while True:
        wanted = offset
        with contextlib.suppress(OSError, ValueError):
            wanted = float(path.read_text())
        if wanted != offset:
            if clock is None:
                clock = time_machine.travel(datetime.datetime.now(datetime.UTC), tick=True).start()
            clock.shift(wanted - offset)
            offset = wanted
        time.sleep(LOOK_EVERY)


def main() -> None:
    threading.Thread(target=watch, args=(Path(os.environ["FAULTS_CLOCK"]),), daemon=True).start()
    module, sys.argv = sys.argv[1], sys.argv[1:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
