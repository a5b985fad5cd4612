"""Appending messages to sessions: one SQL statement, shared by the gateway and by Django's side. Imports no Django.

What the statement promises, for any number of rows, sessions and concurrent senders:

* the numbers of a session have no gap and no double, and a message keeps the number under which it was first committed;
* a message is known by (session, sender, key): sent again it is not written again, and its first number comes back;
* only who takes part may write: the session's visitor while it is open, its rep while it is active or on hold;
* ``last_message_at`` is raised, and ``awaiting_since`` holds the visitor's oldest message that no rep answered.

Sessions are locked in the order of their ids, so that two batches never wait for each other in a circle. There is no
``ON CONFLICT``: after a wait for a racing copy of the same message the look for existing keys still sees the old
snapshot, and ``DO NOTHING`` would then leave a gap. The unique index aborts the statement instead, and it is run again
(23505; also 40P01, when somebody else locked in another order).
"""

from __future__ import annotations

import datetime
import functools
import uuid
from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal

import msgspec

from .. import wire
from ..ids import to_global_id
from . import packed
from .prepared import Statement

ATTEMPTS: Final = 8
RETRIED: Final = frozenset({"23505", "40P01"})  # unique_violation, deadlock_detected
PAGE: Final = 100  # entries in one answer to Resume

# Each look at a table goes by an index, whatever the planner believes of its size: LIMIT keeps the look for a key from
# becoming a join over all entries.
APPEND_SQL: Final[str] = """
WITH locked AS MATERIALIZED (
    SELECT id, visitor_id, rep_id, state, last_number FROM saleor_livesales_session
    WHERE id = ANY(%s::uuid[]) ORDER BY id FOR NO KEY UPDATE
), judged AS MATERIALIZED (
    SELECT g.*, s.visitor_id, s.rep_id, s.last_number, e.number AS old_number, e.at AS old_at, e.text AS old_text,
        CASE
            WHEN e.number IS NOT NULL THEN 'existed'
            WHEN s.id IS NULL THEN 'NOT_FOUND'
            WHEN (CASE g.sender WHEN 'visitor' THEN s.visitor_id WHEN 'rep' THEN s.rep_id END)
                IS DISTINCT FROM g.sender_id THEN 'NOT_FOUND'
            WHEN s.state = 'ended' THEN 'SESSION_ENDED'
            WHEN s.state IN ('active', 'on_hold') THEN 'new'
            WHEN g.sender = 'visitor' AND s.state IN ('queued', 'ringing') THEN 'new'
            ELSE 'NOT_ALLOWED_NOW'
        END AS verdict
    FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::uuid[], %s::text[], %s::timestamptz[])
        WITH ORDINALITY AS g(session_id, sender, sender_id, key, text, at, n)
    LEFT JOIN locked s ON s.id = g.session_id
    LEFT JOIN LATERAL (
        SELECT number, at, text FROM saleor_livesales_entry
        WHERE session_id = s.id AND sender_id = g.sender_id AND key = g.key LIMIT 1
    ) e ON true
), numbered AS MATERIALIZED (
    SELECT *,
        last_number + count(*) FILTER (WHERE verdict = 'new') OVER (PARTITION BY session_id ORDER BY n) AS number,
        max(n) FILTER (WHERE verdict = 'new' AND sender = 'rep') OVER (PARTITION BY session_id) AS answered
    FROM judged
), raised AS (
    UPDATE saleor_livesales_session s
    SET last_number = t.number,
        last_message_at = t.at,
        awaiting_since = CASE WHEN t.answered IS NULL THEN coalesce(s.awaiting_since, t.waiting) ELSE t.waiting END
    FROM (
        SELECT session_id, max(number) AS number, max(at) AS at, max(answered) AS answered,
            min(at) FILTER (WHERE sender = 'visitor' AND (answered IS NULL OR n > answered)) AS waiting
        FROM numbered WHERE verdict = 'new' GROUP BY session_id
    ) t
    WHERE s.id = t.session_id
), inserted AS (
    INSERT INTO saleor_livesales_entry (session_id, number, kind, sender, sender_id, key, text, data, at)
    SELECT session_id, number, 'message', sender, sender_id, key, text, '{}'::jsonb, at FROM numbered
    WHERE verdict = 'new' ORDER BY n
)
SELECT verdict, coalesce(old_number, number)::int, old_at, old_text, visitor_id, rep_id FROM numbered ORDER BY n
"""

# The same without a wait: what somebody else has locked comes back as Locked, the rest is written. So one busy session
# never holds up a batch.
APPEND_UNLOCKED_SQL: Final[str] = APPEND_SQL.replace("FOR NO KEY UPDATE", "FOR NO KEY UPDATE SKIP LOCKED").replace(
    "WHEN s.id IS NULL THEN",
    "WHEN s.id IS NULL AND (SELECT true FROM saleor_livesales_session WHERE id = g.session_id) THEN 'locked'\n"
    "            WHEN s.id IS NULL THEN",
)

