"""Relay connections by keyset: a page costs the same wherever it is, and rows that arrive meanwhile move nothing.

A list that no index has in its order as a whole comes in parts, one after the other, each in an order of its own.
Arguments and refusals are Saleor's: one of ``first`` and ``last`` is required, at most 100, forwards with ``after``,
backwards with ``before``. A cursor is opaque; a broken one is refused.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import json
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import graphene
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Q, QuerySet
from graphql import GraphQLError

from .reading import reads

MAX_PAGE: Final = 100
MAX_COUNT: Final = 10_000  # a total is counted up to here, so that counting costs no more in a shop with more
BAD_CURSOR: Final = "Received cursor is invalid."


@dataclass(frozen=True)
class Page:
    """Checked arguments. ``limit`` rows from ``cursor`` on, ``backwards`` when the last ones were asked for."""

    limit: int
    backwards: bool
    cursor: str | None


def page_of(field: str, args: dict[str, Any]) -> Page:
    """Raises GraphQLError that names the argument."""
    first, last, after, before = (args.get(name) for name in ("first", "last", "after", "before"))
    for name, value in (("first", first), ("last", last)):
        if value is not None and value <= 0:
            raise GraphQLError(f"Argument `{name}` must be a positive integer.")
        if value is not None and value > MAX_PAGE:
            raise GraphQLError(
                f"Requesting {value} records on the `{field}` connection exceeds the `{name}` limit of "
                f"{MAX_PAGE} records."
            )
    if first and last:
        raise GraphQLError("Argument `last` cannot be combined with `first`.")
    if not (first or last):
        raise GraphQLError(f"You must provide a `first` or `last` value to properly paginate the `{field}` connection.")
    if first and before:
        raise GraphQLError("Argument `first` cannot be combined with `before`.")
    if last and after:
        raise GraphQLError("Argument `last` cannot be combined with `after`.")
    return Page(limit=first or last or 0, backwards=bool(last), cursor=after or before or None)


def encode_cursor(values: Sequence[Any]) -> str:
    def plain(value: Any) -> Any:
        if isinstance(value, datetime.datetime):
            return value.astimezone(datetime.UTC).isoformat()
        return str(value) if isinstance(value, uuid.UUID) else value

    return base64.b64encode(json.dumps([plain(value) for value in values]).encode()).decode()


def decode_cursor(cursor: str, length: int | None = None) -> list[Any]:
    """Raises GraphQLError unless it holds plain values, ``length`` of them where that is given."""
    try:
        values = json.loads(base64.b64decode(cursor, validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise GraphQLError(BAD_CURSOR) from None
    plain = isinstance(values, list) and length in (None, len(values))
    if not plain or not all(isinstance(value, (str, int)) and not isinstance(value, bool) for value in values):
        raise GraphQLError(BAD_CURSOR)
    return values


def _clean(queryset: QuerySet, name: str, value: Any) -> Any:
    try:
        field = queryset.query.annotations[name].output_field if name in queryset.query.annotations else None
        cleaned = (field or queryset.model._meta.get_field(name)).to_python(value)
    except (ValidationError, FieldDoesNotExist, ValueError, TypeError, OverflowError):
        raise GraphQLError(BAD_CURSOR) from None
    if isinstance(cleaned, datetime.datetime) and cleaned.tzinfo is None:
        raise GraphQLError(BAD_CURSOR)
    return cleaned


def _beyond(names: Sequence[str], values: Sequence[Any], lookup: str) -> Q:
    """Rows after ``values`` in a lexicographic order. Its first condition is one that an index can start from."""
    condition = Q(**{f"{names[0]}__{lookup}e": values[0]})
    inner = Q()
    for index, name in enumerate(names):
        same = dict(zip(names[:index], values[:index], strict=True))
        inner |= Q(**same, **{f"{name}__{lookup}": values[index]})
    return condition & inner


@dataclass(frozen=True)
class Part:
    """Rows of a list that stand together. ``order`` names columns, all ascending or all descending (``-``) in each part
    of a list, the last one unique."""

    rows: QuerySet
    order: Sequence[str]

    @property
    def names(self) -> list[str]:
        return [name.removeprefix("-") for name in self.order]

    @property
    def descending(self) -> bool:
        return self.order[0].startswith("-")

    def read(self, *, backwards: bool, beyond: Sequence[Any] | None, limit: int) -> list[Any]:
        down = self.descending != backwards
        found = self.rows.order_by(*(f"-{name}" if down else name for name in self.names))
        if beyond is not None:
            values = [_clean(self.rows, name, value) for name, value in zip(self.names, beyond, strict=True)]
            found = found.filter(_beyond(self.names, values, "lt" if down else "gt"))
        return list(found[:limit])


def connection_from_queryset(
    queryset: QuerySet,
    *,
    field: str,
    args: dict[str, Any],
    type_: type[graphene.ObjectType],
    order: Sequence[str],
    node: Callable[[Any], Any] = lambda row: row,
) -> Any:
    """One page of a list in one part, by one query."""
    return connection_from_parts(
        [Part(queryset, order)], whole=queryset, field=field, args=args, type_=type_, node=node
    )


def connection_from_parts(
    parts: Sequence[Part],
    *,
    whole: QuerySet,
    field: str,
    args: dict[str, Any],
    type_: type[graphene.ObjectType],
    node: Callable[[Any], Any] = lambda row: row,
) -> Any:
    """One page, by one query for each part that it touches. ``whole`` is what the parts are parts of."""
    page = page_of(field, args)
    start, beyond = _start(parts, page)
    read: list[tuple[Part, Any]] = []
    numbers = range(start, -1, -1) if page.backwards else range(start, len(parts))
    for number in numbers:
        limit = page.limit + 1 - len(read)
        if limit:
            found = parts[number].read(
                backwards=page.backwards, beyond=beyond if number == start else None, limit=limit
            )
            read += [(parts[number], row) for row in found]

    def cursor(row: tuple[Part, Any]) -> str:
        values = [getattr(row[1], name) for name in row[0].names]
        return encode_cursor(values if len(parts) == 1 else [parts.index(row[0]), *values])

    return connection_from_rows(
        read,
        page=page,
        type_=type_,
        cursor=cursor,
        node=lambda row: node(row[1]),
        count=lambda: whole.order_by()[:MAX_COUNT].count(),
    )


def _start(parts: Sequence[Part], page: Page) -> tuple[int, list[Any] | None]:
    """The part where the page begins, and the values of the row beyond which it does. Raises GraphQLError."""
    if page.cursor is None:
        return (len(parts) - 1 if page.backwards else 0), None
    if len(parts) == 1:
        return 0, decode_cursor(page.cursor, len(parts[0].order))
    values = decode_cursor(page.cursor)
    number = values[0] if values else None
    if not isinstance(number, int) or not 0 <= number < len(parts) or len(values) != 1 + len(parts[number].order):
        raise GraphQLError(BAD_CURSOR)
    return number, values[1:]


def connection_from_rows(
    rows: list[Any],
    *,
    page: Page,
    type_: type[graphene.ObjectType],
    cursor: Callable[[Any], str],
    count: Callable[[], Any],
    node: Callable[[Any], Any] = lambda row: row,
) -> Any:
    """``rows`` are at most one more than the page's limit, in the order in which they were read."""
    more = len(rows) > page.limit
    rows = rows[: page.limit]
    if page.backwards:
        rows.reverse()
    edges = [type_.Edge(node=node(row), cursor=cursor(row)) for row in rows]
    return type_(
        edges=edges,
        page_info=graphene.relay.PageInfo(
            has_next_page=bool(page.cursor) if page.backwards else more,
            has_previous_page=more if page.backwards else bool(page.cursor),
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        ),
        total_count=count,
    )


