"""Permissions on fields: the sentence in the description and the refusal, both as Saleor words them."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLError

from .. import shop
from .context import state


class PermissionDenied(GraphQLError):
    """Shown as Saleor shows its own: ``extensions.exception.code`` is the class's name."""

    def __init__(self, *permissions: shop.Permission) -> None:
        if permissions:
            names = ", ".join(permissions)
            super().__init__(f"To access this path, you need one of the following permissions: {names}")
        else:
            super().__init__("You do not have permission to perform this action")


def requires(*permissions: shop.Permission) -> str:
    """The sentence that a description ends with."""
    return f"\n\nRequires one of the following permissions: {', '.join(permissions)}."


def requestor(info: Any) -> shop.Requestor:
    """Who is asking, found out once a request."""
    held = state(info.context)
    if held.requestor is None:
        held.requestor = shop.current().requestor(info.context)
    return held.requestor


def may(info: Any, *permissions: shop.Permission) -> bool:
    asking = requestor(info)
    return any(asking.may(permission) for permission in permissions)


def require(info: Any, *permissions: shop.Permission) -> shop.Requestor:
    """Raises PermissionDenied unless the requestor holds one of them."""
    if not may(info, *permissions):
        raise PermissionDenied(*permissions)
    return requestor(info)
