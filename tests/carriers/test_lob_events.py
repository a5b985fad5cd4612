"""What Lob tells: signed by one of our secrets, not long ago, and in words that we know."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
from openapi_schema_validator import OAS30Validator

from saleor_livesales.carriers import BadSignature, EventKind, Malformed
from saleor_livesales.carriers.lob import Lob
from saleor_livesales.carriers.lob_events import KINDS, sign

from . import spec
from .reports import NOW, SECRET, report, signed

LOB = Lob(api_key="k", webhook_secrets=("next-secret", SECRET))


def test_a_report_is_read() -> None:
    body = report("letter.returned_to_sender", "ltr_1", reference="0199", event="evt_7", at="2026-11-20T10:00:00.000Z")
    (event,) = LOB.read(signed(body), body, now=NOW)
    at = datetime.datetime(2026, 11, 20, 10, tzinfo=datetime.UTC)
    assert (event.id, event.kind, event.reference, event.provider_id, event.at) == (
        "evt_7", EventKind.RETURNED, "0199", "ltr_1", at
    )  # fmt: skip


def test_reports_are_as_the_openapi_has_them() -> None:
    schema = {"allOf": [{"$ref": "#/components/schemas/events"}], "components": spec.load()["components"]}
    assert list(OAS30Validator(schema).iter_errors(json.loads(report("letter.delivered", "ltr_1")))) == []
    known = set(spec.at("components", "schemas", "letter_types", "enum"))
    assert {f"letter.{word}" for word in KINDS} <= known


def test_each_kind_that_lob_has_is_known_or_left() -> None:
    for kind in spec.at("components", "schemas", "letter_types", "enum"):
        body = report(kind, "ltr_1")
        events = LOB.read(signed(body), body, now=NOW)
        ours = not (
            kind.startswith("letter.return_envelope.") or kind.endswith((".viewed", ".issue", "pickup_available"))
        )
        assert bool(events) == ours, kind
    body = report("postcard.delivered", "psc_1")
    assert LOB.read(signed(body), body, now=NOW) == []


def test_a_cancelled_letter_has_no_metadata() -> None:
    body = json.dumps({"id": "evt_1", "event_type": {"id": "letter.deleted"}, "body": {"id": "ltr_1", "deleted": True}})
    (event,) = LOB.read(signed(body.encode()), body.encode(), now=NOW)
    assert (event.kind, event.reference, event.provider_id, event.at) == (EventKind.CANCELLED, "", "ltr_1", NOW)


def test_the_signature_is_over_the_timestamp_and_the_body() -> None:
    # HMAC-SHA256 of '1764000000.{"a":1}' under 'secret', by `openssl dgst -sha256 -hmac secret`.
    assert sign(b'{"a":1}', timestamp="1764000000", secret="secret") == (
        "112dc1736ad0328f094ebdad63c8bde5936ce7d0bb7ae467f9f8d481a26df51c"
    )


@pytest.mark.parametrize("off", [-301, 301])
@pytest.mark.parametrize("unit", [1, 1000])
def test_an_old_report_is_refused(off: int, unit: int) -> None:
    body = report("letter.mailed", "ltr_1")
    with pytest.raises(BadSignature, match="timestamp"):
        LOB.read(signed(body, off=off, unit=unit), body, now=NOW)
    assert LOB.read(signed(body, off=off // 2, unit=unit), body, now=NOW)


def test_a_forged_report_is_refused() -> None:
    body = report("letter.mailed", "ltr_1")
    good = signed(body)
    for headers in (
        {}, {**good, "Lob-Signature": ""}, {**good, "Lob-Signature": "é"},
        {**good, "Lob-Signature": good["Lob-Signature"][:-1]},
        {**good, "Lob-Signature-Timestamp": "1e9"}, {**good, "Lob-Signature-Timestamp": "٣" * 10},
        signed(body, secret="another"), signed(body + b" "),
    ):  # fmt: skip
        with pytest.raises(BadSignature):
            LOB.read(headers, body, now=NOW)
    with pytest.raises(BadSignature):
        Lob(api_key="k").read(good, body, now=NOW)  # no secret is set: nobody may tell us anything


@pytest.mark.parametrize(
    "told",
    ["[]", "7", "{", '{"id": "evt_1"}', '{"id": 7, "event_type": {"id": "letter.mailed"}, "body": {"id": "ltr_1"}}',
     '{"id": "evt_1", "event_type": {"id": "letter.mailed"}, "body": {"id": "ltr_1", "metadata": [1]}}',
     '{"id": "evt_1", "event_type": {"id": 7}, "body": {"id": "ltr_1"}}', "[" * 100_000],
)  # fmt: skip
def test_a_signed_report_that_is_none(told: Any) -> None:
    with pytest.raises(Malformed):
        LOB.read(signed(told.encode()), told.encode(), now=NOW)
