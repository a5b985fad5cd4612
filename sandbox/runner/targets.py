"""The shops that the stack can run on: the stand-in, or a real Saleor in a checkout of it."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

from .services import CannotStart, Postgres, tail

ROOT = Path(__file__).resolve().parent.parent.parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "saleor-livesales"


@contextlib.contextmanager
def one_at_a_time(what: str) -> Iterator[None]:
    """Several processes on this machine do ``what`` one after the other."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / f"{what}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class Target(Protocol):
    """How one shop is installed, filled and started. Commands run in ``folder`` with ``python``."""

    name: str
    python: Path
    folder: Path
    settings: str

    def install(self, say: Callable[[str], None]) -> None: ...

    def prepare(self, *, postgres: Postgres, env: Mapping[str, str], say: Callable[[str], None], log: Path) -> None: ...

    def web(self, port: int) -> list[str]: ...

    def worker(self) -> list[str]: ...

    def beat(self, data_dir: Path) -> list[str]: ...


def run(command: list[str], *, env: Mapping[str, str], folder: Path, log: Path, what: str) -> None:
    """Runs a step of the preparation. Raises CannotStart with the end of its output."""
    with open(log, "ab") as output:
        code = subprocess.run(command, env=dict(env), cwd=folder, stdout=output, stderr=output).returncode
    if code:
        raise CannotStart(f"{what} failed. The end of {log}:\n{tail(log, 25)}")


