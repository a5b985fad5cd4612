"""What staff of the shop asked to give back of a charge."""

import django.db.models.deletion
from django.db import migrations, models

import saleor_livesales.ids


class Migration(migrations.Migration):
    dependencies = [
        ("saleor_livesales", "0019_lapses"),
    ]

    operations = [
        migrations.CreateModel(
            name="FeeRefund",
            fields=[
                ("id", models.UUIDField(default=saleor_livesales.ids.uuid7, primary_key=True, serialize=False)),
                ("asked_as", models.CharField(max_length=128, unique=True)),
                ("amount", models.DecimalField(decimal_places=3, max_digits=20)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "To be asked for at the provider"),
                            ("made", "The provider has it, and tells what becomes of it"),
                            ("refused", "The provider won't"),
                        ],
                        default="asked",
                        max_length=8,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=64)),
                ("asked_at", models.DateTimeField()),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("work_at", models.DateTimeField(null=True)),
                (
                    "fee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="refunds", to="saleor_livesales.fee"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("work_at__isnull", False)),
                        fields=["work_at"],
                        name="livesales_fee_refund_due",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="livesales_fee_refund_amount"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "asked"), ("work_at__isnull", False)),
                            models.Q(("state__in", ["made", "refused"]), ("work_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="livesales_fee_refund_work",
                    ),
                ],
            },
        ),
    ]
