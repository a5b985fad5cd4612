"""Prices, as resolvers and the adapter read them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

DIGITS = {"JPY": 0, "KRW": 0, "KWD": 3}  # others have two


def digits(currency: str) -> int:
    return DIGITS.get(currency, 2)


def quantized(amount: Decimal, currency: str) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-digits(currency)), rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class Money:
    amount: Decimal
    currency: str

    def times(self, factor: int) -> Money:
        return Money(self.amount * factor, self.currency)


@dataclass(frozen=True)
class Price:
    """What a variant costs in a channel: charged, and before any promotion."""

    charged: Money
    undiscounted: Money


def total(prices: Iterable[Money], currency: str) -> Money:
    return Money(sum((price.amount for price in prices), Decimal(0)), currency)
