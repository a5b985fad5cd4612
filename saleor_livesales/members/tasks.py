"""Celery tasks of the members room; ``saleor_livesales.tasks`` gathers them. Run by beat; safe to run twice at once."""

from __future__ import annotations

import datetime
import time
from typing import Final

from celery import shared_task

from .. import shop
from ..fees import events as fee_events
from ..fees import work as fees
from . import actions, codes, lapses, mail, orders, renewals, sweeps, tracking

AT_A_TIME: Final = 100  # renewals
AT_MOST: Final = 270.0  # seconds of one run: beat begins the next one soon, and several run side by side


@shared_task(name="livesales.members_clock", ignore_result=True)
def members_clock() -> int:
    """Write down which memberships fell due, lapsed or ended, and end their open sessions where the channel says so.

    Whoever reads a membership does not wait for it.
    """
    with shop.current().writer():
        now = _now()
        return actions.tick(now=now) + lapses.follow(now=now)


@shared_task(name="livesales.members_orders", ignore_result=True)
def members_orders() -> int:
    """Follow orders of which no hook told, and orders that waited for their account."""
    with shop.current().writer():
        now = _now()
        return sweeps.changed_orders(now=now) + orders.recheck_waiting(now=now)


@shared_task(name="livesales.members_renew", ignore_result=True)
def members_renew() -> int:
    """Plan renewals, order them in the shop, and mail their notices. Nothing while the plugin is switched off."""
    with shop.current().writer():
        if not shop.current().active():
            return 0
        renewals.plan_due(now=_now())
        done, until = 0, time.monotonic() + AT_MOST
        while (some := renewals.work(now=_now(), limit=AT_A_TIME)) and time.monotonic() < until:
            done += some
            if some < AT_A_TIME:
                break
        return done


@shared_task(name="livesales.members_fees", ignore_result=True)
def members_fees() -> None:
    """Follow what payment providers told, and charges that were left in the middle."""
    with shop.current().writer():
        if not shop.current().active():
            return
        now = _now()
        touched = fees.work(now=now)
        orders.follow_each(order_ids=sorted(touched.orders), now=now)
        renewals.wake(order_ids=touched.orders, user_ids=touched.users, now=now)


@shared_task(name="livesales.members_fees_sweep", ignore_result=True)
def members_fees_sweep() -> None:
    """Each hour: what a payment provider told while nobody here could hear it."""
    with shop.current().writer():
        if shop.current().active():
            fee_events.sweep(now=_now())


@shared_task(name="livesales.members_codes", ignore_result=True)
def members_codes() -> int:
    """Act on what providers told, issue the sign-in codes that are due, and mail them.

    No code is an argument or a result of any task.
    """
    with shop.current().writer():
        if not shop.current().active():
            return 0
        now = _now()
        tracking.act(now=now)
        codes.issue_due(now=now)
        return mail.mail_due(now=now)


@shared_task(name="livesales.members_reconcile", ignore_result=True)
def members_reconcile() -> None:
    """Each night: every paid member has a sign-in code and nobody else has one."""
    with shop.current().writer():
        if shop.current().active():
            codes.reconcile(now=_now())


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
