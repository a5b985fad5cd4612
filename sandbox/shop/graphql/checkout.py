"""Checkouts and their lines."""

from __future__ import annotations

from typing import Any

import graphene
from django.utils import timezone
from graphene.relay import Node
from graphql import GraphQLError
from promise import Promise

from saleor_livesales.graphql.scalars import UUID, DateTime

from .. import actions
from ..models import Checkout as CheckoutRow
from ..models import CheckoutLine as LineRow
from ..permissions import PermissionDenied
from ..pricing import total
from .account import User
from .catalogue import Channel, InChannel, ProductVariant
from .common import Money as MoneyType
from .common import Refusal, TaxedMoney, caller, exactly_one, may, primary_key, refusable
from .loaders import load

CheckoutErrorCode = graphene.Enum(
    "CheckoutErrorCode",
    [
        (name, name)
        for name in (
            "GRAPHQL_ERROR",
            "INSUFFICIENT_STOCK",
            "NOT_FOUND",
            "PRODUCT_NOT_PUBLISHED",
            "PRODUCT_UNAVAILABLE_FOR_PURCHASE",
            "QUANTITY_GREATER_THAN_LIMIT",
            "REQUIRED",
            "ZERO_QUANTITY",
            "MISSING_CHANNEL_SLUG",
            "CHANNEL_INACTIVE",
            "UNAVAILABLE_VARIANT_IN_CHANNEL",
        )
    ],
)


def _channel(info: Any, line: LineRow) -> Any:
    """A promise of the channel that a line's checkout is in."""
    checkout = load(info.context, "Checkout", line.checkout_id)
    return checkout.then(lambda row: load(info.context, "Channel", row.channel_id))


def _line_price(info: Any, line: LineRow) -> Promise:
    """The unit price that the shop charges now, in the checkout's channel."""
    channel = _channel(info, line)

    def priced(row: Any) -> Promise:
        return load(info.context, "price", (line.variant_id, row.slug)).then(
            lambda price: price.charged if price else total([], row.currency_code)
        )

    return channel.then(priced)


class CheckoutLine(graphene.ObjectType):
    class Meta:
        interfaces = (Node,)

    id = graphene.ID(required=True)
    variant = graphene.Field(ProductVariant, required=True)
    quantity = graphene.Int(required=True)
    unit_price = graphene.Field(TaxedMoney, required=True)
    undiscounted_unit_price = graphene.Field(MoneyType, required=True)
    total_price = graphene.Field(TaxedMoney, required=True)

    @staticmethod
    def resolve_id(root: LineRow, _info: Any) -> str:
        return Node.to_global_id("CheckoutLine", root.pk)

    @staticmethod
    def resolve_variant(root: LineRow, info: Any) -> Promise:
        return _channel(info, root).then(
            lambda row: load(info.context, "ProductVariant", root.variant_id).then(
                lambda variant: InChannel(variant, row.slug)
            )
        )

    @staticmethod
    def resolve_unit_price(root: LineRow, info: Any) -> Promise:
        return _line_price(info, root)

    @staticmethod
    def resolve_undiscounted_unit_price(root: LineRow, info: Any) -> Promise:
        return _channel(info, root).then(
            lambda row: load(info.context, "price", (root.variant_id, row.slug)).then(
                lambda price: price.undiscounted if price else total([], row.currency_code)
            )
        )

    @staticmethod
    def resolve_total_price(root: LineRow, info: Any) -> Promise:
        return _line_price(info, root).then(lambda price: price.times(root.quantity))


