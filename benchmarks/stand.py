"""What the socket benchmarks run on: PostgreSQL that syncs, Redis, and servers in processes, each on its core.

Everything that serves (servers, PostgreSQL, Redis) shares one core and the load generator has another, so that no
contender wins by taking more of the machine: at saturation a rate is what one core's worth of serving brings.
"""

from __future__ import annotations

import contextlib
import datetime
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psutil
import psycopg

from saleor_livesales.ids import to_global_id, uuid7
from saleor_livesales.tokens import Signer
from sandbox.runner.services import Postgres, Redis, die_with_parent

ROOT: Final = Path(__file__).resolve().parent.parent
PEERS: Final = ROOT / "benchmarks" / "peers"
KEYS: Final = {"bench": "b" * 48}
START_TIMEOUT: Final = 30.0
GATEWAY: Final = "from saleor_livesales import conf; from saleor_livesales.gateway.server import run; run(conf.load())"
CORES: Final = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
SERVING, LOADING = CORES[0], CORES[-1]


def pin(core: int) -> Callable[[], None]:
    """For a child before it starts: its core, and its end with ours."""

    def prepare() -> None:
        die_with_parent()
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, {core})

    return prepare


def node() -> tuple[Path, Path]:
    """The newest Node there is: the wheel's, else that on PATH. With npm-cli.js."""
    from tools import node as tool

    try:
        found = tool._wheel()
        npm = found.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if npm.is_file():
            return found, npm
    except (SystemExit, subprocess.CalledProcessError):
        pass
    found, on_path = tool.find()
    if on_path is None:
        raise SystemExit("npm is missing beside Node.")
    return found, on_path


def install_peers() -> Path:
    """Node, with the packages of peers/package-lock.json installed."""
    program, npm = node()
    lock, done = PEERS / "package-lock.json", PEERS / "node_modules" / ".package-lock.json"
    if not done.is_file() or done.stat().st_mtime < lock.stat().st_mtime:
        environ = {**os.environ, "PATH": os.pathsep.join([str(program.parent), os.environ.get("PATH", "")])}
        subprocess.run([program, npm, "ci", "--loglevel=error"], cwd=PEERS, env=environ, check=True)
        done.touch()
    return program


def redis_program() -> tuple[Path | None, int]:
    """A Redis of version 7 or later on the machine, which knows sharded pub/sub; else None: that of the wheel."""
    for folder in ("/usr/local/bin", "/usr/bin", "/opt/homebrew/bin"):
        program = Path(folder, "redis-server")
        if program.exists():
            text = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
            found = re.search(r"v=(\d+)\.", text)
            if found and int(found[1]) >= 7:
                return program, int(found[1])
    return None, 6


_LISTENS: Final = re.compile(r"(?:istening|running) .*?(?:127\.0\.0\.1:|on )(\d{4,5})\b")


