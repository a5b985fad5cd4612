"""How often codes may be tried: counted in PostgreSQL, in windows of a quarter of an hour, for all processes at once.

What is counted is in which window a try falls, so that nothing is read before it is written. A try beyond a limit is
refused before the code is looked at, and so tells nothing about it. Four counts:

* of a visitor: a person mistypes a few times;
* of a network: room for an office of 200 people behind one address;
* of the first characters of codes, wrong ones alone: who knows part of a code can't try all the rest. Right ones don't
  count, or a code in a newspaper would stand in its own way; and as everybody knows how that one begins, a code for
  everybody opens beyond this limit too, or strangers could close it;
* of all wrong ones: an alarm and never a refusal, for a stranger's guesses must not keep customers out. What makes
  guessing hopeless is the length of the codes (docs/adr/0013).
"""

from __future__ import annotations

import datetime
import logging
import uuid
from typing import Final

from django.db import connection

from .. import conf
from ..errors import LiveSalesError
from .alphabet import Secret, clean
from .keys import Keyring
from .models import CodeTries

logger = logging.getLogger(__name__)

WINDOW: Final = datetime.timedelta(minutes=15)
KEPT: Final = datetime.timedelta(days=1)
PREFIX: Final = 4  # characters, 20 of 50 bits
ALL: Final = "all"


class TooManyTries(LiveSalesError):
    """The visitor, or its network, tried too many codes in a short time."""

    code = "TOO_MANY_TRIES"

    def __init__(self) -> None:
        super().__init__("Too many codes were tried. Wait a quarter of an hour and try again.", field="code")


_COUNT: Final = """
INSERT INTO saleor_livesales_codetries AS tries (bucket, "window", number)
SELECT bucket, %(window)s, 1 FROM unnest(%(buckets)s::text[]) AS bucket ORDER BY bucket
ON CONFLICT (bucket, "window") DO UPDATE SET number = tries.number + 1
RETURNING bucket, number
"""


def _count(buckets: list[str], now: datetime.datetime) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"buckets": buckets, "window": window(now)})
        return dict(cursor.fetchall())


def window(now: datetime.datetime) -> datetime.datetime:
    """The beginning of the window that ``now`` falls into."""
    seconds = int(WINDOW.total_seconds())
    return datetime.datetime.fromtimestamp(now.timestamp() // seconds * seconds, datetime.UTC)


def begin(*, keys: Keyring, code: Secret, visitor_id: uuid.UUID, network: str, now: datetime.datetime) -> bool:
    """Count a try. Raises TooManyTries; ``network`` is empty where it is not known.

    True: codes that begin like this one were tried wrongly too often, and only one for everybody opens anything now.
    """
    settings = conf.load()
    limits = {f"visitor:{visitor_id.hex}": settings.code_tries_per_visitor}
    if network:
        limits[f"network:{keys.bucket('network', network)}"] = settings.code_tries_per_network
    counted = _count(sorted(limits), now)
    missed = CodeTries.objects.filter(bucket=_prefix(keys, code), window=window(now)).values_list("number", flat=True)
    beyond = any(number > limits[bucket] for bucket, number in counted.items())
    if beyond:
        raise TooManyTries
    return sum(missed) >= settings.code_misses_per_prefix


def missed(*, keys: Keyring, code: Secret, now: datetime.datetime) -> None:
    """Count a wrong code, and tell once in each window that there are very many of them."""
    counted = _count(sorted([ALL, _prefix(keys, code)]), now)
    if counted[ALL] == conf.load().code_alarm:
        logger.warning("Very many wrong sign-in codes: %s in a quarter of an hour.", counted[ALL])


def _prefix(keys: Keyring, code: Secret) -> str:
    return f"prefix:{keys.bucket('prefix', clean(code.reveal())[:PREFIX])}"


def misses(*, now: datetime.datetime) -> int:
    """How many wrong codes were tried in the present window."""
    found = CodeTries.objects.filter(bucket=ALL, window=window(now)).values_list("number", flat=True)
    return sum(found)


def forget(*, now: datetime.datetime) -> int:
    """Delete what nobody looks at any more. How many rows."""
    return CodeTries.objects.filter(window__lt=now - KEPT).delete()[0]
