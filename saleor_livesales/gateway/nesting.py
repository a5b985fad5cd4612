"""How deep JSON is nested, before it is decoded. Pure."""

from __future__ import annotations

import re
from typing import Final

# Strings, whole or up to the end of the data; what is in them nests nothing.
_STRINGS: Final = re.compile(rb'"(?:[^"\\]+|\\.)*+"?', re.DOTALL)
_OPENING, _CLOSING = frozenset(b"[{"), frozenset(b"]}")


def exceeds(data: bytes, limit: int) -> bool:
    """Whether arrays and objects stand in each other more than ``limit`` deep."""
    if data.count(b"{") + data.count(b"[") <= limit:
        return False  # nearly always, at the price of two looks
    depth = 0
    for byte in _STRINGS.sub(b"", data):
        if byte in _OPENING:
            depth += 1
            if depth > limit:
                return True
        elif byte in _CLOSING:
            depth -= 1
    return False
