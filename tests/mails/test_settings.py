"""What the owner sets for a channel's mails: from whom, and what they say; refused where no customer could use it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail

from saleor_livesales import mails
from saleor_livesales import shop as interface
from saleor_livesales.errors import Invalid, NotFound
from saleor_livesales.mails import actions, texts
from saleor_livesales.mails.models import MailTemplate
from tests.fakes import FakeShop

pytestmark = [pytest.mark.django_db]
NOW = datetime.datetime(2027, 1, 1, tzinfo=datetime.UTC)
CHANNEL = "default-channel"
PARTS = {"subject": "Come in, {{ name }}", "text": "Your code: {{ code }}", "html": "<p>{{ name }}: {{ code }}</p>"}
FACTS = {"name": "Ada & Co", "plan": "Gold", "code": "0123-4567-89T", "until": NOW, "link": ""}


@pytest.fixture(autouse=True)
def shop() -> Iterator[FakeShop]:
    before = interface._shop
    fake = FakeShop()
    interface.install(fake)
    yield fake
    interface._shop = before


def composed(language: str = "en", channel: str = CHANNEL) -> mail.EmailMultiAlternatives:
    return mails.compose(
        template="member_code", channel=channel, language=language, facts=FACTS, to="ada@example.com",
        message_id="code-1", connection=mail.get_connection("django.core.mail.backends.locmem.EmailBackend"),
    )  # fmt: skip


def write(language: str = "en", channel: str = CHANNEL, **parts: str) -> texts.Text:
    return actions.write(
        channel=channel, template="member_code", language=language, parts={**PARTS, **parts},
        actor_user_id="VXNlcjox", now=NOW,
    )  # fmt: skip


def update(**changes: Any) -> Any:
    return actions.update(channel=CHANNEL, changes=changes, actor_user_id="VXNlcjox", now=NOW)


def test_a_channels_sender_answers_and_unsubscribing() -> None:
    update(sender="Ada's shop <live@shop.example>", reply_to="help@shop.example")
    update(unsubscribe="mailto:stop@shop.example?subject=stop")
    message = composed().message()
    assert message["From"] == "Ada's shop <live@shop.example>"
    assert message["Reply-To"] == "help@shop.example"
    assert message["Message-ID"] == "<code-1@shop.example>"
    assert message["List-Unsubscribe"] == "<mailto:stop@shop.example?subject=stop>"
    other = composed(channel="channel-pln").message()
    assert other["From"] == "live-sales@localhost" and not other["Reply-To"] and not other["List-Unsubscribe"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sender": "nobody"}, "sender"),
        ({"sender": "a@shop.example, b@shop.example"}, "sender"),
        ({"sender": "x\r\nBcc: all@shop.example <a@shop.example>"}, "sender"),
        ({"sender": "N" * 250 + " <a@shop.example>"}, "sender"),
        ({"reply_to": "a@"}, "replyTo"),
        ({"unsubscribe": "http://shop.example/stop"}, "unsubscribe"),
        ({"unsubscribe": "javascript:alert(1)"}, "unsubscribe"),
        ({"unsubscribe": "https://shop.example/>,<https://evil.example"}, "unsubscribe"),
        ({"unsubscribe": "mailto:"}, "unsubscribe"),
    ],
)
def test_what_is_no_address_is_refused(changes: dict[str, str], field: str) -> None:
    update(sender="a@shop.example")
    with pytest.raises(Invalid) as refused:
        update(**changes)
    assert refused.value.field == field
    assert actions.settings_of(CHANNEL).sender == "a@shop.example"


def test_a_channel_that_the_shop_does_not_have() -> None:
    for call in (lambda: actions.settings_of("nowhere"), lambda: write(channel="nowhere")):
        with pytest.raises(NotFound):
            call()


def test_the_stores_own_words_go_first_in_their_channel_and_language() -> None:
    assert write().own is not None
    message = composed()
    assert (message.subject, message.body) == ("Come in, Ada & Co", "Your code: 0123-4567-89T")
    assert message.alternatives[0][0] == "<p>Ada &amp; Co: 0123-4567-89T</p>"
    assert composed("pt").subject == "Come in, Ada & Co"  # of no language that we have
    assert composed("de").subject == "Ihr Anmeldecode für Gold"
    assert composed(channel="channel-pln").subject == "Your sign-in code for Gold"
    write(subject="Again")
    assert MailTemplate.objects.count() == 1 and composed().subject == "Again"
    assert actions.reset(channel=CHANNEL, template="member_code", language="en").own is None
    assert composed().subject == "Your sign-in code for Gold"


@pytest.mark.parametrize("name", texts.FACTS)
@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_what_is_there_can_be_saved_as_it_is(name: str, language: str) -> None:
    """Who begins with our words and changes one must not be told that the rest is wrong."""
    standing = texts.standing(template=name, channel=CHANNEL, language=language)
    parts = {"subject": standing.subject, "text": standing.text, "html": standing.html}
    facts: dict[str, Any] = {
        **FACTS,
        "order": "1",
        "over": True,
        "trial": False,
        "card": "",
        "refused": False,
        "again": False,
    }
    known = {key: facts[key] for key in texts.FACTS[name]}
    before = texts.rendered(template=name, channel=CHANNEL, language=language, facts=known)
    actions.write(channel=CHANNEL, template=name, language=language, parts=parts, actor_user_id=None, now=NOW)
    after = texts.rendered(template=name, channel=CHANNEL, language=language, facts=known)
    assert {kind: text.strip() for kind, text in after.items()} == {k: text.strip() for k, text in before.items()}


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"text": "no code here"}, "text"),
        ({"html": "<p>{{ name }}</p>"}, "html"),
        ({"subject": "{{ code }}"}, "subject"),
        ({"subject": " "}, "subject"),
        ({"text": "{% if code %}{{ code }}"}, "text"),
        ({"text": "{{ code }}{{ secret }}"}, "text"),
        ({"text": "{{ code.__class__ }}"}, "text"),
        ({"text": "{{ code }}{% include 'member_code/en.txt' %}"}, "text"),
        ({"text": "{{ code }}{% for c in code %}{{ c }}{% endfor %}"}, "text"),
        ({"text": "{% autoescape off %}{{ code }}{% endautoescape %}"}, "text"),
        ({"html": "{{ code }}{{ name|safe }}"}, "html"),
        ({"text": "{{ code|ljust:999999999 }}"}, "text"),
        ({"text": "{{ code|default:name }}"}, "text"),
        ({"text": "{% if code.x %}{{ code }}{% endif %}"}, "text"),
        ({"text": "{{ code }}" + "x" * 20_001}, "text"),
    ],
)
def test_what_no_mail_may_be_is_refused(parts: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        write(**parts)
    assert refused.value.field == field
    assert not MailTemplate.objects.exists()


def test_a_preview_has_invented_facts_and_saves_nothing() -> None:
    update(sender="Shop <live@shop.example>")
    shown = actions.preview(channel=CHANNEL, template="member_code", language="en", parts=PARTS, now=NOW)
    assert shown.sender == "Shop <live@shop.example>"
    assert (shown.subject, shown.text) == ("Come in, Ada Lovelace", "Your code: XXXX-XXXX-XXX")
    assert not MailTemplate.objects.exists()


def test_all_of_a_channel_in_one_query(django_assert_num_queries: Any) -> None:
    write("de")
    with django_assert_num_queries(1):
        found = texts.all_standing(channel=CHANNEL)
    assert len(found) == 2 * len(texts.LANGUAGES)
    assert [(text.template, text.language) for text in found if text.own] == [("member_code", "de")]
