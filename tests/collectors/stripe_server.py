"""A server that answers as Stripe does, for as much as we ask of it.

Objects have the shapes of Stripe's published samples (``stripe-objects.json``); each request's parameters are held
against Stripe's typed definitions; idempotency keys, pages, errors and signatures follow its documentation. Faults are
put in front of requests: the answer is lost after the request was done, the connection is cut before it, and so on.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import hmac
import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from . import parameters

SAMPLES: dict[str, Any] = json.loads((Path(__file__).parent / "stripe-objects.json").read_text())["resources"]
KEY, SECRET = "sk_test_0123456789abcdef", "whsec_0123456789abcdef"
CALLED = {
    "customers": "cus", "checkout/sessions": "cs", "payment_methods": "pm", "payment_intents": "pi", "refunds": "re",
    "disputes": "dp", "events": "evt", "setup_intents": "seti",
}  # fmt: skip


class Fault(Exception):
    def __init__(self, status: int, **error: Any) -> None:
        self.status, self.error = status, error


class FakeStripe:
    """``banks``: what the bank of a payment method does: paid, pending, auth, or a decline code. ``faults``: for the
    next requests, one each: cut, lost (done, and not answered), slow, or a status. ``said``: all requests."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in CALLED}
        self.banks: dict[str, str] = {}
        self.faults: list[str | int] = []
        self.said: list[tuple[str, str, dict[str, Any]]] = []
        self.problems: list[str] = []
        self.charged: list[str] = []  # each time that money moved: the payment intent
        self.slow = 0.0
        self.refunds_are = "succeeded"  # those that are asked for
        self.page = 3  # rows of a list at most, so that a test need not make a hundred
        self.clock: Callable[[], float] = time.time
        self._keys: dict[str, tuple[str, int, dict[str, Any]]] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.RLock()
        self.url = ""

    # What happens outside

    def make(self, table: str, **values: Any) -> dict[str, Any]:
        kind = {"checkout/sessions": "checkout.session"}.get(table, table[:-1])
        row = copy.deepcopy(SAMPLES[kind])
        row.update(values)
        row["id"] = f"{CALLED[table]}_{next(self._numbers):07}"
        row["created"] = int(self.clock())
        self.tables[table][row["id"]] = row
        return row

    def card(self, customer: str | None, bank: str = "paid", **card: Any) -> dict[str, Any]:
        row = self.make("payment_methods", customer=customer)
        row["card"].update(card)
        self.banks[row["id"]] = bank
        return row

    def leave_card(self, session_id: str, bank: str = "paid", **card: Any) -> dict[str, Any]:
        """The customer fills in the page."""
        session = self.tables["checkout/sessions"][session_id]
        method = self.card(session["customer"], bank, **card)
        intent = self.make(
            "setup_intents", customer=session["customer"], payment_method=method["id"], status="succeeded"
        )
        session.update(status="complete", setup_intent=intent["id"])
        self.tell("checkout.session.completed", session)
        return method

    def settle(self, intent_id: str, state: str = "succeeded", code: str = "") -> None:
        """The bank answers late."""
        intent = self.tables["payment_intents"][intent_id]
        assert intent["status"] == "processing"
        intent["status"] = state
        if state == "succeeded":
            self.charged.append(intent_id)
        else:
            intent["last_payment_error"] = {"type": "card_error", "code": "card_declined", "decline_code": code}
        self.tell("payment_intent.succeeded" if state == "succeeded" else "payment_intent.payment_failed", intent)

    def refund(
        self, intent_id: str, amount: int | None = None, status: str = "succeeded", **values: Any
    ) -> dict[str, Any]:
        """By the store, in Stripe's dashboard."""
        intent = self.tables["payment_intents"][intent_id]
        row = self.make(
            "refunds", payment_intent=intent_id, amount=intent["amount"] if amount is None else amount,
            currency=intent["currency"], status=status, **values,
        )  # fmt: skip
        self.tell("refund.created", row)
        return row

    def dispute(self, intent_id: str, status: str = "needs_response") -> dict[str, Any]:
        intent = self.tables["payment_intents"][intent_id]
        row = self.make(
            "disputes", payment_intent=intent_id, amount=intent["amount"], currency=intent["currency"], status=status
        )
        self.tell("charge.dispute.created", row)
        return row

    def tell(self, kind: str, about: dict[str, Any]) -> dict[str, Any]:
        return self.make("events", type=kind, data={"object": copy.deepcopy(about)})

    def reports(self) -> list[dict[str, Any]]:
        return list(self.tables["events"].values())

    @staticmethod
    def signed(event: dict[str, Any], *, at: float | None = None, secret: str = SECRET) -> tuple[bytes, str]:
        """A report's body and its Stripe-Signature."""
        body, stamp = json.dumps(event).encode(), int(time.time() if at is None else at)
        digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        return body, f"t={stamp},v1={digest},v0={digest}"

    # What is asked

    def answer(self, method: str, path: str, form: list[tuple[str, str]], headers: Any) -> tuple[int, dict[str, Any]]:
        with self._lock:
            given = parameters.nested(form)
            self.said.append((method, path, given))
            if headers.get("Authorization") != f"Bearer {KEY}":
                return 401, {"error": {"type": "invalid_request_error", "message": "Invalid API Key provided"}}
            assert headers.get("Stripe-Version"), "no version"
            key, print_ = headers.get("Idempotency-Key"), json.dumps([method, path, given], sort_keys=True)
            if method == "POST":
                assert key, "no idempotency key"
                if key in self._keys:
                    known, status, body = self._keys[key]
                    if known != print_:
                        return 400, {"error": {"type": "idempotency_error", "message": "Keys for idempotent requests…"}}
                    return status, copy.deepcopy(body)
            try:
                status, body = 200, copy.deepcopy(self._do(method, path.removeprefix("/v1/"), given))
            except Fault as fault:
                status, body = fault.status, {"error": copy.deepcopy(fault.error)}
            if method == "POST":
                self._keys[key] = (print_, status, copy.deepcopy(body))
            return status, body

    def forget_keys(self) -> None:
        """Stripe may drop keys once they are 24 hours old."""
        self._keys.clear()

    def _do(self, method: str, path: str, given: dict[str, Any]) -> dict[str, Any]:
        parts = path.split("/")
        if parts[0] == "checkout":
            parts = ["/".join(parts[:2]), *parts[2:]]
        table, row_id, action = (*parts, "", "")[:3]
        operation = "/".join([table, *(["*"] if row_id else []), *([action] if action else [])])
        found = parameters.problems(method, operation, given)
        self.problems += [f"{method} {operation}: {problem}" for problem in found]
        if found:
            raise Fault(400, type="invalid_request_error", code="parameter_unknown", message=found[0])
        if not row_id:
            return self._create(table, given) if method == "POST" else self._list(table, given)
        row = self.tables[table].get(row_id)
        if row is None:
            raise Fault(404, type="invalid_request_error", code="resource_missing", message=f"No such {table}")
        if action:
            return getattr(self, f"_{action}")(row, given)
        if "setup_intent.payment_method" in given.get("expand", {}).values():
            row = copy.deepcopy(row)
            intent = self.tables["setup_intents"].get(row.get("setup_intent") or "")
            if intent is not None:
                method_row = self.tables["payment_methods"][intent["payment_method"]]
                row["setup_intent"] = {**intent, "payment_method": method_row}
        return row

    def _create(self, table: str, given: dict[str, Any]) -> dict[str, Any]:
        if table == "checkout/sessions":
            return self.make(
                table, customer=given["customer"], mode="setup", status="open", setup_intent=None,
                metadata=given.get("metadata", {}), url=f"https://checkout.stripe.com/c/{next(self._numbers)}",
                expires_at=int(self.clock()) + 86400, payment_intent=None,
            )  # fmt: skip
        if table == "payment_intents":
            method = self.tables["payment_methods"].get(given["payment_method"])
            if method is None or method["customer"] != given["customer"]:
                raise Fault(400, type="invalid_request_error", code="resource_missing", param="payment_method")
            return self.make(
                table, amount=int(given["amount"]), currency=given["currency"], customer=given["customer"],
                payment_method=given["payment_method"], status="requires_confirmation", last_payment_error=None,
                metadata=given.get("metadata", {}), next_action=None, processing=None,
            )  # fmt: skip
        if table == "refunds":
            gone = [row for row in self.tables["refunds"].values() if row["payment_intent"] == given["payment_intent"]]
            left = self.tables["payment_intents"][given["payment_intent"]]["amount"] - sum(
                row["amount"] for row in gone if row["status"] not in ("failed", "canceled")
            )
            disputes = self.tables["disputes"].values()
            if any(row["payment_intent"] == given["payment_intent"] and row["status"] != "won" for row in disputes):
                raise Fault(400, type="invalid_request_error", code="charge_disputed")
            if not left:
                raise Fault(400, type="invalid_request_error", code="charge_already_refunded")
            if int(given.get("amount", left)) > left:
                raise Fault(400, type="invalid_request_error", param="amount")
            return self.refund(
                given["payment_intent"], int(given.get("amount", left)), self.refunds_are,
                metadata=given.get("metadata", {}),
            )  # fmt: skip
        return self.make(table, **{name: given[name] for name in ("email", "name", "metadata") if name in given})

    def _list(self, table: str, given: dict[str, Any]) -> dict[str, Any]:
        rows = sorted(self.tables[table].values(), key=lambda row: row["id"], reverse=True)
        if "payment_intent" in given:
            rows = [row for row in rows if row["payment_intent"] == given["payment_intent"]]
        if "created" in given:
            rows = [row for row in rows if row["created"] >= int(given["created"]["gte"])]
        if "types" in given:
            rows = [row for row in rows if row["type"] in given["types"].values()]
        if "starting_after" in given:
            rows = [row for row in rows if row["id"] < given["starting_after"]]
        limit = min(int(given.get("limit", 10)), self.page)
        return {"object": "list", "data": rows[:limit], "has_more": len(rows) > limit}

    def _confirm(self, row: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
        if row["status"] not in ("requires_confirmation", "requires_payment_method"):
            raise Fault(400, type="invalid_request_error", code="payment_intent_unexpected_state", payment_intent=row)
        assert given["off_session"] == "true"
        method = self.tables["payment_methods"].get(given["payment_method"])
        if method is None or method["customer"] is None:
            raise Fault(400, type="invalid_request_error", code="payment_method_unexpected_state")
        bank = self.banks[given["payment_method"]]
        if bank in ("paid", "pending"):
            row["status"] = "succeeded" if bank == "paid" else "processing"
            if bank == "paid":
                self.charged.append(row["id"])
                self.tell("payment_intent.succeeded", row)
            return row
        row["status"] = "requires_payment_method"
        error = {
            "type": "card_error",
            "code": "card_declined",
            "decline_code": bank,
            "message": "Your card was declined.",
        }
        if bank == "auth":
            error = {"type": "card_error", "code": "authentication_required", "message": "Your card was declined."}
        row["last_payment_error"] = error
        self.tell("payment_intent.payment_failed", row)
        raise Fault(402, **error, payment_intent=row)

    def _cancel(self, row: dict[str, Any], _given: dict[str, Any]) -> dict[str, Any]:
        if row["status"] in ("succeeded", "canceled"):
            raise Fault(400, type="invalid_request_error", code="payment_intent_unexpected_state")
        row["status"] = "canceled"
        return row

    def _detach(self, row: dict[str, Any], _given: dict[str, Any]) -> dict[str, Any]:
        if row["customer"] is None:
            raise Fault(400, type="invalid_request_error", code="payment_method_not_attached")
        row["customer"] = None
        self.tell("payment_method.detached", row)
        return row


@contextlib.contextmanager
def running() -> Iterator[FakeStripe]:
    fake = FakeStripe()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            address = urlsplit(self.path)
            text = self.rfile.read(length).decode() if self.command == "POST" else address.query
            fault = fake.faults.pop(0) if fake.faults else None
            if fault == "cut":
                self.close_connection = True
                self.connection.close()
                return
            if isinstance(fault, int):
                self._say(fault, {"error": {"type": "api_error", "message": "Something went wrong."}})
                return
            status, body = fake.answer(
                self.command, address.path, parse_qsl(text, keep_blank_values=True), self.headers
            )
            if fault == "slow":
                time.sleep(fake.slow)
            if fault == "lost":
                self.close_connection = True
                self.connection.close()
                return
            if fault == "nonsense":
                self._say(200, None)
                return
            self._say(status, body)

        do_GET = do_POST = _serve

        def _say(self, status: int, body: Any) -> None:
            text = b"<html>" if body is None else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            with contextlib.suppress(OSError):  # nobody waits any more
                self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    fake.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield fake
        assert fake.problems == []
    finally:
        server.shutdown()
        server.server_close()
