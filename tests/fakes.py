"""A shop in memory, for tests of the rooms that reach the shop through its interface alone."""

from __future__ import annotations

import contextlib
import dataclasses
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
        self.address_table: dict[str, shop.PostalAddress] = {}
        self.staff: dict[str, set[str]] = {}
        self.orders_changed: list[dict[str, Any]] = []
        self.order_table: dict[str, shop.Order] = {}
        self.placed: dict[str, shop.Placed] = {}  # by reference
        self.refuses_orders = ""  # the reason, while the shop refuses to make orders
        self.payments: dict[str, tuple[str, Decimal, str]] = {}  # by the provider's reference
        self.backs: dict[tuple[str, str, str], Decimal] = {}  # by payment, kind and reference
        self.plugin_settings: dict[str, str] = {}
        self.avatars: dict[str, str] = {}
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

    def postal_addresses(self, user_ids: Collection[str]) -> Mapping[str, shop.PostalAddress]:
        self._count("postal_addresses")
        return {key: self.address_table[key] for key in user_ids if key in self.address_table}

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
        found = [order for order in self.orders_changed if order["changed_at"] > since]
        return sorted(found, key=lambda order: order["changed_at"])[:limit]

    def orders(self, order_ids: Collection[str]) -> Mapping[str, shop.Order]:
        self._count("orders")
        return {key: self.order_table[key] for key in order_ids if key in self.order_table}

    def put_order(self, order: shop.Order, at: datetime.datetime | None = None) -> shop.Order:
        """The order as it is from now on; with ``at`` the sweep will find that it changed then."""
        self.order_table[order.id] = order
        if at is not None:
            row = {"id": order.id, "user_id": order.user_id, "checkout_id": None, "changed_at": at}
            status = "canceled" if order.cancelled else "unfulfilled"
            self.orders_changed = [known for known in self.orders_changed if known["id"] != order.id]
            self.orders_changed.append(
                {**row, "status": status, "fully_paid": order.paid, "refunded": order.refunded > 0}
            )
        return order

    def place_order(
        self, *, reference: str, user_id: str, channel: str, variant_id: str, like: str | None
    ) -> shop.Placed:
        self._count("place_order")
        if self.refuses_orders:
            raise shop.CannotOrder(self.refuses_orders)
        if reference not in self.placed:
            number = str(9000 + len(self.placed))
            order_id = f"placed-{number}"
            price = next(
                item.price for key, item in self.item_table.items() if key[0] == channel and key[2] == variant_id
            )
            assert price is not None
            line = shop.OrderLine(
                id=f"line-{number}", variant_id=variant_id, quantity=1, total=price, refunded_quantity=0
            )
            self.order_table[order_id] = shop.Order(
                id=order_id, number=number, placed_at=datetime.datetime.now(datetime.UTC), channel=channel,
                currency="USD", user_id=user_id, confirmed=True,
                cancelled=False, paid=False, total=price, refunded=Decimal(0), lines=(line,), outstanding=price,
            )  # fmt: skip
            self.placed[reference] = shop.Placed(id=order_id, number=number)
        return self.placed[reference]

    def cancel_order(self, order_id: str) -> bool:
        order = self.order_table[order_id]
        if order.paid:
            return False
        self.order_table[order_id] = dataclasses.replace(order, cancelled=True)
        return True

    def record_payment(
        self, *, order_id: str, reference: str, amount: Decimal, currency: str, name: str, url: str
    ) -> None:
        self._count("record_payment")
        if reference in self.payments:
            return
        self.payments[reference] = (order_id, amount, currency)
        order = self.order_table[order_id]
        outstanding = max(Decimal(0), order.outstanding - amount)
        self.order_table[order_id] = dataclasses.replace(order, outstanding=outstanding, paid=outstanding == 0)

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
        if payment not in self.payments or (payment, kind, reference) in self.backs:
            return
        if kind == "refund_failed" and (payment, "refund", reference) not in self.backs:
            return
        self.backs[payment, kind, reference] = amount
        order = self.order_table[order_id]
        refunded = order.refunded + {"refund": amount, "refund_failed": -amount}.get(kind, Decimal(0))
        if kind == "refund_refused" and (payment, "refund", reference) in self.backs:
            refunded -= amount
        paid = {"chargeback": False, "reinstated": True}.get(kind, order.paid)
        self.order_table[order_id] = dataclasses.replace(order, refunded=refunded, paid=paid)

    def plugin_setting(self, name: str) -> str:
        return self.plugin_settings.get(name, "")

    def find_users(self, text: str, limit: int) -> list[str]:
        self._count("find_users")
        found = [key for key, row in self.customer_table.items() if text.lower() in f"{row.name} {row.email}".lower()]
        return sorted(found, key=lambda key: self.customer_table[key].email.lower() != text.strip().lower())[:limit]

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
