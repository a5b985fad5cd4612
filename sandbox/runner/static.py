"""Serves the demo storefront and a Dashboard, each on an address of its own, as shops do.

``python -m sandbox.runner.static --storefront-port N --dashboard-port N --config JSON [--dashboard DIR]``

``/config.json`` on both says where API, gateway and widget are. Without ``--dashboard`` the second address shows the
stand-in; with it a built Saleor Dashboard, whose ``API_URL`` is set as its own container image does at start.
"""

from __future__ import annotations

import argparse
import functools
import re
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

WEB = Path(__file__).resolve().parent.parent / "web"


class Pages(SimpleHTTPRequestHandler):
    """Files of one folder, ``/config.json``, and for a built Dashboard its one page for every other address."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        ".graphql": "application/graphql",
        ".svg": "image/svg+xml",
        ".json": "application/json",
    }
    protocol_version = "HTTP/1.1"

    def __init__(self, *args: Any, config: bytes, single_page: bytes | None, **options: Any) -> None:
        self.config = config
        self.single_page = single_page
        super().__init__(*args, **options)

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/config.json":
            return self.answer(self.config, "application/json")
        if self.single_page is not None and "." not in path.rpartition("/")[2]:
            return self.answer(self.single_page, "text/html; charset=utf-8")
        return super().do_GET()

    def answer(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


def single_page(dashboard: Path, api: str) -> tuple[Path, bytes]:
    """The folder to serve at ``/`` and the page of a built Dashboard that talks to ``api``."""
    page = next(path for path in (dashboard / "index.html", dashboard / "dashboard" / "index.html") if path.exists())
    text = re.sub(r'API_URL: "[^"]*"', f'API_URL: "{api}"', page.read_text(), count=1)
    return dashboard, text.encode()


def main() -> None:
    import json

    parser = argparse.ArgumentParser()
    parser.add_argument("--storefront-port", type=int, required=True)
    parser.add_argument("--dashboard-port", type=int, required=True)
    parser.add_argument("--config", required=True)
    parser.add_argument("--dashboard", type=Path)
    options = parser.parse_args()
    config = options.config.encode()
    folder, page = WEB / "dashboard", None
    if options.dashboard:
        folder, page = single_page(options.dashboard, json.loads(options.config)["api"])
    for port, root, one in (
        (options.storefront_port, WEB / "storefront", None),
        (options.dashboard_port, folder, page),
    ):
        handler = functools.partial(Pages, directory=str(root), config=config, single_page=one)
        threading.Thread(target=ThreadingHTTPServer(("127.0.0.1", port), handler).serve_forever, daemon=True).start()
    threading.Event().wait()


if __name__ == "__main__":
    main()
