"""Where facts are kept: in Redis between events, in ``Visit`` rows for good.

A batch is written to PostgreSQL first and to Redis after the commit. So what Redis has is never newer than the rows,
and an event whose batch was committed but not acknowledged is recognised by the row's ``last_event_id``.
"""

from __future__ import annotations

import datetime
import logging
import uuid
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec
import redis
from django.db import connection, transaction

from .. import bus, conf, wire
from ..ids import to_global_id
from .facts import Facts, Page, applied, decode, encode
from .models import Visit

logger = logging.getLogger(__name__)

KEEP_FOR = 172_800  # seconds that facts stay in Redis after the last event; the rows stay longer
MAX_AMOUNT = Decimal("1e17")  # of the column; no cart is worth more


def facts_key(visitor_id: uuid.UUID) -> str:
    return f"{conf.load().redis_prefix}facts:{visitor_id}"


def load(client: redis.Redis, visitor_ids: Sequence[uuid.UUID], *, compare: bool = False) -> dict[uuid.UUID, Facts]:
    """The facts of these visitors; new ones for whom nothing is known.

    Redis is asked first, the visits' rows for what it doesn't have. With ``compare`` both are read and the newer facts
    are taken: for events that may have been applied by a process that died before it wrote to Redis.
    """
    found: dict[uuid.UUID, Facts] = {}
    cached: Any = client.mget([facts_key(pk) for pk in visitor_ids]) if visitor_ids else []
    for visitor_id, data in zip(visitor_ids, cached, strict=True):
        if data is not None and (facts := _decode(data)):
            found[visitor_id] = facts
    ask = list(visitor_ids) if compare else [pk for pk in visitor_ids if pk not in found]
    for row in Visit.objects.filter(visitor_id__in=ask, current=True) if ask else ():
        facts = from_visit(row)
        known = found.get(row.visitor_id)
        if known is None or not applied(known, facts.last_event_id):
            found[row.visitor_id] = facts
    return {pk: found.get(pk) or Facts(visitor=pk) for pk in visitor_ids}


def _decode(data: bytes) -> Facts | None:
    try:
        return decode(data)
    except msgspec.DecodeError:
        logger.warning("Facts that can't be read were set aside.")
        return None


def from_visit(row: Visit) -> Facts:
    """The facts that a visit's row holds. What can't be read counts as never seen, but for the last event."""
    try:
        return msgspec.convert(row.facts, Facts)
    except msgspec.ValidationError:
        return Facts(visitor=row.visitor_id, visit=row.id, visits=1, last_event_id=row.last_event_id)


def trail(row: Visit) -> tuple[Page, ...]:
    """The last pages of a visit, the first to be opened first. What can't be read is empty."""
    try:
        return msgspec.convert(row.facts.get("trail", ()), tuple[Page, ...])
    except msgspec.ValidationError:
        return ()


# Rows go over as one JSON document: quoted once, in C, while arrays of values are quoted value by value in Python. It
# is a third of the processor time of a batch. The order is that of the visitors' ids, for whoever else locks several.
_VISITORS_SQL: Final = """
WITH given AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%s::json)
        AS g(id uuid, visitor_id uuid, first_seen_at timestamptz, known boolean)
), seen AS (
    INSERT INTO saleor_livesales_visitor (id, name, assurance, created_at)
    SELECT visitor_id, '', CASE WHEN known THEN 'cookie' ELSE 'anonymous' END, first_seen_at
    FROM given ORDER BY visitor_id ON CONFLICT (id) DO NOTHING
), recognised AS (
    UPDATE saleor_livesales_visitor v SET assurance = 'cookie' FROM given
    WHERE v.id = given.visitor_id AND given.known AND v.assurance = 'anonymous'
)
UPDATE saleor_livesales_visit v SET current = false, online = false FROM given
WHERE v.visitor_id = given.visitor_id AND v.current AND v.id <> given.id
"""

_KEPT: Final = ("id", "visitor_id", "started_at", "current")  # what a later snapshot of a visit does not change
_COLUMNS: Final = {
    "id": "uuid", "visitor_id": "uuid", "channel": "text", "started_at": "timestamptz", "last_seen_at": "timestamptz",
    "online": "boolean", "current": "boolean", "last_event_id": "text", "page_url": "text", "page_title": "text",
    "product_id": "text", "variant_id": "text", "checkout_id": "text", "cart_total": "numeric", "currency": "text",
    "facts": "jsonb",
}  # fmt: skip
_VISITS_SQL: Final = f"""
INSERT INTO saleor_livesales_visit ({", ".join(_COLUMNS)})
SELECT {", ".join(_COLUMNS)} FROM json_to_recordset(%s::json)
    AS g({", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())})
ON CONFLICT (id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name not in _KEPT)}
"""  # noqa: S608


