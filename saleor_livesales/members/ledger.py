"""What happens to a locked membership: periods come, are taken back, and its state follows.

Every function here works in the caller's transaction on a membership that the caller has locked, and writes the log.
"""

from __future__ import annotations

import datetime
import hashlib

from django.db import connection
from django.db.models import F

from ..errors import NotFound
from . import codes, machine, periods
from .actors import CLOCK, By
from .machine import Command
from .models import Charge, Membership, MembershipChange, Plan, Renewal, RenewalState


def hold(name: str) -> None:
    """Wait for, and keep to the end of the transaction, the lock of this name (of an order, or of a member-to-be)."""
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def lock(membership_id: object) -> Membership:
    """The membership as it is now, locked to the end of the transaction. Raises NotFound."""
    found = Membership.objects.select_for_update(no_key=True).filter(pk=membership_id).first()
    if found is None:
        raise NotFound("Couldn't resolve to a node of type LiveMembership.", field="id")
    return found


def of_account(*, user_id: str, plan: Plan) -> Membership | None:
    """The account's membership of this plan, locked; None where it has none, and then no other process makes one
    before this transaction ends."""
    hold(f"member:{user_id}:{plan.pk}")
    return Membership.objects.select_for_update(no_key=True).filter(user_id=user_id, plan=plan).first()


def catch_up(membership: Membership, *, now: datetime.datetime) -> bool:
    """Write down what the clock has changed already. Whether it was anything."""
    steps = list(machine.overdue(row=membership, now=now))
    for command, at in steps:
        change(membership, command, by=CLOCK, now=at)
    return bool(steps)


def change(
    membership: Membership,
    command: Command,
    *,
    by: By,
    now: datetime.datetime,
    reason: str = "",
    charge: Charge | None = None,
) -> None:
    """Do ``command``: the row and its line in the log. Raises NotAllowedInState."""
    before = membership.state or "new"
    membership.state = machine.after(before, command)
    membership.ended_at = now if membership.state in machine.ENDED_STATES else None
    if membership.ended_at is not None:
        membership.ends_with_period = False
        membership.next_plan = None
    save(membership, now=now)
    note(membership, kind=command.value, before=before, by=by, now=now, reason=reason, charge=charge)
    if membership.ended_at is not None:
        close_renewals(membership, now=now)


def save(membership: Membership, *, now: datetime.datetime) -> None:
    """Keep the row, with the moment at which the clock changes it next; its sign-in code follows at once where it is
    to end or to hold for another time, and by a task where one is to be issued."""
    step = machine.due(state=membership.state, row=membership)
    membership.due_at = step[1] if step else None
    membership.code_due_at = now if membership.ended_at is None else None
    membership.save()
    codes.keep(membership, now=now)


def note(
    membership: Membership,
    *,
    kind: str,
    before: str,
    by: By,
    now: datetime.datetime,
    reason: str = "",
    charge: Charge | None = None,
) -> None:
    MembershipChange.objects.create(
        membership=membership,
        kind=kind,
        before=before,
        after=membership.state,
        paid_until=membership.paid_until,
        actor=by.kind,
        actor_user_id=by.user_id,
        reason=reason[:200],
        charge=charge,
        at=now,
    )


def try_out(*, user_id: str, plan: Plan, channel: str, by: By, now: datetime.datetime, reason: str = "") -> Membership:
    """A new membership on trial. The first paid period begins where the trial ends."""
    membership = Membership(user_id=user_id, plan=plan, channel=channel, created_at=now, since=now, tried=True)
    _copy_terms(membership, plan)
    membership.anchor = periods.end(
        anchor=now, number=1, period=periods.parse(plan.trial), zone=periods.zone(plan.time_zone)
    )
    membership.paid_until = membership.anchor
    change(membership, Command.TRY, by=by, now=now, reason=reason)
    return membership


def pay(
    membership: Membership | None,
    charge: Charge,
    *,
    user_id: str,
    plan: Plan,
    by: By,
    now: datetime.datetime,
    reason: str = "",
) -> Membership:
    """Add the periods of a charge that are not given back already, at least one, and keep the charge with it.

    After the present ones where the membership runs; else from now on, in a new term.
    """
    if membership is None:
        membership = Membership(user_id=user_id, plan=plan, term=0, created_at=now)
    else:
        catch_up(membership, now=now)
    leaving = _leaving(user_id, plan, now)
    if membership.state not in machine.LIVE_STATES:
        new_term(membership, plan, anchor=leaving.paid_until if leaving else now, now=now)
    membership.channel = charge.channel or membership.channel
    membership.periods += charge.periods - charge.returned
    membership.paid_until = periods.end_of(membership, membership.periods)
    # The charge names the membership, and the log the charge: the row first, then these two.
    before, membership.state = membership.state or "new", machine.after(membership.state or "new", Command.PAY)
    membership.ended_at = None
    save(membership, now=now)
    charge.membership = membership
    charge.term = membership.term
    charge.shortened = charge.returned
    charge.applied_at = now
    charge.waits_since = None
    charge.save()
    note(membership, kind=Command.PAY.value, before=before, by=by, now=now, reason=reason, charge=charge)
    open_renewals = Renewal.objects.filter(membership=membership, work_at__isnull=False)
    if charge.order_id:
        paid = Renewal.objects.filter(order_id=charge.order_id, work_at__isnull=False)  # of another plan's, too
        paid.update(state=RenewalState.PAID, work_at=None)
    # A period that was paid in another way needs no asking: beat closes that.
    open_renewals.filter(term=membership.term, number__lte=membership.periods).update(work_at=now)
    if leaving is not None:
        _leave(leaving, plan, by=by, now=now)
    catch_up(membership, now=now)
    return membership


