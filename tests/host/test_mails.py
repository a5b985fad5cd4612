"""What mail providers tell, through Saleor's own address for plugins, to where the owner sees it."""

import base64
import json

import pytest

from .test_member_codes import mailbox, run  # noqa: F401
from .test_members import buyer, plan  # noqa: F401

SECRET = {"LIVESALES_MAIL_WEBHOOKS": json.dumps({"postmark": {"webhook_secret": "us:hunter2"}})}

POST = """
from django.test import Client
found = Client().post("/plugins/saleor.livesales/webhooks/email/postmark/", data=json.dumps(%r),
    content_type="application/json", headers=%r)
answer(found.status_code)
"""


def tell(host, web, report, secret):
    headers = {"Authorization": "Basic " + base64.b64encode(secret.encode()).decode()} if secret else {}
    code = "import json\n" + POST % (report, headers)
    return host.run(code, env={**web.env, **SECRET})


def act(host, web):
    code = "from saleor_livesales.members.tasks import members_codes\nanswer(members_codes())"
    return host.run(code, env={**web.env, **SECRET})


@pytest.mark.parametrize(
    ("kind", "more", "state"),
    [("Delivery", {"DeliveredAt": "2026-01-01T12:00:00Z"}, "DELIVERED"),
     ("Bounce", {"ID": 42, "Type": "HardBounce", "BouncedAt": "2026-01-01T12:00:00Z"}, "BOUNCED")],
)  # fmt: skip
def test_a_report_changes_what_the_member_and_the_owner_see(host, web, buyer, mailbox, kind, more, state):  # noqa: F811
    buyer.buy()
    run(host, web, mailbox)
    [message] = [message for recipients, message in mailbox.mails if recipients == [buyer.email]]
    name = message["Message-ID"].strip("<>").partition("@")[0]
    report = {
        "RecordType": kind, "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483", "Metadata": {"livesales": name},
        "Recipient": buyer.email, "Email": buyer.email, **more,
    }  # fmt: skip
    assert tell(host, web, report, None) == 400
    assert tell(host, web, report, "us:wrong") == 400
    mine = "{ liveMembership { delivery { state } } }"
    act(host, web)
    assert web.data(mine, token=buyer.token)["liveMembership"]["delivery"]["state"] == "SENT"
    assert tell(host, web, report, "us:hunter2") == tell(host, web, report, "us:hunter2") == 200
    act(host, web)
    assert web.data(mine, token=buyer.token)["liveMembership"]["delivery"]["state"] == state
