"""The Django app of the stand-in shop."""

from django.apps import AppConfig


class ShopConfig(AppConfig):
    name = "sandbox.shop"
    label = "shop"
    verbose_name = "Stand-in shop"

    def ready(self) -> None:
        from sandbox import celery  # noqa: F401 - every process of the shop knows the broker, as Saleor's do
