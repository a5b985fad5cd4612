"""Reading offers and decisions, and what a decision needs to know from PostgreSQL."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Collection
from typing import Final

from django.db import connection
from django.db.models import QuerySet
from msgspec.structs import replace

from .. import conf, shop
from ..channels.models import ChannelSettings, PriceStrength
from ..channels.opening import hours_of
from ..members import machine
from ..sessions import routing
from ..visitors.facts import Standing
from .models import Decision, Offer, OfferState
from .rules import PriceRule, RequestRule, Rules


def open_offer(*, visitor_id: uuid.UUID, now: datetime.datetime) -> Offer | None:
    """The visitor's open offer; one that has run out is none, even before it was closed."""
    return Offer.objects.filter(visitor_id=visitor_id, state=OfferState.OPEN, due_at__gt=now).first()


def open_offers(*, visitor_ids: Collection[uuid.UUID], now: datetime.datetime) -> dict[uuid.UUID, Offer]:
    """The same of many visitors, in one query."""
    found = Offer.objects.filter(visitor_id__in=visitor_ids, state=OfferState.OPEN, due_at__gt=now)
    return {offer.visitor_id: offer for offer in found}


def decisions(*, visitor_id: uuid.UUID) -> QuerySet[Decision]:
    """Why this visitor was offered help, or not, the latest first."""
    return Decision.objects.filter(visitor_id=visitor_id).order_by("-at", "-id")


_LATEST_REASONS: Final = """
SELECT wanted.id, latest.reason FROM unnest(%s::uuid[]) AS wanted(id) CROSS JOIN LATERAL (
    SELECT reason FROM saleor_livesales_decision WHERE visitor_id = wanted.id ORDER BY at DESC, id DESC LIMIT 1
) latest
"""


