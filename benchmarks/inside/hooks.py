"""Times the plugin's hooks inside of a real Saleor: ``python -m benchmarks.inside.hooks``, in Saleor's environment.

Reads a command a line and answers with a line of JSON. ``hooks N``: seconds of each of N calls of ``checkout_created``,
each of which puts an entry on the shop's stream, or tries to. ``pair``: checkoutCreate and checkoutLinesAdd with the
plugin on, then with it off (``pair turned``: off, then on), and a few hooks after them. ``redis URL``: that is where
Redis is, for a plugin that has not spoken to it yet.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any, Final

import django

CHANNEL: Final = "default-channel"
PLUGIN: Final = "saleor.livesales"
BETWEEN: Final = 20  # hooks timed in each round
CREATE: Final = """
mutation($channel: String!, $lines: [CheckoutLineInput!]!) {
  checkoutCreate(input: {channel: $channel, lines: $lines}) {
    checkout { id totalPrice { gross { amount currency } } lines { id quantity } }
    errors { field message code }
  }
}
"""
ADD: Final = """
mutation($id: ID!, $lines: [CheckoutLineInput!]!) {
  checkoutLinesAdd(id: $id, lines: $lines) {
    checkout { id totalPrice { gross { amount currency } } lines { id quantity } }
    errors { field message code }
  }
}
"""


class Shop:
    """Sends mutations through Saleor's own view, in this process."""

    def __init__(self) -> None:
        import graphene
        from django.test import Client
        from saleor.product.models import ProductVariantChannelListing

        self.client = Client()
        found = ProductVariantChannelListing.objects.filter(
            channel__slug=CHANNEL, price_amount__gt=0, variant__track_inventory=False
        )
        pks = list(found.order_by("variant_id").values_list("variant_id", flat=True)[:2])
        self.variants = [graphene.Node.to_global_id("ProductVariant", pk) for pk in pks]

    def send(self, query: str, variables: dict[str, Any]) -> tuple[float, dict[str, Any]]:
        body = json.dumps({"query": query, "variables": variables})
        began = time.perf_counter()
        response = self.client.post("/graphql/", body, content_type="application/json")
        taken = time.perf_counter() - began
        answer = json.loads(response.content)
        payload = next(iter(answer["data"].values())) if answer.get("data") else None
        if "errors" in answer or payload is None or payload["errors"]:
            raise RuntimeError(str(answer)[:2000])
        return taken, payload["checkout"]

    def checkout(self) -> tuple[float, float]:
        """Seconds of checkoutCreate and of checkoutLinesAdd."""
        lines = [[{"quantity": 1, "variantId": variant}] for variant in self.variants]
        create, made = self.send(CREATE, {"channel": CHANNEL, "lines": lines[0]})
        add, _ = self.send(ADD, {"id": made["id"], "lines": lines[1]})
        return create, add

    @staticmethod
    def switch(active: bool) -> None:
        from saleor.core.db.connection import allow_writer
        from saleor.plugins.models import PluginConfiguration

        with allow_writer():
            PluginConfiguration.objects.filter(identifier=PLUGIN).update(active=active)


def hooks(number: int) -> list[float]:
    from saleor.checkout.models import Checkout
    from saleor.plugins.manager import get_plugins_manager

    plugin = get_plugins_manager(allow_replica=False).get_plugin(PLUGIN)
    checkout = Checkout.objects.latest("created_at")
    taken = []
    for _ in range(number):
        began = time.perf_counter()
        plugin.checkout_created(checkout, previous_value=None)
        taken.append(time.perf_counter() - began)
    return taken


def pair(shop: Shop, *, turned: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, active in (("off", False), ("on", True)) if turned else (("on", True), ("off", False)):
        shop.switch(active)
        found[name] = shop.checkout()
    shop.switch(True)
    found["hooks"] = hooks(BETWEEN)
    return found


def main() -> int:
    django.setup()
    import saleor
    from saleor.core.db.connection import allow_writer

    from saleor_livesales import bus, conf

    with allow_writer():
        shop = Shop()
        shop.checkout()  # imports, plans, caches; and a checkout for hooks
        print(json.dumps({"version": saleor.__version__}), flush=True)
        for line in sys.stdin:
            name, *arguments = line.split()
            answer: Any = None
            if name == "hooks":
                answer = hooks(int(arguments[0]))
            elif name == "pair":
                answer = pair(shop, turned=bool(arguments))
            else:
                os.environ["LIVESALES_REDIS_URL"] = arguments[0]
                conf.load.cache_clear()
                bus.reset()
            print(json.dumps(answer), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
