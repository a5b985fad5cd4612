"""Clients that behave as widget and console do when something breaks, and keep books of what was promised to them."""

from __future__ import annotations

import contextlib
import random
import threading
import time
import uuid
from collections.abc import Callable, Sequence

from saleor_livesales import wire

from ..live_client import Live

PATIENCE = 30.0  # seconds


class Talker(threading.Thread):
    """Writes to a session now and then; connects again, resends what was not acknowledged, fills its gaps.

    ``texts``: what it wrote, by key. ``acked``: under which number it was committed. ``seen``: the session by number.
    """

    def __init__(self, *, name: str, connect: Callable[[], Live], session: str, seed: int) -> None:
        super().__init__(name=name, daemon=True)
        self.connect, self.session, self.random = connect, session, random.Random(seed)
        self.texts: dict[uuid.UUID, str] = {}
        self.acked: dict[uuid.UUID, int] = {}
        self.seen: dict[int, wire.Entry] = {}
        self.wrong: list[object] = []
        self.connections = 0
        self.quiet = threading.Event()  # writes nothing new
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.is_set():
            try:
                live = self.connect()
            except Exception:  # whatever is away: try again
                time.sleep(0.1)
                continue
            self.connections += 1
            with contextlib.suppress(Exception):
                self._talk(live)
            with contextlib.suppress(Exception):
                live.close()

    def _talk(self, live: Live) -> None:
        self._resume(live)
        for key in [key for key in self.texts if key not in self.acked]:
            self._send(live, key)
        again: dict[uuid.UUID, float] = {}
        due = 0.0
        while not self.stopping.is_set() and not live.is_closed:
            for frame in live.take():
                self._hear(live, frame, again)
            now = time.monotonic()
            for key in [key for key, moment in again.items() if moment <= now]:
                del again[key]
                self._send(live, key)
            if now >= due and not self.quiet.is_set():
                due = now + self.random.uniform(0.01, 0.06)
                key = uuid.UUID(int=self.random.getrandbits(128), version=4)
                self.texts[key] = f"{self.name} {len(self.texts)}"
                self._send(live, key)
            time.sleep(0.01)

    def _send(self, live: Live, key: uuid.UUID) -> None:
        live.send(wire.SendMessage(session=self.session, key=key, text=self.texts[key]))

    def _resume(self, live: Live) -> None:
        live.send(wire.Resume(session=self.session, after=self.whole()))

    def _hear(self, live: Live, frame: wire.Frame, again: dict[uuid.UUID, float]) -> None:
        match frame:
            case wire.Ack(key=key, number=number):
                if self.acked.setdefault(key, number) != number:
                    self.wrong.append(("acknowledged twice", key, self.acked[key], number))
            case wire.Entry():
                self._keep(frame)
            case wire.Resumed(entries=entries, more=more):
                for entry in entries:
                    self._keep(entry)
                if more:
                    self._resume(live)
            case wire.Resync():
                self._resume(live)
            case wire.Refused(code="UNAVAILABLE", key=key):
                if key is not None:
                    again[key] = time.monotonic() + 0.3
                else:
                    time.sleep(0.1)
                    self._resume(live)
            case wire.Refused():
                self.wrong.append(frame)

    def _keep(self, entry: wire.Entry) -> None:
        before = self.seen.setdefault(entry.number, entry)
        if (before.kind, before.sender, before.text, before.key) != (entry.kind, entry.sender, entry.text, entry.key):
            self.wrong.append(("two entries of one number", before, entry))

    def whole(self) -> int:
        """The number up to which nothing is missing."""
        number = 0
        while number + 1 in self.seen:
            number += 1
        return number


def wait_until(condition: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


@contextlib.contextmanager
def talking(*talkers: Talker):
    for talker in talkers:
        talker.start()
    try:
        wait_until(lambda: all(len(talker.acked) >= 5 for talker in talkers), "they never got to talk")
        yield
    finally:
        for talker in talkers:
            talker.stopping.set()
        for talker in talkers:
            talker.join(10)


def settle(talkers: Sequence[Talker]) -> None:
    """Waits until everything is acknowledged and everybody has everything; checks the books against each other."""
    for talker in talkers:
        talker.quiet.set()
    for talker in talkers:
        wait_until(lambda talker=talker: set(talker.texts) == set(talker.acked), f"{talker.name} is not acknowledged")
    last = max(max(talker.acked.values()) for talker in talkers)
    for talker in talkers:
        wait_until(lambda talker=talker: talker.whole() >= last, f"{talker.name} has a gap after {talker.whole()}")
        assert talker.wrong == []
    first, *others = talkers
    for other in others:
        assert {number: other.seen[number].text for number in range(1, last + 1)} == {
            number: first.seen[number].text for number in range(1, last + 1)
        }
    written = {key: text for talker in talkers for key, text in talker.texts.items()}
    promised = {key: number for talker in talkers for key, number in talker.acked.items()}
    kept = {entry.key: number for number, entry in first.seen.items() if entry.kind == "message"}
    assert kept == promised  # none lost, none twice, each under the number that was promised
    assert {key: first.seen[number].text for key, number in promised.items()} == written
    assert len([entry for entry in first.seen.values() if entry.kind == "message"]) == len(written)
    for talker in talkers:  # each one's messages in the order of their numbers are those that it wrote
        assert sorted(talker.acked.values()) == sorted(
            number for number, entry in first.seen.items() if entry.key in talker.texts
        )
