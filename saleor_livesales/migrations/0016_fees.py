"""Saved payment methods, charges of them, and what their providers told."""

import django.db.models.deletion
from django.db import migrations, models

import saleor_livesales.ids


class Migration(migrations.Migration):
    dependencies = [
        ("saleor_livesales", "0015_rating"),
    ]

    operations = [
        migrations.CreateModel(
            name="FeesSwept",
            fields=[
                ("collector", models.CharField(max_length=16, primary_key=True, serialize=False)),
                ("until", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="FeeEvent",
            fields=[
                ("id", models.UUIDField(default=saleor_livesales.ids.uuid7, primary_key=True, serialize=False)),
                ("collector", models.CharField(max_length=16)),
                ("event_id", models.CharField(max_length=255)),
                ("kind", models.CharField(max_length=8)),
                ("charge_ref", models.CharField(blank=True, max_length=255)),
                ("link_ref", models.CharField(blank=True, max_length=255)),
                ("method_ref", models.CharField(blank=True, max_length=255)),
                ("received_at", models.DateTimeField()),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("work_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("work_at__isnull", False)),
                        fields=["work_at"],
                        name="livesales_fee_event_work",
                    ),
                    models.Index(fields=["received_at"], name="livesales_fee_event_age"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("collector", "event_id"), name="livesales_fee_event_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="SavedMethod",
            fields=[
                ("id", models.UUIDField(default=saleor_livesales.ids.uuid7, primary_key=True, serialize=False)),
                ("user_id", models.CharField(max_length=64)),
                ("collector", models.CharField(max_length=16)),
                ("customer_ref", models.CharField(blank=True, max_length=255)),
                ("method_ref", models.CharField(blank=True, max_length=255)),
                ("link_ref", models.CharField(blank=True, max_length=255)),
                ("kind", models.CharField(blank=True, max_length=32)),
                ("brand", models.CharField(blank=True, max_length=32)),
                ("last_digits", models.CharField(blank=True, max_length=4)),
                ("expires", models.DateField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "The provider's page was opened for it"),
                            ("saved", "It may be charged"),
                            ("removed", "Its owner, staff, or another method took its place"),
                            ("lost", "The provider has it no more"),
                            ("expired", "The provider's page was left without it"),
                        ],
                        default="asked",
                        max_length=8,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("saved_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("work_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["user_id", "-created_at"], name="livesales_method_of"),
                    models.Index(
                        condition=models.Q(("method_ref", ""), _negated=True),
                        fields=["method_ref"],
                        name="livesales_method_ref",
                    ),
                    models.Index(
                        condition=models.Q(("work_at__isnull", False)), fields=["work_at"], name="livesales_method_work"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "saved")), fields=("user_id",), name="livesales_method_one"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("link_ref", ""), _negated=True),
                        fields=("collector", "link_ref"),
                        name="livesales_method_link",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "saved"), _negated=True),
                            models.Q(("saved_at__isnull", False), models.Q(("method_ref", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="livesales_method_saved",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Fee",
            fields=[
                ("id", models.UUIDField(default=saleor_livesales.ids.uuid7, primary_key=True, serialize=False)),
                ("user_id", models.CharField(max_length=64)),
                ("reference", models.CharField(max_length=64)),
                ("order_id", models.CharField(max_length=128)),
                ("order_number", models.CharField(max_length=64)),
                ("number", models.PositiveSmallIntegerField()),
                ("amount", models.DecimalField(decimal_places=3, max_digits=20)),
                ("currency", models.CharField(max_length=3)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "About to be made at the provider"),
                            ("made", "Made there, and not charged"),
                            ("pending", "The bank has not answered yet"),
                            ("paid", "Charged"),
                            ("refused", "The bank refused"),
                            ("dropped", "Given up before it was charged: not owed any more"),
                            ("returning", "Charged, and not owed any more: about to be given back"),
                            ("returned", "Charged and given back at once"),
                        ],
                        default="planned",
                        max_length=10,
                    ),
                ),
                ("charge_ref", models.CharField(blank=True, max_length=255)),
                ("reason", models.CharField(blank=True, max_length=64)),
                ("created_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
                ("recorded_at", models.DateTimeField(null=True)),
                ("noticed_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("error", models.CharField(blank=True, max_length=64)),
                ("work_at", models.DateTimeField(null=True)),
                (
                    "method",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="fees",
                        to="saleor_livesales.savedmethod",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["order_id", "-created_at"], name="livesales_fee_of_order"),
                    models.Index(fields=["reference", "-created_at"], name="livesales_fee_of"),
                    models.Index(
                        condition=models.Q(("work_at__isnull", False)), fields=["work_at"], name="livesales_fee_work_at"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("order_id", "method", "number"), name="livesales_fee_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["planned", "made", "pending"])),
                        fields=("order_id",),
                        name="livesales_fee_open",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("charge_ref", ""), _negated=True),
                        fields=("charge_ref",),
                        name="livesales_fee_charge_ref",
                    ),
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="livesales_fee_amount"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state__in", ["planned", "made", "pending", "returning"]), ("work_at__isnull", False)
                            ),
                            models.Q(("recorded_at__isnull", True), ("state", "paid"), ("work_at__isnull", False)),
                            models.Q(("recorded_at__isnull", False), ("state", "paid")),
                            models.Q(("state__in", ["refused", "dropped", "returned"]), ("work_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="livesales_fee_work",
                    ),
                ],
            },
        ),
    ]
