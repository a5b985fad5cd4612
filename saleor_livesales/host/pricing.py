"""What items and carts are worth, read from Saleor's tables: what a buyer sees, without asking a tax app.

An item's price is what ``ProductVariant.pricing.price`` shows in the channel: the discounted price of the channel's
listing, gross where the channel (or its default country) displays gross prices and net where it displays net ones.
Taxes are Saleor's flat rates for the channel's default country; with a tax app Saleor shows the entered price, and so
do we.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone
from prices import Money, TaxedMoney
from saleor.channel.models import Channel
from saleor.checkout.models import Checkout, CheckoutLine
from saleor.core.prices import quantize_price
from saleor.product.models import Product, ProductChannelListing, ProductVariant, ProductVariantChannelListing
from saleor.tax import TaxCalculationStrategy
from saleor.tax.calculations import calculate_flat_rate_tax
from saleor.tax.models import TaxClassCountryRate, TaxConfiguration, TaxConfigurationPerCountry

from .. import shop
from .keys import global_id, integers, uuids

Wanted = tuple[str, str, str | None]


@dataclass(frozen=True, kw_only=True)
class Taxes:
    """How prices are shown in a channel for its default country. ``rates``: percent by tax class; None: default."""

    gross: bool
    entered_with_tax: bool
    flat_rates: bool
    rates: Mapping[int | None, Decimal]

    def shown(self, price: Money, tax_class: int | None, *, gross: bool | None = None) -> Decimal:
        """As the channel shows it, or gross or net as is asked for."""
        taxed = TaxedMoney(price, price)
        if self.flat_rates:
            rate = self.rates.get(tax_class, self.rates.get(None, Decimal(0)))
            taxed = calculate_flat_rate_tax(price, rate, self.entered_with_tax)
        return quantize_price(
            taxed.gross if (self.gross if gross is None else gross) else taxed.net, price.currency
        ).amount


def taxes(channels: Iterable[Channel]) -> dict[int, Taxes]:
    """Three queries, however many channels."""
    channels = list(channels)
    configured = {row.channel_id: row for row in TaxConfiguration.objects.filter(channel__in=channels)}
    exceptions = {
        (row.tax_configuration_id, row.country.code): row
        for row in TaxConfigurationPerCountry.objects.filter(tax_configuration__in=configured.values())
    }
    rates: dict[str, dict[int | None, Decimal]] = defaultdict(dict)
    countries = {channel.default_country.code for channel in channels}
    for tax_class, country, rate in TaxClassCountryRate.objects.filter(country__in=countries).values_list(
        "tax_class_id", "country", "rate"
    ):
        rates[country][tax_class] = rate
    found = {}
    for channel in channels:
        row = configured.get(channel.pk)
        if row is None:
            found[channel.pk] = Taxes(gross=True, entered_with_tax=True, flat_rates=False, rates={})
            continue
        country = channel.default_country.code
        where = exceptions.get((row.pk, country), row)
        strategy = where.tax_calculation_strategy or TaxCalculationStrategy.FLAT_RATES
        found[channel.pk] = Taxes(
            gross=where.display_gross_prices,
            entered_with_tax=row.prices_entered_with_tax,
            flat_rates=strategy == TaxCalculationStrategy.FLAT_RATES,
            rates=rates[country],
        )
    return found


def items(wanted: Collection[Wanted]) -> dict[Wanted, shop.Item]:
    """Items by (channel slug, product, variant or None). Left out: what does not exist or does not belong together."""
    products = integers("Product", {product for _, product, _ in wanted})
    variants = integers("ProductVariant", {variant for _, _, variant in wanted if variant})
    if not products:
        return {}
    rows = (
        Product.objects.filter(pk__in=products.values())
        .select_related("product_type")
        .only("name", "tax_class_id", "product_type__tax_class_id")
        .in_bulk()
    )
    channels = {channel.slug: channel for channel in Channel.objects.filter(slug__in={slug for slug, _, _ in wanted})}
    shown = taxes(channels.values())
    visible = {
        (listing.channel_id, listing.product_id)
        for listing in ProductChannelListing.objects.filter(
            product__in=rows, channel__in=channels.values(), is_published=True
        )
        if listing.is_visible
    }
    # Every variant of a product: without one the cheapest counts, as Saleor's own priceRange.start does.
    names: dict[int, tuple[int, str]] = {}
    prices: dict[tuple[int, int], dict[int, Decimal]] = defaultdict(dict)
    taxed: dict[tuple[int, int], Decimal] = {}  # by channel and variant
    by_pk = {channel.pk: channel for channel in channels.values()}
    for listing in ProductVariantChannelListing.objects.filter(
        variant__product__in=rows, channel__in=channels.values()
    ).select_related("variant"):
        product = rows[listing.variant.product_id]
        price = listing.discounted_price or listing.price
        if price is not None and by_pk[listing.channel_id].is_active:
            tax_class = product.tax_class_id or product.product_type.tax_class_id
            here_shown = shown[listing.channel_id]
            prices[listing.channel_id, product.pk][listing.variant_id] = here_shown.shown(price, tax_class)
            taxed[listing.channel_id, listing.variant_id] = here_shown.shown(price, tax_class, gross=True)
    if variants:
        names = {
            pk: (product, name)
            for pk, product, name in ProductVariant.objects.filter(pk__in=variants.values()).values_list(
                "pk", "product_id", "name"
            )
        }
    found = {}
    for key in wanted:
        slug, product_id, variant_id = key
        channel, product = channels.get(slug), rows.get(products.get(product_id, 0))
        if channel is None or product is None:
            continue
        here = prices[channel.pk, product.pk] if (channel.pk, product.pk) in visible else {}
        if variant_id:
            pk = variants.get(variant_id, 0)
            owner, variant_name = names.get(pk, (None, ""))
            if owner != product.pk:
                continue
            name, price = title(product.name, variant_name, variant_id), here.get(pk)
            gross = None if price is None else taxed[channel.pk, pk]
        else:
            name, price, gross = product.name, min(here.values(), default=None), None
        found[key] = shop.Item(
            product_id=product_id,
            variant_id=variant_id,
            name=name,
            price=price,
            currency=channel.currency_code,
            gross=gross,
        )
    return found


def title(product: str, variant: str, variant_id: str) -> str:
    """Saleor names a variant by its own id when nobody gave it a name."""
    return product if variant in ("", product, variant_id) else f"{product} ({variant})"


def carts(checkout_ids: Collection[str]) -> dict[str, shop.Cart]:
    """Carts by checkout id. Saleor's stored totals while they are current; otherwise the items' prices as shown.

    Saleor stores totals when somebody asks for them, and lets them run out when a line changes.
    """
    keys = uuids("Checkout", checkout_ids)
    if not keys:
        return {}
    checkouts = Checkout.objects.filter(pk__in=keys.values()).select_related("channel").in_bulk()
    lines: dict[object, list[CheckoutLine]] = defaultdict(list)
    for line in (
        CheckoutLine.objects.filter(checkout__in=checkouts)
        .select_related("variant__product")
        .order_by("created_at", "pk")
    ):
        lines[line.checkout_id].append(line)
    shown = taxes({checkout.channel for checkout in checkouts.values()})
    now = timezone.now()
    stale = {
        (checkouts[pk].channel.slug, *_ids(line))
        for pk, group in lines.items()
        for line in group
        if checkouts[pk].price_expiration <= now
    }
    priced = items(stale)
    found = {}
    for key, pk in keys.items():
        if pk not in checkouts:
            continue
        checkout = checkouts[pk]
        gross = shown[checkout.channel_id].gross
        entries = []
        for line in lines[pk]:
            product_id, variant_id = _ids(line)
            if checkout.price_expiration > now:
                total = line.total_price_gross_amount if gross else line.total_price_net_amount
            else:
                total = _estimate(line, priced.get((checkout.channel.slug, product_id, variant_id)))
            entries.append(
                shop.CartLine(
                    product_id=product_id,
                    variant_id=variant_id,
                    name=title(line.variant.product.name, line.variant.name, variant_id),
                    quantity=line.quantity,
                    total=quantize_price(Money(total, checkout.currency), checkout.currency).amount,
                )
            )
        found[key] = shop.Cart(
            id=key,
            channel=checkout.channel.slug,
            currency=checkout.currency,
            total=sum((entry.total for entry in entries), Decimal(0)),
            quantity=sum(entry.quantity for entry in entries),
            lines=tuple(entries),
            user_id=global_id("User", checkout.user_id) if checkout.user_id else None,
        )
    return found


def _ids(line: CheckoutLine) -> tuple[str, str]:
    return global_id("Product", line.variant.product_id), global_id("ProductVariant", line.variant_id)


def _estimate(line: CheckoutLine, item: shop.Item | None) -> Decimal:
    if line.is_gift:
        return Decimal(0)
    if line.price_override is not None:
        return line.price_override * line.quantity
    if item is not None and item.price is not None:
        return item.price * line.quantity
    return line.undiscounted_unit_price_amount * line.quantity
