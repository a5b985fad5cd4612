"""What all types share: money, errors, connections, and the context's caller and loaders."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import graphene
from django.db.models import QuerySet
from graphene.relay import PageInfo
from graphql import GraphQLError

from .. import auth, pricing

PAGE_LIMIT = 100  # Saleor's GRAPHQL_PAGINATION_LIMIT
_UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\Z", re.IGNORECASE)


class Money(graphene.ObjectType):
    """Represents amount of money in specific currency."""

    currency = graphene.String(required=True)
    amount = graphene.Float(required=True)
    fractional_amount = graphene.Int(required=True)
    fraction_digits = graphene.Int(required=True)

    @staticmethod
    def resolve_amount(root: pricing.Money, _info: Any) -> Decimal:
        return pricing.quantized(root.amount, root.currency)

    @staticmethod
    def resolve_fractional_amount(root: pricing.Money, _info: Any) -> int:
        return int(pricing.quantized(root.amount, root.currency).scaleb(pricing.digits(root.currency)))

    @staticmethod
    def resolve_fraction_digits(root: pricing.Money, _info: Any) -> int:
        return pricing.digits(root.currency)


class TaxedMoney(graphene.ObjectType):
    """Gross and net are the same: the stand-in taxes at 0 %."""

    currency = graphene.String(required=True)
    gross = graphene.Field(Money, required=True)
    net = graphene.Field(Money, required=True)
    tax = graphene.Field(Money, required=True)

    @staticmethod
    def resolve_gross(root: pricing.Money, _info: Any) -> pricing.Money:
        return root

    @staticmethod
    def resolve_net(root: pricing.Money, _info: Any) -> pricing.Money:
        return root

    @staticmethod
    def resolve_tax(root: pricing.Money, _info: Any) -> pricing.Money:
        return pricing.Money(Decimal(0), root.currency)


class TaxedMoneyRange(graphene.ObjectType):
    start = graphene.Field(TaxedMoney)
    stop = graphene.Field(TaxedMoney)


class CountryDisplay(graphene.ObjectType):
    code = graphene.String(required=True)
    country = graphene.String(required=True)


class Image(graphene.ObjectType):
    url = graphene.String(required=True)
    alt = graphene.String()


class Refusal(Exception):
    """An expected refusal of a mutation, with the field, message and code that Saleor gives."""

    def __init__(self, field: str | None, message: str, code: str, **extra: Any) -> None:
        super().__init__(message)
        self.error = {"field": field, "message": message, "code": code, **extra}


def refusable(error_type: type[graphene.ObjectType], legacy: str) -> Callable[..., Any]:
    """Decorates ``mutate``: a Refusal becomes the payload's ``errors``, and the deprecated field's as well."""

    def decorate(mutate: Callable[..., Any]) -> Any:
        def wrapped(cls: Any, root: Any, info: Any, **arguments: Any) -> Any:
            try:
                return mutate(cls, root, info, **arguments)
            except Refusal as refusal:
                errors = [error_type(**refusal.error)]
                return cls(**{"errors": errors, legacy: errors})

        return classmethod(wrapped)

    return decorate


def caller(info: Any) -> auth.Caller | None:
    """Who is asking. Raises jwt.PyJWTError, which the view shows as Saleor does."""
    return auth.caller_of(info.context)


def may(info: Any, *permissions: str) -> bool:
    who = caller(info)
    return who is not None and not who.permissions.isdisjoint(permissions)


def absolute(info: Any, path: str) -> str:
    return info.context.build_absolute_uri(path)


def primary_key(kind: str, global_id: str) -> str:
    """The key inside a global id. Raises GraphQLError with Saleor's sentences."""
    try:
        found, _, key = base64.b64decode(global_id, validate=True).decode().partition(":")
        if not (key.isascii() and key.isdigit()) and not _UUID.match(key):
            raise ValueError
    except ValueError:
        raise GraphQLError(f"Invalid ID: {global_id}. Expected: {kind}.") from None
    if found != kind:
        raise GraphQLError(f"Invalid ID: {global_id}. Expected: {kind}, received: {found}.")
    return key


def key_or_none(kind: str, global_id: str) -> str | None:
    """The key inside a global id; None for one of another kind, where Saleor finds nothing instead of refusing."""
    try:
        return primary_key(kind, global_id)
    except GraphQLError as error:
        if "received: " in str(error):
            return None
        raise


