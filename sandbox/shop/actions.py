"""What changes the stand-in shop, with the refusals of Saleor's own mutations. Each action reports to the hooks."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Max

from saleor_livesales.ids import to_global_id

from . import hooks
from .models import (
    LIVE_SALES,
    App,
    Channel,
    ChargeStatus,
    Checkout,
    CheckoutLine,
    Order,
    OrderLine,
    OrderStatus,
    ProductChannelListing,
    ProductVariant,
    ProductVariantChannelListing,
    SiteSettings,
    User,
)

LINE_LIMIT = 50  # Saleor's limitQuantityPerCheckout as it is populated


class CannotChange(Exception):
    """A refused change of a checkout: field, message and code as Saleor gives them."""

    def __init__(self, field: str | None, message: str, code: str, variants: Sequence[int] = ()) -> None:
        super().__init__(message)
        self.field = field
        self.code = code
        self.variants = variants


@dataclass(frozen=True, kw_only=True)
class Change:
    """So many of this variant: to add, or to be there."""

    variant_id: int
    quantity: int


def _summed(changes: Iterable[Change]) -> dict[int, int]:
    wanted: dict[int, int] = {}
    for change in changes:
        wanted[change.variant_id] = wanted.get(change.variant_id, 0) + change.quantity
    return wanted


def _check_sold(variant_ids: set[int], channel: Channel, now: datetime.datetime) -> None:
    """Raises CannotChange for variants that can't be bought in the channel, in the order of Saleor's checks."""
    listings = ProductChannelListing.objects.filter(channel=channel, product__variants__in=variant_ids)
    for_sale = set(listings.filter(available_for_purchase_at__lte=now).values_list("product__variants", flat=True))
    published = set(listings.filter(is_published=True).values_list("product__variants", flat=True))
    priced = set(
        ProductVariantChannelListing.objects.filter(
            channel=channel, variant__in=variant_ids, price_amount__isnull=False
        ).values_list("variant_id", flat=True)
    )
    for found, message, code in (
        (for_sale, "Cannot add lines for unavailable for purchase variants.", "PRODUCT_UNAVAILABLE_FOR_PURCHASE"),
        (priced, "Cannot add lines with unavailable variants.", "UNAVAILABLE_VARIANT_IN_CHANNEL"),
        (published, "Cannot add lines for unpublished variants.", "PRODUCT_NOT_PUBLISHED"),
    ):
        if missing := variant_ids - found:
            raise CannotChange("lines", message, code, sorted(missing))


def _check_quantities(variants: dict[int, ProductVariant], totals: dict[int, int]) -> None:
    for variant_id, quantity in totals.items():
        variant = variants[variant_id]
        if quantity > LINE_LIMIT:
            raise CannotChange(
                "quantity",
                f"Cannot add more than {LINE_LIMIT} times this item: {variant.name}.",
                "QUANTITY_GREATER_THAN_LIMIT",
            )
        if quantity > variant.quantity:
            raise CannotChange(
                "quantity",
                f"Could not add items {variant.name}. Only {variant.quantity} remaining in stock.",
                "INSUFFICIENT_STOCK",
            )


def _variants(variant_ids: Iterable[int], field: str) -> dict[int, ProductVariant]:
    wanted = list(variant_ids)
    found = ProductVariant.objects.in_bulk(wanted)
    if missing := [key for key in wanted if key not in found]:
        shown = [to_global_id("ProductVariant", key) for key in missing]
        raise CannotChange(field, f"Could not resolve to a node with the global id list of '{shown}'.", "GRAPHQL_ERROR")
    return found


def _channel(slug: str | None) -> Channel:
    if slug is None:
        active = list(Channel.objects.filter(is_active=True)[:2])
        if len(active) != 1:
            raise CannotChange("channel", "You need to provide channel slug.", "MISSING_CHANNEL_SLUG")
        return active[0]
    channel = Channel.objects.filter(slug=slug).first()
    if channel is None:
        raise CannotChange("channel", f"Channel with '{slug}' slug does not exist.", "NOT_FOUND")
    if not channel.is_active:
        raise CannotChange("channel", f"Channel with '{slug}' is inactive.", "CHANNEL_INACTIVE")
    return channel


def create_checkout(
    *, channel: str | None, changes: Sequence[Change], user: User | None, email: str | None, now: datetime.datetime
) -> Checkout:
    """A new checkout with these lines. Raises CannotChange."""
    found = _channel(channel)
    wanted = _summed(changes)
    variants = _variants(wanted, "variantId")
    if wanted:
        _check_sold(set(wanted), found, now)
    _check_positive(changes)
    _check_quantities(variants, wanted)
    with transaction.atomic():
        checkout = Checkout.objects.create(
            channel=found, user=user, email=email or (user.email if user else None), created_at=now
        )
        CheckoutLine.objects.bulk_create(
            CheckoutLine(checkout=checkout, variant_id=key, quantity=quantity, created_at=_nth(now, place))
            for place, (key, quantity) in enumerate(wanted.items())
        )
    hooks.checkout_changed(checkout)
    return checkout


def _nth(now: datetime.datetime, place: int) -> datetime.datetime:
    """Lines of one call stay in the order that they came in."""
    return now + datetime.timedelta(microseconds=place)


def _check_positive(changes: Sequence[Change]) -> None:
    if any(change.quantity <= 0 for change in changes):
        raise CannotChange("quantity", "The quantity should be higher than zero.", "ZERO_QUANTITY")


def add_lines(*, checkout: Checkout, changes: Sequence[Change], now: datetime.datetime) -> Checkout:
    """Adds to the checkout; what is there already becomes more. Raises CannotChange."""
    wanted = _summed(changes)
    variants = _variants(wanted, "variantId")
    _check_positive(changes)
    with transaction.atomic():
        lines = _locked_lines(checkout)
        _check_quantities(
            variants, {key: quantity + (lines[key].quantity if key in lines else 0) for key, quantity in wanted.items()}
        )
        _check_sold(set(wanted), checkout.channel, now)
        for place, (key, quantity) in enumerate(wanted.items()):
            if key in lines:
                CheckoutLine.objects.filter(pk=lines[key].pk).update(quantity=F("quantity") + quantity)
            else:
                CheckoutLine.objects.create(
                    checkout=checkout, variant_id=key, quantity=quantity, created_at=_nth(now, place)
                )
        checkout.save()
    hooks.checkout_changed(checkout)
    return checkout


def update_lines(*, checkout: Checkout, changes: Sequence[Change], now: datetime.datetime) -> Checkout:
    """Sets quantities; 0 takes a line out. Raises CannotChange."""
    wanted = _summed(changes)
    variants = _variants(wanted, "variantId")
    if any(change.quantity < 0 for change in changes):
        raise CannotChange("quantity", "The quantity should be higher or equal zero.", "ZERO_QUANTITY")
    _check_quantities(variants, wanted)
    with transaction.atomic():
        lines = _locked_lines(checkout)
        if positive := {key for key, quantity in wanted.items() if quantity}:
            _check_sold(positive, checkout.channel, now)
        for place, (key, quantity) in enumerate(wanted.items()):
            if key in lines and quantity:
                CheckoutLine.objects.filter(pk=lines[key].pk).update(quantity=quantity)
            elif key in lines:
                lines[key].delete()
            elif quantity:
                CheckoutLine.objects.create(
                    checkout=checkout, variant_id=key, quantity=quantity, created_at=_nth(now, place)
                )
        checkout.save()
    hooks.checkout_changed(checkout)
    return checkout


def _locked_lines(checkout: Checkout) -> dict[int, CheckoutLine]:
    Checkout.objects.select_for_update().get(pk=checkout.pk)
    return {line.variant_id: line for line in CheckoutLine.objects.filter(checkout=checkout)}


def checkout_total(checkout: Checkout) -> Decimal:
    """What the goods cost now, in the channel's currency."""
    prices = {
        row.variant_id: row.price_amount if row.discounted_price_amount is None else row.discounted_price_amount
        for row in ProductVariantChannelListing.objects.filter(
            channel=checkout.channel, variant__in=checkout.lines.values("variant")
        )
    }
    return sum(
        ((prices.get(line.variant_id) or Decimal(0)) * line.quantity for line in checkout.lines.all()), Decimal(0)
    )


