"""Printed pieces: a catalogue, an ad, a mailing, each leading to one item. Made, addressed, printed, revoked.

A piece has one code for everybody, or one for each recipient. Their plain text can be had until the owner says that
the piece is printed; then it is erased and nobody can read it again, neither the owner nor we.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from django.db import connection, transaction

from .. import shop
from ..errors import Invalid, NotFound
from ..ids import uuid7
from ..sessions import gates
from . import actions
from .actions import NewCode
from .models import Code, HolderKind, PieceKind, PieceState, PrintPiece, PrintRecipient, Purpose
from .transitions import PIECES, Command, NotThisState, after

NAME_LIMIT: Final = 200
REFERENCE_LIMIT: Final = 100
URL_LIMIT: Final = 500
AT_ONCE: Final = 5000  # recipients in one call
RECIPIENTS_LIMIT: Final = 100_000  # of one piece
EARLIEST: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
LATEST: Final = datetime.datetime(9990, 1, 1, tzinfo=datetime.UTC)  # PostgreSQL keeps later ones than Python reads

_RECIPIENTS: Final = """
INSERT INTO saleor_livesales_printrecipient (id, piece_id, reference, name)
SELECT id, piece_id, reference, name
FROM json_to_recordset(%s::json) AS g(id uuid, piece_id uuid, reference text, name text)
"""


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """``reference`` is the owner's own name for the recipient; ``name`` is shown to the rep alone."""

    reference: str
    name: str = ""


def create(
    *,
    name: str,
    kind: str,
    channel: str,
    product_id: str,
    variant_id: str | None,
    landing_url: str,
    personal: bool,
    starts_at: datetime.datetime | None,
    ends_at: datetime.datetime | None,
    actor_user_id: str | None,
    now: datetime.datetime,
) -> PrintPiece:
    """A piece; with one code for everybody it is issued at once. Ids are the shop's global ids.

    Raises Invalid with the field, CodesNotConfigured; nothing was made then.
    """
    if channel not in {known.slug for known in shop.current().channels()}:
        raise Invalid("The shop has no such channel.", field="channel")
    if gates.find_item(channel=channel, product_id=product_id, variant_id=variant_id) is None:
        raise Invalid("A printed piece needs its product.", field="productId")
    piece = PrintPiece(
        id=uuid7(),
        name=_name(name),
        kind=PieceKind(kind),
        channel=channel,
        product_id=product_id,
        variant_id=variant_id,
        landing_url=_landing_url(landing_url),
        personal=personal,
        starts_at=_moment(starts_at, "startsAt") or now,
        ends_at=_moment(ends_at, "endsAt"),
        created_at=now,
        created_by=actor_user_id or "",
    )
    _check_period(piece)
    with transaction.atomic():
        piece.save(force_insert=True)
        if not personal:
            shared = _code(piece, str(HolderKind.PIECE), str(piece.pk), max_uses=None)
            actions.issue(wanted=[shared], actor=f"user:{actor_user_id}", now=now)
    return piece


def _code(piece: PrintPiece, holder_kind: str, holder_id: str, *, max_uses: int | None) -> NewCode:
    return NewCode(
        purpose=str(Purpose.PRINT),
        holder_kind=holder_kind,
        holder_id=holder_id,
        opens_kind=str(HolderKind.PIECE),
        opens_id=str(piece.pk),
        channel=piece.channel,
        valid_from=piece.starts_at,
        valid_until=piece.ends_at,
        max_uses=max_uses,
    )


def update(
    *, piece_id: uuid.UUID, changes: Mapping[str, Any], actor_user_id: str | None, now: datetime.datetime
) -> PrintPiece:
    """Set ``name``, ``landing_url``, ``starts_at``, ``ends_at`` where named; codes take the new period at once.

    Raises NotFound, Invalid with the field, NotThisState (a revoked piece; another address after it was printed).
    """
    with transaction.atomic():
        piece = _lock(piece_id)
        _require_active(piece)
        if "name" in changes:
            piece.name = _name(changes["name"])
        if "landing_url" in changes:
            url = _landing_url(changes["landing_url"])
            if piece.printed_at is not None and url != piece.landing_url:
                raise NotThisState("It is printed already, with this address in its QR codes.", field="landingUrl")
            piece.landing_url = url
        before = piece.starts_at, piece.ends_at
        if "starts_at" in changes:
            piece.starts_at = _moment(changes["starts_at"], "startsAt") or before[0]
        if "ends_at" in changes:
            piece.ends_at = _moment(changes["ends_at"], "endsAt")
        _check_period(piece)
        piece.save()
        if (piece.starts_at, piece.ends_at) != before:
            actions.redate(
                codes=codes_of(piece),
                valid_from=piece.starts_at,
                valid_until=piece.ends_at,
                actor=f"user:{actor_user_id}",
                now=now,
            )
    return piece


