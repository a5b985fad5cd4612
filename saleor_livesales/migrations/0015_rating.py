"""What visitors think of sessions that are over, and whether a channel asks."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("saleor_livesales", "0014_benefits"),
    ]

    operations = [
        migrations.AddField(
            model_name="channelsettings",
            name="rating_asked",
            field=models.BooleanField(default=True),
        ),
        migrations.CreateModel(
            name="Rating",
            fields=[
                (
                    "session",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="rating",
                        serialize=False,
                        to="saleor_livesales.session",
                    ),
                ),
                ("score", models.PositiveSmallIntegerField(null=True)),
                ("comment", models.CharField(blank=True, max_length=500)),
                ("rated_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                (
                    "rep",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ratings",
                        to="saleor_livesales.rep",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("score__isnull", False)),
                        fields=["rep", "score"],
                        name="livesales_rating_rep",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("score__isnull", True), models.Q(("score__gte", 1), ("score__lte", 5)), _connector="OR"
                        ),
                        name="livesales_rating_score",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("score__isnull", False), ("comment", ""), _connector="OR"),
                        name="livesales_rating_comment_has_score",
                    ),
                ],
            },
        ),
    ]
