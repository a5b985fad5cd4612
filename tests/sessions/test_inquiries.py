"""Messages left when nobody is there, and their mail: through a real SMTP server."""

import email
import email.policy
import socket
import uuid

import pytest
from aiosmtpd.controller import Controller
from django.db import transaction

from saleor_livesales import conf
from saleor_livesales.channels.models import ChannelSettings
from saleor_livesales.errors import Invalid
from saleor_livesales.ids import uuid7
from saleor_livesales.sessions import actions, gates, inquiries, tasks
from saleor_livesales.sessions.models import Inquiry

from .build import CHANNEL, NOW, at_once, later

VISITOR = uuid7()
ADDRESS = "ada@example.com"


class Catcher:
    """Keeps what it is sent; refuses while ``broken``."""

    def __init__(self):
        self.mails = []
        self.broken = False

    async def handle_DATA(self, server, session, envelope):
        if self.broken:
            return "451 Try again later"
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.mails.append((envelope.rcpt_tos, message))
        return "250 Kept"


@pytest.fixture
def catcher(store, monkeypatch):
    ChannelSettings.objects.update(contact_email="sales@example.com")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    handler = Catcher()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    monkeypatch.setenv("LIVESALES_MAIL_URL", f"smtp://127.0.0.1:{port}")
    monkeypatch.setenv("LIVESALES_MAIL_FROM", "Live sales <live@shop.example.com>")
    conf.load.cache_clear()
    yield handler
    controller.stop()
    monkeypatch.undo()
    conf.load.cache_clear()


def leave(visitor_id=VISITOR, *, key=None, channel=CHANNEL, address=ADDRESS, text="Is it blue?", product=None, now=NOW):
    return inquiries.create(
        visitor_id=visitor_id,
        channel=channel,
        key=key or uuid.uuid4(),
        email=address,
        text=text,
        product_id=product,
        now=now,
    )


class TestCreate:
    def test_it_is_kept(self, store, shop):
        shop.add_item("lamp", "10")
        inquiry = leave(product="lamp", address=f"  {ADDRESS} ")
        assert (inquiry.email, inquiry.text, inquiry.product_id) == (ADDRESS, "Is it blue?", "lamp")
        assert (inquiry.created_at, inquiry.due_at, inquiry.mailed_at) == (NOW, NOW, None)

    def test_the_same_key_is_the_same_inquiry(self, store):
        key = uuid.uuid4()
        first, again = leave(key=key), leave(key=key, text="other")
        assert (first.pk, again.text) == (again.pk, "Is it blue?")
        assert leave(uuid7(), key=key).pk != first.pk
        assert Inquiry.objects.count() == 2

    def test_the_same_key_at_once(self, store):
        key = uuid.uuid4()
        results = at_once(*[lambda: leave(key=key)] * 8)
        assert len({inquiry.pk for inquiry in results}) == 1
        assert Inquiry.objects.count() == 1

    @pytest.mark.parametrize(
        "address",
        [
            "",
            "nobody",
            "a@b",
            "a@example.com\nBcc: victim@example.com",
            "a@example.com\r\nSubject: x",
            "a@example.com, b@example.com",
            '"a,b"@example.com',
            "Ada <ada@example.com>",
            "a" * 250 + "@example.com",
        ],
    )
    def test_a_wrong_address_is_refused(self, store, address):
        with pytest.raises(Invalid) as error:
            leave(address=address)
        assert error.value.field == "email"
        assert not Inquiry.objects.exists()

    def test_a_wrong_text_is_refused(self, store):
        leave(text="x" * 4000)
        for text, error in (("x" * 4001, actions.TooLong), (" ", Invalid), ("a\0", Invalid)):
            with pytest.raises(error) as raised:
                leave(text=text)
            assert raised.value.field == "text"
        assert Inquiry.objects.count() == 1

    def test_an_unknown_product_is_refused(self, store):
        with pytest.raises(Invalid) as error:
            leave(product="nothing")
        assert error.value.field == "productId"

    def test_where_live_sales_are_off_it_is_refused(self, store, shop):
        with pytest.raises(gates.ChannelInactive):
            leave(channel="channel-pln")
        shop.is_active = False
        with pytest.raises(gates.Inactive):
            leave()
        assert not Inquiry.objects.exists()

    def test_the_sixth_in_an_hour_is_refused(self, store):
        for second in range(5):
            leave(now=later(second))
        with pytest.raises(inquiries.TooFrequent):
            leave(now=later(3599))
        leave(uuid7(), now=later(3599))
        leave(now=later(3601))
        assert Inquiry.objects.count() == 7