def files_hash(*folders: Path, pattern: str = "**/migrations/*.py") -> str:
    """Changes when one of the files does: what was prepared with other files is prepared anew."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.glob(pattern)):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


class Sandbox:
    """The stand-in shop, in the environment that runs this."""

    name = "sandbox"
    python = Path(sys.executable)
    folder = ROOT
    settings = "sandbox.settings"

    def install(self, say: Callable[[str], None]) -> None:
        pass

    def prepare(self, *, postgres: Postgres, env: Mapping[str, str], say: Callable[[str], None], log: Path) -> None:
        postgres.create("livesales")
        stamp = log.parent / "prepared"
        # The app's row names the address, so another port means populating again.
        current = f"{files_hash(ROOT / 'saleor_livesales')} {files_hash(ROOT / 'sandbox', pattern='shop/**/*.py')}"
        current += f" {env['PUBLIC_URL']}"
        if stamp.exists() and stamp.read_text() == current:
            return
        say("Preparing the shop: tables and products")
        for step in (["migrate", "--verbosity=0"], ["populate"]):
            run(
                [str(self.python), "-m", "django", *step],
                env=env,
                folder=ROOT,
                log=log,
                what=f"Preparing the shop ({step[0]})",
            )
        stamp.write_text(current)

    def web(self, port: int) -> list[str]:
        return [
            str(self.python), "-m", "uvicorn", "sandbox.asgi:application", "--host=127.0.0.1", f"--port={port}",
            "--ws=none", "--no-access-log", "--log-level=warning", "--lifespan=off",
        ]  # fmt: skip

    def worker(self) -> list[str]:
        return [
            str(self.python),
            "-m",
            "celery",
            "-A",
            "sandbox.celery",
            "worker",
            "--pool=threads",
            "-c4",
            "-lWARNING",
        ]

    def beat(self, data_dir: Path) -> list[str]:
        return [
            str(self.python),
            "-m",
            "celery",
            "-A",
            "sandbox.celery",
            "beat",
            "-s",
            str(data_dir / "beat"),
            "-lWARNING",
        ]


class Saleor:
    """A real Saleor, in its checkout's own environment. Its tables are made once a version and kept as a dump."""

    name = "saleor"
    settings = "saleor.settings"

    def __init__(self, checkout: Path) -> None:
        self.folder = checkout.expanduser().resolve()
        self.python = self.folder / ".venv" / "bin" / "python"
        if not (self.folder / "saleor" / "settings.py").exists():
            raise CannotStart(
                f"{self.folder} is no checkout of Saleor: there is no saleor/settings.py in it. "
                "Give SALEOR=<its folder>."
            )

    def _uv(self) -> str:
        found = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
        if not found:
            subprocess.run([sys.executable, "-m", "pip", "install", "-q", "uv"], check=True)
            found = shutil.which("uv", path=str(Path(sys.executable).parent))
        return str(found)

    def install(self, say: Callable[[str], None]) -> None:
        """Puts the plugin into the checkout's environment, without changing a version that Saleor pins."""
        with one_at_a_time("install"):
            self._install(say)

    def _install(self, say: Callable[[str], None]) -> None:
        uv = self._uv()
        if not self.python.exists():
            say("Making Saleor's own environment (uv sync)")
            made = subprocess.run([uv, "sync", "--frozen", "-q"], cwd=self.folder, capture_output=True, text=True)
            if made.returncode:
                raise CannotStart(
                    "Saleor's environment could not be made; it needs Python 3.12. Make it yourself with "
                    f"`uv sync --frozen` in {self.folder}, then start again.\n{made.stderr.strip()}"
                )
        stamp = self.folder / ".venv" / "livesales-installed"
        wanted = hashlib.sha256((ROOT / "setup.cfg").read_bytes() + str(ROOT).encode()).hexdigest()
        if stamp.exists() and stamp.read_text() == wanted:
            return
        say("Installing the plugin beside Saleor")
        pins = subprocess.run(
            [uv, "pip", "freeze", "--python", str(self.python)], check=True, capture_output=True, text=True
        ).stdout
        constraints = self.folder / ".venv" / "livesales-constraints.txt"
        constraints.write_text("\n".join(line for line in pins.splitlines() if "==" in line))
        done = subprocess.run(
            [
                uv, "pip", "install", "-q", "--python", str(self.python), "-c", str(constraints),
                "-e", f"{ROOT}[anymail,letters]",
            ],
            capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            raise CannotStart(f"The plugin can't be installed beside this Saleor:\n{done.stderr.strip()}")
        stamp.write_text(wanted)

    def version(self) -> str:
        head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=self.folder, capture_output=True, text=True)
        return head.stdout.strip()[:12] or files_hash(self.folder / "saleor")

    def prepare(self, *, postgres: Postgres, env: Mapping[str, str], say: Callable[[str], None], log: Path) -> None:
        stamp = log.parent / "prepared"
        current = f"{self.version()} {files_hash(ROOT / 'saleor_livesales')} {env['PUBLIC_URL']}"
        if stamp.exists() and stamp.read_text() == current:
            return
        if postgres.create("livesales"):
            dump = CACHE / f"saleor-{self.version()}.dump"
            with one_at_a_time("dump"):
                if not dump.exists():
                    say("Making Saleor's tables and products, once (about four minutes)")
                    plain = {**env, "DJANGO_SETTINGS_MODULE": "sandbox.saleor.bare"}
                    self.manage("migrate", "--verbosity=0", env=plain, log=log)
                    self.manage("populatedb", "--createsuperuser", env=plain, log=log)
                    postgres.dump("livesales", dump)
                    postgres.drop("livesales")
            say("Restoring Saleor's tables and products")
            postgres.restore(dump, "livesales")
        self.manage("migrate", "--verbosity=0", env=env, log=log)
        run(
            [str(self.python), "-m", "sandbox.saleor.prepare"], env=env, folder=self.folder, log=log,
            what="Making the demo's logins in Saleor",
        )  # fmt: skip
        stamp.write_text(current)

    def manage(self, *step: str, env: Mapping[str, str], log: Path) -> None:
        command = [str(self.python), "manage.py", *step]
        run(command, env=env, folder=self.folder, log=log, what=f"Preparing Saleor ({step[0]})")

    def web(self, port: int) -> list[str]:
        return [
            str(self.python), "-m", "uvicorn", "saleor.asgi:application", "--host=127.0.0.1", f"--port={port}",
            "--ws=none", "--no-access-log", "--log-level=warning", "--lifespan=auto",
        ]  # fmt: skip

    def worker(self) -> list[str]:
        return [
            str(self.python), "-m", "celery", "--app", "saleor.celeryconf:app", "worker",
            "--pool=threads", "-c4", "-lWARNING",
        ]  # fmt: skip

    def beat(self, data_dir: Path) -> list[str]:
        return [
            str(self.python), "-m", "celery", "--app", "saleor.celeryconf:app", "beat",
            "--scheduler", "saleor.schedulers.schedulers.DatabaseScheduler", "-lWARNING",
        ]  # fmt: skip
