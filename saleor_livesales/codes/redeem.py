"""A visitor enters a code. Whatever is wrong with it, the answer is one and the work is the same."""

from __future__ import annotations

import datetime
import hmac
import uuid
from dataclasses import dataclass
from typing import Final

from django.db import transaction

from ..errors import LiveSalesError
from ..ids import uuid7
from ..visitors import actions as visitors
from ..visitors.models import VisitorPass
from . import tries
from .alphabet import Secret
from .keys import Keyring, keyring
from .models import Code, CodeChange, CodeState
from .transitions import Command, after

NOBODY: Final = uuid.UUID(int=0)


class CodeRefused(LiveSalesError):
    """The code opens nothing: wrong, used up, expired, revoked, not yet valid or never issued. Which is never told."""

    code = "CODE_REFUSED"

    def __init__(self) -> None:
        super().__init__("This code is not valid. Check it and try again.", field="code")


@dataclass(frozen=True, kw_only=True)
class Opened:
    """What the code opens for this visitor. ``again``: it had opened it before."""

    pass_: VisitorPass
    again: bool


def redeem(*, code: Secret, visitor_id: uuid.UUID, network: str, now: datetime.datetime) -> Opened:
    """Take a code, once for each visitor: entered again by the same one it is not counted again.

    ``network`` is what the visitor's network is counted by; empty: not known. The visitor is known by code from then
    on, and nothing else about it changes. Raises CodeRefused, TooManyTries.
    """
    keys = keyring()
    if not keys.digest_ids:  # no codes here at all: nothing to try
        raise CodeRefused
    shared_alone = tries.begin(keys=keys, code=code, visitor_id=visitor_id, network=network, now=now)
    try:
        return _redeem(keys, code, visitor_id, now, shared_alone=shared_alone)
    except CodeRefused:
        if shared_alone:
            raise tries.TooManyTries from None
        tries.missed(keys=keys, code=code, now=now)
        raise


def _redeem(
    keys: Keyring, secret: Secret, visitor_id: uuid.UUID, now: datetime.datetime, *, shared_alone: bool
) -> Opened:
    digests = keys.digests(secret)
    with transaction.atomic():
        code = None
        for row in Code.objects.select_for_update(no_key=True).filter(digest__in=digests):
            for digest in digests:
                if hmac.compare_digest(bytes(row.digest), digest):
                    code = row
        # Asked for whatever the code is, so that a code that exists costs no more than one that does not.
        held = VisitorPass.objects.filter(visitor_id=visitor_id, code_id=code.pk if code else NOBODY).first()
        if code is None or not _in_time(code, now) or (shared_alone and code.max_uses is not None):
            raise CodeRefused
        if held is not None and held.revoked_at is None and code.state in (CodeState.ISSUED, CodeState.USED):
            return Opened(pass_=held, again=True)
        if held is not None or code.state != CodeState.ISSUED:
            raise CodeRefused
        return Opened(pass_=_open(code, visitor_id, now), again=False)


def _in_time(code: Code, now: datetime.datetime) -> bool:
    return code.valid_from <= now and (code.valid_until is None or now < code.valid_until)


def _open(code: Code, visitor_id: uuid.UUID, now: datetime.datetime) -> VisitorPass:
    """Count the use of a locked code and keep what it opens."""
    visitors.ensure(visitor_id=visitor_id, now=now)
    code.uses += 1
    actor = f"visitor:{visitor_id}"
    changes = [CodeChange(code=code, kind="used", actor=actor, at=now)]
    if code.max_uses is not None and code.uses >= code.max_uses:
        code.state = after(code.state, Command.USE_UP)
        changes.append(CodeChange(code=code, kind="used_up", actor=actor, at=now))
    code.save(update_fields=["uses", "state"])
    CodeChange.objects.bulk_create(changes)
    opened = VisitorPass(
        id=uuid7(),
        code_id=code.pk,
        holder_kind=code.holder_kind,
        holder_id=code.holder_id,
        opens_kind=code.opens_kind,
        opens_id=code.opens_id,
        channel=code.channel,
        at=now,
        until=code.valid_until,
    )
    return visitors.admit(visitor_id=visitor_id, pass_=opened, now=now)
