"""The notice of a renewal in each language: before the end, on trial, and after it."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.core import mail

from saleor_livesales import mails
from saleor_livesales.mails import texts

pytestmark = [pytest.mark.django_db]
FACTS = {
    "name": "Ada <b>Buyer</b>",
    "plan": "Gold",
    "order": "1042",
    "until": datetime.datetime(2027, 3, 12, 15, 0, tzinfo=datetime.UTC),
    "link": "https://shop.example.com/pay/1?a=1&b=2",
    "over": False,
    "trial": False,
}


def composed(language: str, **changes: Any) -> mail.EmailMultiAlternatives:
    backend = mail.get_connection("django.core.mail.backends.locmem.EmailBackend")
    return mails.compose(
        template="renewal", channel="default-channel", language=language, facts={**FACTS, **changes},
        to="ada@example.com", message_id="renewal-1", connection=backend,
    )  # fmt: skip


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_each_language_tells_which_notice_it_is(language: str) -> None:
    soon, over, trial = composed(language), composed(language, over=True), composed(language, trial=True)
    assert soon.subject != over.subject and "Gold" in soon.subject and "Gold" in over.subject
    bodies = {message.body for message in (soon, over, trial)}
    assert len(bodies) == 3
    for message in (soon, over, trial):
        [(html, _)] = message.alternatives
        assert "1042" in message.body and "2027" in message.body and FACTS["link"] in message.body
        assert "1042" in html and "2027" in html and "a=1&amp;b=2" in html and "&lt;b&gt;" in html
        assert "{" not in message.body and "{{" not in html
        assert f'lang="{language}"' in html and ('dir="rtl"' in html) == (language == "ar")


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_without_a_page_to_pay_on(language: str) -> None:
    message = composed(language, link="")
    assert "http" not in message.body and "href" not in str(message.alternatives[0][0])
    assert message.body != composed(language).body
