"""The Django app of the stand-in shop."""

from django.apps import AppConfig


class ShopConfig(AppConfig):
    name = "sandbox.shop"
    label = "shop"
    verbose_name = "Stand-in shop"
