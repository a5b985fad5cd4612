"""The one interface through which everything outside ``host`` reaches the shop.

``host.adapter`` implements it on Saleor; ``sandbox.shop.adapter`` implements it for the stand-in shop. Ids are the
shop's global ids (``VXNlcjox``); channels are slugs; amounts are ``Decimal`` with an ISO 4217 currency. Each method
that takes several ids does a constant number of queries, and leaves out what does not exist.
"""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal, Protocol

HANDLE_LIVE_SALES: Final = "HANDLE_LIVE_SALES"
MANAGE_LIVE_SALES: Final = "MANAGE_LIVE_SALES"
Permission = Literal["HANDLE_LIVE_SALES", "MANAGE_LIVE_SALES"]
BackKind = Literal["refund", "refund_failed", "refund_refused", "chargeback", "reinstated"]


@dataclass(frozen=True, kw_only=True)
class Channel:
    slug: str
    name: str
    currency: str
    active: bool


@dataclass(frozen=True, kw_only=True)
class Item:
    """A product or one of its variants, as it is sold in a channel.

    ``price`` is the undiscounted-or-discounted price that the shop charges now (gross or net as the channel shows it).
    Without a variant it is that of the cheapest variant: whatever is chosen, the item is worth at least that.
    None where the channel does not sell it. ``gross`` is a variant's price with its tax, where the shop knows one.
    """

    product_id: str
    variant_id: str | None
    name: str
    price: Decimal | None
    currency: str
    gross: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class CartLine:
    product_id: str
    variant_id: str
    name: str
    quantity: int
    total: Decimal


@dataclass(frozen=True, kw_only=True)
class Cart:
    """A checkout's goods. ``total`` is the lines' total without shipping. Carries neither address nor e-mail."""

    id: str
    channel: str
    currency: str
    total: Decimal
    quantity: int
    lines: tuple[CartLine, ...]
    user_id: str | None


@dataclass(frozen=True, kw_only=True)
class Spend:
    """Money spent on orders that were not cancelled, in one currency."""

    currency: str
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class Customer:
    """What a rep may see of an account."""

    id: str
    name: str
    email: str
    joined_at: datetime.datetime
    orders: int
    spend: tuple[Spend, ...]
    last_order_at: datetime.datetime | None
    countries: tuple[str, ...]  # ISO 3166-1 alpha-2, of the addresses on file
    language: str
    avatar_url: str | None = None


@dataclass(frozen=True, kw_only=True)
class PostalAddress:
    """``country`` is ISO 3166-1 alpha-2; ``country_area`` a state or province, as the shop has it."""

    name: str
    company: str
    street_1: str
    street_2: str
    city: str
    city_area: str
    postal_code: str
    country_area: str
    country: str

    def __repr__(self) -> str:
        return "PostalAddress(…)"


@dataclass(frozen=True, kw_only=True)
class OrderLine:
    """``total`` is what the line costs, tax and discounts included. ``variant_id`` is None where the variant is gone.

    ``refunded_quantity``: how many were given back with their money, as far as the shop says for which line.
    """

    id: str
    variant_id: str | None
    quantity: int
    total: Decimal
    refunded_quantity: int


@dataclass(frozen=True, kw_only=True)
class Order:
    """An order as it is now. ``number`` is what customers read.

    ``user_id`` is the account it belongs to, and ``confirmed`` whether that account's address is. ``paid``: all of it
    was paid at some time, and no payment was taken back otherwise than by a refund. ``refunded``: all money
    given back.
    ``cancelled``: it can't be paid any more, by a decision or because it expired. ``outstanding``: what is
    not paid of it. ``placed_at``: when it was made.
    """

    id: str
    number: str
    placed_at: datetime.datetime
    channel: str
    currency: str
    user_id: str | None
    confirmed: bool
    cancelled: bool
    paid: bool
    total: Decimal
    refunded: Decimal
    lines: tuple[OrderLine, ...]
    outstanding: Decimal = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Placed:
    """An order that was made."""

    id: str
    number: str


class CannotOrder(Exception):
    """The shop refused to make an order, or to enter a payment of one.

    The text has the shop's reasons (codes), and no personal data.
    """


@dataclass(frozen=True, kw_only=True)
class Requestor:
    """Who is asking on GraphQL. ``user_id`` is None for nobody and for apps."""

    user_id: str | None
    name: str
    staff: bool
    permissions: frozenset[str]  # of ours, those that hold for this request

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions


@dataclass(frozen=True, kw_only=True)
class GraphQLTypes:
    """The shop's own GraphQL types to refer to, and how a resolver gets one by global id (a value or a promise).

    ``product`` and ``variant`` take the channel's slug as well, as Saleor's types are bound to one.
    """

    user: Any
    checkout: Any
    product: Any
    variant: Any
    load_user: Callable[[Any, str], Any]
    load_checkout: Callable[[Any, str], Any]
    load_product: Callable[[Any, str, str], Any]
    load_variant: Callable[[Any, str, str], Any]
    # Types that our schema shares with the shop's by name: a schema takes one class for each name. None: the shop's
    # schema has none of that name (or takes graphene's), and ``graphql.scalars`` brings it.
    money: Any = None  # Money, resolved from anything with ``amount`` and ``currency``
    datetime: Any = None  # DateTime
    uuid: Any = None  # UUID
    positive_decimal: Any = None  # PositiveDecimal
    json_string: Any = None  # JSONString
    order_direction: Any = None  # OrderDirection, values "" and "-"
    upload: Any = None  # Upload, resolved to the name of a part of the request