def save_rows(changed: Iterable[Facts]) -> None:
    """Write the visitors and the snapshots of their visits, in two statements.

    The caller owns the transaction. Facts without a visit have no row: nothing was seen of that visitor yet.
    """
    rows = sorted((facts for facts in changed if facts.visit is not None), key=lambda facts: str(facts.visitor))
    if not rows:
        return
    visitors = [
        {
            "id": facts.visit,
            "visitor_id": facts.visitor,
            "first_seen_at": _moment(facts.first_seen_at),
            "known": facts.known or facts.visits > 1,
        }
        for facts in rows
    ]
    with connection.cursor() as cursor:
        # A visit that this one follows is over. Also one that a rewound Redis made the decider forget.
        cursor.execute(_VISITORS_SQL, [msgspec.json.encode(visitors).decode()])
        cursor.execute(_VISITS_SQL, [msgspec.json.encode([_row(facts) for facts in rows]).decode()])


def _row(facts: Facts) -> dict[str, Any]:
    """The visit's row, by column."""
    cart = facts.cart
    total = cart.amount if cart is not None and cart.amount is not None and cart.amount < MAX_AMOUNT else None
    return {
        "id": facts.visit,
        "visitor_id": facts.visitor,
        "channel": facts.channel,
        "started_at": _moment(facts.started_at),
        "last_seen_at": _moment(facts.last_seen_at),
        "online": facts.online,
        "current": True,
        "last_event_id": facts.last_event_id,
        "page_url": facts.page_url,
        "page_title": facts.page_title,
        "product_id": facts.product,
        "variant_id": facts.variant,
        "checkout_id": facts.checkout,
        "cart_total": total,
        "currency": cart.currency if cart is not None else "",
        "facts": facts,
    }


def save_cache(client: redis.Redis, changed: Iterable[Facts]) -> None:
    """Put the facts into Redis, in one round trip. Only after the rows were committed."""
    pipeline = client.pipeline(transaction=False)
    for facts in changed:
        pipeline.set(facts_key(facts.visitor), encode(facts), ex=KEEP_FOR)
    pipeline.execute()


def moves(
    before: Mapping[uuid.UUID, Facts], after: Mapping[uuid.UUID, Facts], *, window: float
) -> list[tuple[str, wire.Frame]]:
    """What reps are told: who arrived, moved to another page or product, or left."""
    found: list[tuple[str, wire.Frame]] = []
    for visitor_id, new in after.items():
        old = before[visitor_id]
        arrived = new.online and (not old.online or new.last_seen_at - old.last_seen_at > window)
        moved = new.online and (old.page_url, old.product, old.cart) != (new.page_url, new.product, new.cart)
        if arrived or moved or (old.online and not new.online):
            found.append((bus.reps_channel(), _changed(visitor_id, new.channel, online=new.online)))
    return found


def _changed(visitor_id: uuid.UUID, channel: str, *, online: bool) -> wire.VisitorChanged:
    return wire.VisitorChanged(id=to_global_id("LiveVisitor", visitor_id), channel=channel, online=online)


def mark_silent(*, now: datetime.datetime, limit: int) -> int:
    """Take visitors off line who sent no sign for ``Settings.online_window``. Returns how many, and tells the reps."""
    silent_since = now - datetime.timedelta(seconds=conf.load().online_window)
    gone = (
        Visit.objects.select_for_update(skip_locked=True)
        .filter(online=True, current=True, last_seen_at__lte=silent_since)
        .order_by("last_seen_at", "id")
        .values_list("id", "visitor_id", "channel")[:limit]
    )
    with transaction.atomic():
        rows = list(gone)
        Visit.objects.filter(id__in=[row[0] for row in rows]).update(online=False)
        frames = [(bus.reps_channel(), _changed(row[1], row[2], online=False)) for row in rows]
        if frames:
            transaction.on_commit(lambda: bus.publish(frames))
    return len(rows)


def _moment(seconds: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)
