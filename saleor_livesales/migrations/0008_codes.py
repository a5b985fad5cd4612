"""Sign-in codes, printed pieces, and what visitors opened with them; whether a channel asks for a code."""

import django.db.models.deletion
from django.db import migrations, models

import saleor_livesales.ids


class Migration(migrations.Migration):
    dependencies = [
        ("saleor_livesales", "0007_pictures"),
    ]

    operations = [
        migrations.CreateModel(
            name="Code",
            fields=[
                ("id", models.UUIDField(default=saleor_livesales.ids.uuid7, primary_key=True, serialize=False)),
                ("key_id", models.CharField(max_length=32)),
                ("digest", models.BinaryField(max_length=32, unique=True)),
                ("hint", models.CharField(max_length=2)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("issued", "Can be used"),
                            ("used", "Used up"),
                            ("expired", "Its time is over"),
                            ("revoked", "Revoked"),
                        ],
                        default="issued",
                        max_length=8,
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[("sign_in", "Signs a member in"), ("print", "Leads from print to the shop")],
                        max_length=16,
                    ),
                ),
                (
                    "holder_kind",
                    models.CharField(
                        choices=[
                            ("member", "A member"),
                            ("piece", "Everybody who holds a printed piece"),
                            ("recipient", "The recipient of a printed piece"),
                        ],
                        max_length=16,
                    ),
                ),
                ("holder_id", models.CharField(max_length=128)),
                (
                    "opens_kind",
                    models.CharField(
                        choices=[
                            ("member", "A member"),
                            ("piece", "Everybody who holds a printed piece"),
                            ("recipient", "The recipient of a printed piece"),
                        ],
                        max_length=16,
                    ),
                ),
                ("opens_id", models.CharField(max_length=128)),
                ("channel", models.CharField(blank=True, max_length=255)),
                ("valid_from", models.DateTimeField()),
                ("valid_until", models.DateTimeField(null=True)),
                ("max_uses", models.PositiveIntegerField(null=True)),
                ("uses", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="CodeChange",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=16)),
                ("actor", models.CharField(max_length=160)),
                ("reason", models.CharField(blank=True, max_length=255)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="CodeTries",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("bucket", models.CharField(max_length=64)),
                ("window", models.DateTimeField()),
                ("number", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="PrintPiece",
            fields=[
                ("id", models.UUIDField(default=saleor_livesales.ids.uuid7, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=200)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("catalogue", "Catalogue"),
                            ("ad", "Advertisement"),
                            ("mailing", "Mailing"),
                            ("other", "Something else"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "Its codes can be used"), ("revoked", "Its codes are revoked")],
                        default="active",
                        max_length=8,
                    ),
                ),
                ("channel", models.CharField(max_length=255)),
                ("product_id", models.CharField(max_length=128)),
                ("variant_id", models.CharField(max_length=128, null=True)),
                ("landing_url", models.CharField(max_length=500)),
                ("personal", models.BooleanField()),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(null=True)),
                ("printed_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
                ("created_by", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="PrintRecipient",
            fields=[
                ("id", models.UUIDField(default=saleor_livesales.ids.uuid7, primary_key=True, serialize=False)),
                ("reference", models.CharField(max_length=100)),
                ("name", models.CharField(blank=True, max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name="VisitorPass",
            fields=[
                ("id", models.UUIDField(default=saleor_livesales.ids.uuid7, primary_key=True, serialize=False)),
                ("code_id", models.UUIDField()),
                ("holder_kind", models.CharField(max_length=16)),
                ("holder_id", models.CharField(max_length=128)),
                ("opens_kind", models.CharField(max_length=16)),
                ("opens_id", models.CharField(max_length=128)),
                ("channel", models.CharField(blank=True, max_length=255)),
                ("at", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="channelsettings",
            name="code_required",
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name="CodeDelivery",
            fields=[
                (
                    "code",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="delivery",
                        serialize=False,
                        to="saleor_livesales.code",
                    ),
                ),
                ("key_id", models.CharField(max_length=32)),
                ("sealed", models.BinaryField()),
                ("created_at", models.DateTimeField()),
            ],
        ),
        migrations.AddIndex(
            model_name="code",
            index=models.Index(fields=["opens_kind", "opens_id", "-created_at", "-id"], name="livesales_code_opens"),
        ),
        migrations.AddIndex(
            model_name="code",
            index=models.Index(fields=["holder_kind", "holder_id"], name="livesales_code_holder"),
        ),
        migrations.AddIndex(
            model_name="code",
            index=models.Index(fields=["-created_at", "-id"], name="livesales_code_recent"),
        ),
        migrations.AddIndex(
            model_name="code",
            index=models.Index(
                condition=models.Q(("state__in", ["issued", "used"]), ("valid_until__isnull", False)),
                fields=["valid_until"],
                name="livesales_code_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="code",
            constraint=models.CheckConstraint(
                condition=models.Q(("max_uses__isnull", True), ("uses__lte", models.F("max_uses")), _connector="OR"),
                name="livesales_code_uses",
            ),
        ),
        migrations.AddConstraint(
            model_name="code",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_until__isnull", True), ("valid_until__gt", models.F("valid_from")), _connector="OR"
                ),
                name="livesales_code_period",
            ),
        ),
        migrations.AddField(
            model_name="codechange",
            name="code",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="changes", to="saleor_livesales.code"
            ),
        ),
        migrations.AddIndex(
            model_name="codetries",
            index=models.Index(fields=["window"], name="livesales_tries_window"),
        ),
        migrations.AddConstraint(
            model_name="codetries",
            constraint=models.UniqueConstraint(fields=("bucket", "window"), name="livesales_tries_bucket"),
        ),
        migrations.AddIndex(
            model_name="printpiece",
            index=models.Index(fields=["-created_at", "-id"], name="livesales_piece_recent"),
        ),
        migrations.AddConstraint(
            model_name="printpiece",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__isnull", True), ("ends_at__gt", models.F("starts_at")), _connector="OR"),
                name="livesales_piece_period",
            ),
        ),
        migrations.AddField(
            model_name="printrecipient",
            name="piece",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="recipients",
                to="saleor_livesales.printpiece",
            ),
        ),
        migrations.AddField(
            model_name="visitorpass",
            name="visitor",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="passes",
                to="saleor_livesales.visitor",
            ),
        ),
        migrations.AddConstraint(
            model_name="printrecipient",
            constraint=models.UniqueConstraint(fields=("piece", "reference"), name="livesales_recipient_once"),
        ),
        migrations.AddIndex(
            model_name="visitorpass",
            index=models.Index(fields=["code_id"], name="livesales_pass_code"),
        ),
        migrations.AddIndex(
            model_name="visitorpass",
            index=models.Index(fields=["opens_kind", "opens_id", "at"], name="livesales_pass_opens"),
        ),
        migrations.AddConstraint(
            model_name="visitorpass",
            constraint=models.UniqueConstraint(fields=("visitor", "code_id"), name="livesales_pass_once"),
        ),
    ]