@dataclass
class Server:
    """A process that said ``listening on [host:]port``."""

    process: subprocess.Popen[str]
    path: str
    port: int = 0
    log: list[str] = field(default_factory=list)

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}{self.path}"

    def wait(self) -> None:
        """Raises RuntimeError with what it said, when it doesn't listen soon."""
        ready = threading.Event()

        def read() -> None:
            assert self.process.stdout is not None
            for line in self.process.stdout:
                self.log.append(line)
                if not self.port and (found := _LISTENS.search(line)):
                    self.port = int(found[1])
                    ready.set()
            ready.set()

        threading.Thread(target=read, daemon=True).start()
        if not ready.wait(START_TIMEOUT) or not self.port:
            raise RuntimeError(f"{self.process.args!r} does not listen:\n{''.join(self.log[-30:])}")

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Stand:
    """PostgreSQL, Redis, and whatever servers were started; all of it is gone after ``close``."""

    def __init__(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="livesales-bench-", dir="/var/tmp"))
        self.root.chmod(0o755)
        self.postgres = Postgres(data_dir=self.root / "postgres")
        program, self.redis_major = redis_program()
        self.redis = Redis(data_dir=self.root / "redis", program=program)
        self.servers: list[Server] = []
        self.signer = Signer(KEYS)
        self._node: Path | None = None
        self._databases = 0

    def open(self) -> None:
        self.postgres.start()
        self.redis.start()
        postgres = psutil.Process(self.postgres_pid)
        for process in (postgres, *postgres.children(recursive=True), psutil.Process(self.redis_pid)):
            if hasattr(process, "cpu_affinity"):
                process.cpu_affinity([SERVING])

    def close(self) -> None:
        for server in self.servers:
            server.stop()
        self.postgres.stop()
        self.redis.stop()
        shutil.rmtree(self.root, ignore_errors=True)

    @property
    def redis_pid(self) -> int:
        assert self.redis.process is not None
        return self.redis.process.pid

    @property
    def postgres_pid(self) -> int:
        assert self.postgres.process is not None
        return self.postgres.process.pid

    # Databases

    def migrated(self) -> str:
        """A new database with our tables. Returns its address."""
        self._databases += 1
        name = f"ours{self._databases}"
        self.postgres.create(name)
        environ = self._environ(name) | {"DJANGO_SETTINGS_MODULE": "sandbox.settings"}
        subprocess.run([sys.executable, "-m", "django", "migrate", "-v", "0"], cwd=ROOT, env=environ, check=True)
        return name

    def peers(self) -> str:
        """A new database with the peers' table: a key, and an index by which a room is read in order."""
        self._databases += 1
        name = f"peers{self._databases}"
        self.postgres.create(name)
        with psycopg.connect(self.postgres.url(name), autocommit=True) as database:
            database.execute(
                "CREATE TABLE peer_message (id bigserial PRIMARY KEY, room text NOT NULL, key uuid NOT NULL,"
                " body text NOT NULL, at timestamptz NOT NULL DEFAULT now())"
            )
            database.execute("CREATE INDEX ON peer_message (room, id)")
        return name

    def one(self, database: str, query: Any) -> Any:
        with psycopg.connect(self.postgres.url(database), autocommit=True) as connection:
            row = connection.execute(query).fetchone()
            return row[0] if row else None

    # Servers

    def _environ(self, database: str) -> dict[str, str]:
        return {
            **os.environ,
            "DATABASE_URL": self.postgres.url(database),
            "REDIS_URL": self.redis.url,
            "LIVESALES_SIGNING_KEYS": ",".join(f"{name}:{secret}" for name, secret in KEYS.items()),
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": str(ROOT),
        }

    def _start(self, command: Sequence[str | Path], environ: dict[str, str], path: str) -> Server:
        process = subprocess.Popen(
            [str(part) for part in command], cwd=ROOT, env=environ, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=pin(SERVING),
        )  # fmt: skip
        server = Server(process, path)
        self.servers.append(server)
        server.wait()
        return server

    def gateway(self, database: str, **settings: str) -> Server:
        """A gateway as it is, but for the bounds on how much one visitor and one network may do: all load is ours."""
        bounds = (
            "EVENTS_PER_MINUTE MESSAGES_PER_MINUTE SIGNALS_PER_MINUTE CONNECTIONS_PER_NETWORK STRANGERS_PER_NETWORK"
            " ARRIVALS_PER_NETWORK EVENTS_PER_NETWORK MESSAGES_PER_NETWORK"
        )
        environ = self._environ(database) | {f"LIVESALES_{bound}": "1000000000" for bound in bounds.split()}
        environ |= {
            "LIVESALES_GATEWAY_PORT": "0",
            "LIVESALES_GATEWAY_HEALTH_PORT": "0",
            "LIVESALES_GATEWAY_URL": "ws://127.0.0.1/live",
            "LIVESALES_COOKIE_SECURE": "0",
            **settings,
        }
        return self._start([sys.executable, "-c", GATEWAY], environ, "/live")

    def socketio(self, database: str, **environ: str) -> Server:
        self._node = self._node or install_peers()
        environ = self._environ(database) | {"SHARDED": "1" if self.redis_major >= 7 else "0", **environ}
        return self._start(
            [self._node, "--expose-gc", PEERS / "socketio.js"], environ, "/socket.io/?EIO=4&transport=websocket"
        )

    def channels(self, database: str, *, server: str = "uvicorn", pool: bool = False) -> Server:
        if server == "uvicorn":
            command = [
                sys.executable, "-m", "uvicorn", "benchmarks.peers.channels_app:application", "--port", "0",
                "--ws", "websockets-sansio", "--ws-per-message-deflate", "false", "--lifespan", "off",
                "--no-access-log", "--loop", "uvloop",
            ]  # fmt: skip
        else:
            command = [
                sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", "0", "--access-log", "/dev/null",
                "benchmarks.peers.channels_app:application",
            ]  # fmt: skip
        return self._start(command, self._environ(database) | {"POOL": "1" if pool else "0"}, "/")

    def stop(self, *servers: Server) -> None:
        for server in servers:
            server.stop()
            self.servers.remove(server)

    # Who talks

    def sessions(self, database: str, number: int) -> list[dict[str, str]]:
        """Active sessions, each with a visitor's token and a ticket of its rep, which is valid for some minutes."""
        now = datetime.datetime.now(datetime.UTC)
        made = [(uuid7(), uuid7(), uuid7()) for _ in range(number)]
        with psycopg.connect(self.postgres.url(database)) as connection, connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO saleor_livesales_rep (id, user_id, name, status, capacity, load, lease_until)"
                " VALUES (%s, %s, 'Rita', 'online', 1, 1, %s)",
                [(rep, f"bench-{rep}", now + datetime.timedelta(hours=1)) for _, _, rep in made],
            )
            cursor.executemany(
                "INSERT INTO saleor_livesales_visitor (id, name, assurance, created_at)"
                " VALUES (%s, '', 'anonymous', %s)",
                [(visitor, now) for _, visitor, _ in made],
            )
            cursor.executemany(
                "INSERT INTO saleor_livesales_session (id, visitor_id, rep_id, channel, form, state, end_reason,"
                " last_number, visitor_read, rep_read, rung, created_at)"
                " VALUES (%s, %s, %s, 'eu', 'chat', 'active', '', 0, 0, 0, '[]', %s)",
                [(*one, now) for one in made],
            )
        return [
            {
                "session": to_global_id("LiveSession", session),
                "token": self.signer.sign(kind="visitor", subject=visitor, now=now),
                "ticket": self.ticket(rep),
                "rep": str(rep),
            }
            for session, visitor, rep in made
        ]

    def ticket(self, rep: uuid.UUID | str) -> str:
        now = datetime.datetime.now(datetime.UTC)
        return self.signer.sign(kind="rep-ticket", subject=uuid.UUID(str(rep)), now=now)


