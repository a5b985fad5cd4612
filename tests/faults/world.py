"""Sessions in bulk, and what must hold of all rows when everything is quiet again."""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from saleor_livesales.ids import to_global_id, uuid7

from .clients import Line

OVERDUE = 5.0  # seconds after which a deadline should have been worked off, on a busy machine


@dataclass(frozen=True)
class Bulk:
    """Active sessions of a run: (session, visitor, rep) each."""

    sessions: list[tuple[uuid.UUID, uuid.UUID, uuid.UUID]]

    @property
    def reps(self) -> list[uuid.UUID]:
        return list(dict.fromkeys(rep for _, _, rep in self.sessions))


def make(database: psycopg.Connection, *, sessions: int, each_rep: int) -> Bulk:
    """Active sessions as the product would have left them, of reps who have no place free."""
    now = datetime.datetime.now(datetime.UTC)
    made: list[tuple[uuid.UUID, uuid.UUID, uuid.UUID]] = []
    reps = [uuid7() for _ in range(-(-sessions // each_rep))]
    for number in range(sessions):
        made.append((uuid7(), uuid7(), reps[number // each_rep]))
    with database.transaction(), database.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO saleor_livesales_rep (id, user_id, name, status, capacity, load, lease_until)"
            " VALUES (%s, %s, 'Rita', 'online', %s, %s, %s)",
            [
                (rep, f"faults-{rep}", load, load, now + datetime.timedelta(seconds=45))
                for rep in reps
                for load in [sum(one == rep for _, _, one in made)]
            ],
        )
        cursor.executemany(
            "INSERT INTO saleor_livesales_visitor (id, name, assurance, created_at) VALUES (%s, '', 'anonymous', %s)",
            [(visitor, now) for _, visitor, _ in made],
        )
        cursor.executemany(
            "INSERT INTO saleor_livesales_session (id, visitor_id, rep_id, channel, form, state, end_reason,"
            " last_number, visitor_read, rep_read, rung, created_at, queued_at, accepted_at, due_at)"
            " VALUES (%s, %s, %s, 'default-channel', 'chat', 'active', '', 3, 0, 0, '[]', %s, %s, %s, %s)",
            [(*one, now, now, now, now + datetime.timedelta(minutes=30)) for one in made],
        )
        changes = [("requested", "queued", "visitor"), ("queued", "ringing", "system"), ("ringing", "active", "rep")]
        cursor.executemany(
            "INSERT INTO saleor_livesales_entry (session_id, number, kind, sender, sender_id, text, data, at)"
            " VALUES (%s, %s, 'state', %s, %s, '', %s, %s)",
            [
                (session, number, sender, {"visitor": visitor, "rep": rep}.get(sender),
                 json.dumps({"from": before, "to": after, "form": "chat"}), now)
                for session, visitor, rep in made
                for number, (before, after, sender) in enumerate(changes, 1)
            ],
        )  # fmt: skip
    return Bulk(made)


def end(database: psycopg.Connection, bulk: Bulk) -> None:
    """Ends the sessions of a run, so that nothing of them is left to do."""
    ids = [session for session, _, _ in bulk.sessions]
    with database.transaction(), database.cursor() as cursor:
        cursor.execute(
            "UPDATE saleor_livesales_session SET state = 'ended', end_reason = 'rep', ended_at = now(), due_at = NULL,"
            " awaiting_since = NULL, last_number = last_number + 1 WHERE id = ANY(%s) AND state <> 'ended'"
            " RETURNING id, last_number",
            [ids],
        )
        ended = cursor.fetchall()
        cursor.executemany(
            "INSERT INTO saleor_livesales_entry (session_id, number, kind, sender, text, data, at)"
            " VALUES (%s, %s, 'state', 'rep', '', %s, now())",
            [(*one, json.dumps({"from": "active", "to": "ended", "form": "chat"})) for one in ended],
        )
        cursor.execute(
            "UPDATE saleor_livesales_rep SET status = 'offline', load = 0, lease_until = NULL WHERE id = ANY(%s)",
            [bulk.reps],
        )


def gid(session: uuid.UUID) -> str:
    return to_global_id("LiveSession", session)


def entries(database: psycopg.Connection, sessions: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[tuple[Any, ...]]]:
    """The rows of each session, in the order of their numbers: number, kind, sender, key, text, sender_id, data."""
    found: dict[uuid.UUID, list[tuple[Any, ...]]] = {session: [] for session in sessions}
    rows = database.execute(
        "SELECT session_id, number, kind, sender, key, text, sender_id, data FROM saleor_livesales_entry"
        " WHERE session_id = ANY(%s) ORDER BY session_id, number",
        [list(sessions)],
    )
    for session, *row in rows:
        found[session].append(tuple(row))
    return found


def last_numbers(database: psycopg.Connection, sessions: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    rows = database.execute(
        "SELECT id, last_number FROM saleor_livesales_session WHERE id = ANY(%s)", [list(sessions)]
    ).fetchall()
    return dict(rows)


@dataclass
class Verdict:
    """What was found. ``problems`` is empty when everything held."""

    lost: int = 0
    doubled: int = 0
    problems: list[str] | None = None


def check_books(rows: Mapping[uuid.UUID, list[tuple[Any, ...]]], lines: Mapping[str, Sequence[Line]]) -> Verdict:
    """The rows against the books of both sides: none lost, none twice, no gap, one order for everybody.

    ``lines``: the sides of each session by its global id. Called when nobody waits for an acknowledgement.
    """
    verdict, problems = Verdict(), []
    for session, kept in rows.items():
        name = gid(session)
        numbers = [row[0] for row in kept]
        if numbers != list(range(1, len(kept) + 1)):
            problems.append(f"{session}: the numbers are {_holes(numbers)}")
        known = {row[0]: (row[1], row[2], row[3], row[4]) for row in kept}
        keys = [row[3] for row in kept if row[1] == "message"]
        verdict.doubled += len(keys) - len(set(keys))
        written: dict[uuid.UUID, str] = {}
        for line in lines[name]:
            written |= line.written
            for key, number in line.acked.items():
                there = known.get(number, ("", "", None, ""))
                if there[2] != key:
                    verdict.lost += 1
                    problems.append(f"{session}: {line.me} was promised {number} for {key}; there is {there}")
            if line.pending:
                problems.append(f"{session}: {line.me} still waits for {len(line.pending)} acknowledgements")
            if line.seen != known:
                differ = sorted(set(line.seen.items()) ^ set(known.items()), key=lambda item: item[0])[:4]
                problems.append(f"{session}: {line.me} has another order than the table: {differ}")
        texts = {row[3]: row[4] for row in kept if row[1] == "message"}
        if texts != written:
            missing, more = written.keys() - texts.keys(), texts.keys() - written.keys()
            problems.append(f"{session}: {len(missing)} written but not kept, {len(more)} kept but not written")
    if verdict.doubled:
        problems.append(f"{verdict.doubled} messages are kept twice")
    verdict.problems = problems
    return verdict


def _holes(numbers: Sequence[int]) -> str:
    top = max(numbers, default=0)
    return f"1 to {top} without {sorted(set(range(1, top + 1)) - set(numbers))[:5]}, {len(numbers)} of them"


CONSISTENT = {
    "a rep's load is not the number of its sessions": """
        SELECT r.id, r.load, count(s.id) FROM saleor_livesales_rep r LEFT JOIN saleor_livesales_session s
            ON s.rep_id = r.id AND s.state IN ('ringing', 'active', 'on_hold')
        GROUP BY r.id HAVING r.load <> count(s.id)""",
    "a visitor has two open sessions": """
        SELECT visitor_id, count(*) FROM saleor_livesales_session WHERE state <> 'ended'
        GROUP BY visitor_id HAVING count(*) > 1""",
    "a session was never queued": """
        SELECT id, state FROM saleor_livesales_session WHERE state = 'requested'""",
    "the log doesn't add up to the session": """
        SELECT s.id, s.state, s.last_number, l.data ->> 'to', e.n, e.top FROM saleor_livesales_session s
        JOIN LATERAL (SELECT count(*) AS n, max(number) AS top FROM saleor_livesales_entry WHERE session_id = s.id) e
            ON true
        LEFT JOIN LATERAL (SELECT data FROM saleor_livesales_entry WHERE session_id = s.id AND kind = 'state'
            ORDER BY number DESC LIMIT 1) l ON true
        WHERE s.created_at >= %(since)s
            AND (s.last_number <> e.n OR e.top <> e.n OR s.state IS DISTINCT FROM l.data ->> 'to')""",
    "a change of state begins where the last one did not end": """
        SELECT session_id, number, was, data FROM (
            SELECT e.session_id, e.number, e.data,
                lag(e.data ->> 'to', 1, 'requested') OVER (PARTITION BY e.session_id ORDER BY e.number) AS was
            FROM saleor_livesales_entry e JOIN saleor_livesales_session s ON s.id = e.session_id
            WHERE e.kind = 'state' AND s.created_at >= %(since)s) x
        WHERE was <> data ->> 'from'""",
    "a deadline was not worked off": """
        SELECT id, state, due_at, now() FROM saleor_livesales_session
        WHERE state <> 'ended' AND due_at < now() - make_interval(secs => %(overdue)s)
            AND NOT (state IN ('active', 'on_hold') AND last_message_at > now() - interval '30 minutes')""",
    "a session rings or waits longer than it may": """
        SELECT id, state, due_at, now() FROM saleor_livesales_session
        WHERE state IN ('queued', 'ringing') AND due_at > now() + make_interval(secs => %(ring)s + %(overdue)s)""",
    "a rep's lease ends later than it may": """
        SELECT id, lease_until, now() FROM saleor_livesales_rep
        WHERE lease_until > now() + make_interval(secs => %(lease)s + %(overdue)s)""",
}


def inconsistent(database: psycopg.Connection, *, since: datetime.datetime, ring: int, lease: int) -> list[str]:
    """What doesn't hold of sessions and reps, in words."""
    arguments = {"since": since, "overdue": OVERDUE, "ring": ring, "lease": lease}
    problems = []
    for what, query in CONSISTENT.items():
        rows = database.execute(query, arguments).fetchall()  # type: ignore[arg-type]
        problems += [f"{what}: {row}" for row in rows[:3]]
        if len(rows) > 3:
            problems.append(f"{what}: {len(rows)} in all")
    return problems
