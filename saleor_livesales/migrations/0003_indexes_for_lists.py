"""Lists of who is on the site and of sessions, in the orders in which they are shown."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("saleor_livesales", "0002_partition_decisions"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="visit",
            name="livesales_visit_online",
        ),
        migrations.RemoveIndex(
            model_name="visit",
            name="livesales_visit_online_all",
        ),
        migrations.AddIndex(
            model_name="session",
            index=models.Index(fields=["channel", "-created_at", "-id"], name="livesales_session_channel"),
        ),
        migrations.AddIndex(
            model_name="session",
            index=models.Index(fields=["queued_at", "id"], name="livesales_session_queued"),
        ),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(
                condition=models.Q(("current", True), ("online", True)),
                fields=["-started_at", "-id"],
                name="livesales_visit_arrived",
            ),
        ),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(
                condition=models.Q(("current", True), ("online", True)),
                fields=["channel", "-started_at", "-id"],
                include=["last_seen_at"],
                name="livesales_visit_arrived_in",
            ),
        ),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(
                condition=models.Q(("current", True), ("online", True)),
                fields=["last_seen_at", "id"],
                name="livesales_visit_seen",
            ),
        ),
    ]
