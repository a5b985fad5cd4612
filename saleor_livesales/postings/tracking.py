"""What providers told of letters, acted on: twice, late and in any order, a posting ends in the same state.

Events are kept first (``webhooks``). Some come before the worker that sent the letter has noted that it did: they show
that the provider took it.
"""

from __future__ import annotations

import datetime
import logging
import uuid
from typing import Final

from django.db import transaction

from ..carriers import EventKind
from . import Letters, ways
from .models import Posting, PostingEvent, PostingState

logger = logging.getLogger(__name__)

# A state only goes up. What we gave up may have been taken all the same; what was delivered may still come back.
LADDER: Final = (
    PostingState.QUEUED, PostingState.GIVEN_UP, PostingState.SENT, PostingState.MAILED, PostingState.IN_TRANSIT,
    PostingState.CANCELLED, PostingState.FAILED, PostingState.DELIVERED, PostingState.RETURNED,
)  # fmt: skip
STATES: Final = {
    EventKind.ACCEPTED: PostingState.SENT,
    EventKind.MAILED: PostingState.MAILED,
    EventKind.IN_TRANSIT: PostingState.IN_TRANSIT,
    EventKind.CANCELLED: PostingState.CANCELLED,
    EventKind.FAILED: PostingState.FAILED,
    EventKind.DELIVERED: PostingState.DELIVERED,
    EventKind.RETURNED: PostingState.RETURNED,
}
PATIENCE: Final = datetime.timedelta(days=1)  # for the posting that an event is about to turn up
KEEP: Final = datetime.timedelta(days=30)  # how long events are kept, so that one that comes again is known


def act(*, letters: Letters, now: datetime.datetime, limit: int = 500) -> int:
    """Act on the events that are kept. How many; any number of workers at once."""
    new = PostingEvent.objects.filter(done_at__isnull=True).order_by("received_at", "key")
    done = 0
    for key in list(new.values_list("pk", flat=True)[:limit]):
        with transaction.atomic():
            event = new.select_for_update(skip_locked=True).filter(pk=key).first()
            if event is not None and (_act(event, letters, now) or event.received_at < now - PATIENCE):
                event.done_at = now
                event.save(update_fields=["done_at"])
                done += 1
    PostingEvent.objects.filter(done_at__lt=now - KEEP).delete()
    return done


def _act(event: PostingEvent, letters: Letters, now: datetime.datetime) -> bool:
    """Whether the posting was found."""
    found = _found(event)
    if found is None:
        return False
    letters.lock(found.letter_id)
    row = Posting.objects.select_for_update().get(pk=found.pk)
    state = STATES[EventKind(event.kind)]
    if row.state in LADDER and LADDER.index(state) > LADDER.index(PostingState(row.state)):
        row.state, row.due_at, row.told_at = state, None, event.at
        row.provider_id, row.sent_at = event.provider_id, row.sent_at or now
        row.reason = "provider" if state == PostingState.FAILED else ""
        if state == PostingState.CANCELLED:  # the provider takes nothing for it
            ways.give_back(row)
        row.save()
        letters.changed(row, now=now)
        if state in (PostingState.FAILED, PostingState.RETURNED):
            logger.warning("Letter %s by %s: %s", row.pk, row.provider, state)
    return True


def _found(event: PostingEvent) -> Posting | None:
    rows = Posting.objects.filter(provider=event.provider)
    try:
        return rows.filter(pk=uuid.UUID(event.reference)).first()
    except ValueError:
        return rows.filter(provider_id=event.provider_id).first()
