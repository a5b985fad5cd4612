"""Letters: a member's code goes by post, is printed by the store, handed over, comes back. One transaction each.

A letter is locked after its membership, and its batch after both. The text of a code is sealed until the letter is
handed over, and erased in the transaction that says so.
"""

from __future__ import annotations

import contextlib
import datetime
import secrets
from typing import Any, Final

from django.db import transaction

from ..channels.rows import channel_named
from ..codes import actions as codes
from ..errors import Invalid, LiveSalesError, NotFound
from ..members import codes as member_codes
from ..members import ledger
from ..members.actors import By
from . import vault
from .models import BatchState, Letter, LetterBatch, LetterState
from .transitions import Command, NotThisState, after, sources

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: none is taken for another
MOST: Final = 1000  # letters of a batch
ENDABLE: Final = sources(Command.CANCEL)


class NothingToPrint(LiveSalesError):
    """No letter of this channel waits."""

    code = "NO_LETTERS"


def create(*, membership_id: object, by: By, now: datetime.datetime) -> Letter:
    """The member's present code goes by post instead of by mail; a new one where the mail was sent already.

    A letter that waits comes back as it is. Raises NotFound, NoCode, CodesNotConfigured.
    """
    with transaction.atomic():
        membership = ledger.lock(membership_id)
        ledger.catch_up(membership, now=now)
        row = member_codes.by_post(membership=membership, now=now)
        letter, _ = Letter.objects.get_or_create(
            member_code=row,
            defaults={
                "number": _number(),
                "channel": membership.channel,
                "created_at": now,
                "created_by": by.user_id or "",
                "changed_at": now,
            },
        )
    return letter


def _number() -> str:
    """``L`` and eight characters: 40 bits, unique by the table."""
    return "L" + "".join(secrets.choice(ALPHABET) for _ in range(8))


def retry(*, letter_id: object, by: By, now: datetime.datetime) -> Letter:
    """The member has an address now: the letter waits again. One whose code can't be read any more, as it came back or
    failed with the provider, is followed by one with a new code.

    Raises NotFound, NotThisState, NoCode.
    """
    found = Letter.objects.filter(pk=letter_id).select_related("member_code").first()
    if found is None:
        raise _not_found()
    if found.state in (LetterState.UNDELIVERABLE, LetterState.FAILED):
        letter = create(membership_id=found.member_code.membership_id, by=by, now=now)
        if letter.pk != found.pk or letter.state == LetterState.QUEUED:
            return letter
    with transaction.atomic():
        letter = _locked(letter_id)
        _change(letter, Command.RETRY, now=now)
    return letter


def batch(*, channel: str, by: By, now: datetime.datetime) -> LetterBatch:
    """The letters of the channel that wait, the oldest first, ``MOST`` at most, are drawn into one file by a task.

    Raises NotFound, NothingToPrint.
    """
    slug = channel_named(channel).slug
    with transaction.atomic():
        waiting = Letter.objects.filter(channel=slug, state=LetterState.QUEUED, member_code__ended_at__isnull=True)
        keys = waiting.order_by("created_at", "id").values_list("pk", flat=True)[:MOST]
        taken = list(
            Letter.objects.select_for_update(skip_locked=True)
            .filter(pk__in=list(keys), state=LetterState.QUEUED)
            .order_by("pk")
        )
        if not taken:
            raise NothingToPrint("No letter of this channel waits to be printed.", field="channel")
        made = LetterBatch.objects.create(
            channel=slug, total=len(taken), secret=vault.new_secret(), created_at=now, created_by=by.user_id or "",
            work_at=now,
        )  # fmt: skip
        state = after(str(LetterState.QUEUED), Command.BATCH)
        Letter.objects.filter(pk__in=[letter.pk for letter in taken]).update(state=state, batch=made, changed_at=now)
    return made


