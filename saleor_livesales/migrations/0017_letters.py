"""Letters with sign-in codes: how they look, each of them, and batches that the store prints."""

import django.db.models.deletion
from django.db import migrations, models

import saleor_livesales.ids


class Migration(migrations.Migration):
    dependencies = [
        ("saleor_livesales", "0016_fees"),
    ]

    operations = [
        migrations.CreateModel(
            name="LetterStyle",
            fields=[
                ("channel", models.CharField(max_length=255, primary_key=True, serialize=False)),
                (
                    "form",
                    models.CharField(
                        choices=[
                            ("din5008b", "A4, window of DIN 5008 form B"),
                            ("us10", "US Letter, window of a #10 envelope"),
                        ],
                        default="din5008b",
                        max_length=8,
                    ),
                ),
                ("sender", models.TextField(blank=True)),
                ("return_line", models.CharField(blank=True, max_length=120)),
                ("country", models.CharField(blank=True, max_length=2)),
                ("logo", models.BinaryField(null=True)),
                ("words", models.JSONField(default=dict)),
                ("updated_at", models.DateTimeField()),
                ("updated_by", models.CharField(blank=True, max_length=64)),
            ],
        ),
        migrations.AlterField(
            model_name="membercode",
            name="mail_state",
            field=models.CharField(
                choices=[
                    ("queued", "To be mailed"),
                    ("sent", "The mail server took it"),
                    ("delivered", "The recipient's mail server took it"),
                    ("opened", "Opened, where the store has providers tell"),
                    ("bounced", "It did not arrive"),
                    ("complained", "The member called it spam"),
                    ("failed", "Given up"),
                    ("cancelled", "The code ended before it was mailed"),
                    ("post", "It goes by post"),
                ],
                default="queued",
                max_length=10,
            ),
        ),
        migrations.CreateModel(
            name="LetterBatch",
            fields=[
                ("id", models.UUIDField(default=saleor_livesales.ids.uuid7, primary_key=True, serialize=False)),
                ("channel", models.CharField(max_length=255)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("drawing", "Its pages are being drawn"),
                            ("ready", "Its file can be printed"),
                            ("printed", "Printed"),
                            ("handed_over", "Handed over to the post"),
                            ("failed", "It could not be drawn"),
                            ("empty", "No letter was left to print"),
                        ],
                        default="drawing",
                        max_length=12,
                    ),
                ),
                ("total", models.PositiveIntegerField()),
                ("drawn", models.PositiveIntegerField(default=0)),
                ("secret", models.BinaryField(null=True)),
                ("created_at", models.DateTimeField()),
                ("created_by", models.CharField(max_length=64)),
                ("ready_at", models.DateTimeField(null=True)),
                ("printed_at", models.DateTimeField(null=True)),
                ("handed_over_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("error", models.CharField(blank=True, max_length=64)),
                ("work_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["-created_at", "-id"], name="livesales_batch_recent"),
                    models.Index(
                        condition=models.Q(("work_at__isnull", False)), fields=["work_at"], name="livesales_batch_work"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("drawn__lte", models.F("total"))), name="livesales_batch_drawn"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "drawing"), _negated=True), ("work_at__isnull", False), _connector="OR"
                        ),
                        name="livesales_batch_drawing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                ("id", models.UUIDField(default=saleor_livesales.ids.uuid7, primary_key=True, serialize=False)),
                ("number", models.CharField(max_length=12, unique=True)),
                ("channel", models.CharField(max_length=255)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "To be printed"),
                            ("batched", "In a batch"),
                            ("printed", "Printed"),
                            ("handed_over", "Handed over to the post"),
                            ("no_address", "The account has no postal address"),
                            ("undeliverable", "It came back"),
                            ("cancelled", "Its code ended before it was handed over"),
                        ],
                        default="queued",
                        max_length=13,
                    ),
                ),
                ("language", models.CharField(blank=True, max_length=2)),
                ("created_at", models.DateTimeField()),
                ("created_by", models.CharField(blank=True, max_length=64)),
                ("changed_at", models.DateTimeField()),
                (
                    "member_code",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="letter",
                        to="saleor_livesales.membercode",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letters",
                        to="saleor_livesales.letterbatch",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["-created_at", "-id"], name="livesales_letter_recent"),
                    models.Index(
                        condition=models.Q(("state", "queued")),
                        fields=["channel", "created_at"],
                        name="livesales_letter_queue",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("batch__isnull", False),
                                ("state__in", ["batched", "printed", "handed_over", "undeliverable"]),
                            ),
                            models.Q(("batch__isnull", True), ("state__in", ["queued", "no_address"])),
                            ("state", "cancelled"),
                            _connector="OR",
                        ),
                        name="livesales_letter_batch",
                    )
                ],
            },
        ),
    ]
