"""Sign-in codes on their way to members by mail.

A code is read where it is sealed, while its mail is composed, and erased in the transaction that notes the mail as
sent. Each mail is claimed by its row lock until the server took it: two workers never send the same one, and a crash
in between sends it once more, the same code under the same Message-ID.
"""

from __future__ import annotations

import datetime
import logging
from typing import Final

from django.db import transaction

from .. import mails, shop
from ..codes import actions, alphabet
from ..codes.files import FRAGMENT
from ..mails.models import TemplateName
from . import periods, tracking
from .models import MailState, MemberCode

logger = logging.getLogger(__name__)

ATTEMPTS: Final = 12  # with the pauses below, about two days
LONGEST_PAUSE: Final = datetime.timedelta(hours=6)
TEMPLATE: Final = str(TemplateName.MEMBER_CODE)


def mail_due(*, now: datetime.datetime, limit: int = 100) -> int:
    """Mail what is due, ``limit`` at most. How many were sent."""
    due = MemberCode.objects.filter(due_at__lte=now)
    sent = 0
    for key in list(due.order_by("due_at", "id").values_list("pk", flat=True)[:limit]):
        with transaction.atomic():
            locked = due.select_for_update(skip_locked=True, of=("self",)).select_related("membership__plan")
            row = locked.filter(pk=key).first()
            if row is not None:
                sent += _mail(row, now)
    return sent


def _mail(row: MemberCode, now: datetime.datetime) -> bool:
    row.attempts += 1
    try:
        row.error = _send(row)
    except Exception as error:  # whatever it is, its text may quote the mail: only its kind is told
        row.error = type(error).__name__[:64]
        pause = min(datetime.timedelta(minutes=2**row.attempts), LONGEST_PAUSE)
        row.due_at = now + pause
        if row.attempts >= ATTEMPTS:
            row.mail_state, row.due_at = MailState.FAILED, None
        logger.warning("Code %s could not be mailed (attempt %d of %d): %s", row.pk, row.attempts, ATTEMPTS, row.error)
    else:
        row.due_at = None
        row.mail_state = MailState.FAILED if row.error else MailState.SENT
        if not row.error:
            row.sent_at = now
            actions.delivered(code_ids=[row.code_id], actor="system", reason="mailed", now=now)
    row.save(update_fields=["attempts", "error", "due_at", "mail_state", "sent_at", "language", "provider_id"])
    return row.mail_state == MailState.SENT


def _send(row: MemberCode) -> str:
    """Compose and hand over. Why it can never be mailed; empty where it was."""
    membership = row.membership
    customer = shop.current().customers([membership.user_id]).get(membership.user_id)
    if customer is None or not customer.email or any(character in customer.email for character in "\r\n\0"):
        return "no_address"
    if tracking.stopped(user_id=membership.user_id, address=customer.email):
        return "bounced_before"
    secret = actions.readable(code_ids=[row.code_id]).get(row.code_id)
    if secret is None:
        return "erased"
    plan = membership.plan
    shown = alphabet.written(secret.reveal())
    facts = {
        "name": " ".join(customer.name.split()),
        "plan": plan.name,
        "code": shown,
        "until": periods.end_of(membership, row.number).astimezone(periods.zone(membership.time_zone)),
        "link": plan.sign_in_url + FRAGMENT + shown if plan.sign_in_url else "",
    }
    row.language = customer.language[:35]
    composed = mails.compose(
        template=TEMPLATE,
        channel=membership.channel,
        language=customer.language,
        facts=facts,
        to=customer.email,
        message_id=f"code-{row.pk}",
        connection=mails.connect(),
    )
    composed.send(fail_silently=False)
    row.provider_id = mails.provider_id(composed)
    return ""
