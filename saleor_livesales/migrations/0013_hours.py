"""The office hours of a channel."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("saleor_livesales", "0012_mails"),
    ]

    operations = [
        migrations.AddField(
            model_name="channelsettings",
            name="time_zone",
            field=models.CharField(default="UTC", max_length=64),
        ),
        migrations.AddField(
            model_name="channelsettings",
            name="opening_hours",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="channelsettings",
            name="special_days",
            field=models.JSONField(default=list),
        ),
    ]
