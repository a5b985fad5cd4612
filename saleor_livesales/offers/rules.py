"""The rules by which help is offered, as values. Pure: no Django.

A rule is a small frozen value that ``offers.decide`` knows how to weigh. Other kinds of rule get a field in ``Rules``
when the rule language comes; the price rule and the request rule are always there.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from ..channels.hours import Hours

FORMS: Final = ("chat",)  # what a visitor may choose from


@dataclass(frozen=True, kw_only=True)
class PriceRule:
    """Help for an item or a cart that is worth MORE than ``threshold``; exactly at it is not more.

    With ``gate`` nothing at all is offered for what is worth less, not even to somebody who asks.
    """

    threshold: Decimal
    currency: str
    gate: bool = False
    name: str = "price"


@dataclass(frozen=True, kw_only=True)
class RequestRule:
    """Help for a visitor who asked within the last ``lasts`` seconds."""

    lasts: float = 120.0
    name: str = "request"


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Everything besides the facts that a decision in one channel depends on. Durations in seconds."""

    channel: str
    active: bool  # the plugin and the channel
    currency: str
    available: bool  # a rep is online and has a place free
    price: PriceRule | None = None  # None: switched off
    request: RequestRule | None = None  # None: the store takes no requests
    hours: Hours | None = None  # outside these nothing is offered; None: the channel is always open
    code_required: bool = False  # nothing is offered without a sign-in code
    greeting: str = ""
    forms: tuple[str, ...] = FORMS
    offer_pause: float = 900.0  # after an offer that was declined or ignored
    after_purchase: float = 1800.0  # somebody who just bought is left alone
    online_window: float = 70.0


INACTIVE: Final = Rules(channel="", active=False, currency="", available=False)