def _prices(channel: Channel, variant_ids: Iterable[int]) -> dict[int, Decimal]:
    """What is charged for these variants in the channel; nothing for one that is not sold there."""
    rows = ProductVariantChannelListing.objects.filter(
        channel=channel, variant__in=list(variant_ids), price_amount__isnull=False
    )
    return {
        row.variant_id: row.price_amount if row.discounted_price_amount is None else row.discounted_price_amount
        for row in rows
        if row.price_amount is not None
    }


def complete_checkout(*, checkout: Checkout, now: datetime.datetime, paid: bool = True) -> Order:
    """Makes the order and removes the checkout, as Saleor's checkoutComplete does."""
    with transaction.atomic():
        order = _create_order(
            channel=checkout.channel,
            user=checkout.user,
            email=checkout.email or "",
            total=checkout_total(checkout),
            checkout_token=str(checkout.pk),
            now=now,
        )
        lines = list(checkout.lines.all())
        prices = _prices(checkout.channel, [line.variant_id for line in lines])
        for place, line in enumerate(lines):
            OrderLine.objects.create(
                order=order,
                variant_id=line.variant_id,
                quantity=line.quantity,
                total_gross_amount=prices.get(line.variant_id, Decimal(0)) * line.quantity,
                created_at=_nth(now, place),
            )
            ProductVariant.objects.filter(pk=line.variant_id).update(quantity=F("quantity") - line.quantity)
        checkout.delete()
    hooks.order_changed("order_created", order, now)
    if paid:
        mark_paid(order=order, now=now)
    return order