def latest_reasons(*, visitor_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The reason of each visitor's latest decision, in one query. Who has none is left out."""
    with connection.cursor() as cursor:
        cursor.execute(_LATEST_REASONS, [list(visitor_ids)])
        return dict(cursor.fetchall())


_ARRANGEMENTS: Final = ("", "request", "offer", "connect")  # of several plans the strongest counts

# Visitors that talk, and the channels for which they showed a code, come first, without an offer's state. The ids are
# one literal: in a list each is quoted by itself.
_STANDINGS: Final = """
SELECT visitor_id, NULL AS state, NULL::timestamptz AS created_at, NULL::timestamptz AS due_at,
    NULL::timestamptz AS answered_at, NULL AS code
FROM saleor_livesales_session WHERE visitor_id = ANY(%(visitors)s::uuid[]) AND state <> 'ended'
UNION ALL
SELECT visitor_id, NULL, NULL, NULL, NULL, channel
FROM saleor_livesales_visitorpass WHERE visitor_id = ANY(%(visitors)s::uuid[]) AND revoked_at IS NULL
    AND (until IS NULL OR until > %(now)s)
UNION ALL
SELECT v.id, 'blocked', NULL, NULL, NULL, NULL
FROM saleor_livesales_visitor v WHERE v.id = ANY(%(visitors)s::uuid[]) AND EXISTS (
    SELECT FROM saleor_livesales_visitorblock b WHERE b.lifted_at IS NULL AND (b.until IS NULL OR b.until > %(now)s)
    AND (b.visitor_id = v.id OR b.user_id = v.user_id))
UNION ALL
SELECT visitor_id, 'talked', NULL, NULL, ended_at, NULL
FROM saleor_livesales_session WHERE visitor_id = ANY(%(visitors)s::uuid[]) AND ended_at > %(horizon)s
UNION ALL
SELECT v.id, 'plan', NULL, NULL, NULL, p.arrangement
FROM saleor_livesales_visitor v
JOIN saleor_livesales_membership m ON m.user_id = v.user_id AND m.state = ANY(%(live)s)
JOIN saleor_livesales_plan p ON p.id = m.plan_id AND p.arrangement <> 'rules'
WHERE v.id = ANY(%(visitors)s::uuid[])
UNION ALL
SELECT x.visitor_id, 'plan', NULL, NULL, NULL, p.arrangement
FROM saleor_livesales_visitorpass x
JOIN saleor_livesales_membership m ON m.id = CASE WHEN x.opens_kind = 'member' THEN x.opens_id::uuid END
    AND m.state = ANY(%(live)s)
JOIN saleor_livesales_plan p ON p.id = m.plan_id AND p.arrangement <> 'rules'
WHERE x.visitor_id = ANY(%(visitors)s::uuid[]) AND x.revoked_at IS NULL AND (x.until IS NULL OR x.until > %(now)s)
UNION ALL
SELECT visitor_id, state, created_at, due_at, answered_at, NULL
FROM saleor_livesales_offer WHERE visitor_id = ANY(%(visitors)s::uuid[]) AND created_at > %(horizon)s
ORDER BY created_at NULLS FIRST
"""


def standings(*, visitor_ids: Collection[uuid.UUID], now: datetime.datetime) -> dict[uuid.UUID, Standing]:
    """What stands between each visitor and another offer, in one query. Refusals older than the pause are left out.

    An offer that has run out counts as ignored from then on, whether or not it was closed yet. So does one that can't
    be accepted any more but blocks the index: the visitor waits the second until it is closed.
    """
    found = dict.fromkeys(visitor_ids, Standing())
    if not found:
        return found
    horizon = now - datetime.timedelta(seconds=max(conf.load().offer_pause, 3600))
    with connection.cursor() as cursor:
        visitors = f"{{{','.join(map(str, found))}}}"
        live = list(machine.LIVE_STATES)
        cursor.execute(_STANDINGS, {"visitors": visitors, "horizon": horizon, "now": now, "live": live})
        rows = cursor.fetchall()
    for visitor_id, state, created_at, due_at, answered_at, code in rows:
        before = found[visitor_id]
        if state == "plan":
            strongest = max(before.arrangement, code, key=_ARRANGEMENTS.index)
            found[visitor_id] = replace(before, arrangement=strongest)
            continue
        if state == "talked":
            found[visitor_id] = replace(before, last_session_at=max(before.last_session_at, answered_at.timestamp()))
            continue
        if code is not None:
            found[visitor_id] = replace(before, codes=tuple(sorted({*before.codes, code})))
            continue
        if state == "blocked":
            found[visitor_id] = replace(before, blocked=True)
            continue
        if state is None:
            found[visitor_id] = replace(before, open_session=True)
            continue
        refused_at, refusal = before.last_refusal_at, before.last_refusal
        if state == OfferState.DECLINED:
            refused_at, refusal = (answered_at or due_at).timestamp(), "declined"
        elif state == OfferState.EXPIRED or (state == OfferState.OPEN and due_at <= now):
            refused_at, refusal = due_at.timestamp(), "expired"
        found[visitor_id] = replace(
            before,
            open_offer=before.open_offer or state == OfferState.OPEN,
            last_offer_at=created_at.timestamp(),
            last_refusal_at=refused_at,
            last_refusal=refusal,
        )
    return found


def rules_by_channel() -> dict[str, Rules]:
    """The rules of every channel that has settings, in one query. ``available`` is False: see ``somebody_free``."""
    settings = conf.load()
    plugin = shop.current().active()
    return {
        row.channel: Rules(
            channel=row.channel,
            active=plugin and row.active,
            currency=row.currency,
            available=False,
            price=None
            if row.price_threshold is None
            else PriceRule(
                threshold=row.price_threshold,
                currency=row.currency,
                gate=row.price_strength == PriceStrength.GATE,
            ),
            request=RequestRule() if row.requests_allowed else None,
            hours=hours_of(row),
            code_required=row.code_required,
            greeting=row.greeting,
            offer_pause=settings.offer_pause,
            online_window=settings.online_window,
        )
        for row in ChannelSettings.objects.all()
    }


def somebody_free(*, now: datetime.datetime) -> bool:
    """Whether a rep is online with a place free: no offer is made that cannot be answered."""
    return routing.free_reps(now).exists()


_OVERDUE: Final = """
SELECT extract(epoch FROM %(now)s - least(
    (SELECT min(due_at) FROM saleor_livesales_session WHERE due_at IS NOT NULL),
    (SELECT min(due_at) FROM saleor_livesales_offer WHERE state = 'open')
))
"""


def overdue_for(*, now: datetime.datetime) -> float:
    """For how many seconds the oldest deadline of a session or an offer has been overdue; 0.0 when none is."""
    with connection.cursor() as cursor:
        cursor.execute(_OVERDUE, {"now": now})
        seconds = cursor.fetchone()[0]
    return max(0.0, float(seconds or 0))
