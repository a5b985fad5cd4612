"""Senders and texts of mails by channel, and what providers tell of each mail."""

from django.db import migrations, models

import saleor_livesales.ids


class Migration(migrations.Migration):
    dependencies = [
        ("saleor_livesales", "0011_reach"),
    ]

    operations = [
        migrations.CreateModel(
            name="MailBounce",
            fields=[
                ("id", models.UUIDField(default=saleor_livesales.ids.uuid7, primary_key=True, serialize=False)),
                ("user_id", models.CharField(max_length=255)),
                ("address", models.CharField(max_length=64)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("delivered", "The recipient's mail server took it"),
                            ("opened", "Opened"),
                            ("bounced", "It did not arrive, and never will"),
                            ("complained", "The recipient called it spam"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="MailEvent",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("mail", models.CharField(blank=True, max_length=64)),
                ("provider_id", models.CharField(blank=True, max_length=255)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("delivered", "The recipient's mail server took it"),
                            ("opened", "Opened"),
                            ("bounced", "It did not arrive, and never will"),
                            ("complained", "The recipient called it spam"),
                        ],
                        max_length=10,
                    ),
                ),
                ("hard", models.BooleanField(default=False)),
                ("address", models.CharField(blank=True, max_length=64)),
                ("at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="MailSettings",
            fields=[
                ("channel", models.CharField(max_length=255, primary_key=True, serialize=False)),
                ("sender", models.CharField(blank=True, max_length=254)),
                ("reply_to", models.CharField(blank=True, max_length=254)),
                ("unsubscribe", models.CharField(blank=True, max_length=500)),
                ("updated_at", models.DateTimeField()),
                ("updated_by", models.CharField(blank=True, max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="MailTemplate",
            fields=[
                ("id", models.UUIDField(default=saleor_livesales.ids.uuid7, primary_key=True, serialize=False)),
                ("channel", models.CharField(max_length=255)),
                (
                    "template",
                    models.CharField(
                        choices=[("member_code", "A member's sign-in code"), ("renewal", "A renewal is to be paid")],
                        max_length=32,
                    ),
                ),
                ("language", models.CharField(max_length=35)),
                ("subject", models.CharField(max_length=500)),
                ("text", models.TextField()),
                ("html", models.TextField()),
                ("updated_at", models.DateTimeField()),
                ("updated_by", models.CharField(blank=True, max_length=64)),
            ],
        ),
        migrations.AddField(
            model_name="membercode",
            name="provider_id",
            field=models.CharField(blank=True, max_length=255),
        ),
        migrations.AddField(
            model_name="membercode",
            name="told_at",
            field=models.DateTimeField(null=True),
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
                ],
                default="queued",
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="membercode",
            index=models.Index(
                condition=models.Q(("provider_id", ""), _negated=True),
                fields=["provider_id"],
                name="livesales_member_code_provider",
            ),
        ),
        migrations.AddConstraint(
            model_name="mailbounce",
            constraint=models.UniqueConstraint(fields=("user_id", "address"), name="livesales_mail_bounce_one"),
        ),
        migrations.AddIndex(
            model_name="mailevent",
            index=models.Index(
                condition=models.Q(("done_at__isnull", True)), fields=["received_at"], name="livesales_mail_event_new"
            ),
        ),
        migrations.AddConstraint(
            model_name="mailtemplate",
            constraint=models.UniqueConstraint(
                fields=("channel", "template", "language"), name="livesales_mail_template_one"
            ),
        ),
    ]
