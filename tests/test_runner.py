"""What a newcomer meets who starts the demo: each obstacle is a sentence, and nothing is left running."""

from __future__ import annotations

import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from sandbox.runner import services, stack
from sandbox.runner.targets import Sandbox

COMMAND = [sys.executable, "-m", "sandbox.runner"]
PORTS = 9


def base() -> int:
    """A run of ports that are free just now, from below those that ``free_port`` gives to the tests beside this one.

    At random: another worker looks for one at the same time.
    """
    for candidate in random.sample(range(12_000, 19_900, PORTS), 200):
        if all(services.port_is_free(candidate + number) for number in range(PORTS)):
            return candidate
    raise AssertionError("No free ports")


@pytest.fixture
def environ(tmp_path: Path) -> Iterator[dict[str, str]]:
    folder = Path("/var/tmp") / f"livesales-test-{os.getpid()}"
    yield {**os.environ, "LIVESALES_DATA": str(folder), "LIVESALES_PORT_BASE": str(base()), "PYTHONUNBUFFERED": "1"}
    subprocess.run([*COMMAND, "reset"], env={**os.environ, "LIVESALES_DATA": str(folder)}, check=True)


def start(environ: dict[str, str]) -> tuple[subprocess.Popen[str], dict[str, str]]:
    """The demo, and the addresses that it prints."""
    demo = subprocess.Popen([*COMMAND, "up"], env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said, urls = [], {}
    assert demo.stdout
    for line in demo.stdout:
        said.append(line)
        if found := re.fullmatch(r"(\w+): (\w+://\S+)\n", line):
            urls[found[1]] = found[2]
        if line.startswith("Ready after"):
            return demo, urls
    raise AssertionError("".join(said))


def refused(environ: dict[str, str], *arguments: str) -> str:
    done = subprocess.run([*COMMAND, "up", *arguments], env=environ, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    return done.stderr.strip()


def test_start_twice_stop_and_start_again(environ):
    # when
    demo, urls = start(environ)

    # then: one line for each address, and something answers there
    assert list(urls) == ["storefront", "console", "graphql", "gateway", "mail"]
    for name in ("storefront", "console", "graphql", "mail"):
        with urllib.request.urlopen(urls[name], timeout=10) as answer:
            assert answer.status == 200

    # when: it is started a second time
    # then
    assert refused(environ) == (
        f"It is running already, as process {demo.pid} (storefront {urls['storefront']}). "
        "Stop that one with Ctrl-C first."
    )

    # when: Ctrl-C
    children = psutil.Process(demo.pid).children(recursive=True)
    assert len(children) >= 9
    demo.send_signal(signal.SIGINT)
    assert demo.wait(30) == 0

    # then: nothing runs, and the ports are free
    assert [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE] == []
    first = int(environ["LIVESALES_PORT_BASE"])
    assert all(services.port_is_free(first + number) for number in range(PORTS))

    # when: it is started again, and killed without a chance to tidy up
    demo, _ = start(environ)
    children = psutil.Process(demo.pid).children(recursive=True)
    demo.kill()
    demo.wait()

    # then: its processes end with it
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and any(map(alive, children)):
        time.sleep(0.2)
    assert [child.name() for child in children if alive(child)] == []


def alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_port_that_is_taken_is_named(environ):
    with socket.socket() as taken:
        port = int(environ["LIVESALES_PORT_BASE"]) + 3
        taken.bind(("127.0.0.1", port))
        taken.listen()
        assert refused(environ) == (
            f"Port {port}, which gateway needs, is taken. Stop what uses it, or choose other ports: "
            "LIVESALES_PORT_BASE=9300 make demo takes 9300 and the eight after it."
        )


def test_a_folder_that_is_no_saleor_is_named(environ, tmp_path):
    assert refused(environ, "--saleor", str(tmp_path)) == (
        f"{tmp_path} is no checkout of Saleor: there is no saleor/settings.py in it. Give SALEOR=<its folder>."
    )


def test_a_disk_that_is_full_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(stack, "MIN_FREE_BYTES", 2**62)
    shop = stack.Stack(data_dir=tmp_path / "data", target=Sandbox())
    with pytest.raises(services.CannotStart, match=r"MB free where .* is; it takes .* Free some room"):
        shop.start()
