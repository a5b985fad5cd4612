"""Saved payment methods, charges of them, and what providers told. Imported by ``saleor_livesales.models``."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from ..ids import uuid7


class MethodState(models.TextChoices):
    ASKED = "asked", "The provider's page was opened for it"
    SAVED = "saved", "It may be charged"
    REMOVED = "removed", "Its owner, staff, or another method took its place"
    LOST = "lost", "The provider has it no more"
    EXPIRED = "expired", "The provider's page was left without it"


class SavedMethod(models.Model):
    """A payment method of an account, kept by a provider: no number of it is here but the last digits."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    user_id = models.CharField(max_length=64)
    collector = models.CharField(max_length=16)
    customer_ref = models.CharField(max_length=255, blank=True)
    method_ref = models.CharField(max_length=255, blank=True)
    link_ref = models.CharField(max_length=255, blank=True)
    kind = models.CharField(max_length=32, blank=True)
    brand = models.CharField(max_length=32, blank=True)
    last_digits = models.CharField(max_length=4, blank=True)
    expires = models.DateField(null=True)  # the first day on which it does not work
    state = models.CharField(max_length=8, choices=MethodState, default=MethodState.ASKED)
    created_at = models.DateTimeField()
    saved_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)  # of the work below, in a row that failed
    work_at = models.DateTimeField(null=True)  # when the provider is asked or told of it next; None: nothing to do

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user_id"], condition=Q(state="saved"), name="livesales_method_one"),
            models.UniqueConstraint(
                fields=["collector", "link_ref"], condition=~Q(link_ref=""), name="livesales_method_link"
            ),
            models.CheckConstraint(
                condition=~Q(state="saved") | Q(saved_at__isnull=False) & ~Q(method_ref=""),
                name="livesales_method_saved",
            ),
        ]
        indexes = [
            models.Index(fields=["user_id", "-created_at"], name="livesales_method_of"),
            models.Index(fields=["method_ref"], condition=~Q(method_ref=""), name="livesales_method_ref"),
            models.Index(fields=["work_at"], condition=Q(work_at__isnull=False), name="livesales_method_work"),
        ]


class FeeState(models.TextChoices):
    PLANNED = "planned", "About to be made at the provider"
    MADE = "made", "Made there, and not charged"
    PENDING = "pending", "The bank has not answered yet"
    PAID = "paid", "Charged"
    REFUSED = "refused", "The bank refused"
    DROPPED = "dropped", "Given up before it was charged: not owed any more"
    RETURNING = "returning", "Charged, and not owed any more: about to be given back"
    RETURNED = "returned", "Charged and given back at once"


class Fee(models.Model):
    """One try to charge a method for an order. Charged at most once; what was charged is in the shop's books."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    user_id = models.CharField(max_length=64)
    method = models.ForeignKey(SavedMethod, on_delete=models.PROTECT, related_name="fees")
    reference = models.CharField(max_length=64)  # what it is for, as who asked for it calls that: a renewal's id
    order_id = models.CharField(max_length=128)
    order_number = models.CharField(max_length=64)
    number = models.PositiveSmallIntegerField()  # which of the days it is tried on, from 1
    amount = models.DecimalField(max_digits=20, decimal_places=3)
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=10, choices=FeeState, default=FeeState.PLANNED)
    charge_ref = models.CharField(max_length=255, blank=True)
    reason = models.CharField(max_length=64, blank=True)  # of the refusal, as the provider calls it
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField(null=True)  # when the shop's books had it
    noticed_at = models.DateTimeField(null=True)  # when its owner was told of the refusal
    attempts = models.PositiveSmallIntegerField(default=0)  # in a row at which the provider could not be asked
    error = models.CharField(max_length=64, blank=True)  # of the last one; no data of the customer
    work_at = models.DateTimeField(null=True)  # when it is looked at next; None: nothing to do

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order_id", "method", "number"], name="livesales_fee_once"),
            models.UniqueConstraint(
                fields=["order_id"], condition=Q(state__in=["planned", "made", "pending"]), name="livesales_fee_open"
            ),
            models.UniqueConstraint(
                fields=["charge_ref"], condition=~Q(charge_ref=""), name="livesales_fee_charge_ref"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="livesales_fee_amount"),
            models.CheckConstraint(
                condition=Q(state__in=["planned", "made", "pending", "returning"], work_at__isnull=False)
                | Q(state="paid", recorded_at__isnull=True, work_at__isnull=False)
                | Q(state="paid", recorded_at__isnull=False)
                | Q(state__in=["refused", "dropped", "returned"], work_at__isnull=True),
                name="livesales_fee_work",
            ),
        ]
        indexes = [
            models.Index(fields=["order_id", "-created_at"], name="livesales_fee_of_order"),
            models.Index(fields=["reference", "-created_at"], name="livesales_fee_of"),
            models.Index(fields=["work_at"], condition=Q(work_at__isnull=False), name="livesales_fee_work_at"),
        ]


class RefundState(models.TextChoices):
    ASKED = "asked", "To be asked for at the provider"
    MADE = "made", "The provider has it, and tells what becomes of it"
    REFUSED = "refused", "The provider won't"


class FeeRefund(models.Model):
    """What staff of the shop wants to go back of a charge. Its id is the reference in the shop's books."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    fee = models.ForeignKey(Fee, on_delete=models.PROTECT, related_name="refunds")
    asked_as = models.CharField(max_length=128, unique=True)  # what the shop calls this request
    amount = models.DecimalField(max_digits=20, decimal_places=3)
    state = models.CharField(max_length=8, choices=RefundState, default=RefundState.ASKED)
    reason = models.CharField(max_length=64, blank=True)  # of the refusal, as the provider calls it, or of the last try
    asked_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)  # in a row at which the provider could not be asked
    work_at = models.DateTimeField(null=True)  # when it is tried next; None: nothing to do

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="livesales_fee_refund_amount"),
            models.CheckConstraint(
                condition=Q(state="asked", work_at__isnull=False)
                | Q(state__in=["made", "refused"], work_at__isnull=True),
                name="livesales_fee_refund_work",
            ),
        ]
        indexes = [
            models.Index(fields=["work_at"], condition=Q(work_at__isnull=False), name="livesales_fee_refund_due"),
        ]


class FeesSwept(models.Model):
    """A row for each provider: up to when it was asked what it told."""

    collector = models.CharField(max_length=16, primary_key=True)
    until = models.DateTimeField()


class FeeEvent(models.Model):
    """What a provider told, kept before it is acted on; once, however often it is told."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    collector = models.CharField(max_length=16)
    event_id = models.CharField(max_length=255)
    kind = models.CharField(max_length=8)
    charge_ref = models.CharField(max_length=255, blank=True)
    link_ref = models.CharField(max_length=255, blank=True)
    method_ref = models.CharField(max_length=255, blank=True)
    received_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    work_at = models.DateTimeField(null=True)  # None: acted on

    class Meta:
        constraints = [models.UniqueConstraint(fields=["collector", "event_id"], name="livesales_fee_event_once")]
        indexes = [
            models.Index(fields=["work_at"], condition=Q(work_at__isnull=False), name="livesales_fee_event_work"),
            models.Index(fields=["received_at"], name="livesales_fee_event_age"),
        ]
