"""Orders: read from Saleor's tables, made and cancelled by Saleor's own mutations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum
from saleor.account.models import Address, User
from saleor.channel.models import Channel
from saleor.order import FulfillmentStatus, OrderGrantedRefundStatus, OrderStatus
from saleor.order.models import FulfillmentLine, Order, OrderGrantedRefundLine, OrderLine
from saleor.payment import TransactionKind
from saleor.payment.models import Transaction, TransactionItem

from .. import shop
from . import mutations
from .keys import global_id, integers, uuids

NOT_PLACED = (OrderStatus.DRAFT, OrderStatus.UNCONFIRMED, OrderStatus.EXPIRED)
ADDRESS = {
    "firstName": "first_name",
    "lastName": "last_name",
    "companyName": "company_name",
    "streetAddress1": "street_address_1",
    "streetAddress2": "street_address_2",
    "city": "city",
    "cityArea": "city_area",
    "postalCode": "postal_code",
    "countryArea": "country_area",
}


def read(order_ids: Collection[str]) -> Mapping[str, shop.Order]:
    """Six queries."""
    keys = uuids("Order", order_ids)
    rows = (
        Order.objects.filter(pk__in=keys.values()).exclude(status=OrderStatus.DRAFT).select_related("channel", "user")
    )
    found = {row.pk: row for row in rows}
    lines: dict[Any, list[shop.OrderLine]] = defaultdict(list)
    refunded_lines = _refunded_lines(found)
    for line in OrderLine.objects.filter(order__in=found).order_by("created_at", "pk"):
        variant = global_id("ProductVariant", line.variant_id) if line.variant_id else line.product_variant_id
        lines[line.order_id].append(
            shop.OrderLine(
                id=global_id("OrderLine", line.pk),
                variant_id=variant or None,
                quantity=line.quantity,
                total=line.total_price_gross_amount,
                refunded_quantity=refunded_lines.get(line.pk, 0),
            )
        )
    money = _refunded_money(found)
    return {
        key: _order(key, found[pk], lines[pk], *money.get(pk, (Decimal(0), Decimal(0))))
        for key, pk in keys.items()
        if pk in found
    }


def _order(key: str, row: Order, lines: list[shop.OrderLine], refunded: Decimal, pending: Decimal) -> shop.Order:
    user = row.user
    return shop.Order(
        id=key,
        number=str(row.number),
        placed_at=row.created_at,
        channel=row.channel.slug,
        currency=row.currency,
        user_id=global_id("User", user.pk) if user else None,
        confirmed=bool(user and user.is_active and user.is_confirmed),
        cancelled=row.status in (OrderStatus.CANCELED, OrderStatus.EXPIRED),
        # What is being refunded is neither charged nor refunded in Saleor's books, and was paid.
        paid=row.status not in NOT_PLACED and row.total_charged_amount + refunded + pending >= row.total_gross_amount,
        total=row.total_gross_amount,
        refunded=refunded,
        lines=tuple(lines),
        outstanding=max(Decimal(0), row.total_gross_amount - row.total_charged_amount - pending),
    )


def _refunded_lines(orders: Collection[Any]) -> dict[Any, int]:
    """How many of each line were refunded: by granted refunds that went through, or by refunded fulfillments."""
    granted = OrderGrantedRefundLine.objects.filter(
        granted_refund__order__in=orders, granted_refund__status=OrderGrantedRefundStatus.SUCCESS
    )
    fulfilled = FulfillmentLine.objects.filter(
        fulfillment__order__in=orders,
        fulfillment__status__in=(FulfillmentStatus.REFUNDED, FulfillmentStatus.REFUNDED_AND_RETURNED),
    )
    found: dict[Any, int] = {}
    for rows in (granted, fulfilled):  # the same goods may be in both
        for line, number in rows.order_by().values_list("order_line_id").annotate(Sum("quantity")):
            found[line] = max(found.get(line, 0), number)
    return found


def _refunded_money(orders: Collection[Any]) -> dict[Any, tuple[Decimal, Decimal]]:
    """By order what was given back, and what is on its way back."""
    found: dict[Any, tuple[Decimal, Decimal]] = {}
    for order, refunded, pending in (
        TransactionItem.objects.filter(order__in=orders)
        .order_by()
        .values_list("order_id")
        .annotate(Sum("refunded_value"), Sum("refund_pending_value"))
    ):
        found[order] = (refunded, pending)
    before = Transaction.objects.filter(  # from before Saleor had transactions
        payment__order__in=orders, kind=TransactionKind.REFUND, is_success=True
    )
    for order, amount in before.order_by().values_list("payment__order_id").annotate(Sum("amount")):
        refunded, pending = found.get(order, (Decimal(0), Decimal(0)))
        found[order] = (refunded + amount, pending)
    return found


def place(*, reference: str, user_id: str, channel: str, variant_id: str, like: str | None) -> shop.Placed:
    """By draftOrderCreate and draftOrderComplete. A draft of a former try is completed."""
    made = Order.objects.filter(external_reference=reference).first()
    if made is None:
        address = _billing_address(user_id, like)
        channel_pk = Channel.objects.filter(slug=channel).values_list("pk", flat=True).first()
        if address is None or channel_pk is None:
            raise shop.CannotOrder("no billing address" if address is None else "no such channel")
        value = {
            "user": user_id,
            "channelId": global_id("Channel", channel_pk),
            "externalReference": reference,
            "billingAddress": address,
            "lines": [{"variantId": variant_id, "quantity": 1}],
        }
        order_id = mutations.run("draftOrderCreate", input=value)["order"]["id"]
    elif made.status != OrderStatus.DRAFT:
        return shop.Placed(id=global_id("Order", made.pk), number=str(made.number))
    else:
        order_id = global_id("Order", made.pk)
    order = mutations.run("draftOrderComplete", id=order_id)["order"]
    return shop.Placed(id=order["id"], number=order["number"])


def cancel(order_id: str) -> bool:
    """By orderCancel, where no money is in it or on its way."""
    row = Order.objects.filter(pk__in=uuids("Order", [order_id]).values()).first()
    if row is None or row.status == OrderStatus.CANCELED:
        return row is not None
    if row.total_charged_amount > 0 or row.total_authorized_amount > 0:
        return False
    try:
        mutations.run("orderCancel", id=order_id)
    except shop.CannotOrder:
        return False
    return True


def find_users(text: str, limit: int) -> list[str]:
    found = User.objects.all()
    for word in text.split()[:5]:
        found = found.filter(Q(email__icontains=word) | Q(first_name__icontains=word) | Q(last_name__icontains=word))
    exact = User.objects.filter(email__iexact=text.strip()).order_by("-pk").values_list("pk", flat=True)
    pks = [*exact[:limit], *found.order_by("-pk").values_list("pk", flat=True)[:limit]]
    return [global_id("User", pk) for pk in dict.fromkeys(pks)][:limit]


def _billing_address(user_id: str, like: str | None) -> dict[str, Any] | None:
    """That of the earlier order, else the account's default, else any that the account has."""
    order = Order.objects.filter(pk__in=uuids("Order", [like] if like else []).values()).first()
    user = User.objects.filter(pk__in=integers("User", [user_id]).values()).first()
    address: Address | None = (order.billing_address if order else None) or (
        user and (user.default_billing_address or user.addresses.order_by("pk").first())
    )
    if address is None:
        return None
    given = {name: getattr(address, column) for name, column in ADDRESS.items()}
    return {**given, "country": address.country.code, "phone": str(address.phone or "")}


def postal_addresses(user_ids: Collection[str]) -> dict[str, shop.PostalAddress]:
    """Two queries."""
    keys = integers("User", user_ids)
    users = User.objects.filter(pk__in=keys.values()).select_related(
        "default_shipping_address", "default_billing_address"
    )
    found = {user.pk: user.default_shipping_address or user.default_billing_address for user in users}
    rest = [pk for pk, address in found.items() if address is None]
    of_users = Address.user_addresses.through.objects.filter(user_id__in=rest).select_related("address")
    others: dict[int, list[Address]] = defaultdict(list)
    for row in of_users:
        others[row.user_id].append(row.address)
    found |= {pk: addresses[0] for pk, addresses in others.items() if len(addresses) == 1}
    return {key: _postal(address) for key, pk in keys.items() if (address := found.get(pk)) is not None}


def _postal(address: Address) -> shop.PostalAddress:
    return shop.PostalAddress(
        name=f"{address.first_name} {address.last_name}".strip(),
        company=address.company_name,
        street_1=address.street_address_1,
        street_2=address.street_address_2,
        city=address.city,
        city_area=address.city_area,
        postal_code=address.postal_code,
        country_area=address.country_area,
        country=address.country.code,
    )
