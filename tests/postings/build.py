"""Letters in memory, a channel that posts by Lob, and a Lob on this machine."""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection

from saleor_livesales.carriers import Address
from saleor_livesales.ids import uuid7
from saleor_livesales.postings import Gone, NoAddress, Page, ways
from saleor_livesales.postings.models import Posting, PostingMonth, PostingSettings

CHANNEL = "default-channel"
NOW = datetime.datetime(2026, 11, 24, 12, tzinfo=datetime.UTC)
ADA = Address(
    name="Ada Lovelace", line1="5 Secret Lane", city="Springfield", area="IL", postal_code="62704", country="US"
)
PDF = b"%PDF-1.7 PINE-LAKE-42"
SETTINGS: dict[str, Any] = {
    "way": "provider", "provider": "lob", "price": Decimal("1.25"), "monthly_limit": Decimal("100"), "currency": "usd",
    "sender_name": "Example Books", "sender_line1": "210 King St", "sender_city": "San Francisco",
    "sender_area": "CA", "sender_postal_code": "94107", "sender_country": "us",
}  # fmt: skip


@dataclass
class Letters:
    """Whose letters these are: it remembers each state that it was told."""

    address: Address | None = ADA
    gone: str = ""
    pages: int = 0
    told: list[tuple[uuid.UUID, int, str]] = field(default_factory=list)

    def lock(self, letter_id: uuid.UUID) -> None:
        assert connection.in_atomic_block

    def page(self, posting: Posting) -> Page:
        self.pages += 1
        if self.gone:
            raise Gone(self.gone)
        if self.address is None:
            raise NoAddress
        return Page(to=self.address, pdf=PDF)

    def changed(self, posting: Posting, *, now: datetime.datetime) -> None:
        assert connection.in_atomic_block
        self.told.append((posting.letter_id, posting.round, posting.state))


def a_channel(**changes: Any) -> PostingSettings:
    return ways.update(channel=CHANNEL, changes={**SETTINGS, **changes}, actor_user_id="user:1", now=NOW)


def a_posting(*, round: int = 1, letter_id: uuid.UUID | None = None, now: datetime.datetime = NOW) -> Posting:
    return ways.claim(letter_id=letter_id or uuid7(), round=round, channel=CHANNEL, now=now)


def spent() -> Decimal:
    return sum((row.spent for row in PostingMonth.objects.all()), Decimal(0))
