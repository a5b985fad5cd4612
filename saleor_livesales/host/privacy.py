"""What must not leave with Saleor's reports: its observability tells apps about answers of GraphQL, and Sentry gets the
request's body and the variables of each stack frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import sentry_sdk
from saleor.webhook.observability.sensitive_data import SENSITIVE_GQL_FIELDS

COVERED: Final = {
    "LivePrintFile": {"content"},  # codes that can be read
    # Addresses and tickets that let anybody in for minutes: to letters with codes, pictures, a card's page, the desk.
    "LiveLetterBatch": {"lettersUrl", "manifestUrl"},
    "LivePicture": {"url"},
    "LivePaymentMethodLink": {"url"},
    "LiveRepPresenceUpdate": {"ticket"},
    # As Saleor covers its own: who somebody is, and what was said.
    "LiveProfile": {"name", "email"},
    "LiveVisitor": {"name"},
    "LiveMemberBadge": {"name"},
    "LivePrintRecipient": {"name"},
    "LiveInquiry": {"email", "text"},
    "LiveMessage": {"text"},
}
REDEEM: Final = "liveSignInCodeRedeem"  # stands in the body of every request that carries a code
ROOMS: Final = ("saleor_livesales.codes", "saleor_livesales.graphql.codes")  # whose variables may be codes
FILTERED: Final = "[Filtered]"

Hook = Callable[[Any, Any], Any]


def cover() -> None:
    """Saleor reports answers with these fields as ``***``, and Sentry gets no code. Safe to call twice."""
    for kind, fields in COVERED.items():
        SENSITIVE_GQL_FIELDS.setdefault(kind, set()).update(fields)
    options = sentry_sdk.get_client().options
    for name in ("before_send", "before_send_transaction"):
        if not isinstance(options.get(name), _Covering):
            options[name] = _Covering(options.get(name))


class _Covering:
    """Runs behind all of Sentry's own steps and before the store's own hook."""

    def __init__(self, following: Hook | None) -> None:
        self._following = following

    def __call__(self, event: Any, hint: Any) -> Any:
        covered = without_codes(event)
        return self._following(covered, hint) if self._following else covered


def without_codes(event: dict[str, Any]) -> dict[str, Any]:
    """The event without the body of a request that carries a code, and without variables that may hold one."""
    request = event.get("request") or {}
    carries = REDEEM in repr(request.get("data"))
    if carries:
        request["data"] = FILTERED
    for group in ("exception", "threads"):
        for value in (event.get(group) or {}).get("values") or ():
            for frame in (value.get("stacktrace") or {}).get("frames") or ():
                if carries or str(frame.get("module")).startswith(ROOMS):
                    frame.pop("vars", None)
    return event
