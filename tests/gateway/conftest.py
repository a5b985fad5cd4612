"""A gateway process of its own beside the test, and clients that talk to it as browsers do."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator

import msgspec
import pytest
import websockets
from asgiref.sync import sync_to_async
from django.db import connections

from saleor_livesales import conf, wire
from saleor_livesales.ids import to_global_id, uuid7
from saleor_livesales.models import Rep, Session, Visitor

MAIN = "from saleor_livesales import conf; from saleor_livesales.gateway.server import run; exit(run(conf.load()))"


class Gateway:
    """A gateway in a process; ``restart`` takes the same ports."""

    def __init__(self, env: dict[str, str]) -> None:
        self.env = {
            "LIVESALES_GATEWAY_PORT": "0",
            "LIVESALES_GATEWAY_HEALTH_PORT": "0",
            "LIVESALES_GATEWAY_URL": "ws://127.0.0.1/live",
            **env,
        }
        self.log: list[str] = []
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", MAIN], env=self.env, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        )
        ready = threading.Event()
        reader = threading.Thread(target=self._read, args=(self.process, ready), daemon=True)
        reader.start()
        end = time.monotonic() + 30
        while not ready.wait(0.05):
            if self.process.poll() is not None:
                reader.join(5)
            assert reader.is_alive() and time.monotonic() < end, "".join(self.log)
        self.env["LIVESALES_GATEWAY_PORT"] = str(self.port)
        self.env["LIVESALES_GATEWAY_HEALTH_PORT"] = str(self.health_port)
        for _ in range(200):
            if self.health("ready")[0] == 200:
                return
            time.sleep(0.05)

    def _read(self, process: subprocess.Popen[str], ready: threading.Event) -> None:
        assert process.stderr is not None
        for line in process.stderr:
            self.log.append(line)
            if found := re.search(r"listening on 127.0.0.1:(\d+), health on 127.0.0.1:(\d+)", line):
                self.port, self.health_port = int(found[1]), int(found[2])
                ready.set()

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/live"

    def health(self, name: str) -> tuple[int, str]:
        with contextlib.suppress(OSError):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.health_port}/health/{name}", timeout=2) as answer:
                    return answer.status, answer.read().decode()
            except urllib.error.HTTPError as error:
                return error.code, error.read().decode()
        return 0, ""

    def stop(self, number: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(20)


@pytest.fixture
def transport() -> str:
    """What the gateways of a test are served by. A file that concerns all transports overrides this."""
    return "picows"


@pytest.fixture
def start_gateway(service_env, redis, transport) -> Iterator[Callable[..., Gateway]]:
    connections.close_all()  # this thread's, which made the database: a test may stop the server under it
    started: list[Gateway] = []

    def start(**env: str) -> Gateway:
        started.append(Gateway({**service_env, "LIVESALES_GATEWAY_TRANSPORT": transport, **env}))
        return started[-1]

    yield start
    for gateway in started:
        gateway.stop(signal.SIGKILL)


@pytest.fixture(autouse=True)
async def close_connections():
    yield
    await sync_to_async(connections.close_all)()


@pytest.fixture
def gateway(start_gateway) -> Gateway:
    return start_gateway()


@pytest.fixture(scope="session")
def kept_gateways(django_db_setup) -> Iterator[dict[str, Gateway]]:
    kept: dict[str, Gateway] = {}
    yield kept
    for gateway in kept.values():
        gateway.stop(signal.SIGKILL)


@pytest.fixture
def shared_gateway(kept_gateways, service_env, redis, transport) -> Gateway:
    """One that other tests used before: for those who don't look at what it counts. Whoever stops it may do so."""
    gateway = kept_gateways.get(transport)
    if gateway is None or gateway.process.poll() is not None:
        gateway = kept_gateways[transport] = Gateway({**service_env, "LIVESALES_GATEWAY_TRANSPORT": transport})
    return gateway


class Client:
    """One browser's socket. ``frames`` keeps everything that came."""

    def __init__(self, socket: websockets.ClientConnection) -> None:
        self.socket = socket
        self.frames: list[wire.Frame] = []
        self.welcome: wire.Welcome

    async def say(self, frame: wire.Frame | str | bytes) -> None:
        await self.socket.send(wire.encode(frame).decode() if isinstance(frame, wire.Frame) else frame)

    async def hear(self, kind: type[wire.Frame], timeout: float = 30.0):
        """The next frame of this kind; what comes before is kept in ``frames``."""
        async with asyncio.timeout(timeout):
            while True:
                frame = wire.decode_from_server(await self.socket.recv())
                self.frames.append(frame)
                if isinstance(frame, kind):
                    return frame

    async def silence(self, seconds: float = 0.4) -> None:
        """Nothing more comes for a while."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                pytest.fail(f"heard {await self.socket.recv()!r}")

    async def send(self, session: Session, text: str, key: uuid.UUID | None = None) -> wire.Ack:
        key = key or uuid.uuid4()
        await self.say(wire.SendMessage(session=gid(session), key=key, text=text))
        return await self.hear(wire.Ack)

    async def closed(self, timeout: float = 30.0) -> tuple[int, str]:
        async with asyncio.timeout(timeout):
            while True:
                try:
                    self.frames.append(wire.decode_from_server(await self.socket.recv()))
                except websockets.ConnectionClosed:
                    assert self.socket.close_code is not None
                    return self.socket.close_code, self.socket.close_reason or ""
                except msgspec.DecodeError:
                    continue

    @property
    def cookie(self) -> str | None:
        header = self.socket.response.headers.get("Set-Cookie")
        return header.partition(";")[0] if header else None


def gid(session: Session) -> str:
    return to_global_id("LiveSession", session.pk)


def connect(gateway: Gateway, **headers: str):
    headers = {"Origin": "http://127.0.0.1:9000"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return websockets.connect(gateway.url, additional_headers=headers, compression=None, max_size=None)


@contextlib.asynccontextmanager
async def visitor(gateway: Gateway, *, token: str | None = None, cookies: bool = True, subject=None, **headers: str):
    """A visitor who said Hello; ``subject``: known by a token of ours."""
    if subject is not None:
        token = conf.load().signer.sign(kind="visitor", subject=subject, now=datetime.datetime.now(datetime.UTC))
    async with connect(gateway, **headers) as socket:
        client = Client(socket)
        await client.say(wire.Hello(role="visitor", channel="eu", token=token, cookies=cookies))
        client.welcome = await client.hear(wire.Welcome)
        yield client


@contextlib.asynccontextmanager
async def rep(gateway: Gateway, subject: uuid.UUID):
    ticket = conf.load().signer.sign(kind="rep-ticket", subject=subject, now=datetime.datetime.now(datetime.UTC))
    async with connect(gateway) as socket:
        client = Client(socket)
        await client.say(wire.Hello(role="rep", ticket=ticket))
        client.welcome = await client.hear(wire.Welcome)
        yield client


def make_session_now(state: str = "active", rep_row: Rep | None = None, **values) -> Session:
    now = datetime.datetime.now(datetime.UTC)
    if rep_row is None:
        rep_row = Rep.objects.create(user_id=uuid7().hex, name="Rita", status="online", lease_until=now)
    return Session.objects.create(
        visitor=Visitor.objects.create(created_at=now), rep=rep_row, channel="eu", state=state, created_at=now, **values
    )


make_session = sync_to_async(make_session_now)


async def until(condition: Callable[[], object], timeout: float = 30.0) -> None:
    async with asyncio.timeout(timeout):
        while not await sync_to_async(condition)():
            await asyncio.sleep(0.05)
