"""Fills the stand-in shop for the demo. Running it again brings back what is missing and changes nothing else."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from saleor_livesales import models as live
from saleor_livesales.shop import HANDLE_LIVE_SALES, MANAGE_LIVE_SALES

from ...demo import PRODUCTS
from ...models import (
    LIVE_SALES,
    Address,
    App,
    AppExtension,
    Channel,
    ChargeStatus,
    Order,
    Product,
    ProductChannelListing,
    ProductVariant,
    ProductVariantChannelListing,
    SiteSettings,
    User,
)

PASSWORD = "password"
ZLOTY = Decimal("3.90")  # to the dollar; the demo's own

STAFF = [
    ("rep@example.com", "Robin", "Rep", "Live sales reps", "/media/robin-avatar.svg"),
    ("rep2@example.com", "Noor", "Rep", "Live sales reps", ""),
    ("owner@example.com", "Olga", "Owner", "Live sales owners", ""),
    ("noperm@example.com", "Nils", "Noperm", None, ""),
]
GROUPS = {"Live sales reps": [HANDLE_LIVE_SALES], "Live sales owners": [HANDLE_LIVE_SALES, MANAGE_LIVE_SALES]}
# E-mail, first and last name, country, amounts of past orders in USD.
CUSTOMERS = [
    ("shopper@example.com", "Sam", "Shopper", "DE", ["249.00", "59.00", "1290.00"]),
    ("ada@example.com", "Ada", "Buyer", "US", ["45.00"]),
    ("jan@example.com", "Jan", "Klient", "PL", ["420.00", "28.00"]),
]


class Command(BaseCommand):
    help = "Fills the stand-in shop with channels, products, customers and staff (all with the password 'password')."

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            SiteSettings.objects.get_or_create(pk=1)
            channels = self._channels()
            self._products(channels)
            self._staff()
            self._customers(channels["default-channel"])
            self._app()
            self._live_sales(channels)
        self.stdout.write(f"{Product.objects.count()} products, {User.objects.count()} accounts.")

    def _channels(self) -> dict[str, Channel]:
        rows = [("default-channel", "Default channel", "USD", "US"), ("channel-pln", "Channel-PLN", "PLN", "PL")]
        return {
            slug: Channel.objects.get_or_create(
                slug=slug, defaults={"name": name, "currency_code": currency, "default_country": country}
            )[0]
            for slug, name, currency, country in rows
        }

    def _products(self, channels: dict[str, Channel]) -> None:
        since = datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC)
        for slug, name, description, variants in PRODUCTS:
            product, _ = Product.objects.get_or_create(
                slug=slug, defaults={"name": name, "description": description, "picture": f"/media/{slug}.svg"}
            )
            for channel in channels.values():
                ProductChannelListing.objects.get_or_create(
                    product=product, channel=channel, defaults={"available_for_purchase_at": since}
                )
            for order, (variant_name, price) in enumerate(variants):
                variant, _ = ProductVariant.objects.get_or_create(
                    sku=f"{slug}-{order + 1}".upper(),
                    defaults={"product": product, "name": variant_name, "sort_order": order},
                )
                amounts = {
                    "default-channel": Decimal(price),
                    "channel-pln": (Decimal(price) * ZLOTY).quantize(Decimal("0.01")),
                }
                for channel_slug, amount in amounts.items():
                    ProductVariantChannelListing.objects.get_or_create(
                        variant=variant, channel=channels[channel_slug], defaults={"price_amount": amount}
                    )

    def _user(self, email: str, first_name: str, last_name: str, **fields: Any) -> tuple[User, bool]:
        if found := User.objects.filter(email=email).first():
            return found, False
        return User.objects.create_user(email, PASSWORD, first_name=first_name, last_name=last_name, **fields), True

    def _staff(self) -> None:
        groups = {}
        for name, wanted in GROUPS.items():
            groups[name], made = Group.objects.get_or_create(name=name)
            if made:
                groups[name].permissions.set(self._live_permissions(wanted))
        for email, first_name, last_name, group, avatar in STAFF:
            user, made = self._user(email, first_name, last_name, is_staff=True, avatar=avatar)
            if made and group:
                user.groups.add(groups[group])

    def _live_permissions(self, wanted: list[str]) -> list[Permission]:
        return list(
            Permission.objects.filter(
                content_type__app_label="saleor_livesales", codename__in=[name.lower() for name in wanted]
            )
        )

    def _customers(self, channel: Channel) -> None:
        now = timezone.now()
        for number, (email, first_name, last_name, country, amounts) in enumerate(CUSTOMERS):
            joined = now - datetime.timedelta(days=400 - 30 * number)
            user, made = self._user(email, first_name, last_name, date_joined=joined)
            if not made:
                continue
            Address.objects.create(
                user=user, first_name=first_name, last_name=last_name, country=country, city="Example town",
                street_address_1="1 Example street", postal_code="10115",
            )  # fmt: skip
            for index, amount in enumerate(amounts):
                ordered = now - datetime.timedelta(days=200 - 60 * index)
                Order.objects.create(
                    number=Order.objects.count() + 1, channel=channel, user=user, user_email=email,
                    currency=channel.currency_code, total_gross_amount=Decimal(amount), charge_status=ChargeStatus.FULL,
                    created_at=ordered, updated_at=ordered,
                )  # fmt: skip

    def _app(self) -> None:
        """What the plugin writes into Saleor when it is activated: the app, and a page for each of the two rights."""
        address = settings.PUBLIC_URL.rstrip("/")
        app, _ = App.objects.update_or_create(
            identifier=LIVE_SALES,
            defaults={
                "name": "Live sales",
                "app_url": f"{address}/plugins/{LIVE_SALES}/console/",
                "audience": f"{address}/plugins/{LIVE_SALES}",
            },
        )
        app.permissions.set(self._live_permissions([HANDLE_LIVE_SALES, MANAGE_LIVE_SALES]))
        pages = [
            ("desk", "Live sales desk", "/desk", HANDLE_LIVE_SALES),
            ("settings", "Live sales settings", "/settings", MANAGE_LIVE_SALES),
        ]
        for identifier, label, url, permission in pages:
            extension, _ = AppExtension.objects.update_or_create(
                app=app, identifier=identifier, defaults={"label": label, "url": url, "mount": "navigation_customers"}
            )
            extension.permissions.set(self._live_permissions([permission]))

    def _live_sales(self, channels: dict[str, Channel]) -> None:
        channel = channels["default-channel"]
        live.ChannelSettings.objects.get_or_create(
            channel=channel.slug,
            defaults={
                "active": True,
                "currency": channel.currency_code,
                "price_threshold": Decimal(100),
                "greeting": "Good choice! Shall we help you with it?",
                "contact_email": "owner@example.com",
                "updated_at": timezone.now(),
            },
        )
