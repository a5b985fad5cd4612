"""What plans give in live help, the order of the queue, and what goes along when a member changes its plan."""

import datetime

import django.db.models.deletion
from django.db import migrations, models

import saleor_livesales.ids


class Migration(migrations.Migration):
    dependencies = [
        ("saleor_livesales", "0013_hours"),
    ]

    operations = [
        migrations.CreateModel(
            name="Carried",
            fields=[
                ("id", models.UUIDField(default=saleor_livesales.ids.uuid7, primary_key=True, serialize=False)),
                ("term", models.PositiveIntegerField()),
                ("at", models.DateTimeField()),
                ("periods", models.DecimalField(decimal_places=9, max_digits=16)),
                ("returned", models.PositiveIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("value", models.DecimalField(decimal_places=9, max_digits=24)),
                ("span", models.DurationField()),
                ("taken", models.DurationField(default=datetime.timedelta)),
                ("moved", models.BooleanField(default=False)),
            ],
        ),
        migrations.AddField(
            model_name="membership",
            name="next_plan",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="saleor_livesales.plan",
            ),
        ),
        migrations.AddField(
            model_name="plan",
            name="forms",
            field=models.JSONField(db_default=models.Value([], models.JSONField()), default=list),
        ),
        migrations.AddField(
            model_name="plan",
            name="priority",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="plan",
            name="sessions_per_period",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="renewal",
            name="plan",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="saleor_livesales.plan",
            ),
        ),
        migrations.AddField(
            model_name="session",
            name="membership_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="session",
            name="turn",
            field=models.SmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddIndex(
            model_name="membershipchange",
            index=models.Index(
                condition=models.Q(
                    ("before__in", ["new", "lapsed", "cancelled", "refunded"]),
                    ("after__in", ["lapsed", "cancelled", "refunded"]),
                    _connector="OR",
                ),
                fields=["at"],
                name="livesales_change_edge",
            ),
        ),
        migrations.AddIndex(
            model_name="session",
            index=models.Index(
                condition=models.Q(("state", "queued")),
                fields=["turn", "queued_at", "id"],
                name="livesales_queue_order",
            ),
        ),
        migrations.AddIndex(
            model_name="session",
            index=models.Index(
                condition=models.Q(("membership_id__isnull", False)),
                fields=["membership_id", "created_at"],
                name="livesales_session_member",
            ),
        ),
        migrations.AddConstraint(
            model_name="plan",
            constraint=models.CheckConstraint(
                condition=models.Q(("priority__lte", 10)), name="livesales_plan_priority"
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.CheckConstraint(
                condition=models.Q(("turn__gte", -10), ("turn__lte", 0)), name="livesales_session_turn"
            ),
        ),
        migrations.AddField(
            model_name="carried",
            name="charge",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="carried", to="saleor_livesales.charge"
            ),
        ),
        migrations.AddField(
            model_name="carried",
            name="membership",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="carried",
                to="saleor_livesales.membership",
            ),
        ),
        migrations.AddIndex(
            model_name="carried",
            index=models.Index(fields=["membership", "term", "id"], name="livesales_carried_of"),
        ),
    ]
