"""From a plan bought in a checkout of Saleor to the code that its mail brought, entered by a visitor."""

import datetime
import email
import email.policy
import socket
import uuid

import pytest
from aiosmtpd.controller import Controller

from saleor_livesales.tokens import Signer

from .saleor import SIGNING_KEYS
from .test_members import buyer, plan, work  # noqa: F401

REDEEM = """mutation($ticket: String!, $code: LiveCode!) { liveSignInCodeRedeem(ticket: $ticket, code: $code) {
  opened { opens name } errors { code } } }"""


class Mailbox:
    def __init__(self):
        self.mails = []

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.mails.append((envelope.rcpt_tos, message))
        return "250 Kept"


@pytest.fixture
def mailbox():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    box.url = f"smtp://127.0.0.1:{port}"
    yield box
    controller.stop()


def run(host, web, mailbox):
    """The worker's tasks, with a real mail server."""
    code = """
from saleor_livesales.inbox.tasks import work_off
from saleor_livesales.members.tasks import members_codes, members_reconcile
work_off()
sent = members_codes()
members_reconcile()
answer(sent)
"""
    return host.run(code, env={**web.env, "LIVESALES_MAIL_URL": mailbox.url})


def enter(web, code):
    key, _, secret = SIGNING_KEYS.partition(":")
    signer = Signer({key: secret})
    ticket = signer.sign(kind="visitor-ticket", subject=uuid.uuid4(), now=datetime.datetime.now(datetime.UTC))
    return web.data(REDEEM, {"ticket": ticket, "code": code})["liveSignInCodeRedeem"]


def test_paid_mailed_entered_and_ended_with_the_refund(host, web, buyer, mailbox):  # noqa: F811
    _, transaction, total = buyer.buy()
    assert run(host, web, mailbox) == 1
    [(to, message)] = mailbox.mails
    assert to == [buyer.email]
    body = message.get_body(("plain",)).get_content()
    [code] = [line.strip() for line in body.splitlines() if line.startswith("    ")]
    assert enter(web, code) == {"opened": {"opens": "MEMBER", "name": "Circle"}, "errors": []}
    mine = web.data("{ liveMembership { delivery { state sentAt } } }", token=buyer.token)["liveMembership"]
    assert (mine["delivery"]["state"], bool(mine["delivery"]["sentAt"])) == ("SENT", True)
    assert run(host, web, mailbox) == 0
    buyer.refund(transaction, charged=0, refunded=total)
    assert work(host, web) == []
    assert enter(web, code) == {"opened": None, "errors": [{"code": "CODE_REFUSED"}]}
    assert len(mailbox.mails) == 1
