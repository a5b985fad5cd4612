"""Sign-in codes, what became of them, and the printed pieces that carry some.

No column holds a code that can be read. ``Code.digest`` is what it is known by; ``CodeDelivery.sealed`` holds it
encrypted until it is delivered, and the row is deleted then.
"""

from django.db import models
from django.db.models import F, Q

from ..ids import uuid7


class CodeState(models.TextChoices):
    ISSUED = "issued", "Can be used"
    USED = "used", "Used up"
    EXPIRED = "expired", "Its time is over"
    REVOKED = "revoked", "Revoked"


class HolderKind(models.TextChoices):
    MEMBER = "member", "A member"
    PIECE = "piece", "Everybody who holds a printed piece"
    RECIPIENT = "recipient", "The recipient of a printed piece"


class Purpose(models.TextChoices):
    SIGN_IN = "sign_in", "Signs a member in"
    PRINT = "print", "Leads from print to the shop"


class Code(models.Model):
    """``state`` changes only through ``codes.transitions``; each change is a ``CodeChange``. What is overdue counts as
    expired before its row says so."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    key_id = models.CharField(max_length=32)  # which key made the digest
    digest = models.BinaryField(max_length=32, unique=True)  # HMAC-SHA256 of the code
    hint = models.CharField(max_length=2)  # its last characters, for the owner's list
    state = models.CharField(max_length=8, choices=CodeState, default=CodeState.ISSUED)
    purpose = models.CharField(max_length=16, choices=Purpose)
    holder_kind = models.CharField(max_length=16, choices=HolderKind)
    holder_id = models.CharField(max_length=128)
    opens_kind = models.CharField(max_length=16, choices=HolderKind)
    opens_id = models.CharField(max_length=128)
    channel = models.CharField(max_length=255, blank=True)  # empty: every channel
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)
    max_uses = models.PositiveIntegerField(null=True)  # visitors; None: any number
    uses = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(max_uses__isnull=True) | Q(uses__lte=F("max_uses")), name="livesales_code_uses"
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")), name="livesales_code_period"
            ),
        ]
        indexes = [
            models.Index(fields=["opens_kind", "opens_id", "-created_at", "-id"], name="livesales_code_opens"),
            models.Index(fields=["holder_kind", "holder_id"], name="livesales_code_holder"),
            models.Index(fields=["-created_at", "-id"], name="livesales_code_recent"),
            models.Index(
                fields=["valid_until"],
                condition=Q(state__in=["issued", "used"], valid_until__isnull=False),
                name="livesales_code_due",
            ),
        ]


class CodeChange(models.Model):
    """The log of a code: rows are only ever added."""

    id = models.BigAutoField(primary_key=True)
    code = models.ForeignKey(Code, on_delete=models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=16)  # issued, used, used_up, expired, revoked, delivered, redated
    actor = models.CharField(max_length=160)  # "user:<id>", "visitor:<id>", "system"
    reason = models.CharField(max_length=255, blank=True)
    at = models.DateTimeField()


class CodeDelivery(models.Model):
    """A code on its way to its holder, sealed. Delivered, expired or revoked: the row is deleted."""

    code = models.OneToOneField(Code, on_delete=models.CASCADE, primary_key=True, related_name="delivery")
    key_id = models.CharField(max_length=32)
    sealed = models.BinaryField()  # AES-256-GCM, bound to the code's id
    created_at = models.DateTimeField()


class CodeTries(models.Model):
    """How often something was tried in a quarter of an hour. Names are keyed digests: no address stands here."""

    id = models.BigAutoField(primary_key=True)
    bucket = models.CharField(max_length=64)
    window = models.DateTimeField()
    number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bucket", "window"], name="livesales_tries_bucket")]
        indexes = [models.Index(fields=["window"], name="livesales_tries_window")]


class PieceKind(models.TextChoices):
    CATALOGUE = "catalogue", "Catalogue"
    AD = "ad", "Advertisement"
    MAILING = "mailing", "Mailing"
    OTHER = "other", "Something else"


class PieceState(models.TextChoices):
    ACTIVE = "active", "Its codes can be used"
    REVOKED = "revoked", "Its codes are revoked"


class PrintPiece(models.Model):
    """Something printed that leads to one item of the shop."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=16, choices=PieceKind)
    state = models.CharField(max_length=8, choices=PieceState, default=PieceState.ACTIVE)
    channel = models.CharField(max_length=255)
    product_id = models.CharField(max_length=128)
    variant_id = models.CharField(max_length=128, null=True)
    landing_url = models.CharField(max_length=500)  # the page that a QR code opens; the code goes into its fragment
    personal = models.BooleanField()  # a code for each recipient; else one for all
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    printed_at = models.DateTimeField(null=True)  # from then on its codes can't be read any more
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")), name="livesales_piece_period"
            )
        ]
        indexes = [models.Index(fields=["-created_at", "-id"], name="livesales_piece_recent")]


class PieceOrder(models.Model):
    """An order of a visitor who had entered the piece's code. See ``codes.orders``."""

    order_id = models.CharField(max_length=128, primary_key=True)
    piece = models.ForeignKey(PrintPiece, on_delete=models.CASCADE, related_name="orders", db_index=False)
    placed_at = models.DateTimeField()
    counts = models.BooleanField()  # paid, not cancelled, not given back
    income = models.DecimalField(max_digits=20, decimal_places=3)  # its total, less what was given back
    currency = models.CharField(max_length=3)

    class Meta:
        indexes = [
            models.Index(
                fields=["piece"],
                include=["income", "currency"],
                condition=Q(counts=True),
                name="livesales_piece_orders",
            )
        ]


class PrintRecipient(models.Model):
    """To whom a personal piece goes. ``reference`` is the owner's own name for it, single within the piece."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    piece = models.ForeignKey(PrintPiece, on_delete=models.CASCADE, related_name="recipients", db_index=False)
    reference = models.CharField(max_length=100)
    name = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["piece", "reference"], name="livesales_recipient_once")]
