"""What the widget looks like in a channel. Colours can be nothing else: they go into style sheets."""

from django.db import migrations, models

HEX = r"^(#[0-9a-f]{6})?$"


class Migration(migrations.Migration):
    dependencies = [
        ("saleor_livesales", "0004_fewer_indexes_on_messages"),
    ]

    operations = [
        *(
            migrations.AddField("channelsettings", name, models.CharField(blank=True, default="", max_length=7), False)
            for name in ("accent", "on_accent", "accent_dark", "on_accent_dark")
        ),
        migrations.AddField("channelsettings", "radius", models.PositiveSmallIntegerField(null=True)),
        migrations.AddField(
            "channelsettings",
            "side",
            models.CharField(
                choices=[
                    ("end", "Where lines end: right, in languages from right to left left"),
                    ("start", "Where lines start: left, in languages from right to left right"),
                ],
                default="end",
                max_length=8,
            ),
        ),
        migrations.AddField(
            "channelsettings",
            "theme",
            models.CharField(
                choices=[("page", "As the page is, by its color-scheme"), ("light", "Light"), ("dark", "Dark")],
                default="page",
                max_length=8,
            ),
        ),
        migrations.AddConstraint(
            "channelsettings",
            models.CheckConstraint(
                condition=models.Q(
                    ("accent__regex", HEX),
                    ("on_accent__regex", HEX),
                    ("accent_dark__regex", HEX),
                    ("on_accent_dark__regex", HEX),
                ),
                name="livesales_colours_are_hex",
            ),
        ),
        migrations.AddConstraint(
            "channelsettings",
            models.CheckConstraint(
                condition=models.Q(("radius__isnull", True), ("radius__lte", 32), _connector="OR"),
                name="livesales_radius_bounded",
            ),
        ),
    ]
