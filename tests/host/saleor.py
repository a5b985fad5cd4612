"""A real Saleor for tests: its database, its web process, and scripts that run inside of it."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sandbox.runner.services import Postgres, die_with_parent, free_port, tail
from sandbox.runner.targets import CACHE, ROOT, Saleor, files_hash

PUBLIC_URL = "http://shop.test"
DASHBOARD = "http://dashboard.test"
SIGNING_KEYS = "t1:" + "s" * 48
PLUGIN = "saleor.livesales"
NURSERIES = 6  # each holds some 250 MB


def rsa_key(folder: Path, name: str = "rsa.pem") -> str:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    path = folder / name
    if not path.exists():
        path.write_bytes(
            rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
    return path.read_text()


class Host:
    """One checkout with its prepared database, of which every test takes a copy."""

    def __init__(self, *, checkout: Path, postgres: Postgres, redis_url: str, folder: Path) -> None:
        self.target = Saleor(checkout)
        self.postgres = postgres
        self.redis_url = redis_url
        self.folder = folder
        self.key = rsa_key(folder)
        self.secret = secrets.token_urlsafe(32)
        self._nurseries: dict[int, Nursery] = {}

    def env(self, database: str, **changes: str) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith(("LIVESALES_", "CELERY_"))},
            "PYTHONPATH": os.pathsep.join([str(self.target.folder), str(ROOT)]),
            "PYTHONUNBUFFERED": "1",
            "DJANGO_SETTINGS_MODULE": "saleor.settings",
            "DATABASE_URL": self.postgres.url(database),
            "REDIS_URL": self.redis_url,
            "CACHE_URL": "locmem://",
            "SECRET_KEY": self.secret,
            "JWT_TTL_ACCESS": "2 hours",  # one login serves a whole module, on a slow machine too
            "RSA_PRIVATE_KEY": self.key,
            "DEBUG": "True",
            "ALLOWED_HOSTS": "*",
            "ALLOWED_CLIENT_HOSTS": "localhost,127.0.0.1,shop.test",
            "PUBLIC_URL": PUBLIC_URL,
            "LIVESALES_DASHBOARD_ORIGINS": DASHBOARD,
            "LIVESALES_SIGNING_KEYS": SIGNING_KEYS,
            "LIVESALES_CODE_KEYS": "c1:" + "c" * 48,
            "LIVESALES_DELIVERY_KEYS": "d1:" + "d" * 48,
            **changes,
        }

    def prepare(self) -> None:
        """Fills the database ``host_base``: from the dump of this version with our tables, or by making that."""
        self.target.install(print)
        tables = files_hash(ROOT / "saleor_livesales")
        rows = files_hash(ROOT / "saleor_livesales" / "host", ROOT / "sandbox" / "saleor", pattern="*.py")
        name = f"host-{self.target.version()}-{tables}-{rows}.dump"
        if (CACHE / name).exists():
            self.postgres.restore(CACHE / name, "host_base")
            return
        # The runner keeps Saleor's own tables as a dump, makes them where there is none, and adds ours.
        env = self.env("livesales")
        self.target.prepare(postgres=self.postgres, env=env, say=print, log=self.folder / "prepare.log")
        self.postgres.dump("livesales", CACHE / name)
        self.postgres.drop("livesales")
        self.postgres.restore(CACHE / name, "host_base")

    @contextlib.contextmanager
    def database(self, name: str) -> Iterator[str]:
        """A private copy of the prepared database, dropped afterwards."""
        import psycopg

        self.postgres.drop(name)
        with psycopg.connect(self.postgres.url(), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE host_base')  # type: ignore[arg-type]
        try:
            yield name
        finally:
            self.postgres.drop(name)

    def run(self, code: str, *, env: dict[str, str], check: bool = True) -> Any:
        """Runs Python in Saleor's environment after ``django.setup()``; what it gives to ``answer`` comes back.

        In a process of its own, which a prepared one of the same environment makes (``Nursery``).
        """
        key = hash(frozenset(env.items()))
        if key not in self._nurseries:
            if len(self._nurseries) == NURSERIES:
                self._nurseries.pop(next(iter(self._nurseries))).stop()
            self._nurseries[key] = Nursery(self.target, env, self.folder)
        done = self._nurseries[key].run(code)
        if check and done.returncode:
            raise AssertionError(f"exit {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
        if not check:
            return done
        answers = [line[6:] for line in done.stdout.splitlines() if line.startswith("ANSWER")]
        return json.loads(answers[-1]) if answers else None

    def stop(self) -> None:
        for nursery in self._nurseries.values():
            nursery.stop()
        self._nurseries.clear()

    def manage(self, *step: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.target.python), "manage.py", *step],
            env=env,
            cwd=self.target.folder,
            capture_output=True,
            text=True,
        )


class Nursery:
    """A process that has done ``django.setup()`` in one environment, which takes Saleor seconds, and forks for each
    program: that one finds what a fresh process would, and leaves nothing behind."""

    PROGRAM = """
