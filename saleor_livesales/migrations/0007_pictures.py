"""Pictures in the conversation, and whether a channel takes them."""

import django.db.models.deletion
from django.db import migrations, models

import saleor_livesales.ids
import saleor_livesales.pictures.models


class Migration(migrations.Migration):
    dependencies = [
        ("saleor_livesales", "0006_expected_wait_and_avatars"),
    ]

    operations = [
        migrations.AddField(
            model_name="channelsettings",
            name="pictures_allowed",
            field=models.BooleanField(default=True),
        ),
        migrations.CreateModel(
            name="Picture",
            fields=[
                (
                    "id",
                    models.UUIDField(default=saleor_livesales.ids.uuid7, primary_key=True, serialize=False),
                ),
                (
                    "sender",
                    models.CharField(
                        choices=[("visitor", "Visitor"), ("rep", "Rep"), ("system", "System")], max_length=8
                    ),
                ),
                ("sender_id", models.UUIDField()),
                ("number", models.PositiveIntegerField(null=True)),
                ("name", models.CharField(default=saleor_livesales.pictures.models.new_name, max_length=32)),
                ("secret", models.BinaryField(default=saleor_livesales.pictures.models.new_secret, max_length=32)),
                ("width", models.PositiveIntegerField(default=0)),
                ("height", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                (
                    "session",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="pictures",
                        to="saleor_livesales.session",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["sender_id", "created_at"], name="livesales_picture_sender"),
                    models.Index(
                        condition=models.Q(("number__isnull", True), ("session__isnull", True), _connector="OR"),
                        fields=["created_at"],
                        name="livesales_picture_waste",
                    ),
                ],
                "constraints": [models.UniqueConstraint(fields=("session", "number"), name="livesales_picture_number")],
            },
        ),
        # Rows of channels that are written by a process of the version before, while both run.
        migrations.RunSQL(
            "ALTER TABLE saleor_livesales_channelsettings ALTER COLUMN pictures_allowed SET DEFAULT true",
            "ALTER TABLE saleor_livesales_channelsettings ALTER COLUMN pictures_allowed DROP DEFAULT",
        ),
    ]
