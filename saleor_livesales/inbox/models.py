"""The second lane: what the shop told us and must not be lost (docs/adr/0002)."""

from django.db import models
from django.db.models import Q

from ..ids import uuid7


class ShopEvent(models.Model):
    """One report of the shop, worked off by Celery. ``kind`` is one of ``inbox.kinds``; ``object_id`` a global id."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    kind = models.CharField(max_length=32)
    object_id = models.CharField(max_length=128)
    payload = models.JSONField(default=dict)
    source = models.CharField(max_length=8, default="hook")  # hook, sweep
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)  # type of the last failure; no data

    class Meta:
        indexes = [models.Index(fields=["created_at"], condition=Q(done_at__isnull=True), name="livesales_inbox_open")]


class ShopOrder(models.Model):
    """What we know of an order: whether its consequences were drawn. The sweep compares it with the shop."""

    order_id = models.CharField(max_length=128, primary_key=True)
    user_id = models.CharField(max_length=64, null=True, db_index=True)
    checkout_id = models.CharField(max_length=128, null=True)
    created_seen = models.BooleanField(default=False)
    paid_seen = models.BooleanField(default=False)
    cancelled_seen = models.BooleanField(default=False)
    refunded_seen = models.BooleanField(default=False)
    changed_at = models.DateTimeField()


class SweepMark(models.Model):
    """How far a sweep has come."""

    name = models.CharField(max_length=32, primary_key=True)
    until = models.DateTimeField()
