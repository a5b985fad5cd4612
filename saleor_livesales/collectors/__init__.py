"""Providers that charge a saved payment method without the customer: what we ask of one. Knows no Django.

Each call may be cut off and made again: what it makes at the provider is made once for its ``key``, and charging is
divided in two, so that nothing depends on how long a provider remembers keys. ``make`` prepares a charge and moves no
money; its reference is kept; ``confirm`` charges that one, which can be charged once.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, Protocol

State = Literal["open", "paid", "pending", "refused", "cancelled"]
# Refused for good: asking the bank again changes nothing, another payment method does.
FINAL_REASONS: Final = frozenset(
    {
        "authentication_required", "card_not_supported", "currency_not_supported", "expired_card", "incorrect_number",
        "invalid_account", "invalid_expiry_month", "invalid_expiry_year", "invalid_number", "lost_card",
        "new_account_information_available", "not_permitted", "payment_method_gone", "pickup_card",
        "restricted_card", "revocation_of_all_authorizations", "revocation_of_authorization", "stolen_card",
        "stop_payment_order", "transaction_not_allowed",
    }
)  # fmt: skip


OURS: Final = "livesales_"  # how a name begins in the metadata of each charge and page of ours


class CollectorError(Exception):
    """The provider could not be asked. The text carries its reason (a code), and no data of the customer."""


class Unreachable(CollectorError):
    """Not answered, or told to come again later: whether anything happened is unknown."""


class KeyRefused(CollectorError):
    """The store's key at the provider is wrong, or may not do this."""


class Refused(CollectorError):
    """The provider won't do it, however often it is asked."""


class BadSignature(CollectorError):
    """A report that the provider did not send, or sent too long ago."""


@dataclass(frozen=True, kw_only=True)
class Keys:
    """The store's account at a provider."""

    secret: str
    webhook_secrets: tuple[str, ...] = ()  # of its reports; several while one is exchanged for another

    def __repr__(self) -> str:
        return "Keys(…)"


@dataclass(frozen=True, kw_only=True)
class Link:
    """A page of the provider where the customer leaves a payment method. ``reference``: by which it is asked about."""

    reference: str
    url: str
    expires_at: datetime.datetime


@dataclass(frozen=True, kw_only=True)
class Method:
    """A payment method that may be charged without its owner. ``expires``: the first day on which it does not work."""

    customer: str
    reference: str
    kind: str
    brand: str
    last_digits: str
    expires: datetime.date | None


@dataclass(frozen=True, kw_only=True)
class Wanted:
    customer: str
    method: str
    method_kind: str
    amount: Decimal
    currency: str
    description: str
    metadata: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Where a charge stands. ``open``: made and not confirmed. ``reason``: of a refusal, as the provider calls it."""

    state: State
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Back:
    """Money of a charge that went back: refunded by the store, or taken by the bank; or that came again from there.

    A failed refund bears the reference of the refund that was told before, if it was. ``asked``: by ``refund``, and
    the reference is the one given there.
    """

    kind: Literal["refund", "refund_failed", "chargeback", "reinstated"]
    reference: str
    amount: Decimal
    asked: bool = False


@dataclass(frozen=True, kw_only=True)
class Event:
    """What a provider told, reduced to what names things there. What happened is asked for when it is acted on.

    ``back``: that money of a charge went back, or did not. Else a charge, a page or a method became another one. It
    names nothing where it is about what somebody else does with the same account at the provider.
    """

    id: str
    kind: Literal["charge", "back", "method"]
    charge: str = ""  # reference of the charge that it is about
    link: str = ""  # reference of the page on which a payment method was left
    method: str = ""  # reference of the payment method that it is about


class FeeCollector(Protocol):
    """Every method raises Unreachable and KeyRefused, and does nothing twice."""

    name: str
    title: str

    def customer(self, *, email: str, name: str, key: str, metadata: Mapping[str, str]) -> str:
        """The customer's reference at the provider."""
        ...

    def link(
        self, *, customer: str, return_url: str, cancel_url: str, language: str, key: str, metadata: Mapping[str, str]
    ) -> Link: ...

    def left(self, link: str) -> Method | None:
        """The method that was left on this page; None: not yet. Raises Refused where the page is over."""
        ...

    def method(self, reference: str) -> Method | None:
        """As it is now; None: the customer's bank or the store took it away."""
        ...

    def forget(self, method: str) -> None:
        """Take the method away from the customer: it can't be charged any more."""
        ...

    def make(self, wanted: Wanted, *, key: str) -> str:
        """Prepare a charge. Raises Refused."""
        ...

    def confirm(self, charge: str, *, method: str) -> Outcome:
        """Charge it now."""
        ...

    def look(self, charge: str) -> Outcome: ...

    def cancel(self, charge: str) -> Outcome:
        """Give up a charge that is not confirmed. Where it stands then: it may be paid meanwhile."""
        ...

    def give_back(self, charge: str, *, key: str) -> None:
        """Refund the whole charge. Done already: nothing."""
        ...

    def refund(self, charge: str, *, amount: Decimal, currency: str, reference: str) -> None:
        """Give a part of the charge back, once for ``reference``, however late it is asked again; ``backs`` tells what
        became of it. Raises Refused."""
        ...

    def backs(self, charge: str) -> Collection[Back]:
        """All money of this charge that went back."""
        ...

    def read_event(self, *, body: bytes, headers: Mapping[str, str], now: datetime.datetime) -> Event:
        """Check and read a report. Raises BadSignature; ValueError for what can't be read."""
        ...

    def events_since(self, since: datetime.datetime) -> Collection[Event]:
        """What happened since then, for whoever missed a report. At most 30 days."""
        ...

    def page_of(self, charge: str) -> str:
        """Where staff sees the charge at the provider."""
        ...
