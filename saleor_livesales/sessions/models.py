"""Reps, sessions, and the numbered entries of each session."""

from django.db import models
from django.db.models import F, Q

from ..ids import uuid7


class RepStatus(models.TextChoices):
    ONLINE = "online", "Takes sessions"
    AWAY = "away", "Keeps its sessions, gets no new ones"
    OFFLINE = "offline", "Not there"


class Rep(models.Model):
    """A member of staff who sells. ``load`` counts ringing and open sessions and is claimed under this row's lock."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    user_id = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=255)
    status = models.CharField(max_length=8, choices=RepStatus, default=RepStatus.OFFLINE)
    capacity = models.PositiveSmallIntegerField(default=3)
    load = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)  # extended by the gateway while a socket of the rep is open
    last_assigned_at = models.DateTimeField(null=True)
    avatar_url = models.CharField(max_length=500, null=True)  # names neither account nor e-mail: visitors get it

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(load__lte=F("capacity")), name="livesales_rep_capacity"),
            models.CheckConstraint(condition=Q(capacity__gte=1, capacity__lte=12), name="livesales_rep_capacity_range"),
        ]
        indexes = [
            models.Index(fields=["lease_until"], condition=Q(status="online"), name="livesales_rep_online"),
        ]


class SessionState(models.TextChoices):
    REQUESTED = "requested", "Asked for"
    QUEUED = "queued", "Waiting for a rep"
    RINGING = "ringing", "A rep is being asked"
    ACTIVE = "active", "Talking"
    ON_HOLD = "on_hold", "On hold"
    ENDED = "ended", "Ended"


class SessionForm(models.TextChoices):
    CHAT = "chat", "Chat"
    AUDIO = "audio", "Audio"
    VIDEO = "video", "Audio and video"


class EndReason(models.TextChoices):
    VISITOR = "visitor", "Ended by the visitor"
    REP = "rep", "Ended by the rep"
    IDLE = "idle", "Nobody wrote for too long"
    NOBODY = "nobody", "Nobody answered"
    ABANDONED = "abandoned", "The visitor left while waiting"
    ERASED = "erased", "The account was deleted"
    LAPSED = "lapsed", "The membership with which it began has ended"


class Session(models.Model):
    """One conversation. ``state`` changes only through ``sessions.transitions``; each change is an entry."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    # Indexes below begin with each of these keys; one of its own would only make each message dearer.
    visitor = models.ForeignKey(
        "saleor_livesales.Visitor", on_delete=models.CASCADE, related_name="sessions", db_index=False
    )
    rep = models.ForeignKey(Rep, null=True, on_delete=models.PROTECT, related_name="sessions", db_index=False)
    channel = models.CharField(max_length=255)
    form = models.CharField(max_length=8, choices=SessionForm, default=SessionForm.CHAT)
    state = models.CharField(max_length=16, choices=SessionState, default=SessionState.REQUESTED)
    end_reason = models.CharField(max_length=16, choices=EndReason, blank=True)
    turn = models.SmallIntegerField(default=0, db_default=0)  # in the queue, less comes first: the priority, negated
    membership_id = models.UUIDField(null=True)  # with which it began; the members room's
    offer_id = models.UUIDField(null=True, unique=True)
    wanted_rep = models.ForeignKey(Rep, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    product_id = models.CharField(max_length=128, null=True)
    variant_id = models.CharField(max_length=128, null=True)
    checkout_id = models.CharField(max_length=128, null=True)
    last_number = models.PositiveIntegerField(default=0)
    visitor_read = models.PositiveIntegerField(default=0)
    rep_read = models.PositiveIntegerField(default=0)
    rung = models.JSONField(default=list)  # reps that let it ring out, as strings
    created_at = models.DateTimeField()
    queued_at = models.DateTimeField(null=True)  # kept when a session returns to the queue: its place is not lost
    accepted_at = models.DateTimeField(null=True)
    last_message_at = models.DateTimeField(null=True)
    awaiting_since = models.DateTimeField(null=True)  # the visitor's oldest unanswered message
    ended_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)  # worked off by the decider; readers treat what is overdue as past
    ends_at = models.DateTimeField(null=True)  # both were told that it ends then; likewise
    ends_for = models.CharField(max_length=16, choices=EndReason, blank=True, db_default="")

    class Meta:
        permissions = [("handle_live_sales", "Handle live sales.")]
        constraints = [
            models.UniqueConstraint(fields=["visitor"], condition=~Q(state="ended"), name="livesales_one_open_session"),
            models.CheckConstraint(
                condition=Q(rep__isnull=False) | ~Q(state__in=["ringing", "active", "on_hold"]),
                name="livesales_session_has_rep",
            ),
            models.CheckConstraint(condition=Q(turn__gte=-10, turn__lte=0), name="livesales_session_turn"),
        ]
        indexes = [
            models.Index(fields=["queued_at", "id"], condition=Q(state="queued"), name="livesales_queue"),
            models.Index(fields=["turn", "queued_at", "id"], condition=Q(state="queued"), name="livesales_queue_order"),
            models.Index(
                fields=["membership_id", "created_at"],
                condition=Q(membership_id__isnull=False),
                name="livesales_session_member",
            ),
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="livesales_session_due"),
            models.Index(fields=["ends_at"], condition=Q(ends_at__isnull=False), name="livesales_session_ends"),
            models.Index(
                fields=["rep"],
                condition=Q(state__in=["ringing", "active", "on_hold"]),
                name="livesales_session_claimed",
            ),
            models.Index(fields=["rep", "-created_at", "-id"], name="livesales_session_rep"),
            models.Index(fields=["visitor", "-created_at", "-id"], name="livesales_session_visitor"),
            models.Index(fields=["-created_at", "-id"], name="livesales_session_recent"),
            models.Index(fields=["channel", "-created_at", "-id"], name="livesales_session_channel"),
            models.Index(fields=["queued_at", "id"], name="livesales_session_queued"),
            models.Index(
                fields=["-ended_at"],
                condition=Q(accepted_at__isnull=False, rep__isnull=False, ended_at__isnull=False),
                name="livesales_session_served",
            ),
        ]

    @property
    def priority(self) -> int:
        """By the plan of the membership with which it began; 0: none."""
        return -self.turn


