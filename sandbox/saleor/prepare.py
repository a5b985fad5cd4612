"""Prepares a real Saleor for the demo and the tests: logins, the plugin switched on, products around the threshold.

Runs in the Saleor checkout's own environment, through Saleor's own models: ``python -m sandbox.saleor.prepare``.
Running it again brings back what is missing and changes nothing else, but the plugin's Dashboard addresses and the
App's own address, which follow the environment.
"""

from __future__ import annotations

import os
from decimal import Decimal
from typing import Any

PASSWORD = "password"
CHANNEL = "default-channel"
THRESHOLD = Decimal("100.00")
STAFF = [
    ("rep@example.com", "Robin", "Rep", "Live sales reps"),
    ("rep2@example.com", "Noor", "Rep", "Live sales reps"),
    ("owner@example.com", "Olga", "Owner", "Live sales owners"),
    ("noperm@example.com", "Nils", "Noperm", None),
]
GROUPS = {
    "Live sales reps": ["handle_live_sales"],
    "Live sales owners": ["handle_live_sales", "manage_live_sales"],
}
SHOPPER = ("shopper@example.com", "Sam", "Shopper")


def main() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saleor.settings")
    django.setup()

    from django.db import transaction
    from saleor.core.db.connection import allow_writer

    with allow_writer(), transaction.atomic():
        people()
        sample_promotions()
        products()
        plugin()
        settings()


def people() -> None:
    from saleor.account.models import Address, Group, User
    from saleor.permission.models import Permission

    groups = {}
    for name, codenames in GROUPS.items():
        groups[name], made = Group.objects.get_or_create(name=name)
        if made:
            groups[name].permissions.set(
                Permission.objects.filter(content_type__app_label="saleor_livesales", codename__in=codenames)
            )
    for email, first_name, last_name, group in STAFF:
        user, made = account(email, first_name, last_name, is_staff=True)
        if made and group:
            user.groups.add(groups[group])
    email, first_name, last_name = SHOPPER
    shopper, made = account(email, first_name, last_name)
    if made:
        address = Address.objects.create(
            first_name=first_name, last_name=last_name, country="DE", city="BERLIN", postal_code="10115",
            street_address_1="1 Example street",
        )  # fmt: skip
        shopper.addresses.add(address)
    User.objects.filter(email=email, is_confirmed=False).update(is_confirmed=True)


def account(email: str, first_name: str, last_name: str, **fields: Any) -> tuple[Any, bool]:
    from saleor.account.models import User

    if found := User.objects.filter(email=email).first():
        return found, False
    made = User(email=email, first_name=first_name, last_name=last_name, is_active=True, is_confirmed=True, **fields)
    made.set_password(PASSWORD)
    made.save()
    return made, True


def sample_promotions() -> None:
    """Takes away the discounts on whole carts that ``populatedb`` draws at random and lets begin a day later.

    Carts of the demo would else cost less from the second day on, by another amount in each shop.
    Source: ``create_fake_order_promotion`` in Saleor's ``saleor/core/utils/random_data.py``.
    """
    from saleor.discount import PromotionType
    from saleor.discount.models import Promotion

    Promotion.objects.filter(type=PromotionType.ORDER, name__startswith="Happy ", name__endswith=" day!").delete()


def products() -> None:
    """The stand-in shop's products, among them one that costs the threshold to the cent and one a cent more."""
    from django.utils import timezone
    from saleor.channel.models import Channel
    from saleor.product.models import (
        Category,
        Product,
        ProductChannelListing,
        ProductType,
        ProductVariant,
        ProductVariantChannelListing,
    )
    from saleor.warehouse.models import Stock, Warehouse

    from sandbox.shop.demo import PRODUCTS

    channel = Channel.objects.get(slug=CHANNEL)
    warehouse = Warehouse.objects.filter(channels=channel).order_by("pk").first()
    kind, _ = ProductType.objects.get_or_create(
        slug="live-sales-demo", defaults={"name": "Live sales demo", "has_variants": True}
    )
    category, _ = Category.objects.get_or_create(slug="live-sales-demo", defaults={"name": "Live sales demo"})
    now = timezone.now()
    for slug, name, description, variants in PRODUCTS:
        product, made = Product.objects.get_or_create(
            slug=slug,
            defaults={"name": name, "description_plaintext": description, "product_type": kind, "category": category},
        )
        if not made:
            continue
        prices = [Decimal(price) for _, price in variants]
        ProductChannelListing.objects.create(
            product=product, channel=channel, is_published=True, published_at=now, visible_in_listings=True,
            available_for_purchase_at=now, currency=channel.currency_code, discounted_price_amount=min(prices),
        )  # fmt: skip
        for order, (variant_name, price) in enumerate(variants):
            variant = ProductVariant.objects.create(
                product=product, sku=f"{slug}-{order + 1}".upper(), name=variant_name, sort_order=order,
                track_inventory=False,
            )  # fmt: skip
            ProductVariantChannelListing.objects.create(
                variant=variant, channel=channel, currency=channel.currency_code, price_amount=Decimal(price),
                discounted_price_amount=Decimal(price),
            )  # fmt: skip
            if order == 0:
                product.default_variant = variant
                product.save(update_fields=["default_variant"])
            if warehouse is not None:
                Stock.objects.create(product_variant=variant, warehouse=warehouse, quantity=1000)


def plugin() -> None:
    from saleor.plugins.manager import get_plugins_manager

    dashboards = " ".join(part for part in os.environ.get("LIVESALES_DASHBOARD_ORIGINS", "").split(",") if part)
    get_plugins_manager(allow_replica=False).save_plugin_configuration(
        "saleor.livesales",
        None,
        {"active": True, "configuration": [{"name": "Dashboard addresses", "value": dashboards}]},
    )


def settings() -> None:
    from django.utils import timezone

    from saleor_livesales.channels import actions
    from saleor_livesales.channels.models import ChannelSettings

    if not ChannelSettings.objects.filter(channel=CHANNEL).exists():
        actions.update(
            channel=CHANNEL,
            changes={
                "active": True,
                "price_threshold": THRESHOLD,
                "requests_allowed": True,
                "greeting": "Hello! Can we help you choose?",
                "contact_email": "owner@example.com",
            },
            actor_user_id=None,
            now=timezone.now(),
        )


if __name__ == "__main__":
    main()
