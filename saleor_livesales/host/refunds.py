"""Saleor asks to give back what a card was charged: somebody pressed Refund at the order in the Dashboard.

Saleor asks the App that owns the transaction, by a webhook to our own address that it signs with its key. Where that is
not answered well, Saleor sends it again with an empty body (3.22 to main). So what is asked is kept at once, the answer
says that it is on its way, and what becomes of it is told by transactionEventReport.
"""

from __future__ import annotations

import datetime
import hmac
import json
import logging
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from saleor.payment import TransactionEventType
from saleor.webhook.transport import signature_for_payload

from ..errors import NotFound
from ..fees import refunds
from ..inbox import nudge
from . import registration

logger = logging.getLogger(__name__)

BODY_LIMIT: Final = 1_000_000  # bytes
TASK: Final = "livesales.members_fees"


def respond(request: HttpRequest, *, now: datetime.datetime) -> HttpResponse:
    """400: Saleor did not ask this. Else an answer as Saleor's schema of those to a requested action."""
    webhook = registration.refunds_webhook()
    if webhook is None:
        return _plain("Not found.", 404)
    if request.method != "POST":
        return _plain("Only POST.", 405)
    length = request.headers.get("Content-Length") or ""
    if not length.isdigit() or int(length) > BODY_LIMIT:
        return _plain("Too large.", 413)
    given = request.headers.get("Saleor-Signature", "").encode(errors="replace")
    # An RS256 signature of the same text is the same each time, and so is an HMAC.
    if not given or not hmac.compare_digest(given, signature_for_payload(request.body, webhook.secret_key).encode()):
        logger.warning("A request for a refund was refused: Saleor did not sign it.")
        return _plain("Refused.", 400)
    try:
        charge, amount, charged, asked_as = _read(json.loads(request.body))
    except (ValueError, TypeError, KeyError, InvalidOperation):
        return _plain("Not understood.", 400)
    try:
        row = refunds.ask(charge=charge, amount=amount, asked_as=asked_as, now=now)
    except NotFound as error:
        return JsonResponse({"result": "REFUND_FAILURE", "message": str(error)})
    nudge.worker(TASK)
    # The names of actions in such an answer are kept as they can't be read any more (3.22 to main): none, or left out.
    nothing_left = {"actions": []} if amount >= charged else {}
    return JsonResponse({"pspReference": str(row.pk), **nothing_left})


def _read(told: dict[str, Any]) -> tuple[str, Decimal, Decimal, str]:
    """Charge, amount, what was charged and not given back before, and what Saleor calls this request."""
    transaction, action = told["transaction"], told["action"]
    asked = [event for event in transaction["events"] if event["type"] == TransactionEventType.REFUND_REQUEST.upper()]
    latest = max(asked, key=lambda event: event["createdAt"])
    amount, charged = Decimal(str(action["amount"])), Decimal(str(transaction["chargedAmount"]["amount"]))
    if amount <= 0:
        raise ValueError("There is nothing to give back.")
    return str(transaction["pspReference"]), amount, charged, str(latest["id"])


def _plain(text: str, status: int) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
