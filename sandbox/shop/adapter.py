"""The stand-in shop behind the product's interface: what ``saleor_livesales.host.adapter`` is on Saleor."""

from __future__ import annotations

import contextlib
import datetime
import uuid
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.db.models import Count, Max, Q, Sum
from django.utils import timezone
from django.utils.module_loading import import_string

from saleor_livesales import shop
from saleor_livesales.errors import NotFound
from saleor_livesales.ids import from_global_id, to_global_id

from . import actions, auth, payments, permissions
from .models import (
    LIVE_SALES,
    Address,
    App,
    Channel,
    ChargeStatus,
    Checkout,
    CheckoutLine,
    Order,
    OrderLine,
    OrderStatus,
    Product,
    ProductVariant,
    ProductVariantChannelListing,
    SiteSettings,
    User,
)

ItemKey = tuple[str, str, str | None]


def install() -> None:
    """Named by ``settings.LIVESALES_HOST``."""
    shop.install(SandboxShop())


def _integer(kind: str, global_id: str) -> int | None:
    """The key inside a global id as Saleor writes it, or None for anything else."""
    try:
        key = from_global_id(kind, global_id)
    except NotFound:
        return None
    known = key.isascii() and key.isdigit() and len(key) < 19 and to_global_id(kind, int(key)) == global_id
    return int(key) if known else None


