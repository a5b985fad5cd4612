"""Prints our part of the schema: ``python -m tools.print_schema`` writes ``saleor_livesales/graphql/schema.graphql``.

``--check`` writes nothing, and fails when the file is not what the code says. The shop's types are named, not printed.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import graphene
from graphql.language.printer import print_ast
from graphql.type import definition
from graphql.utils.ast_from_value import ast_from_value

TARGET = Path(__file__).parents[1] / "saleor_livesales" / "graphql" / "schema.graphql"
HEADER = """# What saleor-livesales adds to the shop's schema. Written by `python -m tools.print_schema`: don't edit.
# Types that are not defined here are the shop's.
"""


class User(graphene.ObjectType):
    id = graphene.ID(required=True)


class Checkout(graphene.ObjectType):
    id = graphene.ID(required=True)


class Product(graphene.ObjectType):
    id = graphene.ID(required=True)


class ProductVariant(graphene.ObjectType):
    id = graphene.ID(required=True)


class NamingShop:
    """A shop whose types have their names and nothing else."""

    def graphql(self) -> Any:
        from saleor_livesales.shop import GraphQLTypes

        def load(*_: Any) -> None:
            return None

        return GraphQLTypes(
            user=User,
            checkout=Checkout,
            product=Product,
            variant=ProductVariant,
            load_user=load,
            load_checkout=load,
            load_product=load,
            load_variant=load,
        )


def build() -> graphene.Schema:
    """A schema of our fields alone. Needs Django's apps."""
    from saleor_livesales import shop
    from saleor_livesales.graphql.schema import extend

    before = shop._shop
    shop.install(NamingShop())  # type: ignore[arg-type]
    try:
        query = type("Query", (graphene.ObjectType,), _fields(extend)[0])
        mutation = type("Mutation", (graphene.ObjectType,), _fields(extend)[1])
        return graphene.Schema(query=query, mutation=mutation)
    finally:
        shop._shop = before


def _fields(extend: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    queries, mutations = type("Queries", (), {}), type("Mutations", (), {})
    extend(queries, mutations)
    return dict(vars(queries)), dict(vars(mutations))


def _description(text: str | None, indent: str = "") -> Iterator[str]:
    if text:
        lines = text.strip().replace('"""', '\\"""').split("\n")
        yield f'{indent}"""'
        yield from (f"{indent}{line}".rstrip() for line in lines)
        yield f'{indent}"""'


def _value(name: str, value: Any) -> str:
    default = value.default_value
    shown = "" if default is None else f" = {print_ast(ast_from_value(default, value.type))}"
    return f"{name}: {value.type}{shown}"


def _field(name: str, field: Any) -> Iterator[str]:
    yield from _description(field.description, "  ")
    if not field.args:
        yield f"  {name}: {field.type}"
        return
    yield f"  {name}("
    for argument, value in field.args.items():
        yield from _description(value.description, "    ")
        yield f"    {_value(argument, value)}"
    yield f"  ): {field.type}"


def _type(kind: Any) -> Iterator[str]:
    extends = kind.name in ("Query", "Mutation")
    if not extends:
        yield from _description(kind.description)
    if isinstance(kind, definition.GraphQLEnumType):
        yield f"enum {kind.name} {{"
        for value in kind.values:
            yield from _description(value.description, "  ")
            yield f"  {value.name}"
    elif isinstance(kind, definition.GraphQLInputObjectType):
        yield f"input {kind.name} {{"
        for name, field in kind.fields.items():
            yield from _description(field.description, "  ")
            yield f"  {_value(name, field)}"
    elif isinstance(kind, definition.GraphQLScalarType):
        yield f"scalar {kind.name}"
        return
    else:
        interfaces = " & ".join(interface.name for interface in kind.interfaces)
        implements = f" implements {interfaces}" if interfaces else ""
        yield f"{'extend ' if extends else ''}type {kind.name}{implements} {{"
        for name, field in kind.fields.items():
            yield from _field(name, field)
    yield "}"


def text() -> str:
    """The SDL of what is ours."""
    types = build().get_type_map()
    ours = sorted(name for name in types if name.startswith("Live"))
    blocks = ["\n".join(_type(types[name])) for name in ["Query", "Mutation", *ours]]
    return HEADER + "\n" + "\n\n".join(blocks) + "\n"


def readable(sdl: str) -> str:
    """The SDL as graphql-core 2 reads it: without descriptions, and with the older way of listing interfaces."""
    sdl = re.sub(r'"""(?:\\"""|[^"]|"(?!""))*"""', "", sdl)
    sdl = re.sub(r'(?m)^\s*"(?:[^"\\\n]|\\.)*"\s*$', "", sdl)
    return re.sub(r"(?m)^(type \w+ implements )([^{@]*)", lambda found: found[1] + found[2].replace("&", ","), sdl)


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sandbox.settings")
    os.environ.setdefault("DATABASE_URL", "postgres://nobody@127.0.0.1/none")
    os.environ.setdefault("REDIS_URL", "redis://127.0.0.1/0")
    os.environ.setdefault("LIVESALES_SIGNING_KEYS", "none:" + "-" * 32)
    import django

    django.setup()
    printed = text()
    if "--check" in sys.argv[1:]:
        if not TARGET.exists() or TARGET.read_text(encoding="utf-8") != printed:
            print(f"{TARGET.name} is not what the code says. Run: python -m tools.print_schema", file=sys.stderr)
            return 1
        return 0
    TARGET.write_text(printed, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