import json, os, sys
def answer(value): print('ANSWER' + json.dumps(value, default=str), flush=True)
try:
    import django; django.setup()
except BaseException:
    import traceback; traceback.print_exc(); sys.exit(1)
for line in sys.stdin:
    code, out, err = json.loads(line)
    child = os.fork()
    if child == 0:
        for path, number in ((out, 1), (err, 2)):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        status = 1
        try:
            exec(compile(code, "<test>", "exec"), {"answer": answer, "__name__": "__main__"})
            status = 0
        except SystemExit as error:
            status = error.code if isinstance(error.code, int) else int(error.code is not None)
        except BaseException:
            import traceback; traceback.print_exc()
        finally:
            sys.stdout.flush(); sys.stderr.flush()
            os._exit(status)
    _, status = os.waitpid(child, 0)
    os.write(int(sys.argv[1]), f"{os.waitstatus_to_exitcode(status)}\\n".encode())
"""

    def __init__(self, target: Saleor, env: dict[str, str], folder: Path) -> None:
        self.out, self.err = folder / f"nursery-{id(self)}.out", folder / f"nursery-{id(self)}.err"
        self._answers, there = os.pipe()
        with open(self.err, "wb") as errors:
            self.process = subprocess.Popen(
                [str(target.python), "-c", self.PROGRAM, str(there)],
                env=env,
                cwd=target.folder,
                stdin=subprocess.PIPE,
                stdout=errors,
                stderr=errors,
                pass_fds=[there],
                preexec_fn=die_with_parent,
            )
        os.close(there)

    def run(self, code: str) -> subprocess.CompletedProcess[str]:
        assert self.process.stdin is not None
        answer = b""
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(json.dumps([code, str(self.out), str(self.err)]).encode() + b"\n")
            self.process.stdin.flush()
            answer = os.read(self._answers, 16)
        if not answer:  # it could not even set Django up
            return subprocess.CompletedProcess([], self.process.wait(), "", self.err.read_text())
        return subprocess.CompletedProcess([], int(answer), self.out.read_text(), self.err.read_text())

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._answers)


class Web:
    """Saleor's web process on a port of its own."""

    def __init__(self, host: Host, env: dict[str, str]) -> None:
        self.host = host
        self.env = env
        self.port = free_port()
        self.log = host.folder / f"web-{self.port}.log"
        self.start()

    def start(self) -> None:
        with open(self.log, "ab") as output:
            self.process = subprocess.Popen(
                self.host.target.web(self.port),
                env=self.env,
                cwd=self.host.target.folder,
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                preexec_fn=die_with_parent,
            )
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"Saleor stopped:\n{tail(self.log, 40)}")
            with contextlib.suppress(OSError):
                if self.graphql("{ shop { name } }")["data"]:
                    return
            time.sleep(0.2)
        raise AssertionError(f"Saleor did not answer:\n{tail(self.log, 40)}")

    def stop(self, how: int = signal.SIGTERM) -> None:
        if self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def graphql(self, query: str, variables: dict[str, Any] | None = None, token: str | None = None) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/graphql/",
            data=json.dumps({"query": query, "variables": variables or {}}).encode(),
            headers=headers,
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            return json.load(error)

    def data(self, query: str, variables: dict[str, Any] | None = None, token: str | None = None) -> dict[str, Any]:
        """The answer's data. Fails on any error."""
        answer = self.graphql(query, variables, token)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def get(self, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
        """``path`` is sent as it is: nothing is normalised on the way."""
        import http.client

        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.putrequest(method, path)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        response = connection.getresponse()
        body = response.read()
        connection.close()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, body

    def sign_in(self, email: str, password: str = "password") -> str:
        query = (
            "mutation($e: String!, $p: String!) { tokenCreate(email: $e, password: $p) { token errors { message } } }"
        )
        answer = self.data(query, {"e": email, "p": password})["tokenCreate"]
        assert answer["errors"] == [], answer
        return answer["token"]

    def frame_token(self, email: str, extension: str = "Live sales desk") -> str | None:
        """What the Dashboard of this user hands to our frame."""
        query = "{ appExtensions(first: 20) { edges { node { label accessToken } } } }"
        edges = self.data(query, token=self.sign_in(email))["appExtensions"]["edges"]
        return next(edge["node"]["accessToken"] for edge in edges if edge["node"]["label"] == extension)

    def switch(self, *, active: bool, token: str) -> None:
        query = (
            'mutation($a: Boolean) { pluginUpdate(id: "saleor.livesales", input: {active: $a})'
            " { errors { field message } plugin { globalConfiguration { active } } } }"
        )
        answer = self.data(query, {"a": active}, token=token)["pluginUpdate"]
        assert answer["errors"] == []
        assert answer["plugin"]["globalConfiguration"]["active"] is active
