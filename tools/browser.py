"""Finds Chromium for the browser tests, and installs it where this may be done.

``python -m tools.browser`` prints where it is. The tests take ``CHROMIUM``, or a Chromium or Chrome on PATH.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def find() -> str | None:
    """The browser's path, or None."""
    if chosen := os.environ.get("CHROMIUM"):
        return chosen
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def install() -> str | None:
    """Installs Debian's package when run as root on Debian or its kin. None where that is not so, or fails."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    print("Installing Chromium for the browser tests …", flush=True)
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"],
    ):
        if subprocess.run(command, env=env, stdout=subprocess.DEVNULL).returncode:
            return None
    return find()


def main() -> int:
    browser = find() or install()
    if browser is None:
        print(
            "BROWSER TESTS CAN'T RUN: there is no Chromium and it can't be installed without root. "
            "Install it, or set CHROMIUM=/path/to/chromium.",
            flush=True,
        )
        return 0
    print(f"Browser tests use {browser}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
