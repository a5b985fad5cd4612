"""What Lob tells, through Saleor's own address for plugins: kept where it is signed, and nowhere else."""

import json

SECRET = {"LIVESALES_LETTER_PROVIDERS": json.dumps({"lob": {"api_key": "k", "webhook_secret": "hush"}})}

POST = """
import time
from django.test import Client
from saleor_livesales.carriers.lob_events import sign
from saleor_livesales.postings.models import PostingEvent
body = json.dumps({"id": "evt_1", "event_type": {"id": "letter.mailed"}, "body": {"id": "ltr_1"}}).encode()
now = str(int(time.time() * 1000))
def tell(secret):
    headers = {"Lob-Signature-Timestamp": now, "Lob-Signature": sign(body, timestamp=now, secret=secret)}
    return Client().post("/plugins/saleor.livesales/webhooks/post/lob/", data=body,
        content_type="application/json", headers=headers).status_code
answer([tell("guess"), tell("hush"), tell("hush"), PostingEvent.objects.count()])
"""


def test_a_report_is_kept_once(host, web):
    assert host.run("import json\n" + POST, env={**web.env, **SECRET}) == [400, 204, 204, 1]
    assert host.run("import json\n" + POST, env=web.env) == [404, 404, 404, 1]  # no account: nobody is heard
