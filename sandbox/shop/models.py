"""What the stand-in shop keeps: the part of Saleor's data that the product, the demo storefront and the tests touch.

Keys are as Saleor's: integers for accounts, channels and catalogue, UUIDs for checkouts, their lines and orders.
Prices are what the customer pays, tax included at 0 %: gross and net are the same.
"""

from __future__ import annotations

import secrets
import uuid
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import Group, Permission
from django.db import models
from django.db.models import Q, QuerySet
from django.utils import timezone

LIVE_SALES = "saleor.livesales"  # the plugin's id, and its app's identifier


def new_jwt_token_key() -> str:
    """Changing an account's key ends all of its tokens."""
    return secrets.token_hex(6)


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser):
    """An account: a customer, or a member of staff. Staff rights come from permission groups alone, as in Saleor."""

    email = models.EmailField(unique=True)
    first_name = models.CharField(max_length=256, blank=True)
    last_name = models.CharField(max_length=256, blank=True)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    is_superuser = models.BooleanField(default=False)
    jwt_token_key = models.CharField(max_length=12, default=new_jwt_token_key)
    language_code = models.CharField(max_length=35, default="en")
    avatar = models.CharField(max_length=255, blank=True)  # path on this server
    groups = models.ManyToManyField(Group, related_name="users", blank=True)
    date_joined = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    USERNAME_FIELD = "email"
    objects = UserManager()

    class Meta:
        permissions = [
            ("manage_users", "Manage customers."),
            ("manage_staff", "Manage staff."),
            ("manage_apps", "Manage apps"),
            ("manage_channels", "Manage channels."),
            ("manage_checkouts", "Manage checkouts"),
            ("manage_orders", "Manage orders."),
            ("manage_products", "Manage products."),
        ]

    def get_full_name(self) -> str:
        """First and last name, else the e-mail address: as Saleor does."""
        return f"{self.first_name} {self.last_name}".strip() or self.email

    @property
    def permissions(self) -> QuerySet[Permission]:
        """The rights that hold in the database now."""
        if not self.is_active:
            return Permission.objects.none()
        if self.is_superuser:
            return Permission.objects.all()
        return Permission.objects.filter(group__in=self.groups.all()).distinct()


class Address(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="addresses")
    first_name = models.CharField(max_length=256, blank=True)
    last_name = models.CharField(max_length=256, blank=True)
    company_name = models.CharField(max_length=256, blank=True)
    street_address_1 = models.CharField(max_length=256, blank=True)
    street_address_2 = models.CharField(max_length=256, blank=True)
    city = models.CharField(max_length=256, blank=True)
    city_area = models.CharField(max_length=128, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2)
    country_area = models.CharField(max_length=128, blank=True)
    phone = models.CharField(max_length=128, blank=True)


class Channel(models.Model):
    name = models.CharField(max_length=250)
    slug = models.SlugField(max_length=255, unique=True)
    is_active = models.BooleanField(default=True)
    currency_code = models.CharField(max_length=3)
    default_country = models.CharField(max_length=2)


class Product(models.Model):
    name = models.CharField(max_length=250)
    slug = models.SlugField(max_length=255, unique=True)
    description = models.TextField(blank=True)  # plain text; GraphQL shows it as the editor's JSON
    picture = models.CharField(max_length=255, blank=True)  # path on this server
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)


class ProductChannelListing(models.Model):
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="channel_listings")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="product_listings")
    is_published = models.BooleanField(default=True)
    visible_in_listings = models.BooleanField(default=True)
    available_for_purchase_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["product", "channel"], name="shop_product_in_channel")]


class ProductVariant(models.Model):
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants")
    name = models.CharField(max_length=255)
    sku = models.CharField(max_length=255, unique=True)
    quantity = models.PositiveIntegerField(default=50)  # in stock
    sort_order = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)


class ProductVariantChannelListing(models.Model):
    """``discounted_price_amount`` is what is charged; it is the price unless a promotion lowers it."""

    variant = models.ForeignKey(ProductVariant, on_delete=models.CASCADE, related_name="channel_listings")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="variant_listings")
    price_amount = models.DecimalField(max_digits=20, decimal_places=3, null=True)
    discounted_price_amount = models.DecimalField(max_digits=20, decimal_places=3, null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["variant", "channel"], name="shop_variant_in_channel")]


