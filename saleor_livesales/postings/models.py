"""How a channel's letters go, what the provider's letters cost each month, each of them, and what providers told."""

from django.db import models
from django.db.models import Q

from ..carriers import EventKind
from ..ids import uuid7


class Way(models.TextChoices):
    PRINT = "print", "The store prints them"
    PROVIDER = "provider", "A provider prints and mails them"


class PostingSettings(models.Model):
    """One row a channel; a channel without a row prints its letters itself."""

    channel = models.CharField(max_length=255, primary_key=True)  # slug
    way = models.CharField(max_length=8, choices=Way, default=Way.PRINT)
    provider = models.CharField(max_length=16, blank=True)
    price = models.DecimalField(max_digits=12, decimal_places=3, default=0)  # of a letter, as the owner says
    monthly_limit = models.DecimalField(max_digits=12, decimal_places=3, default=0)
    currency = models.CharField(max_length=3, blank=True)  # of both
    color = models.BooleanField(default=False)
    # The sender, as the provider prints it and as letters come back to.
    sender_name = models.CharField(max_length=100, blank=True)
    sender_line1 = models.CharField(max_length=200, blank=True)
    sender_line2 = models.CharField(max_length=200, blank=True)
    sender_city = models.CharField(max_length=200, blank=True)
    sender_area = models.CharField(max_length=100, blank=True)
    sender_postal_code = models.CharField(max_length=40, blank=True)
    sender_country = models.CharField(max_length=2, blank=True)
    updated_at = models.DateTimeField()
    updated_by = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(way="print") | (Q(price__gt=0) & ~Q(provider="") & ~Q(currency="")),
                name="livesales_posting_settings_way",
            )
        ]


class PostingMonth(models.Model):
    """What a channel's letters cost in a month (UTC). Booked in the transaction that claims a letter."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    channel = models.CharField(max_length=255)
    month = models.DateField()  # its first day
    currency = models.CharField(max_length=3)
    spent = models.DecimalField(max_digits=12, decimal_places=3, default=0)
    letters = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "month", "currency"], name="livesales_posting_month_one"),
            models.CheckConstraint(condition=Q(spent__gte=0), name="livesales_posting_month_spent"),
        ]


class PostingState(models.TextChoices):
    QUEUED = "queued", "To be sent"
    SENT = "sent", "The provider took it"
    MAILED = "mailed", "Handed to the post"
    IN_TRANSIT = "in_transit", "On its way"
    DELIVERED = "delivered", "Delivered"
    RETURNED = "returned", "Came back"
    UNDELIVERABLE = "undeliverable", "The provider says that nothing can be delivered there"
    FAILED = "failed", "The provider could not print or mail it"
    CANCELLED = "cancelled", "Taken back before it was printed"
    GIVEN_UP = "given_up", "The provider could not be reached"


class Posting(models.Model):
    """A letter that goes by a provider. Its id is the reference that the provider gives back."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    letter_id = models.UUIDField()
    round = models.PositiveSmallIntegerField()
    channel = models.CharField(max_length=255)
    provider = models.CharField(max_length=16)
    state = models.CharField(max_length=13, choices=PostingState, default=PostingState.QUEUED)
    cost = models.DecimalField(max_digits=12, decimal_places=3)
    month = models.ForeignKey(PostingMonth, on_delete=models.PROTECT, related_name="+", db_index=False)
    refunded = models.BooleanField(default=False)  # nothing was printed: taken off the month again
    address = models.CharField(max_length=13, blank=True)  # carriers.Deliverability; empty: not asked yet
    attempts = models.PositiveSmallIntegerField(default=0)  # that failed
    reason = models.CharField(max_length=64, blank=True)  # of the last failure, or of the state; no data of anybody's
    due_at = models.DateTimeField(null=True)  # when it is sent next, or taken back, or a lease ends
    tried_at = models.DateTimeField(null=True)  # when it was first given to the provider
    provider_id = models.CharField(max_length=64, blank=True)
    withdrawn_at = models.DateTimeField(null=True)  # when it was asked back
    expected_on = models.DateField(null=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)  # when the state's event happened, by the provider's clock

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["letter_id", "round"], name="livesales_posting_round"),
            models.CheckConstraint(
                condition=Q(state="queued", due_at__isnull=False)
                | Q(state="sent")  # due: to be taken back
                | ~Q(state__in=["queued", "sent"]) & Q(due_at__isnull=True),
                name="livesales_posting_due",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="livesales_posting_work"),
            models.Index(fields=["provider_id"], condition=~Q(provider_id=""), name="livesales_posting_provider"),
        ]


class PostingEvent(models.Model):
    """What a provider told of a letter, kept before it is acted on. Told twice, it is one row."""

    key = models.CharField(max_length=64, primary_key=True)  # SHA-256 over the provider and its event's id
    provider = models.CharField(max_length=16)
    kind = models.CharField(max_length=10, choices=[(str(kind), str(kind)) for kind in EventKind])
    reference = models.CharField(max_length=64, blank=True)  # Posting.id; empty: not given back
    provider_id = models.CharField(max_length=64)
    at = models.DateTimeField()  # when it happened, by the provider's clock
    received_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)  # acted on

    class Meta:
        indexes = [
            models.Index(fields=["received_at"], condition=Q(done_at__isnull=True), name="livesales_posting_event_new")
        ]
