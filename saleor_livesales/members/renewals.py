"""Renewals without anybody's help: an order in the shop, a pay link by mail, and asking again.

Three days before the paid period ends the renewal is planned, ordered in the shop, and mailed. A member who left a
payment method is told then that it will be charged; that is done as the period ends, and again 1, 3, 5 and 7 days
later where the bank refuses, with a mail each time. Other members are mailed again on those days. Paying the order is
what extends the membership (``members.orders``), whoever pays it; there is nothing else that this file decides. Each
step is claimed by a lease and safe to do twice: the order by its external reference, the charge as ``fees.charging``
says, the mail by its Message-ID.
"""

from __future__ import annotations

import datetime
import logging
import uuid
from collections.abc import Collection
from typing import Final
from urllib.parse import quote

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from .. import fees, mails, shop
from ..collectors import FINAL_REASONS
from ..fees import charging, methods
from ..fees.models import Fee, FeeState, SavedMethod
from ..mails.models import TemplateName
from . import machine, orders, periods, tracking
from .models import Charge, Membership, Plan, Renewal, RenewalState

logger = logging.getLogger(__name__)

LEAD: Final = machine.LEAD
CHARGE_LEAD: Final = datetime.timedelta(hours=1)  # before the end: nobody is past due for want of a minute
LEASE: Final = datetime.timedelta(minutes=10)  # longer than any step takes
LONGEST_PAUSE: Final = datetime.timedelta(hours=6)
TEMPLATE: Final = str(TemplateName.RENEWAL)


def plan_due(*, now: datetime.datetime, limit: int = 500) -> int:
    """Plan the renewals of memberships whose paid period ends soon. How many; each is planned once."""
    planned = Renewal.objects.filter(membership=OuterRef("pk"), term=OuterRef("term"), number=OuterRef("periods") + 1)
    ending = (
        Membership.objects.filter(
            ~Exists(planned),
            state__in=machine.LIVE_STATES,
            ends_with_period=False,
            paid_until__lte=now + LEAD,
        )
        .filter(Q(plan__active=True) | Q(next_plan__active=True))
        .order_by("paid_until")
        .values_list("pk", flat=True)
    )
    made = 0
    for membership_id in list(ending[:limit]):
        with transaction.atomic():
            membership = Membership.objects.select_for_update(no_key=True).get(pk=membership_id)
            if (
                membership.ends_with_period
                or membership.paid_until > now + LEAD
                or not machine.entitled(row=membership, now=now)
            ):
                continue
            _, new = Renewal.objects.get_or_create(
                membership=membership,
                term=membership.term,
                number=membership.periods + 1,
                defaults={"due_on": membership.paid_until, "work_at": now, "created_at": now},
            )
            made += new
    return made


def work(*, now: datetime.datetime, limit: int = 100) -> int:
    """Do the next step of the renewals whose time has come. How many were worked on; any number at once."""
    due = Renewal.objects.filter(work_at__lte=now).order_by("work_at", "id").values_list("pk", flat=True)
    return sum(_work_one(renewal_id, now) for renewal_id in list(due[:limit]))


def _work_one(renewal_id: uuid.UUID, now: datetime.datetime) -> bool:
    with transaction.atomic():
        locked = Renewal.objects.select_for_update(skip_locked=True).filter(pk=renewal_id, work_at__lte=now).first()
        if locked is None:
            return False
        locked.work_at = now + LEASE
        locked.save(update_fields=["work_at"])
    renewal = _read(renewal_id)
    try:
        _step(renewal, now)
    except Exception as error:
        pause = min(datetime.timedelta(minutes=2 ** min(renewal.attempts, 10)), LONGEST_PAUSE)
        reason = str(error) if isinstance(error, shop.CannotOrder) else type(error).__name__
        Renewal.objects.filter(pk=renewal_id, work_at__isnull=False).update(
            attempts=F("attempts") + 1, error=reason[:200], work_at=now + pause
        )
        logger.warning("Renewal %s is tried again in %s: %s", renewal_id, pause, type(error).__name__)
    return True


