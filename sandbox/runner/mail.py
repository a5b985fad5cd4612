"""A local mail server with an inbox page, so that one sees the mail that a shop would send.

``python -m sandbox.runner.mail --smtp-port N --http-port N --folder DIR``. Every message is kept as an ``.eml`` file.
``/`` lists them, ``/messages.json`` gives them to programs, newest first.
"""

from __future__ import annotations

import argparse
import email.policy
import html
import json
import threading
import time
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

from aiosmtpd.controller import Controller

STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:46rem;padding:0 1rem;color:#1c1c1c;
background:#fafafa}
article{background:#fff;border:1px solid #ddd;border-radius:8px;padding:1rem 1.25rem;margin:1rem 0}
h1{font-size:1.3rem}h2{font-size:1rem;margin:0 0 .25rem}dl{margin:0;color:#555;font-size:.85rem}
pre{white-space:pre-wrap;overflow-wrap:anywhere;font:inherit;margin:.75rem 0 0}
"""


class Store:
    """Messages as files, named by the moment they came."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        (self.folder / f"{time.time_ns()}.eml").write_bytes(envelope.content)
        return "250 Kept"

    def messages(self) -> list[dict[str, str]]:
        found = []
        for path in sorted(self.folder.glob("*.eml"), reverse=True)[:200]:
            message = cast(EmailMessage, email.message_from_bytes(path.read_bytes(), policy=email.policy.default))
            body = message.get_body(preferencelist=("plain", "html"))
            names = ("From", "To", "Reply-To", "Subject", "Date", "Message-ID")
            found.append(
                {name: str(message.get(name, "")) for name in names} | {"text": body.get_content() if body else ""}
            )
        return found


def page(messages: list[dict[str, str]]) -> str:
    articles = "".join(
        f"<article><h2>{html.escape(message['Subject']) or '(no subject)'}</h2>"
        f"<dl>From {html.escape(message['From'])}<br>To {html.escape(message['To'])}<br>"
        f"{html.escape(message['Date'])}</dl>"
        f"<pre>{html.escape(message['text'])}</pre></article>"
        for message in messages
    )
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>Mail</title><style>{STYLE}</style><h1>Mail</h1>"
        f"<p>Everything that the demo sends by e-mail ends here.</p>{articles or '<p>No mail yet.</p>'}</html>"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()
    store = Store(options.folder)

    class Inbox(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/messages.json":
                body, kind = json.dumps(store.messages()), "application/json"
            else:
                body, kind = page(store.messages()), "text/html; charset=utf-8"
            content = body.encode()
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    Controller(store, hostname="127.0.0.1", port=options.smtp_port).start()
    threading.Thread(
        target=ThreadingHTTPServer(("127.0.0.1", options.http_port), Inbox).serve_forever, daemon=True
    ).start()
    threading.Event().wait()


if __name__ == "__main__":
    main()