# One message with data beside its text: the last argument. The text's own statement takes none, and stays as it is.
APPEND_WITH_DATA_SQL: Final[str] = APPEND_SQL.replace("'{}'::jsonb", "%s::jsonb")

_WAITING: Final = Statement("livesales_append", APPEND_SQL, packed.TYPES)
_UNLOCKED: Final = Statement("livesales_append_unlocked", APPEND_UNLOCKED_SQL, packed.TYPES)

# Everything of one session after a number, for one who takes part. No row: it isn't theirs. One row without an entry:
# up to date. Asked for one more than a page, it tells whether there is more.
ENTRIES_SQL: Final = """
SELECT s.last_number, e.number, e.kind, e.sender, e.at, e.text, e.key, e.data::text
FROM saleor_livesales_session s
LEFT JOIN LATERAL (
    SELECT number, kind, sender, at, text, key, data FROM saleor_livesales_entry
    WHERE session_id = s.id AND number > %(after)s ORDER BY number LIMIT %(limit)s
) e ON true
WHERE s.id = %(session_id)s::uuid
    AND (CASE %(sender)s::text WHEN 'visitor' THEN s.visitor_id WHEN 'rep' THEN s.rep_id END) = %(sender_id)s::uuid
ORDER BY e.number
"""

# How far a participant has read; never back, never beyond what is there. Returns whom to tell.
READ_SQL: Final = """
UPDATE saleor_livesales_session SET
    visitor_read = CASE %(sender)s::text WHEN 'visitor'
        THEN greatest(visitor_read, least(%(number)s, last_number)) ELSE visitor_read END,
    rep_read = CASE %(sender)s::text WHEN 'rep'
        THEN greatest(rep_read, least(%(number)s, last_number)) ELSE rep_read END
WHERE id = %(session_id)s::uuid
    AND (CASE %(sender)s::text WHEN 'visitor' THEN visitor_id WHEN 'rep' THEN rep_id END) = %(sender_id)s::uuid
RETURNING visitor_id, rep_id, CASE %(sender)s::text WHEN 'visitor' THEN visitor_read ELSE rep_read END
"""

REFUSALS: Final = {
    "NOT_FOUND": "Couldn't resolve to a node of type LiveSession.",
    "SESSION_ENDED": "This session has ended.",
    "NOT_ALLOWED_NOW": "This session doesn't take your messages now.",
}


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What a sender wants to say. ``sender_id`` is the visitor's or the rep's key; ``key`` is the sender's own."""

    session_id: uuid.UUID
    sender: Literal["visitor", "rep"]
    sender_id: uuid.UUID
    key: uuid.UUID
    text: str
    at: datetime.datetime

    @property
    def identity(self) -> tuple[uuid.UUID, uuid.UUID, uuid.UUID]:
        return self.session_id, self.sender_id, self.key


class Appended(msgspec.Struct, frozen=True, kw_only=True):
    """The message is in the session under ``number``.

    ``existed``: it was there before, as ``text``. Announce it all the same: whoever sent it first may have died between
    commit and announcement, and a reader knows a message by its number.
    """

    number: int
    at: datetime.datetime
    visitor_id: uuid.UUID
    rep_id: uuid.UUID | None
    existed: bool
    text: str


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing was written. ``code`` is a key of REFUSALS and, on Django's side, that of the exception to raise."""

    code: str

    @property
    def message(self) -> str:
        return REFUSALS[self.code]


class Locked(msgspec.Struct, frozen=True):
    """Nothing was written: somebody else is changing the session. Try again in a moment."""


class EntriesPage(msgspec.Struct, frozen=True, kw_only=True):
    entries: list[wire.Entry]
    last_number: int
    more: bool


@functools.lru_cache(maxsize=256)  # what comes in at once bears the same moment
def moment(at: datetime.datetime) -> str:
    """RFC 3339 in UTC, as it goes over the wire."""
    if at.tzinfo is not datetime.UTC:
        at = at.astimezone(datetime.UTC)
    return at.isoformat()[:-6] + "Z"


@functools.lru_cache(maxsize=8192)
def _global_id(session_id: uuid.UUID) -> str:
    return to_global_id("LiveSession", session_id)


def entry_frame(message: Message, appended: Appended) -> wire.Entry:
    """The message as both sides get it: publish it to the visitor's channel, and to the rep's where there is one."""
    return wire.Entry(
        session=_global_id(message.session_id),
        number=appended.number,
        kind="message",
        sender=message.sender,
        at=moment(appended.at),
        text=appended.text,
        key=message.key,
    )


def distinct(messages: Iterable[Message]) -> tuple[list[Message], list[Message]]:
    """Splits off repetitions: (messages of which each identity occurs once, the rest). A batch takes the former."""
    seen: set[tuple[uuid.UUID, uuid.UUID, uuid.UUID]] = set()
    first: list[Message] = []
    rest: list[Message] = []
    for message in messages:
        identity = message.identity
        if identity in seen:
            rest.append(message)
        else:
            seen.add(identity)
            first.append(message)
    return first, rest


