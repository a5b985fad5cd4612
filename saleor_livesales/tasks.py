"""Celery looks for tasks here: each room's own, gathered."""

from .codes.tasks import expire_codes
from .inbox.tasks import sweep, work_off
from .letters.tasks import letters_post, letters_work
from .members.tasks import (
    members_clock,
    members_codes,
    members_fees,
    members_fees_sweep,
    members_orders,
    members_reconcile,
    members_renew,
)
from .offers.tasks import make_partitions
from .pictures.tasks import sweep_pictures
from .sessions.tasks import mail_inquiries

__all__ = [
    "expire_codes",
    "letters_post",
    "letters_work",
    "mail_inquiries",
    "make_partitions",
    "members_clock",
    "members_codes",
    "members_fees",
    "members_fees_sweep",
    "members_orders",
    "members_reconcile",
    "members_renew",
    "sweep",
    "sweep_pictures",
    "work_off",
]
