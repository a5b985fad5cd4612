"""A shop in memory, for tests of the rooms that reach the shop through its interface alone."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.core.files.storage import InMemoryStorage

from saleor_livesales import shop


class FakeShop:
    """Fill the attributes; counts the calls by method name in ``calls``. Implements ``shop.Shop``."""

    def __init__(self) -> None:
        self.calls: dict[str, int] = {}
        self.channel_list = [
            shop.Channel(slug="default-channel", name="Default channel", currency="USD", active=True),
            shop.Channel(slug="channel-pln", name="Channel PLN", currency="PLN", active=True),
        ]
        self.item_table: dict[tuple[str, str, str | None], shop.Item] = {}
        self.cart_table: dict[str, shop.Cart] = {}
        self.customer_table: dict[str, shop.Customer] = {}
        self.staff: dict[str, set[str]] = {}
        self.avatars: dict[str, str] = {}
        self.orders: list[dict[str, Any]] = []
        self.is_active = True
        self.storage = InMemoryStorage()

    def _count(self, name: str) -> None:
        self.calls[name] = self.calls.get(name, 0) + 1

    def add_item(
        self,
        product_id: str,
        price: str | None,
        *,
        variant_id: str | None = None,
        channel: str = "default-channel",
        currency: str = "USD",
        name: str = "A lamp",
    ) -> shop.Item:
        item = shop.Item(
            product_id=product_id,
            variant_id=variant_id,
            name=name,
            price=None if price is None else Decimal(price),
            currency=currency,
        )
        self.item_table[channel, product_id, variant_id] = item
        return item

    def add_cart(
        self, checkout_id: str, total: str, *, channel: str = "default-channel", currency: str = "USD"
    ) -> shop.Cart:
        cart = shop.Cart(
            id=checkout_id, channel=channel, currency=currency, total=Decimal(total), quantity=1, lines=(), user_id=None
        )
        self.cart_table[checkout_id] = cart
        return cart

    def add_customer(self, user_id: str, *, name: str = "Ada Buyer", email: str = "ada@example.com") -> shop.Customer:
        customer = shop.Customer(
            id=user_id,
            name=name,
            email=email,
            joined_at=datetime.datetime(2025, 1, 2, tzinfo=datetime.UTC),
            orders=3,
            spend=(shop.Spend(currency="USD", amount=Decimal("321.50")),),
            last_order_at=datetime.datetime(2026, 5, 6, tzinfo=datetime.UTC),
            countries=("DE",),
            language="en",
        )
        self.customer_table[user_id] = customer
        return customer

    def channels(self) -> list[shop.Channel]:
        self._count("channels")
        return list(self.channel_list)

    def items(self, wanted: Collection[tuple[str, str, str | None]]) -> Mapping[tuple[str, str, str | None], shop.Item]:
        self._count("items")
        return {key: self.item_table[key] for key in wanted if key in self.item_table}

    def carts(self, checkout_ids: Collection[str]) -> Mapping[str, shop.Cart]:
        self._count("carts")
        return {key: self.cart_table[key] for key in checkout_ids if key in self.cart_table}

    def customers(self, user_ids: Collection[str]) -> Mapping[str, shop.Customer]:
        self._count("customers")
        return {key: self.customer_table[key] for key in user_ids if key in self.customer_table}

    def staff_may(self, user_id: str, permission: shop.Permission) -> bool:
        return permission in self.staff.get(user_id, ())

    def staff_avatar(self, user_id: str) -> str | None:
        return self.avatars.get(user_id)

    def requestor(self, context: Any) -> shop.Requestor:
        """Tests put a ``shop.Requestor`` on the context as ``requestor``."""
        nobody = shop.Requestor(user_id=None, name="", staff=False, permissions=frozenset())
        found = getattr(context, "requestor", None)
        return found if isinstance(found, shop.Requestor) else nobody

    def orders_changed_since(self, since: datetime.datetime, limit: int) -> list[dict[str, Any]]:
        found = [order for order in self.orders if order["changed_at"] > since]
        return sorted(found, key=lambda order: order["changed_at"])[:limit]

    def existing_users(self, user_ids: Collection[str]) -> frozenset[str]:
        return frozenset(user_ids) & self.customer_table.keys()

    def active(self) -> bool:
        return self.is_active

    @contextlib.contextmanager
    def writer(self) -> Iterator[None]:
        yield

    def plugin_url(self) -> str:
        return "http://shop.test/plugins/saleor.livesales/"

    def private_storage(self) -> Any:
        return self.storage

    def graphql(self) -> shop.GraphQLTypes:
        raise NotImplementedError("GraphQL tests install their own types.")
