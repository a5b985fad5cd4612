"""Stripe, over HTTP (https://docs.stripe.com/api). Saleor pins an old package of Stripe's, so none is used beside it.

A payment method is left on Stripe's own page (Checkout in ``setup`` mode): no card number comes near the shop. A charge
is a PaymentIntent, made unconfirmed and confirmed off-session. The version of the interface is sent with each request.
"""

from __future__ import annotations

import datetime
import hashlib
import hmac
import json
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote

from . import OURS, Back, BadSignature, Event, KeyRefused, Keys, Link, Method, Outcome, Refused, Unreachable, Wanted
from .http import Answer, ask

NAME: Final = "stripe"
VERSION: Final = "2025-10-29.clover"
API: Final = "https://api.stripe.com"
DASHBOARD: Final = "https://dashboard.stripe.com/payments/"
TOLERANCE: Final = datetime.timedelta(minutes=5)  # of a report's age: Stripe's own default
PAGE: Final = 100
MOST_PAGES: Final = 2_000  # of a list: more is said to be too many, not cut off
# https://docs.stripe.com/currencies#zero-decimal and #three-decimal (these are charged in steps of ten). ISK and UGX
# have no smaller unit and are counted in hundredths all the same.
WHOLE: Final = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"}
)
THOUSANDTHS: Final = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
LANGUAGES: Final = frozenset(
    {
        "bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fil", "fr", "hr", "hu", "id", "it", "ja", "ko", "lt",
        "lv", "ms", "mt", "nb", "nl", "pl", "pt", "ro", "ru", "sk", "sl", "sv", "th", "tr", "vi", "zh",
    }
)  # fmt: skip
KINDS: Final = (
    "checkout.session.completed",
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.processing",
    "payment_intent.canceled",
    "charge.refunded",
    "charge.refund.updated",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "payment_method.automatically_updated",
    "payment_method.updated",
    "payment_method.detached",
)
STATES: Final[Mapping[str, Any]] = {
    "requires_confirmation": "open",
    "succeeded": "paid",
    "processing": "pending",
    "requires_capture": "pending",
    "requires_payment_method": "refused",
    "requires_action": "refused",  # off-session nobody is there to act
    "canceled": "cancelled",
}
MARKED: Final = frozenset({"payment_intent", "charge", "checkout.session"})  # that bear the metadata which they got
REFUNDS: Final[Mapping[str, Any]] = {"succeeded": "refund", "failed": "refund_failed", "canceled": "refund_failed"}
ASKED: Final = "livesales_refund"
# A dispute takes the money at once, but for an inquiry. https://docs.stripe.com/api/disputes/object#dispute_object-status
INQUIRIES: Final = frozenset({"warning_needs_response", "warning_under_review", "warning_closed"})


