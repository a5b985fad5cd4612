"""What a session has before others. Who has it is another room's to say: ``start`` is given a function that does."""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass
from typing import Final, Protocol


@dataclass(frozen=True, kw_only=True)
class Privilege:
    """``priority`` is the place before others in the queue, 0 for everybody; ``membership_id`` is whose right it is."""

    membership_id: uuid.UUID | None = None
    priority: int = 0


NOBODYS: Final = Privilege()


class Claim(Protocol):
    """Called in the transaction that makes the session. Raises LiveSalesError where none may begin."""

    def __call__(self, *, visitor_id: uuid.UUID, form: str, invited: bool, now: datetime.datetime) -> Privilege: ...


class MayAsk(Protocol):
    """Whether a visitor may ask for help where its channel takes no requests."""

    def __call__(self, *, visitor_id: uuid.UUID, now: datetime.datetime) -> bool: ...


def nobody_may(*, visitor_id: uuid.UUID, now: datetime.datetime) -> bool:
    return False


def nobodys(*, visitor_id: uuid.UUID, form: str, invited: bool, now: datetime.datetime) -> Privilege:
    return NOBODYS
