"""Orders of visitors who had entered the code of a printed piece."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("saleor_livesales", "0020_refunds"),
    ]

    operations = [
        migrations.CreateModel(
            name="PieceOrder",
            fields=[
                ("order_id", models.CharField(max_length=128, primary_key=True, serialize=False)),
                ("placed_at", models.DateTimeField()),
                ("counts", models.BooleanField()),
                ("income", models.DecimalField(decimal_places=3, max_digits=20)),
                ("currency", models.CharField(max_length=3)),
                (
                    "piece",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="orders",
                        to="saleor_livesales.printpiece",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("counts", True)),
                        fields=["piece"],
                        include=("income", "currency"),
                        name="livesales_piece_orders",
                    )
                ],
            },
        ),
    ]
