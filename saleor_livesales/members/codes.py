"""The sign-in code of each paid member: one for a period, issued after the payment, ended with the privilege.

What ends a code, or gives it another time, happens in the transaction that changes the membership (``keep``). Issuing
is a task's (``issue_due``): without keys for codes, or while it fails, members still pay and are members. Both work on
the locked membership, so that any number of processes make one code. What time alone ends needs no task: a code holds
until the moment at which the membership lapses if nothing happens.
"""

from __future__ import annotations

import datetime
import logging
import uuid
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from .. import conf
from ..codes import actions
from ..codes.keys import keyring
from ..codes.models import Code, CodeState, HolderKind, Purpose
from ..errors import LiveSalesError
from . import machine, periods
from .models import MailState, MemberCode, Membership

logger = logging.getLogger(__name__)

PER_DAY: Final = 3  # codes that a member may ask for anew
LIVING: Final = (CodeState.ISSUED, CodeState.USED)
PAGE: Final = 500


class NoCode(LiveSalesError):
    """The membership has no sign-in code now, so there is none to replace."""

    code = "NO_SIGN_IN_CODE"


class TooManyCodes(LiveSalesError):
    """The member asked for new codes too often."""

    code = "TOO_FREQUENT"


def current_period(membership: Membership, *, now: datetime.datetime) -> int | None:
    """The paid period for which the membership has a code at ``now``; None where it has none: on trial, and ended.

    Past due and in grace it is the last one that was paid. 0 is the time that came from another plan, with no period
    paid on this one yet.
    """
    state = machine.standing(row=membership, now=now)
    if state in ("past_due", "grace"):
        return membership.periods
    if state != "active":
        return None
    if not membership.periods:
        return 0
    low, high = 1, membership.periods  # the first one that is not over; the last one is not
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if periods.end_of(membership, middle) > now else (middle + 1, high)
    return low


def keep(membership: Membership, *, now: datetime.datetime) -> None:
    """The membership changed: its code ends with it, or holds for the time that is left now. In that transaction, on
    the locked row."""
    living = _living(membership)
    if living is None:
        return
    until = machine.over_at(membership)
    if until is None or until <= living.code.valid_from:
        _end(living, reason=membership.state, now=now)
    elif living.code.valid_until != until:
        codes = Code.objects.filter(pk=living.code_id)
        actions.redate(codes=codes, valid_from=living.code.valid_from, valid_until=until, actor="system", now=now)


def issue_due(*, now: datetime.datetime, limit: int = PAGE) -> int:
    """Look at the members whose code is due to change: at a new period, after a payment. How many codes were issued.

    Any number at once. Nothing where the deployment has no keys for codes: they are all issued once it has.
    """
    if not keyring().digest_ids:
        return 0
    due = Membership.objects.filter(code_due_at__lte=now)
    issued = 0
    for membership_id in list(due.order_by("code_due_at").values_list("pk", flat=True)[:limit]):
        with transaction.atomic():
            locked = due.select_for_update(no_key=True, skip_locked=True).filter(pk=membership_id).first()
            if locked is not None:
                issued += _settle(locked, now=now)
    return issued


def _settle(membership: Membership, *, now: datetime.datetime) -> bool:
    """Give a locked membership the code of its period. Whether one was issued."""
    number = current_period(membership, now=now)
    living = _living(membership)
    if living is not None and (
        (living.term, living.number) != (membership.term, number) or living.code.state not in LIVING
    ):
        _end(living, reason="new_period" if number is not None else membership.state, now=now)
        living = None
    paid = machine.standing(row=membership, now=now) == "active"
    if paid and living is None and number is not None:
        _issue(membership, number=number, now=now)
    next_one = (
        periods.end_of(membership, number) if paid and number is not None and number < membership.periods else None
    )
    Membership.objects.filter(pk=membership.pk).update(code_due_at=next_one)
    return paid and living is None


def _issue(membership: Membership, *, number: int, now: datetime.datetime) -> MemberCode:
    holder = str(membership.pk)
    new = actions.NewCode(
        purpose=str(Purpose.SIGN_IN),
        holder_kind=str(HolderKind.MEMBER),
        holder_id=holder,
        opens_kind=str(HolderKind.MEMBER),
        opens_id=holder,
        valid_from=now,
        valid_until=machine.over_at(membership),
        max_uses=conf.load().member_code_uses,
    )
    [code] = actions.issue(wanted=[new], actor="system", now=now)
    return MemberCode.objects.create(
        membership=membership, code=code, term=membership.term, number=number, created_at=now, due_at=now
    )


def _end(living: MemberCode, *, reason: str, now: datetime.datetime) -> None:
    living = _locked(living)
    codes = Code.objects.filter(pk=living.code_id)
    actions.revoke_all(codes=codes, actor="system", reason=f"member: {reason}", now=now)
    living.ended_at, living.reason, living.due_at = now, reason, None
    if living.mail_state == MailState.QUEUED:
        living.mail_state = MailState.CANCELLED
    living.save(update_fields=["ended_at", "reason", "due_at", "mail_state"])


def _locked(row: MemberCode) -> MemberCode:
    """As it is once no worker mails it any more: until its mail server took the mail that holds the row, and then it
    erases the code's text. So the row is locked before anything of the code is."""
    return MemberCode.objects.select_for_update(of=("self",)).select_related("code").get(pk=row.pk)


def _living(membership: Membership) -> MemberCode | None:
    if membership._state.adding:
        return None
    return MemberCode.objects.select_related("code").filter(membership=membership, ended_at__isnull=True).first()


def replace(*, membership: Membership, by_member: bool, now: datetime.datetime) -> MemberCode:
    """A new code for the same period, where the former was lost or never came; the former opens nothing from now on.

    On the locked membership. Raises NoCode, TooManyCodes (a member that asks too often), CodesNotConfigured.
    """
    living, number = _living(membership), current_period(membership, now=now)
    paid = machine.standing(row=membership, now=now) == "active"
    if number is None or (living is None and not paid):
        raise NoCode("There is no code: none is paid for at this moment.", field="id")
    day = now - datetime.timedelta(days=1)
    asked = MemberCode.objects.filter(membership=membership, reason="replaced", ended_at__gt=day)
    if by_member and asked.count() >= PER_DAY:
        raise TooManyCodes("You have asked for several codes today. Look into your mail, or ask the store.", field="id")
    if living is not None:
        _end(living, reason="replaced", now=now)
    return _issue(membership, number=number, now=now)


def by_post(*, membership: Membership, now: datetime.datetime) -> MemberCode:
    """The code that goes by post instead of by mail: the present one while its text is there, else a new one.

    On the locked membership. Asked for again, it is the same. Raises NoCode, CodesNotConfigured.
    """
    row = _living(membership)
    row = row and _locked(row)
    if row is None or not actions.readable(code_ids=[row.code_id]):
        row = replace(membership=membership, by_member=False, now=now)
    if row.mail_state != MailState.POST:
        row.mail_state, row.due_at = MailState.POST, None
        row.save(update_fields=["mail_state", "due_at"])
    return row


def latest_of(membership_ids: list[uuid.UUID]) -> dict[uuid.UUID, MemberCode]:
    """The latest code of each membership. One query."""
    found = MemberCode.objects.filter(membership__in=membership_ids).select_related("code")
    return {
        row.membership_id: row
        for row in found.order_by("membership_id", "-created_at", "-id").distinct("membership_id")
    }


def deliveries(*, states: list[str] | None = None) -> QuerySet[MemberCode]:
    """For the owner: each code that was issued to a member, and its way."""
    found = MemberCode.objects.select_related("code", "membership")
    return found if states is None else found.filter(mail_state__in=states)


@dataclass(frozen=True, kw_only=True)
class Mended:
    """What a reconciliation found: paid members without a code, codes of whoever has no right to one."""

    without: int = 0
    unpaid: int = 0
    strays: int = 0  # codes of members that no membership knows


def reconcile(*, now: datetime.datetime) -> Mended:
    """Compare every membership with its code, independently of what was due, and mend what differs. Tells in the log.

    Paid members without a code get one; codes of others are revoked. Reads a page at a time; any number at once.
    """
    without = unpaid = 0
    if keyring().digest_ids:
        lacking = ~Exists(MemberCode.objects.filter(membership=OuterRef("pk"), ended_at__isnull=True))
        for membership_id in _keys(Membership.objects.filter(lacking, state="active", paid_until__gt=now)):
            with transaction.atomic():
                row = Membership.objects.select_for_update(no_key=True).get(pk=membership_id)
                overdue = row.code_due_at is None or row.code_due_at < now - datetime.timedelta(hours=1)
                without += _settle(row, now=now) and overdue
    living_rows = MemberCode.objects.filter(ended_at__isnull=True)
    for membership_id in list(living_rows.order_by("membership_id").values_list("membership_id", flat=True)):
        with transaction.atomic():
            row = Membership.objects.select_for_update(no_key=True).get(pk=membership_id)
            living = _living(row)
            if living is not None and current_period(row, now=now) is None:
                unpaid += row.ended_at is not None  # by the clock alone it ends without anybody's doing
                _end(living, reason=machine.standing(row=row, now=now), now=now)
            elif living is not None and living.code.state not in LIVING and keyring().digest_ids:  # revoked by hand
                without += _settle(row, now=now)
    known = MemberCode.objects.filter(ended_at__isnull=True).values("code_id")
    stray = Code.objects.filter(holder_kind=HolderKind.MEMBER, state__in=LIVING).exclude(pk__in=known)
    with transaction.atomic():
        strays = actions.revoke_all(codes=stray, actor="system", reason="member: no membership", now=now)
    mended = Mended(without=without, unpaid=unpaid, strays=strays)
    if mended != Mended():
        logger.error(
            "Sign-in codes of members were mended: %d paid members had none, %d codes were of members who had not "
            "paid, %d codes were nobody's",
            mended.without, mended.unpaid, mended.strays,
        )  # fmt: skip
    return mended


def _keys(rows: QuerySet[Membership]) -> list[uuid.UUID]:
    return list(rows.order_by("pk").values_list("pk", flat=True))
