"""Writes the TypeScript types of the socket's frames from ``saleor_livesales.wire``; ``--check`` fails when they drift.

A field with a default may be left out by either side (``omit_defaults``), so it is optional in TypeScript; a reader
supplies the default, which is named in the comment.
"""

from __future__ import annotations

import sys
import types
import typing
from pathlib import Path

import msgspec
from msgspec import inspect

from saleor_livesales import wire

TARGET = Path(__file__).resolve().parent.parent / "saleor_livesales" / "storefront" / "src" / "wire.ts"
HEADER = "// Written by `python -m tools.wire_types` from saleor_livesales/wire.py. Do not edit.\n"


def _quoted(values: typing.Iterable[object]) -> str:
    return " | ".join(f'"{value}"' if isinstance(value, str) else str(value).lower() for value in values)


def _aliases() -> dict[frozenset[object], str]:
    """Literal types that the module names, by their values."""
    return {
        frozenset(typing.get_args(value)): name
        for name, value in vars(wire).items()
        if typing.get_origin(value) is typing.Literal
    }


class Writer:
    def __init__(self) -> None:
        self.aliases = _aliases()
        self.names: set[str] = set()

    def typescript(self, node: inspect.Type) -> str:
        match node:
            case inspect.StrType() | inspect.UUIDType():
                return "string"
            case inspect.IntType() | inspect.FloatType():
                return "number"
            case inspect.BoolType():
                return "boolean"
            case inspect.NoneType():
                return "null"
            case inspect.LiteralType(values=values):
                return self.aliases.get(frozenset(values)) or _quoted(values)
            case inspect.ListType(item_type=item):
                return f"Array<{self.typescript(item)}>"
            case inspect.DictType(value_type=value):
                return f"Record<string, {self.typescript(value)}>"
            case inspect.UnionType(types=members):
                return " | ".join(self.typescript(member) for member in members)
            case inspect.StructType(cls=cls):
                return cls.__name__
        raise TypeError(f"No TypeScript type for {node!r}")

    def field(self, field: inspect.Field) -> str:
        node, optional, note = field.type, not field.required, ""
        if optional and isinstance(node, inspect.UnionType) and field.default is None:
            rest = tuple(member for member in node.types if not isinstance(member, inspect.NoneType))
            node = rest[0] if len(rest) == 1 else inspect.UnionType(rest)
        elif optional:
            default = field.default_factory() if field.default_factory is not msgspec.NODEFAULT else field.default
            note = f" // {msgspec.json.encode(default).decode()} when left out"
        return f"  {field.encode_name}{'?' if optional else ''}: {self.typescript(node)};{note}\n"

    def struct(self, cls: type[msgspec.Struct]) -> str:
        info = inspect.type_info(cls)
        assert isinstance(info, inspect.StructType)
        doc = " ".join((cls.__doc__ or "").split()) if "__doc__" in vars(cls) else ""
        lines = [f"/** {doc} */\n"] if doc and not doc.startswith(f"{cls.__name__}(") else []
        lines.append(f"export interface {cls.__name__} {{\n")
        if info.tag is not None:
            lines.append(f'  {info.tag_field}: "{info.tag}";\n')
        lines += [self.field(field) for field in info.fields]
        return "".join([*lines, "}\n"])


def render() -> str:
    """The whole file."""
    writer = Writer()
    parts = [HEADER]
    parts.append(
        "".join(
            f"export type {name} = {_quoted(typing.get_args(value))};\n"
            for name, value in vars(wire).items()
            if typing.get_origin(value) is typing.Literal
        )
    )
    bases = (wire.Frame, wire.Part)
    frames = [
        value
        for value in vars(wire).values()
        if isinstance(value, type) and issubclass(value, bases) and value not in bases
    ]
    parts += [writer.struct(cls) for cls in frames]
    for name, value in vars(wire).items():
        if isinstance(value, types.UnionType):
            members = " | ".join(member.__name__ for member in typing.get_args(value))
            parts.append(f"export type {name} = {members};\n")
    return "\n".join(parts)


def main(args: list[str]) -> int:
    text = render()
    if "--check" in args:
        if not TARGET.is_file() or TARGET.read_text(encoding="utf-8") != text:
            print(f"{TARGET.name} is not what wire.py says: run `python -m tools.wire_types`.", file=sys.stderr)
            return 1
        return 0
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
