"""Types that our schema shares with the shop's by name.

A GraphQL schema takes one class for each name, so where the shop's schema has such a type, ours uses that very class
(``shop.GraphQLTypes``); the ones here stand in where it has none. All are named lazily: the shop is asked when the
schema is built, never at import.
"""

from __future__ import annotations

import decimal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import graphene
from graphql.language import ast

from .. import shop


class DateTime(graphene.DateTime):
    """A moment, as ISO 8601."""

    @staticmethod
    def parse_value(value: Any) -> Any:
        try:
            return graphene.DateTime.parse_value(value)
        except (ValueError, IndexError, TypeError):
            return None

    @staticmethod
    def parse_literal(node: Any) -> Any:
        return DateTime.parse_value(node.value) if isinstance(node, ast.StringValue) else None


class UUID(graphene.UUID):
    """A UUID in its usual form with hyphens."""

    @staticmethod
    def parse_value(value: Any) -> Any:
        try:
            return graphene.UUID.parse_value(value)
        except (ValueError, TypeError, AttributeError):
            return None

    @staticmethod
    def parse_literal(node: Any) -> Any:
        return UUID.parse_value(node.value) if isinstance(node, ast.StringValue) else None


class PositiveDecimal(graphene.Float):
    """A decimal number that is not negative."""

    @staticmethod
    def parse_value(value: Any) -> decimal.Decimal | None:
        try:
            parsed = decimal.Decimal(str(value))
        except decimal.DecimalException:
            return None
        return parsed if parsed.is_finite() and parsed >= 0 else None

    @staticmethod
    def parse_literal(node: Any) -> decimal.Decimal | None:
        number = isinstance(node, (ast.FloatValue, ast.IntValue))
        return PositiveDecimal.parse_value(node.value) if number else None


class Upload(graphene.Scalar):
    """The name of a part of a multipart request, where the file is.

    See https://github.com/jaydenseric/graphql-multipart-request-spec.
    """

    @staticmethod
    def serialize(value: Any) -> Any:
        return value

    @staticmethod
    def parse_literal(node: Any) -> Any:
        return node

    @staticmethod
    def parse_value(value: Any) -> Any:
        return value


class OrderDirection(graphene.Enum):
    ASC = ""
    DESC = "-"

    @property
    def description(self) -> str:
        return "An ascending order." if self == OrderDirection.ASC else "A descending order."


class Money(graphene.ObjectType):
    currency = graphene.String(required=True, description="Currency code.")
    amount = graphene.Float(required=True, description="Amount of money.")

    class Meta:
        description = "Represents amount of money in specific currency."


@dataclass(frozen=True)
class Amount:
    """What ``Money`` is resolved from."""

    amount: decimal.Decimal
    currency: str


_STAND_INS: dict[str, Any] = {
    "money": Money,
    "datetime": DateTime,
    "uuid": UUID,
    "positive_decimal": PositiveDecimal,
    "json_string": graphene.JSONString,
    "order_direction": OrderDirection,
    "upload": Upload,
}


def shops(name: str) -> Callable[[], Any]:
    """The shop's type for this attribute of ``GraphQLTypes``, or its stand-in; for use as a lazy type in a field."""

    def type_() -> Any:
        return getattr(shop.current().graphql(), name, None) or _STAND_INS[name]

    return type_
