"""What becomes of codes: issued, delivered, revoked, expired. Redeeming has a module of its own (``redeem``).

``actor`` is a short text: ``user:<id>``, ``visitor:<id>`` or ``system``. Nothing here returns, logs or passes on a code
that can be read, but ``readable``, which is for whoever prints or mails it.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet

from ..errors import NotFound
from ..ids import uuid7
from ..visitors import actions as visitors
from ..visitors.models import VisitorPass
from . import alphabet
from .alphabet import Secret
from .keys import keyring
from .models import Code, CodeDelivery, CodeState
from .transitions import TRANSITIONS, Command, after

BATCH: Final = 5000  # rows in one statement
AGAIN: Final = 3  # tries to issue where a code exists already: one of 10^15 each
SYSTEM: Final = "system"


@dataclass(frozen=True, kw_only=True)
class NewCode:
    """A code to issue. Kinds are ``models.HolderKind``; ``opens_id`` is the piece's or the member's.

    ``max_uses`` counts visitors; None: any number. ``channel`` empty: good for every channel.
    """

    purpose: str
    holder_kind: str
    holder_id: str
    opens_kind: str
    opens_id: str
    valid_from: datetime.datetime
    valid_until: datetime.datetime | None = None
    max_uses: int | None = 1
    channel: str = ""


def issue(*, wanted: Sequence[NewCode], actor: str, now: datetime.datetime) -> list[Code]:
    """A code for each, in the same order, with its delivery: the only place from which it can be read.

    Raises CodesNotConfigured; then nothing was issued.
    """
    for _ in range(AGAIN):
        try:
            with transaction.atomic():
                return _issue(wanted, actor, now)
        except IntegrityError as error:
            if "digest" not in str(error):
                raise
    raise RuntimeError("No new code could be found. Is the source of randomness of this machine broken?")


def _issue(wanted: Sequence[NewCode], actor: str, now: datetime.datetime) -> list[Code]:
    keys = keyring()
    codes, sealed = [], []
    for new in wanted:
        secret = alphabet.make()
        key_id, digest = keys.digest(secret)
        code = Code(
            id=uuid7(),
            key_id=key_id,
            digest=digest,
            hint=secret.reveal()[-alphabet.HINT :],
            purpose=new.purpose,
            holder_kind=new.holder_kind,
            holder_id=new.holder_id,
            opens_kind=new.opens_kind,
            opens_id=new.opens_id,
            channel=new.channel,
            valid_from=new.valid_from,
            valid_until=new.valid_until,
            max_uses=new.max_uses,
            created_at=now,
        )
        codes.append(code)
        sealed.append(keys.seal(secret, code_id=code.pk))
    ids = [code.pk for code in codes]
    with connection.cursor() as cursor:
        cursor.execute(_CODES, {"codes": msgspec.json.encode([_row(code) for code in codes]).decode()})
        seals = [by for by, _ in sealed], [text for _, text in sealed]
        cursor.execute(_DELIVERIES, {"codes": ids, "keys": seals[0], "sealed": seals[1], "now": now})
    _log(ids, "issued", actor, "", now)
    return codes


def _row(code: Code) -> dict[str, Any]:
    row = {field.attname: getattr(code, field.attname) for field in Code._meta.concrete_fields}
    return row | {"digest": code.digest.hex(), "state": str(code.state)}


def readable(*, code_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Secret]:
    """The codes that are not delivered yet, to print or to mail. Raises Unsealable where a key is gone."""
    keys = keyring()
    return {
        row.code_id: keys.unseal(row.key_id, bytes(row.sealed), code_id=row.code_id)
        for row in CodeDelivery.objects.filter(code_id__in=code_ids)
    }


def delivered(*, code_ids: Collection[uuid.UUID], actor: str, reason: str, now: datetime.datetime) -> int:
    """The holders have their codes: what could be read is erased for good. Safe to call twice. How many were."""
    with transaction.atomic():
        rows = CodeDelivery.objects.select_for_update().filter(code_id__in=code_ids).order_by("code_id")
        there = list(rows.values_list("code_id", flat=True))
        CodeDelivery.objects.filter(code_id__in=there).delete()
        _log(there, "delivered", actor, reason, now)
    return len(there)


def revoke(*, code_id: uuid.UUID, actor: str, reason: str, now: datetime.datetime) -> Code:
    """The code opens nothing any more, and what it opened is closed. A revoked one comes back as it is.

    Raises NotFound, NotThisState (an expired one).
    """
    with transaction.atomic():
        code = Code.objects.select_for_update(no_key=True).filter(pk=code_id).first()
        if code is None:
            raise NotFound("Couldn't resolve to a node of type LiveSignInCode.", field="id")
        if code.state != CodeState.REVOKED:
            code.state = after(code.state, Command.REVOKE)
            close([code], kind="revoked", actor=actor, reason=reason, now=now)
    return code


def revoke_all(*, codes: QuerySet[Code], actor: str, reason: str, now: datetime.datetime) -> int:
    """Revoke those of the codes that can be: a piece's, a member's. In the caller's transaction. How many were."""
    return _move(codes, Command.REVOKE, kind="revoked", actor=actor, reason=reason, now=now)


