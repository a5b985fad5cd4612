"""Permissions by the names that GraphQL shows. Codenames are Saleor's and ours."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import Permission

from saleor_livesales.shop import HANDLE_LIVE_SALES, MANAGE_LIVE_SALES

OF_SALEOR = (
    "MANAGE_USERS",
    "MANAGE_STAFF",
    "MANAGE_APPS",
    "MANAGE_CHANNELS",
    "MANAGE_CHECKOUTS",
    "MANAGE_ORDERS",
    "MANAGE_PRODUCTS",
)
OURS = (HANDLE_LIVE_SALES, MANAGE_LIVE_SALES)
NAMES = frozenset(OF_SALEOR + OURS)


class PermissionDenied(Exception):
    """Named as Saleor's, because its name is the code that a client sees."""

    def __init__(self, *needed: str) -> None:
        wanted = ", ".join(needed)
        super().__init__(f"To access this path, you need one of the following permissions: {wanted}")


def names(permissions: Iterable[Permission]) -> frozenset[str]:
    """``{"HANDLE_LIVE_SALES"}`` of the rows; rows that no name belongs to are left out."""
    return frozenset(row.codename.upper() for row in permissions) & NAMES


def rows(wanted: Iterable[str]) -> list[Permission]:
    """The rows of these names, in order of their codenames."""
    return list(Permission.objects.filter(codename__in=[name.lower() for name in wanted]).order_by("codename"))
