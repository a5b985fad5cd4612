"""The shop's interface on Saleor's models. Every method reads the primary and does a constant number of queries."""

from __future__ import annotations

import contextlib
import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Sum
from saleor.account.models import Address, User
from saleor.channel.models import Channel
from saleor.core import private_storage
from saleor.core.db.connection import allow_writer
from saleor.core.utils import build_absolute_uri
from saleor.order import OrderChargeStatus, OrderStatus
from saleor.order.models import Order
from saleor.payment import ChargeStatus
from saleor.payment.models import Payment, TransactionItem

from .. import shop
from . import avatars, orders, payments, pricing, registration, requestors
from .keys import global_id, integers

NOT_BOUGHT = (OrderStatus.DRAFT, OrderStatus.CANCELED, OrderStatus.EXPIRED)


class SaleorShop:
    """Implements ``shop.Shop``."""

    @allow_writer()
    def channels(self) -> list[shop.Channel]:
        return [
            shop.Channel(slug=slug, name=name, currency=currency, active=active)
            for slug, name, currency, active in Channel.objects.order_by("slug").values_list(
                "slug", "name", "currency_code", "is_active"
            )
        ]

    @allow_writer()
    def items(self, wanted: Collection[tuple[str, str, str | None]]) -> Mapping[tuple[str, str, str | None], shop.Item]:
        """Items with what ``pricing`` of Product and ProductVariant shows for the channel's own country."""
        return pricing.items(wanted)

    @allow_writer()
    def carts(self, checkout_ids: Collection[str]) -> Mapping[str, shop.Cart]:
        """Carts by the totals that Saleor stored, and by the items' prices where these are out of date."""
        return pricing.carts(checkout_ids)

    @allow_writer()
    def customers(self, user_ids: Collection[str]) -> Mapping[str, shop.Customer]:
        keys = integers("User", user_ids)
        users = User.objects.filter(pk__in=keys.values()).in_bulk()
        countries: dict[int, list[str]] = defaultdict(list)
        addresses = Address.objects.filter(user_addresses__in=users).values_list("user_addresses", "country")
        for user, country in addresses.order_by("pk"):
            if country and country not in countries[user]:
                countries[user].append(country)
        bought: dict[int, list[dict[str, Any]]] = defaultdict(list)
        placed = Order.objects.filter(user__in=users).exclude(status__in=NOT_BOUGHT)
        for row in (
            placed.order_by()
            .values("user_id", "currency")
            .annotate(number=Count("pk"), amount=Sum("total_gross_amount"), last=Max("created_at"))
        ):
            bought[row["user_id"]].append(row)
        return {key: _customer(key, users[pk], countries[pk], bought[pk]) for key, pk in keys.items() if pk in users}

    @allow_writer()
    def postal_addresses(self, user_ids: Collection[str]) -> Mapping[str, shop.PostalAddress]:
        return orders.postal_addresses(user_ids)

    @allow_writer()
    def staff_may(self, user_id: str, permission: shop.Permission) -> bool:
        pks = integers("User", [user_id])
        return bool(pks) and permission in requestors.held_by_staff(pks[user_id])

    @allow_writer()
    def staff_avatar(self, user_id: str) -> str | None:
        return avatars.address(user_id)

    @allow_writer()
    def requestor(self, context: Any) -> shop.Requestor:
        return requestors.requestor(context)

    @allow_writer()
    def orders_changed_since(self, since: datetime.datetime, limit: int) -> list[dict[str, Any]]:
        refunded = TransactionItem.objects.filter(order_id=OuterRef("pk"), refunded_value__gt=0)
        refunded_before = Payment.objects.filter(  # from before Saleor had transactions
            order_id=OuterRef("pk"), charge_status__in=(ChargeStatus.PARTIALLY_REFUNDED, ChargeStatus.FULLY_REFUNDED)
        )
        rows = (
            Order.objects.filter(updated_at__gte=since)
            .exclude(status=OrderStatus.DRAFT)
            .annotate(refunded=Exists(refunded) | Exists(refunded_before))
            .order_by("updated_at", "pk")
            .values("pk", "user_id", "checkout_token", "status", "charge_status", "updated_at", "refunded")[:limit]
        )
        return [
            {
                "id": global_id("Order", row["pk"]),
                "user_id": global_id("User", row["user_id"]) if row["user_id"] else None,
                "checkout_id": global_id("Checkout", row["checkout_token"]) if row["checkout_token"] else None,
                "status": row["status"],
                "fully_paid": row["charge_status"] in (OrderChargeStatus.FULL, OrderChargeStatus.OVERCHARGED),
                "refunded": row["refunded"],
                "changed_at": row["updated_at"],
            }
            for row in rows
        ]

    @allow_writer()
    def orders(self, order_ids: Collection[str]) -> Mapping[str, shop.Order]:
        return orders.read(order_ids)

    @allow_writer()
    def place_order(
        self, *, reference: str, user_id: str, channel: str, variant_id: str, like: str | None
    ) -> shop.Placed:
        return orders.place(reference=reference, user_id=user_id, channel=channel, variant_id=variant_id, like=like)

    @allow_writer()
    def cancel_order(self, order_id: str) -> bool:
        return orders.cancel(order_id)

    @allow_writer()
    def record_payment(
        self, *, order_id: str, reference: str, amount: Decimal, currency: str, name: str, url: str
    ) -> None:
        payments.record(order_id=order_id, reference=reference, amount=amount, currency=currency, name=name, url=url)

    @allow_writer()
    def record_back(
        self,
        *,
        order_id: str,
        payment: str,
        kind: shop.BackKind,
        reference: str,
        amount: Decimal,
        currency: str,
        message: str = "",
    ) -> None:
        payments.record_back(
            order_id=order_id, payment=payment, kind=kind, reference=reference, amount=amount, message=message
        )

    @allow_writer()
    def plugin_setting(self, name: str) -> str:
        return registration.setting(name)

    @allow_writer()
    def find_users(self, text: str, limit: int) -> list[str]:
        return orders.find_users(text, limit)

    @allow_writer()
    def existing_users(self, user_ids: Collection[str]) -> frozenset[str]:
        keys = integers("User", user_ids)
        there = set(User.objects.filter(pk__in=keys.values()).values_list("pk", flat=True))
        return frozenset(key for key, pk in keys.items() if pk in there)

    @allow_writer()
    def active(self) -> bool:
        return registration.switched_on()

    @contextlib.contextmanager
    def writer(self) -> Iterator[None]:
        with allow_writer():
            yield

    def plugin_url(self) -> str:
        return f"{registration.audience()}/"

    def private_storage(self) -> Any:
        return private_storage

    def graphql(self) -> shop.GraphQLTypes:
        from .types import graphql_types

        return graphql_types()


def _customer(key: str, user: User, countries: Iterable[str], bought: Collection[Mapping[str, Any]]) -> shop.Customer:
    return shop.Customer(
        id=key,
        name=requestors.full_name(user) or user.email,
        email=user.email,
        joined_at=user.date_joined,
        orders=sum(row["number"] for row in bought),
        spend=tuple(
            shop.Spend(currency=row["currency"], amount=row["amount"])
            for row in sorted(bought, key=lambda row: row["currency"])
        ),
        last_order_at=max((row["last"] for row in bought), default=None),
        countries=tuple(countries),
        language=user.language_code,
        avatar_url=build_absolute_uri(user.avatar.url) if user.avatar else None,
    )
