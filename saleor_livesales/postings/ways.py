"""How the letters of a channel go, and within which cost. Owners set it; every process reads it from its row."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.db.models import F

from .. import conf
from ..carriers import Address, registry
from ..channels.rows import channel_named
from ..errors import Invalid, LiveSalesError
from .models import Posting, PostingMonth, PostingSettings, PostingState, Way

MOST: Final = Decimal("99999999.999")
SENDER: Final = ("name", "line1", "line2", "city", "area", "postal_code", "country")
NEEDED: Final = ("name", "line1", "city", "postal_code", "country")


class PrintedByStore(LiveSalesError):
    """The channel's letters don't go by a provider."""

    code = "PRINTED_BY_STORE"


class LimitReached(LiveSalesError):
    """One more letter would cost more than the owner allows in a month."""

    code = "POSTING_LIMIT_REACHED"


class ProviderNotConfigured(LiveSalesError):
    """The deployment has no account with this provider."""

    code = "PROVIDER_NOT_CONFIGURED"


def of(channel: str) -> PostingSettings:
    """The channel's settings, unsaved where nothing is set."""
    return PostingSettings.objects.filter(pk=channel).first() or PostingSettings(channel=channel)


def available() -> list[str]:
    """Names of the providers that the deployment has an account with; none where its setting is wrong."""
    try:
        return sorted(registry.configured())
    except conf.Misconfigured:  # `livesales check` says what is wrong
        return []


def sender(settings: PostingSettings) -> Address:
    """Whom the provider prints as the sender."""
    return Address(
        company=settings.sender_name,
        line1=settings.sender_line1,
        line2=settings.sender_line2,
        city=settings.sender_city,
        area=settings.sender_area,
        postal_code=settings.sender_postal_code,
        country=settings.sender_country,
    )


def known(channel: str) -> PostingSettings:
    """As ``of``. Raises NotFound for a channel that the shop does not have."""
    return of(channel_named(channel).slug)


def update(
    *, channel: str, changes: Mapping[str, Any], actor_user_id: str | None, now: datetime.datetime
) -> PostingSettings:
    """Change what ``changes`` names. Raises NotFound, Invalid, ProviderNotConfigured; then nothing is changed."""
    slug = channel_named(channel).slug
    with transaction.atomic():
        PostingSettings.objects.bulk_create([PostingSettings(channel=slug, updated_at=now)], ignore_conflicts=True)
        row = PostingSettings.objects.select_for_update().get(pk=slug)
        for name, value in changes.items():
            setattr(row, name, value.strip() if isinstance(value, str) else value)
        row.currency, row.sender_country = row.currency.upper(), row.sender_country.upper()
        _check(row)
        row.updated_at, row.updated_by = now, actor_user_id or ""
        row.save()
    return row


def _check(row: PostingSettings) -> None:
    for name in ("price", "monthly_limit"):
        value = Decimal(getattr(row, name))
        if not value.is_finite() or not 0 <= value <= MOST or value != round(value, 3):
            raise Invalid("An amount is 0 or more, with at most three digits after the point.", field=name)
    for name in SENDER:
        text = getattr(row, f"sender_{name}")
        if len(text) > PostingSettings._meta.get_field(f"sender_{name}").max_length or not text.isprintable():
            raise Invalid("Too long, or not one line.", field=f"sender_{name}")
    if row.way not in Way.values:
        raise Invalid("print or provider.", field="way")
    if row.way == Way.PRINT:
        return
    if row.provider not in available():
        raise ProviderNotConfigured(
            "This deployment has no account with the provider: see LIVESALES_LETTER_PROVIDERS.", field="provider"
        )
    if not row.price:
        raise Invalid("Say what the provider takes for a letter.", field="price")
    if not re.fullmatch(r"[A-Z]{3}", row.currency):
        raise Invalid("Three letters, for example USD.", field="currency")
    for name in NEEDED:
        if not getattr(row, f"sender_{name}"):
            raise Invalid("The provider prints the sender: it is needed.", field=f"sender_{name}")
    if not re.fullmatch(r"[A-Z]{2}", row.sender_country):
        raise Invalid("Two letters, for example US.", field="sender_country")


def first_of(now: datetime.datetime) -> datetime.date:
    """The month (UTC) that ``now`` is in."""
    return now.astimezone(datetime.UTC).date().replace(day=1)


def month(settings: PostingSettings, *, now: datetime.datetime) -> PostingMonth:
    """What the channel's letters cost this month so far; unsaved where there were none."""
    key = {"channel": settings.channel, "month": first_of(now), "currency": settings.currency}
    return PostingMonth.objects.filter(**key).first() or PostingMonth(**key)


def claim(*, letter_id: Any, round: int, channel: str, now: datetime.datetime) -> Posting:
    """The letter goes by the provider: booked, and to be sent by the next task. In the caller's transaction, on the
    locked letter. Called again for the same round, it is the same posting.

    Raises PrintedByStore, LimitReached; then nothing is booked.
    """
    found = Posting.objects.filter(letter_id=letter_id, round=round).first()
    if found is not None:
        return found
    settings = of(channel)
    if settings.way != Way.PROVIDER:
        raise PrintedByStore("The store prints the letters of this channel itself.", field="way")
    return Posting.objects.create(
        letter_id=letter_id,
        round=round,
        channel=channel,
        provider=settings.provider,
        cost=settings.price,
        month=_book(settings, now),
        created_at=now,
        due_at=now,
    )


def _book(settings: PostingSettings, now: datetime.datetime) -> PostingMonth:
    """One statement checks the limit and books: any number of processes together stay within it."""
    key = {"channel": settings.channel, "month": first_of(now), "currency": settings.currency}
    PostingMonth.objects.bulk_create([PostingMonth(**key)], ignore_conflicts=True)
    room = PostingMonth.objects.filter(**key, spent__lte=settings.monthly_limit - settings.price)
    if not room.update(spent=F("spent") + settings.price, letters=F("letters") + 1):
        raise LimitReached("The letters of this month have reached the limit.", field="monthly_limit")
    return PostingMonth.objects.get(**key)


def give_back(posting: Posting) -> None:
    """Nothing was printed: its cost is free for another letter. On the locked posting, once; saved by the caller."""
    if not posting.refunded:
        posting.refunded = True
        PostingMonth.objects.filter(pk=posting.month_id).update(
            spent=F("spent") - posting.cost, letters=F("letters") - 1
        )


def withdraw(*, letter_id: Any, now: datetime.datetime) -> None:
    """The letter is not to go out any more. In the caller's transaction, on the locked letter.

    What the provider has is asked back by the next task, which it does for as long as nothing is printed; what it does
    not have yet is never sent, as ``Letters.page`` raises Gone from now on.
    """
    taken = Posting.objects.filter(letter_id=letter_id, state=PostingState.SENT, withdrawn_at__isnull=True)
    taken.update(due_at=now, withdrawn_at=now)


def waiting(*, channel: str) -> int:
    """How many letters of the channel are to be given to the provider."""
    return Posting.objects.filter(channel=channel, state=PostingState.QUEUED).count()
