"""Lob (lob.com): letters on US Letter paper, printed in the US and mailed anywhere. Its API of 2024-01-01.

Lob prints both addresses itself, at the top of the first page, behind the two windows of its own envelope; the sender
must be in the US unless the account has an envelope of its own. It tells no price: that is the owner's to set.
"""

from __future__ import annotations

import datetime
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final
from urllib.parse import quote, urlsplit

from . import (
    REFERENCE,
    Address,
    AddressCheck,
    Deliverability,
    Denied,
    Event,
    Letter,
    Posted,
    RateLimited,
    Refused,
    Unreachable,
    http,
    lob_events,
)  # fmt: skip

URL: Final = "https://api.lob.com/v1"
VERSION: Final = "2024-01-01"
US: Final = frozenset({"US", "AS", "PR", "FM", "GU", "MH", "MP", "PW", "VI"})  # whose addresses are checked as US ones
UNKNOWN: Final = frozenset({"PS"})  # that Lob's check does not know
NAME_LIMIT: Final = 40
LINE_LIMIT: Final = 64
CHECKS: Final[Mapping[str, Deliverability]] = {
    "deliverable": Deliverability.DELIVERABLE,
    "deliverable_unnecessary_unit": Deliverability.DELIVERABLE,
    "deliverable_incorrect_unit": Deliverability.DOUBTFUL,
    "deliverable_missing_unit": Deliverability.DOUBTFUL,
    "deliverable_missing_info": Deliverability.DOUBTFUL,
    "undeliverable": Deliverability.UNDELIVERABLE,
    "no_match": Deliverability.UNDELIVERABLE,
}
OF_ADDRESSES: Final = frozenset(
    {"failed_deliverability_strictness", "address_length_exceeds_limit", "invalid_country_covid"}
)
LONGEST_PAUSE: Final = 300.0  # seconds; Lob's windows are of 5 s
PAUSE: Final = 5.0


@dataclass(frozen=True, kw_only=True)
class Lob:
    """An account of Lob's."""

    name: ClassVar[str] = "lob"

    api_key: str = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)  # any of them: two while one is being changed
    custom_envelope: str = ""  # env_…, by which letters may have a sender outside the US
    url: str = URL
    timeout: tuple[float, float] = (http.CONNECT_TIMEOUT, http.READ_TIMEOUT)

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Lob:
        """From the deployment's settings. Raises ValueError with a sentence that names the option, not its value."""
        unknown = set(options) - {"api_key", "webhook_secret", "custom_envelope", "url"}
        if unknown:
            raise ValueError(f"lob has no option {min(unknown)!r}.")
        secrets = options.get("webhook_secret") or []
        secrets = [secrets] if isinstance(secrets, str) else secrets
        texts = [options.get("api_key", ""), options.get("custom_envelope", ""), options.get("url", URL)]
        if not isinstance(secrets, list) or not all(isinstance(text, str) for text in [*texts, *secrets]):
            raise ValueError("lob: api_key, custom_envelope and url are texts, webhook_secret a text or two in a list.")
        if not texts[0] or not all(secrets) or len(secrets) > 2:
            raise ValueError("lob: api_key is needed, and at most two webhook secrets.")
        parts = urlsplit(texts[2])
        if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost"):
            raise ValueError("lob: url must begin with https://.")
        return cls(api_key=texts[0], webhook_secrets=tuple(secrets), custom_envelope=texts[1], url=texts[2].rstrip("/"))

    def check_address(self, address: Address) -> AddressCheck:
        """By Lob's verification, of the US or of other countries. UNCHECKED where the account has none."""
        if address.country in UNKNOWN:
            return AddressCheck(result=Deliverability.UNCHECKED, reason="country")
        lines = {"primary_line": address.line1[:200], "secondary_line": address.line2[:200], "city": address.city[:200]}
        if address.country in US:
            code = _zip(address.postal_code)
            lines |= {"state": _state(address), **({"zip_code": code} if code else {})}
            path = "/us_verifications"
            if not code and not (lines["state"] and lines["city"]):
                return AddressCheck(result=Deliverability.UNDELIVERABLE, reason="postal_code")
        else:
            lines |= {"state": address.area, "postal_code": address.postal_code[:12], "country": address.country}
            path = "/intl_verifications"
        try:
            body = self._call("POST", path, data={name: text for name, text in lines.items() if text}).body
        except Denied as error:
            if error.reason == "feature_limit_reached":
                return AddressCheck(result=Deliverability.UNCHECKED, reason=error.reason)
            raise
        word = body.get("deliverability")
        return AddressCheck(
            result=CHECKS.get(word, Deliverability.UNCHECKED) if isinstance(word, str) else Deliverability.UNCHECKED,
            reason=word if isinstance(word, str) and word in CHECKS else "",
        )

    def send(self, letter: Letter) -> Posted:
        """Taken once for each idempotency key within 24 hours; look with ``find`` before asking again after that."""
        data = {
            "description": f"Letter {letter.reference}",
            "color": "true" if letter.color else "false",
            "double_sided": "true" if letter.double_sided else "false",
            "address_placement": "top_first_page",
            "mail_type": "usps_first_class",
            "use_type": "operational",
            f"metadata[{REFERENCE}]": letter.reference,
            **_inline("to", letter.to),
            **_inline("from", letter.sender),
        }
        if self.custom_envelope:
            data["custom_envelope"] = self.custom_envelope
        elif letter.sender.country != "US":
            raise Refused("foreign_return_address")
        answer = self._call(
            "POST",
            "/letters",
            data=data,
            files={"file": ("letter.pdf", letter.pdf, "application/pdf")},
            headers={"Idempotency-Key": letter.idempotency_key},
        )
        return _posted(answer.body)

    def find(self, reference: str) -> Posted | None:
        found = self._call("GET", "/letters", params={"limit": "1", f"metadata[{REFERENCE}]": reference}).body.get(
            "data"
        )
        if not isinstance(found, list):
            raise Unreachable("answer")
        if not found:
            return None
        given = found[0].get("metadata") if isinstance(found[0], dict) else None
        if not isinstance(given, dict) or given.get(REFERENCE) != reference:
            raise Unreachable("answer")  # not the letter that was asked for: no reason to send another
        return _posted(found[0])

    def cancel(self, provider_id: str) -> bool:
        try:
            body = self._call("DELETE", f"/letters/{quote(provider_id, safe='')}").body
        except (Refused, Denied):  # too late, or not part of the account's contract
            return False
        return body.get("deleted") is True

    def read(self, headers: Mapping[str, str], body: bytes, *, now: datetime.datetime) -> list[Event]:
        return lob_events.read(headers, body, secrets=self.webhook_secrets, now=now)

    def _call(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **parts: Any) -> http.Answer:
        answer = http.call(
            method,
            f"{self.url}{path}",
            key=self.api_key,
            headers={"Lob-Version": VERSION, **(headers or {})},
            timeout=self.timeout,
            **parts,
        )
        if 200 <= answer.status < 300:
            return answer
        error = answer.body.get("error")
        code = error.get("code") if isinstance(error, dict) else None
        reason = code if isinstance(code, str) and re.fullmatch(r"[a-z_]{1,64}", code) else f"status_{answer.status}"
        if answer.status == 429:
            raise RateLimited(_pause(answer.headers))
        if answer.status in (401, 402, 403):
            raise Denied(reason)
        if reason == "conflict" or answer.status in (408, 409) or not 400 <= answer.status < 500:
            raise Unreachable(reason)  # a request with the same key is under way, or the fault is Lob's
        raise Refused(reason, address=reason in OF_ADDRESSES)


