"""``python -m sandbox.runner up`` starts the demo in the foreground; ``reset`` drops its data."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from .services import CannotStart
from .stack import Ports, Stack, default_data_dir
from .targets import Saleor, Sandbox, Target

PORT_BASE = 8300


class Stop(BaseException):
    """Somebody wants us to end."""


def say(text: str) -> None:
    print(f"  {text} …", flush=True)


def target_from(saleor: str) -> Target:
    return Saleor(Path(saleor)) if saleor else Sandbox()


def up(options: argparse.Namespace) -> int:
    def end(number: int, frame: FrameType | None) -> None:
        raise Stop

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    began = time.monotonic()
    stack: Stack | None = None
    code = 0
    try:
        target = target_from(options.saleor)
        base = int(os.environ.get("LIVESALES_PORT_BASE", PORT_BASE))
        stack = Stack(
            data_dir=default_data_dir(f"demo-{target.name}"), target=target, ports=Ports.from_base(base), say=say,
            dashboard=Path(options.dashboard).expanduser().resolve() if options.dashboard else None,
        )  # fmt: skip
        stack.start()
        for name, url in stack.urls.items():
            print(f"{name}: {url}")
        print("logins: " + ", ".join(f"{email} ({role})" for role, email in stack.logins.items()))
        print(f"password of each: {stack.password}")
        print(
            f"Ready after {time.monotonic() - began:.0f} s. Ctrl-C stops everything; the data stays for the next start."
        )
        sys.stdout.flush()
        while True:
            time.sleep(1)
            if failed := stack.failed():
                raise CannotStart(f"{failed.name} ended by itself; its log is {failed.log}.")
    except CannotStart as problem:
        print(f"\n{problem}", file=sys.stderr)
        code = 1
    except Stop:
        print("\n  Stopping …", flush=True)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        if stack:
            stack.stop()
    return code


def reset(options: argparse.Namespace) -> int:
    """Drops the data of both shops, unless one runs."""
    import fcntl

    for name in ("demo-sandbox", "demo-saleor"):
        folder = default_data_dir(name)
        if not folder.exists():
            continue
        with open(folder / "lock", "a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                print(f"{name} is running: stop it with Ctrl-C first.", file=sys.stderr)
                return 1
            shutil.rmtree(folder)
        print(f"  Dropped {folder}")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="sandbox.runner")
    commands = parser.add_subparsers(dest="command", required=True)
    start = commands.add_parser("up", help="start the demo")
    start.add_argument("--saleor", default="", help="a checkout of Saleor to run on, instead of the stand-in shop")
    start.add_argument("--dashboard", default="", help="a built Saleor Dashboard to serve, instead of the stand-in")
    start.set_defaults(run=up)
    commands.add_parser("reset", help="drop the demo's data").set_defaults(run=reset)
    options = parser.parse_args()
    return int(options.run(options))


if __name__ == "__main__":
    sys.exit(main())
