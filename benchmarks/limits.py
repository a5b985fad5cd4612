"""What nothing can beat: a disk that syncs, Redis between two bare sockets, TCP there and back. Times are in seconds.

Each in a process of its own: ``python -m benchmarks.limits fdatasync FOLDER``, ``... pubsub PORT``, ``... tcp``.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import hiredis

from .load import percentile
from .stand import LOADING, ROOT, SERVING, pin

PAGE = 8192  # bytes: what PostgreSQL writes of its log at a small commit
TIMES = 1000


def _times(action: Callable[[int], None], number: int = TIMES) -> dict[str, float]:
    taken = []
    for position in range(number + number // 10):
        began = time.perf_counter()
        action(position)
        if position >= number // 10:
            taken.append(time.perf_counter() - began)
    taken.sort()
    return {"p50": percentile(taken, 0.5), "p99": percentile(taken, 0.99)}


def fdatasync(folder: str) -> dict[str, float]:
    """One page written into a file that is there already, as PostgreSQL writes its log, and synced."""
    path = Path(folder, "sync")
    handle = os.open(path, os.O_RDWR | os.O_CREAT)
    try:
        os.write(handle, bytes(64 * PAGE))
        os.fsync(handle)

        def sync(position: int) -> None:
            os.pwrite(handle, bytes(PAGE), position % 64 * PAGE)
            (os.fdatasync if hasattr(os, "fdatasync") else os.fsync)(handle)

        return _times(sync)
    finally:
        os.close(handle)
        path.unlink()


def pubsub(port: str) -> dict[str, float]:
    """PUBLISH on one socket until the message is on the other."""
    publisher, subscriber = (socket.create_connection(("127.0.0.1", int(port))) for _ in range(2))
    for one in (publisher, subscriber):
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    subscriber.sendall(hiredis.pack_command((b"SUBSCRIBE", b"bench-limit")))  # type: ignore[arg-type]
    subscriber.recv(4096)
    words = (b"PUBLISH", b"bench-limit", b'{"type":"typing","active":true}')
    command = hiredis.pack_command(words)  # type: ignore[arg-type]
    replies, messages = hiredis.Reader(), hiredis.Reader()

    def publish(_: int) -> None:
        publisher.sendall(command)
        messages.feed(subscriber.recv(4096))
        while messages.gets() is not False:
            pass
        replies.feed(publisher.recv(4096))
        replies.gets()

    return _times(publish)


def tcp() -> dict[str, float]:
    """A hundred bytes to a process on the serving core and back."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        peer, _ = listener.accept()
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while data := peer.recv(4096):
            peer.sendall(data)

    child = os.fork()
    if not child:
        pin(SERVING)()
        serve()
        os._exit(0)
    client = socket.create_connection(listener.getsockname())
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    payload = bytes(100)

    def echo(_: int) -> None:
        client.sendall(payload)
        client.recv(4096)

    try:
        return _times(echo)
    finally:
        client.close()
        os.waitpid(child, 0)


def measure(name: str, *arguments: str) -> dict[str, float]:
    """Runs one of them in a new process, the disk's on the serving core, the others on that of the load."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.limits", name, *arguments], cwd=ROOT, capture_output=True, text=True,
        check=True, preexec_fn=pin(SERVING if name == "fdatasync" else LOADING), timeout=60,
    )  # fmt: skip
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


LIMITS: Final[dict[str, Callable[..., dict[str, float]]]] = {"fdatasync": fdatasync, "pubsub": pubsub, "tcp": tcp}

if __name__ == "__main__":
    print(json.dumps(LIMITS[sys.argv[1]](*sys.argv[2:])))
