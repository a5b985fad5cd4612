"""The Django app: tells the shop's interface which shop this is, once the apps are loaded."""

from __future__ import annotations

from importlib.util import find_spec

from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import import_string


class LiveSalesConfig(AppConfig):
    """``settings.LIVESALES_HOST`` names the function that installs the shop; without it, Saleor is the host."""

    name = "saleor_livesales"
    label = "saleor_livesales"
    verbose_name = "Live sales"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        host = getattr(settings, "LIVESALES_HOST", None)
        if host:
            import_string(host)()
        elif find_spec("saleor"):
            import_string("saleor_livesales.host.install")()