def _step(renewal: Renewal, now: datetime.datetime) -> None:
    if renewal.order_id:
        orders.follow(order_id=renewal.order_id, now=now)  # paid, and nobody told us
        renewal = _read(renewal.pk)
        if renewal.state == RenewalState.PAID:
            return
        order = shop.current().orders([renewal.order_id]).get(renewal.order_id)
        other = wanted(renewal, now) and (renewal.plan_id or renewal.membership.plan_id) != plan_of(renewal).pk
        if other and order is not None and not order.cancelled:  # the member has chosen another plan since
            if not shop.current().cancel_order(order.id):  # paid at this moment: the next look follows it
                _keep(renewal, now, work_at=now + LEASE)
                return
            order = None
        if order is None or order.cancelled:  # by staff, or it expired: its link is dead
            dead = Renewal.objects.filter(pk=renewal.pk, round=renewal.round, work_at__isnull=False)
            dead.update(state=RenewalState.PLANNED, round=F("round") + 1, order_id=None, order_number="")
            renewal = _read(renewal.pk)
    membership = renewal.membership
    if not wanted(renewal, now):
        if renewal.order_id is not None:
            shop.current().cancel_order(renewal.order_id)
        _keep(renewal, now, state=RenewalState.CLOSED, work_at=None)
        return
    if not plan_of(renewal).active:  # switched off since it was planned: it waits, and who pays the order is a member
        _keep(renewal, now, work_at=now + LONGEST_PAUSE)
        return
    if renewal.state == RenewalState.PLANNED:
        former = (
            Charge.objects.filter(membership=membership, order_id__isnull=False)
            .order_by("-created_at")
            .values_list("order_id", flat=True)
            .first()
        )
        placed = shop.current().place_order(
            reference=f"livesales-renewal-{renewal.pk}-{renewal.round}",
            user_id=membership.user_id,
            channel=membership.channel,
            variant_id=plan_of(renewal).variant_id,
            like=former,
        )
        renewal.order_id, renewal.order_number = placed.id, placed.number
        _keep(
            renewal,
            now,
            state=RenewalState.ORDERED,
            order_id=placed.id,
            order_number=placed.number,
            plan=plan_of(renewal),
            work_at=now + LEASE,
        )
    method = _method(renewal)
    if method is not None and now >= renewal.due_on - CHARGE_LEAD:
        assert renewal.order_id is not None  # it was ordered above
        fee = _charge(renewal, now)
        if fee is not None and fee.state in (FeeState.PAID, FeeState.RETURNED):
            orders.follow(order_id=renewal.order_id, now=now)
            renewal = _read(renewal.pk)
            if renewal.state != RenewalState.PAID:
                _keep(renewal, now, work_at=now + LEASE)
            return
        if fee is not None and fee.work_at is not None:  # the bank, or the provider, has not answered
            _keep(renewal, now, work_at=max(fee.work_at, now + LEASE))
            return
        if fee is not None and fee.state == FeeState.REFUSED and fee.noticed_at is None:
            mail_notice(renewal, fee=fee)
            charging.noticed(fee.pk, now=now)
            renewal.notices = _notices_due(renewal, now) + 1
            _keep(renewal, now, notices=renewal.notices)
    if renewal.notices <= _notices_due(renewal, now):
        mail_notice(renewal, method=method if now < renewal.due_on - CHARGE_LEAD else None)
        renewal.notices = _notices_due(renewal, now) + 1  # those that were missed are not made up for
    step = machine.due(state=machine.standing(row=membership, now=now), row=membership)
    assert step is not None  # it is wanted, so it runs
    moments = _moments(renewal) if method is None else [renewal.due_on - CHARGE_LEAD, *_moments(renewal)]
    later = [moment for moment in moments if moment > now] or [max(step[1], now + LEASE)]
    _keep(renewal, now, notices=renewal.notices, work_at=later[0])


def _method(renewal: Renewal) -> SavedMethod | None:
    """What is charged for it: the member's payment method, where the store charges any."""
    return methods.of_user(renewal.membership.user_id) if fees.collector() is not None else None