def mark(*, batch_id: object, state: str, now: datetime.datetime) -> LetterBatch:
    """The batch was printed, or handed over to the post: then its codes can't be read any more, and its file goes.

    Marked so before, it comes back as it is. Raises NotFound, Invalid, NotThisState.
    """
    if state not in (BatchState.PRINTED, BatchState.HANDED_OVER):
        raise Invalid("A batch is marked as printed, or as handed over.", field="state")
    with transaction.atomic():
        row = LetterBatch.objects.select_for_update().filter(pk=batch_id).first()
        if row is None:
            raise NotFound("Couldn't resolve to a node of type LiveLetterBatch.", field="id")
        if row.state == state or (row.state == BatchState.HANDED_OVER and state == BatchState.PRINTED):
            return row
        if row.state not in (BatchState.READY, BatchState.PRINTED):
            raise NotThisState("The pages of this batch are not there.", field="id")
        command = Command.PRINT if state == BatchState.PRINTED else Command.HAND_OVER
        letters = Letter.objects.filter(batch=row, state__in=sources(command))
        if command == Command.HAND_OVER:
            _hand_over(letters, now=now)
            row.handed_over_at, row.work_at = now, now  # its file is removed by the task
            row.printed_at = row.printed_at or now
        else:
            letters.update(state=LetterState.PRINTED, changed_at=now)
            row.printed_at = now
        row.state = state
        row.save()
    return row


def confirm(*, number: str, now: datetime.datetime) -> Letter:
    """This letter, known by the number on its paper, was handed over. Told before, it comes back as it is.

    Raises NotFound, NotThisState.
    """
    with transaction.atomic():
        letter = _by_number(number)
        if letter.state != LetterState.HANDED_OVER:
            after(letter.state, Command.HAND_OVER)
            _hand_over(Letter.objects.filter(pk=letter.pk), now=now)
            letter.refresh_from_db()
    return letter


def returned(*, number: str, now: datetime.datetime) -> Letter:
    """This letter came back: its code is revoked, as nobody knows who has seen it. Raises NotFound, NotThisState."""
    with transaction.atomic():
        letter = _by_number(number)
        if letter.state != LetterState.UNDELIVERABLE:
            _change(letter, Command.RETURN, now=now)
            code = letter.member_code.code_id
            with contextlib.suppress(LiveSalesError):  # one that expired meanwhile opens nothing anyway
                codes.revoke(code_id=code, actor="staff", reason="the letter came back", now=now)
    return letter


def cancel_ended(*, now: datetime.datetime, limit: int = MOST) -> int:
    """Letters whose code ended before they were handed over: they are not printed any more. How many."""
    ended = Letter.objects.filter(state__in=ENDABLE, member_code__ended_at__isnull=False)
    keys = list(ended.order_by("pk").values_list("pk", flat=True)[:limit])
    return Letter.objects.filter(pk__in=keys, state__in=ENDABLE).update(state=LetterState.CANCELLED, changed_at=now)


def _hand_over(letters: Any, *, now: datetime.datetime) -> None:
    rows = list(letters.select_for_update(of=("self",)).select_related("member_code").order_by("pk"))
    codes.delivered(
        code_ids=[row.member_code.code_id for row in rows], actor="staff", reason="handed over to the post", now=now
    )
    Letter.objects.filter(pk__in=[row.pk for row in rows]).update(state=LetterState.HANDED_OVER, changed_at=now)


def _by_number(number: str) -> Letter:
    written = "".join(number.upper().split())
    found = (
        Letter.objects.select_for_update(of=("self",)).select_related("member_code").filter(number=written[:12]).first()
    )
    if found is None:
        raise NotFound("There is no letter with this number.", field="number")
    return found


def _locked(letter_id: object) -> Letter:
    found = Letter.objects.select_for_update().filter(pk=letter_id).first()
    if found is None:
        raise _not_found()
    return found


def _change(letter: Letter, command: Command, *, now: datetime.datetime) -> None:
    letter.state = after(letter.state, command)
    letter.changed_at = now
    if letter.state in (LetterState.QUEUED, LetterState.NO_ADDRESS):
        letter.batch = None
    letter.save(update_fields=["state", "changed_at", "batch"])


def _not_found() -> NotFound:
    return NotFound("Couldn't resolve to a node of type LiveLetter.", field="id")
