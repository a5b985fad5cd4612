"""Visitors as reps see them, and the little that a visitor sees of itself."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import graphene

from ... import conf, shop
from ...sessions import policy
from ...shop import HANDLE_LIVE_SALES
from ...visitors import facts, models, store
from .. import loaders
from ..actors import now, seen_by_staff, show, staff
from ..connection import CountableConnection
from ..enums import AssuranceEnum
from ..permissions import requires
from ..reading import reads
from ..scalars import Amount, shops

STAFF_ONLY = requires(HANDLE_LIVE_SALES)


class LiveCartLine(graphene.ObjectType):
    """Root: (cart, line)."""

    name = graphene.String(required=True, description="Name of the product and its variant.")
    quantity = graphene.Int(required=True, description="How many of it.")
    total = graphene.Field(shops("money"), required=True, description="Price of the line.")
    product = graphene.Field(shops("product"), description="The product.")
    variant = graphene.Field(shops("variant"), description="The variant.")

    class Meta:
        description = "A line of a cart."

    def resolve_name(root: Any, _info: Any) -> str:
        return root[1].name

    def resolve_quantity(root: Any, _info: Any) -> int:
        return root[1].quantity

    def resolve_total(root: Any, _info: Any) -> Amount:
        return Amount(root[1].total, root[0].currency)

    @reads
    def resolve_product(root: Any, info: Any) -> Any:
        return shop.current().graphql().load_product(info, root[1].product_id, root[0].channel)

    @reads
    def resolve_variant(root: Any, info: Any) -> Any:
        return shop.current().graphql().load_variant(info, root[1].variant_id, root[0].channel)


class LiveCart(graphene.ObjectType):
    """Root: ``shop.Cart``."""

    total = graphene.Field(shops("money"), required=True, description="Price of all lines, without shipping.")
    quantity = graphene.Int(required=True, description="How many items are in it.")
    lines = graphene.List(graphene.NonNull(LiveCartLine), required=True, description="The lines.")

    class Meta:
        description = "The goods in a checkout, by the shop's prices. Shows neither address nor e-mail."

    def resolve_total(root: shop.Cart, _info: Any) -> Amount:
        return Amount(root.total, root.currency)

    def resolve_lines(root: shop.Cart, _info: Any) -> list[tuple[shop.Cart, shop.CartLine]]:
        return [(root, line) for line in root.lines]


class LiveProfile(graphene.ObjectType):
    """Root: ``shop.Customer``."""

    name = graphene.String(required=True, description="Name of the customer.")
    email = graphene.String(required=True, description="E-mail of the account.")
    joined_at = graphene.Field(shops("datetime"), required=True, description="When the account was made.")
    orders = graphene.Int(required=True, description="How many orders were not cancelled.")
    spend = graphene.List(
        graphene.NonNull(shops("money")), required=True, description="What was spent on them, in each currency."
    )
    last_order_at = graphene.Field(shops("datetime"), description="When the last order was placed.")
    countries = graphene.List(
        graphene.NonNull(graphene.String),
        required=True,
        description="Countries of the addresses on file (ISO codes).",
    )
    language = graphene.String(required=True, description="Language of the account.")
    avatar_url = graphene.String(description="A picture of the customer.")
    sessions = graphene.Int(required=True, description="How many sessions this account has had.")
    membership = graphene.Field(
        "saleor_livesales.graphql.members.types.LiveMembership",
        description="Its membership: of several the one that holds, and of these the highest.",
    )

    class Meta:
        description = "What a rep may see of a customer's account."

    def resolve_sessions(root: shop.Customer, info: Any) -> Any:
        return loaders.SessionsByUser.of(info).load(root.id)

    def resolve_membership(root: shop.Customer, info: Any) -> Any:
        return loaders.MembershipByUser.of(info).load(root.id)


class LivePageView(graphene.ObjectType):
    """Root: (``visitors.models.Visit``, ``visitors.facts.Page``)."""

    url = graphene.String(
        required=True, description="Address of the page, as the browser reported it: it may be of any scheme."
    )
    title = graphene.String(description="Its title.")
    viewed_at = graphene.Field(shops("datetime"), description="Since when it was looked at.")
    seconds = graphene.Int(description="For how many seconds it was looked at, by the browser's last report.")
    product = graphene.Field(shops("product"), description="The product that the page showed.")
    variant = graphene.Field(shops("variant"), description="The variant that was chosen there.")

    class Meta:
        description = "A page that a visitor looked at."

    def resolve_url(root: Any, _info: Any) -> str:
        return root[1].url

    def resolve_title(root: Any, _info: Any) -> str | None:
        return root[1].title or None

    def resolve_viewed_at(root: Any, _info: Any) -> datetime.datetime | None:
        return datetime.datetime.fromtimestamp(root[1].at, datetime.UTC) if root[1].at else None

    def resolve_seconds(root: Any, _info: Any) -> int | None:
        return root[1].seconds or None

    @reads
    def resolve_product(root: Any, info: Any) -> Any:
        visit, page = root
        return shop.current().graphql().load_product(info, page.product, visit.channel) if page.product else None

    @reads
    def resolve_variant(root: Any, info: Any) -> Any:
        visit, page = root
        return shop.current().graphql().load_variant(info, page.variant, visit.channel) if page.variant else None


class LiveBlock(graphene.ObjectType):
    """Root: ``visitors.models.VisitorBlock``."""

    visitor = graphene.Field(lambda: LiveVisitor, required=True, description="The visitor that was blocked.")
    reason = graphene.String(required=True, description="Why.")
    by_name = graphene.String(required=True, description="Who blocked it.")
    at = graphene.Field(shops("datetime"), required=True, description="Since when.")
    until = graphene.Field(shops("datetime"), description="Until when. `null`: for good.")

    class Meta:
        description = "That a visitor gets no offer and opens no session. Shown to staff alone."
        interfaces = (graphene.relay.Node,)

    @reads
    def resolve_visitor(root: models.VisitorBlock, info: Any) -> Any:
        return show(root.visitor, staff(info))


class LiveBlockCountableConnection(CountableConnection):
    class Meta:
        node = LiveBlock


def _of_visit(read: Callable[[models.Visit, Any], Any], default: Any = None) -> Callable[[models.Visitor, Any], Any]:
    """A resolver that reads from the visitor's current visit; staff alone sees it."""

    @reads
    def resolver(root: models.Visitor, info: Any) -> Any:
        if not seen_by_staff(root):
            return default
        visit = loaders.CurrentVisitByVisitor.of(info).load(root.pk)
        return visit.then(lambda found: default if found is None else guarded(found, info))

    @reads
    def guarded(visit: models.Visit, info: Any) -> Any:
        return read(visit, info)

    return resolver


