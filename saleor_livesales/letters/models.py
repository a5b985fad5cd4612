"""How a channel's letters look, each letter, and the batches in which the store prints them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from ..ids import uuid7
from ..members.models import MemberCode


class LetterForm(models.TextChoices):
    DIN5008B = "din5008b", "A4, window of DIN 5008 form B"
    US10 = "us10", "US Letter, window of a #10 envelope"


class LetterStyle(models.Model):
    """One row a channel; without a row its letters have no sender, and are not drawn."""

    channel = models.CharField(max_length=255, primary_key=True)  # slug
    form = models.CharField(max_length=8, choices=LetterForm, default=LetterForm.DIN5008B)
    sender = models.TextField(blank=True)  # a line each: the letter's head
    return_line = models.CharField(max_length=120, blank=True)  # above the address, in the window
    country = models.CharField(
        max_length=2, blank=True
    )  # where they are posted: the address of one there has no country
    logo = models.BinaryField(null=True)  # PNG
    words = models.JSONField(default=dict)  # by language: subject, text, closing
    updated_at = models.DateTimeField()
    updated_by = models.CharField(max_length=64, blank=True)


class BatchState(models.TextChoices):
    DRAWING = "drawing", "Its pages are being drawn"
    READY = "ready", "Its file can be printed"
    PRINTED = "printed", "Printed"
    HANDED_OVER = "handed_over", "Handed over to the post"
    FAILED = "failed", "It could not be drawn"
    EMPTY = "empty", "No letter was left to print"


class LetterBatch(models.Model):
    """Letters in one file, which lies in the shop's private storage, sealed by ``secret``, until it is handed over."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    channel = models.CharField(max_length=255)
    state = models.CharField(max_length=12, choices=BatchState, default=BatchState.DRAWING)
    total = models.PositiveIntegerField()
    drawn = models.PositiveIntegerField(default=0)
    secret = models.BinaryField(null=True)  # erased with the file
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=64)
    ready_at = models.DateTimeField(null=True)
    printed_at = models.DateTimeField(null=True)
    handed_over_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=64, blank=True)  # kind of the last one; no data of anybody's
    work_at = models.DateTimeField(null=True)  # when it is drawn, or its file is removed, next; None: nothing to do

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(drawn__lte=models.F("total")), name="livesales_batch_drawn"),
            models.CheckConstraint(
                condition=~Q(state="drawing") | Q(work_at__isnull=False), name="livesales_batch_drawing"
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="livesales_batch_recent"),
            models.Index(fields=["work_at"], condition=Q(work_at__isnull=False), name="livesales_batch_work"),
        ]


class LetterState(models.TextChoices):
    QUEUED = "queued", "To be printed"
    BATCHED = "batched", "In a batch"
    POSTING = "posting", "Being given to the provider"
    PRINTED = "printed", "Printed"
    HANDED_OVER = "handed_over", "Handed over to the post"
    NO_ADDRESS = "no_address", "The account has no postal address"
    BAD_ADDRESS = "bad_address", "Nothing can be delivered to the account's address"
    FAILED = "failed", "The provider could not print or mail it"
    UNDELIVERABLE = "undeliverable", "It came back"
    CANCELLED = "cancelled", "Its code ended before it was handed over"


class Letter(models.Model):
    """A member's sign-in code on its way by post. Its address is asked of the shop when it is drawn, and not kept."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    number = models.CharField(max_length=12, unique=True)  # on the paper, to know it again by; opens nothing
    member_code = models.OneToOneField(MemberCode, on_delete=models.CASCADE, related_name="letter")
    channel = models.CharField(max_length=255)
    state = models.CharField(max_length=13, choices=LetterState, default=LetterState.QUEUED)
    round = models.PositiveSmallIntegerField(default=0)  # how often it was given to a provider
    batch = models.ForeignKey(LetterBatch, null=True, on_delete=models.PROTECT, related_name="letters")
    language = models.CharField(max_length=2, blank=True)  # in which it was drawn
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=64, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["batched", "printed"], batch__isnull=False)
                | Q(state__in=["handed_over", "undeliverable"]) & (Q(batch__isnull=False) | Q(round__gt=0))
                | Q(state__in=["queued", "posting", "no_address", "bad_address", "failed"], batch__isnull=True)
                | Q(state="cancelled"),
                name="livesales_letter_batch",
            )
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="livesales_letter_recent"),
            models.Index(fields=["channel", "created_at"], condition=Q(state="queued"), name="livesales_letter_queue"),
        ]
