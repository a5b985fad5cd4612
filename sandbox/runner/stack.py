"""Everything that the product needs, started together, for the demo and for the tests."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import IO

from . import services
from .processes import Process
from .services import CannotStart, Postgres, Redis
from .targets import ROOT, Target

MIN_FREE_BYTES = 600 * 1024 * 1024
PLUGIN_PATH = "/plugins/saleor.livesales/"
LOGINS = {
    "rep": "rep@example.com",
    "second rep": "rep2@example.com",
    "owner": "owner@example.com",
    "shopper": "shopper@example.com",
}
PASSWORD = "password"


@dataclass(frozen=True)
class Ports:
    """One for each thing that listens, all on the loopback."""

    storefront: int
    dashboard: int
    web: int
    gateway: int
    health: int
    mail: int
    smtp: int
    postgres: int
    redis: int

    @classmethod
    def free(cls) -> Ports:
        return cls(*(services.free_port() for _ in fields(cls)))

    @classmethod
    def from_base(cls, base: int) -> Ports:
        return cls(*(base + number for number, _ in enumerate(fields(cls))))


def answers(url: str) -> bool:
    """Whether something serves this address; an HTTP error below 500 counts as an answer."""
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except (OSError, ValueError):
        return False


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Stack:
    """``start()`` makes and fills what is missing and returns when all answers; ``stop()`` leaves nothing running.

    What is in ``data_dir`` stays for the next start. ``environ`` is added to the environment of every process.
    """

    def __init__(
        self,
        *,
        data_dir: Path,
        target: Target,
        ports: Ports | None = None,
        dashboard: Path | None = None,
        durable: bool = True,
        environ: dict[str, str] | None = None,
        say: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.data_dir = data_dir
        self.target = target
        self.ports = ports or Ports.free()
        self.dashboard = dashboard
        self.extra = environ or {}
        self.say = say
        self.postgres = Postgres(data_dir=data_dir / "postgres", port=self.ports.postgres, durable=durable)
        self.redis = Redis(data_dir=data_dir / "redis", port=self.ports.redis)
        self.processes: dict[str, Process] = {}
        self.logins, self.password = LOGINS, PASSWORD
        self._lock: IO[str] | None = None

    # Where things are

    @property
    def urls(self) -> dict[str, str]:
        ports = self.ports
        return {
            "storefront": f"http://127.0.0.1:{ports.storefront}/",
            "console": f"http://127.0.0.1:{ports.dashboard}/",
            "graphql": f"http://127.0.0.1:{ports.web}/graphql/",
            "gateway": f"ws://127.0.0.1:{ports.gateway}/live",
            "mail": f"http://127.0.0.1:{ports.mail}/",
        }

    @property
    def env(self) -> dict[str, str]:
        """The environment of every process: what an operator would set for a deployment."""
        ports = self.ports
        origins = [
            f"http://{host}:{port}" for port in (ports.storefront, ports.dashboard, ports.web) for host in LOOPBACK
        ]
        path = [str(self.target.folder), str(ROOT)]
        return {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(dict.fromkeys(path)),
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "",
            "DJANGO_SETTINGS_MODULE": self.target.settings,
            "DATABASE_URL": self.postgres.url("livesales"),
            "REDIS_URL": self.redis.url,
            "CELERY_BROKER_URL": self.redis.url.removesuffix("0") + "1",
            "CACHE_URL": self.redis.url,
            "SECRET_KEY": self._secret("secret-key"),
            "RSA_PRIVATE_KEY": self._rsa_key(),
            "DEBUG": "True",
            "ALLOWED_HOSTS": "localhost,127.0.0.1",
            "ALLOWED_CLIENT_HOSTS": "localhost,127.0.0.1",
            "ALLOWED_GRAPHQL_ORIGINS": ",".join(origins),
            "PUBLIC_URL": f"http://127.0.0.1:{ports.web}/",
            "HTTP_IP_FILTER_ALLOW_LOOPBACK_IPS": "True",  # a Saleor asks its plugin for refunds at that address
            "DASHBOARD_URL": self.urls["console"],
            "LIVESALES_SIGNING_KEYS": f"demo:{self._secret('signing-key')}",
            "LIVESALES_CODE_KEYS": f"demo:{self._secret('code-key')}",
            "LIVESALES_DELIVERY_KEYS": f"demo:{self._secret('delivery-key')}",
            "LIVESALES_GATEWAY_HOST": "127.0.0.1",
            "LIVESALES_GATEWAY_PORT": str(ports.gateway),
            "LIVESALES_GATEWAY_URL": self.urls["gateway"],
            "LIVESALES_GATEWAY_HEALTH_PORT": str(ports.health),
            "LIVESALES_GATEWAY_ORIGINS": ",".join(origins),
            "LIVESALES_DASHBOARD_ORIGINS": ",".join(f"http://{host}:{ports.dashboard}" for host in LOOPBACK),
            "LIVESALES_COOKIE_SECURE": "0",
            "LIVESALES_LOG_FORMAT": "text",
            "LIVESALES_MAIL_URL": f"smtp://127.0.0.1:{ports.smtp}",
            **self.extra,
        }

    def _secret(self, name: str) -> str:
        path = self.data_dir / name
        if not path.exists():
            path.write_text(secrets.token_urlsafe(48))
            path.chmod(0o600)
        return path.read_text()

    def _rsa_key(self) -> str:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import rsa

        path = self.data_dir / "rsa.pem"
        if not path.exists():
            key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
            path.write_bytes(
                key.private_bytes(
                    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
                )
            )
            path.chmod(0o600)
        return path.read_text()

    # Starting and stopping

    def start(self) -> None:
        """Raises CannotStart with a sentence that says what is in the way; then nothing is left running."""
        self._claim_folder()
        try:
            self._check_ports()
            self.target.install(self.say)
            self.say("Starting PostgreSQL and Redis")
            self.postgres.start()
            self.redis.start()
            (self.data_dir / "logs").mkdir(exist_ok=True)
            self.target.prepare(
                postgres=self.postgres, env=self.env, say=self.say, log=self.data_dir / "logs" / "prepare.log"
            )
            self.say("Starting shop, gateway, decider, Celery worker and beat")
            self._start_processes()
        except BaseException:
            self.stop()
            raise

    def _claim_folder(self) -> None:
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            self.data_dir.chmod(0o755)
        except OSError as error:
            raise CannotStart(f"The data folder {self.data_dir} can't be made: {error.strerror}.") from None
        free = shutil.disk_usage(self.data_dir).free
        if free < MIN_FREE_BYTES:
            raise CannotStart(
                f"There are {free // 2**20} MB free where {self.data_dir} is; it takes {MIN_FREE_BYTES // 2**20} MB. "
                "Free some room, or set LIVESALES_DATA to a folder on another disk."
            )
        lock = open(self.data_dir / "lock", "a+")  # noqa: SIM115  (held for as long as the stack runs)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            owner = lock.read().strip() or "another process"
            lock.close()
            raise CannotStart(f"It is running already, as {owner}. Stop that one with Ctrl-C first.") from None
        lock.truncate(0)
        lock.write(f"process {os.getpid()} (storefront {self.urls['storefront']})")
        lock.flush()
        self._lock = lock

    def _check_ports(self) -> None:
        for field in fields(self.ports):
            port = getattr(self.ports, field.name)
            if not services.port_is_free(port):
                raise CannotStart(
                    f"Port {port}, which {field.name} needs, is taken. Stop what uses it, or choose other ports: "
                    "LIVESALES_PORT_BASE=9300 make demo takes 9300 and the eight after it."
                )

    def _start_processes(self) -> None:
        env, ports, python = self.env, self.ports, str(self.target.python)
        config = {
            "api": self.urls["graphql"],
            "channel": "default-channel",
            "gateway": self.urls["gateway"],
            "widget": f"http://127.0.0.1:{ports.web}{PLUGIN_PATH}livesales.js",
        }
        own = [str(part) for part in (python, "-m", "saleor_livesales.cli")]
        serve = [
            sys.executable, "-m", "sandbox.runner.static", f"--storefront-port={ports.storefront}",
            f"--dashboard-port={ports.dashboard}", f"--config={json.dumps(config)}",
        ]  # fmt: skip
        if self.dashboard:
            serve.append(f"--dashboard={self.dashboard}")
        mail = [
            sys.executable, "-m", "sandbox.runner.mail", f"--smtp-port={ports.smtp}", f"--http-port={ports.mail}",
            f"--folder={self.data_dir / 'mail'}",
        ]  # fmt: skip
        plans: list[tuple[str, list[str], Callable[[], bool]]] = [
            ("web", self.target.web(ports.web), lambda: answers(f"http://127.0.0.1:{ports.web}/graphql/")),
            ("gateway", [*own, "gateway"], lambda: answers(f"http://127.0.0.1:{ports.health}/health/ready")),
            ("decider", [*own, "decider"], lambda: True),
            ("worker", self.target.worker(), lambda: True),
            ("beat", self.target.beat(self.data_dir), lambda: True),
            ("mail", mail, lambda: listens(ports.mail) and listens(ports.smtp)),
            ("static", serve, lambda: listens(ports.storefront) and listens(ports.dashboard)),
        ]
        here = {"mail", "static"}
        for name, command, ready in plans:
            self.processes[name] = Process(
                name=name, command=command, env=env, ready=ready,
                folder=ROOT if name in here else self.target.folder,
                log=self.data_dir / "logs" / f"{name}.log",
            )  # fmt: skip
            self.processes[name].start()
        for process in self.processes.values():
            process.wait_ready()
        if failed := self.failed():  # one that has nothing to ask whether it is ready
            failed.wait_ready()

    def process(self, name: str) -> Process:
        return self.processes[name]

    def failed(self) -> Process | None:
        """A process that ended by itself."""
        return next((process for process in self.processes.values() if not process.running), None)

    def stop(self) -> None:
        for process in reversed(self.processes.values()):
            with contextlib.suppress(OSError):
                process._signal(15)
        for process in reversed(self.processes.values()):
            process.stop()
        self.processes.clear()
        self.redis.stop()
        self.postgres.stop()
        if self._lock:
            self._lock.truncate(0)
            self._lock.close()
            self._lock = None


LOOPBACK = ("127.0.0.1", "localhost")


def default_data_dir(name: str) -> Path:
    """``var/<name>`` in the checkout, or where PostgreSQL's own user can enter when the checkout is closed to it."""
    if chosen := os.environ.get("LIVESALES_DATA"):
        return Path(chosen).expanduser().resolve() / name
    if os.geteuid() != 0 or all(folder.stat().st_mode & 0o001 for folder in (ROOT, *ROOT.parents)):
        return ROOT / "var" / name
    import hashlib

    return Path("/var/tmp") / f"livesales-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:10]}" / name
