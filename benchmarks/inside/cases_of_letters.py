"""Operations on letters that ``cases`` takes in."""

from __future__ import annotations

import uuid
from typing import Any, Final

from .targets import CHANNEL, DESK, DOCS, Case, Targets


def _letter(targets: Targets) -> Any:
    """A new member's letter, which waits to be printed."""
    from saleor_livesales.ids import uuid_from_global_id
    from saleor_livesales.letters import actions
    from saleor_livesales.members.actors import By

    key = uuid_from_global_id("LiveMembership", targets.membership())
    return actions.create(membership_id=key, by=By(kind="staff", user_id="VXNlcjox"), now=targets.now())


def _batched(targets: Targets) -> Any:
    """A letter in a batch that is ready to be printed."""
    from saleor_livesales.letters.models import LetterBatch

    letter, now = _letter(targets), targets.now()
    letter.batch = LetterBatch.objects.create(
        channel=CHANNEL, state="ready", total=1, drawn=1, secret=b"s" * 32, created_at=now, ready_at=now, work_at=now
    )
    letter.state = "batched"
    letter.save(update_fields=["batch", "state"])
    return letter


def _waiting(targets: Targets) -> dict[str, Any]:
    _letter(targets)
    return {"channel": CHANNEL}


def _marked(targets: Targets) -> dict[str, Any]:
    return {"id": targets.gid(_batched(targets).batch, "LiveLetterBatch"), "state": "HANDED_OVER"}


def _scanned(targets: Targets) -> dict[str, Any]:
    return {"number": _batched(targets).number}


def _came_back(targets: Targets) -> dict[str, Any]:
    from saleor_livesales.letters import actions

    number = _batched(targets).number
    actions.confirm(number=number, now=targets.now())
    return {"number": number}


def _without_address(targets: Targets) -> dict[str, Any]:
    letter = _letter(targets)
    letter.state = "no_address"
    letter.save(update_fields=["state"])
    return {"id": targets.gid(letter, "LiveLetter")}


def _style(_: Targets) -> dict[str, Any]:
    return {"channel": CHANNEL, "input": {"sender": f"Shop {uuid.uuid4().hex[:8]}\nHamburg", "country": "DE"}}


def _of_channel(_: Targets) -> dict[str, Any]:
    return {"channel": CHANNEL}


def _page(_: Targets) -> dict[str, Any]:
    return {"channel": CHANNEL, "language": "en"}


def _first(_: Targets) -> dict[str, Any]:
    return {"first": 50, "channel": CHANNEL}


def _troubles(_: Targets) -> dict[str, Any]:
    return {"channel": CHANNEL, "state": ["NO_ADDRESS", "BAD_ADDRESS", "FAILED", "UNDELIVERABLE"]}


def _for_member(targets: Targets) -> dict[str, Any]:
    membership = targets.membership()
    return {"membershipId": membership, "id": membership}


def _color(_: Targets) -> dict[str, Any]:
    return {"channel": CHANNEL, "input": {"color": True}}


def _both(name: str, of_desk: str, variables: Any, what: str) -> tuple[Case, Case]:
    """What the page Letters sends, and what the documentation shows."""
    return (
        Case(DESK / f"{of_desk}.graphql", "owner", variables, f"settings: {what}"),
        Case(DOCS / f"{name}.graphql", "owner", variables, what),
    )


LETTERS: Final[tuple[Case, ...]] = (
    *_both("liveLetters", "letters", _first, "letters"),
    *_both("liveLetterBatches", "letterBatches", _first, "batches of letters"),
    *_both("liveLetterBatchCreate", "letterBatchCreate", _waiting, "a batch of letters"),
    *_both("liveLetterBatchMark", "letterBatchMark", _marked, "a batch handed over"),
    *_both("liveLetterConfirm", "letterConfirm", _scanned, "a letter handed over"),
    *_both("liveLetterReturned", "letterReturned", _came_back, "a letter that came back"),
    *_both("liveLetterRetry", "letterRetry", _without_address, "a letter with a new address"),
    *_both("liveLetterCreate", "letterCreate", _for_member, "a code by post"),
    *_both("liveLetterStyle", "letterStyle", _of_channel, "how letters look"),
    *_both("liveLetterStyleUpdate", "letterStyleUpdate", _style, "change how letters look"),
    *_both("liveLetterPreview", "letterPreview", _page, "a page as it is printed"),
    *_both("liveLetterWay", "letterWay", _of_channel, "how letters go"),
    *_both("liveLetterWayUpdate", "letterWayUpdate", _color, "change how letters go"),
    Case(DESK / "letterTroubles.graphql", "owner", _troubles, "settings: letters that need somebody"),
)