class TestMail:
    def test_it_reaches_the_store_and_an_answer_the_visitor(self, catcher, shop):
        shop.add_item("lamp", "10", name="A lamp\r\nBcc: victim@example.com")
        inquiry = leave(product="lamp", text="Is it blue?\n\nBcc: victim@example.com\n<b>Äh</b>")

        assert inquiries.mail_due(now=later(1)) == 1

        [(recipients, mail)] = catcher.mails
        assert recipients == ["sales@example.com"]
        assert mail["To"] == "sales@example.com"
        assert mail["From"] == "Live sales <live@shop.example.com>"
        assert mail["Reply-To"] == ADDRESS
        assert mail["Message-ID"] == f"<inquiry-{inquiry.pk}@shop.example.com>"
        assert mail["Subject"] == "A visitor left a message (default-channel)"
        assert mail["Bcc"] is None
        assert mail.get_content_type() == "text/plain"
        assert mail.get_content().replace("\r\n", "\n") == (
            f"From: {ADDRESS}\nChannel: default-channel\nProduct: A lamp Bcc: victim@example.com\n\n"
            "Is it blue?\n\nBcc: victim@example.com\n<b>Äh</b>\n"
        )
        inquiry.refresh_from_db()
        assert (inquiry.mailed_at, inquiry.due_at, inquiry.attempts) == (later(1), None, 1)

    def test_the_task_sends_it_once(self, catcher):
        leave()
        assert tasks.mail_inquiries() == 1
        assert tasks.mail_inquiries() == 0
        assert len(catcher.mails) == 1

    def test_workers_at_once_send_each_one_once(self, catcher):
        for _ in range(5):
            leave(uuid7())
        results = at_once(*[lambda: inquiries.mail_due(now=NOW)] * 4)
        assert sum(results) == 5
        assert len({mail["Message-ID"] for _, mail in catcher.mails}) == len(catcher.mails) == 5

    def test_one_that_is_being_sent_is_passed_over(self, catcher):
        inquiry = leave()
        with transaction.atomic():
            Inquiry.objects.select_for_update().get(pk=inquiry.pk)
            assert at_once(lambda: inquiries.mail_due(now=NOW)) == [0]
        assert catcher.mails == []

    def test_a_failure_is_tried_again_later_and_later(self, catcher):
        inquiry = leave()
        catcher.broken = True
        assert inquiries.mail_due(now=NOW) == 0
        inquiry.refresh_from_db()
        assert (inquiry.attempts, inquiry.due_at, inquiry.mailed_at) == (1, later(120), None)
        assert inquiries.mail_due(now=later(119)) == 0
        assert inquiries.mail_due(now=later(120)) == 0
        inquiry.refresh_from_db()
        assert (inquiry.attempts, inquiry.due_at) == (2, later(120 + 240))

        catcher.broken = False
        assert inquiries.mail_due(now=later(360)) == 1
        assert len(catcher.mails) == 1

    def test_it_is_given_up_in_the_end(self, catcher):
        inquiry = leave()
        catcher.broken = True
        Inquiry.objects.update(attempts=11)
        inquiries.mail_due(now=NOW)
        inquiry.refresh_from_db()
        assert (inquiry.attempts, inquiry.due_at, inquiry.mailed_at) == (12, None, None)

    def test_one_failure_does_not_hold_up_the_others(self, catcher):
        first, second = leave(uuid7()), leave(uuid7())
        Inquiry.objects.filter(pk=first.pk).update(email="x\ny@example.com")  # as if it had slipped past the check
        assert inquiries.mail_due(now=NOW) == 1
        [(_, mail)] = catcher.mails
        assert mail["Message-ID"] == f"<inquiry-{second.pk}@shop.example.com>"

    def test_without_a_contact_it_waits_until_there_is_one(self, catcher):
        inquiry = leave()
        ChannelSettings.objects.update(contact_email="")
        assert inquiries.mail_due(now=NOW) == 0
        inquiry.refresh_from_db()
        assert (inquiry.attempts, inquiry.due_at) == (0, NOW)
        ChannelSettings.objects.update(contact_email="new@example.com")
        assert inquiries.mail_due(now=later(9)) == 1
        assert catcher.mails[0][0] == ["new@example.com"]