def expire_due(*, now: datetime.datetime, limit: int = BATCH) -> int:
    """Give codes whose time is over the state that readers take for granted already, and erase their deliveries."""
    with transaction.atomic():
        due = Code.objects.filter(valid_until__lte=now, state__in=_from(Command.EXPIRE))
        first = list(due.order_by("valid_until").values_list("pk", flat=True)[:limit])
        found = due.filter(pk__in=first)  # looked at again under the lock: an owner may just prolong them
        return _move(found, Command.EXPIRE, kind="expired", actor=SYSTEM, reason="", now=now, skip_locked=True)


def _from(command: Command) -> list[str]:
    return [state for state, known in TRANSITIONS if known is command]


def _move(
    codes: QuerySet[Code],
    command: Command,
    *,
    kind: str,
    actor: str,
    reason: str,
    now: datetime.datetime,
    skip_locked: bool = False,
) -> int:
    locked = codes.filter(state__in=_from(command)).order_by("pk")
    found = list(locked.select_for_update(no_key=True, skip_locked=skip_locked).only("pk", "state"))
    for code in found:
        code.state = after(code.state, command)
    close(found, kind=kind, actor=actor, reason=reason, now=now)
    return len(found)


def close(codes: Iterable[Code], *, kind: str, actor: str, reason: str, now: datetime.datetime) -> None:
    """Write the state of locked codes that can't be used any more, with all that follows from it."""
    codes = list(codes)
    for start in range(0, len(codes), BATCH):
        part = codes[start : start + BATCH]
        ids = [code.pk for code in part]
        for state in sorted({code.state for code in part}):
            Code.objects.filter(pk__in=[code.pk for code in part if code.state == state]).update(state=state)
        CodeDelivery.objects.filter(code_id__in=ids).delete()
        _log(ids, kind, actor, reason, now)
        if kind == "revoked":
            visitors.revoke_passes(code_ids=ids, now=now)


def redate(
    *,
    codes: QuerySet[Code],
    valid_from: datetime.datetime,
    valid_until: datetime.datetime | None,
    actor: str,
    now: datetime.datetime,
) -> int:
    """Give the codes that live another period, and their passes its end. In the caller's transaction. How many."""
    living = [CodeState.ISSUED, CodeState.USED]
    locked = codes.filter(state__in=living).order_by("pk").select_for_update(no_key=True)
    ids = list(locked.values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        part = ids[start : start + BATCH]
        Code.objects.filter(pk__in=part).update(valid_from=valid_from, valid_until=valid_until)
        VisitorPass.objects.filter(code_id__in=part).update(until=valid_until)
        _log(part, "redated", actor, "", now)
    return len(ids)


def _log(code_ids: Iterable[uuid.UUID], kind: str, actor: str, reason: str, now: datetime.datetime) -> None:
    given = {"codes": list(code_ids), "kind": kind, "actor": actor, "reason": reason[:255], "now": now}
    with connection.cursor() as cursor:
        cursor.execute(_CHANGES, given)


# By hand: a piece has 100,000 codes, and these rows differ in little.
_CODES: Final = """
INSERT INTO saleor_livesales_code (id, key_id, digest, hint, state, purpose, holder_kind, holder_id, opens_kind,
    opens_id, channel, valid_from, valid_until, max_uses, uses, created_at)
SELECT id, key_id, decode(digest, 'hex'), hint, state, purpose, holder_kind, holder_id, opens_kind, opens_id, channel,
    valid_from, valid_until, max_uses, uses, created_at
FROM json_to_recordset(%(codes)s::json) AS g(id uuid, key_id text, digest text, hint text, state text, purpose text,
    holder_kind text, holder_id text, opens_kind text, opens_id text, channel text, valid_from timestamptz,
    valid_until timestamptz, max_uses int, uses int, created_at timestamptz)
"""

_DELIVERIES: Final = """
INSERT INTO saleor_livesales_codedelivery (code_id, key_id, sealed, created_at)
SELECT code, key, sealed, %(now)s
FROM unnest(%(codes)s::uuid[], %(keys)s::text[], %(sealed)s::bytea[]) AS new(code, key, sealed)
"""
_CHANGES: Final = """
INSERT INTO saleor_livesales_codechange (code_id, kind, actor, reason, at)
SELECT code, %(kind)s, %(actor)s, %(reason)s, %(now)s FROM unnest(%(codes)s::uuid[]) AS code
"""
