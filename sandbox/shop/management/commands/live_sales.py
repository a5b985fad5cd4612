"""Switches live sales on or off, as the page of the plugin does in Saleor's Dashboard."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ...actions import switch_live_sales


class Command(BaseCommand):
    help = "Switches live sales on or off in the stand-in shop."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("to", choices=["on", "off"])

    def handle(self, *args: Any, **options: Any) -> None:
        switch_live_sales(active=options["to"] == "on")
