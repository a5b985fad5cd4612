"""Lob over HTTP: every request as its OpenAPI has it, and every way in which an answer may fail to come."""

from __future__ import annotations

import dataclasses
import datetime
import logging
import time
from typing import Any

import pytest

from saleor_livesales.carriers import (
    Address,
    CarrierError,
    Deliverability,
    Denied,
    Letter,
    RateLimited,
    Refused,
    Unreachable,
    http,
)
from saleor_livesales.carriers.lob import Lob
from tests.published import contract

from . import spec
from .server import KEY, objections, operation
from .server import Lob as Server
from .server import Request as Asked

PDF = b"%PDF-1.7 sign-in code PINE-LAKE-42"
SHOP = Address(
    company="Example Books", line1="210 King St", line2="# 6100", city="San Francisco", area="CA", postal_code="94107",
    country="US",
)  # fmt: skip
ADA = Address(
    name="Ada Lovelace", line1="5 Secret Lane", city="Springfield", area="IL", postal_code="62704-1234", country="US"
)
ZOE = Address(name="Zoë Ångström", line1="Geheimweg 5", city="Köln", postal_code="50667", country="DE")
LETTER = Letter(reference="0199-letter", idempotency_key="0199-letter/1", to=ADA, sender=SHOP, pdf=PDF)


@pytest.fixture
def lob(server: Server) -> Lob:
    return Lob(api_key=KEY, url=server.url, timeout=(0.5, 0.5))


def test_the_spec_is_the_published_one() -> None:
    text = contract("lob-openapi-1.22.0.yml")
    import yaml

    whole = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    assert spec.FILE.read_text(encoding="utf-8") == spec.written(spec.reduced(whole))


def test_the_server_objects_to_what_lob_does_not_take() -> None:
    headers = {"content-type": "multipart/form-data"}
    empty = Asked("POST", "/letters", {}, headers, {})
    found = operation(empty)
    assert found is not None
    text = " ".join(objections(found, empty))
    assert [name for name in ("to", "from", "file", "color", "use_type") if f"'{name}' is a required" not in text] == []
    odd = Asked("POST", "/letters", {"colour": "1"}, headers, {"colour": "true"})
    assert {"unknown query parameter colour", "unknown field colour"} <= set(objections(found, odd))


def test_a_letter_is_sent(lob: Lob, server: Server) -> None:
    posted = lob.send(LETTER)
    assert posted.provider_id == "ltr_0000000000000000" and posted.expected_on == datetime.date(2017, 9, 12)
    (asked,) = server.requests
    assert asked.files == {"file": PDF}
    assert asked.headers["idempotency-key"] == "0199-letter/1"
    assert asked.body == {
        "description": "Letter 0199-letter", "file": "letter.pdf", "color": "false", "double_sided": "false",
        "address_placement": "top_first_page", "mail_type": "usps_first_class", "use_type": "operational",
        "metadata": {"livesales": "0199-letter"},
        "to": {
            "name": "Ada Lovelace", "address_line1": "5 Secret Lane", "address_city": "Springfield",
            "address_state": "IL", "address_zip": "62704-1234", "address_country": "US",
        },
        "from": {
            "company": "Example Books", "address_line1": "210 King St", "address_line2": "# 6100",
            "address_city": "San Francisco", "address_state": "CA", "address_zip": "94107", "address_country": "US",
        },
    }  # fmt: skip


def test_a_letter_abroad_and_one_to_a_territory(lob: Lob, server: Server) -> None:
    lob.send(dataclasses.replace(LETTER, to=ZOE, color=True, idempotency_key="a"))
    island = dataclasses.replace(ADA, country="PR", area="", postal_code="00926")
    lob.send(dataclasses.replace(LETTER, to=island, idempotency_key="b"))
    abroad, territory = (asked.body["to"] for asked in server.requests)
    assert (abroad["name"], abroad["address_country"], abroad["address_zip"]) == ("Zoë Ångström", "DE", "50667")
    assert (territory["address_country"], territory["address_state"]) == ("US", "PR")


