"""What a store owner sets for each sales channel. Saleor's own plugin settings are global (docs/adr/0003)."""

from django.db import models
from django.db.models import Q


class PriceStrength(models.TextChoices):
    OFFER = "offer", "The price rule makes offers"
    GATE = "gate", "No session of any kind opens for an item at or below the threshold"


class ChannelSettings(models.Model):
    """One row a channel; a channel without a row is inactive."""

    channel = models.CharField(max_length=255, primary_key=True)  # slug
    active = models.BooleanField(default=False)
    currency = models.CharField(max_length=3)
    price_threshold = models.DecimalField(max_digits=20, decimal_places=3, null=True)  # None: the price rule is off
    price_strength = models.CharField(max_length=8, choices=PriceStrength, default=PriceStrength.OFFER)
    requests_allowed = models.BooleanField(default=True)
    greeting = models.CharField(max_length=500, blank=True)
    gateway_url = models.CharField(max_length=255, blank=True)  # empty: the deployment's
    contact_email = models.EmailField(blank=True)  # where messages go that nobody was there to take
    updated_at = models.DateTimeField()
    updated_by = models.CharField(max_length=64, blank=True)

    class Meta:
        permissions = [("manage_live_sales", "Manage live sales.")]
        constraints = [
            models.CheckConstraint(
                condition=Q(price_threshold__isnull=True) | Q(price_threshold__gte=0),
                name="livesales_threshold_positive",
            )
        ]
