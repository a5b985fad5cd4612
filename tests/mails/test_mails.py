"""Templates of mails: every language whole, the store's own before ours, nothing of a customer taken for markup."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pytest
from django.core import mail
from django.template import TemplateSyntaxError

from saleor_livesales import conf, mails
from saleor_livesales.mails import texts

pytestmark = [pytest.mark.django_db]
LANGUAGES = ("ar", "de", "en", "es", "fr", "pl")  # as the widget's
FACTS = {
    "name": "Ada <b>Buyer</b>",
    "plan": "Silver & Gold",
    "code": "0123-4567-89T",
    "until": datetime.datetime(2027, 3, 12, 15, 0, tzinfo=datetime.UTC),
    "link": "https://shop.example.com/members#live=0123-4567-89T",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LIVESALES_MAIL_TEMPLATES", str(tmp_path))
    monkeypatch.setenv("LIVESALES_MAIL_FROM", "Live sales <live@shop.example.com>")
    conf.load.cache_clear()
    texts.engine.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    conf.load.cache_clear()
    texts.engine.cache_clear()


def composed(language: str = "en", **changes: object) -> mail.EmailMultiAlternatives:
    return mails.compose(
        template="member_code", channel="default-channel", language=language, facts={**FACTS, **changes},
        to="ada@example.com", message_id="code-1",
        connection=mail.get_connection("django.core.mail.backends.locmem.EmailBackend"),
    )  # fmt: skip


def html(message: mail.EmailMultiAlternatives) -> str:
    [(content, kind)] = message.alternatives
    assert kind == "text/html"
    return str(content)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_says_all_of_it(folder: Path, language: str) -> None:
    message = composed(language)
    assert "Silver & Gold" in message.subject and "\n" not in message.subject
    for text in (message.body, html(message)):
        assert text.count("0123-4567-89T") >= 2  # the code, and the link
        assert "2027" in text
        assert not re.search(r"[{}]", re.sub(r"style=\"[^\"]*\"", "", text))
    assert f'lang="{language}"' in html(message)
    assert ('dir="rtl"' in html(message)) == (language == "ar")
    others = {composed(other).subject for other in LANGUAGES if other != language}
    assert message.subject not in others


def test_every_template_is_there_in_every_language() -> None:
    for template in texts.OURS.iterdir():
        assert {path.name for path in template.iterdir()} == {
            f"{language}.{kind}" for language in LANGUAGES for kind in ("subject.txt", "txt", "html")
        }


@pytest.mark.parametrize(
    ("asked", "got"), [("de-at", "de"), ("PT-BR", "en"), ("zh-hans", "en"), ("", "en"), ("../x", "en")]
)
def test_a_language_that_is_not_there(folder: Path, asked: str, got: str) -> None:
    assert composed(asked).subject == composed(got).subject


def test_a_customer_is_no_markup(folder: Path) -> None:
    message = composed()
    assert "Hello Ada <b>Buyer</b>," in message.body
    assert "Hello Ada &lt;b&gt;Buyer&lt;/b&gt;," in html(message)
    assert "Silver & Gold" in message.body and "Silver &amp; Gold" in html(message)


def test_without_a_name_a_link_and_an_end(folder: Path) -> None:
    message = composed(name="", link="", until=None)
    assert message.body.startswith("Hello,\n")
    assert "http" not in message.body and "href" not in html(message) and "None" not in message.body


def test_the_stores_own_file_goes_first_and_the_others_stay(folder: Path) -> None:
    (folder / "member_code").mkdir()
    (folder / "member_code" / "en.subject.txt").write_text("Come in,\n  {{ name }}\n")
    (folder / "member_code" / "pt.txt").write_text("{{ code }}")
    message = composed()
    assert message.subject == "Come in, Ada <b>Buyer</b>"
    assert "this is your sign-in code" in message.body
    assert composed("pt").body == "0123-4567-89T"


def test_a_broken_template_of_the_store_is_told(folder: Path) -> None:
    (folder / "member_code").mkdir()
    (folder / "member_code" / "en.txt").write_text("{% if code %}")
    with pytest.raises(TemplateSyntaxError):
        composed()


def test_what_a_mail_server_sees(folder: Path) -> None:
    message = composed().message()
    assert message["From"] == "Live sales <live@shop.example.com>"
    assert message["To"] == "ada@example.com"
    assert message["Message-ID"] == "<code-1@shop.example.com>"
    assert message["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example.com", ("mail.example.com", 25, "", "", False, False)),
        ("smtp://me%40x:p%2Fw@mail:587?tls=1", ("mail", 587, "me@x", "p/w", True, False)),
        ("smtps://me:pw@mail", ("mail", 465, "me", "pw", False, True)),
    ],
)
def test_the_mail_servers_address(monkeypatch, url, expected):
    monkeypatch.setenv("LIVESALES_MAIL_URL", url)
    conf.load.cache_clear()
    try:
        backend = mails.connect()
    finally:
        monkeypatch.undo()
        conf.load.cache_clear()
    found = (backend.host, backend.port, backend.username, backend.password, backend.use_tls, backend.use_ssl)
    assert found == expected
