"""Offers of help, and why each was made or not made."""

from django.db import models
from django.db.models import Q

from ..ids import uuid7


class OfferState(models.TextChoices):
    OPEN = "open", "Shown to the visitor"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"
    EXPIRED = "expired", "Ran out"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Offer(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7)
    visitor = models.ForeignKey("saleor_livesales.Visitor", on_delete=models.CASCADE, related_name="offers")
    visit_id = models.UUIDField()
    channel = models.CharField(max_length=255)
    state = models.CharField(max_length=16, choices=OfferState, default=OfferState.OPEN)
    rule = models.CharField(max_length=64)
    forms = models.JSONField(default=list)
    greeting = models.CharField(max_length=500, blank=True)
    product_id = models.CharField(max_length=128, null=True)
    variant_id = models.CharField(max_length=128, null=True)
    rep = models.ForeignKey(  # who made it by hand, and is asked first when it is accepted
        "saleor_livesales.Rep", null=True, on_delete=models.SET_NULL, related_name="offers", db_index=False
    )
    event_id = models.CharField(max_length=32)  # what led to it: seen twice, it makes one offer
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["visitor"], condition=Q(state="open"), name="livesales_one_open_offer"),
            models.UniqueConstraint(fields=["visitor", "event_id"], name="livesales_one_offer_an_event"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="open"), name="livesales_offer_due"),
            models.Index(fields=["rep"], condition=Q(state="open", rep__isnull=False), name="livesales_offer_rep"),
        ]


class Decision(models.Model):
    """What was decided on a visit, and from which facts: a row for each offer and each new reason for silence.

    The table is partitioned by month of ``at`` (see the migration): dropping a month is how it is kept short.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    at = models.DateTimeField()
    visitor_id = models.UUIDField()
    visit_id = models.UUIDField()
    channel = models.CharField(max_length=255)
    event_id = models.CharField(max_length=32)
    outcome = models.CharField(max_length=16)  # offer, silence
    rule = models.CharField(max_length=64)  # the rule that decided
    reason = models.CharField(max_length=64)
    explanation = models.JSONField(default=list)  # each rule with what it compared
    facts = models.JSONField(default=dict)
    offer_id = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["visitor_id", "-at"], name="livesales_decision_visitor")]
