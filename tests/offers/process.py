"""A decider as a process of its own, on a shop in memory: ``python -m tests.offers.process [POINT NUMBER]``.

With a point it kills itself there, by SIGKILL, the NUMBER-th time it comes by.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

LAMP = "UHJvZHVjdDox"


def dies_before(function: Callable[..., Any], number: int) -> Callable[..., Any]:
    calls = itertools.count(1)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if next(calls) == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*args, **kwargs)

    return wrapped


def main() -> int:
    import logging

    import django

    from saleor_livesales import logs

    logging.basicConfig(level=logging.INFO, format="%(process)d %(levelname)s %(name)s %(message)s")
    django.setup()
    if os.environ.get("LIVESALES_TEST_LOG"):
        logs.configure(process="decider", form=os.environ["LIVESALES_TEST_LOG"])

    from saleor_livesales import shop
    from saleor_livesales.offers import actions, batch, decider, streams
    from saleor_livesales.visitors import store
    from tests.fakes import FakeShop

    fake = FakeShop()
    fake.add_item(LAMP, "100.01")
    shop.install(fake)
    streams.BATCH = 7  # several batches in a short test
    decider.BATCH = 7
    if len(sys.argv) > 1:
        points = {
            "load": (store, "load"),
            "rows": (store, "save_rows"),
            "offers": (actions, "make_all"),
            "decisions": (batch, "_save_decisions"),
            "cache": (store, "save_cache"),
            "announce": (batch, "_withdraw"),
            "acknowledge": (streams.Streams, "acknowledge"),
        }
        owner, name = points[sys.argv[1]]
        setattr(owner, name, dies_before(getattr(owner, name), int(sys.argv[2])))
    return decider.run()


if __name__ == "__main__":
    sys.exit(main())
