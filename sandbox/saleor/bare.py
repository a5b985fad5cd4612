"""Saleor's own settings without this plugin: for making a database of Saleor alone."""

from saleor.settings import *  # noqa: F403
from saleor.settings import INSTALLED_APPS, PLUGINS

INSTALLED_APPS = [app for app in INSTALLED_APPS if app != "saleor_livesales"]
PLUGINS = [path for path in PLUGINS if not path.startswith("saleor_livesales.")]