def _posted(body: Mapping[str, Any]) -> Posted:
    name = body.get("id")
    if not isinstance(name, str) or not re.fullmatch(r"ltr_[a-zA-Z0-9]{1,60}", name):
        raise Unreachable("answer")
    try:
        expected = datetime.date.fromisoformat(str(body.get("expected_delivery_date"))[:10])
    except ValueError:
        expected = None
    return Posted(provider_id=name, expected_on=expected)


def _inline(prefix: str, address: Address) -> dict[str, str]:
    """An address as fields of a form. Raises Refused where Lob would print less of it: nothing is cut off."""
    in_us = address.country in US
    fields = {
        "name": address.name,
        "company": address.company,
        "address_line1": address.line1,
        "address_line2": address.line2,
        "address_city": address.city,
        "address_state": _state(address) if in_us else address.area,
        "address_zip": (_zip(address.postal_code) or "") if in_us else address.postal_code,
        "address_country": "US" if in_us else address.country,
    }
    if wrong := _objection(address, fields, LINE_LIMIT if in_us else 200):
        raise Refused(wrong if prefix == "to" else f"sender_{wrong}", address=prefix == "to")
    return {f"{prefix}[{name}]": text for name, text in fields.items() if text}


def _objection(address: Address, fields: Mapping[str, str], line_limit: int) -> str:
    """Why Lob could not print the address; empty where it can."""
    if not address.name and not address.company:
        return "no_name"
    if max(len(address.name), len(address.company)) > NAME_LIMIT:
        return "address_length_exceeds_limit"
    if max(len(address.line1), len(address.line2)) > line_limit:
        return "address_length_exceeds_limit"
    if address.country in US and not fields["address_zip"]:
        return "postal_code"
    if address.country in US and not re.fullmatch(r"[a-zA-Z]{2}", fields["address_state"]):
        return "state"
    if not address.line1 or not (fields["address_zip"] or (address.city and fields["address_state"])):
        return "incomplete_address"
    return ""


def _state(address: Address) -> str:
    return address.area if address.country == "US" else address.country


def _zip(text: str) -> str:
    """12345 or 12345-6789; empty where it is neither."""
    found = re.fullmatch(r"\s*(\d{5})(?:[- ]?(\d{4}))?\s*", text, re.ASCII)
    return "-".join(part for part in found.groups() if part) if found else ""


def _pause(headers: Mapping[str, str]) -> float:
    """Seconds until the window of the limit ends: Retry-After's, or those until Ratelimit-Reset."""
    for name, start in (("Retry-After", 0.0), ("Ratelimit-Reset", time.time())):
        try:
            seconds = float(headers.get(name) or "") - start
        except ValueError:
            continue
        return min(max(seconds, 1.0), LONGEST_PAUSE)
    return PAUSE
