"""A connection to Redis for many small commands, written together, their replies taken in order (RESP2, hiredis)."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections import deque
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

import hiredis

IN_FLIGHT: Final = 50000  # commands without a reply; beyond that the connection counts as dead


class Refused(Exception):
    """Redis answered, but not with what was asked for: wrong password, wrong database."""


class Link(asyncio.Protocol):
    """``on_push``, where it subscribes, gets every array. ``on_lost`` gets the contexts that were left unanswered."""

    def __init__(self, *, on_push: Callable[[list[Any]], None] | None, on_lost: Callable[[list[Any]], None]) -> None:
        self._on_push = on_push
        self._on_lost = on_lost
        self._reader = hiredis.Reader()
        self._loop = asyncio.get_running_loop()
        self._out: list[bytes] = []
        self._flushing = False
        self._transport: asyncio.Transport | None = None
        self.contexts: deque[Any] = deque()  # one for each command without a reply
        self.replies = 0
        self.lost = asyncio.Event()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport) or hasattr(transport, "write")
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)
        try:
            while (reply := self._reader.gets()) is not False:
                self.replies += 1
                if self._on_push is not None and isinstance(reply, list):
                    self._on_push(reply)
                else:
                    self._replied(reply)
        except hiredis.ProtocolError:
            self.abort()

    def connection_lost(self, error: Exception | None) -> None:
        if self.lost.is_set():
            return
        self.lost.set()
        left, self.contexts = [context for context in self.contexts if context is not None], deque()
        self._transport = None
        self._on_lost(left)

    def _replied(self, reply: Any) -> None:
        context = self.contexts.popleft() if self.contexts else None
        if isinstance(context, asyncio.Future):
            if not context.done():
                context.set_result(reply)
        elif callable(context):
            context(reply)

    # For the owner

    @property
    def up(self) -> bool:
        return self._transport is not None

    def send(self, *command: bytes, context: Any = None, replied: bool = True) -> None:
        """Sends a command at once, if it is the first in this turn of the event loop; those after it go out together.

        ``context``: a future or callable that takes the reply, or anything that ``on_lost`` should get back.
        """
        packed = hiredis.pack_command(command)  # type: ignore[arg-type]
        if replied:
            self.contexts.append(context)
        if self._flushing:
            self._out.append(packed)
            return
        self._flushing = True
        self._loop.call_soon(self._flush)
        if self._transport is not None:
            self._transport.write(packed)

    def _flush(self) -> None:
        self._flushing = False
        out, self._out = self._out, []
        if self._transport is not None:
            if out:
                self._transport.write(b"".join(out))
            if len(self.contexts) > IN_FLIGHT:
                self.abort()

    def abort(self) -> None:
        """Ends the connection at once; ``on_lost`` follows."""
        if self._transport is not None:
            self._transport.abort()
            self.connection_lost(None)

    async def ask(self, *command: bytes) -> Any:
        """One command and its reply. Raises ConnectionError where the connection ends first."""
        reply: asyncio.Future[Any] = self._loop.create_future()
        self.send(*command, context=reply)
        lost = asyncio.ensure_future(self.lost.wait())
        try:
            await asyncio.wait((reply, lost), return_when=asyncio.FIRST_COMPLETED)
        finally:
            lost.cancel()
        if not reply.done():
            raise ConnectionError("Redis closed the connection.")
        return reply.result()


async def connect(url: str, link: Link, *, timeout: float) -> None:
    """Opens ``link`` to a redis://, rediss:// or unix:// address, and returns when Redis has answered on it: what
    accepts connections may be a proxy with nothing behind it. Raises OSError, TimeoutError or Refused."""
    parts = urlsplit(url)
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(timeout):
            if parts.scheme == "unix":
                await loop.create_unix_connection(lambda: link, parts.path)
            else:
                context = _tls(parts.query) if parts.scheme == "rediss" else None
                await loop.create_connection(
                    lambda: link, parts.hostname or "localhost", parts.port or 6379, ssl=context
                )
            if parts.password:
                login = [unquote(part).encode() for part in (parts.username, parts.password) if part]
                _ok(await link.ask(b"AUTH", *login))
            database = parse_qs(parts.query).get("db", [""])[0] or (parts.path.strip("/") if parts.hostname else "")
            if database not in ("", "0"):
                _ok(await link.ask(b"SELECT", database.encode()))
            _ok(await link.ask(b"PING"))
    except BaseException:
        with contextlib.suppress(Exception):
            link.abort()
        raise


def _tls(query: str) -> ssl.SSLContext:
    """Whom to believe, in the words of redis-py and Celery, which read the same address: ``ssl_cert_reqs=none``,
    ``ssl_ca_certs=<file>``, ``ssl_check_hostname=false``. Raises OSError: no such file."""
    options = {name: values[-1].lower() for name, values in parse_qs(query).items()}
    context = ssl.create_default_context(cafile=parse_qs(query).get("ssl_ca_certs", [None])[-1])
    if options.get("ssl_check_hostname") in ("false", "0", "no"):
        context.check_hostname = False
    if options.get("ssl_cert_reqs") in ("none", "cert_none"):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _ok(reply: Any) -> None:
    if isinstance(reply, Exception):
        raise Refused(str(reply))