class Shop(Protocol):
    """What we need of a shop. Methods may raise whatever the shop's database raises; they never return partly."""

    def channels(self) -> list[Channel]: ...

    def items(self, wanted: Collection[tuple[str, str, str | None]]) -> Mapping[tuple[str, str, str | None], Item]:
        """Items by (channel slug, product id, variant id or None)."""
        ...

    def carts(self, checkout_ids: Collection[str]) -> Mapping[str, Cart]: ...

    def customers(self, user_ids: Collection[str]) -> Mapping[str, Customer]: ...

    def postal_addresses(self, user_ids: Collection[str]) -> Mapping[str, PostalAddress]:
        """Where letters to these accounts go: the default shipping address, else the default billing address, else the
        only one. Left out: accounts without."""
        ...

    def staff_may(self, user_id: str, permission: Permission) -> bool:
        """Whether this staff account is active and holds the permission now, read from the database."""
        ...

    def staff_avatar(self, user_id: str) -> str | None:
        """Address of a small picture of this member of staff, for everybody to see; None where there is none.

        It holds neither the account's id nor its e-mail. May make the picture when it is asked for the first time.
        """
        ...

    def requestor(self, context: Any) -> Requestor:
        """Who sent this GraphQL request (``info.context``)."""
        ...

    def orders_changed_since(self, since: datetime.datetime, limit: int) -> list[dict[str, Any]]:
        """For the sweep: ``{"id", "user_id", "checkout_id", "status", "fully_paid", "changed_at"}``, oldest first."""
        ...

    def orders(self, order_ids: Collection[str]) -> Mapping[str, Order]:
        """Orders as they are now, read from the primary. Drafts are none."""
        ...

    def place_order(self, *, reference: str, user_id: str, channel: str, variant_id: str, like: str | None) -> Placed:
        """An unpaid order of one piece of this variant for the account, by the shop's own mutations.

        ``reference`` becomes its external reference: called again with the same one, the order that was made first
        comes back. ``like`` is an earlier order whose billing address is taken; without one, the account's own.
        Raises CannotOrder.
        """
        ...

    def cancel_order(self, order_id: str) -> bool:
        """Cancel an order for which nothing was paid. False: it was paid, or can't be cancelled."""
        ...

    def record_payment(
        self, *, order_id: str, reference: str, amount: Decimal, currency: str, name: str, url: str
    ) -> None:
        """Enter in the order's books that a provider charged so much for it, by the shop's own mutations.

        ``reference`` is the provider's; entered before, it is not entered again. ``name`` and ``url``: what staff
        reads, and where it finds the charge at the provider. Raises CannotOrder.
        """
        ...

    def record_back(
        self,
        *,
        order_id: str,
        payment: str,
        kind: BackKind,
        reference: str,
        amount: Decimal,
        currency: str,
        message: str = "",
    ) -> None:
        """Enter that money of the charge ``payment`` went back, or came again. Entered before, it is not entered again.

        Nothing where the charge was not entered, or a refund failed that was not. ``refund_refused``: that the shop
        asked for, and of which the ``message`` says why it did not happen. Raises CannotOrder.
        """
        ...

    def plugin_setting(self, name: str) -> str:
        """What the owner wrote into this field of the plugin's settings; empty where nothing."""
        ...

    def find_users(self, text: str, limit: int) -> list[str]:
        """Accounts whose name or address contains the text; first the one whose address it is."""
        ...

    def existing_users(self, user_ids: Collection[str]) -> frozenset[str]:
        """Those of the accounts that still exist."""
        ...

    def active(self) -> bool:
        """Whether the owner has the plugin switched on."""
        ...

    def writer(self) -> contextlib.AbstractContextManager[None]:
        """Wraps every use of the database by our code (Saleor guards its writer connection)."""
        ...

    def plugin_url(self) -> str:
        """Where browsers reach what the plugin serves over HTTP, with a slash at the end."""
        ...

    def private_storage(self) -> Any:
        """The shop's storage (``django.core.files.storage.Storage``) for files that nobody may see by an address."""
        ...

    def graphql(self) -> GraphQLTypes: ...


_shop: Shop | None = None


def install(shop: Shop) -> None:
    """Called once at start-up by the host's AppConfig."""
    global _shop
    _shop = shop


def current() -> Shop:
    """The shop of this process. Raises RuntimeError where no host installed one."""
    if _shop is None:
        raise RuntimeError(
            "No shop is installed. In Saleor this is done by saleor_livesales' AppConfig: is it in INSTALLED_APPS?"
        )
    return _shop