@contextlib.contextmanager
def stand() -> Iterator[Stand]:
    """A stand that is open, and closed again whatever happens."""
    made = Stand()
    try:
        made.open()
        yield made
    finally:
        made.close()


def memory(pid: int) -> int:
    """Bytes of memory that only this process holds."""
    return int(psutil.Process(pid).memory_full_info().uss)


def cpu_times(pids: Sequence[int]) -> dict[int, float]:
    """CPU seconds that each of these processes, and of those that they started, took so far."""
    taken = {}
    for pid in pids:
        with contextlib.suppress(psutil.NoSuchProcess):
            parent = psutil.Process(pid)
            for process in (parent, *parent.children(recursive=True)):
                with contextlib.suppress(psutil.NoSuchProcess):
                    times = process.cpu_times()
                    taken[process.pid] = times.user + times.system
    return taken


def cpu_since(before: dict[int, float], pids: Sequence[int]) -> float:
    """CPU seconds since ``before``, of what still runs."""
    return sum(seconds - before.get(pid, 0.0) for pid, seconds in cpu_times(pids).items())


def settle(pid: int, *, patience: float = 10.0) -> None:
    """Waits until a process has had nothing to do for half a second."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        before = cpu_times([pid])
        time.sleep(0.5)
        if cpu_since(before, [pid]) < 0.02:
            return
