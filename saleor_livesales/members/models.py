"""Plans, memberships, and the books: what was paid, what was asked for, and every change with who made it."""

import datetime

from django.db import models
from django.db.models import F, Q

from ..codes.models import Code
from ..ids import uuid7


class Arrangement(models.TextChoices):
    """What happens when a member comes. A later one includes those before it."""

    RULES = "rules", "As for everybody, by the channel's rules"
    REQUEST = "request", "May ask, also where the channel takes no requests; nothing is offered"
    OFFER = "offer", "Is offered help, whatever it looks at"
    CONNECT = "connect", "Is connected at once"


class Plan(models.Model):
    """What a member has and what it costs: the price is that of a product variant of the shop, in each channel."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    name = models.CharField(max_length=120)
    level = models.PositiveSmallIntegerField(default=1)  # a higher one is shown before a lower
    product_id = models.CharField(max_length=128)
    variant_id = models.CharField(max_length=128, unique=True)
    period = models.CharField(max_length=16)  # ISO 8601; stays once somebody is a member
    trial = models.CharField(max_length=16, blank=True)  # ISO 8601; empty: none
    grace_days = models.PositiveSmallIntegerField(default=0)
    time_zone = models.CharField(max_length=64, default="UTC")  # IANA name; in its wall time the periods end
    payment_url = models.CharField(max_length=500, blank=True)  # the storefront's; {order} is the order's id
    sign_in_url = models.CharField(max_length=500, blank=True)  # a page with the widget; the code rides in its fragment
    active = models.BooleanField(default=True)
    priority = models.PositiveSmallIntegerField(default=0, db_default=0)  # in the queue; 0: as anybody else
    forms = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))  # of help; empty: all
    sessions_per_period = models.PositiveIntegerField(default=0, db_default=0)  # 0: no limit
    arrangement = models.CharField(
        max_length=8, choices=Arrangement, default=Arrangement.RULES, db_default=Arrangement.RULES
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(grace_days__lte=365), name="livesales_plan_grace"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(variant_id=""), name="livesales_plan_named"),
            models.CheckConstraint(condition=Q(priority__lte=10), name="livesales_plan_priority"),
        ]


class MembershipState(models.TextChoices):
    TRIAL = "trial", "On trial"
    ACTIVE = "active", "Paid"
    PAST_DUE = "past_due", "The renewal is not paid yet"
    GRACE = "grace", "The notices are over, the days of grace run"
    LAPSED = "lapsed", "Ended unpaid"
    CANCELLED = "cancelled", "Ended by the member or the store"
    REFUNDED = "refunded", "Ended because the money was given back"


class Membership(models.Model):
    """One account on one plan. It changes under its row lock, through ``members.machine``.

    A row of periods ("term") runs without a gap from ``anchor``; ``periods`` of them are paid or given, so
    ``paid_until`` is the end of that many. Who comes back after the end begins a new term.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    user_id = models.CharField(max_length=64)  # the shop's account
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="memberships")
    channel = models.CharField(max_length=255)  # slug; where renewals are bought
    state = models.CharField(max_length=16, choices=MembershipState)
    term = models.PositiveIntegerField(default=1)
    anchor = models.DateTimeField()
    period = models.CharField(max_length=16)  # of this term, as the plan said when it began
    time_zone = models.CharField(max_length=64)
    grace_days = models.PositiveSmallIntegerField()
    periods = models.PositiveIntegerField(default=0)
    paid_until = models.DateTimeField()
    ends_with_period = models.BooleanField(default=False)  # cancelled: no renewal, ended when the paid period is
    next_plan = models.ForeignKey(
        Plan, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )  # renewed to
    tried = models.BooleanField(default=False)  # had a trial
    since = models.DateTimeField()  # when the present term, or the trial before it, began
    ended_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)  # of the next change by the clock, for beat; readers don't wait for it
    code_due_at = models.DateTimeField(null=True)  # when its sign-in code is looked at next
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user_id", "plan"], name="livesales_membership_once"),
            models.CheckConstraint(condition=Q(paid_until__gte=F("anchor")), name="livesales_membership_span"),
            models.CheckConstraint(
                condition=Q(state__in=["lapsed", "cancelled", "refunded"], ended_at__isnull=False, due_at__isnull=True)
                | Q(state__in=["trial", "active", "past_due", "grace"], ended_at__isnull=True, due_at__isnull=False),
                name="livesales_membership_ended",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="livesales_membership_due"),
            models.Index(
                fields=["paid_until"],
                condition=Q(state__in=["trial", "active", "past_due", "grace"], ends_with_period=False),
                name="livesales_membership_renew",
            ),
            models.Index(fields=["-created_at", "-id"], name="livesales_membership_recent"),
            models.Index(
                fields=["code_due_at"], condition=Q(code_due_at__isnull=False), name="livesales_membership_code"
            ),
        ]