def parameters(messages: Sequence[Message]) -> tuple[Any, ...]:
    """The arguments of APPEND_SQL."""
    sessions = [m.session_id for m in messages]
    return (
        list(set(sessions)),
        sessions,
        [m.sender for m in messages],
        [m.sender_id for m in messages],
        [m.key for m in messages],
        [m.text for m in messages],
        [m.at for m in messages],
    )


def result(row: Sequence[Any], message: Message) -> Appended | Refusal | Locked:
    """What one row of the statement's answer says of its message."""
    verdict, number, old_at, old_text, visitor_id, rep_id = row
    if verdict in REFUSALS:
        return Refusal(code=verdict)
    if verdict == "locked":
        return Locked()
    if verdict == "existed":
        return Appended(
            number=number, at=old_at, visitor_id=visitor_id, rep_id=rep_id, existed=True, text=old_text
        )  # fmt: skip
    return Appended(
        number=number, at=message.at, visitor_id=visitor_id, rep_id=rep_id, existed=False, text=message.text
    )


def sqlstate(error: BaseException) -> str | None:
    """PostgreSQL's code of an error, whether psycopg raised it or Django wrapped it."""
    return getattr(error, "sqlstate", None) or getattr(error.__cause__, "sqlstate", None)


async def append_async(
    conn: Any, messages: Sequence[Message], *, wait: bool = True
) -> list[Appended | Refusal | Locked]:
    """Append a batch on a psycopg AsyncConnection in autocommit mode: committed when this returns, in the given order.

    With ``wait=False`` messages to sessions that somebody else has locked come back as Locked.

    No identity may occur twice in the batch (see :func:`distinct`). Raises psycopg errors other than races that a retry
    resolves, among them LockNotAvailable where ``lock_timeout`` is set; nothing is written then.
    """
    statement = _WAITING if wait else _UNLOCKED
    arguments = packed.parameters(messages)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            rows = await statement.fetch(conn, arguments)
            return [result(packed.row(row), message) for row, message in zip(rows, messages, strict=True)]
        except Exception as error:
            if sqlstate(error) not in RETRIED or attempt == ATTEMPTS:
                raise
    raise AssertionError("unreachable")


def append(cursor: Any, message: Message, *, data: str | None = None) -> Appended | Refusal:
    """Append one message on a psycopg or Django cursor. Inside a transaction it is written when that commits.

    There it runs under a savepoint of its own, so that a race can be tried again without losing the rest. ``data`` is
    JSON to keep beside the text: see :func:`picture_data`.
    """
    connection = cursor.connection
    alone = connection.autocommit and connection.info.transaction_status == 0  # pq.TransactionStatus.IDLE
    arguments = parameters([message])
    statement = APPEND_SQL
    if data is not None:
        statement, arguments = APPEND_WITH_DATA_SQL, (*arguments, data)
    for attempt in range(1, ATTEMPTS + 1):
        if not alone:
            cursor.execute("SAVEPOINT livesales_append")
        try:
            cursor.execute(statement, arguments)
            answer = result(cursor.fetchone(), message)
            assert not isinstance(answer, Locked)
        except Exception as error:
            if not alone:
                cursor.execute("ROLLBACK TO SAVEPOINT livesales_append")
                cursor.execute("RELEASE SAVEPOINT livesales_append")
            if sqlstate(error) not in RETRIED or attempt == ATTEMPTS:
                raise
        else:
            if not alone:
                cursor.execute("RELEASE SAVEPOINT livesales_append")
            return answer
    raise AssertionError("unreachable")


def picture_data(picture: wire.Picture) -> str:
    """What the entry of a picture keeps beside its caption, as JSON."""
    return msgspec.json.encode({"picture": picture}).decode()


def told(data: dict[str, Any]) -> tuple[dict[str, str], wire.Picture | None]:
    """An entry's data as it goes over the wire, and the picture that it carries."""
    texts = {name: str(value) for name, value in data.items() if name != "picture" and value is not None}
    return texts, msgspec.convert(data["picture"], wire.Picture) if "picture" in data else None


def entries_page(rows: Sequence[Sequence[Any]], session_id: uuid.UUID, limit: int = PAGE) -> EntriesPage | None:
    """The answer of ENTRIES_SQL (asked with ``limit + 1``) as frames; None when the session isn't the asker's."""
    if not rows:
        return None
    session = to_global_id("LiveSession", session_id)
    entries = []
    for _, number, kind, sender, at, text, key, data in rows[:limit]:
        if number is None:
            continue
        texts, picture = told(msgspec.json.decode(data))
        entries.append(
            wire.Entry(
                session=session,
                number=number,
                kind=kind,
                sender=sender,
                at=moment(at),
                text=text,
                key=key,
                data=texts,
                picture=picture,
            )
        )
    return EntriesPage(entries=entries, last_number=rows[0][0], more=len(rows) > limit)
