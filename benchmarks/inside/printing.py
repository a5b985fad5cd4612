"""Times a mailing: ``python -m benchmarks.inside.printing NUMBER``. Answers with a line of JSON a command.

``mailing``: a piece with so many recipients, each with a code of its own, and the list for the printer;
``{"issued", "listed"}`` in seconds.
"""

from __future__ import annotations

import json
import sys
import time

import django


def mailing(number: int) -> dict[str, float]:
    from django.utils import timezone

    from saleor_livesales.codes import files, pieces
    from saleor_livesales.ids import to_global_id
    from sandbox.shop.models import Product

    piece = pieces.create(
        name="Mailing", kind="mailing", channel="default-channel",
        product_id=to_global_id("Product", Product.objects.get(slug="tray-table").pk), variant_id=None,
        landing_url="https://shop.example/table", personal=True, starts_at=None, ends_at=None, actor_user_id=None,
        now=timezone.now(),
    )  # fmt: skip
    began = time.perf_counter()
    for start in range(0, number, pieces.AT_ONCE):
        recipients = [
            pieces.Recipient(reference=f"{n:06}", name=f"Recipient {n}")
            for n in range(start, min(number, start + pieces.AT_ONCE))
        ]
        pieces.add_recipients(piece_id=piece.pk, recipients=recipients, actor_user_id=None, now=timezone.now())
    issued = time.perf_counter()
    lines, after = 0, None
    while True:
        file = files.download(piece_id=piece.pk, kind="csv", reference=None, after=after)
        lines += file.content.count(b"\n") - 1
        after = file.after
        if after is None:
            break
    if lines != number:
        raise RuntimeError(f"The list has {lines} lines.")
    return {"issued": issued - began, "listed": time.perf_counter() - issued}


def main() -> int:
    django.setup()
    print(json.dumps("ready"), flush=True)
    for _ in sys.stdin:
        print(json.dumps(mailing(int(sys.argv[1]))), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
