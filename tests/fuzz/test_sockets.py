"""Streams of bytes against a real gateway: it lives, serves others meanwhile, leaks nothing and logs no trace.

``FUZZ_SECONDS`` says for how long; without it a few seconds. The seed is told, so that a run can be repeated.
"""

import asyncio
import hashlib
import os
import random
import socket
import time
import urllib.request
from pathlib import Path

import psutil
import pytest

from ..gateway.conftest import close_connections, gateway, make_session, start_gateway, until, visitor  # noqa: F401
from . import sockets
from .streams import CLOSE, PING, PONG, TEXT, answers, build, masked

SECONDS = float(os.environ.get("FUZZ_SECONDS", "0"))
SEED = int(os.environ.get("FUZZ_SEED", "0")) or (random.randrange(2**32) if SECONDS else 1)
CORPUS = Path(__file__).parent / "corpus" / "sockets"
ENV = {
    "LIVESALES_SIGNING_KEYS": "t1:" + "s" * 48 + ",k1:" + "a" * 48,
    "LIVESALES_HELLO_TIMEOUT": "2",
    "LIVESALES_MESSAGES_PER_MINUTE": "6000",
}


@pytest.fixture(params=["picows", "asgi"])
def transport(request):
    return request.param


async def talk(client, session, stop: asyncio.Event) -> int:
    """A conversation beside it all: every message is acknowledged, in order, without a gap."""
    number = 0
    while not stop.is_set():
        number += 1
        async with asyncio.timeout(sockets.PATIENCE):
            assert (await client.send(session, f"still here {number}")).number == number
        await asyncio.sleep(0.2)
    return number


def troubles(log: list[str]) -> list[str]:
    return [line for line in log if '"level":"error"' in line or '"level":"critical"' in line or "Traceback" in line]


async def test_a_gateway_takes_any_bytes(start_gateway, transport):  # noqa: F811
    gateway = start_gateway(**ENV)  # noqa: F811
    process = psutil.Process(gateway.process.pid)
    session = await make_session()
    seeds = sockets.corpus(CORPUS)
    async with visitor(gateway, subject=session.visitor_id) as client:
        stop = asyncio.Event()
        talking = asyncio.create_task(talk(client, session, stop))
        try:
            # first to the size that a gateway has after much work, then again as long
            await sockets.storm(gateway.port, seconds=max(1.0, SECONDS / 4), seed=SEED + 1, seeds=seeds)
            await until(lambda: process.num_fds() < 60, sockets.PATIENCE)
            files, memory, began = process.num_fds(), process.memory_info().rss, time.monotonic()
            fates = await sockets.storm(gateway.port, seconds=max(2.0, SECONDS * 0.75), seed=SEED)
        except sockets.Found as found:
            CORPUS.mkdir(parents=True, exist_ok=True)
            (CORPUS / f"found-{hashlib.sha1(found.data).hexdigest()[:12]}").write_bytes(found.data)
            raise
        finally:
            stop.set()
        said = await talking
    await until(lambda: process.num_fds() < files + 5, sockets.PATIENCE)
    grown = (process.memory_info().rss - memory) / 2**20
    total = sum(fates.values())
    seconds = time.monotonic() - began
    print(f"{transport}, seed {SEED}: {total} streams in {seconds:.0f} s: {fates}; {said} said, {grown:.1f} MB more")
    assert said > 3
    assert total > 20
    assert not troubles(gateway.log), "\n".join(troubles(gateway.log))
    assert grown < 16 + total / 50_000
    assert gateway.process.poll() is None
    assert gateway.stop() == 0


def raw_socket(gateway) -> socket.socket:  # noqa: F811
    """A WebSocket by hand, open and silent."""
    made = socket.create_connection(("127.0.0.1", gateway.port))
    made.settimeout(sockets.PATIENCE)
    made.sendall(build(b"").request)
    assert made.recv(4096).startswith(b"HTTP/1.1 101 ")
    return made


def test_who_asks_and_never_reads_is_hung_up_on(start_gateway):  # noqa: F811
    """Found: pongs were kept for a peer that pinged without reading, hundreds of megabytes in seconds."""
    gateway = start_gateway(LIVESALES_HELLO_TIMEOUT="600", LIVESALES_PENDING_WRITES="100000")  # noqa: F811
    pings = masked(PING, b"x" * 125) * 500
    with raw_socket(gateway) as deaf, pytest.raises(ConnectionError):
        until = time.monotonic() + 60
        while time.monotonic() < until:  # the kernel's buffers take a few megabytes
            deaf.sendall(pings)
    with urllib.request.urlopen(f"http://127.0.0.1:{gateway.health_port}/metrics", timeout=5) as answer:
        told = [line for line in answer.read().decode().splitlines() if "SLOW_CONSUMER" in line]
    assert [line.rpartition(" ")[2] for line in told] == ["1.0"]


async def test_a_ping_is_answered_before_hello(start_gateway):  # noqa: F811
    gateway = start_gateway()  # noqa: F811
    with raw_socket(gateway) as browser:
        browser.sendall(masked(PING, b"there?"))
        assert browser.recv(100) == bytes([0x80 | PONG, 6]) + b"there?"


async def test_what_is_no_text_just_before_a_close_troubles_nobody(start_gateway):  # noqa: F811
    """Found: uvicorn closes for the one what the other has closed already."""
    gateway = start_gateway()  # noqa: F811
    for behind in (masked(CLOSE, b"\x03\xe8"), masked(TEXT, b"\xff") + masked(CLOSE, b"\x03\xe8"), masked(3, b"")):
        with raw_socket(gateway) as browser:
            browser.sendall(masked(TEXT, b"\xff\xfe") + behind)
            heard = b""
            while more := browser.recv(100):
                heard += more
            frames, rest = answers(heard)
            assert rest == b""
            assert [(opcode, payload[:2]) for opcode, payload in frames][:1] in (
                [(CLOSE, b"\x03\xe8")], [(CLOSE, b"\x03\xef")], [(CLOSE, b"\x03\xea")],
            )  # fmt: skip
    assert gateway.stop() == 0
    assert not troubles(gateway.log), "\n".join(troubles(gateway.log))


HANDSHAKES = [
    (b"Connection: Upgrade", b"Connection: keep-alive, Upgrade", b"101"),  # as Firefox says it
    (b"Connection: Upgrade", b"Connection: keep-alive\r\nConnection: upgrade", b"101"),
    (b"Connection: Upgrade", b"Connection: keep-alive", b"4"),
    (b"Version: 13", b"Version: \xff13", b"400"),
    (b"Key: dGhl", b"Key: \xff\xff\xff\xff", b"400"),
    (b"Host: 127.0.0.1", b"Host: \xff\xfe", b"101"),
]


async def test_handshakes_as_browsers_and_others_write_them(start_gateway):  # noqa: F811
    gateway = start_gateway()  # noqa: F811
    for before, after, status in HANDSHAKES:
        with socket.create_connection(("127.0.0.1", gateway.port)) as browser:
            browser.settimeout(sockets.PATIENCE)
            request = build(b"").request.replace(before, after)
            assert after in request
            browser.sendall(request)
            assert browser.recv(4096).startswith(b"HTTP/1.1 " + status), after
    assert gateway.stop() == 0
    assert not troubles(gateway.log), "\n".join(troubles(gateway.log))
