import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("shop", "0002_avatars")]

    operations = [
        migrations.AddField(
            model_name="order",
            name="external_reference",
            field=models.CharField(blank=True, max_length=250, null=True, unique=True),
        ),
        migrations.AlterField(
            model_name="order",
            name="charge_status",
            field=models.CharField(
                choices=[("none", "None"), ("partial", "Partial"), ("full", "Full")], default="none", max_length=32
            ),
        ),
        migrations.CreateModel(
            name="OrderLine",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("quantity", models.PositiveIntegerField()),
                ("total_gross_amount", models.DecimalField(decimal_places=3, max_digits=20)),
                ("refunded_quantity", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="shop.order"
                    ),
                ),
                (
                    "variant",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="shop.productvariant",
                    ),
                ),
            ],
            options={"ordering": ["created_at", "id"]},
        ),
    ]
