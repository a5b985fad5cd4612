"""What happens when a member comes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("saleor_livesales", "0021_orders_of_pieces"),
    ]

    operations = [
        migrations.AddField(
            model_name="plan",
            name="arrangement",
            field=models.CharField(
                choices=[
                    ("rules", "As for everybody, by the channel's rules"),
                    ("request", "May ask, also where the channel takes no requests; nothing is offered"),
                    ("offer", "Is offered help, whatever it looks at"),
                    ("connect", "Is connected at once"),
                ],
                db_default="rules",
                default="rules",
                max_length=8,
            ),
        ),
    ]
