"""Mail providers by their APIs, and what they tell: let in by their secrets alone, kept once."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import RequestFactory

from saleor_livesales import conf, mails
from saleor_livesales.mails import webhooks
from saleor_livesales.mails.models import MailEvent

from .provider import Provider, postmark, request, serving

pytestmark = [pytest.mark.django_db]
NOW = datetime.datetime(2027, 1, 1, 12, tzinfo=datetime.UTC)
FACTS = {"name": "Ada", "plan": "Gold", "code": "0123-4567-89T", "until": NOW, "link": "https://shop.example/#live=X"}


@pytest.fixture
def setting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    def change(**values: Any) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"LIVESALES_{name.upper()}", value if isinstance(value, str) else json.dumps(value))
        conf.load.cache_clear()

    change(mail_webhooks={"postmark": {"webhook_secret": "us:hunter2"}})
    yield change
    monkeypatch.undo()
    conf.load.cache_clear()


@pytest.fixture
def provider() -> Iterator[Provider]:
    with serving() as running:
        yield running


def send(message_id: str = "code-1") -> Any:
    mail = mails.compose(
        template="member_code", channel="default-channel", language="en", facts=FACTS, to="ada@example.com",
        message_id=message_id, connection=mails.connect(),
    )  # fmt: skip
    mail.send(fail_silently=False)
    return mail


def test_a_mail_by_postmark(setting: Callable[..., None], provider: Provider) -> None:
    setting(
        mail_backend="anymail.backends.postmark.EmailBackend",
        mail_options={"server_token": "t", "api_url": provider.url},
    )
    mail = send()
    [(path, headers, body)] = provider.requests
    assert (path, headers["X-Postmark-Server-Token"]) == ("/email", "t")
    assert body["Metadata"] == {"livesales": "code-1"}
    assert (body["TrackOpens"], body["TrackLinks"]) == (False, "None")
    assert "0123-4567-89T" in body["TextBody"] and "0123-4567-89T" in body["HtmlBody"]
    assert mails.provider_id(mail) != ""
    setting(mail_opens="1")
    send()
    assert provider.requests[1][2]["TrackOpens"] is True


@pytest.mark.parametrize(
    ("name", "options"), [("brevo", {"api_key": "k"}), ("resend", {"api_key": "k"})]
)  # the two that know a key for the same mail
def test_the_same_mail_again_is_one_for_the_provider(
    setting: Callable[..., None], provider: Provider, name: str, options: dict[str, str]
) -> None:
    url = provider.url + ("v3/" if name == "brevo" else "")
    setting(mail_backend=f"anymail.backends.{name}.EmailBackend", mail_options={**options, "api_url": url})
    first, second = mails.provider_id(send()), mails.provider_id(send())
    other = mails.provider_id(send("code-2"))
    assert first == second != other and first
    assert len(provider.requests) == 3 and len(provider.by_key) == 2


def test_resend_as_a_mail_server_has_its_header(setting: Callable[..., None]) -> None:
    setting(mail_url="smtps://resend:key@smtp.resend.com:465")
    assert set(mails.idempotency("code-1")) == {"Resend-Idempotency-Key"}
    assert mails.idempotency("code-1") == mails.idempotency("code-1") != mails.idempotency("code-2")
    setting(mail_url="smtp://mail.example.com")
    assert mails.idempotency("code-1") == {}


def tell(body: Any, *, name: str = "postmark", secret: str | None = "us:hunter2") -> int:
    return webhooks.respond(name, request(body, secret=secret), now=NOW).status_code


def test_what_a_provider_tells_is_kept_once(setting: Callable[..., None]) -> None:
    for _ in range(3):
        assert tell(postmark("Delivery", mail="code-1")) == 200
    [event] = MailEvent.objects.all()
    assert (event.mail, event.kind, event.hard, event.done_at) == ("code-1", "delivered", False, None)
    assert event.provider_id == "883953f4-6105-42a2-a16a-77a8eac79483"
    assert event.at == NOW and event.received_at == NOW
    assert "ada" not in str(vars(event))


@pytest.mark.parametrize(
    ("report", "kind", "hard"),
    [
        (postmark("Bounce"), "bounced", True),
        (postmark("Bounce", Type="VirusNotification"), "bounced", False),
        (postmark("Bounce", Type="BadEmailAddress"), "bounced", True),
        (postmark("SpamComplaint"), "complained", True),
        (postmark("Open"), "delivered", False),
    ],
)
def test_what_they_mean(setting: Callable[..., None], report: dict[str, Any], kind: str, hard: bool) -> None:
    assert tell(report) == 200
    event = MailEvent.objects.get()
    assert (event.kind, event.hard) == (kind, hard)


def test_opened_only_where_the_store_says_so(setting: Callable[..., None]) -> None:
    setting(mail_opens="1")
    assert tell(postmark("Open")) == 200
    assert MailEvent.objects.get().kind == "opened"


@pytest.mark.parametrize("report", [postmark("Bounce", Type="Transient"), {"RecordType": "Click"}, {"x": 1}])
def test_what_means_nothing_to_us(setting: Callable[..., None], report: dict[str, Any]) -> None:
    assert tell(report) in (200, 400)
    assert not MailEvent.objects.filter(kind="bounced").exists()


@pytest.mark.parametrize("secret", [None, "", "us:wrong", "hunter2", "us:hunter2x"])
def test_nobody_else_is_heard(setting: Callable[..., None], secret: str | None) -> None:
    assert tell(postmark("Bounce", mail="code-1"), secret=secret) == 400
    assert not MailEvent.objects.exists()


@pytest.mark.parametrize("name", webhooks.VIEWS)
def test_without_a_secret_no_provider_gets_in(setting: Callable[..., None], name: str) -> None:
    """Not set up; set up without what it takes; and set up, but told without the secret."""
    for options in ({}, {name: {}}, {name: {"webhook_secret": ""}}, {name: {"webhook_secret": "us:hunter2"}}):
        setting(mail_webhooks=options)
        assert tell([postmark("Bounce", mail="code-1")], name=name, secret=None) in (400, 401, 404)
    assert not MailEvent.objects.exists()


def test_a_signature_is_checked(setting: Callable[..., None]) -> None:
    """Mailgun's: an HMAC over timestamp and token with the signing key of the account."""
    setting(mail_webhooks={"mailgun": {"webhook_signing_key": "key"}})

    def body(key: str) -> dict[str, Any]:
        stamp, token = "1798804800", "a8ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3de0"
        signed = hmac.new(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
        return {
            "signature": {"timestamp": stamp, "token": token, "signature": signed},
            "event-data": {
                "event": "failed", "severity": "permanent", "reason": "bounce", "timestamp": 1798804800.1,
                "id": "G9Bn5sl1TC6nu79C8C0bwg", "recipient": "ada@example.com", "delivery-status": {"code": 550},
                "user-variables": {"livesales": "code-1"}, "message": {"headers": {"message-id": "1@mailgun"}},
            },
        }  # fmt: skip

    assert tell(body("other"), name="mailgun", secret=None) == 400
    assert tell(body("key"), name="mailgun", secret=None) == 200
    event = MailEvent.objects.get()
    assert (event.mail, event.kind, event.hard) == ("code-1", "bounced", True)


def test_rubbish_and_too_much(setting: Callable[..., None], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        for content in (b" ", b"{", b"\xff\xfe", b"[1, 2]", b'"x"', b'{"RecordType": "Delivery", "DeliveredAt": 7}'):
            raw = RequestFactory().post("/", data=content, content_type="application/json")
            raw.META["HTTP_AUTHORIZATION"] = request({}).headers["Authorization"]
            assert webhooks.respond("postmark", raw, now=NOW).status_code == 400
        large = request({})
        large.META["CONTENT_LENGTH"] = "2000001"
        assert webhooks.respond("postmark", large, now=NOW).status_code == 413
        for length in ("", "²", "-1"):
            large.META["CONTENT_LENGTH"] = length
            assert webhooks.respond("postmark", large, now=NOW).status_code == 413
    assert tell({}, name="../postmark") == tell({}, name="sendmail") == 404
    assert "hunter2" not in caplog.text


@pytest.mark.parametrize("text", ["{", "[]", '"x"', "7"])
def test_settings_that_are_no_json_are_told_without_their_text(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("LIVESALES_MAIL_OPTIONS", text)
    conf.load.cache_clear()
    with pytest.raises(conf.Misconfigured) as told:
        conf.load()
    assert "LIVESALES_MAIL_OPTIONS must be a JSON object" in str(told.value)
    monkeypatch.undo()
    conf.load.cache_clear()
