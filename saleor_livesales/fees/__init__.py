"""Fees that are charged to a payment method which its owner left for that: methods, charges, and what providers tell.

Knows accounts and orders of the shop, and nothing of memberships.
"""

from __future__ import annotations

from typing import Final

from .. import conf, shop
from ..collectors import FeeCollector, Keys, stripe

STRIPE_KEY: Final = "Stripe secret key"  # the names of the plugin's settings, as the owner reads them
STRIPE_WEBHOOK_SECRET: Final = "Stripe webhook signing secret"  # noqa: S105


def collector() -> FeeCollector | None:
    """The provider that the owner set up; None: cards are not charged here."""
    settings, current = conf.load(), shop.current()
    key = current.plugin_setting(STRIPE_KEY).strip() or settings.stripe_key
    if not key:
        return None
    secrets = current.plugin_setting(STRIPE_WEBHOOK_SECRET).replace(",", " ").split()
    return stripe.Stripe(
        Keys(secret=key, webhook_secrets=tuple(secrets) or settings.stripe_webhook_secrets), api=settings.stripe_api
    )
