"""Does operations on a filled database, and tells what each cost: ``python -m benchmarks.inside.operations SESSIONS``.

Reads a command a line and answers with a line of JSON. ``round``: each operation and duty once, ``{name: [milliseconds,
of these in SQL, queries, of these on our tables, pages]}``, where pages are the blocks of 8 KiB of our tables and
indexes that PostgreSQL looked at: a measure of the work that no load on the machine disturbs. ``plans``: the indexes
that the statements of each use, and the tables of ours that one of them reads from end to end.
"""

from __future__ import annotations

import contextlib
import datetime
import gc
import io
import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import django
from django.test.client import MULTIPART_CONTENT

OURS: Final = "saleor_livesales_"
STILL: Final = {  # settings under which nothing happens by the passing of time, and no mail leaves
    "LIVESALES_ONLINE_WINDOW": "86400",
    "LIVESALES_ABANDON_AFTER": "86400",
    "LIVESALES_REP_LEASE": "86400",
    "LIVESALES_RING_FOR": "86400",
    "LIVESALES_IDLE_AFTER": "86400",
    "LIVESALES_MAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend",
    "LIVESALES_CODE_KEYS": f"bench:{'c' * 48}",
    "LIVESALES_DELIVERY_KEYS": f"bench:{'d' * 48}",
    "LIVESALES_PICTURE_STORAGE": "django.core.files.storage.InMemoryStorage",
}
SMALL: Final = 1000  # rows; a table that stays below it may be read from end to end


@dataclass
class Statements:
    """What was sent to PostgreSQL."""

    sent: list[tuple[str, Any]] = field(default_factory=list)
    seconds: float = 0.0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.seconds += time.perf_counter() - began
            self.sent.append((sql, params))


@contextlib.contextmanager
def watched() -> Iterator[Statements]:
    from django.db import connection

    statements = Statements()
    with connection.execute_wrapper(statements):
        yield statements


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """As timeit does it: the garbage of all that went before would be collected in whatever is timed at that moment,
    in each round in the same."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def plan_of(sql: str, params: Any) -> dict[str, Any] | None:
    """How PostgreSQL would run it; None for what has no plan."""
    from django.db import connection

    if not re.match(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", sql):
        return None
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        answer = cursor.fetchone()[0]
    return (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]


def nodes(plan: dict[str, Any], *, bounded: bool = False) -> Iterator[tuple[dict[str, Any], bool]]:
    """The nodes of a plan, and whether a LIMIT above stops each of them before its end."""
    yield plan, bounded
    if plan["Node Type"] in ("Limit", "Sort", "Aggregate", "Hash", "WindowAgg", "Materialize"):
        bounded = plan["Node Type"] == "Limit"
    for below in plan.get("Plans", ()):
        yield from nodes(below, bounded=bounded)


def looked_at(sent: list[tuple[str, Any]], big: set[str], *, rather_by_index: bool = False) -> dict[str, list[str]]:
    """The indexes on our tables that these statements use, and the big tables that they scan."""
    from django.db import connection

    indexes: set[str] = set()
    scanned: set[str] = set()
    if rather_by_index:
        with connection.cursor() as cursor:
            cursor.execute("SET enable_seqscan = off")
    for sql, params in sent:
        plan = plan_of(sql, params)
        for node, bounded in nodes(plan) if plan else ():
            index = node.get("Index Name", "")
            if OURS in index or index.startswith("livesales"):
                indexes.add(re.sub(r"_\d{4}_\d\d_|_default_", "_MONTH_", index))
            if node["Node Type"] == "Seq Scan" and node["Relation Name"] in big and not bounded:
                scanned.add(node["Relation Name"])
    if rather_by_index:
        with connection.cursor() as cursor:
            cursor.execute("RESET enable_seqscan")
    return {"indexes": sorted(indexes), "scanned": sorted(scanned)}


_PAGES: Final = """
SELECT sum(coalesce(heap_blks_read, 0) + coalesce(heap_blks_hit, 0) + coalesce(idx_blks_read, 0)
    + coalesce(idx_blks_hit, 0) + coalesce(toast_blks_read, 0) + coalesce(toast_blks_hit, 0))
FROM pg_statio_user_tables WHERE relname LIKE 'saleor_livesales_%%'
"""


def pages() -> int:
    """Blocks of our tables and indexes that this connection's statements looked at so far."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute(_PAGES)
        return int(cursor.fetchone()[0])


def big_tables() -> set[str]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE %s AND reltuples >= %s",
            [f"{OURS}%", SMALL],
        )
        return {name for (name,) in cursor.fetchall()}


