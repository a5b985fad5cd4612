"""The stand-in shop answers Lob where Saleor's plugin does."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client

from saleor_livesales.postings.models import PostingEvent
from tests.carriers.reports import report, signed
from tests.carriers.server import Lob

pytestmark = [pytest.mark.django_db(transaction=True)]
PATH = "/plugins/saleor.livesales/webhooks/post/lob/"


def test_a_report_comes_in(server: Lob) -> None:
    body = report("letter.mailed", "ltr_1", reference="0199")
    now = datetime.datetime.now(datetime.UTC)
    answer = Client().post(PATH, body, content_type="application/json", headers=signed(body, now=now))
    assert (answer.status_code, PostingEvent.objects.get().reference) == (204, "0199")
    assert Client().post(PATH, body, content_type="application/json").status_code == 400
