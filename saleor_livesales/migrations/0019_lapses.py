"""When an open session ends whose membership has, and notices in a session's log."""

from django.db import migrations, models

END_REASONS = [
    ("visitor", "Ended by the visitor"),
    ("rep", "Ended by the rep"),
    ("idle", "Nobody wrote for too long"),
    ("nobody", "Nobody answered"),
    ("abandoned", "The visitor left while waiting"),
    ("erased", "The account was deleted"),
    ("lapsed", "The membership with which it began has ended"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("saleor_livesales", "0018_carriers"),
    ]

    operations = [
        migrations.AddField(
            model_name="channelsettings",
            name="ends_after_lapse",
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddConstraint(
            model_name="channelsettings",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_after_lapse__isnull", True), ("ends_after_lapse__lte", 240), _connector="OR"),
                name="livesales_lapse_bounded",
            ),
        ),
        migrations.AddField(
            model_name="session",
            name="ends_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="session",
            name="ends_for",
            field=models.CharField(blank=True, choices=END_REASONS, db_default="", max_length=16),
        ),
        migrations.AddIndex(
            model_name="session",
            index=models.Index(
                condition=models.Q(("ends_at__isnull", False)), fields=["ends_at"], name="livesales_session_ends"
            ),
        ),
        migrations.AlterField(
            model_name="session",
            name="end_reason",
            field=models.CharField(blank=True, choices=END_REASONS, max_length=16),
        ),
        migrations.AlterField(
            model_name="entry",
            name="kind",
            field=models.CharField(
                choices=[
                    ("message", "Message"),
                    ("state", "Change of state"),
                    ("notice", "Said by the system to both"),
                ],
                max_length=8,
            ),
        ),
    ]
