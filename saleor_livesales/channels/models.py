"""What a store owner sets for each sales channel. Saleor's own plugin settings are global (docs/adr/0003)."""

from django.db import models
from django.db.models import Q

from .look import RADIUS_LIMIT

LONGEST_AFTER_LAPSE = 240  # minutes
HEX = r"^(#[0-9a-f]{6})?$"


class PriceStrength(models.TextChoices):
    OFFER = "offer", "The price rule makes offers"
    GATE = "gate", "No session of any kind opens for an item at or below the threshold"


class WidgetSide(models.TextChoices):
    END = "end", "Where lines end: right, in languages from right to left left"
    START = "start", "Where lines start: left, in languages from right to left right"


class WidgetTheme(models.TextChoices):
    PAGE = "page", "As the page is, by its color-scheme"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


class ChannelSettings(models.Model):
    """One row a channel; a channel without a row is inactive."""

    channel = models.CharField(max_length=255, primary_key=True)  # slug
    active = models.BooleanField(default=False)
    currency = models.CharField(max_length=3)
    price_threshold = models.DecimalField(max_digits=20, decimal_places=3, null=True)  # None: the price rule is off
    price_strength = models.CharField(max_length=8, choices=PriceStrength, default=PriceStrength.OFFER)
    requests_allowed = models.BooleanField(default=True)
    code_required = models.BooleanField(default=False)  # no session of any kind opens without a sign-in code
    greeting = models.CharField(max_length=500, blank=True)
    gateway_url = models.CharField(max_length=255, blank=True)  # empty: the deployment's
    contact_email = models.EmailField(blank=True)  # where messages go that nobody was there to take
    accent = models.CharField(max_length=7, blank=True)  # colours as #rrggbb; empty: worked out, or the widget's own
    on_accent = models.CharField(max_length=7, blank=True)
    accent_dark = models.CharField(max_length=7, blank=True)
    on_accent_dark = models.CharField(max_length=7, blank=True)
    radius = models.PositiveSmallIntegerField(null=True)  # pixels; None: the widget's own
    side = models.CharField(max_length=8, choices=WidgetSide, default=WidgetSide.END)
    theme = models.CharField(max_length=8, choices=WidgetTheme, default=WidgetTheme.PAGE)
    pictures_allowed = models.BooleanField(default=True)
    # Office hours, as ``opening`` reads and writes them. No span in a week: open all the time.
    time_zone = models.CharField(max_length=64, default="UTC")  # of the tz database
    opening_hours = models.JSONField(default=list)  # seven days from Monday, each of [start, end] in minutes
    special_days = models.JSONField(default=list)
    rating_asked = models.BooleanField(default=True)  # after a session in which a rep had answered
    # Minutes until an open session ends whose membership has; None: it goes on.
    ends_after_lapse = models.PositiveSmallIntegerField(null=True)
    updated_at = models.DateTimeField()
    updated_by = models.CharField(max_length=64, blank=True)

    class Meta:
        permissions = [("manage_live_sales", "Manage live sales.")]
        constraints = [
            models.CheckConstraint(
                condition=Q(price_threshold__isnull=True) | Q(price_threshold__gte=0),
                name="livesales_threshold_positive",
            ),
            models.CheckConstraint(
                condition=Q(accent__regex=HEX)
                & Q(on_accent__regex=HEX)
                & Q(accent_dark__regex=HEX)
                & Q(on_accent_dark__regex=HEX),
                name="livesales_colours_are_hex",
            ),
            models.CheckConstraint(
                condition=Q(ends_after_lapse__isnull=True) | Q(ends_after_lapse__lte=LONGEST_AFTER_LAPSE),
                name="livesales_lapse_bounded",
            ),
            models.CheckConstraint(
                condition=Q(radius__isnull=True) | Q(radius__lte=RADIUS_LIMIT), name="livesales_radius_bounded"
            ),
        ]
