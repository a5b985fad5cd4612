"""The stack that the campaign breaks: two gateways, and every way to PostgreSQL and Redis can be cut."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import psycopg

from sandbox.runner import services
from sandbox.runner.processes import Process
from sandbox.runner.stack import Stack, answers
from sandbox.runner.targets import ROOT, Sandbox

from .proxy import Proxies, Proxy

GATEWAYS = ("gateway", "gateway-b")
SETTINGS = {
    # Hundreds of people at one address, who write without a pause.
    "LIVESALES_MESSAGES_PER_MINUTE": "100000",
    "LIVESALES_EVENTS_PER_MINUTE": "100000",
    "LIVESALES_MESSAGES_PER_NETWORK": "1000000",
    "LIVESALES_EVENTS_PER_NETWORK": "1000000",
    "LIVESALES_ARRIVALS_PER_NETWORK": "1000000",
    "LIVESALES_STRANGERS_PER_NETWORK": "10000",
    "LIVESALES_CONNECTIONS_PER_NETWORK": "100000",
    # What else takes minutes, in seconds.
    "LIVESALES_IDLE_PING": "4",
    "LIVESALES_RING_FOR": "6",
    "LIVESALES_PENDING_WRITES": "32768",
    "LIVESALES_LOG_FORMAT": "text",
    "LOG_LEVEL": "WARNING",
}


class Rig(Stack):
    """``roads``: the ports to PostgreSQL (``pg``) and Redis (``redis``), of each gateway and of all others (``rest``).

    Every process has a wall clock of its own, which ``skew`` sets wrong.
    """

    def __init__(self, *, data_dir: Path, environ: dict[str, str] | None = None) -> None:
        super().__init__(data_dir=data_dir, target=Sandbox(), durable=False, environ={**SETTINGS, **(environ or {})})
        self.proxies = Proxies()
        self.roads: dict[tuple[str, str], Proxy] = {}
        for place in (*GATEWAYS, "rest"):
            self.roads[place, "pg"] = self.proxies.add(self.ports.postgres)
            self.roads[place, "redis"] = self.proxies.add(self.ports.redis)
        # A child dies with the thread that started it (see ``die_with_parent``): these live as long as the rig.
        self.threads = ThreadPoolExecutor(8)
        self.tokens: dict[str, tuple[float, str]] = {}  # of the shop's accounts
        self.b_port, self.b_health = services.free_port(), services.free_port()

    async def do(self, call: Callable[..., Any], *arguments: Any) -> Any:
        """A blocking step, beside the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, call, *arguments)

    @property
    def env(self) -> dict[str, str]:
        return self.env_of("rest")

    def env_of(self, place: str) -> dict[str, str]:
        """The environment of a process that takes this place's roads."""
        found = super().env
        for name, value in found.items():
            if value.startswith(("redis://", "postgres://")):
                value = value.replace(f"127.0.0.1:{self.ports.redis}/", f"127.0.0.1:{self.roads[place, 'redis'].port}/")
                value = value.replace(f"127.0.0.1:{self.ports.postgres}/", f"127.0.0.1:{self.roads[place, 'pg'].port}/")
                found[name] = value
        if place == "gateway-b":
            found |= {
                "LIVESALES_GATEWAY_PORT": str(self.b_port),
                "LIVESALES_GATEWAY_HEALTH_PORT": str(self.b_health),
            }
        return found

    @property
    def gateway_urls(self) -> dict[str, str]:
        return {"gateway": self.urls["gateway"], "gateway-b": f"ws://127.0.0.1:{self.b_port}/live"}

    def _start_processes(self) -> None:
        ports, python = self.ports, sys.executable
        own = [python, "-m", "saleor_livesales.cli"]
        plans = [
            ("web", "rest", self.target.web(ports.web), f"http://127.0.0.1:{ports.web}/graphql/"),
            ("gateway", "gateway", [*own, "gateway"], f"http://127.0.0.1:{ports.health}/health/ready"),
            ("gateway-b", "gateway-b", [*own, "gateway"], f"http://127.0.0.1:{self.b_health}/health/ready"),
            ("decider", "rest", [*own, "decider"], ""),
            ("worker", "rest", self.target.worker(), ""),
            ("beat", "rest", self.target.beat(self.data_dir), ""),
        ]
        for name, place, (program, _, *rest), url in plans:
            clock = self.clock_file(name)
            self.processes[name] = Process(
                name=name,
                command=[program, "-m", "tests.faults.skewed", *rest],
                env={**self.env_of(place), "FAULTS_CLOCK": str(clock)},
                folder=ROOT,
                log=self.data_dir / "logs" / f"{name}.log",
                ready=(lambda url=url: answers(url)) if url else (lambda: True),
            )
            self.processes[name].start()
        for process in self.processes.values():
            process.wait_ready()
        for name in ("web", "gateway", "gateway-b"):  # the others have nothing to ask
            assert self.processes[name].running

    def clock_file(self, name: str) -> Path:
        return self.data_dir / f"clock-{name}"

    def skew(self, names: list[str], seconds: float) -> None:
        """Sets the wall clock of these processes wrong by so much; 0 sets it right."""
        for name in names:
            partial = self.clock_file(name).with_suffix(".new")
            partial.write_text(str(seconds))
            partial.replace(self.clock_file(name))

    def gateway_ready(self, name: str) -> bool:
        port = self.ports.health if name == "gateway" else self.b_health
        return answers(f"http://127.0.0.1:{port}/health/ready")

    # PostgreSQL and Redis

    def database(self) -> psycopg.Connection:
        """A connection of the test's own, past the roads."""
        return psycopg.connect(self.postgres.url("livesales"), autocommit=True, connect_timeout=5)

    def freeze_postgres(self) -> None:
        """Every process of the server stops where it is; they are in sessions of their own."""
        for process in self._postgres_processes():
            with contextlib.suppress(psutil.Error):
                process.send_signal(signal.SIGSTOP)

    def thaw_postgres(self) -> None:
        for process in self._postgres_processes():
            with contextlib.suppress(psutil.Error):
                process.send_signal(signal.SIGCONT)

    def _postgres_processes(self) -> list[psutil.Process]:
        assert self.postgres.process is not None
        head = psutil.Process(self.postgres.process.pid)
        return [head, *head.children(recursive=True)]

    def terminate_backends(self) -> None:
        """As an administrator does: every connection of the product ends, in the middle of whatever it does."""
        with self.database() as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = 'livesales' AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )

    def heal(self) -> None:
        """Everything runs, every road is open, every clock is right. For whatever a run has left behind."""
        self.skew(list(self.processes), 0)
        for proxy in self.roads.values():
            if proxy.held or proxy.mute or proxy.left is not None:
                proxy.restore()
        self.redis.thaw()
        if self.postgres.process is not None:
            self.thaw_postgres()
        if self.postgres.process is None or self.postgres.process.poll() is not None:
            self.postgres.start()
        if self.redis.process is None or self.redis.process.poll() is not None:
            self.redis.start()
        for process in self.processes.values():
            if not process.running:
                process.start()
        for name in ("web", *GATEWAYS):
            self.processes[name].wait_ready()
        deadline = time.monotonic() + 30
        while not all(self.gateway_ready(name) for name in GATEWAYS):
            assert time.monotonic() < deadline, "the gateways are not ready"
            time.sleep(0.1)

    def stop(self) -> None:
        if self.redis.process is not None:
            self.redis.thaw()
        if self.postgres.process is not None and self.postgres.process.poll() is None:
            self.thaw_postgres()
        super().stop()
        self.proxies.stop()
        self.threads.shutdown(wait=False)


@contextlib.contextmanager
def rig(**environ: str) -> Iterator[Rig]:
    """A rig in a folder of its own, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="livesales-faults-", dir="/tmp" if os.path.isdir("/tmp") else None))
    folder.chmod(0o755)
    made = Rig(data_dir=folder / "data", environ=environ)
    try:
        made.start()
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)
