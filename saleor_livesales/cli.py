"""The command line: ``livesales gateway``, ``decider``, ``check``, ``books``, ``export-static``, ``codes``."""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

from . import conf, logs

GATEWAY_ANSWERS_IN = 5.0  # seconds
PROXY_ERRORS = frozenset({502, 503, 504})


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns the exit status. A wrong setting is told in a sentence, without a traceback."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except conf.Misconfigured as error:
        print(f"livesales: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="livesales", description="Processes and tools of live sales for Saleor.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    gateway = commands.add_parser("gateway", help="serve the sockets of visitors and reps")
    gateway.add_argument("--check", action="store_true", help="only say what is wrong with its settings")
    gateway.add_argument("--transport", choices=conf.TRANSPORTS, help="instead of LIVESALES_GATEWAY_TRANSPORT")
    gateway.set_defaults(run=_gateway)

    decider = commands.add_parser("decider", help="decide whom to offer help, and work off deadlines")
    decider.set_defaults(run=_decider)

    check = commands.add_parser("check", help="say what is misconfigured")
    check.set_defaults(run=_check)

    books = commands.add_parser("books", help="say where the members' charges and the shop's orders differ")
    books.set_defaults(run=_books)

    export = commands.add_parser("export-static", help="write the built widget and console to a folder for a file host")
    export.add_argument("folder", type=Path)
    export.add_argument(
        "--api-url", default="", help="the GraphQL address that the console talks to; without: no console"
    )
    export.add_argument(
        "--dashboard", action="append", default=[], metavar="ORIGIN", help="a Dashboard that may frame the console"
    )
    export.set_defaults(run=_export)
    codes = commands.add_parser("codes", help="look after the keys of sign-in codes")
    codes.add_argument("what", choices=("keys", "rotate"), help="say what hangs on which key, or move it to the first")
    codes.set_defaults(run=_codes)
    return parser


def _gateway(options: argparse.Namespace) -> int:
    from .gateway import check, server

    settings = conf.load()
    if options.transport:
        settings = dataclasses.replace(settings, gateway_transport=options.transport)
    if options.check:
        return _tell(check.problems(settings))
    return server.run(settings)


def _decider(options: argparse.Namespace) -> int:
    settings = conf.load()
    logs.configure(process="decider", form=settings.log_format)
    _django()
    logs.configure(process="decider", form=settings.log_format)  # the shop's settings brought their own
    from .offers import decider

    return decider.run()


def _codes(options: argparse.Namespace) -> int:
    conf.load()
    _django()
    from . import shop
    from .codes import rotation
    from .errors import LiveSalesError

    with shop.current().writer():
        if options.what == "rotate":
            try:
                print(f"{rotation.rotate()} codes moved to the keys in use.")
            except LiveSalesError as error:
                print(f"livesales: {error.message}", file=sys.stderr)
                return 1
        for use in rotation.uses():
            rows = "living codes" if use.kind == "code" else "codes not delivered yet"
            print(f"{use.kind} key {use.key_id}: {use.rows} {rows}, {use.state}")
    return 0


def _check(options: argparse.Namespace) -> int:
    from .carriers import registry

    settings = conf.load()
    registry.configured()
    return _tell([*_services(settings), *_shop(), *_gateway_answers(settings.gateway_url)])


def _books(options: argparse.Namespace) -> int:
    _django()
    from . import shop
    from .inbox.models import ShopOrder
    from .members import books

    paid = ShopOrder.objects.filter(paid_seen=True).order_by("pk").values_list("pk", flat=True)
    found = False
    with shop.current().writer():
        for line in books.troubles(also=paid.iterator(chunk_size=1000)):
            print(line)
            found = True
    return 1 if found else 0


def _tell(problems: list[str]) -> int:
    for problem in problems:
        print(problem)
    if not problems:
        print("Everything is as it should be.")
    return 1 if problems else 0


def _services(settings: conf.Settings) -> Iterator[str]:
    from .gateway import check

    yield from check.problems(settings)


def _shop() -> Iterator[str]:
    """What is wrong on the shop's side: Django, migrations, the plugin."""
    try:
        _django()
    except Exception as error:  # whatever a shop's settings raise, the operator wants one sentence
        yield (
            f"Django can't start ({type(error).__name__}: {error}). Run this in the shop's environment, with "
            "DJANGO_SETTINGS_MODULE set (saleor.settings for Saleor) and its other variables."
        )
        return
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor

    from . import shop

    try:
        current = shop.current()
        with current.writer():
            executor = MigrationExecutor(connection)
            wanted = [key for key in executor.loader.graph.leaf_nodes() if key[0] == "saleor_livesales"]
            if missing := [migration.name for migration, _ in executor.migration_plan(wanted)]:
                yield f"Migrations are missing ({', '.join(missing)}). Run the shop's `manage.py migrate`."
            elif not current.active():
                yield "The plugin is switched off. Switch it on in the Dashboard, under Plugins."
    except DatabaseError as error:
        yield f"The shop's database can't be read ({type(error).__name__}). Check DATABASE_URL."
    except RuntimeError as error:
        yield str(error)


def _gateway_answers(url: str) -> Iterator[str]:
    """Whether anything answers where browsers will look for the gateway."""
    address = "http" + url.removeprefix("ws")  # ws to http, wss to https
    hint = "Start `livesales gateway`, and check LIVESALES_GATEWAY_URL and the proxy in front of it."
    if not address.startswith(("http://", "https://")):
        return  # told already
    try:
        with urllib.request.urlopen(address, timeout=GATEWAY_ANSWERS_IN):  # noqa: S310
            return
    except urllib.error.HTTPError as error:
        if error.code in PROXY_ERRORS:  # any other answer to a request without a socket is the gateway's
            yield f"Nothing stands behind {url}: the proxy answers {error.code}. {hint}"
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        yield f"The gateway can't be reached at {url} ({reason}). {hint}"


def _export(options: argparse.Namespace) -> int:
    from .dashboard import serve

    folder: Path = options.folder
    widget = sorted(path for path in serve.STOREFRONT.rglob("*") if path.is_file())
    if not widget:
        print("The widget is not built. In a checkout: `python -m tools.node tools/build.mjs`.", file=sys.stderr)
        return 1
    for path in widget:
        _write(folder / path.relative_to(serve.STOREFRONT), path.read_bytes())
    written = len(widget)
    if options.api_url:
        page = serve.respond("console/", api_url=options.api_url, frame_ancestors=options.dashboard)
        if page.status != 200:
            print("The console is not built. In a checkout: `python -m tools.node tools/build.mjs`.", file=sys.stderr)
            return 1
        for path in sorted(path for path in serve.CONSOLE.rglob("*") if path.is_file()):
            body = page.body if path.name == "index.html" else path.read_bytes()
            _write(folder / "console" / path.relative_to(serve.CONSOLE), body)
            written += 1
    print(f"{written} files are in {folder}.")
    return 0


def _write(path: Path, body: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)


def _django() -> None:
    """Start Django as the shop's own processes do, from the shop's folder."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saleor.settings")
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    import django

    django.setup()


if __name__ == "__main__":
    sys.exit(main())
