"""Sends streams to a real gateway, many at once, and watches whether it stays well."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket as sockets
import struct
import time
from pathlib import Path
from typing import Final

from saleor_livesales import wire

from .streams import CLOSE, OWN_CODES, PING, PONG, TEXT, Stream, answers, build, masked

PATIENCE: Final = 20.0  # seconds, for a machine that does other things as well
NONCE: Final = b"are you there?"
LIMIT: Final = 700  # bytes that make a stream


class Found(AssertionError):
    """A stream that the gateway took badly. ``data`` makes it again."""

    def __init__(self, data: bytes, what: str, stream: Stream) -> None:
        super().__init__(f"{what}: {data.hex()}: {b''.join(stream.chunks)[:200]!r}")
        self.data = data


class Visit:
    """One connection that plays one stream."""

    def __init__(self, port: int, data: bytes) -> None:
        self.port = port
        self.data = data
        self.stream = build(data)
        self.heard = b""
        self.frames: list[tuple[int, bytes]] = []
        self.ended = False
        self.reset = False

    async def play(self) -> str:
        """What became of it. Raises Found."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 20)
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._play(reader, writer)
        except TimeoutError:
            raise Found(self.data, f"no end in sight, heard {self.frames} {self.heard!r}", self.stream) from None
        except AssertionError as error:
            raise Found(self.data, str(error), self.stream) from error
        finally:
            if self.stream.farewell == 2:  # a reset
                raw = writer.get_extra_info("socket")
                with contextlib.suppress(OSError):
                    raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort() if self.stream.farewell > 1 else writer.close()

    async def _play(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
        stream = self.stream
        writer.write(stream.request)
        if not stream.proper_request:
            with contextlib.suppress(OSError):  # it may have hung up already
                writer.write_eof()
        status = await self._status(reader)
        if stream.proper_request:
            assert status == 101, f"a proper handshake gets {status}"
        if status != 101:
            return f"http {status}"
        if not stream.proper_request:
            return "strange, but let in"
        with contextlib.suppress(OSError):
            for chunk in stream.chunks:
                writer.write(chunk)
                await asyncio.sleep(0)
                await writer.drain()
            if stream.known and stream.must_close is None:
                writer.write(masked(PING, NONCE))
            elif not stream.known:
                writer.write_eof()
        while not self.ended:
            if stream.known and stream.must_close is None and (PONG, NONCE) in self.frames:
                break
            await self._hear(reader)
        return self._judge()

    async def _status(self, reader: asyncio.StreamReader) -> int:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            answer = await reader.readuntil(b"\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 "), answer
            return int(answer[9:12])
        return 0

    async def _hear(self, reader: asyncio.StreamReader) -> None:
        try:
            data = await reader.read(65536)
        except OSError:  # what it said may be lost, where more of ours was on the way
            data, self.reset = b"", True
        if not data:
            self.ended = True
            return
        more, self.heard = answers(self.heard + data)
        self.frames += more
        kinds = [opcode for opcode, _ in self.frames]
        if CLOSE in kinds:
            assert set(kinds[kinds.index(CLOSE) + 1 :]) <= {PONG}, "something follows on a close"
        for opcode, payload in more:
            if opcode == TEXT:
                wire.decode_from_server(payload)

    def _judge(self) -> str:
        stream = self.stream
        closes = [payload for opcode, payload in self.frames if opcode == CLOSE]
        codes = [int.from_bytes(payload[:2], "big") if payload else 1005 for payload in closes]
        for payload in closes:
            payload[2:].decode()
        if not self.ended:
            return "open"
        assert self.heard == b"" or self.reset, "cut in a frame"
        if not stream.known:
            for code in codes:
                assert 1000 <= code < 5000, code
                assert code not in (1004, 1006, 1011, 1015), code
            return "unknown"
        allowed = OWN_CODES | (stream.must_close or frozenset())
        assert all(code in allowed for code in codes), f"closed with {codes}, not {sorted(stream.must_close or [])}"
        if stream.must_close is None:
            assert codes or self.reset, "it hung up without a word"
        return f"closed {codes[0]}" if codes else "cut"


async def storm(
    port: int, *, seconds: float, seed: int, at_once: int = 32, seeds: list[bytes] | None = None
) -> dict[str, int]:
    """Plays streams until the time is over: how many came to which end. Raises Found at the first that went wrong."""
    end = time.monotonic() + seconds
    fates: dict[str, int] = {}
    chance = random.Random(seed)
    known = list(seeds or [])
    first = list(known)

    def make() -> bytes:
        if first:
            return first.pop()
        if known and chance.random() < 0.3:
            data = bytearray(chance.choice(known))
            for _ in range(chance.randrange(1, 6)):
                data[chance.randrange(len(data))] = chance.randrange(256)
            return bytes(data)
        return chance.randbytes(chance.randrange(8, LIMIT))

    async def one() -> None:
        while first or time.monotonic() < end:
            fate = await Visit(port, make()).play()
            fates[fate] = fates.get(fate, 0) + 1

    tasks = [asyncio.create_task(one()) for _ in range(at_once)]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return fates


def corpus(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder.iterdir())] if folder.exists() else []
