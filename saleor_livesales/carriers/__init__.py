"""Print-and-mail providers: what they are given, what they answer, and the interface that each of them has.

No rows and no Django here: who sends a letter, when and at what cost is the post room's business. Every number and
word of a provider's own is translated in the provider's module (``lob``).
"""

from __future__ import annotations

import datetime
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final, Protocol

REFERENCE: Final = "livesales"  # under which a provider gives a letter's reference back


class CarrierError(Exception):
    """A provider did not do what it was asked to. ``reason`` is a short code: no address, key or text of a letter."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Refused(CarrierError):
    """It will not do this, however often it is asked. ``address``: because of where the letter is to go."""

    def __init__(self, reason: str, *, address: bool = False) -> None:
        super().__init__(reason)
        self.address = address


class Denied(CarrierError):
    """The key is wrong, or the account may not do this: nothing to do with the letter. The deployment mends it."""


class Unreachable(CarrierError):
    """No answer, or none that can be understood. The request may have been carried out: ask again with the same key."""


class RateLimited(CarrierError):
    """Asked too often. Ask again after ``retry_after`` seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__("rate_limited")
        self.retry_after = retry_after


class BadSignature(CarrierError):
    """A report does not come from the provider, or is too old."""


class Malformed(CarrierError):
    """A report that is signed and can't be read all the same."""


@dataclass(frozen=True, kw_only=True)
class Address:
    """A postal address. ``country`` is ISO 3166's two letters; ``area`` a state or province as the shop has it."""

    name: str = ""
    company: str = ""
    line1: str
    line2: str = ""
    city: str
    area: str = ""
    postal_code: str
    country: str


class Deliverability(enum.StrEnum):
    DELIVERABLE = "deliverable"
    DOUBTFUL = "doubtful"  # the building is known, the unit is missing or wrong
    UNDELIVERABLE = "undeliverable"
    UNCHECKED = "unchecked"  # the provider can't tell: a country it does not know, a test key, no such service


@dataclass(frozen=True, kw_only=True)
class AddressCheck:
    result: Deliverability
    reason: str = ""  # the provider's word for it


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A letter to be printed and mailed. ``pdf`` leaves the place free where the provider prints the addresses."""

    reference: str  # ours, given back in every report of it
    idempotency_key: str  # at most 256 characters: asked twice with the same one, one letter is mailed
    to: Address = field(repr=False)
    sender: Address = field(repr=False)
    pdf: bytes = field(repr=False)
    color: bool = False
    double_sided: bool = False


@dataclass(frozen=True, kw_only=True)
class Posted:
    """A letter that the provider took."""

    provider_id: str
    expected_on: datetime.date | None = None  # when it is expected to arrive


class EventKind(enum.StrEnum):
    """What a provider tells of a letter, in the order in which it happens."""

    ACCEPTED = "accepted"  # taken, drawn
    MAILED = "mailed"  # handed to the post
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    RETURNED = "returned"  # came back to the sender
    FAILED = "failed"  # could not be printed or mailed
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class Event:
    id: str  # the provider's: told twice, it is the same
    kind: EventKind
    reference: str  # empty where the provider does not give it back
    provider_id: str
    at: datetime.datetime


class LetterProvider(Protocol):
    """What the post room asks of a provider. Every method raises CarrierError's kinds and nothing else."""

    name: ClassVar[str]

    def check_address(self, address: Address) -> AddressCheck:
        """Whether a letter would arrive there."""

    def send(self, letter: Letter) -> Posted:
        """Have a letter printed and mailed, once for each idempotency key for as long as the provider keeps keys."""

    def find(self, reference: str) -> Posted | None:
        """The letter that was taken under this reference, if any: for keys that the provider has forgotten."""

    def cancel(self, provider_id: str) -> bool:
        """Take a letter back that is not printed yet. False: too late, or unknown."""

    def read(self, headers: Mapping[str, str], body: bytes, *, now: datetime.datetime) -> list[Event]:
        """The events of a report. Raises BadSignature or Malformed; one about something else gives none."""