def test_asked_twice_it_is_one_letter(lob: Lob, server: Server) -> None:
    assert lob.send(LETTER) == lob.send(LETTER)
    assert len(server.letters) == 1 and len(server.requests) == 2
    lob.send(dataclasses.replace(LETTER, idempotency_key="0199-letter/2"))
    assert len(server.letters) == 2


@pytest.mark.parametrize("fault", ["silent after", "cut after", "502 after"])
def test_the_answer_is_lost_and_asked_for_again(lob: Lob, server: Server, fault: str) -> None:
    server.faults = [fault]
    with pytest.raises(Unreachable):
        lob.send(LETTER)
    assert lob.send(LETTER).provider_id == "ltr_0000000000000000"
    assert len(server.letters) == 1


def test_an_answer_that_comes_twice_is_the_first(lob: Lob, server: Server) -> None:
    server.faults = ["twice"]
    assert [lob.send(LETTER).provider_id, lob.send(LETTER).provider_id] == ["ltr_0000000000000000"] * 2


def test_a_letter_is_found_when_lob_has_forgotten_the_key(lob: Lob, server: Server) -> None:
    assert lob.find("0199-letter") is None
    sent = lob.send(LETTER)
    server.forget_keys()
    assert lob.find("0199-letter") == sent
    assert lob.find("another") is None


FAULTS: list[tuple[str, type[CarrierError], str]] = [
    ("silent before", Unreachable, "timeout"),
    ("cut before", Unreachable, "connection"),
    ("redirect", Unreachable, "status_302"),
    ("html", Unreachable, "answer"),
    ("large", Unreachable, "answer_too_large"),
    ("500 internal_server_error", Unreachable, "internal_server_error"),
    ("503 service_unavailable", Unreachable, "service_unavailable"),
    ("409 conflict", Unreachable, "conflict"),
    ("422 conflict", Unreachable, "conflict"),
    ("422 failed_deliverability_strictness", Refused, "failed_deliverability_strictness"),
    ("413 file_size_exceeds_limit", Refused, "file_size_exceeds_limit"),
    ("401 invalid_api_key", Denied, "invalid_api_key"),
    ("403 billing_address_required", Denied, "billing_address_required"),
    ("429", RateLimited, "rate_limited"),
]


@pytest.mark.parametrize(("fault", "kind", "reason"), FAULTS)
def test_a_server_that_fails(
    lob: Lob, server: Server, caplog: pytest.LogCaptureFixture, fault: str, kind: type[CarrierError], reason: str
) -> None:
    caplog.set_level(logging.DEBUG)
    server.faults = [fault]
    with pytest.raises(CarrierError) as told:
        lob.send(LETTER)
    assert (type(told.value), told.value.reason, server.letters) == (kind, reason, {})
    shown = caplog.text + str(told.value) + repr(told.value) + repr(LETTER) + repr(lob)
    assert [secret for secret in (KEY, "Secret Lane", "Lovelace", "PINE-LAKE") if secret in shown] == []
    assert told.value.__cause__ is None and told.value.__suppress_context__ == (told.value.__context__ is not None)


def test_a_limit_tells_when_to_come_again(lob: Lob, server: Server) -> None:
    server.faults = ["429"]
    with pytest.raises(RateLimited) as told:
        lob.find("x")
    assert 4 <= told.value.retry_after <= 7


def test_nobody_listens() -> None:
    lob = Lob(api_key=KEY, url="http://127.0.0.1:9", timeout=(0.5, 0.5))
    with pytest.raises(Unreachable, match="connection"):
        lob.send(LETTER)


def test_a_server_that_drips_is_left(server: Server) -> None:
    server.faults = ["drip"]
    began = time.monotonic()
    with pytest.raises(Unreachable, match="timeout"):
        http.call("GET", f"{server.url}/letters", key=KEY, timeout=(0.5, 0.5), deadline=0.3)
    assert time.monotonic() - began < 1


