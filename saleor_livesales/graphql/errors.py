"""Errors of mutations: ``{field, message, code}``, with one code for each class of error in the domain."""

from __future__ import annotations

import functools
import logging
from typing import Any

import graphene
from graphene.utils.str_converters import to_camel_case

from ..errors import LiveSalesError
from .reading import AWAY, UNAVAILABLE_TEXT, UNSTORABLE, UNSTORABLE_TEXT

logger = logging.getLogger(__name__)

OWN_CODES = {
    "GRAPHQL_ERROR": "Something unexpected happened; it is in the shop's log.",
    "REQUIRED": "A value is missing.",
    "UNAVAILABLE": "PostgreSQL or Redis does not answer; nothing was changed.",
}


def refusals() -> set[type[LiveSalesError]]:
    """Every class of refusal that is loaded."""
    found: set[type[LiveSalesError]] = set()
    waiting: list[type[LiveSalesError]] = [LiveSalesError]
    while waiting:
        for subclass in waiting.pop().__subclasses__():
            if subclass not in found and subclass.__module__.startswith("saleor_livesales."):
                found.add(subclass)
                waiting.append(subclass)
    return found


def _codes() -> dict[str, str]:
    codes = dict(OWN_CODES)
    for refusal in sorted(refusals(), key=lambda refusal: (refusal.code, refusal.__module__, refusal.__qualname__)):
        codes.setdefault(refusal.code, (refusal.__doc__ or "").strip().partition("\n")[0])
    return dict(sorted(codes.items()))


@functools.cache
def error_code_enum() -> Any:
    """``LiveSalesErrorCode``. Made when the schema is, once every room that refuses something is loaded."""
    codes = _codes()

    def described(member: Any) -> str:
        return "Why a mutation was refused." if member is None else codes[member.value]

    return graphene.Enum("LiveSalesErrorCode", [(code, code) for code in codes], description=described)


class LiveSalesErrorType(graphene.ObjectType):
    field = graphene.String(
        description="Name of a field that caused the error. `null`: the error isn't associated with a particular field."
    )
    message = graphene.String(required=True, description="The error message.")
    code = graphene.Field(lambda: error_code_enum(), required=True, description="The error code.")

    class Meta:
        name = "LiveSalesError"
        description = "Why a mutation was refused."


def camel(field: str | None) -> str | None:
    """``price_threshold`` as the API spells it."""
    return to_camel_case(field) if field else None


def payload_error(error: Exception) -> LiveSalesErrorType:
    """What a client of a mutation may see of this error. Logs what was not expected."""
    if isinstance(error, LiveSalesError):
        return LiveSalesErrorType(field=camel(error.field), message=error.message, code=error.code)
    if isinstance(error, UNSTORABLE):
        return LiveSalesErrorType(message=UNSTORABLE_TEXT, code="INVALID")
    if isinstance(error, AWAY):
        logger.warning("Live sales is not available: %s", type(error).__name__)
        return LiveSalesErrorType(message=UNAVAILABLE_TEXT, code="UNAVAILABLE")
    logger.error("A live sales mutation failed: %s", type(error).__name__, exc_info=error)
    return LiveSalesErrorType(message="Something went wrong on our side.", code="GRAPHQL_ERROR")