class Carried(models.Model):
    """What was left of a charge when its member changed the plan at once: time before the new term's anchor.

    The rows of one membership and term follow each other from ``at`` on, by their ids; each lasts ``span``.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    charge = models.ForeignKey("saleor_livesales.Charge", on_delete=models.PROTECT, related_name="carried")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="carried", db_index=False)
    term = models.PositiveIntegerField()
    at = models.DateTimeField()
    periods = models.DecimalField(max_digits=16, decimal_places=9)  # of the charge's, that were left
    returned = models.PositiveIntegerField()  # periods of the charge that had been given back then
    currency = models.CharField(max_length=3)
    value = models.DecimalField(max_digits=24, decimal_places=9)  # what these cost
    span = models.DurationField()  # the time that they are on the new plan, less what was taken back
    taken = models.DurationField(default=datetime.timedelta)
    moved = models.BooleanField(default=False)  # the rest of it went on to yet another plan

    class Meta:
        indexes = [models.Index(fields=["membership", "term", "id"], name="livesales_carried_of")]


class ChargeKind(models.TextChoices):
    ORDER = "order", "Paid by an order of the shop"
    HAND = "hand", "Money that the store took itself and noted"
    GIFT = "gift", "Given without money"


class Charge(models.Model):
    """Periods of a membership, and what was paid for them. An order's line has one row, which follows the order.

    ``returned`` of its ``periods`` were given back with the money; ``shortened`` of these were still to come, and so
    were taken from the membership (a period that is over can't be taken back).
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="charges")
    membership = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="charges")
    kind = models.CharField(max_length=8, choices=ChargeKind)
    order_id = models.CharField(max_length=128, null=True, db_index=True)
    order_number = models.CharField(max_length=64, blank=True)
    line_id = models.CharField(max_length=128, null=True, unique=True)
    channel = models.CharField(max_length=255)
    currency = models.CharField(max_length=3, blank=True)
    amount = models.DecimalField(max_digits=20, decimal_places=3, default=0)  # of the line, tax included
    refunded = models.DecimalField(max_digits=20, decimal_places=3, default=0)
    periods = models.PositiveIntegerField()
    returned = models.PositiveIntegerField(default=0)
    shortened = models.PositiveIntegerField(default=0)
    term = models.PositiveIntegerField(null=True)  # of the membership; None while it waits for its account
    created_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)
    waits_since = models.DateTimeField(null=True)  # paid by nobody known yet: a guest, or an unconfirmed address
    checked_at = models.DateTimeField(null=True)  # when a waiting one was looked at last

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(returned__lte=F("periods")), name="livesales_charge_returned"),
            models.CheckConstraint(condition=Q(shortened__lte=F("returned")), name="livesales_charge_shortened"),
            models.CheckConstraint(
                condition=Q(refunded__gte=0, amount__gte=0) & Q(refunded__lte=F("amount")),
                name="livesales_charge_money",
            ),
            models.CheckConstraint(
                condition=Q(kind="order", order_id__isnull=False, line_id__isnull=False)
                | Q(kind__in=["hand", "gift"], order_id__isnull=True, line_id__isnull=True),
                name="livesales_charge_order",
            ),
            models.CheckConstraint(
                condition=Q(membership__isnull=True, term__isnull=True, shortened=0)
                | Q(membership__isnull=False, term__isnull=False, waits_since__isnull=True),
                name="livesales_charge_applied",
            ),
        ]
        indexes = [
            models.Index(fields=["created_at"], name="livesales_charge_month"),
            models.Index(
                fields=["checked_at"], condition=Q(waits_since__isnull=False), name="livesales_charge_waiting"
            ),
        ]


