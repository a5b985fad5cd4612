"""How letters go by print-and-mail providers, what they cost, and what providers tell of them."""

import django.db.models.deletion
from django.db import migrations, models

import saleor_livesales.ids


class Migration(migrations.Migration):
    dependencies = [
        ("saleor_livesales", "0017_letters"),
    ]

    operations = [
        migrations.CreateModel(
            name="Posting",
            fields=[
                ("id", models.UUIDField(default=saleor_livesales.ids.uuid7, primary_key=True, serialize=False)),
                ("letter_id", models.UUIDField()),
                ("round", models.PositiveSmallIntegerField()),
                ("channel", models.CharField(max_length=255)),
                ("provider", models.CharField(max_length=16)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "To be sent"),
                            ("sent", "The provider took it"),
                            ("mailed", "Handed to the post"),
                            ("in_transit", "On its way"),
                            ("delivered", "Delivered"),
                            ("returned", "Came back"),
                            ("undeliverable", "The provider says that nothing can be delivered there"),
                            ("failed", "The provider could not print or mail it"),
                            ("cancelled", "Taken back before it was printed"),
                            ("given_up", "The provider could not be reached"),
                        ],
                        default="queued",
                        max_length=13,
                    ),
                ),
                ("cost", models.DecimalField(decimal_places=3, max_digits=12)),
                ("refunded", models.BooleanField(default=False)),
                ("address", models.CharField(blank=True, max_length=13)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("reason", models.CharField(blank=True, max_length=64)),
                ("due_at", models.DateTimeField(null=True)),
                ("tried_at", models.DateTimeField(null=True)),
                ("provider_id", models.CharField(blank=True, max_length=64)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("expected_on", models.DateField(null=True)),
                ("created_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
                ("told_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="PostingEvent",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("provider", models.CharField(max_length=16)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("accepted", "accepted"),
                            ("mailed", "mailed"),
                            ("in_transit", "in_transit"),
                            ("delivered", "delivered"),
                            ("returned", "returned"),
                            ("failed", "failed"),
                            ("cancelled", "cancelled"),
                        ],
                        max_length=10,
                    ),
                ),
                ("reference", models.CharField(blank=True, max_length=64)),
                ("provider_id", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="PostingMonth",
            fields=[
                ("id", models.UUIDField(default=saleor_livesales.ids.uuid7, primary_key=True, serialize=False)),
                ("channel", models.CharField(max_length=255)),
                ("month", models.DateField()),
                ("currency", models.CharField(max_length=3)),
                ("spent", models.DecimalField(decimal_places=3, default=0, max_digits=12)),
                ("letters", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="PostingSettings",
            fields=[
                ("channel", models.CharField(max_length=255, primary_key=True, serialize=False)),
                (
                    "way",
                    models.CharField(
                        choices=[("print", "The store prints them"), ("provider", "A provider prints and mails them")],
                        default="print",
                        max_length=8,
                    ),
                ),
                ("provider", models.CharField(blank=True, max_length=16)),
                ("price", models.DecimalField(decimal_places=3, default=0, max_digits=12)),
                ("monthly_limit", models.DecimalField(decimal_places=3, default=0, max_digits=12)),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("color", models.BooleanField(default=False)),
                ("sender_name", models.CharField(blank=True, max_length=100)),
                ("sender_line1", models.CharField(blank=True, max_length=200)),
                ("sender_line2", models.CharField(blank=True, max_length=200)),
                ("sender_city", models.CharField(blank=True, max_length=200)),
                ("sender_area", models.CharField(blank=True, max_length=100)),
                ("sender_postal_code", models.CharField(blank=True, max_length=40)),
                ("sender_country", models.CharField(blank=True, max_length=2)),
                ("updated_at", models.DateTimeField()),
                ("updated_by", models.CharField(blank=True, max_length=64)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="letter",
            name="livesales_letter_batch",
        ),
        migrations.AddField(
            model_name="letter",
            name="round",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="letter",
            name="state",
            field=models.CharField(
                choices=[
                    ("queued", "To be printed"),
                    ("batched", "In a batch"),
                    ("posting", "Being given to the provider"),
                    ("printed", "Printed"),
                    ("handed_over", "Handed over to the post"),
                    ("no_address", "The account has no postal address"),
                    ("bad_address", "Nothing can be delivered to the account's address"),
                    ("failed", "The provider could not print or mail it"),
                    ("undeliverable", "It came back"),
                    ("cancelled", "Its code ended before it was handed over"),
                ],
                default="queued",
                max_length=13,
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("batch__isnull", False), ("state__in", ["batched", "printed"])),
                    models.Q(
                        ("state__in", ["handed_over", "undeliverable"]),
                        models.Q(("batch__isnull", False), ("round__gt", 0), _connector="OR"),
                    ),
                    models.Q(
                        ("batch__isnull", True),
                        ("state__in", ["queued", "posting", "no_address", "bad_address", "failed"]),
                    ),
                    ("state", "cancelled"),
                    _connector="OR",
                ),
                name="livesales_letter_batch",
            ),
        ),
        migrations.AddIndex(
            model_name="postingevent",
            index=models.Index(
                condition=models.Q(("done_at__isnull", True)),
                fields=["received_at"],
                name="livesales_posting_event_new",
            ),
        ),
        migrations.AddConstraint(
            model_name="postingmonth",
            constraint=models.UniqueConstraint(
                fields=("channel", "month", "currency"), name="livesales_posting_month_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="postingmonth",
            constraint=models.CheckConstraint(
                condition=models.Q(("spent__gte", 0)), name="livesales_posting_month_spent"
            ),
        ),
        migrations.AddField(
            model_name="posting",
            name="month",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="saleor_livesales.postingmonth",
            ),
        ),
        migrations.AddConstraint(
            model_name="postingsettings",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("way", "print"),
                    models.Q(
                        ("price__gt", 0),
                        models.Q(("provider", ""), _negated=True),
                        models.Q(("currency", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="livesales_posting_settings_way",
            ),
        ),
        migrations.AddIndex(
            model_name="posting",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False)), fields=["due_at"], name="livesales_posting_work"
            ),
        ),
        migrations.AddIndex(
            model_name="posting",
            index=models.Index(
                condition=models.Q(("provider_id", ""), _negated=True),
                fields=["provider_id"],
                name="livesales_posting_provider",
            ),
        ),
        migrations.AddConstraint(
            model_name="posting",
            constraint=models.UniqueConstraint(fields=("letter_id", "round"), name="livesales_posting_round"),
        ),
        migrations.AddConstraint(
            model_name="posting",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("due_at__isnull", False), ("state", "queued")),
                    ("state", "sent"),
                    models.Q(models.Q(("state__in", ["queued", "sent"]), _negated=True), ("due_at__isnull", True)),
                    _connector="OR",
                ),
                name="livesales_posting_due",
            ),
        ),
    ]
