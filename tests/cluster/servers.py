"""A Redis cluster on the loopback: masters, and replicas where a test wants some."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from pathlib import Path

import pytest
import redis

from saleor_livesales import slots
from sandbox.runner.services import die_with_parent, free_port, tail
from tools.redis_server import MISSING, find, install

PATIENCE = 60.0  # seconds; what is waited for takes one or two
NODE_TIMEOUT = 2000  # milliseconds until a node that is silent counts as gone


def program() -> list[str]:
    """Skips the test loudly, or in CI fails it, where there is no server."""
    in_ci = bool(os.environ.get("CI"))
    found = find() or (install() if in_ci else None)
    if found is None:
        if in_ci:
            pytest.fail(f"CI must have a Redis for a cluster. {MISSING}")
        pytest.skip(f"CLUSTER TESTS SKIPPED: {MISSING}")
    return found


class Server:
    """One node. Started again it takes its port, and remembers the cluster but no data."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.bus_port = free_port(), free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.client = redis.Redis(port=self.port, socket_timeout=10, socket_connect_timeout=10, retry=None)

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        path, called = program()
        log = self.folder / "redis.log"
        with open(log, "ab") as output:
            self.process = subprocess.Popen(
                [
                    called, "--port", str(self.port), "--bind", "127.0.0.1", "--cluster-enabled", "yes",
                    "--cluster-port", str(self.bus_port), "--cluster-node-timeout", str(NODE_TIMEOUT),
                    "--cluster-require-full-coverage", "no", "--cluster-config-file", "nodes.conf",
                    "--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction", "--dir", str(self.folder),
                ],
                executable=path, stdout=output, stderr=output, stdin=subprocess.DEVNULL, start_new_session=True,
                preexec_fn=die_with_parent,
            )  # fmt: skip
        eventually(self.answers, lambda: tail(log))

    def answers(self) -> bool:
        with contextlib.suppress(redis.RedisError):
            return bool(self.client.ping())
        return False

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)
        self.process = None
        self.client.connection_pool.disconnect()

    @property
    def id(self) -> str:
        return self.client.execute_command("CLUSTER MYID").decode()


class Cluster:
    def __init__(self, folder: Path, masters: int = 3) -> None:
        self.folder = folder
        self.masters = [Server(folder / f"node{number}") for number in range(masters)]
        self.replicas: list[Server] = []

    def start(self) -> None:
        share = -(-slots.COUNT // len(self.masters))
        for number, server in enumerate(self.masters):
            server.start()
            last = min((number + 1) * share, slots.COUNT) - 1
            server.client.execute_command("CLUSTER ADDSLOTSRANGE", number * share, last)
            server.client.execute_command("CLUSTER SET-CONFIG-EPOCH", number + 1)
        first = self.masters[0]
        for server in self.masters[1:]:
            server.client.execute_command("CLUSTER MEET", "127.0.0.1", first.port, first.bus_port)
        eventually(self.whole)

    def whole(self) -> bool:
        """All nodes say that every slot is served."""
        for server in [*self.masters, *self.replicas]:
            info = server.client.execute_command("CLUSTER INFO")
            info = info if isinstance(info, dict) else dict(line.split(":", 1) for line in info.decode().split())
            known = len(self.masters) + len(self.replicas)
            if (info["cluster_state"], info["cluster_slots_ok"]) != ("ok", str(slots.COUNT)) or int(
                info["cluster_known_nodes"]
            ) != known:
                return False
        return True

    def add_replica(self, master: Server) -> Server:
        """A copy that takes over when its master is gone."""
        server = Server(self.folder / f"replica{len(self.replicas)}")
        server.start()
        self.replicas.append(server)
        server.client.execute_command("CLUSTER MEET", "127.0.0.1", master.port, master.bus_port)
        eventually(self.whole)
        server.client.execute_command("CLUSTER REPLICATE", master.id)
        eventually(lambda: server.client.info("replication")["master_link_status"] == "up")
        return server

    def owner(self, key: str | bytes) -> Server:
        """Who has this key's slot, as the first node that answers sees it."""
        number = slots.slot(key if isinstance(key, bytes) else key.encode())
        asked = next(server for server in self.masters if server.process is not None)
        for numbers, (_, port) in slots.owners(asked.client.execute_command("CLUSTER SLOTS"), asked="127.0.0.1"):
            if number in numbers:
                return next(server for server in [*self.masters, *self.replicas] if server.port == port)
        raise AssertionError("Nobody has this slot.")

    def move(self, key: str, to: Server) -> None:
        """Gives the slot of a key, with what is in it, to another master."""
        number, source = slots.slot(key.encode()), self.owner(key)
        to.client.execute_command("CLUSTER SETSLOT", number, "IMPORTING", source.id)
        source.client.execute_command("CLUSTER SETSLOT", number, "MIGRATING", to.id)
        for name in source.client.execute_command("CLUSTER GETKEYSINSLOT", number, 1000):
            source.client.execute_command("MIGRATE", "127.0.0.1", to.port, name, 0, 5000)
        for server in (to, source, *(set(self.masters) - {to, source})):
            server.client.execute_command("CLUSTER SETSLOT", number, "NODE", to.id)

    @property
    def url(self) -> str:
        return ",".join(f"redis://127.0.0.1:{server.port}" for server in self.masters)

    def empty(self) -> None:
        for server in self.masters:
            server.client.flushall()

    def stop(self) -> None:
        for server in [*self.masters, *self.replicas]:
            server.stop()


def eventually(holds, told=lambda: "") -> None:
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until, f"It did not happen in time. {told()}"
        time.sleep(0.05)