REFUSED: list[tuple[Address, Address, str]] = [
    (dataclasses.replace(ADA, name="x" * 41), SHOP, "address_length_exceeds_limit"),
    (dataclasses.replace(ADA, line1="x" * 65), SHOP, "address_length_exceeds_limit"),
    (dataclasses.replace(ADA, name=""), SHOP, "no_name"),
    (dataclasses.replace(ADA, postal_code="ABC"), SHOP, "postal_code"),
    (dataclasses.replace(ADA, area="Illinois"), SHOP, "state"),
    (dataclasses.replace(ZOE, postal_code=""), SHOP, "incomplete_address"),
    (ADA, ZOE, "foreign_return_address"),
]


@pytest.mark.parametrize(("to", "sender", "reason"), REFUSED)
def test_what_lob_can_not_print_is_not_sent(
    lob: Lob, server: Server, to: Address, sender: Address, reason: str
) -> None:
    with pytest.raises(Refused) as told:
        lob.send(dataclasses.replace(LETTER, to=to, sender=sender))
    assert (told.value.reason, server.requests) == (reason, [])


def test_an_own_envelope_allows_a_sender_abroad(server: Server) -> None:
    lob = Lob(api_key=KEY, url=server.url, custom_envelope="env_a1b2c3")
    lob.send(dataclasses.replace(LETTER, sender=ZOE))
    assert server.requests[0].body["custom_envelope"] == "env_a1b2c3"


def test_a_letter_is_taken_back(lob: Lob, server: Server) -> None:
    posted = lob.send(LETTER)
    assert lob.cancel(posted.provider_id) and server.letters == {}
    assert not lob.cancel(posted.provider_id)
    server.faults = ["422 not_deletable"]
    assert not lob.cancel(posted.provider_id)


WORDS = {
    "deliverable": Deliverability.DELIVERABLE,
    "deliverable_unnecessary_unit": Deliverability.DELIVERABLE,
    "deliverable_missing_unit": Deliverability.DOUBTFUL,
    "undeliverable": Deliverability.UNDELIVERABLE,
    "no_match": Deliverability.UNDELIVERABLE,
    "": Deliverability.UNCHECKED,  # of a test key
}


@pytest.mark.parametrize(("word", "result"), WORDS.items())
def test_an_address_is_checked(lob: Lob, server: Server, word: str, result: Deliverability) -> None:
    server.deliverability = word
    for address, path in ((ADA, "/us_verifications"), (ZOE, "/intl_verifications")):
        found = lob.check_address(address)
        assert (found.result, found.reason, len(server.asked(path))) == (result, word, 1)
    assert server.asked("/us_verifications")[0].body == {
        "primary_line": "5 Secret Lane", "city": "Springfield", "state": "IL", "zip_code": "62704-1234"
    }  # fmt: skip
    assert server.asked("/intl_verifications")[0].body == {
        "primary_line": "Geheimweg 5", "city": "Köln", "postal_code": "50667", "country": "DE"
    }  # fmt: skip


def test_an_account_without_checks(lob: Lob, server: Server) -> None:
    server.faults = ["403 feature_limit_reached", "403 unauthorized"]
    assert lob.check_address(ADA).result == Deliverability.UNCHECKED
    with pytest.raises(Denied):
        lob.check_address(ADA)
    assert lob.check_address(dataclasses.replace(ZOE, country="PS")).result == Deliverability.UNCHECKED
    assert len(server.requests) == 0


OPTIONS: list[tuple[dict[str, Any], str]] = [
    ({}, "api_key is needed"),
    ({"api_key": "k", "secret": "s"}, "no option 'secret'"),
    ({"api_key": 7}, "are texts"),
    ({"api_key": "k", "webhook_secret": ["a", "b", "c"]}, "at most two"),
    ({"api_key": "k", "url": "http://api.lob.com/v1"}, "https"),
]


@pytest.mark.parametrize(("options", "sentence"), OPTIONS)
def test_wrong_options_are_told(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Lob.of(options)


def test_options() -> None:
    lob = Lob.of({"api_key": "k", "webhook_secret": "s"})
    assert (lob.url, lob.webhook_secrets, lob.custom_envelope) == ("https://api.lob.com/v1", ("s",), "")
    assert Lob.of({"api_key": "k", "webhook_secret": ["s", "t"]}).webhook_secrets == ("s", "t")
