"""A shop that sells a lamp, and codes to try."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import pytest

from saleor_livesales.codes import actions, pieces
from saleor_livesales.codes.actions import NewCode
from saleor_livesales.codes.alphabet import Secret
from saleor_livesales.codes.models import Code, PrintPiece
from saleor_livesales.ids import to_global_id

NOW = datetime.datetime(2026, 6, 1, 12, 0, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
CHANNEL = "default-channel"
LAMP = to_global_id("Product", 1)
OWNER = to_global_id("User", 22)
PIECE = uuid.UUID(int=77)


@pytest.fixture
def lamp(shop: Any, redis: Any) -> str:
    shop.add_item(LAMP, "100.00")
    return LAMP


def new(**changes: Any) -> NewCode:
    given: dict[str, Any] = {
        "purpose": "print",
        "holder_kind": "piece",
        "holder_id": str(PIECE),
        "opens_kind": "piece",
        "opens_id": str(PIECE),
        "valid_from": NOW - HOUR,
        "channel": CHANNEL,
    }
    return NewCode(**{**given, **changes})


def issue(**changes: Any) -> tuple[Code, Secret]:
    """One code, and what only its holder knows."""
    [code] = actions.issue(wanted=[new(**changes)], actor="system", now=NOW)
    return code, plain(code)


def plain(code: Code) -> Secret:
    return actions.readable(code_ids=[code.pk])[code.pk]


def make_piece(*, personal: bool = False, **changes: Any) -> PrintPiece:
    given: dict[str, Any] = {
        "name": "Spring catalogue",
        "kind": "catalogue",
        "channel": CHANNEL,
        "product_id": LAMP,
        "variant_id": None,
        "landing_url": "https://shop.example.com/lamp",
        "starts_at": None,
        "ends_at": None,
        "actor_user_id": OWNER,
        "now": NOW,
    }
    return pieces.create(personal=personal, **{**given, **changes})