def create_order(*, channel: Channel, user: User | None, total: Decimal, now: datetime.datetime) -> Order:
    """An order without a checkout, as a completed draft."""
    order = _create_order(channel=channel, user=user, email=user.email if user else "", total=total, now=now)
    hooks.order_changed("order_created", order, now)
    return order


def place_order(
    *, channel: Channel, user: User, variant: ProductVariant, reference: str, now: datetime.datetime
) -> Order:
    """An unpaid order of one piece, as draftOrderCreate and draftOrderComplete make it. Raises CannotChange."""
    price = _prices(channel, [variant.pk]).get(variant.pk)
    if price is None:
        raise CannotChange(
            "lines", "Can't finalize draft with variants that are unavailable.", "UNAVAILABLE_VARIANT_IN_CHANNEL"
        )
    if not user.addresses.exists():
        raise CannotChange("order", "Can't finalize draft with no billing address.", "BILLING_ADDRESS_NOT_SET")
    with transaction.atomic():
        order = _create_order(channel=channel, user=user, email=user.email, total=price, reference=reference, now=now)
        OrderLine.objects.create(order=order, variant=variant, quantity=1, total_gross_amount=price, created_at=now)
    hooks.order_changed("order_created", order, now)
    return order


def _create_order(
    *,
    channel: Channel,
    user: User | None,
    email: str,
    total: Decimal,
    now: datetime.datetime,
    checkout_token: str = "",
    reference: str | None = None,
) -> Order:
    number = (Order.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    return Order.objects.create(
        number=number,
        channel=channel,
        user=user,
        user_email=email,
        currency=channel.currency_code,
        total_gross_amount=total,
        checkout_token=checkout_token,
        external_reference=reference,
        created_at=now,
        updated_at=now,
    )


def mark_paid(*, order: Order, now: datetime.datetime) -> Order:
    order.charge_status = ChargeStatus.FULL
    order.updated_at = now
    order.save(update_fields=["charge_status", "updated_at"])
    hooks.order_changed("order_fully_paid", order, now)
    return order


def cancel_order(*, order: Order, now: datetime.datetime) -> Order:
    order.status = OrderStatus.CANCELED
    order.updated_at = now
    order.save(update_fields=["status", "updated_at"])
    hooks.order_changed("order_cancelled", order, now)
    return order


def refund_order(*, order: Order, amount: Decimal | None = None, now: datetime.datetime) -> Order:
    """Gives back an amount, without saying for which line; all that is left without one."""
    left = order.total_gross_amount - order.refunded_amount
    order.refunded_amount += left if amount is None else amount
    order.charge_status = (
        ChargeStatus.NONE if order.refunded_amount >= order.total_gross_amount else ChargeStatus.PARTIAL
    )
    order.updated_at = now
    order.save(update_fields=["refunded_amount", "charge_status", "updated_at"])
    hooks.order_changed("order_refunded", order, now)
    return order


def set_price(
    *, variant: ProductVariant, channel: Channel, amount: Decimal, discounted: Decimal | None = None
) -> ProductVariantChannelListing:
    """The price in a channel. ``discounted`` is what is charged while a promotion runs."""
    listing, _ = ProductVariantChannelListing.objects.update_or_create(
        variant=variant, channel=channel, defaults={"price_amount": amount, "discounted_price_amount": discounted}
    )
    hooks.variant_updated(variant)
    return listing


def register_customer(*, email: str, password: str, now: datetime.datetime, **fields: str) -> User:
    user = User.objects.create_user(email, password, date_joined=now, **fields)
    hooks.customer_changed("customer_created", to_global_id("User", user.pk), now)
    return user


def rename_customer(*, user: User, first_name: str, last_name: str, now: datetime.datetime) -> User:
    user.first_name, user.last_name = first_name, last_name
    user.save()
    hooks.customer_changed("customer_updated", to_global_id("User", user.pk), now)
    return user


def switch_live_sales(*, active: bool) -> None:
    """What the owner does on Saleor's plugin page: off takes the app out of the Dashboard and ends the hooks."""
    with transaction.atomic():
        SiteSettings.objects.update_or_create(pk=1, defaults={"live_sales_active": active})
        App.objects.filter(identifier=LIVE_SALES).update(is_active=active)


def delete_customer(*, user: User, now: datetime.datetime, by_themselves: bool = False) -> None:
    """Saleor tells ``account_deleted`` when customers delete themselves, ``customer_deleted`` when staff does."""
    global_id = to_global_id("User", user.pk)
    user.delete()
    hooks.customer_changed("account_deleted" if by_themselves else "customer_deleted", global_id, now)
