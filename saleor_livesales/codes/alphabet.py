"""How a sign-in code is written: ten characters of Crockford's base 32 and a check character, as XXXX-XXXX-XXC. Pure.

The check character is Luhn's for 32 signs: it tells every wrong character, and every two neighbours that changed
places but ``0`` and ``Z``. It is no secret and guards nothing: it saves a visitor a try that can only be a slip.
"""

from __future__ import annotations

import secrets
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # https://www.crockford.com/base32.html: no I, L, O, U
RANDOM: Final = 10  # characters: 50 bits
LENGTH: Final = RANDOM + 1
TYPED_LIMIT: Final = 64  # characters of what was typed that are looked at
HINT: Final = 2  # characters that stay readable for the owner: the last random one and the check character
MASK: Final = "•"

_VALUES: Final = {character: value for value, character in enumerate(ALPHABET)}
_READ_AS: Final = {ord("O"): "0", ord("I"): "1", ord("L"): "1"}  # Crockford's own rule for reading
# Blanks and all that looks like a hyphen where codes are copied from.
_SKIPPED: Final = frozenset("-\u200b\ufeff\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d_.")


class Secret:
    """A text that is shown nowhere by accident: neither printed, logged, nor seen in a trace."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    def __reduce__(self) -> str:
        raise TypeError("A secret is not passed on, to a task or to a file.")


def make() -> Secret:
    """A new code as it is kept and compared: eleven characters without hyphens."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM))
    return Secret(body + check_character(body))


def check_character(body: str) -> str:
    """The check character of a body in our alphabet: Luhn's algorithm for a base of 32."""
    total = 0
    for place, character in enumerate(reversed(body)):
        value = _VALUES[character]
        if place % 2 == 0:
            value *= 2
        total += value // 32 + value % 32
    return ALPHABET[-total % 32]


def clean(typed: str) -> str:
    """What was typed, as codes are kept: without blanks and hyphens, in capitals, with O as 0 and I and L as 1.

    Never fails: what is no code at all stays something that no code is equal to.
    """
    kept = (character for character in typed[:TYPED_LIMIT] if not (character.isspace() or character in _SKIPPED))
    return "".join(kept).upper().translate(_READ_AS)


def well_formed(cleaned: str) -> bool:
    """Whether it has the length, the characters and the check character of a code."""
    if len(cleaned) != LENGTH or any(character not in _VALUES for character in cleaned):
        return False
    return check_character(cleaned[:RANDOM]) == cleaned[RANDOM]


def written(cleaned: str) -> str:
    """``XXXX-XXXX-XXC``."""
    return f"{cleaned[:4]}-{cleaned[4:8]}-{cleaned[8:]}"


def masked(hint: str) -> str:
    """The same with all but its last characters covered."""
    return written(MASK * (LENGTH - HINT) + hint)