class Stripe:
    """Implements ``FeeCollector``. Any number at once: it holds nothing but the keys."""

    name = NAME
    title = "Stripe"

    def __init__(self, keys: Keys, *, api: str = API) -> None:
        self._keys = keys
        self._api = api.rstrip("/")

    def customer(self, *, email: str, name: str, key: str, metadata: Mapping[str, str]) -> str:
        made = self._post("/v1/customers", {"email": email, "name": name, "metadata": metadata}, key=key)
        return _text(made, "id")

    def link(
        self, *, customer: str, return_url: str, cancel_url: str, language: str, key: str, metadata: Mapping[str, str]
    ) -> Link:
        made = self._post(
            "/v1/checkout/sessions",
            {
                "mode": "setup",
                "customer": customer,
                "payment_method_types": ["card"],
                "success_url": return_url,
                "cancel_url": cancel_url,
                "locale": language if language in LANGUAGES else "auto",
                "metadata": metadata,
                "setup_intent_data": {"metadata": metadata},
            },
            key=key,
        )
        until = datetime.datetime.fromtimestamp(int(made["expires_at"]), datetime.UTC)
        return Link(reference=_text(made, "id"), url=_text(made, "url"), expires_at=until)

    def left(self, link: str) -> Method | None:
        form = {"expand": ["setup_intent.payment_method"]}
        found = self._get(f"/v1/checkout/sessions/{quote(link, safe='')}", form)
        intent = found.get("setup_intent")
        if found.get("status") == "complete" and isinstance(intent, dict) and intent.get("status") == "succeeded":
            method = intent.get("payment_method")
            return _method(method) if isinstance(method, dict) and method.get("customer") else None
        if found.get("status") == "expired":
            raise Refused("expired")
        return None

    def method(self, reference: str) -> Method | None:
        try:
            found = self._get(f"/v1/payment_methods/{quote(reference, safe='')}")
        except Refused:
            return None
        return _method(found) if found.get("customer") else None

    def forget(self, method: str) -> None:
        try:
            self._post(f"/v1/payment_methods/{quote(method, safe='')}/detach", {}, key=f"forget-{method}")
        except Refused:  # gone, or taken away before
            return

    def make(self, wanted: Wanted, *, key: str) -> str:
        made = self._post(
            "/v1/payment_intents",
            {
                "amount": in_smallest(wanted.amount, wanted.currency),
                "currency": wanted.currency.lower(),
                "customer": wanted.customer,
                "payment_method": wanted.method,
                "payment_method_types": [wanted.method_kind],
                "description": wanted.description,
                "metadata": wanted.metadata,
            },
            key=key,
        )
        return _text(made, "id")

    def confirm(self, charge: str, *, method: str) -> Outcome:
        path = f"/v1/payment_intents/{quote(charge, safe='')}/confirm"
        try:
            return _outcome(
                self._post(path, {"off_session": "true", "payment_method": method}, key=f"confirm-{charge}")
            )
        except Refused:  # confirmed before, and the key forgotten; or of no use any more
            found = self.look(charge)
            if found.state == "open":
                raise
            return found

    def look(self, charge: str) -> Outcome:
        return _outcome(self._get(f"/v1/payment_intents/{quote(charge, safe='')}"))

    def cancel(self, charge: str) -> Outcome:
        try:
            return _outcome(
                self._post(f"/v1/payment_intents/{quote(charge, safe='')}/cancel", {}, key=f"drop-{charge}")
            )
        except Refused:
            return self.look(charge)

    def give_back(self, charge: str, *, key: str) -> None:
        try:
            self._post("/v1/refunds", {"payment_intent": charge}, key=key)
        except Refused as error:
            if str(error) != "charge_already_refunded":
                raise

    def refund(self, charge: str, *, amount: Decimal, currency: str, reference: str) -> None:
        form = {"payment_intent": charge}
        # Stripe forgets keys after a day; what was asked longer ago is known by our reference.
        if any(_asked(row) == reference for row in self._pages("/v1/refunds", form)):
            return
        wanted = {**form, "amount": in_smallest(amount, currency), "metadata": {ASKED: reference}}
        self._post("/v1/refunds", wanted, key=f"refund-{reference}")

    def backs(self, charge: str) -> Collection[Back]:
        """Refunds that went or failed, and disputes as far as the bank took the money."""
        found = [
            Back(
                kind=REFUNDS[row["status"]],
                reference=_asked(row) or _text(row, "id"),
                amount=_amount(row),
                asked=bool(_asked(row)),
            )
            for row in self._pages("/v1/refunds", {"payment_intent": charge})
            if row.get("status") in REFUNDS
        ]
        for row in self._pages("/v1/disputes", {"payment_intent": charge}):
            if row.get("status") in INQUIRIES:
                continue
            found.append(Back(kind="chargeback", reference=_text(row, "id"), amount=_amount(row)))
            if row.get("status") == "won":
                found.append(Back(kind="reinstated", reference=f"{_text(row, 'id')}-won", amount=_amount(row)))
        return found

    def read_event(self, *, body: bytes, headers: Mapping[str, str], now: datetime.datetime) -> Event:
        """https://docs.stripe.com/webhooks#verify-manually"""
        stamp, given = "", []
        for part in headers.get("Stripe-Signature", "").split(","):
            name, _, value = part.strip().partition("=")
            if name == "t":
                stamp = value
            elif name == "v1":
                given.append(value.encode(errors="replace"))
        if not stamp.isdigit() or not stamp.isascii() or len(stamp) > 12:
            raise BadSignature("no time")
        age = abs(now.timestamp() - int(stamp))
        valid = False
        for secret in self._keys.webhook_secrets:
            expected = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest().encode()
            for signature in given:
                valid |= hmac.compare_digest(expected, signature)
        if not valid:
            raise BadSignature("wrong signature")
        if age > TOLERANCE.total_seconds():
            raise BadSignature("too old")
        return _event(json.loads(body))

    def events_since(self, since: datetime.datetime) -> Collection[Event]:
        form = {"created": {"gte": int(since.timestamp())}, "types": KINDS}
        return [_event(row) for row in self._pages("/v1/events", form)]

    def page_of(self, charge: str) -> str:
        return DASHBOARD + quote(charge, safe="")

    def _post(self, path: str, form: Mapping[str, Any], *, key: str) -> Mapping[str, Any]:
        return self._read(self._ask("POST", path, form, {"Idempotency-Key": key}))

    def _get(self, path: str, form: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        return self._read(self._ask("GET", path, form or {}, {}))

    def _pages(self, path: str, form: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        after: dict[str, str] = {}
        for _ in range(MOST_PAGES):
            page = self._get(path, {**form, "limit": PAGE, **after})
            rows = page.get("data") or []
            yield from rows
            if not page.get("has_more") or not rows:
                return
            after = {"starting_after": _text(rows[-1], "id")}
        raise Unreachable("too_many_rows")

    def _ask(self, method: str, path: str, form: Mapping[str, Any], headers: Mapping[str, str]) -> Answer:
        sent = {"Stripe-Version": VERSION, **headers}
        return ask(method, self._api + path, headers=sent, form=list(_flat(form)), secret=self._keys.secret)

    def _read(self, answer: Answer) -> Mapping[str, Any]:
        """https://docs.stripe.com/api/errors"""
        if 200 <= answer.status < 300:
            return answer.body
        error = answer.body.get("error")
        error = error if isinstance(error, dict) else {}
        reason = str(error.get("decline_code") or error.get("code") or error.get("type") or answer.status)[:64]
        if answer.status == 402 and isinstance(error.get("payment_intent"), dict):
            return {**error["payment_intent"], "_reason": reason}
        if answer.status in (401, 403):
            raise KeyRefused(reason)
        if answer.status in (409, 429) or answer.status >= 500 or reason == "lock_timeout":
            raise Unreachable(f"{answer.status} {reason}")
        raise Refused(reason)


def in_smallest(amount: Decimal, currency: str) -> int:
    """An amount as Stripe counts it. Raises Refused for one that its currency has no coins for."""
    if currency in WHOLE:
        counted = amount
    elif currency in THOUSANDTHS:
        counted = amount * 1000
    else:
        counted = amount * 100
    if counted != counted.to_integral_value():
        raise Refused("amount_not_whole")
    return int(counted)


def _asked(row: Mapping[str, Any]) -> str:
    """Our reference of a refund that we asked for; empty for others."""
    return str((row.get("metadata") or {}).get(ASKED) or "")


def _amount(row: Mapping[str, Any]) -> Decimal:
    currency = str(row.get("currency", "")).upper()
    digits = 0 if currency in WHOLE else 3 if currency in THOUSANDTHS else 2
    return Decimal(int(row["amount"])).scaleb(-digits)


def _outcome(intent: Mapping[str, Any]) -> Outcome:
    state = STATES.get(str(intent.get("status")))
    if state is None:
        raise Unreachable("unknown status")
    if state != "refused":
        return Outcome(state=state)
    error = intent.get("last_payment_error")
    error = error if isinstance(error, dict) else {}
    known = intent.get("_reason") or error.get("decline_code") or error.get("code")
    if intent["status"] == "requires_action":
        known = "authentication_required"
    return Outcome(state="refused", reason=str(known or "declined")[:64])


def _method(row: Mapping[str, Any]) -> Method:
    kind = _text(row, "type")
    facts = row.get(kind)
    facts = facts if isinstance(facts, dict) else {}
    expires = None
    if facts.get("exp_year") and facts.get("exp_month"):
        year, month = int(facts["exp_year"]), int(facts["exp_month"])
        expires = datetime.date(year + month // 12, month % 12 + 1, 1)
    return Method(
        customer=_id(row.get("customer")),
        reference=_text(row, "id"),
        kind=kind,
        brand=str(facts.get("display_brand") or facts.get("brand") or kind)[:32],
        last_digits=str(facts.get("last4") or "")[:4],
        expires=expires,
    )


def _event(row: Any) -> Event:
    """Raises ValueError for what is no event."""
    about = row.get("data", {}).get("object") if isinstance(row, dict) and isinstance(row.get("data"), dict) else None
    if not isinstance(about, dict) or not isinstance(row.get("id"), str) or not isinstance(row.get("type"), str):
        raise ValueError("not an event")
    kind = about.get("object")
    back = row["type"].startswith(("charge.", "refund."))
    if (
        kind in MARKED
        and isinstance(marks := about.get("metadata"), dict)
        and not any(n.startswith(OURS) for n in marks)
    ):
        about = {}  # a charge of the shop's checkout, say: there may be thousands an hour
    return Event(
        id=row["id"][:255],
        kind="back" if back else "charge" if kind == "payment_intent" else "method",
        charge=_id(about.get("id") if kind == "payment_intent" else about.get("payment_intent")),
        link=_id(about.get("id")) if kind == "checkout.session" else "",
        method=_id(about.get("id")) if kind == "payment_method" else "",
    )


def _id(value: Any) -> str:
    """A reference, alone or expanded."""
    if isinstance(value, dict):
        value = value.get("id")
    return value[:255] if isinstance(value, str) else ""


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value or len(value) > 2048:
        raise Unreachable(f"no {name} in the answer")
    return value


def _flat(form: Mapping[str, Any], under: str = "") -> Iterator[tuple[str, str]]:
    for name, value in form.items():
        path = f"{under}[{name}]" if under else name
        if isinstance(value, Mapping):
            yield from _flat(value, path)
        elif isinstance(value, list | tuple):
            yield from ((f"{path}[{place}]", str(each)) for place, each in enumerate(value))
        else:
            yield path, str(value)
