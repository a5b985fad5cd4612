"""All that touches Saleor. Nothing else in this package imports it."""

from __future__ import annotations


def install() -> None:
    """Called by the AppConfig when Saleor's apps are loaded: the shop's interface, the schema, the repair task.

    Raises ImproperlyConfigured when something built the GraphQL schema before us.
    """
    from .. import shop
    from . import privacy, schema
    from .adapter import SaleorShop
    from .tasks import schedule_repair, watch_migrations

    shop.install(SaleorShop())
    schema.extend()
    privacy.cover()
    schedule_repair()
    watch_migrations()