class Checkout(models.Model):
    token = models.UUIDField(primary_key=True, default=uuid.uuid4)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="checkouts")
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="checkouts")
    email = models.EmailField(blank=True, null=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)


class CheckoutLine(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    checkout = models.ForeignKey(Checkout, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey(ProductVariant, on_delete=models.CASCADE, related_name="+")
    quantity = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["created_at", "id"]


class OrderStatus(models.TextChoices):
    """Saleor's values, those that the stand-in uses."""

    UNFULFILLED = "unfulfilled"
    FULFILLED = "fulfilled"
    CANCELED = "canceled"


class ChargeStatus(models.TextChoices):
    NONE = "none"
    PARTIAL = "partial"
    FULL = "full"


class Order(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    number = models.PositiveIntegerField(unique=True)
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="orders")
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="orders")
    user_email = models.EmailField(blank=True)
    checkout_token = models.CharField(max_length=36, blank=True)
    status = models.CharField(max_length=32, choices=OrderStatus, default=OrderStatus.UNFULFILLED)
    charge_status = models.CharField(max_length=32, choices=ChargeStatus, default=ChargeStatus.NONE)
    refunded_amount = models.DecimalField(max_digits=20, decimal_places=3, default=0)
    currency = models.CharField(max_length=3)
    total_gross_amount = models.DecimalField(max_digits=20, decimal_places=3)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now, db_index=True)
    external_reference = models.CharField(max_length=250, unique=True, blank=True, null=True)


class OrderLine(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey(ProductVariant, null=True, on_delete=models.SET_NULL, related_name="+")
    quantity = models.PositiveIntegerField()
    total_gross_amount = models.DecimalField(max_digits=20, decimal_places=3)
    refunded_quantity = models.PositiveIntegerField(default=0)  # of granted refunds that went through
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["created_at", "id"]


class Payment(models.Model):
    """A charge by a provider that was entered for an order, as Saleor's transactions are."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="payments")
    reference = models.CharField(max_length=512)
    name = models.CharField(max_length=512, blank=True)
    amount = models.DecimalField(max_digits=20, decimal_places=3)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "reference"], name="shop_payment_once")]


class PaymentEvent(models.Model):
    """Money of a payment that went back, or came again."""

    payment = models.ForeignKey(Payment, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=16)
    reference = models.CharField(max_length=512)
    amount = models.DecimalField(max_digits=20, decimal_places=3)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["payment", "kind", "reference"], name="shop_payment_event_once")]


class App(models.Model):
    """An installed app, as Saleor's: the plugin registers itself as one so that the Dashboard shows its pages."""

    name = models.CharField(max_length=60)
    identifier = models.CharField(max_length=256, unique=True)
    is_active = models.BooleanField(default=True)
    app_url = models.URLField(blank=True, null=True)
    audience = models.CharField(max_length=256, blank=True, null=True)
    version = models.CharField(max_length=60, blank=True)
    permissions = models.ManyToManyField(Permission, related_name="+", blank=True)
    created_at = models.DateTimeField(default=timezone.now)


class AppExtension(models.Model):
    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="extensions")
    label = models.CharField(max_length=256)
    url = models.CharField(max_length=2048)
    mount = models.CharField(max_length=256)
    target = models.CharField(max_length=128, default="app_page")
    identifier = models.CharField(max_length=256, blank=True)
    permissions = models.ManyToManyField(Permission, related_name="+", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["app", "identifier"], condition=~Q(identifier=""), name="shop_extension_identifier"
            )
        ]


class SiteSettings(models.Model):
    """One row: what the owner of the stand-in shop may switch."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    name = models.CharField(max_length=255, default="Sandbox shop")
    live_sales_active = models.BooleanField(default=True)  # the plugin's own switch, as in Saleor's plugin page

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="shop_one_site")]

    @classmethod
    def load(cls) -> SiteSettings:
        return cls.objects.filter(pk=1).first() or cls()
