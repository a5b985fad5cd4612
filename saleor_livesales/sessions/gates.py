"""What must hold before a session opens. Asks the shop, so it runs before any transaction."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal

from .. import shop
from ..channels import opening
from ..channels import queries as channels
from ..channels.models import ChannelSettings, PriceStrength
from ..errors import Invalid, LiveSalesError, NotFound
from ..visitors import queries as visitors
from . import forms, privileges, routing


class Inactive(LiveSalesError):
    """The store has switched live sales off."""

    code = "INACTIVE"


class ChannelInactive(LiveSalesError):
    """There are no live sales in this channel, or there is no such channel."""

    code = "CHANNEL_INACTIVE"


class RequestsNotAllowed(LiveSalesError):
    """In this channel the store invites; visitors can't ask by themselves."""

    code = "REQUESTS_NOT_ALLOWED"


class OutsideHours(LiveSalesError):
    """The channel is closed now; its hours say when it opens. The visitor may leave a message."""

    code = "OUTSIDE_HOURS"


class CodeRequired(LiveSalesError):
    """In this channel a session opens only after a valid sign-in code."""

    code = "CODE_REQUIRED"


class BelowThreshold(LiveSalesError):
    """The store opens sessions only for items worth more than its threshold."""

    code = "BELOW_THRESHOLD"


class NobodyAvailable(LiveSalesError):
    """No rep is online. The visitor may leave a message."""

    code = "NOBODY_AVAILABLE"


def unknown_checkout() -> NotFound:
    """The same words whether a checkout does not exist, is of another channel, or is another visitor's."""
    return NotFound("Couldn't resolve to a node of type Checkout.", field="checkoutId")


def nobody_available() -> NobodyAvailable:
    return NobodyAvailable("Nobody is there to answer right now. You can leave a message.")


def active_channel(channel: str) -> ChannelSettings:
    """The settings of a channel in which live sales are on. Raises Inactive, ChannelInactive."""
    if not shop.current().active():
        raise Inactive("Live sales are switched off in this store.")
    settings = channels.settings_for(channel)
    if settings is None or not settings.active:
        raise ChannelInactive("Live sales are not available in this channel.", field="channel")
    return settings


def check(
    *,
    visitor_id: uuid.UUID,
    channel: str,
    form: str,
    product_id: str | None,
    variant_id: str | None,
    checkout_id: str | None,
    invited: bool,
    may_ask: privileges.MayAsk = privileges.nobody_may,
    now: datetime.datetime,
) -> None:
    """Raises the first reason why no session opens: Inactive, ChannelInactive, CodeRequired (which outranks all that
    follows, invited or not), RequestsNotAllowed (unless invited, or ``may_ask`` says so), OutsideHours (unless
    invited), FormNotAvailable, Invalid (an item that this channel doesn't sell), NotFound (the checkout),
    BelowThreshold, NobodyAvailable."""
    settings = active_channel(channel)
    if settings.code_required and not visitors.has_pass(visitor_id=visitor_id, channel=channel, now=now):
        raise CodeRequired("Enter your sign-in code to get live help here.")
    if not invited and not settings.requests_allowed and not may_ask(visitor_id=visitor_id, now=now):
        raise RequestsNotAllowed("This store doesn't take requests for help.", field="channel")
    if not invited and not opening.opening(settings, now).open:
        raise OutsideHours("Nobody is there outside the office hours. You can leave a message.", field="channel")
    forms.require(form, settings=settings)
    item = find_item(channel=channel, product_id=product_id, variant_id=variant_id)
    cart = find_cart(channel=channel, checkout_id=checkout_id)
    if settings.price_strength == PriceStrength.GATE and settings.price_threshold is not None:
        worth = [(entry.currency, amount) for entry, amount in _amounts(item, cart) if amount is not None]
        if not any(currency == settings.currency and amount > settings.price_threshold for currency, amount in worth):
            raise BelowThreshold(
                "Live help is for items worth more than the store's threshold.",
                field="productId" if product_id else None,
            )
    if not routing.somebody_online(now):
        raise nobody_available()


def _amounts(item: shop.Item | None, cart: shop.Cart | None) -> list[tuple[shop.Item | shop.Cart, Decimal | None]]:
    """An item is judged by its own price, however much the cart holds; without an item the cart is judged."""
    if item is not None:
        return [(item, item.price)]
    return [(cart, cart.total)] if cart is not None else []


def find_item(*, channel: str, product_id: str | None, variant_id: str | None) -> shop.Item | None:
    """The item as this channel sells it; None when none is named.

    Raises Invalid with the field for a product or variant that this channel doesn't sell.
    """
    if not product_id:
        if variant_id:
            raise Invalid("A variant needs its product.", field="productId")
        return None
    wanted: list[tuple[str, str, str | None]] = [(channel, product_id, None)]
    if variant_id:
        wanted.append((channel, product_id, variant_id))
    found = shop.current().items(wanted)
    product = found.get((channel, product_id, None))
    if not variant_id:
        if product is None or product.price is None:
            raise Invalid("This channel doesn't sell such a product.", field="productId")
        return product
    variant = found.get((channel, product_id, variant_id))
    if variant is None or variant.price is None:
        field = "productId" if product is None else "variantId"
        raise Invalid("This channel doesn't sell such a variant of the product.", field=field)
    return variant


def find_cart(*, channel: str, checkout_id: str | None) -> shop.Cart | None:
    """The checkout's goods; None when none is named. Raises NotFound for one that this channel doesn't have."""
    if not checkout_id:
        return None
    cart = shop.current().carts([checkout_id]).get(checkout_id)
    if cart is None or cart.channel != channel:
        raise unknown_checkout()
    return cart
