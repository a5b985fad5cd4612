"""What providers told of members' mails: where a code's mail stands, and to which addresses nothing is mailed any more.

Reports come twice, late and in any order, and some before the worker that sent the mail has noted that it did. They are
kept first (``mails.webhooks``) and acted on here, by a task, as often as it takes: a state only goes up its ladder.
"""

from __future__ import annotations

import datetime
import logging
import uuid
from typing import Final

from django.db import transaction

from ..codes import actions
from ..fees.models import Fee
from ..mails.models import MailBounce, MailEvent, MailEventKind
from ..mails.webhooks import address_digest
from .models import MailState, MemberCode, Renewal

logger = logging.getLogger(__name__)

# What we gave up may have been taken all the same. A mail that was delivered may still come back; what came back was
# not delivered, whatever is told later.
LADDER: Final = (
    MailState.FAILED, MailState.SENT, MailState.DELIVERED, MailState.OPENED, MailState.BOUNCED, MailState.COMPLAINED,
)  # fmt: skip
PATIENCE: Final = datetime.timedelta(days=1)  # for the mail that an event is about to turn up
KEEP: Final = datetime.timedelta(days=30)  # how long events are kept, so that one that comes again is known


def stopped(*, user_id: str, address: str) -> bool:
    """Whether a mail to this address of the account came back for good, or was called spam."""
    return MailBounce.objects.filter(user_id=user_id, address=address_digest(address)).exists()


def lift(*, user_id: str) -> int:
    """Mail this account again: its address works, says the owner. How many addresses were stopped."""
    return MailBounce.objects.filter(user_id=user_id).delete()[0]


def act(*, now: datetime.datetime, limit: int = 500) -> int:
    """Act on the events that are kept. How many; any number of workers at once."""
    new = MailEvent.objects.filter(done_at__isnull=True).order_by("received_at", "key")
    done = 0
    for key in list(new.values_list("pk", flat=True)[:limit]):
        with transaction.atomic():
            event = new.select_for_update(skip_locked=True).filter(pk=key).first()
            if event is not None and (_act(event) or event.received_at < now - PATIENCE):
                event.done_at = now
                event.save(update_fields=["done_at"])
                done += 1
    MailEvent.objects.filter(done_at__lt=now - KEEP).delete()
    return done


def _act(event: MailEvent) -> bool:
    """Whether the mail was found."""
    kind, _, rest = event.mail.partition("-")
    user_id = None
    if kind == "renewal":
        renewal = Renewal.objects.select_related("membership").filter(pk=_uuid(rest[:36])).first()
        user_id = renewal.membership.user_id if renewal else None
    elif kind == "fee":
        fee = Fee.objects.filter(pk=_uuid(rest)).first()
        user_id = fee.user_id if fee else None
    else:
        code = _code(event, rest if kind == "code" else "")
        if code is not None and code.mail_state != MailState.QUEUED:  # that is about to be noted, or mailed once more
            user_id = code.membership.user_id
            _raise(code, event)
    if user_id is None:
        return False
    if event.hard and event.address:
        MailBounce.objects.get_or_create(
            user_id=user_id, address=event.address, defaults={"kind": event.kind, "at": event.at}
        )
        logger.warning("Nothing more is mailed to an address of account %s: %s", user_id, event.kind)
    return True


def _code(event: MailEvent, name: str) -> MemberCode | None:
    """The row that was mailed, locked; None too while somebody is sending it."""
    rows = MemberCode.objects.select_for_update(skip_locked=True, of=("self",)).select_related("membership")
    if key := _uuid(name):
        return rows.filter(pk=key).first()
    return rows.filter(provider_id=event.provider_id).first() if event.provider_id else None


def _raise(code: MemberCode, event: MailEvent) -> None:
    state = {
        MailEventKind.DELIVERED: MailState.DELIVERED, MailEventKind.OPENED: MailState.OPENED,
        MailEventKind.BOUNCED: MailState.BOUNCED, MailEventKind.COMPLAINED: MailState.COMPLAINED,
    }[MailEventKind(event.kind)]  # fmt: skip
    standing = code.mail_state
    if standing in LADDER and LADDER.index(state) > LADDER.index(MailState(standing)):
        code.mail_state, code.told_at = state, event.at
        code.save(update_fields=["mail_state", "told_at"])
        if state in (MailState.DELIVERED, MailState.OPENED):
            actions.delivered(code_ids=[code.code_id], actor="system", reason="mailed", now=event.at)


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
