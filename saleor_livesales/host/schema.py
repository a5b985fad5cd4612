"""Puts our queries and mutations into Saleor's GraphQL schema.

graphene 2 collects the fields of Saleor's ``CoreQueries`` and ``CoreMutations`` when ``saleor.graphql.api`` is
imported, once. So ours must be there before: after that, nothing that is added is seen (docs/adr/0009).
"""

from __future__ import annotations

import sys
from types import FunctionType, ModuleType

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

API = "saleor.graphql.api"
OURS = "saleor_livesales"


def extend() -> None:
    """Adds our fields. Raises ImproperlyConfigured when the schema is built already."""
    if API in sys.modules:
        raise ImproperlyConfigured(too_late())
    from saleor.graphql.core.schema import CoreMutations, CoreQueries

    from ..graphql import schema

    schema.extend(CoreQueries, CoreMutations)
    if API in sys.modules:  # a type module of ours, or a plugin that one of Saleor's modules imported
        raise ImproperlyConfigured(too_late())


def too_late() -> str:
    """The sentence that says who built the schema too early, as far as that can be seen, and what to do."""
    importers = _importers(sys.modules)
    if importers:
        who = f"It was imported by {', '.join(importers)}."
    else:
        others = _other_plugins()
        who = f"The other plugins installed here are {', '.join(others)}." if others else "Look for what imports it."
    return (
        f"Live sales can't add its fields to the GraphQL schema: {API} was imported before saleor_livesales was ready. "
        f"{who} Import {API} inside the functions that use it, not at the top of a module that is loaded with the apps "
        "(models.py, apps.py, or what these import); or uninstall that plugin."
    )


def _importers(modules: dict[str, ModuleType]) -> list[str]:
    """Modules outside Saleor that hold ``saleor.graphql.api``, or something that is defined there."""
    api = modules[API]
    schema = getattr(api, "schema", None)
    found = []
    for name, module in list(modules.items()):
        if name == "saleor" or name.startswith(("saleor.", f"{OURS}.")) or name in (OURS, "__main__"):
            continue
        try:
            held = list(vars(module).values())
        except TypeError:
            continue
        if any(_of_the_api(value, api, schema) for value in held):
            found.append(name)
    return sorted(found)


def _of_the_api(value: object, api: ModuleType, schema: object) -> bool:
    if value is api or (schema is not None and value is schema):
        return True
    # By exact type: Django's lazy objects come to life when they are asked for anything, even their class.
    return type(value) in (type, FunctionType) and getattr(value, "__module__", None) == API


def _other_plugins() -> list[str]:
    return [path for path in getattr(settings, "EXTERNAL_PLUGINS", []) if not path.startswith(f"{OURS}.")]
