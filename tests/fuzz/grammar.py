"""From any bytes to something worth saying: a small grammar, so that what is made up gets past JSON.

The same bytes always make the same steps, with or without a fuzzer at hand: a corpus is replayed by reading it.
"""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Sequence
from typing import Any, Final, TypeVar

from saleor_livesales import wire
from saleor_livesales.ids import to_global_id

from .world import FOREIGN, NETWORKS, REPS, SESSIONS, SIGNER, START, VISITORS, Line, World

T = TypeVar("T")


class Source:
    """Takes choices from bytes; zeros follow where they end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def __bool__(self) -> bool:
        return self._at < len(self._data)

    def byte(self) -> int:
        self._at += 1
        return self._data[self._at - 1] if self._at <= len(self._data) else 0

    def number(self, size: int) -> int:
        return int.from_bytes(self.bytes(size).ljust(size, b"\0"), "big")

    def bytes(self, size: int) -> bytes:
        taken = self._data[self._at : self._at + size]
        self._at += size
        return taken

    def some(self, limit: int = 255) -> bytes:
        """So many bytes as the next one says."""
        return self.bytes(min(self.byte(), limit))

    def rest(self) -> bytes:
        return self.bytes(len(self._data))

    def one_of(self, choices: Sequence[T]) -> T:
        return choices[self.byte() % len(choices)]


DAY: Final = datetime.timedelta(days=1)
TOKENS: Final[list[str]] = [
    "",
    "x",
    *(SIGNER.sign(kind="visitor", subject=subject, now=START) for subject in VISITORS),
    *(SIGNER.sign(kind="rep-ticket", subject=subject, now=START, lifetime=DAY) for subject in REPS),
    SIGNER.sign(kind="rep-ticket", subject=REPS[0], now=START),
    SIGNER.sign(kind="visitor-ticket", subject=VISITORS[0], now=START),
    SIGNER.sign(kind="visitor", subject=VISITORS[0], now=START - 500 * DAY),
    FOREIGN.sign(kind="visitor", subject=VISITORS[0], now=START),
    FOREIGN.sign(kind="rep-ticket", subject=REPS[0], now=START),
]
SESSION_IDS: Final = [to_global_id("LiveSession", session) for session in SESSIONS]
OTHER_IDS: Final = [
    to_global_id("LiveVisitor", VISITORS[0]),
    to_global_id("LiveSession", "x"),
    to_global_id("LiveSession", SESSIONS[0].hex),
    to_global_id("LiveSession", str(SESSIONS[0]).upper()),
    to_global_id("LiveSession", f"{{{SESSIONS[0]}}}"),
    to_global_id("LiveSession", "-" * 300 + SESSIONS[0].hex),
    SESSION_IDS[0].rstrip("="),
    "",
    "=",
    "é",
]
SHOP_IDS: Final = [
    to_global_id("Product", 7),
    to_global_id("ProductVariant", 8),
    to_global_id("Checkout", VISITORS[0]),
    to_global_id("Product", "a\0b"),
    to_global_id("Product", "7" * 200),
]
URLS: Final = [
    "https://shop.example/p/7?q=%20#a",
    "http://[::1]:8000/",
    "http://[",
    "javascript:alert(1)",
    "https://",
    "HTTPS://SHOP.example",
    "https://shop.example/" + "x" * 2000,
    "https://shop.example/\0",
    "https://sh\u200bop.example/",
    "https:/\\evil.example",
]
TEXTS: Final = ["hello", "", " \u00a0\t", "a\0b", "\U0001f600" * 150, "x" * 200, "y" * 201, "\u202e", "[{[{[{", '"\\']
CHANNELS: Final = ["eu", "", "x" * 255, "y" * 256, "a\0b", "a\nb", "\u202e"]
NUMBERS: Final = [0, 1, -1, 2**31 - 1, 2**31, 2**63, 2**64, 10**30, 3600, 3601, 1.5, -0.0, 1e308]
KEYS: Final = [str(uuid.UUID(int=7)), uuid.UUID(int=8).hex, "x", "", str(uuid.UUID(int=9)).upper()]
ANYTHING: Final[list[Any]] = [None, True, False, [], {}, [[[[[]]]]], {"a": {"b": {"c": {"d": {}}}}}, *TEXTS, *NUMBERS]

# Of each field, what may be said; most of it right.
VALUES: Final[dict[str, Sequence[Any]]] = {
    "role": ["visitor", "visitor", "rep", "system"],
    "ticket": TOKENS,
    "token": TOKENS,
    "channel": CHANNELS,
    "cookies": [True, False],
    "url": URLS,
    "title": [*TEXTS, "t" * 400],
    "referrer": URLS,
    "product": SHOP_IDS,
    "variant": [None, *SHOP_IDS],
    "seconds": NUMBERS,
    "checkout": SHOP_IDS,
    "session": [*SESSION_IDS, *SESSION_IDS, *OTHER_IDS],
    "key": KEYS,
    "text": TEXTS,
    "active": [True, False],
    "sender": ["rep", "visitor", "system", "nobody"],
    "number": NUMBERS,
    "after": NUMBERS,
}
FIELDS: Final[dict[str, Sequence[str]]] = {
    kind.__struct_config__.tag: list(kind.__struct_encode_fields__)
    for kind in wire.FromBrowser.__args__  # type: ignore[attr-defined]
}
KINDS: Final = [*FIELDS, "send", "send", "welcome", "nothing"]


def frame(source: Source) -> bytes:
    """JSON of one frame: all fields right, unless the bytes want it otherwise."""
    kind = source.one_of(KINDS)
    content: dict[str, Any] = {"type": kind}
    for name in FIELDS.get(kind, ["session"]):
        how = source.byte()
        if how < 200:
            content[name] = source.one_of(VALUES[name])
        elif how < 220:
            content[name] = source.one_of(ANYTHING)
        elif how < 240:
            content[name] = source.some().decode("latin-1")
    data = json.dumps(content, ensure_ascii=source.byte() < 128).encode("utf-8", "surrogatepass")
    how = source.byte()
    if how > 240:  # broken somewhere
        at = source.number(2) % (len(data) + 1)
        data = data[:at] + source.some(16) + data[at + source.byte() % 4 :]
    elif how > 230:
        data = data + b" " * source.number(2)
    return data


def play(data: bytes) -> None:
    """Plays what the bytes say in a world of its own."""
    source, world = Source(data), World()
    line: Line | None = None
    steps = 0
    while source and steps < 200:
        steps += 1
        step = source.byte()
        if line is None or step >= 244:
            if len(world.lines) >= 8:
                world.leave(world.lines[0])
            choices = source.byte()
            line = world.open(
                visitor=VISITORS[choices & 1],
                known=bool(choices & 2),
                same_site=bool(choices & 4),
                network=NETWORKS[(choices >> 3) % len(NETWORKS)],
            )
        elif step < 150:
            world.say(line, frame(source))
        elif step < 170:
            world.say(line, source.some())
        elif step < 180:
            hello = wire.Hello(role="visitor", channel="eu") if step < 176 else _rep()
            world.say(line, wire.encode(hello))
        elif step < 210:
            world.pass_time(source.one_of([0.1, 1.0, 2.9, 5.0, 30.0, 61.0, 240.0, 300.0, 3600.0]))
        elif step < 216:
            world.jump(source.one_of([3600.0, -3600.0, 86400.0 * 30, -86400.0 * 30, 86400.0 * 401, -86400.0 * 401]))
        elif step < 230:
            world.tick(line)
        elif step < 232:
            world.say_binary(line)
        elif step < 234:
            world.forget()
        else:
            line = world.lines[source.byte() % len(world.lines)]
        if line.closed:
            world.leave(line)
            line = world.lines[-1] if world.lines else None
    world.end()


def _rep() -> wire.Hello:
    return wire.Hello(role="rep", ticket=TOKENS[4])
