"""Pictures of sessions. Their bytes lie encrypted in a storage; the key to them is here and nowhere else."""

import os
import secrets

from django.db import models
from django.db.models import Q

from ..ids import uuid7
from ..sessions.models import Sender


def new_name() -> str:
    return secrets.token_hex(16)


def new_secret() -> bytes:
    return os.urandom(32)


class Picture(models.Model):
    """One picture. The row is there before its files are, and goes after them, so that no file is ever forgotten.

    ``number`` is that of its entry; without one it is not sent: the sender is at it, or it failed. A row whose session
    is gone shows nothing to anybody. Both kinds are swept away (``actions.sweep``).
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    session = models.ForeignKey(
        "saleor_livesales.Session", null=True, on_delete=models.SET_NULL, related_name="pictures", db_index=False
    )
    sender = models.CharField(max_length=8, choices=Sender)
    sender_id = models.UUIDField()  # visitor or rep
    number = models.PositiveIntegerField(null=True)
    name = models.CharField(max_length=32, default=new_name)  # of its files in the storage
    secret = models.BinaryField(max_length=32, default=new_secret)  # opens them
    width = models.PositiveIntegerField(default=0)  # pixels, of the large one
    height = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "number"], name="livesales_picture_number")]
        indexes = [
            models.Index(fields=["sender_id", "created_at"], name="livesales_picture_sender"),
            models.Index(
                fields=["created_at"],
                condition=Q(number__isnull=True) | Q(session__isnull=True),
                name="livesales_picture_waste",
            ),
        ]