class Checkout(graphene.ObjectType):
    class Meta:
        interfaces = (Node,)

    id = graphene.ID(required=True)
    token = UUID(required=True)
    created = DateTime(required=True)
    updated_at = DateTime(required=True)
    channel = graphene.Field(Channel, required=True)
    user = graphene.Field(User)
    email = graphene.String()
    quantity = graphene.Int(required=True)
    lines = graphene.List(graphene.NonNull(CheckoutLine), required=True)
    subtotal_price = graphene.Field(TaxedMoney, required=True)
    total_price = graphene.Field(TaxedMoney, required=True)

    @staticmethod
    def resolve_id(root: CheckoutRow, _info: Any) -> str:
        return Node.to_global_id("Checkout", root.pk)

    @staticmethod
    def resolve_created(root: CheckoutRow, _info: Any) -> Any:
        return root.created_at

    @staticmethod
    def resolve_channel(root: CheckoutRow, info: Any) -> Promise:
        return load(info.context, "Channel", root.channel_id)

    @staticmethod
    def resolve_user(root: CheckoutRow, info: Any) -> Any:
        if root.user_id is None:
            return None
        who = caller(info)
        if who is None or (who.user.pk != root.user_id and not may(info, "MANAGE_USERS")):
            raise PermissionDenied("MANAGE_USERS", "HANDLE_PAYMENTS", "HANDLE_TAXES", "OWNER")
        return load(info.context, "User", root.user_id)

    @staticmethod
    def resolve_email(root: CheckoutRow, info: Any) -> Any:
        if root.user_id is None:
            return root.email
        return load(info.context, "User", root.user_id).then(lambda user: user.email)

    @staticmethod
    def resolve_lines(root: CheckoutRow, info: Any) -> Promise:
        return load(info.context, "lines_of_checkout", root.pk)

    @staticmethod
    def resolve_quantity(root: CheckoutRow, info: Any) -> Promise:
        lines = load(info.context, "lines_of_checkout", root.pk)
        return lines.then(lambda rows: sum(row.quantity for row in rows))

    @staticmethod
    def resolve_subtotal_price(root: CheckoutRow, info: Any) -> Promise:
        channel = load(info.context, "Channel", root.channel_id)

        def summed(rows: list[LineRow]) -> Promise:
            prices = Promise.all([CheckoutLine.resolve_total_price(row, info) for row in rows])
            return channel.then(lambda found: prices.then(lambda amounts: total(amounts, found.currency_code)))

        return load(info.context, "lines_of_checkout", root.pk).then(summed)

    @staticmethod
    def resolve_total_price(root: CheckoutRow, info: Any) -> Promise:
        return Checkout.resolve_subtotal_price(root, info)  # no shipping is chosen in the stand-in


class CheckoutError(graphene.ObjectType):
    field = graphene.String()
    message = graphene.String()
    code = CheckoutErrorCode(required=True)
    variants = graphene.List(graphene.NonNull(graphene.ID))
    lines = graphene.List(graphene.NonNull(graphene.ID))


class CheckoutLineInput(graphene.InputObjectType):
    quantity = graphene.Int(required=True)
    variant_id = graphene.ID(required=True)


class CheckoutLineUpdateInput(graphene.InputObjectType):
    variant_id = graphene.ID()
    quantity = graphene.Int()
    line_id = graphene.ID()


class CheckoutCreateInput(graphene.InputObjectType):
    channel = graphene.String()
    lines = graphene.List(graphene.NonNull(CheckoutLineInput), required=True)
    email = graphene.String()


class _Payload:
    checkout_errors = graphene.List(
        graphene.NonNull(CheckoutError), required=True, deprecation_reason="Use `errors` field instead."
    )
    errors = graphene.List(graphene.NonNull(CheckoutError), required=True)
    checkout = graphene.Field(Checkout)

    @staticmethod
    def resolve_checkout_errors(root: Any, _info: Any) -> list[Any]:
        return getattr(root, "checkout_errors", None) or []

    @staticmethod
    def resolve_errors(root: Any, _info: Any) -> list[Any]:
        return getattr(root, "errors", None) or []


_refusable = refusable(CheckoutError, "checkout_errors")


def _key(kind: str, global_id: str, field: str) -> str:
    try:
        return primary_key(kind, global_id)
    except GraphQLError as error:
        raise Refusal(field, str(error), "GRAPHQL_ERROR") from None


def _checkout(id: str | None) -> CheckoutRow:
    if not id:
        raise Refusal(None, "At least one of arguments is required: 'checkout_id', 'token', 'id'.", "GRAPHQL_ERROR")
    found = CheckoutRow.objects.select_related("channel").filter(pk=_key("Checkout", id, "id")).first()
    if found is None:
        raise Refusal("id", f"Couldn't resolve to a node: {id}", "NOT_FOUND")
    return found


def _variant(global_id: str) -> int:
    """The key of a variant among a mutation's lines, refused with Saleor's sentences for lists of ids."""
    try:
        return int(primary_key("ProductVariant", global_id))
    except (GraphQLError, ValueError) as error:
        message = f"Could not resolve to a node with the global id list of '{[global_id]}'."
        if "received: " in str(error):
            message = f"Must receive ProductVariant id: {global_id}."
        raise Refusal("variantId", message, "GRAPHQL_ERROR") from None


