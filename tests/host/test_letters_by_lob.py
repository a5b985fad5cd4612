"""A member's code from a checkout of Saleor to a letter at Lob, and Lob's report back to where the owner sees it."""

import datetime
import json

import pytest

from tests.carriers.reports import report, signed
from tests.carriers.server import KEY, serving

from .test_members import buyer, plan  # noqa: F401

SETTINGS = {
    "way": "provider", "provider": "lob", "currency": "USD",
    "sender_name": "Example Books", "sender_line1": "210 King St", "sender_city": "San Francisco",
    "sender_area": "CA", "sender_postal_code": "94107", "sender_country": "US",
}  # fmt: skip
POST = """
import datetime
from decimal import Decimal
from saleor.core.db.connection import allow_writer
from saleor_livesales.inbox.tasks import work_off
from saleor_livesales.letters import actions
from saleor_livesales.letters.tasks import letters_post
from saleor_livesales.members import codes
from saleor_livesales.members.actors import By
from saleor_livesales.members.models import Membership
from saleor_livesales.postings import ways
work_off()
now = datetime.datetime.now(datetime.UTC)
with allow_writer():
    codes.issue_due(now=now)
    changes = {**SETTINGS, "price": Decimal("1.25"), "monthly_limit": Decimal(100)}
    ways.update(channel="default-channel", changes=changes, actor_user_id=None, now=now)
    member = Membership.objects.latest("since")
    letter = actions.create(membership_id=member.pk, by=By(kind="staff", user_id="VXNlcjo5"), now=now)
sent = letters_post()
with allow_writer():
    ways.update(channel="default-channel", changes={"way": "print"}, actor_user_id=None, now=now)
answer([sent, letter.number])
"""
TELL = """
from django.test import Client
from saleor_livesales.letters.tasks import letters_post
found = Client().post("/plugins/saleor.livesales/webhooks/post/lob/", data=BODY, content_type="application/json",
    headers=HEADERS)
letters_post()
answer(found.status_code)
"""
LETTERS = """query($number: String!) { liveLetters(first: 5, filter: {number: $number}) { edges { node {
  state membership { profile { email } } posting { provider state cost { amount currency } } } } } }"""


@pytest.fixture
def lob():
    with serving() as server:
        options = {"api_key": KEY, "webhook_secret": "hush", "url": server.url}
        server.env = {"LIVESALES_LETTER_PROVIDERS": json.dumps({"lob": options})}
        yield server


def test_a_code_goes_by_lob_and_comes_back(host, web, buyer, lob, tokens):  # noqa: F811
    buyer.buy()
    env = {**web.env, **lob.env}
    sent, number = host.run(f"SETTINGS = {SETTINGS!r}\n" + POST, env=env)
    assert sent == 1
    [asked] = lob.asked("/letters")
    assert asked.body["to"] == {
        "name": "Ada Buyer", "address_line1": "1 Example street", "address_city": "BERLIN", "address_zip": "10115",
        "address_country": "DE",
    }  # fmt: skip
    assert asked.files["file"].startswith(b"%PDF-")

    def shown():
        [edge] = web.data(LETTERS, {"number": number}, tokens["owner@example.com"])["liveLetters"]["edges"]
        assert edge["node"]["membership"]["profile"]["email"] == buyer.email
        posting = edge["node"]["posting"]
        assert (posting["provider"], posting["cost"]) == ("lob", {"amount": 1.25, "currency": "USD"})
        return edge["node"]["state"], posting["state"]

    assert shown() == ("HANDED_OVER", "SENT")
    [letter] = lob.letters.values()
    body = report("letter.returned_to_sender", letter["id"], reference=letter["metadata"]["livesales"])
    headers = signed(body, secret="hush", now=datetime.datetime.now(datetime.UTC))
    assert host.run(f"BODY, HEADERS = {body!r}, {headers!r}\n" + TELL, env=env) == 204
    assert shown() == ("UNDELIVERABLE", "RETURNED")