class EntryKind(models.TextChoices):
    MESSAGE = "message", "Message"
    STATE = "state", "Change of state"
    NOTICE = "notice", "Said by the system to both"


class Sender(models.TextChoices):
    VISITOR = "visitor", "Visitor"
    REP = "rep", "Rep"
    SYSTEM = "system", "System"


class Entry(models.Model):
    """A numbered line of a session. Numbers are gapless from 1; rows are only ever added."""

    id = models.BigAutoField(primary_key=True)
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="entries", db_index=False)  # see number
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=EntryKind)
    sender = models.CharField(max_length=8, choices=Sender)
    sender_id = models.UUIDField(null=True)  # visitor or rep
    key = models.UUIDField(null=True)  # the sender's own, for messages
    text = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "number"], name="livesales_entry_number"),
            models.UniqueConstraint(fields=["session", "sender_id", "key"], name="livesales_entry_key"),
        ]


class Rating(models.Model):
    """What a visitor thought of a session that is over; without a score it was asked and put the question away."""

    session = models.OneToOneField(Session, primary_key=True, on_delete=models.CASCADE, related_name="rating")
    rep = models.ForeignKey(Rep, on_delete=models.PROTECT, related_name="ratings", db_index=False)  # see the index
    score = models.PositiveSmallIntegerField(null=True)  # 1 to 5
    comment = models.CharField(max_length=500, blank=True)
    rated_at = models.DateTimeField()  # when it got its first score; where it has none, when it was put away
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__gte=1, score__lte=5), name="livesales_rating_score"
            ),
            models.CheckConstraint(
                condition=Q(score__isnull=False) | Q(comment=""), name="livesales_rating_comment_has_score"
            ),
        ]
        indexes = [
            # An average is read from here alone.
            models.Index(fields=["rep", "score"], condition=Q(score__isnull=False), name="livesales_rating_rep"),
        ]


class Inquiry(models.Model):
    """A message left when nobody could answer; goes to the channel's contact address by mail."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    visitor = models.ForeignKey("saleor_livesales.Visitor", on_delete=models.CASCADE, related_name="inquiries")
    channel = models.CharField(max_length=255)
    key = models.UUIDField()
    email = models.EmailField()
    text = models.TextField()
    product_id = models.CharField(max_length=128, null=True)
    created_at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)  # when mailing is tried next; None: mailed, or given up

    class Meta:
        constraints = [models.UniqueConstraint(fields=["visitor", "key"], name="livesales_inquiry_key")]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="livesales_inquiry_due"),
            models.Index(fields=["-created_at", "-id"], name="livesales_inquiry_recent"),
        ]
