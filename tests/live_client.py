"""A client of the socket for tests: a thread keeps what comes, the test asks for it by type."""

from __future__ import annotations

import contextlib
import threading
import uuid
from collections.abc import Callable
from typing import Any, TypeVar

import websockets
from websockets.sync.client import connect

from saleor_livesales import wire

F = TypeVar("F", bound=wire.Frame)


class Live:
    """One open socket. ``frames`` holds all that came; ``next`` takes them one by one."""

    def __init__(self, url: str, *, origin: str | None, **headers: str) -> None:
        self._open = contextlib.ExitStack()
        self.socket = self._open.enter_context(
            connect(
                url,
                origin=origin,  # type: ignore[arg-type]
                additional_headers={name.replace("_", "-"): value for name, value in headers.items()},
                compression=None,
                max_size=None,
                open_timeout=20,
            )
        )
        self.frames: list[Any] = []
        self._waiting: list[Any] = []
        self._news = threading.Condition()
        self._closed = False
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        try:
            for data in self.socket:
                frame = wire.decode_from_server(data.encode() if isinstance(data, str) else data)
                with self._news:
                    self.frames.append(frame)
                    self._waiting.append(frame)
                    self._news.notify_all()
        except websockets.ConnectionClosed:
            pass
        finally:
            with self._news:
                self._closed = True
                self._news.notify_all()

    # Speaking

    def send(self, frame: wire.Frame | str | bytes) -> None:
        self.socket.send(wire.encode(frame).decode() if isinstance(frame, wire.Frame) else frame)

    def greet(self, channel: str, *, token: str | None = None, cookies: bool = False) -> wire.Welcome:
        """As a visitor."""
        self.send(wire.Hello(role="visitor", channel=channel, token=token, cookies=cookies))
        return self.next(wire.Welcome)

    def greet_as_rep(self, ticket: str) -> wire.Welcome:
        self.send(wire.Hello(role="rep", ticket=ticket))
        return self.next(wire.Welcome)

    def say(self, session: str, text: str, *, key: uuid.UUID | None = None) -> wire.Ack | wire.Refused:
        """The answer to this message."""
        key = key or uuid.uuid4()
        self.send(wire.SendMessage(session=session, key=key, text=text))
        return self.next((wire.Ack, wire.Refused), lambda frame: frame.key == key)

    def resume(self, session: str, after: int = 0) -> list[wire.Entry]:
        """Every entry of the session after this number. Raises AssertionError with the code of a refusal."""
        entries: list[wire.Entry] = []
        while True:
            self.send(wire.Resume(session=session, after=entries[-1].number if entries else after))
            answer = self.next((wire.Resumed, wire.Refused), lambda frame: frame.session == session)
            assert isinstance(answer, wire.Resumed), answer.code
            entries += answer.entries
            if not answer.more:
                return entries

    # Hearing

    def next(
        self, kind: type[F] | tuple[type, ...], where: Callable[[Any], bool] = lambda frame: True, timeout: float = 15.0
    ) -> Any:
        """The first frame of this kind that was not taken yet. Raises AssertionError when none comes."""

        def found() -> Any:
            return next((frame for frame in self._waiting if isinstance(frame, kind) and where(frame)), None)

        with self._news:
            self._news.wait_for(lambda: found() is not None or self._closed, timeout)
            frame = found()
            assert frame is not None, f"no {kind} came; closed: {self._closed}; unread: {self._waiting}"
            self._waiting.remove(frame)
            return frame

    def take(self) -> list[Any]:
        """Everything that was not taken yet."""
        with self._news:
            taken, self._waiting = self._waiting, []
            return taken

    def heard(self, kind: type[F]) -> list[F]:
        """All frames of this kind that came so far."""
        with self._news:
            return [frame for frame in self.frames if isinstance(frame, kind)]

    def closed(self, timeout: float = 10.0) -> tuple[int | None, str | None]:
        """Code and reason, once the gateway has closed the socket."""
        with self._news:
            assert self._news.wait_for(lambda: self._closed, timeout), f"still open; unread: {self._waiting}"
        return self.socket.close_code, self.socket.close_reason

    @property
    def is_closed(self) -> bool:
        return self._closed

    def close(self) -> None:
        self._open.close()
