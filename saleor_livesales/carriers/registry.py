"""The providers that this deployment has an account with, by ``LIVESALES_LETTER_PROVIDERS``."""

from __future__ import annotations

from .. import conf
from . import LetterProvider
from .lob import Lob

KNOWN = {Lob.name: Lob.of}


def configured() -> dict[str, LetterProvider]:
    """By name. Raises conf.Misconfigured with a sentence that names what is wrong and quotes no secret."""
    found: dict[str, LetterProvider] = {}
    for name, options in conf.load().letter_providers.items():
        if name not in KNOWN or not isinstance(options, dict):
            raise conf.Misconfigured(
                'LIVESALES_LETTER_PROVIDERS has the form {"lob": {"api_key": "…"}}; known are: '
                + ", ".join(KNOWN)
                + "."
            )
        try:
            found[name] = KNOWN[name](options)
        except ValueError as error:
            raise conf.Misconfigured(f"LIVESALES_LETTER_PROVIDERS: {error}") from None
    return found
