"""Messages that visitors leave when nobody can answer, and their way to the store by mail."""

from __future__ import annotations

import datetime
import logging
import uuid
from email.utils import parseaddr
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet

from .. import conf, mails, shop
from ..channels.models import ChannelSettings
from ..errors import Invalid, LiveSalesError
from ..visitors import actions as visitor_actions
from . import gates
from .actions import check_text
from .models import Inquiry

logger = logging.getLogger(__name__)

PER_HOUR: Final = 5  # inquiries that one visitor may leave in an hour
EMAIL_LIMIT: Final = 254
ATTEMPTS: Final = 12  # with the pauses below, about two days
LONGEST_PAUSE: Final = datetime.timedelta(hours=6)


class TooFrequent(LiveSalesError):
    """The visitor left too many messages in a short time."""

    code = "TOO_FREQUENT"


def create(
    *,
    visitor_id: uuid.UUID,
    channel: str,
    key: uuid.UUID,
    email: str,
    text: str,
    product_id: str | None,
    now: datetime.datetime,
) -> Inquiry:
    """Keep a message and the address to answer to; it is mailed soon after. ``key`` is the visitor's own: sent again,
    the inquiry that was made first comes back unchanged.

    Raises Invalid (email, text, productId), TooLong, TooFrequent, Inactive, ChannelInactive.
    """
    if found := Inquiry.objects.filter(visitor_id=visitor_id, key=key).first():
        return found
    gates.active_channel(channel)
    address = _checked_email(email)
    check_text(text)
    gates.find_item(channel=channel, product_id=product_id, variant_id=None)
    visitor_actions.ensure(visitor_id=visitor_id, now=now)
    hour = now - datetime.timedelta(hours=1)
    if Inquiry.objects.filter(visitor_id=visitor_id, created_at__gt=hour).count() >= PER_HOUR:
        raise TooFrequent("You have left several messages already. Try again later.")
    try:
        with transaction.atomic():
            return Inquiry.objects.create(
                visitor_id=visitor_id,
                channel=channel,
                key=key,
                email=address,
                text=text,
                product_id=product_id,
                created_at=now,
                due_at=now,
            )
    except IntegrityError:  # the same request, sent twice at once
        return Inquiry.objects.get(visitor_id=visitor_id, key=key)


def _checked_email(email: str) -> str:
    address = email.strip()
    try:
        validate_email(address)
    except ValidationError:
        address = ""
    if not address or len(address) > EMAIL_LIMIT or any(character in address for character in "\r\n\0,;<>"):
        raise Invalid("This is not an e-mail address.", field="email")
    return address


def due(now: datetime.datetime) -> QuerySet[Inquiry]:
    """Those to be mailed now. Where the owner gave no contact address they wait until there is one."""
    reachable = ChannelSettings.objects.filter(channel=OuterRef("channel")).exclude(contact_email="")
    return Inquiry.objects.filter(Exists(reachable), due_at__lte=now).order_by("due_at", "id")


def mail_due(*, now: datetime.datetime, limit: int = 100) -> int:
    """Mail what is due, ``limit`` at most. How many were sent.

    Each is claimed by its row lock until the mail server took it, so that two workers never send the same one. A crash
    between sending and committing sends it once more, under the same Message-ID. A failure is tried again, later each
    time, and given up after ``ATTEMPTS``.
    """
    waiting = list(due(now).values_list("pk", "channel", "product_id")[:limit])
    items = shop.current().items([(channel, product, None) for _, channel, product in waiting if product])
    sent = 0
    for inquiry_id, channel, product_id in waiting:
        item = items.get((channel, product_id, None)) if product_id else None
        with transaction.atomic():
            inquiry = due(now).select_for_update(skip_locked=True, of=("self",)).filter(pk=inquiry_id).first()
            if inquiry is not None:
                sent += _mail(inquiry, item, now)
    return sent


def _mail(inquiry: Inquiry, item: shop.Item | None, now: datetime.datetime) -> bool:
    inquiry.attempts += 1
    contact = ChannelSettings.objects.values_list("contact_email", flat=True).get(channel=inquiry.channel)
    try:
        compose(inquiry=inquiry, contact=contact, item=item, connection=mails.connect()).send(fail_silently=False)
    except Exception as error:
        pause = min(datetime.timedelta(minutes=2**inquiry.attempts), LONGEST_PAUSE)
        inquiry.due_at = None if inquiry.attempts >= ATTEMPTS else now + pause
        logger.warning(
            "Inquiry %s could not be mailed (attempt %d of %d): %s",
            inquiry.pk, inquiry.attempts, ATTEMPTS, type(error).__name__,
        )  # fmt: skip
    else:
        inquiry.due_at = None
        inquiry.mailed_at = now
    inquiry.save(update_fields=["attempts", "due_at", "mailed_at"])
    return inquiry.mailed_at is not None


def compose(*, inquiry: Inquiry, contact: str, item: shop.Item | None, connection: Any) -> EmailMessage:
    """The mail to the store. The visitor's words are in the body alone; answering it reaches the visitor."""
    sender = conf.load().mail_from
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    lines = [f"From: {inquiry.email}", f"Channel: {inquiry.channel}"]
    if item is not None:
        lines.append(f"Product: {' '.join(item.name.split())}")
    return EmailMessage(
        subject=f"A visitor left a message ({inquiry.channel})",
        body="\n".join([*lines, "", inquiry.text, ""]),
        from_email=sender,
        to=[contact],
        reply_to=[inquiry.email],
        headers={"Message-ID": f"<inquiry-{inquiry.pk}@{domain}>"},
        connection=connection,
    )
