"""Changing the keys of codes: what still hangs on which key, and moving what can be moved to the key in use.

A digest can only be made anew while the code can be read, which is until it is delivered. The others stay known by
the key that they were issued under, until they are used up, expire or are revoked; then that key can go.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count

from .actions import BATCH
from .keys import CodesNotConfigured, keyring
from .models import Code, CodeDelivery, CodeState

LIVING = (CodeState.ISSUED, CodeState.USED)


@dataclass(frozen=True, kw_only=True)
class KeyUse:
    """``kind`` is ``code`` or ``delivery``; ``rows`` hang on the key; ``state``: in use, still valid, missing."""

    kind: str
    key_id: str
    rows: int
    state: str


def uses() -> list[KeyUse]:
    """Every key that is set or that rows name, with how much hangs on it: living codes, sealed deliveries."""
    keys = keyring()
    living = Code.objects.filter(state__in=LIVING)
    found = []
    for kind, ids, rows in (
        ("code", keys.digest_ids, living),
        ("delivery", keys.seal_ids, CodeDelivery.objects.all()),
    ):
        counts = dict(rows.order_by().values_list("key_id").annotate(Count("pk")))
        for key_id in [*ids, *sorted(set(counts) - set(ids))]:
            state = "in use" if ids[:1] == [key_id] else "still valid" if key_id in ids else "missing"
            found.append(KeyUse(kind=kind, key_id=key_id, rows=counts.get(key_id, 0), state=state))
    return found


def rotate() -> int:
    """Make seals and digests of all codes that can still be read anew with the keys in use. Safe to stop and to run
    again. How many rows changed. Raises CodesNotConfigured, Unsealable (a key is missing)."""
    keys = keyring()
    if not (keys.digest_ids and keys.seal_ids):
        raise CodesNotConfigured("Sign-in codes need LIVESALES_CODE_KEYS and LIVESALES_DELIVERY_KEYS.")
    changed = 0
    last = None
    while True:
        with transaction.atomic():
            rows = CodeDelivery.objects.select_for_update(of=("self",)).select_related("code").order_by("code_id")
            part = list((rows if last is None else rows.filter(code_id__gt=last))[:BATCH])
            if not part:
                return changed
            last = part[-1].code_id
            codes = {
                code.pk: code
                for code in Code.objects.select_for_update(no_key=True)
                .filter(pk__in=[row.code_id for row in part])
                .order_by("pk")
            }
            sealed, digested = [], []
            for row in part:
                code = codes[row.code_id]
                old = row.key_id != keys.seal_ids[0], code.key_id != keys.digest_ids[0]
                if not any(old):
                    continue
                secret = keys.unseal(row.key_id, bytes(row.sealed), code_id=code.pk)
                if old[0]:
                    row.key_id, row.sealed = keys.seal(secret, code_id=code.pk)
                    sealed.append(row)
                if old[1]:
                    code.key_id, code.digest = keys.digest(secret)
                    digested.append(code)
                changed += 1
            CodeDelivery.objects.bulk_update(sealed, ["key_id", "sealed"])
            Code.objects.bulk_update(digested, ["key_id", "digest"])