class MembershipChange(models.Model):
    """The log: every change of a membership, written in the transaction that makes it. Rows are only ever added."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=16)  # a command, or what changed beside the state: shortened, ending, resumed
    before = models.CharField(max_length=16)
    after = models.CharField(max_length=16)
    paid_until = models.DateTimeField()
    actor = models.CharField(max_length=16)  # shop, clock, member, staff
    actor_user_id = models.CharField(max_length=64, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    charge = models.ForeignKey(Charge, null=True, on_delete=models.PROTECT, related_name="changes")
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["membership", "at", "id"], name="livesales_change_of"),
            models.Index(
                fields=["at"],
                condition=Q(before__in=["new", "lapsed", "cancelled", "refunded"])
                | Q(after__in=["lapsed", "cancelled", "refunded"]),
                name="livesales_change_edge",
            ),
        ]


class RenewalState(models.TextChoices):
    PLANNED = "planned", "To be ordered"
    ORDERED = "ordered", "Waits to be paid"
    PAID = "paid", "Paid"
    CLOSED = "closed", "Not asked for any more"


class Renewal(models.Model):
    """The asking for one further period: made once, leads to one order of the shop (its ``externalReference``)."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="renewals")
    term = models.PositiveIntegerField()
    number = models.PositiveIntegerField()  # of the period in its term, from 1
    plan = models.ForeignKey(Plan, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)  # ordered
    state = models.CharField(max_length=8, choices=RenewalState, default=RenewalState.PLANNED)
    round = models.PositiveSmallIntegerField(default=1)  # which order this is, where a first one was cancelled
    order_id = models.CharField(max_length=128, null=True, unique=True)
    order_number = models.CharField(max_length=64, blank=True)
    due_on = models.DateTimeField()  # the end of the paid periods when it was made
    notices = models.PositiveSmallIntegerField(default=0)  # mails that went out
    attempts = models.PositiveSmallIntegerField(default=0)  # in a row that failed
    error = models.CharField(max_length=200, blank=True)  # of the last one; no data of the customer
    work_at = models.DateTimeField(null=True)  # when it is worked on next; None: nothing more to do
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["membership", "term", "number"], name="livesales_renewal_once"),
        ]
        indexes = [models.Index(fields=["work_at"], condition=Q(work_at__isnull=False), name="livesales_renewal_work")]


class MailState(models.TextChoices):
    QUEUED = "queued", "To be mailed"
    SENT = "sent", "The mail server took it"
    DELIVERED = "delivered", "The recipient's mail server took it"
    OPENED = "opened", "Opened, where the store has providers tell"
    BOUNCED = "bounced", "It did not arrive"
    COMPLAINED = "complained", "The member called it spam"
    FAILED = "failed", "Given up"
    CANCELLED = "cancelled", "The code ended before it was mailed"
    POST = "post", "It goes by post"


class MemberCode(models.Model):
    """A member's sign-in code for one period, and its way to the member by mail. One lives at a time."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="codes")
    code = models.OneToOneField(Code, on_delete=models.CASCADE, related_name="+")
    term = models.PositiveIntegerField()
    number = models.PositiveIntegerField()  # of the period in its term, from 1; 0: time that came from another plan
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=32, blank=True)  # why it ended: new_period, replaced, the membership's state
    mail_state = models.CharField(max_length=10, choices=MailState, default=MailState.QUEUED)
    language = models.CharField(max_length=35, blank=True)  # of the mail that was sent
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=64, blank=True)  # kind of the last one; no data of the customer
    due_at = models.DateTimeField(null=True)  # when it is mailed next; None: nothing more to do
    sent_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)  # when the provider told of it last
    provider_id = models.CharField(max_length=255, blank=True)  # what the provider calls the mail

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["membership"], condition=Q(ended_at__isnull=True), name="livesales_member_code_one"
            ),
            models.CheckConstraint(
                condition=Q(mail_state="queued", due_at__isnull=False, ended_at__isnull=True)
                | ~Q(mail_state="queued") & Q(due_at__isnull=True),
                name="livesales_member_code_mail",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="livesales_member_code_due"),
            models.Index(fields=["-created_at", "-id"], name="livesales_member_code_recent"),
            models.Index(fields=["provider_id"], condition=~Q(provider_id=""), name="livesales_member_code_provider"),
        ]


class OrdersSeen(models.Model):
    """One row: how far the sweep over changed orders has come."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    until = models.DateTimeField()
