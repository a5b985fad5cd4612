"""Letters that a print-and-mail provider prints and mails: what they cost, what became of them.

What a letter says, and to whom, is its owner's business (``Letters``): here it has an id and a round. A round is one
try to reach somebody: after a new address there is another.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from ..carriers import Address

if TYPE_CHECKING:
    import datetime

    from .models import Posting


class Gone(Exception):
    """The letter is not to be sent any more. ``reason`` is a short code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NoAddress(Exception):
    """There is nowhere to send the letter."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """A letter as it is to be printed: US Letter paper, with the place of the addresses left free."""

    to: Address = field(repr=False)
    pdf: bytes = field(repr=False)


class Letters(Protocol):
    """Whose letters these are. A transaction that changes a posting locks the letter first, then the posting."""

    def lock(self, letter_id: uuid.UUID) -> None:
        """Lock the letter until the transaction ends."""

    def page(self, posting: Posting) -> Page:
        """Outside of any transaction. Raises Gone, NoAddress."""

    def changed(self, posting: Posting, *, now: datetime.datetime) -> None:
        """The posting has a new state, saved in this transaction. Called once or several times for each."""
