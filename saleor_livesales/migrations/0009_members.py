import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

import saleor_livesales.ids

STATES = [
    ("trial", "On trial"),
    ("active", "Paid"),
    ("past_due", "The renewal is not paid yet"),
    ("grace", "The notices are over, the days of grace run"),
    ("lapsed", "Ended unpaid"),
    ("cancelled", "Ended by the member or the store"),
    ("refunded", "Ended because the money was given back"),
]
LIVE = ["trial", "active", "past_due", "grace"]


def key():
    return models.UUIDField(default=saleor_livesales.ids.uuid7, primary_key=True, serialize=False)


class Migration(migrations.Migration):
    dependencies = [("saleor_livesales", "0008_codes")]

    operations = [
        migrations.CreateModel(
            name="OrdersSeen",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("until", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Plan",
            fields=[
                ("id", key()),
                ("name", models.CharField(max_length=120)),
                ("level", models.PositiveSmallIntegerField(default=1)),
                ("product_id", models.CharField(max_length=128)),
                ("variant_id", models.CharField(max_length=128, unique=True)),
                ("period", models.CharField(max_length=16)),
                ("trial", models.CharField(blank=True, max_length=16)),
                ("grace_days", models.PositiveSmallIntegerField(default=0)),
                ("time_zone", models.CharField(default="UTC", max_length=64)),
                ("payment_url", models.CharField(blank=True, max_length=500)),
                ("active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=Q(grace_days__lte=365), name="livesales_plan_grace"),
                    models.CheckConstraint(condition=~Q(name="") & ~Q(variant_id=""), name="livesales_plan_named"),
                ]
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", key()),
                ("user_id", models.CharField(max_length=64)),
                ("channel", models.CharField(max_length=255)),
                ("state", models.CharField(choices=STATES, max_length=16)),
                ("term", models.PositiveIntegerField(default=1)),
                ("anchor", models.DateTimeField()),
                ("period", models.CharField(max_length=16)),
                ("time_zone", models.CharField(max_length=64)),
                ("grace_days", models.PositiveSmallIntegerField()),
                ("periods", models.PositiveIntegerField(default=0)),
                ("paid_until", models.DateTimeField()),
                ("ends_with_period", models.BooleanField(default=False)),
                ("tried", models.BooleanField(default=False)),
                ("since", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("due_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="saleor_livesales.plan",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["user_id", "plan"], name="livesales_membership_once"),
                    models.CheckConstraint(condition=Q(paid_until__gte=F("anchor")), name="livesales_membership_span"),
                    models.CheckConstraint(
                        condition=Q(
                            state__in=["lapsed", "cancelled", "refunded"], ended_at__isnull=False, due_at__isnull=True
                        )
                        | Q(state__in=LIVE, ended_at__isnull=True, due_at__isnull=False),
                        name="livesales_membership_ended",
                    ),
                ],
                "indexes": [
                    models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="livesales_membership_due"),
                    models.Index(
                        fields=["paid_until"],
                        condition=Q(state__in=LIVE, ends_with_period=False),
                        name="livesales_membership_renew",
                    ),
                    models.Index(fields=["-created_at", "-id"], name="livesales_membership_recent"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Charge",
            fields=[
                ("id", key()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("order", "Paid by an order of the shop"),
                            ("hand", "Money that the store took itself and noted"),
                            ("gift", "Given without money"),
                        ],
                        max_length=8,
                    ),
                ),
                ("order_id", models.CharField(db_index=True, max_length=128, null=True)),
                ("order_number", models.CharField(blank=True, max_length=64)),
                ("line_id", models.CharField(max_length=128, null=True, unique=True)),
                ("channel", models.CharField(max_length=255)),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("amount", models.DecimalField(decimal_places=3, default=0, max_digits=20)),
                ("refunded", models.DecimalField(decimal_places=3, default=0, max_digits=20)),
                ("periods", models.PositiveIntegerField()),
                ("returned", models.PositiveIntegerField(default=0)),
                ("shortened", models.PositiveIntegerField(default=0)),
                ("term", models.PositiveIntegerField(null=True)),
                ("created_at", models.DateTimeField()),
                ("applied_at", models.DateTimeField(null=True)),
                ("waits_since", models.DateTimeField(null=True)),
                ("checked_at", models.DateTimeField(null=True)),
                (
                    "membership",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="charges",
                        to="saleor_livesales.membership",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="charges", to="saleor_livesales.plan"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=Q(returned__lte=F("periods")), name="livesales_charge_returned"),
                    models.CheckConstraint(
                        condition=Q(shortened__lte=F("returned")), name="livesales_charge_shortened"
                    ),
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
                ],
                "indexes": [
                    models.Index(fields=["created_at"], name="livesales_charge_month"),
                    models.Index(
                        fields=["checked_at"],
                        condition=Q(waits_since__isnull=False),
                        name="livesales_charge_waiting",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MembershipChange",
            fields=[
                ("id", key()),
                ("kind", models.CharField(max_length=16)),
                ("before", models.CharField(max_length=16)),
                ("after", models.CharField(max_length=16)),
                ("paid_until", models.DateTimeField()),
                ("actor", models.CharField(max_length=16)),
                ("actor_user_id", models.CharField(blank=True, max_length=64)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("at", models.DateTimeField()),
                (
                    "charge",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to="saleor_livesales.charge",
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="saleor_livesales.membership",
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["membership", "at", "id"], name="livesales_change_of")]},
        ),
        migrations.CreateModel(
            name="Renewal",
            fields=[
                ("id", key()),
                ("term", models.PositiveIntegerField()),
                ("number", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "To be ordered"),
                            ("ordered", "Waits to be paid"),
                            ("paid", "Paid"),
                            ("closed", "Not asked for any more"),
                        ],
                        default="planned",
                        max_length=8,
                    ),
                ),
                ("round", models.PositiveSmallIntegerField(default=1)),
                ("order_id", models.CharField(max_length=128, null=True, unique=True)),
                ("order_number", models.CharField(blank=True, max_length=64)),
                ("due_on", models.DateTimeField()),
                ("notices", models.PositiveSmallIntegerField(default=0)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("error", models.CharField(blank=True, max_length=200)),
                ("work_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="renewals",
                        to="saleor_livesales.membership",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["membership", "term", "number"], name="livesales_renewal_once")
                ],
                "indexes": [
                    models.Index(fields=["work_at"], condition=Q(work_at__isnull=False), name="livesales_renewal_work")
                ],
            },
        ),
    ]