def _changes(lines: list[dict[str, Any]]) -> list[actions.Change]:
    return [actions.Change(variant_id=_variant(line["variant_id"]), quantity=line["quantity"]) for line in lines]


def _refused(error: actions.CannotChange) -> Refusal:
    extra = {"variants": [Node.to_global_id("ProductVariant", key) for key in error.variants]} if error.variants else {}
    return Refusal(error.field, str(error), error.code, **extra)


class CheckoutCreate(_Payload, graphene.Mutation):
    class Arguments:
        input = CheckoutCreateInput(required=True)

    created = graphene.Boolean(deprecation_reason="Always returns `true`.")

    @_refusable
    def mutate(cls, _root: None, info: Any, input: dict[str, Any]) -> Any:
        who = caller(info)
        try:
            checkout = actions.create_checkout(
                channel=input.get("channel"),
                changes=_changes(input["lines"]),
                user=who.user if who else None,
                email=input.get("email"),
                now=timezone.now(),
            )
        except actions.CannotChange as error:
            raise _refused(error) from None
        return cls(checkout=checkout, created=True, errors=[])


class CheckoutLinesAdd(_Payload, graphene.Mutation):
    class Arguments:
        id = graphene.ID()
        lines = graphene.List(graphene.NonNull(CheckoutLineInput), required=True)

    @_refusable
    def mutate(cls, _root: None, _info: Any, lines: list[dict[str, Any]], id: str | None = None) -> Any:
        checkout = _checkout(id)
        try:
            actions.add_lines(checkout=checkout, changes=_changes(lines), now=timezone.now())
        except actions.CannotChange as error:
            raise _refused(error) from None
        return cls(checkout=checkout, errors=[])


class CheckoutLinesUpdate(_Payload, graphene.Mutation):
    class Arguments:
        id = graphene.ID()
        lines = graphene.List(graphene.NonNull(CheckoutLineUpdateInput), required=True)

    @_refusable
    def mutate(cls, _root: None, _info: Any, lines: list[dict[str, Any]], id: str | None = None) -> Any:
        for line in lines:
            try:
                exactly_one(line_id=line.get("line_id"), variant_id=line.get("variant_id"))
            except GraphQLError as error:
                raise Refusal(None, str(error), "GRAPHQL_ERROR") from None
        checkout = _checkout(id)
        held = {str(row.pk): row.variant_id for row in checkout.lines.all()}
        changes = []
        for line in lines:
            if line.get("line_id"):
                key = _key("CheckoutLine", line["line_id"], "lineId")
                if key not in held:
                    raise Refusal(
                        "lineId",
                        f"Could not resolve to a node with the global id list of '{[line['line_id']]}'.",
                        "GRAPHQL_ERROR",
                    )
                variant = held[key]
            else:
                variant = _variant(line["variant_id"])
            if line.get("quantity") is None:
                raise Refusal("quantity", "The quantity is required for all lines.", "REQUIRED")
            changes.append(actions.Change(variant_id=variant, quantity=line["quantity"]))
        try:
            actions.update_lines(checkout=checkout, changes=changes, now=timezone.now())
        except actions.CannotChange as error:
            raise _refused(error) from None
        return cls(checkout=checkout, errors=[])


class Queries(graphene.ObjectType):
    checkout = graphene.Field(Checkout, id=graphene.ID(), token=UUID())

    @staticmethod
    def resolve_checkout(_root: None, info: Any, id: str | None = None, token: Any = None) -> Any:
        exactly_one(id=id, token=token)
        found = CheckoutRow.objects.select_related("channel").filter(pk=primary_key("Checkout", id) if id else token)
        checkout = found.first()
        if checkout and not checkout.channel.is_active and not may(info, "MANAGE_CHECKOUTS"):
            raise PermissionDenied("MANAGE_CHECKOUTS", "IMPERSONATE_USER", "HANDLE_PAYMENTS")
        return checkout


class Mutations(graphene.ObjectType):
    checkout_create = CheckoutCreate.Field()
    checkout_lines_add = CheckoutLinesAdd.Field()
    checkout_lines_update = CheckoutLinesUpdate.Field()
