"""What the widget shows of the reps: their picture, and, from the last conversations, how long somebody has to wait."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("saleor_livesales", "0005_appearance"),
    ]

    operations = [
        migrations.AddField(
            model_name="rep",
            name="avatar_url",
            field=models.CharField(max_length=500, null=True),
        ),
        migrations.AddIndex(
            model_name="session",
            index=models.Index(
                condition=Q(("accepted_at__isnull", False), ("ended_at__isnull", False), ("rep__isnull", False)),
                fields=["-ended_at"],
                name="livesales_session_served",
            ),
        ),
    ]
