"""Connections under any frames, bytes, ticks and clocks, in any order: ``World`` says what is allowed."""

from __future__ import annotations

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, multiple, rule, run_state_machine_as_test

from saleor_livesales import wire

from .effort import effort
from .grammar import ANYTHING, FIELDS, TOKENS, VALUES
from .world import NETWORKS, VISITORS, Line, World

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def _frames_of(kind: str) -> st.SearchStrategy[bytes]:
    """Frames of a kind: fields mostly such as may be said, any of them missing or of any other kind."""
    fields = {
        name: st.sampled_from(VALUES[name]) | st.sampled_from(VALUES[name]) | st.sampled_from(ANYTHING) | anything
        for name in FIELDS[kind]
    }
    return st.fixed_dictionaries({}, optional=fields).map(lambda content: _encoded({"type": kind, **content}))


def _encoded(content: dict[str, object]) -> bytes:
    try:
        return msgspec.json.encode(content)
    except (UnicodeEncodeError, OverflowError):  # half a character, a number beyond 64 bits
        return repr(content).encode("utf-8", "replace")


frames = st.one_of([_frames_of(kind) for kind in FIELDS])
visitor_hello = wire.encode(wire.Hello(role="visitor", channel="eu"))
rep_hellos = [wire.encode(wire.Hello(role="rep", ticket=token)) for token in TOKENS[4:6]]


class Connections(RuleBasedStateMachine):
    lines = Bundle("lines")

    def __init__(self) -> None:
        super().__init__()
        self.world = World()

    @rule(
        target=lines,
        visitor=st.sampled_from(VISITORS),
        known=st.booleans(),
        same_site=st.booleans(),
        network=st.sampled_from(NETWORKS),
        hello=st.sampled_from([None, visitor_hello, *rep_hellos]),
    )
    def open(self, visitor, known, same_site, network, hello):
        line = self.world.open(visitor=visitor, known=known, same_site=same_site, network=network)
        if hello and not line.closed:
            self.world.say(line, hello)
        if line.closed:
            self.world.leave(line)
            return multiple()
        return line

    @rule(line=lines, data=frames)
    def say_frame(self, line: Line, data: bytes) -> None:
        self._on(line, lambda: self.world.say(line, data))

    @rule(line=lines, data=st.binary(max_size=60) | st.text(max_size=40).map(str.encode))
    def say_bytes(self, line: Line, data: bytes) -> None:
        self._on(line, lambda: self.world.say(line, data))

    @rule(line=lines, data=frames, times=st.integers(2, 80))
    def say_often(self, line: Line, data: bytes, times: int) -> None:
        for _ in range(times):
            self._on(line, lambda: self.world.say(line, data))

    @rule(line=lines)
    def say_binary(self, line: Line) -> None:
        self._on(line, lambda: self.world.say_binary(line))

    @rule(line=lines)
    def tick(self, line: Line) -> None:
        self._on(line, lambda: self.world.tick(line))

    def _on(self, line: Line, what) -> None:
        if line.closed:
            return
        what()
        if line.closed:
            self.world.leave(line)

    @rule(seconds=st.sampled_from([0.0, 0.5, 3.0, 5.0, 30.0, 61.0, 239.0, 241.0, 300.0, 90_000.0]))
    def pass_time(self, seconds: float) -> None:
        self.world.pass_time(seconds)

    @rule(seconds=st.floats(-4e7, 4e7))
    def jump(self, seconds: float) -> None:
        self.world.jump(seconds)

    @rule()
    def forget(self) -> None:
        self.world.forget()

    @rule(line=consumes(lines))
    def leave(self, line: Line) -> None:
        if not line.closed:
            line.closed = True
            self.world.leave(line)

    def teardown(self) -> None:
        self.world.end()


def test_connections_do_what_the_model_allows():
    run_state_machine_as_test(Connections, settings=effort(60, steps=40))
