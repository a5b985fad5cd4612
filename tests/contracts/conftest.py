"""Saleor's published contracts: its schemas and the plugin hooks that it dispatches, for each version that we support.

They are read from ``LIVESALES_CONTRACTS`` (by default ``../shared`` beside the repository). On CI they must be there.
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_ast_schema, parse
from graphql.utils.extend_schema import extend_schema

from tools.print_schema import readable

ROOT = Path(__file__).parents[2]
CONTRACTS = Path(os.environ.get("LIVESALES_CONTRACTS") or ROOT / ".." / "shared").resolve() / "saleor"
VERSIONS = ("3.22", "3.23", "main")


def contract(name: str) -> str:
    path = CONTRACTS / name
    if path.is_file():
        return path.read_text(encoding="utf-8")
    sentence = (
        f"Saleor's contract {name} is not in {CONTRACTS}: set LIVESALES_CONTRACTS to the directory above saleor/."
    )
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(sentence)
    warnings.warn(f"NOT CHECKED AGAINST SALEOR. {sentence}", stacklevel=2)
    pytest.skip(sentence)


@pytest.fixture(scope="session", params=VERSIONS)
def extended(request: pytest.FixtureRequest) -> GraphQLSchema:
    """Saleor's schema with ours on top."""
    saleors = build_ast_schema(parse(readable(contract(f"schema-{request.param}.graphql"))))
    ours = (ROOT / "saleor_livesales" / "graphql" / "schema.graphql").read_text(encoding="utf-8")
    return extend_schema(saleors, parse(readable(ours)))


@pytest.fixture(scope="session", params=VERSIONS)
def dispatched(request: pytest.FixtureRequest) -> frozenset[str]:
    """The hooks that this version's PluginsManager calls."""
    return frozenset(contract(f"hooks-dispatched-{request.param}.txt").split())
