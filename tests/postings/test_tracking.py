"""What Lob tells of letters: kept before it is acted on; twice, late, in any order and before we noted the letter."""

from __future__ import annotations

import datetime
import itertools
import threading
from decimal import Decimal

import pytest
from django.db import connection
from django.test import RequestFactory

from saleor_livesales.postings import sending, tracking, webhooks
from saleor_livesales.postings.models import Posting, PostingEvent
from tests.carriers.reports import report, signed
from tests.carriers.server import Lob

from .build import NOW, Letters, a_channel, a_posting, spent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("shop")]


@pytest.fixture
def posting(server: Lob) -> Posting:
    a_channel()
    return a_posting()


@pytest.fixture
def sent(posting: Posting) -> Posting:
    assert sending.work(letters=Letters(), now=NOW) == 1
    posting.refresh_from_db()
    return posting


def post(body: bytes, headers: dict[str, str], *, path: str = "lob", now: datetime.datetime = NOW) -> int:
    request = RequestFactory().post(f"/webhooks/post/{path}/", body, content_type="application/json", headers=headers)
    return webhooks.respond(f"{path}/", request, now=now).status_code


def tell(kind: str, posting: Posting, *, event: str = "", reference: bool = True) -> None:
    body = report(
        f"letter.{kind}",
        posting.provider_id or "ltr_0000000000000000",
        reference=str(posting.pk) if reference else "",
        event=event or f"evt_{kind.replace('-', '_')}",
    )
    assert post(body, signed(body)) == 204


def state(posting: Posting) -> str:
    posting.refresh_from_db()
    return posting.state


def test_a_report_is_kept_then_acted_on(sent: Posting) -> None:
    letters = Letters()
    tell("mailed", sent)
    assert (state(sent), PostingEvent.objects.count()) == ("sent", 1)
    assert (tracking.act(letters=letters, now=NOW), tracking.act(letters=letters, now=NOW)) == (1, 0)
    assert (state(sent), sent.told_at) == ("mailed", datetime.datetime(2026, 11, 24, 11, tzinfo=datetime.UTC))
    assert letters.told == [(sent.letter_id, 1, "mailed")]


def test_told_twice_it_is_one(sent: Posting) -> None:
    letters = Letters()
    tell("mailed", sent)
    tracking.act(letters=letters, now=NOW)
    tell("mailed", sent)
    assert (tracking.act(letters=letters, now=NOW), PostingEvent.objects.count(), len(letters.told)) == (0, 1, 1)


WAYS = {
    "mailed": "mailed", "in_transit": "in_transit", "in_local_area": "in_transit", "re-routed": "in_transit",
    "processed_for_delivery": "in_transit", "delivered": "delivered", "returned_to_sender": "returned",
    "failed": "failed", "deleted": "cancelled", "rendered_pdf": "sent", "viewed": "sent",
}  # fmt: skip


@pytest.mark.parametrize(("word", "expected"), WAYS.items())
def test_each_word(sent: Posting, word: str, expected: str) -> None:
    tell(word, sent)
    tracking.act(letters=Letters(), now=NOW)
    assert state(sent) == expected
    assert spent() == (Decimal(0) if expected == "cancelled" else Decimal("1.25"))


@pytest.mark.parametrize(
    "order", list(itertools.permutations(["mailed", "in_transit", "delivered", "returned_to_sender"]))
)
def test_in_any_order_it_ends_the_same(sent: Posting, order: tuple[str, ...]) -> None:
    for word in order:
        tell(word, sent)
        tracking.act(letters=Letters(), now=NOW)
    assert state(sent) == "returned"


def test_told_before_we_noted_the_letter(server: Lob, posting: Posting) -> None:
    server.faults = ["", "cut after"]
    letters = Letters()
    sending.work(letters=letters, now=NOW)
    assert state(posting) == "queued"
    tell("created", posting)
    assert tracking.act(letters=letters, now=NOW) == 1
    assert (state(posting), posting.provider_id, posting.sent_at) == ("sent", "ltr_0000000000000000", NOW)
    assert sending.work(letters=letters, now=NOW + datetime.timedelta(days=1)) == 0
    assert (len(server.letters), letters.told) == (1, [(posting.letter_id, 1, "sent")])


def test_told_of_one_that_was_given_up(posting: Posting) -> None:
    Posting.objects.filter(pk=posting.pk).update(state="given_up", due_at=None)
    tell("delivered", posting)
    tracking.act(letters=Letters(), now=NOW)
    assert state(posting) == "delivered"


def test_a_cancelled_letter_is_known_by_the_providers_id(sent: Posting) -> None:
    tell("mailed", sent, reference=False)
    assert (tracking.act(letters=Letters(), now=NOW), state(sent)) == (1, "mailed")


def test_what_is_about_no_letter_of_ours_is_left_after_a_day(sent: Posting) -> None:
    body = report("letter.mailed", "ltr_unknown")
    assert post(body, signed(body)) == 204
    assert tracking.act(letters=Letters(), now=NOW) == 0
    assert tracking.act(letters=Letters(), now=NOW + datetime.timedelta(days=1, seconds=1)) == 1
    tracking.act(letters=Letters(), now=NOW + datetime.timedelta(days=32))
    assert not PostingEvent.objects.exists()


def test_many_workers_act_on_each_report_once(sent: Posting) -> None:
    letters = Letters()
    for number in range(20):
        tell("mailed", sent, event=f"evt_{number}")
    done: list[int] = []

    def worker() -> None:
        done.append(tracking.act(letters=letters, now=NOW))
        connection.close()

    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sum(done), state(sent), len(letters.told)) == (20, "mailed", 1)


def test_who_may_tell(sent: Posting, caplog: pytest.LogCaptureFixture) -> None:
    body = report("letter.mailed", "ltr_1", reference=str(sent.pk))
    assert post(body, signed(body, secret="another")) == 400
    assert post(body, signed(body, off=-600)) == 400
    assert post(body, {}) == 400
    assert post(b"{", signed(b"{")) == 400
    assert post(body, signed(body), path="pigeon") == 404
    large = b" " * 1_000_001
    assert post(large, signed(large)) == 413
    for length in ("", "²", "-1"):
        chunked = RequestFactory().post("/", data=body, content_type="application/json", headers=signed(body))
        chunked.META["CONTENT_LENGTH"] = length
        assert webhooks.respond("lob", chunked, now=NOW).status_code == 413
    get = webhooks.respond("lob", RequestFactory().get("/"), now=NOW)
    assert (get.status_code, get["Allow"]) == (405, "POST")
    assert not PostingEvent.objects.exists()
    assert "HARRY ZHANG" not in caplog.text  # the recipient of Lob's example