def _uuid(kind: str, global_id: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(from_global_id(kind, global_id))
    except (NotFound, ValueError):
        return None


def _keys(kind: str, global_ids: Collection[str]) -> dict[int, str]:
    """Global ids by key, the malformed left out."""
    return {key: value for value in global_ids if (key := _integer(kind, value)) is not None}


def _charged(row: ProductVariantChannelListing) -> Decimal:
    assert row.price_amount is not None
    return row.price_amount if row.discounted_price_amount is None else row.discounted_price_amount


def _name(user: User) -> str:
    return f"{user.first_name} {user.last_name}".strip()


def _avatar(user: User) -> str | None:
    return urljoin(settings.PUBLIC_URL, user.avatar) if user.avatar else None


def _for_our_app(claims: Mapping[str, Any]) -> bool:
    app = App.objects.filter(identifier=LIVE_SALES, is_active=True).first()
    return (
        app is not None
        and claims.get("app") == to_global_id("App", app.pk)
        and claims.get("aud") == app.audience
        and claims.get("iss") == auth.issuer()
    )


class SandboxShop:
    """Implements ``shop.Shop``."""

    def channels(self) -> list[shop.Channel]:
        return [
            shop.Channel(slug=row.slug, name=row.name, currency=row.currency_code, active=row.is_active)
            for row in Channel.objects.order_by("slug")
        ]

    def items(self, wanted: Collection[ItemKey]) -> Mapping[ItemKey, shop.Item]:
        """Three queries. A product that the channel does not show is left out; one without a price there has None."""
        products = _keys("Product", {key[1] for key in wanted})
        variants = _keys("ProductVariant", {key[2] for key in wanted if key[2]})
        if not products:
            return {}
        channels = {row.slug: row for row in Channel.objects.filter(slug__in={key[0] for key in wanted})}
        shown = {
            (row["channel_listings__channel__slug"], row["pk"]): row["name"]
            for row in Product.objects.filter(
                pk__in=products,
                channel_listings__channel__slug__in=channels,
                channel_listings__is_published=True,
                channel_listings__channel__is_active=True,
            ).values("pk", "name", "channel_listings__channel__slug")
        }
        prices: dict[tuple[str, int], dict[int, Decimal]] = {}
        names: dict[int, str] = {}
        for variant in ProductVariant.objects.filter(product__in=products).prefetch_related(
            "channel_listings__channel"
        ):
            names[variant.pk] = variant.name
            for listing in variant.channel_listings.all():
                by_variant = prices.setdefault((listing.channel.slug, variant.product_id), {})
                if listing.price_amount is not None:
                    by_variant[variant.pk] = _charged(listing)
        owners = dict(ProductVariant.objects.filter(pk__in=variants).values_list("pk", "product_id"))
        found = {}
        for key in wanted:
            slug, product_id, variant_id = key
            product = _integer("Product", product_id)
            if product is None or (slug, product) not in shown:
                continue
            by_variant = prices.get((slug, product), {})
            name = shown[slug, product]
            if variant_id is None:
                price = min(by_variant.values(), default=None)
            else:
                number = _integer("ProductVariant", variant_id)
                if number is None or owners.get(number) != product:
                    continue
                price = by_variant.get(number)
                name = f"{name} ({names[number]})"
            found[key] = shop.Item(
                product_id=product_id,
                variant_id=variant_id,
                name=name,
                price=price,
                currency=channels[slug].currency_code,
            )
        return found

    def carts(self, checkout_ids: Collection[str]) -> Mapping[str, shop.Cart]:
        """Three queries."""
        tokens = {key: value for value in checkout_ids if (key := _uuid("Checkout", value)) is not None}
        if not tokens:
            return {}
        checkouts = Checkout.objects.filter(pk__in=tokens).select_related("channel")
        lines = list(
            CheckoutLine.objects.filter(checkout__in=tokens)
            .select_related("variant__product", "checkout")
            .order_by("created_at", "pk")
        )
        prices = {
            (row.variant_id, row.channel_id): _charged(row)
            for row in ProductVariantChannelListing.objects.filter(
                variant__in={line.variant_id for line in lines}, price_amount__isnull=False
            )
        }
        carts = {}
        for row in checkouts:
            shown = tuple(
                shop.CartLine(
                    product_id=to_global_id("Product", line.variant.product_id),
                    variant_id=to_global_id("ProductVariant", line.variant_id),
                    name=f"{line.variant.product.name} ({line.variant.name})",
                    quantity=line.quantity,
                    total=prices.get((line.variant_id, row.channel_id), Decimal(0)) * line.quantity,
                )
                for line in lines
                if line.checkout_id == row.pk
            )
            carts[tokens[row.pk]] = shop.Cart(
                id=tokens[row.pk],
                channel=row.channel.slug,
                currency=row.channel.currency_code,
                total=sum((line.total for line in shown), Decimal(0)),
                quantity=sum(line.quantity for line in shown),
                lines=shown,
                user_id=to_global_id("User", row.user_id) if row.user_id else None,
            )
        return carts

    def customers(self, user_ids: Collection[str]) -> Mapping[str, shop.Customer]:
        """Four queries. Cancelled orders count for nothing."""
        keys = _keys("User", user_ids)
        if not keys:
            return {}
        orders = Order.objects.filter(user__in=keys).exclude(status=OrderStatus.CANCELED)
        counts = {
            row["user"]: row
            for row in orders.values("user").annotate(number=Count("pk"), last=Max("created_at")).order_by()
        }
        spend: dict[int, list[shop.Spend]] = {}
        for row in (
            orders.values("user", "currency").annotate(total=Sum("total_gross_amount")).order_by("user", "currency")
        ):
            spend.setdefault(row["user"], []).append(shop.Spend(currency=row["currency"], amount=row["total"]))
        countries: dict[int, set[str]] = {}
        for user_id, country in Address.objects.filter(user__in=keys).values_list("user_id", "country"):
            countries.setdefault(user_id, set()).add(country)
        return {
            keys[user.pk]: shop.Customer(
                id=keys[user.pk],
                name=user.get_full_name(),
                email=user.email,
                joined_at=user.date_joined,
                orders=counts.get(user.pk, {}).get("number", 0),
                spend=tuple(spend.get(user.pk, ())),
                last_order_at=counts.get(user.pk, {}).get("last"),
                countries=tuple(sorted(countries.get(user.pk, ()))),
                language=user.language_code,
                avatar_url=_avatar(user),
            )
            for user in User.objects.filter(pk__in=keys)
        }

    def postal_addresses(self, user_ids: Collection[str]) -> Mapping[str, shop.PostalAddress]:
        """The stand-in's accounts have addresses, and no default ones: the only one counts."""
        keys = _keys("User", user_ids)
        found: dict[int, list[Address]] = {}
        for row in Address.objects.filter(user__in=keys).order_by("pk"):
            found.setdefault(row.user_id, []).append(row)
        return {
            keys[pk]: shop.PostalAddress(
                name=f"{row.first_name} {row.last_name}".strip(),
                company=row.company_name,
                street_1=row.street_address_1,
                street_2=row.street_address_2,
                city=row.city,
                city_area=row.city_area,
                postal_code=row.postal_code,
                country_area=row.country_area,
                country=row.country,
            )
            for pk, (row, *more) in found.items()
            if not more
        }

    def staff_may(self, user_id: str, permission: shop.Permission) -> bool:
        user = User.objects.filter(pk=_integer("User", user_id), is_active=True, is_staff=True).first()
        return user is not None and user.permissions.filter(codename=permission.lower()).exists()

    def staff_avatar(self, user_id: str) -> str | None:
        user = User.objects.filter(pk=_integer("User", user_id), is_active=True, is_staff=True).first()
        return _avatar(user) if user is not None else None

    def requestor(self, context: Any) -> shop.Requestor:
        """Our rights that the token carries AND the account still has. Raises jwt.PyJWTError as Saleor does.

        A token of the Dashboard's frame counts when it was made for our own app, for our audience and by this shop.
        """
        caller = auth.caller_of(context)
        if caller is None:
            return shop.Requestor(user_id=None, name="", staff=False, permissions=frozenset())
        held = caller.permissions & frozenset(permissions.OURS)
        if held:
            held &= permissions.names(caller.user.permissions)
        if caller.claims.get("type") == auth.THIRD_PARTY and not _for_our_app(caller.claims):
            held = frozenset()
        return shop.Requestor(
            user_id=to_global_id("User", caller.user.pk),
            name=_name(caller.user) or caller.user.email.partition("@")[0],
            staff=caller.staff,
            permissions=held,
        )

    def orders_changed_since(self, since: datetime.datetime, limit: int) -> list[dict[str, Any]]:
        return [
            {
                "id": to_global_id("Order", row.pk),
                "user_id": to_global_id("User", row.user_id) if row.user_id else None,
                "checkout_id": to_global_id("Checkout", row.checkout_token) if row.checkout_token else None,
                "status": row.status,
                "fully_paid": row.charge_status == "full",
                "refunded": row.refunded_amount > 0,
                "changed_at": row.updated_at,
            }
            for row in Order.objects.filter(updated_at__gte=since).order_by("updated_at", "pk")[:limit]
        ]

    def orders(self, order_ids: Collection[str]) -> Mapping[str, shop.Order]:
        """Two queries. Every account of the stand-in has a confirmed address."""
        keys = {key: value for value in order_ids if (key := _uuid("Order", value)) is not None}
        lines: dict[uuid.UUID, list[shop.OrderLine]] = {}
        for line in OrderLine.objects.filter(order__in=keys):
            lines.setdefault(line.order_id, []).append(
                shop.OrderLine(
                    id=to_global_id("OrderLine", line.pk),
                    variant_id=to_global_id("ProductVariant", line.variant_id) if line.variant_id else None,
                    quantity=line.quantity,
                    total=line.total_gross_amount,
                    refunded_quantity=line.refunded_quantity,
                )
            )
        return {
            keys[row.pk]: shop.Order(
                id=keys[row.pk],
                number=str(row.number),
                placed_at=row.created_at,
                channel=row.channel.slug,
                currency=row.currency,
                user_id=to_global_id("User", row.user_id) if row.user_id else None,
                confirmed=bool(row.user and row.user.is_active),
                cancelled=row.status == OrderStatus.CANCELED,
                paid=row.charge_status == ChargeStatus.FULL or row.refunded_amount > 0 or row.total_gross_amount == 0,
                total=row.total_gross_amount,
                refunded=row.refunded_amount,
                lines=tuple(lines.get(row.pk, ())),
                outstanding=max(Decimal(0), row.total_gross_amount - payments.charged(row)),
            )
            for row in Order.objects.filter(pk__in=keys).select_related("channel", "user")
        }

    def place_order(
        self, *, reference: str, user_id: str, channel: str, variant_id: str, like: str | None
    ) -> shop.Placed:
        order = Order.objects.filter(external_reference=reference).first()
        if order is None:
            try:
                order = actions.place_order(
                    channel=Channel.objects.get(slug=channel),
                    user=User.objects.get(pk=_integer("User", user_id)),
                    variant=ProductVariant.objects.get(pk=_integer("ProductVariant", variant_id)),
                    reference=reference,
                    now=timezone.now(),
                )
            except actions.CannotChange as error:
                raise shop.CannotOrder(f"{error.field} {error.code}") from None
            except (Channel.DoesNotExist, User.DoesNotExist, ProductVariant.DoesNotExist) as error:
                raise shop.CannotOrder(type(error).__qualname__) from None
        return shop.Placed(id=to_global_id("Order", order.pk), number=str(order.number))

    def cancel_order(self, order_id: str) -> bool:
        order = Order.objects.filter(pk=_uuid("Order", order_id)).first()
        if order is None or order.charge_status != ChargeStatus.NONE or order.refunded_amount:
            return False
        if order.status != OrderStatus.CANCELED:
            actions.cancel_order(order=order, now=timezone.now())
        return True

    def record_payment(
        self, *, order_id: str, reference: str, amount: Decimal, currency: str, name: str, url: str
    ) -> None:
        order = Order.objects.filter(pk=_uuid("Order", order_id), currency=currency).first()
        if order is None:
            raise shop.CannotOrder("no such order in this currency")
        payments.record(order=order, reference=reference, amount=amount, name=name, now=timezone.now())

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
            order_id=_uuid("Order", order_id), payment=payment, kind=kind, reference=reference, amount=amount,
            now=timezone.now(),
        )  # fmt: skip

    def plugin_setting(self, name: str) -> str:
        return ""  # its plugin has a switch and no other settings: the environment has them

    def find_users(self, text: str, limit: int) -> list[str]:
        found = User.objects.all()
        for word in text.split()[:5]:
            found = found.filter(
                Q(email__icontains=word) | Q(first_name__icontains=word) | Q(last_name__icontains=word)
            )
        exact = User.objects.filter(email__iexact=text.strip()).order_by("-pk").values_list("pk", flat=True)
        pks = [*exact[:limit], *found.order_by("-pk").values_list("pk", flat=True)[:limit]]
        return [to_global_id("User", pk) for pk in dict.fromkeys(pks)][:limit]

    def existing_users(self, user_ids: Collection[str]) -> frozenset[str]:
        keys = _keys("User", user_ids)
        return frozenset(keys[pk] for pk in User.objects.filter(pk__in=keys).values_list("pk", flat=True))

    def active(self) -> bool:
        return SiteSettings.load().live_sales_active

    @contextlib.contextmanager
    def writer(self) -> Iterator[None]:
        """Nothing to guard: there is one connection."""
        yield

    def plugin_url(self) -> str:
        return urljoin(settings.PUBLIC_URL, "/plugins/saleor.livesales/")

    def private_storage(self) -> Any:
        return import_string(settings.PRIVATE_FILE_STORAGE)()

    def graphql(self) -> shop.GraphQLTypes:
        from .graphql.account import User as UserType
        from .graphql.catalogue import InChannel
        from .graphql.catalogue import Product as ProductType
        from .graphql.catalogue import ProductVariant as VariantType
        from .graphql.checkout import Checkout as CheckoutType
        from .graphql.common import Money
        from .graphql.loaders import load

        def one(name: str, kind: str, channel: bool = False) -> Any:
            """Loads by global id; None for an id of another kind, and for what does not exist."""

            def found(info: Any, global_id: str, slug: str | None = None) -> Any:
                read = _uuid if kind == "Checkout" else _integer
                key = read(kind, global_id)
                if key is None:
                    return None
                loaded = load(info.context, name, key)
                return loaded.then(lambda row: row and InChannel(row, slug)) if channel else loaded

            return found

        return shop.GraphQLTypes(
            user=UserType,
            checkout=CheckoutType,
            product=ProductType,
            variant=VariantType,
            load_user=one("User", "User"),
            load_checkout=one("Checkout", "Checkout"),
            load_product=one("Product", "Product", channel=True),
            load_variant=one("ProductVariant", "ProductVariant", channel=True),
            money=Money,
        )
