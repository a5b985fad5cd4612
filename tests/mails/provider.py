"""A mail provider's API and what it tells afterwards, on this machine: Brevo, Postmark and Resend in their own shapes.

Answers and reports as published: developers.brevo.com (POST /v3/smtp/email), postmarkapp.com/developer (email API,
bounce, delivery, open and spam-complaint webhooks), resend.com/docs (POST /emails).
"""

from __future__ import annotations

import base64
import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from django.http import HttpRequest
from django.test import RequestFactory


class Provider:
    """Keeps each request; takes a mail once for a key, as Brevo and Resend do."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.by_key: dict[str, str] = {}
        self.url = ""

    def take(self, path: str, headers: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        self.requests.append((path, headers, body))
        key = headers.get("Idempotency-Key") or body.get("headers", {}).get("idempotencyKey", "")
        number = self.by_key.setdefault(key, str(uuid.uuid4())) if key else str(uuid.uuid4())
        if path.endswith("/smtp/email"):
            return {"messageId": f"<{number}@smtp-relay.mailin.fr>"}
        if path.endswith("/email"):
            return {
                "To": body["To"], "SubmittedAt": "2027-01-01T00:00:00Z", "MessageID": number, "ErrorCode": 0,
                "Message": "OK",
            }  # fmt: skip
        return {"id": number}


@contextmanager
def serving() -> Iterator[Provider]:
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer = json.dumps(provider.take(self.path, dict(self.headers), body)).encode()
            self.send_response(201 if self.path.endswith("/smtp/email") else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    provider.url = f"http://127.0.0.1:{server.server_port}/"
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()


def postmark(kind: str, *, mail: str = "", to: str = "ada@example.com", **more: Any) -> dict[str, Any]:
    """A report of Postmark's: Delivery, Bounce, Open or SpamComplaint."""
    moment = {"Delivery": "DeliveredAt", "Bounce": "BouncedAt", "Open": "ReceivedAt", "SpamComplaint": "BouncedAt"}
    address = "Recipient" if kind in ("Delivery", "Open") else "Email"
    report: dict[str, Any] = {
        "RecordType": kind,
        "ServerID": 23,
        "MessageStream": "outbound",
        "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
        address: to,
        "Tag": "",
        moment[kind]: "2027-01-01T12:00:00Z",
        "Metadata": {"livesales": mail} if mail else {},
    }
    if kind == "Bounce":
        report |= {"ID": 42, "Type": "HardBounce", "TypeCode": 1, "Description": "The server was unable to deliver."}
    if kind == "SpamComplaint":
        report |= {"ID": 43, "Type": "SpamComplaint", "TypeCode": 512, "Description": ""}
    return report | more


def request(body: Any, *, secret: str | None = "us:hunter2") -> HttpRequest:
    """How it comes in, with the secret as HTTP basic authentication."""
    headers = {"Authorization": "Basic " + base64.b64encode(secret.encode()).decode()} if secret else {}
    return RequestFactory().post("/", data=json.dumps(body), content_type="application/json", headers=headers)
