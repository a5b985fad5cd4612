"""``manage.py livesales register`` and ``manage.py livesales uninstall``, for the operator of a Saleor."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ...apps import saleor_is_host


class Command(BaseCommand):
    help = "Looks after the traces that this plugin has in Saleor."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="what", required=True)
        commands.add_parser(
            "register", help="Bring the Dashboard's entries up to date, as beat does every ten minutes."
        )
        uninstall = commands.add_parser(
            "uninstall", help="Remove what would trouble Saleor once the package is gone. Run it before pip uninstall."
        )
        uninstall.add_argument(
            "--drop-tables", action="store_true", help="Remove our tables too, with all that is in them."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not saleor_is_host():
            raise CommandError("This command is for a Saleor that this package is installed in.")
        from ...host import registration, uninstall

        if options["what"] == "register":
            registration.bring_up_to_date()
            self.stdout.write("The Dashboard's entries are up to date.")
        else:
            for line in uninstall.uninstall(drop_tables=options["drop_tables"]):
                self.stdout.write(line)