class Undo:
    """Brings sessions and reps back to what they were, so that each round finds the same."""

    def __init__(self) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            for table, condition in (("session", "state <> 'ended'"), ("rep", "true")):
                cursor.execute(f"DROP TABLE IF EXISTS bench_{table}")
                cursor.execute(f"CREATE TABLE bench_{table} AS SELECT * FROM {OURS}{table} WHERE {condition}")
            cursor.execute("SELECT max(id) FROM saleor_livesales_entry")
            self.mark = cursor.fetchone()[0]
            cursor.execute("SELECT coalesce(array_agg(id), '{}') FROM saleor_livesales_picture")
            self.pictures = cursor.fetchone()[0]

    def __call__(self) -> None:
        from django.db import connection, transaction

        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT DISTINCT session_id FROM saleor_livesales_entry WHERE id > %s", [self.mark])
            changed = [row[0] for row in cursor.fetchall()]
            cursor.execute("DELETE FROM saleor_livesales_entry WHERE id > %s", [self.mark])
            cursor.execute("DELETE FROM saleor_livesales_picture WHERE id <> ALL(%s)", [self.pictures])
            cursor.execute(
                "DELETE FROM saleor_livesales_rating WHERE session_id = ANY(%s)"
                " AND session_id NOT IN (SELECT id FROM bench_session)",
                [changed],
            )
            cursor.execute(
                "DELETE FROM saleor_livesales_session WHERE id = ANY(%s) AND id NOT IN (SELECT id FROM bench_session)",
                [changed],
            )
            for table, condition in (("session", "b.id = ANY(%s)"), ("rep", "%s::text IS NOT NULL")):
                cursor.execute(
                    "SELECT string_agg(attname, ', ') FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
                    " AND attname <> 'id'",
                    [f"bench_{table}"],
                )
                columns = cursor.fetchone()[0]
                cursor.execute(
                    f"UPDATE {OURS}{table} a"
                    f" SET ({columns}) = (SELECT {columns} FROM bench_{table} c WHERE c.id = a.id)"
                    f" FROM bench_{table} b WHERE b.id = a.id AND {condition}",
                    [changed if table == "session" else "all"],
                )


def packed(query: str, variables: dict[str, Any]) -> tuple[Any, str]:
    """The body of a request and its content type; with the bytes of an image in the input, a multipart request."""
    image = variables.get("input", {}).get("image")
    if image is None:
        return json.dumps({"query": query, "variables": variables}), "application/json"
    operations = {"query": query, "variables": {"input": {**variables["input"], "image": None}}}
    parts = {"operations": json.dumps(operations), "map": '{"0": ["variables.input.image"]}', "0": io.BytesIO(image)}
    return parts, MULTIPART_CONTENT


class Asker:
    """Sends the documents as a browser does, through the shop's own view."""

    def __init__(self, sessions: int) -> None:
        from django.test import Client

        from .cases import KNOWN
        from .duties import duties
        from .targets import Targets

        self.cases = KNOWN
        self.targets = Targets(sessions)
        self.duties = duties(self.targets)
        self.undo = Undo()
        self.client = Client()

    def tokens(self) -> dict[str, str]:
        """They live for minutes, so they are made anew."""
        from sandbox.shop import auth
        from sandbox.shop.models import User

        return {
            name: auth.access_token(User.objects.get(email=f"{name}@example.com"))
            for name in ("rep", "owner", "shopper")
        }

    def ask(self, case: Any, tokens: dict[str, str]) -> tuple[float, Statements, int]:
        """Milliseconds, statements and pages of one call. Raises RuntimeError for anything but a plain success."""
        body, kind = packed(case.text, case.variables(self.targets))
        headers = {"Authorization": f"Bearer {tokens[case.by]}"} if case.by else {}
        before = pages()
        with watched() as statements, uncollected():
            began = time.perf_counter()
            response = self.client.post("/graphql/", body, content_type=kind, headers=headers)
            taken = time.perf_counter() - began
        looked = pages() - before
        answer = json.loads(response.content)
        failures = answer.get("errors") or [
            error
            for payload in answer["data"].values()
            if isinstance(payload, dict)
            for error in payload.get("errors", ())
        ]
        if failures or any(payload is None for payload in answer["data"].values()):
            raise RuntimeError(f"{case.name}: {answer}")
        if case.changes:
            self.undo()
        return taken * 1000, statements, looked

    def do(self, duty: Callable[[], object]) -> tuple[float, Statements, int]:
        before = pages()
        with watched() as statements, uncollected():
            began = time.perf_counter()
            duty()
            taken = time.perf_counter() - began
        return taken * 1000, statements, pages() - before

    def each(self) -> Iterator[tuple[str, tuple[float, Statements, int]]]:
        tokens = self.tokens()
        for case in self.cases:
            yield case.name, self.ask(case, tokens)
        for name, duty in self.duties.items():
            yield name, self.do(duty)

    def round(self) -> dict[str, list[float]]:
        gc.collect()
        return {
            name: [
                taken, statements.seconds * 1000, len(statements.sent),
                sum(OURS in sql for sql, _ in statements.sent), looked,
            ]
            for name, (taken, statements, looked) in self.each()
        }  # fmt: skip

    def plans(self) -> dict[str, dict[str, list[str]]]:
        big = big_tables()
        return {name: looked_at(statements.sent, big) for name, (_, statements, _) in self.each()}


def months() -> None:
    """The past's decisions are in its months, as they are in a shop that runs for a while."""
    from django.db import connection
    from django.utils import timezone

    from saleor_livesales.offers import partitions

    partitions.ensure_partitions(now=timezone.now() - datetime.timedelta(days=92), ahead=6)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {partitions.TABLE}")


def main() -> int:
    django.setup()
    months()
    asker = Asker(int(sys.argv[1]))
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        answer: Any = {"round": asker.round, "plans": asker.plans}[line.strip()]()
        print(json.dumps(answer), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
