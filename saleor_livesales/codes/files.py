"""What goes to the printer: QR codes and lists, with codes that can be read. Only while a piece is not printed yet."""

from __future__ import annotations

import csv
import io
import uuid
from dataclasses import dataclass
from typing import Final

import segno

from ..errors import Invalid, NotFound
from . import actions, alphabet
from .alphabet import Secret
from .models import Code, HolderKind, PieceState, PrintPiece, PrintRecipient
from .pieces import codes_of, not_found
from .transitions import NotThisState

ROWS: Final = 10_000  # of a list, in one file
FRAGMENT: Final = "#live="
QUIET: Final = 4  # modules of white around a QR code (ISO/IEC 18004)
PRINT_DPI: Final = 600
PIXELS: Final = 24  # for each module: 1 mm at 600 dpi
POINTS: Final = 2.835  # for each module: 1 mm
KINDS: Final = {
    "csv": "text/csv; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
    "pdf": "application/pdf",
}
# A spreadsheet takes what begins with one of these for a formula.
FORMULAS: Final = ("=", "+", "-", "@")


@dataclass(frozen=True, kw_only=True)
class File:
    """``after`` is where the next part of a list begins; None: there is no more."""

    name: str
    kind: str
    content: bytes
    after: str | None = None

    def __repr__(self) -> str:
        return f"File({self.kind})"


def link(piece: PrintPiece, code: Secret) -> str:
    """What a QR code says. The code stands in the fragment: browsers send that part to nobody."""
    return f"{piece.landing_url}{FRAGMENT}{alphabet.written(code.reveal())}"


def download(*, piece_id: uuid.UUID, kind: str, reference: str | None, after: str | None) -> File:
    """A file with codes that can be read: ``csv``, or the QR code as ``svg``, ``png`` or ``pdf``.

    A personal piece's QR code is that of one recipient, by ``reference``; its list comes in parts of ``ROWS``, from
    the reference ``after`` on. Raises NotFound, Invalid, NotThisState (printed, revoked), Unsealable.
    """
    piece = PrintPiece.objects.filter(pk=piece_id).first()
    if piece is None:
        raise not_found()
    if piece.state != PieceState.ACTIVE:
        raise NotThisState("This piece is revoked.", field="id")
    if piece.printed_at is not None:
        raise NotThisState("This piece is printed: its codes can't be read any more.", field="id")
    if kind == "csv":
        return _list(piece, after)
    return File(name=f"code.{kind}", kind=KINDS[kind], content=draw(link(piece, _one(piece, reference)), kind=kind))


def draw(text: str, *, kind: str) -> bytes:
    """A QR code, black on white, of which 15 % may be lost (level M)."""
    code = segno.make_qr(text, error="m")
    held = io.BytesIO()
    if kind == "svg":
        code.save(held, kind="svg", border=QUIET, unit="mm", light="white")
    elif kind == "png":
        code.save(held, kind="png", border=QUIET, scale=PIXELS, dpi=PRINT_DPI)
    else:
        code.save(held, kind="pdf", border=QUIET, scale=POINTS)
    return held.getvalue()


def _one(piece: PrintPiece, reference: str | None) -> Secret:
    codes = codes_of(piece)
    if piece.personal:
        if reference is None:
            raise Invalid("Say which recipient's code it is.", field="reference")
        recipient = PrintRecipient.objects.filter(piece=piece, reference=reference).first()
        if recipient is None:
            raise NotFound("This piece has no such recipient.", field="reference")
        codes = codes.filter(holder_kind=HolderKind.RECIPIENT, holder_id=str(recipient.pk))
    found = actions.readable(code_ids=list(codes.filter(delivery__isnull=False).values_list("pk", flat=True)[:1]))
    for secret in found.values():
        return secret
    raise NotThisState("This code can't be read any more.", field="id")


def _list(piece: PrintPiece, after: str | None) -> File:
    """Reference, name, code and link, in the order of references. Revoked and expired codes are left out."""
    held = io.StringIO()
    rows = csv.writer(held)
    rows.writerow(["reference", "name", "code", "link"])
    if not piece.personal:
        secret = _one(piece, None)
        rows.writerow(["", "", alphabet.written(secret.reveal()), link(piece, secret)])
        return File(name="codes.csv", kind=KINDS["csv"], content=held.getvalue().encode())
    recipients = PrintRecipient.objects.filter(piece=piece).order_by("reference")
    if after is not None:
        recipients = recipients.filter(reference__gt=after)
    part = list(recipients[: ROWS + 1])
    more, part = len(part) > ROWS, part[:ROWS]
    codes = Code.objects.filter(holder_kind=HolderKind.RECIPIENT, holder_id__in=[str(row.pk) for row in part])
    by_holder = {holder: pk for pk, holder in codes.values_list("pk", "holder_id")}
    secrets = actions.readable(code_ids=list(by_holder.values()))
    for row in part:
        code_id = by_holder.get(str(row.pk))
        if code_id in secrets:
            code = secrets[code_id]
            written = alphabet.written(code.reveal())
            rows.writerow([_cell(row.reference), _cell(row.name), written, link(piece, code)])
    following = part[-1].reference if more else None
    return File(name="codes.csv", kind=KINDS["csv"], content=held.getvalue().encode(), after=following)


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULAS) else text