def _is_online(visit: models.Visit) -> bool:
    """A visit that nobody closed (its process was killed) is over once the heartbeats have stopped."""
    return visit.online and visit.last_seen_at > now() - datetime.timedelta(seconds=conf.load().online_window)


class LiveVisitor(graphene.ObjectType):
    """Root: ``visitors.models.Visitor``. Shown to a visitor itself, all but its name and assurance is empty."""

    name = graphene.String(required=True, description="Name of the account, or what the visitor gave. May be empty.")
    assurance = AssuranceEnum(required=True, description="How sure it is who the visitor is.")
    user = graphene.Field(shops("user"), description="The account that the visitor is signed in to." + STAFF_ONLY)
    profile = graphene.Field(LiveProfile, description="What is known of that account." + STAFF_ONLY)
    channel = graphene.String(description="Slug of the channel of the current visit." + STAFF_ONLY)
    online = graphene.Boolean(required=True, description="Whether the visitor is on the site now." + STAFF_ONLY)
    last_seen_at = graphene.Field(shops("datetime"), description="Last sign of the visitor." + STAFF_ONLY)
    started_at = graphene.Field(shops("datetime"), description="When the current visit began." + STAFF_ONLY)
    page_url = graphene.String(description="Page that is open." + STAFF_ONLY)
    page_title = graphene.String(description="Title of that page." + STAFF_ONLY)
    trail = graphene.List(
        graphene.NonNull(LivePageView),
        description=f"The last {facts.TRAIL_LENGTH} pages of the current visit, the latest first." + STAFF_ONLY,
    )
    product = graphene.Field(shops("product"), description="Product on that page." + STAFF_ONLY)
    variant = graphene.Field(shops("variant"), description="Variant chosen on that page." + STAFF_ONLY)
    cart = graphene.Field(LiveCart, description="The visitor's cart." + STAFF_ONLY)
    session = graphene.Field(
        "saleor_livesales.graphql.sessions.types.LiveSession",
        description="The open session, if `liveSession` shows it." + STAFF_ONLY,
    )
    in_session = graphene.Boolean(required=True, description="Whether a session is open, whoever's." + STAFF_ONLY)
    opened = graphene.List(
        graphene.NonNull("saleor_livesales.graphql.codes.types.LiveVisitorCode"),
        required=True,
        description="What the visitor opened by sign-in codes that are still good, the latest first." + STAFF_ONLY,
    )
    block = graphene.Field(LiveBlock, description="What blocks the visitor, or its account." + STAFF_ONLY)
    offer = graphene.Field(
        "saleor_livesales.graphql.offers.types.LiveOffer",
        description="The offer that the visitor can accept now." + STAFF_ONLY,
    )
    reason = graphene.String(description="Why help was offered last, or was not." + STAFF_ONLY)

    class Meta:
        description = "Somebody on the site: one browser of one person."
        interfaces = (graphene.relay.Node,)

    @reads
    def resolve_user(root: models.Visitor, info: Any) -> Any:
        if root.user_id is None or not seen_by_staff(root):
            return None
        return shop.current().graphql().load_user(info, root.user_id)

    def resolve_profile(root: models.Visitor, info: Any) -> Any:
        if root.user_id is None or not seen_by_staff(root):
            return None
        return loaders.CustomerByUser.of(info).load(root.user_id)

    resolve_channel = _of_visit(lambda visit, _info: visit.channel)
    resolve_online = _of_visit(lambda visit, _info: _is_online(visit), default=False)
    resolve_last_seen_at = _of_visit(lambda visit, _info: visit.last_seen_at)
    resolve_started_at = _of_visit(lambda visit, _info: visit.started_at)
    resolve_page_url = _of_visit(lambda visit, _info: visit.page_url or None)
    resolve_page_title = _of_visit(lambda visit, _info: visit.page_title or None)
    resolve_trail = _of_visit(lambda visit, _info: [(visit, page) for page in reversed(store.trail(visit))])
    resolve_product = _of_visit(
        lambda visit, info: (
            shop.current().graphql().load_product(info, visit.product_id, visit.channel) if visit.product_id else None
        )
    )
    resolve_variant = _of_visit(
        lambda visit, info: (
            shop.current().graphql().load_variant(info, visit.variant_id, visit.channel) if visit.variant_id else None
        )
    )
    resolve_cart = _of_visit(
        lambda visit, info: loaders.CartByCheckout.of(info).load(visit.checkout_id) if visit.checkout_id else None
    )

    @reads
    def resolve_session(root: models.Visitor, info: Any) -> Any:
        if not seen_by_staff(root):
            return None
        actor = staff(info)

        def shown(session: Any) -> Any:
            return show(session, actor) if session and policy.may(actor, policy.Can.SEE, session) else None

        return loaders.OpenSessionByVisitor.of(info).load(root.pk).then(shown)

    def resolve_in_session(root: models.Visitor, info: Any) -> Any:
        if not seen_by_staff(root):
            return False
        return loaders.OpenSessionByVisitor.of(info).load(root.pk).then(lambda session: session is not None)

    def resolve_opened(root: models.Visitor, info: Any) -> Any:
        return loaders.OpenedByVisitor.of(info).load(root.pk) if seen_by_staff(root) else []

    def resolve_block(root: models.Visitor, info: Any) -> Any:
        return loaders.BlockByVisitor.of(info).load(root.pk) if seen_by_staff(root) else None

    def resolve_offer(root: models.Visitor, info: Any) -> Any:
        return loaders.OpenOfferByVisitor.of(info).load(root.pk) if seen_by_staff(root) else None

    def resolve_reason(root: models.Visitor, info: Any) -> Any:
        return loaders.LatestReasonByVisitor.of(info).load(root.pk) if seen_by_staff(root) else None


class LiveVisitorCountableConnection(CountableConnection):
    class Meta:
        node = LiveVisitor
