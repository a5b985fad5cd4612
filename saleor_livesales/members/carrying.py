"""What is left of a plan when its member changes to another at once becomes time on the other. No money moves.

Of each charge of the present term the periods that are still to come, the running one by the part of it that is left,
are worth what was paid and kept for them: per period the smaller of amount / periods and (amount - refunded) /
(periods - returned). What was given is worth nothing. That value buys periods of the new plan at its price of now, tax
included, counted by the calendar from now on, the last one in parts by days; what is less than a day stays with the
store. Rows of ``Carried`` keep for each charge what went along: a refund of it later takes that back.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction
from typing import Final

from ..ids import uuid7
from . import ledger, machine, periods
from .actors import By
from .models import Carried, Charge, Membership

MOMENT: Final = datetime.timedelta(microseconds=1)
DAY: Final = datetime.timedelta(days=1)
NANO: Final = Decimal("0.000000001")


@dataclass(frozen=True, kw_only=True)
class Rest:
    """What is left of one charge: so many of its periods, worth ``value`` in the charge's currency."""

    charge: Charge
    periods: Fraction
    value: Fraction


def rest(membership: Membership, *, now: datetime.datetime) -> list[Rest]:
    """What is left of what was paid, of a locked membership that runs, in the order in which it would be used."""
    found = [
        Rest(
            charge=row.charge,
            periods=Fraction(row.periods) * left,
            value=Fraction(row.value) * left,
        )
        for row, left in _carried_left(membership, now)
    ]
    first = 0
    for charge in membership.charges.filter(term=membership.term).order_by("applied_at", "id"):
        own = charge.periods - charge.shortened
        left = sum((_left(membership, number, now) for number in range(first + 1, first + own + 1)), Fraction(0))
        first += own
        found.append(Rest(charge=charge, periods=left, value=left * worth(charge)))
    return [each for each in found if each.value > 0]


def worth(charge: Charge) -> Fraction:
    """What one period of the charge cost, less what was given back for it."""
    kept = charge.periods - charge.returned
    if not kept:
        return Fraction(0)
    return min(Fraction(charge.amount) / charge.periods, Fraction(charge.amount - charge.refunded) / kept)


def _left(membership: Membership, number: int, now: datetime.datetime) -> Fraction:
    """Which part of the period of this number is still to come."""
    return part_left(periods.end_of(membership, number - 1), periods.end_of(membership, number), now)


def part_left(begin: datetime.datetime, end: datetime.datetime, now: datetime.datetime) -> Fraction:
    if end <= now or end <= begin:
        return Fraction(0)
    return Fraction((end - max(begin, now)) // MOMENT, (end - begin) // MOMENT)


def _carried_left(membership: Membership, now: datetime.datetime) -> Iterator[tuple[Carried, Fraction]]:
    """The rows of the present term, each with the part of what it was at first that is still to come."""
    for row, begin, end in _spans(membership):
        first = row.span + row.taken
        left = max(end - max(begin, now), datetime.timedelta(0))
        yield row, Fraction(left // MOMENT, first // MOMENT) if first else Fraction(0)


def _spans(membership: Membership) -> Iterator[tuple[Carried, datetime.datetime, datetime.datetime]]:
    rows = membership.carried.filter(term=membership.term, moved=False).select_related("charge").order_by("id")
    begin = None
    for row in rows:
        begin = begin or row.at
        yield row, begin, begin + row.span
        begin += row.span


def days_for(
    *, value: Fraction, price: Decimal, begin: datetime.datetime, period: periods.Period, zone: datetime.tzinfo
) -> int:
    """For how many whole days from ``begin`` on this value pays at ``price`` (more than 0) a period; rounded down."""
    paid = value / Fraction(price)
    whole = min(int(paid), periods.MOST_PERIODS)
    full = periods.end(anchor=begin, number=whole, period=period, zone=zone)
    length = periods.end(anchor=begin, number=whole + 1, period=period, zone=zone) - full
    part = min(paid - whole, Fraction(1))
    return int(((full - begin) // MOMENT + part * (length // MOMENT)) / (DAY // MOMENT))


def bring(*, into: Membership, rests: list[Rest], days: int, now: datetime.datetime) -> None:
    """Keep what went along into the new term of a saved membership, whose anchor is ``days`` from now."""
    total = sum((each.value for each in rests), Fraction(0))
    length, done, before = days * (DAY // MOMENT), 0, Fraction(0)
    # Rows of one moment follow each other by their ids, which are random within a millisecond: sorted.
    for key, each in zip(sorted(uuid7() for _ in rests), rests, strict=True):
        before += each.value
        reached = int(length * before / total)
        Carried.objects.create(
            id=key,
            charge=each.charge,
            membership=into,
            term=into.term,
            at=now,
            periods=_decimal(each.periods),
            returned=each.charge.returned,
            currency=each.charge.currency,
            value=_decimal(each.value),
            span=(reached - done) * MOMENT,
        )
        done = reached


def _decimal(exact: Fraction) -> Decimal:
    return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(NANO, rounding=ROUND_DOWN)


def give_back(charge: Charge, *, by: By, now: datetime.datetime) -> None:
    """Take back what of this charge went along to another plan, as far as its periods were given back since; give it
    again where a refund failed. What is over can't be taken back. Changes nothing when nothing is new."""
    row = Carried.objects.filter(charge=charge, moved=False).first()
    if row is None:
        return
    membership = ledger.lock(row.membership_id)
    ledger.catch_up(membership, now=now)
    spans = {each.pk: (each, begin, end) for each, begin, end in _spans(membership)}
    if row.pk not in spans or membership.state not in machine.LIVE_STATES | {"refunded"}:
        return  # of an earlier term, gone on meanwhile, or ended
    row, begin, end = spans[row.pk]
    if not row.periods:
        return
    first = (row.span + row.taken) // MOMENT
    back = min(max(charge.returned - row.returned, 0), row.periods)
    wanted = int(Fraction(back) / Fraction(row.periods) * first) * MOMENT
    if wanted > row.taken:
        step = min(wanted - row.taken, max(end - max(begin, now), datetime.timedelta(0)))
    else:
        step = wanted - row.taken
    if not step or (step > datetime.timedelta(0) and membership.state == "refunded"):
        return
    row.span -= step
    row.taken += step
    row.save(update_fields=["span", "taken"])
    membership.anchor -= step
    ledger.retime(membership, charge, longer=step < datetime.timedelta(0), by=by, now=now)
