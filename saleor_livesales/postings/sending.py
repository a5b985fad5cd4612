"""Give claimed letters to their provider: look at the address, send, note; and take back what is withdrawn.

A worker may be killed between any two of these.

A worker leases a posting, commits, and talks to the provider outside of any transaction. Whoever comes after it, when
the lease has run out, asks with the same idempotency key, and looks first for what the provider has already: a
provider forgets keys (Lob after 24 hours), not letters. What is noted is noted by whoever comes first.
"""

from __future__ import annotations

import datetime
import logging
from typing import Final

from django.db import transaction

from .. import conf
from ..carriers import (
    CarrierError,
    Deliverability,
    Denied,
    Letter,
    LetterProvider,
    Posted,
    RateLimited,
    Refused,
    registry,
)
from . import Gone, Letters, NoAddress, Page, ways
from .models import Posting, PostingState

logger = logging.getLogger(__name__)

LEASE: Final = datetime.timedelta(minutes=10)  # longer than all requests of a try may take together
ATTEMPTS: Final = 16  # with the pauses below, about two days and a half
LONGEST_PAUSE: Final = datetime.timedelta(hours=6)
ACCOUNT_PAUSE: Final = datetime.timedelta(minutes=15)  # until the deployment has mended its key or account


def work(*, letters: Letters, now: datetime.datetime, limit: int = 100) -> int:
    """Send what is due, ``limit`` at most; any number of workers at once. How many the provider took.

    One that tells us to wait, or does not let us in, is left alone until the next run.
    """
    try:
        providers = registry.configured()
    except conf.Misconfigured as error:
        logger.error("No letters are sent: %s", error)
        return 0
    due = Posting.objects.filter(due_at__lte=now, provider__in=list(providers))
    sent = 0
    for key, name in list(due.order_by("due_at", "id").values_list("pk", "provider")[:limit]):
        posting = _lease(key, now) if name in providers else None
        if posting is None:
            continue
        try:
            if posting.state == PostingState.SENT:
                _take_back(posting, providers[posting.provider], letters, now)
            else:
                sent += _try(posting, providers[posting.provider], letters, now)
        except (RateLimited, Denied) as error:
            del providers[posting.provider]
            _later(posting, letters, error, now)
        except Exception as error:  # whatever it is, its text may quote the letter: only its kind is told
            _later(posting, letters, error, now)
    return sent


def waits(*, now: datetime.datetime) -> bool:
    """Whether there is anything to send, or to take back."""
    return Posting.objects.filter(due_at__lte=now).exists()


def _lease(key: object, now: datetime.datetime) -> Posting | None:
    with transaction.atomic():
        due = Posting.objects.filter(due_at__lte=now)
        posting = due.select_for_update(skip_locked=True).filter(pk=key).first()
        if posting is not None:
            posting.due_at = now + LEASE
            posting.save(update_fields=["due_at"])
        return posting


def _try(posting: Posting, provider: LetterProvider, letters: Letters, now: datetime.datetime) -> bool:
    """Whether the provider has the letter now. Raises what the provider does."""
    there = provider.find(str(posting.pk)) if posting.tried_at is not None else None
    try:
        page = letters.page(posting)
    except Gone as gone:
        if there is None or provider.cancel(there.provider_id):
            return _end(posting, letters, str(PostingState.CANCELLED), gone.reason, now)
        return _taken(posting, there, letters, now)
    except NoAddress:
        if there is None:
            return _end(posting, letters, str(PostingState.UNDELIVERABLE), "no_address", now)
        return _taken(posting, there, letters, now)
    if there is not None:
        return _taken(posting, there, letters, now)
    if not posting.address:
        check = provider.check_address(page.to)
        posting.address = str(check.result)
        if check.result == Deliverability.UNDELIVERABLE:
            return _end(posting, letters, str(PostingState.UNDELIVERABLE), check.reason, now)
    if posting.tried_at is None:
        posting.tried_at = now
        posting.save(update_fields=["address", "tried_at"])
    try:
        return _taken(posting, provider.send(_letter(posting, page)), letters, now)
    except Refused as error:
        state = PostingState.UNDELIVERABLE if error.address else PostingState.FAILED
        return _end(posting, letters, str(state), error.reason, now)


def _letter(posting: Posting, page: Page) -> Letter:
    settings = ways.of(posting.channel)
    return Letter(
        reference=str(posting.pk),
        idempotency_key=f"livesales-{posting.letter_id}-{posting.round}",
        to=page.to,
        sender=ways.sender(settings),
        pdf=page.pdf,
        color=settings.color,
    )


def _taken(posting: Posting, posted: Posted, letters: Letters, now: datetime.datetime) -> bool:
    with transaction.atomic():
        row = _open(posting, letters)
        if row is not None:
            row.state, row.due_at, row.sent_at, row.reason = PostingState.SENT, None, now, ""
            row.provider_id, row.expected_on, row.address = posted.provider_id, posted.expected_on, posting.address
            row.save()
            letters.changed(row, now=now)
    return True


def _end(posting: Posting, letters: Letters, state: str, reason: str, now: datetime.datetime) -> bool:
    """It was never printed, and will not be."""
    with transaction.atomic():
        row = _open(posting, letters)
        if row is not None:
            row.state, row.due_at, row.reason, row.address = state, None, reason[:64], posting.address
            ways.give_back(row)
            row.save()
            letters.changed(row, now=now)
    return False


def _take_back(posting: Posting, provider: LetterProvider, letters: Letters, now: datetime.datetime) -> None:
    """Once; where the provider can't be asked, again after each lease, for as long as the letter is not mailed."""
    cancelled = provider.cancel(posting.provider_id)
    with transaction.atomic():
        row = _open(posting, letters, state=str(PostingState.SENT))
        if row is not None:
            row.due_at = None
            if cancelled:
                row.state, row.reason = PostingState.CANCELLED, "withdrawn"
                ways.give_back(row)
            row.save()
            if cancelled:
                letters.changed(row, now=now)


def _later(posting: Posting, letters: Letters, error: Exception, now: datetime.datetime) -> None:
    """Once more after a while; given up after many failures, but not for an account that does not work."""
    reason = error.reason if isinstance(error, CarrierError) else type(error).__name__
    with transaction.atomic():
        row = _open(posting, letters)
        if row is None:
            return
        row.reason = reason[:64]
        if isinstance(error, RateLimited):
            row.due_at = now + datetime.timedelta(seconds=error.retry_after)
        elif isinstance(error, Denied):
            row.due_at = now + ACCOUNT_PAUSE
        else:
            row.attempts += 1
            row.due_at = now + min(datetime.timedelta(minutes=2**row.attempts), LONGEST_PAUSE)
        if row.attempts >= ATTEMPTS:  # it may have been printed all the same: its cost stays booked
            row.state, row.due_at = PostingState.GIVEN_UP, None
        row.save()
        if row.state == PostingState.GIVEN_UP:
            letters.changed(row, now=now)
    logger.warning("Letter %s was not given to %s: %s", posting.pk, posting.provider, reason)


def _open(posting: Posting, letters: Letters, state: str = str(PostingState.QUEUED)) -> Posting | None:
    """The row, locked after its letter; None where somebody else has noted already what became of it."""
    letters.lock(posting.letter_id)
    return Posting.objects.select_for_update().filter(pk=posting.pk, state=state).first()