class CountableConnection(graphene.ObjectType):
    """Base of our connections; ``Meta.node`` names the type. The total is counted only when it is asked for."""

    class Meta:
        abstract = True

    Edge: Any

    @classmethod
    def __init_subclass_with_meta__(cls, node: Any = None, **options: Any) -> None:
        words = re.sub(r"(?<!^)(?=[A-Z])", " ", node._meta.name).lower()
        name = f"{node._meta.name}Countable"
        cls.Edge = type(
            f"{name}Edge",
            (graphene.ObjectType,),
            {
                "node": graphene.Field(node, required=True, description="The item at the end of the edge."),
                "cursor": graphene.String(required=True, description="A cursor for use in pagination."),
                "Meta": type("Meta", (), {"description": f"An edge to a {words}."}),
            },
        )
        cls.page_info = graphene.Field(
            graphene.relay.PageInfo, required=True, description="Pagination data for this connection."
        )
        cls.edges = graphene.List(graphene.NonNull(cls.Edge), required=True, description="The page's edges.")
        cls.total_count = graphene.Int(
            description=f"A total count of items in the collection. Counted up to {MAX_COUNT:,}."
        )
        options.setdefault("description", f"A page of {words}s.")
        super().__init_subclass_with_meta__(name=f"{name}Connection", **options)

    @reads
    def resolve_total_count(root: Any, info: Any) -> Any:
        return root.total_count() if callable(root.total_count) else root.total_count


class ConnectionField(graphene.Field):
    """A field with the four arguments of a connection."""

    def __init__(self, type_: Any, **kwargs: Any) -> None:
        maximum = f"At most {MAX_PAGE}."
        kwargs.setdefault("first", graphene.Int(description=f"Retrieve the first n elements from the list. {maximum}"))
        kwargs.setdefault("last", graphene.Int(description=f"Retrieve the last n elements from the list. {maximum}"))
        kwargs.setdefault(
            "after",
            graphene.String(description="Return the elements in the list that come after the cursor."),
        )
        kwargs.setdefault(
            "before",
            graphene.String(description="Return the elements in the list that come before the cursor."),
        )
        super().__init__(type_, **kwargs)
