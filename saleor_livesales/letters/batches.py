"""Drawing batches, by a task: each is taken by a lease, and drawn again from its beginning by whoever comes after a
worker that died. Its letters are the same then, but for those whose code ended meanwhile."""

from __future__ import annotations

import csv
import datetime
import io
import logging
import uuid
from collections.abc import Mapping, Sequence
from typing import Final

from django.db import transaction
from django.db.models import F

from .. import shop
from ..codes import actions as codes
from ..codes import alphabet
from ..codes.files import FORMULAS, FRAGMENT
from ..members import periods
from . import addresses, pages, styles, vault, words
from .fonts import Unfit
from .models import BatchState, Letter, LetterBatch, LetterState, LetterStyle
from .transitions import Command, after

logger = logging.getLogger(__name__)

LEASE: Final = datetime.timedelta(minutes=5)  # a thousand letters take some ten seconds
ATTEMPTS: Final = 5
KEEP: Final = datetime.timedelta(days=7)  # a file that was printed and not handed over
STEP: Final = 25  # letters between two notes of how far it is


def work(*, now: datetime.datetime, limit: int = 10) -> int:
    """Draw what is to be drawn, and remove the files that nobody needs any more. How many batches were worked on."""
    due = LetterBatch.objects.filter(work_at__lte=now)
    done = 0
    for key in list(due.order_by("work_at", "pk").values_list("pk", flat=True)[:limit]):
        if not due.filter(pk=key).update(work_at=now + LEASE):
            continue
        batch = LetterBatch.objects.get(pk=key)
        done += 1
        try:
            if batch.state == BatchState.DRAWING:
                _draw(batch, now=now)
            else:
                _clear(batch)
        except Exception as error:  # whatever it is, its text may quote a letter: only its kind is told
            _failed(batch, type(error).__name__, now=now)
    return done


def _draw(batch: LetterBatch, *, now: datetime.datetime) -> None:
    rows = list(
        Letter.objects.filter(batch=batch, state=LetterState.BATCHED)
        .select_related("member_code__membership__plan", "member_code__code")
        .order_by("pk")
    )
    rows = [row for row in rows if row.member_code.ended_at is None]
    users = {row.member_code.membership.user_id for row in rows}
    where = shop.current().postal_addresses(users)
    people = shop.current().customers(users)
    secrets = codes.readable(code_ids=[row.member_code.code_id for row in rows])
    style = styles.of(batch.channel)
    book, manifest = pages.Book(styles.paper(style)), [("number", "name", "country", "plan")]
    became: dict[uuid.UUID, str | Command] = {}  # the language in which it was drawn, or why it was not
    for row in rows:
        membership = row.member_code.membership
        address, customer = where.get(membership.user_id), people.get(membership.user_id)
        secret = secrets.get(row.member_code.code_id)
        if secret is None:  # revoked by hand, or expired
            became[row.pk] = Command.CANCEL
        elif address is None or customer is None:
            became[row.pk] = Command.MISS
        else:
            try:
                book.add(_content(row, style, address, customer, secret, now=now))
            except Unfit as error:
                logger.warning("Letter %s can't be printed: %s", row.pk, error.reason)
                became[row.pk] = Command.REFUSE
                continue
            manifest.append((row.number, address.name, address.country, membership.plan.name))
            became[row.pk] = words.language_of(customer.language)
            if book.pages % STEP == 0:
                LetterBatch.objects.filter(pk=batch.pk, state=BatchState.DRAWING).update(drawn=book.pages)
    if book.pages:
        assert batch.secret is not None
        vault.put(batch.pk, bytes(batch.secret), "pdf", book.output())
        vault.put(batch.pk, bytes(batch.secret), "csv", _csv(manifest))
    _note(batch, became, now=now)


def _content(
    row: Letter,
    style: LetterStyle,
    address: shop.PostalAddress,
    customer: shop.Customer,
    secret: alphabet.Secret,
    *,
    now: datetime.datetime,
) -> pages.Content:
    membership, plan = row.member_code.membership, row.member_code.membership.plan
    language = words.language_of(customer.language)
    zone = periods.zone(membership.time_zone)
    until = periods.end_of(membership, row.member_code.number).astimezone(zone)
    shown = alphabet.written(secret.reveal())
    return styles.content(
        style,
        number=row.number,
        address=tuple(addresses.lines(address, sent_from=style.country)),
        language=language,
        facts={
            "name": styles.name_of(address, customer),
            "plan": plan.name,
            "until": words.day(until, language),
        },
        code=shown,
        link=plan.sign_in_url + FRAGMENT + shown if plan.sign_in_url else "",
        today=now.astimezone(zone).date(),
    )


def _note(batch: LetterBatch, became: Mapping[uuid.UUID, str | Command], *, now: datetime.datetime) -> None:
    """What became of each letter, and of the batch; unless another worker has noted it already."""
    with transaction.atomic():
        row = LetterBatch.objects.select_for_update().get(pk=batch.pk)
        if row.state != BatchState.DRAWING:
            return
        letters = Letter.objects.select_for_update(of=("self",)).filter(batch=row, state=LetterState.BATCHED)
        left = 0
        for letter in letters.order_by("pk"):
            outcome = became.get(letter.pk, Command.CANCEL)  # its code ended before it was drawn
            if isinstance(outcome, Command):
                letter.state = after(letter.state, outcome)
                letter.batch = row if outcome == Command.CANCEL else None
            else:
                letter.language = outcome
                left += 1
            letter.changed_at = now
            letter.save(update_fields=["language", "state", "batch", "changed_at"])
        row.state = BatchState.READY if left else BatchState.EMPTY
        row.total = row.drawn = left
        row.ready_at, row.attempts, row.error = now, 0, ""
        row.work_at = now + KEEP if left else None
        if not left:
            row.secret = None
        row.save()


def _clear(batch: LetterBatch) -> None:
    """Its file goes. What was not handed over by then can't be downloaded any more, and waits to be marked."""
    vault.remove(batch.pk)
    LetterBatch.objects.filter(pk=batch.pk).update(secret=None, work_at=None)


def _failed(batch: LetterBatch, kind: str, *, now: datetime.datetime) -> None:
    """Again after a while; given up after some times, and then its letters wait for another batch."""
    logger.warning("Letters of batch %s: %s (attempt %d of %d)", batch.pk, kind, batch.attempts + 1, ATTEMPTS)
    pause = datetime.timedelta(minutes=2**batch.attempts)
    if batch.state != BatchState.DRAWING or batch.attempts + 1 < ATTEMPTS:
        LetterBatch.objects.filter(pk=batch.pk, work_at__isnull=False).update(
            attempts=F("attempts") + 1, error=kind[:64], work_at=now + pause
        )
        return
    with transaction.atomic():
        row = LetterBatch.objects.select_for_update().get(pk=batch.pk)
        if row.state == BatchState.DRAWING:
            Letter.objects.filter(batch=row, state=LetterState.BATCHED).update(
                state=LetterState.QUEUED, batch=None, changed_at=now
            )
            row.state, row.error, row.secret, row.work_at = BatchState.FAILED, kind[:64], None, None
            row.save()


def _csv(rows: Sequence[tuple[str, ...]]) -> bytes:
    """Opens in a spreadsheet, and no cell is a formula there."""
    text = io.StringIO()
    writer = csv.writer(text)
    for row in rows:
        writer.writerow(["'" + cell if cell.startswith(FORMULAS) else cell for cell in row])
    return text.getvalue().encode("utf-8-sig")
