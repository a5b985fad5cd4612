"""A member goes over to another plan: with the next period, or at once with what is left of the present one.

With the next period, the renewal asks for the new plan, and paying that is what changes it (``ledger.pay``); until then
nothing has changed. At once, the old membership ends and what was left of it comes into the new one (``carrying``).
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction

from django.db import transaction

from .. import shop
from ..channels.actions import MINOR_DIGITS
from ..errors import Invalid, LiveSalesError, NotFound
from . import carrying, ledger, machine, periods
from .actors import By
from .machine import Command, NotAllowedInState
from .models import Membership, Plan, Renewal


class AlreadyMember(LiveSalesError):
    """The account is a member of that plan already."""

    code = "ALREADY_MEMBER"


class NothingLeft(LiveSalesError):
    """What is left of the present plan is less than a day of the other one."""

    code = "NOTHING_LEFT"


class OtherCurrency(LiveSalesError):
    """What is left was paid in another currency than the new plan costs."""

    code = "OTHER_CURRENCY"


@dataclass(frozen=True, kw_only=True)
class Quote:
    """What a change at once would give: ``left``, what is left of what was paid, is ``days`` of the other plan, until
    ``until``; then its period costs ``price``. Amounts in ``currency``, ``left`` rounded down to its smallest coin."""

    plan: Plan
    left: Decimal
    days: int
    until: datetime.datetime
    price: Decimal
    currency: str


def quote(*, membership_id: object, plan_id: object, by: By, now: datetime.datetime) -> Quote:
    """What ``change`` at once would give at this moment. Changes nothing; raises what that would."""
    asked, plan = _asked(membership_id, plan_id, by)
    amount, currency = _price(plan, asked.channel)
    if plan.pk == asked.plan_id:
        raise AlreadyMember("You have this plan already.", field="plan_id")
    state = machine.standing(row=asked, now=now)
    if state not in machine.LIVE_STATES:
        raise NotAllowedInState("This membership has ended. The other plan can be bought.", field="id")
    target = Membership.objects.filter(user_id=asked.user_id, plan=plan).first()
    if target is not None and machine.entitled(row=target, now=now):
        raise AlreadyMember("You have this plan already.", field="plan_id")
    rests, days = _worth(asked, plan, state=state, price=(amount, currency), now=now)
    left = sum((each.value for each in rests), Fraction(0))
    coin = Decimal(1).scaleb(-MINOR_DIGITS.get(currency, 2))
    shown = (Decimal(left.numerator) / Decimal(left.denominator)).quantize(coin, rounding=ROUND_DOWN)
    until = now + datetime.timedelta(days=days)
    return Quote(plan=plan, left=shown, days=days, until=until, price=amount, currency=currency)


def change(*, membership_id: object, plan_id: object, at_once: bool, by: By, now: datetime.datetime) -> Membership:
    """The membership as it is now; at once, the one of the new plan. Asked for again, it comes back as it is.

    Its own plan, and not at once, takes an earlier choice back. Raises NotFound (another member's too), Invalid,
    NotAllowedInState, AlreadyMember; at once also NothingLeft, OtherCurrency.
    """
    asked, plan = _asked(membership_id, plan_id, by)
    price = _price(plan, asked.channel)
    with transaction.atomic():
        # All of the account's in one order: two changes in opposite directions wait for each other in turn.
        list(Membership.objects.select_for_update(no_key=True).filter(user_id=asked.user_id).order_by("id"))
        target = ledger.of_account(user_id=asked.user_id, plan=plan) if plan.pk != asked.plan_id else None
        membership = ledger.lock(membership_id)
        ledger.catch_up(membership, now=now)
        if target is not None:
            ledger.catch_up(target, now=now)
        if membership.state not in machine.LIVE_STATES:
            if at_once and target is not None and _came_from(target, membership):
                return target
            raise NotAllowedInState("This membership has ended. The other plan can be bought.", field="id")
        if target is not None and target.state in machine.LIVE_STATES:
            raise AlreadyMember("You have this plan already.", field="plan_id")
        if not at_once:
            return _choose(membership, plan, by=by, now=now)
        if plan.pk == membership.plan_id:
            raise AlreadyMember("You have this plan already.", field="plan_id")
        return _go_over(membership, target, plan, price=price, by=by, now=now)


def _asked(membership_id: object, plan_id: object, by: By) -> tuple[Membership, Plan]:
    asked = Membership.objects.filter(pk=membership_id).select_related("plan").first()
    if asked is None or (by.kind == "member" and asked.user_id != by.user_id):
        raise _not_found()
    plan = Plan.objects.filter(pk=plan_id).first()
    if plan is None or not (plan.active or plan.pk == asked.plan_id):
        raise NotFound("Couldn't resolve to a node of type LiveMembershipPlan.", field="plan_id")
    return asked, plan


def _choose(membership: Membership, plan: Plan, *, by: By, now: datetime.datetime) -> Membership:
    chosen = None if plan.pk == membership.plan_id else plan
    if membership.next_plan_id == (chosen and chosen.pk):
        return membership
    resumed, membership.ends_with_period = membership.ends_with_period, False
    membership.next_plan = chosen
    ledger.save(membership, now=now)
    ledger.note(membership, kind="chosen", before=membership.state, by=by, now=now, reason=plan.name)
    if resumed:
        ledger.reopen_renewals(membership, now=now)
    # An order that waits for the former plan's payment is cancelled by the next run, and one for this plan made.
    Renewal.objects.filter(membership=membership, term=membership.term, work_at__isnull=False).update(work_at=now)
    return membership


def _go_over(
    membership: Membership,
    target: Membership | None,
    plan: Plan,
    *,
    price: tuple[Decimal, str],
    by: By,
    now: datetime.datetime,
) -> Membership:
    rests, days = _worth(membership, plan, state=membership.state, price=price, now=now)
    membership.carried.filter(term=membership.term).update(moved=True)
    ledger.change(membership, Command.CHANGE, by=by, now=now, reason=plan.name)
    if target is None:
        target = Membership(user_id=membership.user_id, plan=plan, term=0, created_at=now)
    before = target.state or "new"
    ledger.new_term(target, plan, anchor=now + datetime.timedelta(days=days), now=now)
    target.channel = membership.channel
    target.paid_until = target.anchor
    target.state = machine.after(before, Command.CARRY)
    target.ended_at = None
    ledger.save(target, now=now)
    carrying.bring(into=target, rests=rests, days=days, now=now)
    ledger.note(target, kind=Command.CARRY.value, before=before, by=by, now=now, reason=membership.plan.name)
    return target


def _worth(
    membership: Membership, plan: Plan, *, state: str, price: tuple[Decimal, str], now: datetime.datetime
) -> tuple[list[carrying.Rest], int]:
    """What is left of the membership, and how many days of the plan that is. Raises NotAllowedInState, OtherCurrency,
    NothingLeft."""
    if state != "active":
        raise NotAllowedInState("Nothing is paid for the time to come. Change with the next period.", field="id")
    amount, currency = price
    rests = carrying.rest(membership, now=now)
    if any(each.charge.currency != currency for each in rests):
        raise OtherCurrency("What is left was paid in another currency. Change with the next period.", field="id")
    days = carrying.days_for(
        value=sum((each.value for each in rests), Fraction(0)),
        price=amount,
        begin=now,
        period=periods.parse(plan.period),
        zone=periods.zone(plan.time_zone),
    )
    if not days:
        raise NothingLeft("What is left is less than a day of that plan. Change with the next period.", field="id")
    return rests, days


def _came_from(target: Membership, membership: Membership) -> bool:
    """Whether the change that is asked for was made before: the answer to the first request was lost."""
    came = target.carried.filter(term=target.term, at=membership.ended_at)
    return target.state in machine.LIVE_STATES and came.exists()


def _price(plan: Plan, channel: str) -> tuple[Decimal, str]:
    """What one period costs in this channel now, tax included, and its currency. Raises Invalid."""
    key = (channel, plan.product_id, plan.variant_id)
    item = shop.current().items([key]).get(key)
    price = item and (item.gross if item.gross is not None else item.price)
    if item is None or not price:
        raise Invalid("This plan is not sold in the membership's channel.", field="plan_id")
    return price, item.currency


def _not_found() -> NotFound:
    return NotFound("Couldn't resolve to a node of type LiveMembership.", field="id")
