"""The shop's answers about letters that the store prints."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

PDF = base64.b64encode(b"%PDF-1.7").decode()
LOOKED_AT = {"ar": "din5008b-ar", "de": "din5008b-de"}  # pages of tests/letters, which stand for what the shop draws


def sample(language: str) -> str:
    name = LOOKED_AT.get(language, "us10-en")
    page = Path(__file__).parents[1] / "letters" / "pages" / f"{name}.png"
    return base64.b64encode(page.read_bytes()).decode()


WORDS = {
    "subject": "Your sign-in code for {plan}", "text": "Hello {name},\n\nthis is your code.", "closing": "Keep it.",
}  # fmt: skip


def batch(number: int, state: str = "READY", **more: Any) -> dict[str, Any]:
    there = state in ("READY", "PRINTED")
    return {
        "id": f"batch-{number}", "state": state, "total": 120, "drawn": 0 if state == "DRAWING" else 120,
        "createdAt": f"2026-11-{10 + number}T09:30:00Z", "printedAt": None, "problem": None,
        "handedOverAt": "2026-11-12T15:00:00Z" if state == "HANDED_OVER" else None,
        "lettersUrl": f"https://shop.test/letters/{number}/letters.pdf" if there else None,
        "manifestUrl": f"https://shop.test/letters/{number}/letters.csv" if there else None, **more,
    }  # fmt: skip


def trouble(number: int, state: str, name: str) -> dict[str, Any]:
    return {
        "id": f"letter-{number}", "number": f"L0000000{number}", "state": state, "changedAt": "2026-11-14T10:00:00Z",
        "membership": {"plan": {"name": "Circle"}, "profile": {"name": name, "email": "who@example.com"}},
    }  # fmt: skip


class FakeLetters:
    """Fill the attributes. ``refuse`` is the shop's own."""

    def __init__(self) -> None:
        self.batches: list[dict[str, Any]] = []
        self.waiting = 0
        self.troubles: list[dict[str, Any]] = []
        self.style = {
            "channel": "default-channel", "form": "DIN5008B", "sender": "Shop GmbH\nBerlin", "returnLine": "",
            "country": "DE", "hasLogo": False,
            "words": [{"language": code, "own": False, **WORDS} for code in ("ar", "de", "en", "es", "fr", "pl")],
        }  # fmt: skip

    def answer(self, operation: str, variables: dict[str, Any], errors: list[Any]) -> dict[str, Any] | None:
        """None: it is not about letters."""
        match operation:
            case "ConsoleLetterBatches":
                edges = [{"node": row} for row in self.batches]
                return {"liveLetterBatches": {"edges": edges}, "waiting": {"totalCount": self.waiting}}
            case "ConsoleLetterTroubles":
                return {"liveLetters": {"edges": [{"node": row} for row in self.troubles]}}
            case "ConsoleLetterPreview":
                return {"liveLetterPreview": {"content": PDF, "picture": sample(variables["language"])}}
            case "ConsoleLetterStyle":
                return {"liveLetterStyle": self.style}
            case "ConsoleLetterStyleUpdate":
                if not errors:
                    given = dict(variables["input"])
                    for words in given.pop("words", []):
                        row = next(row for row in self.style["words"] if row["language"] == words["language"])
                        row.update(words, own=True)
                    self.style |= given
                return {"answer": {"errors": errors}}
            case "ConsoleLetterBatchCreate":
                if not errors:
                    self.batches.insert(0, batch(9, "DRAWING", total=self.waiting, drawn=40))
                    self.waiting = 0
                return {"answer": {"errors": errors}}
            case "ConsoleLetterBatchMark":
                for place, row in enumerate(self.batches):
                    if row["id"] == variables["id"] and not errors:
                        self.batches[place] = batch(int(row["id"][6:]), variables["state"])
                return {"answer": {"errors": errors}}
            case "ConsoleLetterRetry":
                if not errors:
                    self.troubles = [row for row in self.troubles if row["id"] != variables["id"]]
                return {"answer": {"errors": errors}}
            case "ConsoleLetterConfirm" | "ConsoleLetterReturned" | "ConsoleLetterCreate":
                return {"answer": {"errors": errors}}
        return None
