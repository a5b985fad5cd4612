"""How many files, and so sockets, this process may open. Systems give few at first, and more to whoever asks."""

from __future__ import annotations

import contextlib
import sys

if sys.platform != "win32":
    import resource


def limit() -> int | None:
    """As many as this process may ask for; None: the system sets no limit, or tells of none."""
    if sys.platform == "win32":
        return None
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return None if hard == resource.RLIM_INFINITY else hard


def take_all() -> None:
    """Asks for them. What is not granted is no reason not to start."""
    if sys.platform != "win32" and (hard := limit()) is not None:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
