"""Lob's published OpenAPI (https://github.com/lob/lob-openapi, MIT), as far as letters need it.

``lob-openapi-1.22.0.json`` is made from the whole file: ``python -m tests.carriers.spec lob-openapi-1.22.0.yml``.
"""

from __future__ import annotations

import functools
import json
import sys
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "lob-openapi-1.22.0.json"
OPERATIONS = {
    "/letters": ("get", "post"),
    "/letters/{ltr_id}": ("delete",),
    "/us_verifications": ("post",),
    "/intl_verifications": ("post",),
}
LEFT_OUT = ("description", "summary", "title", "tags")


def reduced(whole: dict[str, Any]) -> dict[str, Any]:
    """Our operations and what they refer to, without the prose."""
    paths = {
        path: {name: _bare(whole["paths"][path][name]) for name in methods} for path, methods in OPERATIONS.items()
    }
    spec: dict[str, Any] = {"openapi": whole["openapi"], "info": _bare(whole["info"]), "paths": paths, "components": {}}
    wanted = sorted(_references([paths, {"$ref": "#/components/schemas/events"}]))
    while wanted:
        _, _, kind, name = wanted.pop().split("/")
        place = spec["components"].setdefault(kind, {})
        if name not in place:
            place[name] = _bare(whole["components"][kind][name])
            wanted += sorted(_references(place[name]))
    return spec


def _bare(value: Any, inside: str = "") -> Any:
    if isinstance(value, dict):
        return {
            name: part if name in ("example", "examples") else _bare(part, name)
            for name, part in value.items()
            if inside == "properties"
            or not (name.startswith("x-") or (name in LEFT_OUT and not isinstance(part, dict)))
        }
    return [_bare(part) for part in value] if isinstance(value, list) else value


def _references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = (
            {value["$ref"]}
            if isinstance(value.get("$ref"), str) and value["$ref"].startswith("#/components/")
            else set()
        )
        return own.union(*(_references(part) for part in value.values()))
    return set().union(*(_references(part) for part in value)) if isinstance(value, list) else set()


def written(spec: dict[str, Any]) -> str:
    return json.dumps(spec, indent=1, sort_keys=True, default=str) + "\n"


@functools.cache
def load() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def at(*names: str) -> Any:
    """A part of it, references followed."""
    value: Any = load()
    for name in names:
        value = _followed(value)[name]
    return _followed(value)


def _followed(value: Any) -> Any:
    while isinstance(value, dict) and "$ref" in value:
        value = at(*(part.replace("~1", "/") for part in value["$ref"].removeprefix("#/").split("/")))
    return value


if __name__ == "__main__":
    import yaml

    FILE.write_text(written(reduced(yaml.safe_load(Path(sys.argv[1]).read_text(encoding="utf-8")))), encoding="utf-8")
