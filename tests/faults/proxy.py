"""TCP ports in front of others that a test can hold up, swallow and cut, all in one thread with a loop of its own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable
from typing import Any


class Proxies:
    """The thread and its loop. ``add`` makes a port; ``stop`` closes all of them."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._servers: list[asyncio.Server] = []
        self._thread = threading.Thread(target=self.loop.run_forever, name="proxies", daemon=True)
        self._thread.start()

    def add(self, port: int) -> Proxy:
        """A new port that leads to ``port`` on the loopback."""
        proxy = Proxy(self.loop, port)

        async def serve() -> None:
            server = await self.loop.create_server(lambda: _Side(proxy, None), "127.0.0.1", 0, backlog=1024)
            self._servers.append(server)
            proxy.port = server.sockets[0].getsockname()[1]

        asyncio.run_coroutine_threadsafe(serve(), self.loop).result(10)
        return proxy

    def stop(self) -> None:
        async def end() -> None:
            for server in self._servers:
                server.close()
            for task in asyncio.all_tasks():
                if task is not asyncio.current_task():
                    task.cancel()

        asyncio.run_coroutine_threadsafe(end(), self.loop).result(60)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)


class Proxy:
    """One port. What it does to its connections is changed from any thread; each call returns when it is done."""

    def __init__(self, loop: asyncio.AbstractEventLoop, target: int) -> None:
        self.loop, self.target = loop, target
        self.port = 0
        self.sides: set[_Side] = set()  # those that clients opened
        self.held = False
        self.mute = False  # answers vanish
        self.left: int | None = None  # so many bytes still pass to the server, then everything is cut

    def _run(self, change: Callable[[], None]) -> None:
        async def apply() -> None:
            change()

        asyncio.run_coroutine_threadsafe(apply(), self.loop).result(10)

    def hold(self) -> None:
        """A network that loses everything: nothing passes, nothing is closed, new connections get no answer."""

        def change() -> None:
            self.held = True
            for side in self.sides:
                side.pause()

        self._run(change)

    def release(self) -> None:
        """The network is whole again: what TCP had kept is delivered."""

        def change() -> None:
            self.held = False
            for side in list(self.sides):
                side.go_on()

        self._run(change)

    def forget(self) -> None:
        """New connections work; the old ones stay silent for ever, and nobody is told: a firewall lost its state."""

        def change() -> None:
            self.held = False
            for side in list(self.sides):
                if side.peer is None:
                    side.go_on()  # never got through; it begins now
                else:
                    self.sides.discard(side)

        self._run(change)

    def cut(self) -> None:
        """Resets every connection."""

        def change() -> None:
            for side in list(self.sides):
                side.reset()

        self._run(change)

    def cut_after(self, size: int) -> None:
        """Lets so many bytes pass to the server, then resets every connection: in the middle of a statement."""

        def change() -> None:
            self.left = size

        self._run(change)

    def swallow_answers(self) -> None:
        """What clients send arrives; what is answered vanishes, until ``cut`` and ``restore``."""

        def change() -> None:
            self.mute = True

        self._run(change)

    def restore(self) -> None:
        """Everything passes again, over new connections."""

        def change() -> None:
            self.held = self.mute = False
            self.left = None
            for side in list(self.sides):
                side.reset()

        self._run(change)


class _Side(asyncio.Protocol):
    """One end of a connection: ``peer`` is the other."""

    def __init__(self, proxy: Proxy, peer: _Side | None) -> None:
        self.proxy, self.peer = proxy, peer
        self.upstream = peer is not None
        self.transport: Any = None
        self.early: list[bytes] = []
        self.connecting = False
        self.ended = False  # nothing more passes, a reset follows

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        with contextlib.suppress(OSError):
            transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.upstream:
            return
        self.proxy.sides.add(self)
        if self.proxy.held:
            self.pause()
        else:
            self._connect()

    def _connect(self) -> None:
        self.connecting = True
        self.proxy.loop.create_task(self._reach())

    async def _reach(self) -> None:
        try:
            _, peer = await self.proxy.loop.create_connection(
                lambda: _Side(self.proxy, self), "127.0.0.1", self.proxy.target
            )
        except OSError:
            self.reset()
            return
        if self.transport is None or self.transport.is_closing():
            peer.reset()
            return
        self.peer = peer
        if self.proxy.held:
            self.pause()
        early, self.early = self.early, []
        for data in early:
            self._forward(data)

    def data_received(self, data: bytes) -> None:
        if self.peer is None:
            self.early.append(data)
        else:
            self._forward(data)

    def _forward(self, data: bytes) -> None:
        proxy, peer = self.proxy, self.peer
        if peer is None or peer.transport is None or self.ended or (self.upstream and proxy.mute):
            return
        if not self.upstream and proxy.left is not None:
            data, proxy.left = data[: proxy.left], max(0, proxy.left - len(data))
            if data:
                peer.transport.write(data)
            if not proxy.left:
                proxy.left = None
                proxy.loop.call_later(0.01, lambda: [side.reset() for side in list(proxy.sides)])
                self.ended = True
            return
        peer.transport.write(data)

    def pause(self) -> None:
        for side in (self, self.peer):
            if side is not None and side.transport is not None and not side.transport.is_closing():
                side.transport.pause_reading()

    def go_on(self) -> None:
        if self.peer is None and not self.connecting and not self.upstream:
            self._connect()
        for side in (self, self.peer):
            if side is not None and side.transport is not None and not side.transport.is_closing():
                side.transport.resume_reading()

    def reset(self) -> None:
        self.proxy.sides.discard(self)
        for side in (self, self.peer):
            if side is not None and side.transport is not None:
                transport, side.transport = side.transport, None
                with contextlib.suppress(OSError, AttributeError):
                    transport.get_extra_info("socket").setsockopt(
                        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                    )
                transport.abort()

    def connection_lost(self, error: Exception | None) -> None:
        self.transport = None
        if not self.upstream:
            self.proxy.sides.discard(self)
        peer, self.peer = self.peer, None
        if peer is not None and peer.transport is not None:
            peer.transport.close()
