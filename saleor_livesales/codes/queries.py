"""Reading codes and printed pieces. Nothing here reads a code's plain text."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.db import connection
from django.db.models import QuerySet

from ..visitors import queries as visitors
from ..visitors.models import VisitorPass
from .models import Code, CodeState, HolderKind, PrintPiece, PrintRecipient
from .orders import COUNTED_FOR


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Of one piece: codes issued, visitors who entered one, sessions that these began within ``COUNTED_FOR``, and
    their orders (``codes.orders``) with what these brought in, in the currency of the piece's channel."""

    codes: int = 0
    redemptions: int = 0
    sessions: int = 0
    orders: int = 0
    income: Decimal = Decimal(0)
    currency: str = ""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A pass with the piece that it came from, and for a personal one the recipient: for reps."""

    pass_: VisitorPass
    piece: PrintPiece | None
    recipient: PrintRecipient | None


def pieces() -> QuerySet[PrintPiece]:
    return PrintPiece.objects.all()


def codes(*, piece_id: uuid.UUID | None, states: Collection[str] | None) -> QuerySet[Code]:
    """Codes, those of one piece where it is named."""
    found = Code.objects.all()
    if piece_id is not None:
        found = found.filter(opens_kind=HolderKind.PIECE, opens_id=str(piece_id))
    if states is not None:
        found = found.filter(state__in=states)
    return found


def state_at(code: Code, now: datetime.datetime) -> str:
    """Where a code stands: one whose time is over is expired, before its row says so."""
    over = code.valid_until is not None and code.valid_until <= now
    return str(CodeState.EXPIRED) if over and code.state in (CodeState.ISSUED, CodeState.USED) else str(code.state)


_COUNTS: Final = """
SELECT wanted.id,
    (SELECT count(*) FROM saleor_livesales_code c WHERE c.opens_kind = 'piece' AND c.opens_id = wanted.id),
    (SELECT count(*) FROM saleor_livesales_visitorpass p WHERE p.opens_kind = 'piece' AND p.opens_id = wanted.id),
    (SELECT count(DISTINCT s.id) FROM saleor_livesales_visitorpass p
        JOIN saleor_livesales_session s ON s.visitor_id = p.visitor_id AND s.channel = p.channel
            AND s.created_at >= p.at AND s.created_at < p.at + %(counted_for)s
        WHERE p.opens_kind = 'piece' AND p.opens_id = wanted.id),
    bought.orders, bought.income, bought.currency
FROM unnest(%(pieces)s::text[]) AS wanted(id)
CROSS JOIN LATERAL (
    SELECT count(*) AS orders, coalesce(sum(o.income), 0) AS income, coalesce(max(o.currency), '') AS currency
    FROM saleor_livesales_pieceorder o WHERE o.piece_id = wanted.id::uuid AND o.counts
) AS bought
"""


def counts(*, piece_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Counts]:
    """The counts of each piece, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"pieces": [str(pk) for pk in piece_ids], "counted_for": COUNTED_FOR})
        return {
            uuid.UUID(pk): Counts(
                codes=issued, redemptions=redeemed, sessions=sessions, orders=orders, income=income, currency=currency
            )
            for pk, issued, redeemed, sessions, orders, income, currency in cursor.fetchall()
        }


def shown(*, visitor_ids: Collection[uuid.UUID], now: datetime.datetime) -> dict[uuid.UUID, list[Shown]]:
    """What each visitor opened by code and still may, the latest first. Three queries."""
    passes = list(visitors.passes(now=now).filter(visitor_id__in=visitor_ids).order_by("-at", "-id"))
    opened = {pass_.opens_id for pass_ in passes if pass_.opens_kind == HolderKind.PIECE}
    held = {pass_.holder_id for pass_ in passes if pass_.holder_kind == HolderKind.RECIPIENT}
    by_piece = {str(pk): piece for pk, piece in PrintPiece.objects.in_bulk(list(opened)).items()}
    by_recipient = {str(pk): row for pk, row in PrintRecipient.objects.in_bulk(list(held)).items()}
    found: dict[uuid.UUID, list[Shown]] = {}
    for pass_ in passes:
        found.setdefault(pass_.visitor_id, []).append(
            Shown(
                pass_=pass_,
                piece=by_piece.get(pass_.opens_id) if pass_.opens_kind == HolderKind.PIECE else None,
                recipient=by_recipient.get(pass_.holder_id) if pass_.holder_kind == HolderKind.RECIPIENT else None,
            )
        )
    return found


def labels(*, recipient_ids: Collection[str]) -> dict[str, PrintRecipient]:
    return {str(pk): row for pk, row in PrintRecipient.objects.in_bulk(list(recipient_ids)).items()}