def add_recipients(
    *, piece_id: uuid.UUID, recipients: Sequence[Recipient], actor_user_id: str | None, now: datetime.datetime
) -> tuple[PrintPiece, int]:
    """Issue a code to each recipient whose reference is new to the piece: sent again, nothing is issued twice.

    At most ``AT_ONCE`` in a call. How many were added. Raises NotFound, Invalid, NotThisState (one code for
    everybody, printed, revoked), CodesNotConfigured.
    """
    if len(recipients) > AT_ONCE:
        raise Invalid(f"At most {AT_ONCE} recipients in one call.", field="recipients")
    wanted: dict[str, Recipient] = {}
    for row, recipient in enumerate(recipients, 1):
        reference, name = recipient.reference.strip(), recipient.name.strip()
        _check_text(reference + name, f"Recipient {row} holds a character that is not allowed.", "recipients")
        if not 1 <= len(reference) <= REFERENCE_LIMIT or len(name) > NAME_LIMIT:
            raise Invalid(
                f"Recipient {row} needs a reference of at most {REFERENCE_LIMIT} characters, and a name of at most "
                f"{NAME_LIMIT}.",
                field="recipients",
            )
        wanted.setdefault(reference, Recipient(reference=reference, name=name))
    with transaction.atomic():
        piece = _lock(piece_id)
        _require_active(piece)
        if not piece.personal:
            raise NotThisState("This piece has one code for everybody.", field="recipients")
        if piece.printed_at is not None:
            raise NotThisState("This piece is printed already. Make another one.", field="recipients")
        rows = PrintRecipient.objects.filter(piece=piece)
        known = set(rows.filter(reference__in=wanted).values_list("reference", flat=True))
        new = [
            {"id": uuid7(), "piece_id": piece.pk, "reference": found.reference, "name": found.name}
            for found in wanted.values()
            if found.reference not in known
        ]
        if rows.count() + len(new) > RECIPIENTS_LIMIT:
            raise Invalid(f"A piece has at most {RECIPIENTS_LIMIT} recipients.", field="recipients")
        with connection.cursor() as cursor:
            cursor.execute(_RECIPIENTS, [msgspec.json.encode(new).decode()])
        actions.issue(
            wanted=[_code(piece, str(HolderKind.RECIPIENT), str(row["id"]), max_uses=1) for row in new],
            actor=f"user:{actor_user_id}",
            now=now,
        )
    return piece, len(new)


def printed(*, piece_id: uuid.UUID, actor_user_id: str | None, now: datetime.datetime) -> PrintPiece:
    """The piece is printed: its codes can't be read from now on. Safe to call twice. Raises NotFound, NotThisState."""
    with transaction.atomic():
        piece = _lock(piece_id)
        _require_active(piece)
        if piece.printed_at is None:
            piece.printed_at = now
            piece.save(update_fields=["printed_at"])
            ids = list(codes_of(piece).filter(delivery__isnull=False).values_list("pk", flat=True))
            for start in range(0, len(ids), actions.BATCH):
                part = ids[start : start + actions.BATCH]
                actions.delivered(code_ids=part, actor=f"user:{actor_user_id}", reason="printed", now=now)
    return piece


def revoke(*, piece_id: uuid.UUID, reason: str, actor_user_id: str | None, now: datetime.datetime) -> PrintPiece:
    """All its codes open nothing any more, and what they opened is closed. Safe to call twice. Raises NotFound."""
    with transaction.atomic():
        piece = _lock(piece_id)
        if piece.state != PieceState.REVOKED:
            piece.state = after(piece.state, Command.REVOKE, PIECES)
            piece.save(update_fields=["state"])
            actions.revoke_all(codes=codes_of(piece), actor=f"user:{actor_user_id}", reason=reason, now=now)
    return piece


def codes_of(piece: PrintPiece) -> Any:
    return Code.objects.filter(opens_kind=HolderKind.PIECE, opens_id=str(piece.pk))


def not_found() -> NotFound:
    return NotFound("Couldn't resolve to a node of type LivePrintPiece.", field="id")


def _lock(piece_id: uuid.UUID) -> PrintPiece:
    piece = PrintPiece.objects.select_for_update(no_key=True).filter(pk=piece_id).first()
    if piece is None:
        raise not_found()
    return piece


def _require_active(piece: PrintPiece) -> None:
    if piece.state != PieceState.ACTIVE:
        raise NotThisState("This piece is revoked.", field="id")


def _check_text(text: str, complaint: str, field: str) -> None:
    if any(character < " " or "\ud800" <= character <= "\udfff" for character in text):
        raise Invalid(complaint, field=field)


def _name(value: str | None) -> str:
    text = (value or "").strip()
    _check_text(text, "The name holds a character that is not allowed.", "name")
    if not 1 <= len(text) <= NAME_LIMIT:
        raise Invalid(f"A name of at most {NAME_LIMIT} characters is needed.", field="name")
    return text


def _landing_url(value: str | None) -> str:
    text = (value or "").strip()
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
    except ValueError:
        good, parts = False, urlsplit("")
    if not good or "#" in text or len(text) > URL_LIMIT or any(character <= " " for character in text):
        raise Invalid("A page of the shop like https://shop.example.com/lamp is needed, without #.", field="landingUrl")
    return text


def _moment(value: datetime.datetime | None, field: str) -> datetime.datetime | None:
    if value is not None and value.tzinfo is None:
        raise Invalid("A moment needs its time zone.", field=field)
    if value is not None and not EARLIEST <= value <= LATEST:
        raise Invalid("A moment between 1970 and 9990 is needed.", field=field)
    return value


def _check_period(piece: PrintPiece) -> None:
    if piece.ends_at is not None and piece.ends_at <= piece.starts_at:
        raise Invalid("The end must be after the beginning.", field="endsAt")
