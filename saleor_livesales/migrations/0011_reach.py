"""Offers that a rep makes by hand, which rep a session is to go to first, and who is blocked."""

import django.db.models.deletion
from django.db import migrations, models

import saleor_livesales.ids


class Migration(migrations.Migration):
    dependencies = [
        ("saleor_livesales", "0010_member_codes"),
    ]

    operations = [
        migrations.CreateModel(
            name="VisitorBlock",
            fields=[
                ("id", models.UUIDField(default=saleor_livesales.ids.uuid7, primary_key=True, serialize=False)),
                ("user_id", models.CharField(max_length=64, null=True)),
                ("reason", models.CharField(max_length=500)),
                ("by_user_id", models.CharField(max_length=64)),
                ("by_name", models.CharField(max_length=255)),
                ("at", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                ("lifted_at", models.DateTimeField(null=True)),
                ("lifted_by_user_id", models.CharField(blank=True, max_length=64)),
            ],
        ),
        migrations.AddField(
            model_name="offer",
            name="rep",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="offers",
                to="saleor_livesales.rep",
            ),
        ),
        migrations.AddField(
            model_name="session",
            name="wanted_rep",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="saleor_livesales.rep",
            ),
        ),
        migrations.AddIndex(
            model_name="offer",
            index=models.Index(
                condition=models.Q(("rep__isnull", False), ("state", "open")),
                fields=["rep"],
                name="livesales_offer_rep",
            ),
        ),
        migrations.AddField(
            model_name="visitorblock",
            name="visitor",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="blocks",
                to="saleor_livesales.visitor",
            ),
        ),
        migrations.AddIndex(
            model_name="visitorblock",
            index=models.Index(
                condition=models.Q(("lifted_at", None)), fields=["user_id"], name="livesales_block_user"
            ),
        ),
        migrations.AddIndex(
            model_name="visitorblock",
            index=models.Index(fields=["-at", "-id"], name="livesales_block_recent"),
        ),
        migrations.AddConstraint(
            model_name="visitorblock",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lifted_at", None)), fields=("visitor",), name="livesales_one_block"
            ),
        ),
    ]
