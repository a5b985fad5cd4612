"""How a code comes in: as a variable and in no other way.

A document is kept, logged and traced by whoever handles it; variables are not. What GraphQL itself says about a value
that does not fit repeats the value, so this scalar takes whatever is sent and lets the domain refuse it. It stands as
an argument of its own: GraphQL repeats the whole of an input object of which one field does not fit.
"""

from __future__ import annotations

from typing import Any, Final

from graphene.types import Scalar

from ...codes.alphabet import Secret
from ...errors import LiveSalesError


class CodeInDocument(LiveSalesError):
    """A code stands in the text of a GraphQL document."""

    code = "CODE_IN_DOCUMENT"


class _Literal:
    def __repr__(self) -> str:
        return "Literal(…)"


LITERAL: Final = _Literal()


class LiveCode(Scalar):
    """A sign-in code, given as a variable. A code that is written into the document is refused, looked at or not."""

    @staticmethod
    def serialize(_value: Any) -> str:
        raise TypeError("A code is never shown.")

    @staticmethod
    def parse_value(value: Any) -> Secret:
        return Secret(value if isinstance(value, str) else "")

    @staticmethod
    def parse_literal(_node: Any) -> Any:
        """Of a literal, and of a variable's default value. graphql-core leaves variables out."""
        return LITERAL


def secret_of(value: Any) -> Secret:
    """Raises CodeInDocument."""
    if not isinstance(value, Secret):
        raise CodeInDocument("Send the code as a variable, never inside the document.", field="code")
    return value
