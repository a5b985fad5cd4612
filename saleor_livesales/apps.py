"""The Django app: tells the shop's interface which shop this is, once the apps are loaded."""

from __future__ import annotations

from importlib.util import find_spec

from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import import_string

from .schedule import SCHEDULE


def saleor_is_host() -> bool:
    """Whether this package runs as a plugin of Saleor. Another host is named by ``settings.LIVESALES_HOST``."""
    return not getattr(settings, "LIVESALES_HOST", None) and find_spec("saleor") is not None


class LiveSalesConfig(AppConfig):
    """``settings.LIVESALES_HOST`` names the function that installs the shop; without it, Saleor is the host."""

    name = "saleor_livesales"
    label = "saleor_livesales"
    verbose_name = "Live sales"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        host = getattr(settings, "LIVESALES_HOST", None)
        if saleor_is_host():
            host = "saleor_livesales.host.install"
        if host:
            import_string(host)()
        settings.CELERY_BEAT_SCHEDULE.update(SCHEDULE)
