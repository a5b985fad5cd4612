"""Who is on the site."""

from django.db import models
from django.db.models import Q

from ..ids import uuid7


class Assurance(models.TextChoices):
    """How sure we are who a visitor is. Ordered from least to most."""

    ANONYMOUS = "anonymous", "Seen for the first time"
    COOKIE = "cookie", "Known again by its cookie"
    CODE = "code", "Showed a sign-in code"
    SIGNED_IN = "signed_in", "Signed in to the shop"


class Visitor(models.Model):
    """One browser of one person. Written at its first action with consequences, or by the decider's snapshot."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    user_id = models.CharField(max_length=64, null=True, db_index=True)  # the shop's account, while linked
    name = models.CharField(max_length=255, blank=True)  # of the linked account, else what the visitor gave
    assurance = models.CharField(max_length=16, choices=Assurance, default=Assurance.ANONYMOUS)
    created_at = models.DateTimeField()
    identified_at = models.DateTimeField(null=True)


class VisitorLink(models.Model):
    """The log of links between a visitor and accounts."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    visitor = models.ForeignKey(Visitor, on_delete=models.CASCADE, related_name="links")
    user_id = models.CharField(max_length=64)
    linked = models.BooleanField()  # False: unlinked
    reason = models.CharField(max_length=32)  # signed_in, signed_out, other_account, account_deleted
    at = models.DateTimeField()


class VisitorCheckout(models.Model):
    """A checkout belongs to the first visitor who brought its id."""

    checkout_id = models.CharField(max_length=128, primary_key=True)
    visitor = models.ForeignKey(Visitor, on_delete=models.CASCADE, related_name="checkouts")
    claimed_at = models.DateTimeField()


class VisitorPass(models.Model):
    """What a visitor may by a sign-in code: written when the code is taken, one row for each code and visitor.

    Holder and what is opened are a kind and an id of their rooms. A pass is worth something until it is revoked or runs
    out, and nothing for the account: it says that this browser showed the code.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    visitor = models.ForeignKey(Visitor, on_delete=models.CASCADE, related_name="passes", db_index=False)
    code_id = models.UUIDField()
    holder_kind = models.CharField(max_length=16)
    holder_id = models.CharField(max_length=128)
    opens_kind = models.CharField(max_length=16)
    opens_id = models.CharField(max_length=128)
    channel = models.CharField(max_length=255, blank=True)  # empty: every channel
    at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["visitor", "code_id"], name="livesales_pass_once")]
        indexes = [
            models.Index(fields=["code_id"], name="livesales_pass_code"),
            models.Index(fields=["opens_kind", "opens_id", "at"], name="livesales_pass_opens"),
        ]


class VisitorBlock(models.Model):
    """Staff wants nothing to do with a visitor, nor with any that is signed in to the same account. The rows are the
    log: none is deleted, and lifting one is written into it."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    visitor = models.ForeignKey(Visitor, on_delete=models.CASCADE, related_name="blocks", db_index=False)
    user_id = models.CharField(max_length=64, null=True)  # the account that was linked then
    reason = models.CharField(max_length=500)
    by_user_id = models.CharField(max_length=64)
    by_name = models.CharField(max_length=255)
    at = models.DateTimeField()
    until = models.DateTimeField(null=True)  # None: for good
    lifted_at = models.DateTimeField(null=True)
    lifted_by_user_id = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["visitor"], condition=Q(lifted_at=None), name="livesales_one_block")
        ]
        indexes = [
            models.Index(fields=["user_id"], condition=Q(lifted_at=None), name="livesales_block_user"),
            models.Index(fields=["-at", "-id"], name="livesales_block_recent"),
        ]


class Visit(models.Model):
    """The snapshot of one visit's facts: what the decider knows, and the last event that it applied.

    The facts live in Redis between snapshots; this row is where they come back from.
    ``facts`` is ``visitors.facts.Facts`` as JSON.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    visitor = models.ForeignKey(Visitor, on_delete=models.CASCADE, related_name="visits")
    channel = models.CharField(max_length=255)
    started_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    online = models.BooleanField(default=True)
    current = models.BooleanField(default=True)  # False once a later visit began
    last_event_id = models.CharField(max_length=32)  # Redis stream id
    page_url = models.CharField(max_length=2000, blank=True)
    page_title = models.CharField(max_length=300, blank=True)
    product_id = models.CharField(max_length=128, null=True)
    variant_id = models.CharField(max_length=128, null=True)
    checkout_id = models.CharField(max_length=128, null=True)
    cart_total = models.DecimalField(max_digits=20, decimal_places=3, null=True)
    currency = models.CharField(max_length=3, blank=True)
    facts = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["visitor"], condition=Q(current=True), name="livesales_one_current_visit")
        ]
        # The list is in an order that stays during a visit. The last sign is there for counting without the rows.
        indexes = [
            models.Index(
                fields=["-started_at", "-id"], condition=Q(online=True, current=True), name="livesales_visit_arrived"
            ),
            models.Index(
                fields=["channel", "-started_at", "-id"],
                condition=Q(online=True, current=True),
                include=["last_seen_at"],
                name="livesales_visit_arrived_in",
            ),
            models.Index(
                fields=["last_seen_at", "id"], condition=Q(online=True, current=True), name="livesales_visit_seen"
            ),
        ]