def _charge(renewal: Renewal, now: datetime.datetime) -> Fee | None:
    """Try to charge the member's method, once on each of the days. Where the latest try stands."""
    order = shop.current().orders([renewal.order_id or ""]).get(renewal.order_id or "")
    if order is None:
        return None
    number = 1 + _notices_due(renewal, now)
    return charging.collect(
        user_id=renewal.membership.user_id, order=order, reference=str(renewal.pk), number=number, now=now
    )


def wake(*, order_ids: Collection[str] = (), user_ids: Collection[str] = (), now: datetime.datetime) -> None:
    """Something changed about these orders, or these accounts' payment methods: look at their renewals soon."""
    about = Q(order_id__in=list(order_ids)) | Q(membership__user_id__in=list(user_ids))
    Renewal.objects.filter(about, work_at__gt=now).update(work_at=now)


def _read(renewal_id: uuid.UUID) -> Renewal:
    return Renewal.objects.select_related("membership__plan", "membership__next_plan").get(pk=renewal_id)


def plan_of(renewal: Renewal) -> Plan:
    """The plan whose period is asked for: the one that the member chose for the time to come, while it is sold."""
    chosen = renewal.membership.next_plan
    return chosen if chosen is not None and chosen.active else renewal.membership.plan


def wanted(renewal: Renewal, now: datetime.datetime) -> bool:
    """Whether the period is still to be asked for: the membership runs, goes on, and has not got it otherwise."""
    membership = renewal.membership
    return (
        renewal.term == membership.term
        and renewal.number > membership.periods
        and not membership.ends_with_period
        and machine.entitled(row=membership, now=now)
    )


def _moments(renewal: Renewal) -> list[datetime.datetime]:
    return [renewal.due_on + datetime.timedelta(days=days) for days in machine.NOTICE_DAYS]


def _notices_due(renewal: Renewal, now: datetime.datetime) -> int:
    """How many of the later notices should have gone out by now."""
    return sum(moment <= now for moment in _moments(renewal))


def _keep(renewal: Renewal, now: datetime.datetime, **values: object) -> None:
    """Unless it was paid, or taken up again, meanwhile."""
    Renewal.objects.filter(pk=renewal.pk, round=renewal.round, work_at__isnull=False).update(
        attempts=0, error="", **values
    )


def mail_notice(renewal: Renewal, *, method: SavedMethod | None = None, fee: Fee | None = None) -> bool:
    """Mail the member's account: that its ``method`` will be charged, that ``fee`` was refused, or else the pay link.

    False: it has no address, or mails to it came back.
    """
    membership = renewal.membership
    customer = shop.current().customers([membership.user_id]).get(membership.user_id)
    if customer is None or not customer.email or any(character in customer.email for character in "\r\n\0"):
        return False
    if tracking.stopped(user_id=membership.user_id, address=customer.email):
        return False
    compose(renewal=renewal, customer=customer, method=method, fee=fee).send(fail_silently=False)
    return True


def compose(
    *, renewal: Renewal, customer: shop.Customer, method: SavedMethod | None = None, fee: Fee | None = None
) -> EmailMultiAlternatives:
    """The notice. The date is that of the plan's time zone."""
    charged = fee.method if fee is not None else method
    name = f"fee-{fee.pk}" if fee is not None else f"renewal-{renewal.pk}-{renewal.round}-{renewal.notices}"
    membership, plan = renewal.membership, plan_of(renewal)
    page = plan.payment_url.replace("{order}", quote(renewal.order_id or "", safe=""))
    return mails.compose(
        template=TEMPLATE,
        channel=membership.channel,
        language=customer.language,
        facts={
            "name": " ".join(customer.name.split()),
            "plan": plan.name,
            "order": renewal.order_number,
            "until": renewal.due_on.astimezone(periods.zone(membership.time_zone)),
            "link": page,
            "over": renewal.notices > 0,
            "trial": membership.state == "trial",
            "card": f"{charged.brand.replace('_', ' ').title()} •••• {charged.last_digits}" if charged else "",
            "refused": fee is not None,
            "again": fee is not None and fee.reason not in FINAL_REASONS and fee.number <= len(machine.NOTICE_DAYS),
        },
        to=customer.email,
        message_id=name,
        connection=mails.connect(),
    )
