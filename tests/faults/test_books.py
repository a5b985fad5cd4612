"""The campaign's own eyes: what it must see in rows and books that don't agree."""

from __future__ import annotations

import uuid
from collections import Counter

import pytest

from . import campaign, world
from .clients import Habits, Line, Person

SESSION = uuid.UUID(int=7)
KEYS = [uuid.UUID(int=number) for number in range(100, 104)]


def person(role: str) -> Person:
    return Person(
        name=role, role=role, gateways={}, origin="", hello=None, seed=1, habits=Habits(), pause=1.0, counts=Counter()
    )  # type: ignore[arg-type]


def books() -> tuple[dict, dict]:
    """Four messages, of both sides in turn: the rows, and what each side knows."""
    rows = [(n, "message", ("visitor", "rep")[n % 2], key, f"text {n}", None, {}) for n, key in enumerate(KEYS, 1)]
    sides = []
    for role in ("visitor", "rep"):
        line = Line(world.gid(SESSION), role, person(role))
        line.seen = {row[0]: (row[1], row[2], row[3], row[4]) for row in rows}
        line.written = {row[3]: row[4] for row in rows if row[2] == role}
        line.acked = {row[3]: row[0] for row in rows if row[2] == role}
        sides.append(line)
    return {SESSION: rows}, {world.gid(SESSION): sides}


def test_books_that_agree():
    verdict = world.check_books(*books())
    assert (verdict.lost, verdict.doubled, verdict.problems) == (0, 0, [])


def lose(rows, visitor, rep):
    rows.pop()


def double(rows, visitor, rep):
    rows.append((5, *rows[3][1:]))


def gap(rows, visitor, rep):
    rows[3] = (5, *rows[3][1:])


def swap(rows, visitor, rep):
    rep.seen[1], rep.seen[2] = rep.seen[2], rep.seen[1]


def change(rows, visitor, rep):
    rows[0] = (*rows[0][:4], "another text", *rows[0][5:])


def invent(rows, visitor, rep):
    rows.append((5, "message", "rep", uuid.UUID(int=999), "nobody wrote this", None, {}))


def wait(rows, visitor, rep):
    visitor.pending = {KEYS[1]: "text 2"}


@pytest.mark.parametrize(
    ("spoil", "lost", "doubled"),
    [(lose, 1, 0), (double, 0, 1), (gap, 1, 0), (swap, 0, 0), (change, 0, 0), (invent, 0, 0), (wait, 0, 0)],
)
def test_books_that_do_not(spoil, lost, doubled):
    rows, lines = books()
    spoil(rows[SESSION], *lines[world.gid(SESSION)])
    verdict = world.check_books(rows, lines)
    assert (verdict.lost, verdict.doubled) == (lost, doubled)
    assert verdict.problems


def test_a_seed_decides_the_faults():
    assert [campaign.plan(seed) for seed in range(50)] == [campaign.plan(seed) for seed in range(50)]
