"""What a store set for its mails in a channel, and what mail providers told of them."""

from django.db import models
from django.db.models import Q

from ..ids import uuid7


class MailSettings(models.Model):
    """One row a channel; a channel without a row mails as the deployment does."""

    channel = models.CharField(max_length=255, primary_key=True)  # slug
    sender = models.CharField(max_length=254, blank=True)  # an address, or "Name <address>"; empty: LIVESALES_MAIL_FROM
    reply_to = models.CharField(max_length=254, blank=True)
    unsubscribe = models.CharField(max_length=500, blank=True)  # https: or mailto:, for List-Unsubscribe
    updated_at = models.DateTimeField()
    updated_by = models.CharField(max_length=64, blank=True)


class TemplateName(models.TextChoices):
    MEMBER_CODE = "member_code", "A member's sign-in code"
    RENEWAL = "renewal", "A renewal is to be paid"


class MailTemplate(models.Model):
    """A mail as the owner wrote it in the Dashboard, for one channel and language. Goes before all files."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    channel = models.CharField(max_length=255)
    template = models.CharField(max_length=32, choices=TemplateName)
    language = models.CharField(max_length=35)
    subject = models.CharField(max_length=500)
    text = models.TextField()
    html = models.TextField()
    updated_at = models.DateTimeField()
    updated_by = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "template", "language"], name="livesales_mail_template_one")
        ]


class MailEventKind(models.TextChoices):
    DELIVERED = "delivered", "The recipient's mail server took it"
    OPENED = "opened", "Opened"
    BOUNCED = "bounced", "It did not arrive, and never will"
    COMPLAINED = "complained", "The recipient called it spam"


class MailEvent(models.Model):
    """What a provider told of a mail, kept before it is acted on. Told twice, it is one row."""

    key = models.CharField(max_length=64, primary_key=True)  # SHA-256 over what tells one event from another
    mail = models.CharField(max_length=64, blank=True)  # as in the Message-ID: code-…, renewal-…; empty: not given back
    provider_id = models.CharField(max_length=255, blank=True)  # what the provider calls the mail
    kind = models.CharField(max_length=10, choices=MailEventKind)
    hard = models.BooleanField(default=False)  # nothing is to be mailed to this address any more
    address = models.CharField(max_length=64, blank=True)  # SHA-256
    at = models.DateTimeField()  # when it happened, by the provider's clock
    received_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)  # acted on

    class Meta:
        indexes = [
            models.Index(fields=["received_at"], condition=Q(done_at__isnull=True), name="livesales_mail_event_new")
        ]


class MailBounce(models.Model):
    """An address of an account to which nothing is mailed any more."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    user_id = models.CharField(max_length=255)  # global id
    address = models.CharField(max_length=64)  # SHA-256: a new address of the account is mailed again
    kind = models.CharField(max_length=10, choices=MailEventKind)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user_id", "address"], name="livesales_mail_bounce_one")]
