"""A member's code on its way by mail, through a real SMTP server, with workers that die at every step."""

from __future__ import annotations

import asyncio
import datetime
import email
import email.policy
import logging
import socket
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.core.mail import EmailMultiAlternatives
from django.db import connection

from saleor_livesales import conf, mails
from saleor_livesales.codes import actions as codes_room
from saleor_livesales.codes import redeem
from saleor_livesales.codes.alphabet import Secret
from saleor_livesales.codes.models import CodeDelivery
from saleor_livesales.ids import uuid7
from saleor_livesales.letters import actions as letters
from saleor_livesales.members import actions, codes, mail
from saleor_livesales.members.actors import By
from saleor_livesales.members.models import MemberCode
from tests.fakes import FakeShop

from .build import ADA, NOW, a_plan, days
from .test_codes import buy
from .test_orders import at_once

pytestmark = [pytest.mark.django_db(transaction=True)]
PAGE = "https://shop.example.com/members"


class Server:
    """Keeps what it is sent; refuses while ``broken``; is ``silent`` before it takes a mail, or hangs up after it."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], EmailMessage]] = []
        self.broken = False
        self.silent = 0.0  # seconds
        self.hangs_up = False

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.broken:
            return "451 Try again later"
        await asyncio.sleep(self.silent)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.mails.append((envelope.rcpt_tos, message))
        if self.hangs_up:
            server.transport.abort()
        return "250 Kept"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    handler = Server()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    monkeypatch.setenv("LIVESALES_MAIL_URL", f"smtp://127.0.0.1:{port}")
    monkeypatch.setenv("LIVESALES_MAIL_FROM", "Live sales <live@shop.example.com>")
    conf.load.cache_clear()
    yield handler
    controller.stop()
    monkeypatch.undo()
    conf.load.cache_clear()


@pytest.fixture
def row(shop: FakeShop, server: Server) -> MemberCode:
    a_plan(sign_in_url=PAGE)
    buy(shop)
    codes.issue_due(now=NOW)
    return MemberCode.objects.get()


def text(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def code_in(message: EmailMessage) -> str:
    [line] = [line.strip() for line in text(message).splitlines() if line.startswith("    ")]
    return line


def test_it_is_mailed_once_and_erased_here(server: Server, row: MemberCode, redis: Any) -> None:
    assert mail.mail_due(now=NOW) == 1
    assert mail.mail_due(now=NOW + days(9)) == 0
    [(to, message)] = server.mails
    assert to == ["ada@example.com"]
    assert message["Message-ID"] == f"<code-{row.pk}@shop.example.com>"
    code = code_in(message)
    assert f"{PAGE}#live={code}" in text(message) and "Hello Ada Buyer," in text(message)
    assert "It holds until 2027-02-28 15:00 UTC." in text(message)
    row.refresh_from_db()
    assert (row.mail_state, row.sent_at, row.due_at, row.attempts, row.error) == ("sent", NOW, None, 1, "")
    assert not CodeDelivery.objects.exists()
    opened = redeem.redeem(code=Secret(code.replace("-", "")), visitor_id=uuid7(), network="", now=NOW)
    assert opened.pass_.opens_id == str(row.membership_id)


def test_a_server_that_refuses_is_tried_again_with_the_same_mail(server: Server, row: MemberCode) -> None:
    server.broken = True
    now = NOW
    for attempt in range(1, 4):
        assert mail.mail_due(now=now) == 0
        row.refresh_from_db()
        assert (row.attempts, row.mail_state, row.error) == (attempt, "queued", "SMTPDataError")
        now = row.due_at
    server.broken = False
    assert mail.mail_due(now=now) == 1
    assert server.mails[0][1]["Message-ID"] == f"<code-{row.pk}@shop.example.com>"


@pytest.mark.parametrize("what", ["silent", "hangs_up"])
def test_a_server_that_does_not_answer_gets_the_same_mail_again_and_never_another(
    server: Server, row: MemberCode, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr(mails, "TIMEOUT", 0.5)
    setattr(server, what, 2.0 if what == "silent" else True)
    assert mail.mail_due(now=NOW) == 0
    row.refresh_from_db()
    assert (row.mail_state, row.attempts) == ("queued", 1)
    setattr(server, what, 0.0 if what == "silent" else False)
    assert mail.mail_due(now=NOW + datetime.timedelta(hours=1)) == 1
    kept = [message for _, message in server.mails]
    assert len({message["Message-ID"] for message in kept}) == len({text(message) for message in kept}) == 1
    assert 1 <= len(kept) <= 2


def test_it_is_given_up_after_two_days_and_can_be_asked_for_again(server: Server, row: MemberCode) -> None:
    server.broken = True
    now = NOW
    while row.due_at is not None:
        mail.mail_due(now=now)
        row.refresh_from_db()
        now = row.due_at or now
    assert (row.mail_state, row.attempts) == ("failed", mail.ATTEMPTS)
    assert days(1) < now - NOW < days(4)
    server.broken = False
    actions.replace_code(membership_id=row.membership_id, by=By(kind="member", user_id=ADA), now=now)
    assert mail.mail_due(now=now) == 1


STEPS = ["customers", "readable", "compose", "send", "delivered", "save"]


@pytest.mark.parametrize("step", STEPS)
def test_a_worker_that_dies_leaves_one_more_same_mail_at_worst_and_never_none(
    shop: FakeShop, server: Server, row: MemberCode, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: Any, **__: Any) -> None:
        raise Killed

    def send_and_die(message: Any, **given: Any) -> None:
        real_send(message, **given)
        raise Killed

    real_send = EmailMultiAlternatives.send
    where: dict[str, tuple[Any, str, Any]] = {
        "customers": (shop, "customers", die),
        "readable": (codes_room, "readable", die),
        "compose": (mails, "compose", die),
        "send": (EmailMultiAlternatives, "send", send_and_die),
        "delivered": (codes_room, "delivered", die),
        "save": (MemberCode, "save", die),
    }
    with monkeypatch.context() as patched:
        patched.setattr(*where[step])
        with pytest.raises(Killed):
            mail.mail_due(now=NOW)
    assert connection.in_atomic_block is False
    mail.mail_due(now=NOW)
    sent = [message for _, message in server.mails]
    assert len(sent) == (2 if step in ("send", "delivered", "save") else 1)
    assert len({message["Message-ID"] for message in sent}) == len({code_in(message) for message in sent}) == 1
    row.refresh_from_db()
    assert row.mail_state == "sent" and not CodeDelivery.objects.exists()


def test_doubled_workers_mail_once(server: Server, row: MemberCode) -> None:
    sent: list[int] = []
    at_once(4, lambda _: sent.append(mail.mail_due(now=NOW)))
    assert sum(sent) == 1 == len(server.mails)


@pytest.mark.parametrize("way", ["replaced", "by post", "ended"])
def test_what_happens_to_a_code_while_it_is_mailed_waits_for_the_mail(
    server: Server, row: MemberCode, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    sending, go = threading.Event(), threading.Event()
    real_send = EmailMultiAlternatives.send

    def send_slowly(message: Any, **given: Any) -> None:
        sending.set()
        go.wait(10)
        real_send(message, **given)

    staff = By(kind="staff", user_id="VXNlcjo5")

    def act(index: int) -> None:
        if index == 0:
            assert mail.mail_due(now=NOW) == 1
            return
        sending.wait(10)
        threading.Timer(1, go.set).start()  # when the other waits for the row
        if way == "replaced":
            actions.replace_code(membership_id=row.membership_id, by=staff, now=NOW)
        elif way == "by post":
            letters.create(membership_id=row.membership_id, by=staff, now=NOW)
        else:
            actions.revoke(membership_id=row.membership_id, reason="x", by=staff, now=NOW)

    with monkeypatch.context() as patched:
        patched.setattr(EmailMultiAlternatives, "send", send_slowly)
        at_once(2, act)
    assert len(server.mails) == 1
    row.refresh_from_db()
    assert (row.mail_state, row.ended_at, row.code.state) == ("sent", NOW, "revoked")
    assert not CodeDelivery.objects.filter(code=row.code_id).exists()
    fresh = MemberCode.objects.exclude(pk=row.pk).values_list("mail_state", flat=True)
    assert list(fresh) == {"replaced": ["queued"], "by post": ["post"], "ended": []}[way]
    assert CodeDelivery.objects.count() == len(fresh)


def test_an_account_without_an_address_is_told_to_the_owner(shop: FakeShop, server: Server, row: MemberCode) -> None:
    shop.add_customer(ADA, name="Ada Buyer", email="")
    assert mail.mail_due(now=NOW) == 0
    row.refresh_from_db()
    assert (row.mail_state, row.error, row.due_at) == ("failed", "no_address", None)
    assert CodeDelivery.objects.exists()  # to be sent in another way


def test_what_ended_is_never_mailed(server: Server, row: MemberCode) -> None:
    actions.revoke(membership_id=row.membership_id, reason="x", by=By(kind="staff", user_id="VXNlcjo5"), now=NOW)
    assert mail.mail_due(now=NOW + days(1)) == 0 and server.mails == []


def test_no_log_and_no_table_but_the_mail_has_it(
    server: Server, row: MemberCode, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = codes_room.readable(code_ids=[row.code_id])[row.code_id].reveal()
    statements: list[str] = []

    def note(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        statements.append(f"{sql} {params}")
        return execute(sql, params, many, context)

    def broken(**given: Any) -> None:
        raise RuntimeError(str(given["facts"]))  # as a template of the store's might

    with caplog.at_level(logging.DEBUG), connection.execute_wrapper(note):
        with monkeypatch.context() as patched:
            patched.setattr(mails, "compose", broken)
            assert mail.mail_due(now=NOW) == 0
        row.refresh_from_db()
        assert row.error == "RuntimeError"
        assert mail.mail_due(now=row.due_at) == 1
    assert code_in(server.mails[0][1]).replace("-", "") == secret
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, '') FROM saleor_livesales_membercode t")
        kept = str(cursor.fetchone())
    logged = [record.getMessage() for record in caplog.records if record.name != "mail.log"]  # that is the server's
    assert len(statements) > 5 and any("could not be mailed" in line for line in logged)
    for told in (*logged, *statements, kept):
        assert secret not in told.replace("-", "")
