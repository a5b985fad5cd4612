"""What letters say, in six languages; the owner's words go before ours. They hold facts by name and nothing else."""

from __future__ import annotations

import datetime
import functools
import json
import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Final

from ..errors import Invalid

LANGUAGES: Final = ("ar", "de", "en", "es", "fr", "pl")
RIGHT_TO_LEFT: Final = frozenset({"ar"})
FALLBACK: Final = "en"
FACTS: Final = ("name", "plan", "until")
PARTS: Final = {"subject": 120, "text": 1500, "closing": 1000}  # characters
LINES: Final = 24  # of text and closing together: one page


@functools.cache
def ours(language: str) -> Mapping[str, str]:
    """The words of one of ``LANGUAGES``."""
    text = (files(__package__) / "words" / f"{language}.json").read_text(encoding="utf-8")
    found: Mapping[str, str] = json.loads(text)
    return found


def language_of(code: str) -> str:
    """The language of a letter for a customer's (``de``, ``pt-br``)."""
    first = code.lower().replace("_", "-").partition("-")[0]
    return first if first in LANGUAGES else FALLBACK


def standing(language: str, own: Mapping[str, Mapping[str, str]]) -> Mapping[str, str]:
    """The words of a channel: its own where it has some in this language."""
    return {**ours(language), **own.get(language, {})}


def fill(text: str, facts: Mapping[str, str]) -> str:
    """With its facts; the blank before one that is empty goes with it (``Hello {name},``)."""
    for name, fact in facts.items():
        if not fact:
            text = re.sub(rf" ?\{{{name}\}}", "", text)
    return re.sub(r"\{(\w+)\}", lambda found: facts[found[1]], text)


def day(moment: datetime.datetime | datetime.date, language: str) -> str:
    return moment.strftime(ours(language)["date"])


def check(*, language: str, parts: Mapping[str, str]) -> dict[str, str]:
    """The owner's words, tidied. Raises Invalid, with the part as the field."""
    if language not in LANGUAGES:
        raise Invalid(f"There are letters in {', '.join(LANGUAGES)}.", field="language")
    given = {name: "\n".join(line.rstrip() for line in parts[name].strip().splitlines()) for name in PARTS}
    for name, limit in PARTS.items():
        text = given[name]
        if not text and name != "closing":
            raise Invalid("This must not be empty.", field=name)
        if len(text) > limit or not all(character.isprintable() or character == "\n" for character in text):
            raise Invalid(f"At most {limit:,} characters, without control characters.", field=name)
        unknown = set(re.findall(r"\{(\w+)\}", text)) - set(FACTS)
        rest = re.sub(r"\{\w+\}", "", text)
        if unknown or "{" in rest or "}" in rest:
            known = ", ".join(f"{{{fact}}}" for fact in FACTS)
            raise Invalid(f"Between braces may stand {known}.", field=name)
    if "\n" in given["subject"]:
        raise Invalid("One line.", field="subject")
    if sum(1 + len(line) // 85 for name in ("text", "closing") for line in given[name].splitlines()) > LINES:
        raise Invalid("This is longer than a page.", field="text")
    return given