def exactly_one(**arguments: Any) -> None:
    """As Saleor's check of arguments of which one is wanted. Raises GraphQLError."""
    given = [name for name, value in arguments.items() if value]
    if len(given) > 1:
        rest = ", ".join(f"'{name}'" for name in given[1:])
        raise GraphQLError(f"Argument '{given[0]}' cannot be combined with {rest}")
    if not given:
        names = ", ".join(f"'{name}'" for name in arguments)
        raise GraphQLError(f"At least one of arguments is required: {names}.")


def connection_type(node: type[graphene.ObjectType]) -> type[graphene.ObjectType]:
    """``ProductCountableConnection`` and its edge for a node type, as Saleor's are built."""
    name = node._meta.name
    edge = type(
        f"{name}CountableEdge",
        (graphene.ObjectType,),
        {"node": graphene.Field(node, required=True), "cursor": graphene.String(required=True)},
    )
    return type(
        f"{name}CountableConnection",
        (graphene.ObjectType,),
        {
            "page_info": graphene.Field(PageInfo, required=True),
            "edges": graphene.List(graphene.NonNull(edge), required=True),
            "total_count": graphene.Int(),
            "resolve_total_count": staticmethod(lambda root, _info: root["total_count"]()),  # counted only when asked
        },
    )


CONNECTION_ARGUMENTS = {
    "before": graphene.String(),
    "after": graphene.String(),
    "first": graphene.Int(),
    "last": graphene.Int(),
}


def _cursor(value: Any) -> str:
    return base64.b64encode(json.dumps([str(value)]).encode()).decode()


def _from_cursor(cursor: str) -> str:
    try:
        values = json.loads(base64.b64decode(cursor, validate=True))
        if not isinstance(values, list) or len(values) != 1:
            raise ValueError
        return values[0]
    except ValueError:
        raise GraphQLError("Received cursor is invalid.") from None


def page(
    info: Any,
    rows: QuerySet[Any],
    by: str,
    arguments: dict[str, Any],
    wrap: Callable[[Any], Any] = lambda r: r,
) -> Any:
    """A page of ``rows`` in the order of the unique field ``by``. Raises GraphQLError with Saleor's sentences."""
    first, last = arguments.get("first"), arguments.get("last")
    before, after = arguments.get("before"), arguments.get("after")
    if not first and not last:
        raise GraphQLError(
            f"You must provide a `first` or `last` value to properly paginate the `{info.field_name}` connection."
        )
    for name, count in (("first", first), ("last", last)):
        if count and count > PAGE_LIMIT:
            raise GraphQLError(
                f"Requesting {count} records on the `{info.field_name}` connection "
                f"exceeds the `{name}` limit of {PAGE_LIMIT} records."
            )
        if count and count < 0:
            raise GraphQLError(f"Argument `{name}` must be a non-negative integer.")
    if first and last:
        raise GraphQLError("Argument `last` cannot be combined with `first`.")
    if first and before:
        raise GraphQLError("Argument `first` cannot be combined with `before`.")
    if last and after:
        raise GraphQLError("Argument `last` cannot be combined with `after`.")
    found = rows.order_by(f"-{by}" if last else by)
    if cursor := after or before:
        try:
            found = found.filter(**{f"{by}__{'lt' if last else 'gt'}": _from_cursor(cursor)})
        except ValueError:
            raise GraphQLError("Received cursor is invalid.") from None
    count = int(first or last or 0)
    matching = list(found[: count + 1])
    more, matching = len(matching) > count, matching[:count]
    if last:
        matching.reverse()
    cursors = [_cursor(getattr(row, by)) for row in matching]
    return {
        "edges": [{"node": wrap(row), "cursor": cursor} for row, cursor in zip(matching, cursors, strict=True)],
        "page_info": PageInfo(
            has_next_page=more if first else bool(before),
            has_previous_page=bool(after) if first else more,
            start_cursor=cursors[0] if cursors else None,
            end_cursor=cursors[-1] if cursors else None,
        ),
        "total_count": rows.count,
    }


def grouped(rows: Iterable[Any], key: Callable[[Any], Any]) -> dict[Any, list[Any]]:
    groups: dict[Any, list[Any]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups
