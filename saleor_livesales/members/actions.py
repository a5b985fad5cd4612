"""What members and the owner do with a membership."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Final

from django.db import transaction

from .. import shop
from ..channels.actions import MINOR_DIGITS
from ..errors import Invalid, LiveSalesError, NotFound
from . import codes, ledger, machine, tracking
from .actors import By
from .machine import Command, NotAllowedInState
from .models import Charge, ChargeKind, MemberCode, Membership, Plan

MOST_AT_ONCE: Final = 120  # periods that one grant or extension gives
REASON_LIMIT: Final = 200
LARGEST: Final = Decimal(10) ** 12


class TrialUsed(LiveSalesError):
    """The account had a trial of this plan, or was a member, before."""

    code = "TRIAL_USED"


def start_trial(*, plan_id: object, user_id: str, channel: str, now: datetime.datetime) -> Membership:
    """The account tries a plan out; once for each plan, and not after it was a member.

    Asked again while the trial runs, it comes back as it is. Raises NotFound, Invalid, TrialUsed.
    """
    plan = _plan(plan_id)
    if not plan.active or not plan.trial:
        raise Invalid("This plan has no trial.", field="id")
    _check_channel(channel)
    with transaction.atomic():
        found = ledger.of_account(user_id=user_id, plan=plan)
        if found is None:
            by = By(kind="member", user_id=user_id)
            return ledger.try_out(user_id=user_id, plan=plan, channel=channel, by=by, now=now)
        if machine.standing(row=found, now=now) != "trial":
            raise TrialUsed("There is one trial for each account, before it becomes a member.", field="id")
        return found


def cancel(*, membership_id: object, by: By, now: datetime.datetime) -> Membership:
    """No renewal any more: it ends with the paid period, or the trial; at once where that is over already.

    Cancelled before, it comes back as it is. Raises NotFound (another member's too), NotAllowedInState.
    """
    with transaction.atomic():
        membership = _own(membership_id, by, now)
        if membership.ends_with_period:
            return membership
        if membership.state in ("past_due", "grace") or membership.state not in machine.LIVE_STATES:
            ledger.change(membership, Command.CANCEL, by=by, now=now)
        else:
            membership.ends_with_period = True
            ledger.save(membership, now=now)
            ledger.note(membership, kind="ending", before=membership.state, by=by, now=now)
            ledger.close_renewals(membership, now=now)
    return membership


def resume(*, membership_id: object, by: By, now: datetime.datetime) -> Membership:
    """Take a cancellation back while the paid period runs. Raises NotFound, NotAllowedInState."""
    with transaction.atomic():
        membership = _own(membership_id, by, now)
        if membership.state not in machine.LIVE_STATES:
            raise NotAllowedInState("This membership has ended. It can be bought again.", field="id")
        if membership.ends_with_period:
            membership.ends_with_period = False
            ledger.save(membership, now=now)
            ledger.note(membership, kind="resumed", before=membership.state, by=by, now=now)
            ledger.reopen_renewals(membership, now=now)
    return membership


def revoke(*, membership_id: object, reason: str, by: By, now: datetime.datetime) -> Membership:
    """The owner ends it at once, whatever was paid. Money goes back by refunding the order in the shop.

    Raises NotFound, Invalid, NotAllowedInState.
    """
    reason = _reason(reason)
    with transaction.atomic():
        membership = _own(membership_id, by, now)
        ledger.change(membership, Command.CANCEL, by=by, now=now, reason=reason)
    return membership


def grant(
    *, user_id: str, plan_id: object, channel: str, periods: int, reason: str, by: By, now: datetime.datetime
) -> Membership:
    """The owner makes an account a member without money, or adds to what it has. Raises NotFound, Invalid."""
    plan = _plan(plan_id)
    _check_periods(periods)
    _check_channel(channel)
    reason = _reason(reason)
    if not shop.current().existing_users([user_id]):
        raise NotFound("The shop has no such account.", field="user_id")
    with transaction.atomic():
        found = ledger.of_account(user_id=user_id, plan=plan)
        charge = Charge(plan=plan, kind=ChargeKind.GIFT, channel=channel, periods=periods, created_at=now)
        return ledger.pay(found, charge, user_id=user_id, plan=plan, by=by, now=now, reason=reason)


def replace_code(*, membership_id: object, by: By, now: datetime.datetime, address_works: bool = False) -> MemberCode:
    """Mail a new sign-in code for the same period; the former opens nothing from now on.

    ``address_works``: mail it although mails to the account's address came back; staff alone can know.
    Raises NotFound (another member's too), NoCode, TooManyCodes, CodesNotConfigured.
    """
    with transaction.atomic():
        membership = _own(membership_id, by, now)
        made = codes.replace(membership=membership, by_member=by.kind == "member", now=now)
        if address_works and by.kind == "staff":
            tracking.lift(user_id=membership.user_id)
        return made


def account_of(email: str) -> str:
    """The account with exactly this address. Raises NotFound."""
    shops = shop.current()
    wanted = email.strip().lower()
    found = shops.customers(shops.find_users(wanted, 20) if "@" in wanted and not wanted.split()[1:] else [])
    match = next((key for key, customer in found.items() if customer.email.lower() == wanted), None)
    if match is None:
        raise NotFound("The shop has no account with this address.", field="email")
    return match


def extend(
    *,
    membership_id: object,
    periods: int,
    amount: Decimal | None,
    reason: str,
    by: By,
    now: datetime.datetime,
) -> Membership:
    """The owner adds periods to a running membership. With an amount (in the currency of its channel) that is noted as
    money which the store took itself. Raises NotFound, Invalid, NotAllowedInState."""
    _check_periods(periods)
    reason = _reason(reason)
    currencies = {channel.slug: channel.currency for channel in shop.current().channels()}
    with transaction.atomic():
        membership = _own(membership_id, by, now)
        if membership.state not in machine.LIVE_STATES:
            raise NotAllowedInState("This membership has ended. Grant it anew.", field="id")
        kind, currency = ChargeKind.GIFT, ""
        if amount is not None:
            currency = currencies.get(membership.channel, "")
            kind = ChargeKind.HAND
            if not currency:
                raise Invalid("The membership's channel is gone, so its currency is not known.", field="amount")
            digits = MINOR_DIGITS.get(currency, 2)
            if not (amount.is_finite() and 0 < amount < LARGEST) or amount != amount.quantize(
                Decimal(1).scaleb(-digits)
            ):
                raise Invalid(
                    f"The amount must be more than zero, with {digits} digits after the point at most.",
                    field="amount",
                )
        charge = Charge(
            plan_id=membership.plan_id,
            kind=kind,
            channel=membership.channel,
            currency=currency,
            amount=amount or 0,
            periods=periods,
            created_at=now,
        )
        return ledger.pay(
            membership, charge, user_id=membership.user_id, plan=membership.plan, by=by, now=now, reason=reason
        )


def account_deleted(*, user_id: str, now: datetime.datetime) -> None:
    """Nobody uses these memberships any more. The books stay; they name no person. Safe to call twice."""
    with transaction.atomic():
        for membership in Membership.objects.select_for_update(no_key=True).filter(user_id=user_id).order_by("id"):
            ledger.catch_up(membership, now=now)
            if membership.state in machine.LIVE_STATES:
                ledger.change(membership, Command.CANCEL, by=By(kind="shop"), now=now, reason="account deleted")
        tracking.lift(user_id=user_id)


def tick(*, now: datetime.datetime, limit: int = 500) -> int:
    """Write down what the clock has changed. Any number at once; how many memberships changed."""
    changed = 0
    due = Membership.objects.filter(due_at__lte=now)
    for membership_id in list(due.order_by("due_at").values_list("pk", flat=True)[:limit]):
        with transaction.atomic():
            locked = due.select_for_update(no_key=True, skip_locked=True).filter(pk=membership_id).first()
            if locked is not None and ledger.catch_up(locked, now=now):
                changed += 1
    return changed


def _own(membership_id: object, by: By, now: datetime.datetime) -> Membership:
    membership = ledger.lock(membership_id)
    if by.kind == "member" and membership.user_id != by.user_id:
        raise NotFound("Couldn't resolve to a node of type LiveMembership.", field="id")
    ledger.catch_up(membership, now=now)
    return membership


def _plan(plan_id: object) -> Plan:
    plan = Plan.objects.filter(pk=plan_id).first()
    if plan is None:
        raise NotFound("Couldn't resolve to a node of type LiveMembershipPlan.", field="plan_id")
    return plan


def _check_channel(channel: str) -> None:
    if channel not in {known.slug for known in shop.current().channels()}:
        raise NotFound("The shop has no such channel.", field="channel")


def _check_periods(number: int) -> None:
    if not 1 <= number <= MOST_AT_ONCE:
        raise Invalid(f"Give 1 to {MOST_AT_ONCE} periods.", field="periods")


def _reason(text: str) -> str:
    text = " ".join(text.replace("\0", "").split())
    if not 0 < len(text) <= REASON_LIMIT:
        raise Invalid(f"Say why, in {REASON_LIMIT} characters at most.", field="reason")
    return text