def new_term(membership: Membership, plan: Plan, *, anchor: datetime.datetime, now: datetime.datetime) -> None:
    """Count from ``anchor`` on, by what the plan says now; nothing is paid yet."""
    membership.term += 1
    membership.anchor = anchor
    membership.since = min(anchor, now)
    membership.periods = 0
    membership.ends_with_period = False
    membership.next_plan = None
    _copy_terms(membership, plan)


def _leaving(user_id: str, plan: Plan, now: datetime.datetime) -> Membership | None:
    """The account's membership that this plan is to take the place of, if that is about now; locked."""
    rows = Membership.objects.select_for_update(no_key=True)
    found = rows.filter(
        user_id=user_id, next_plan=plan, state__in=machine.LIVE_STATES, paid_until__lte=now + machine.LEAD
    )
    for row in found.order_by("paid_until", "pk"):
        catch_up(row, now=now)
        if row.state in machine.LIVE_STATES:
            return row
    return None


def _leave(membership: Membership, plan: Plan, *, by: By, now: datetime.datetime) -> None:
    """Its place is taken by the other plan, which is paid: now, or once its own time is over."""
    if membership.paid_until <= now:
        change(membership, Command.CHANGE, by=by, now=now, reason=plan.name)
        return
    membership.ends_with_period = True
    membership.next_plan = None
    save(membership, now=now)
    note(membership, kind="ending", before=membership.state, by=by, now=now, reason=plan.name)
    close_renewals(membership, now=now)


def _copy_terms(membership: Membership, plan: Plan) -> None:
    membership.period, membership.time_zone, membership.grace_days = plan.period, plan.time_zone, plan.grace_days


def give_back(membership: Membership, charge: Charge, *, returned: int, by: By, now: datetime.datetime) -> None:
    """``returned`` of the charge's periods are given back now, or fewer than before where a refund failed.

    The last ones first, and of these only what is still to come or runs: later periods move up. A membership that has
    no time left then has ended. The caller saves the charge.
    """
    difference, charge.returned = returned - charge.returned, returned
    if charge.term != membership.term:
        charge.shortened = min(charge.shortened, returned)
        return
    catch_up(membership, now=now)
    before = membership.state
    if difference > 0:
        steps = -min(difference, _to_come(membership, charge, now)) if before in machine.LIVE_STATES else 0
    else:
        steps = min(-difference, charge.shortened)
    if not steps:
        return
    charge.shortened -= steps
    membership.periods += steps
    charge.save()
    retime(membership, charge, longer=steps > 0, by=by, now=now)


def retime(membership: Membership, charge: Charge, *, longer: bool, by: By, now: datetime.datetime) -> None:
    """Its time became ``longer`` or shorter with what the charge paid for: keep that, and let the state follow."""
    before = membership.state
    membership.paid_until = periods.end_of(membership, membership.periods)
    if longer and before in ("refunded", "past_due", "grace") and membership.paid_until > now:
        change(membership, Command.PAY, by=by, now=now, charge=charge)
    elif not longer and (membership.paid_until <= now or not _has_time(membership)):
        change(membership, Command.REFUND, by=by, now=now, charge=charge)
    else:
        save(membership, now=now)
        kind = "lengthened" if longer else "shortened"
        note(membership, kind=kind, before=before, by=by, now=now, charge=charge)


def _has_time(membership: Membership) -> bool:
    """Whether anything is paid, here or on a plan that it came from. Without, a trial ends too."""
    carried = membership.carried.filter(term=membership.term, moved=False, span__gt=datetime.timedelta(0))
    return membership.periods > 0 or carried.exists()


def _to_come(membership: Membership, charge: Charge, now: datetime.datetime) -> int:
    """How many of the charge's periods in the present term are not over."""
    first = 0
    for other in membership.charges.filter(term=membership.term).order_by("applied_at", "id"):
        if other.pk == charge.pk:
            break
        first += other.periods - other.shortened
    own = charge.periods - charge.shortened
    return sum(periods.end_of(membership, number) > now for number in range(first + 1, first + own + 1))


def close_renewals(membership: Membership, *, now: datetime.datetime) -> None:
    """Have the open renewals closed at the next run."""
    Renewal.objects.filter(membership=membership, work_at__isnull=False, work_at__gt=now).update(work_at=now)


def reopen_renewals(membership: Membership, *, now: datetime.datetime) -> None:
    """A renewal that was closed because the member had cancelled is asked for again."""
    Renewal.objects.filter(
        membership=membership, term=membership.term, number__gt=F("membership__periods"), state=RenewalState.CLOSED
    ).update(state=RenewalState.PLANNED, round=F("round") + 1, order_id=None, order_number="", notices=0, work_at=now)
