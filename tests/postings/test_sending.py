"""Letters on their way to a provider that times out, refuses, answers twice; and workers that are killed."""

from __future__ import annotations

import datetime
import logging
import subprocess
import sys
import threading
import time
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection, transaction

from saleor_livesales.carriers import Letter, Posted
from saleor_livesales.carriers import lob as carrier
from saleor_livesales.postings import sending, ways
from saleor_livesales.postings.models import Posting
from tests.carriers.server import Lob

from .build import ADA, NOW, Letters, a_channel, a_posting, spent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("shop")]
COST = Decimal("1.25")
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def posting(server: Lob) -> Posting:
    a_channel()
    return a_posting()


def after(**pause: float) -> datetime.datetime:
    return NOW + datetime.timedelta(**pause)


def of(posting: Posting) -> tuple[str, str]:
    posting.refresh_from_db()
    return posting.state, posting.reason


def test_a_letter_is_sent_once(server: Lob, posting: Posting) -> None:
    letters = Letters()
    assert (sending.work(letters=letters, now=NOW), sending.work(letters=letters, now=after(days=1))) == (1, 0)
    assert of(posting) == ("sent", "")
    assert (posting.provider_id, posting.sent_at, posting.address) == ("ltr_0000000000000000", NOW, "deliverable")
    assert posting.expected_on == datetime.date(2017, 9, 12)
    assert letters.told == [(posting.letter_id, 1, "sent")]
    assert [request.path for request in server.requests] == ["/us_verifications", "/letters"]
    assert server.requests[1].headers["idempotency-key"] == f"livesales-{posting.letter_id}-1"
    assert server.requests[1].body["metadata"] == {"livesales": str(posting.pk)}
    assert server.requests[1].body["from"]["company"] == "Example Books"
    assert spent() == COST


def test_where_nothing_can_be_delivered_nothing_is_sent(server: Lob, posting: Posting) -> None:
    server.deliverability = "undeliverable"
    letters = Letters()
    assert sending.work(letters=letters, now=NOW) == 0
    assert (of(posting), spent(), server.letters) == (("undeliverable", "undeliverable"), Decimal(0), {})
    assert letters.told == [(posting.letter_id, 1, "undeliverable")]


def test_a_doubtful_address_is_tried(server: Lob, posting: Posting) -> None:
    server.deliverability = "deliverable_missing_unit"
    assert sending.work(letters=Letters(), now=NOW) == 1
    assert (of(posting), posting.address) == (("sent", ""), "doubtful")


REFUSALS = [
    ("422 failed_deliverability_strictness", "undeliverable"),
    ("422 invalid_file_dimensions", "failed"),
    ("422 unembedded_fonts", "failed"),
]


@pytest.mark.parametrize(("fault", "state"), REFUSALS)
def test_what_the_provider_refuses_costs_nothing(server: Lob, posting: Posting, fault: str, state: str) -> None:
    server.faults = ["", fault]
    letters = Letters()
    assert sending.work(letters=letters, now=NOW) == 0
    assert (of(posting), spent(), posting.refunded) == ((state, fault[4:]), Decimal(0), True)
    assert letters.told == [(posting.letter_id, 1, state)]


@pytest.mark.parametrize("fault", ["cut before", "cut after", "502 after", "500 internal_server_error", "html"])
def test_a_provider_that_fails_is_asked_again(
    server: Lob, posting: Posting, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    server.faults = ["", fault]
    letters = Letters()
    assert sending.work(letters=letters, now=NOW) == 0
    assert (of(posting)[0], posting.attempts, posting.due_at, letters.told) == ("queued", 1, after(minutes=2), [])
    assert sending.work(letters=letters, now=after(minutes=1)) == 0
    assert sending.work(letters=letters, now=after(minutes=2)) == 1
    assert (of(posting), len(server.letters), spent()) == (("sent", ""), 1, COST)
    assert [secret for secret in ("Secret Lane", "Lovelace", "PINE-LAKE") if secret in caplog.text] == []


def test_an_answer_that_is_lost_for_days_is_one_letter(server: Lob, posting: Posting) -> None:
    server.faults = ["", "cut after"]
    sending.work(letters=Letters(), now=NOW)
    server.forget_keys()
    assert sending.work(letters=Letters(), now=after(days=2)) == 1
    assert (of(posting), len(server.letters), len(server.asked("/letters"))) == (("sent", ""), 1, 2)  # sent, looked


def test_a_provider_that_asks_to_wait_is_left_alone(server: Lob, posting: Posting) -> None:
    second = a_posting()
    server.faults = ["429"]
    assert sending.work(letters=Letters(), now=NOW) == 0
    assert (len(server.requests), of(posting), posting.attempts) == (0, ("queued", "rate_limited"), 0)
    assert posting.due_at is not None and NOW < posting.due_at <= after(seconds=7)
    assert (of(second), second.due_at) == (("queued", ""), NOW)
    assert sending.work(letters=Letters(), now=after(seconds=7)) == 2


def test_a_wrong_key_loses_no_letter(server: Lob, posting: Posting) -> None:
    for hour in range(30):
        server.faults = ["401 invalid_api_key"]
        assert sending.work(letters=Letters(), now=after(hours=hour)) == 0
    assert (of(posting), posting.attempts) == (("queued", "invalid_api_key"), 0)
    assert sending.work(letters=Letters(), now=after(hours=31)) == 1


def test_after_days_without_an_answer_it_is_given_up(server: Lob, posting: Posting) -> None:
    letters, now = Letters(), NOW
    for _ in range(sending.ATTEMPTS):
        server.faults = ["503 service_unavailable"]
        assert sending.work(letters=letters, now=now) == 0
        posting.refresh_from_db()
        now = posting.due_at or now
    assert (of(posting), letters.told) == (("given_up", "service_unavailable"), [(posting.letter_id, 1, "given_up")])
    assert spent() == COST  # it may have been printed
    assert datetime.timedelta(days=2) < now - NOW < datetime.timedelta(days=4)


class Killed(BaseException):
    """Nothing in our code catches it."""


@pytest.mark.parametrize("step", ["page", "check", "send", "note"])
def test_a_killed_worker_leads_to_one_letter(
    server: Lob, posting: Posting, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def kill(*args: object, **kwargs: object) -> None:
        raise Killed

    letters = Letters()
    with monkeypatch.context() as patch:
        if step == "page":
            patch.setattr(Letters, "page", kill)
        elif step == "check":
            patch.setattr("saleor_livesales.carriers.lob.Lob.check_address", kill)
        elif step == "send":
            patch.setattr("saleor_livesales.carriers.lob.Lob.send", kill)
        else:
            patch.setattr(Letters, "changed", kill)
        with pytest.raises(Killed):
            sending.work(letters=letters, now=NOW)
    assert len(server.letters) == (step == "note")
    assert sending.work(letters=letters, now=after(minutes=9)) == 0  # leased
    assert sending.work(letters=letters, now=after(minutes=10)) == 1
    assert (of(posting), len(server.letters), spent()) == (("sent", ""), 1, COST)
    assert letters.told == [(posting.letter_id, 1, "sent")]


WORKER = """
import datetime, django
django.setup()
from saleor_livesales.postings import sending
from tests.postings.build import NOW, Letters
sending.work(letters=Letters(), now=NOW)
"""


def test_a_process_that_is_killed_while_lob_has_the_letter(
    server: Lob, posting: Posting, service_env: dict[str, str]
) -> None:
    server.faults = ["", "slow after"]
    process = subprocess.Popen([sys.executable, "-c", WORKER], env=service_env, cwd=ROOT)
    try:
        until = time.monotonic() + 30
        while not server.letters and time.monotonic() < until:
            time.sleep(0.05)
    finally:
        process.kill()
        process.wait()
    assert (of(posting)[0], len(server.letters)) == ("queued", 1)
    letters = Letters()
    assert sending.work(letters=letters, now=after(minutes=9)) == 0
    assert sending.work(letters=letters, now=after(minutes=10)) == 1
    assert (of(posting), len(server.letters), len(server.asked("/letters"))) == (("sent", ""), 1, 2)
    assert letters.told == [(posting.letter_id, 1, "sent")]


def test_a_worker_that_wakes_up_after_its_lease_changes_nothing(
    server: Lob, posting: Posting, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters, send = Letters(), carrier.Lob.send

    def slow(self: carrier.Lob, letter: Letter) -> Posted:
        monkeypatch.setattr(carrier.Lob, "send", send)
        assert sending.work(letters=letters, now=after(minutes=10)) == 1  # another worker, in the meantime
        return self.send(letter)

    monkeypatch.setattr(carrier.Lob, "send", slow)
    sending.work(letters=letters, now=NOW)
    assert (of(posting), posting.sent_at, len(server.letters)) == (("sent", ""), after(minutes=10), 1)
    assert (letters.told, spent()) == ([(posting.letter_id, 1, "sent")], COST)


def test_a_letter_that_is_gone(server: Lob, posting: Posting) -> None:
    letters = Letters(gone="code_ended")
    assert sending.work(letters=letters, now=NOW) == 0
    assert (of(posting), spent(), server.requests) == (("cancelled", "code_ended"), Decimal(0), [])


def test_a_letter_that_is_gone_and_was_taken_is_taken_back(server: Lob, posting: Posting) -> None:
    server.faults = ["", "cut after"]
    sending.work(letters=Letters(), now=NOW)
    assert sending.work(letters=Letters(gone="code_ended"), now=after(minutes=2)) == 0
    assert (of(posting), spent(), server.letters) == (("cancelled", "code_ended"), Decimal(0), {})


def test_a_letter_that_is_gone_and_can_not_be_taken_back(server: Lob, posting: Posting) -> None:
    server.faults = ["", "cut after"]
    sending.work(letters=Letters(), now=NOW)
    server.faults = ["", "422 not_deletable"]
    assert sending.work(letters=Letters(gone="code_ended"), now=after(minutes=2)) == 1
    assert (of(posting), spent()) == (("sent", ""), COST)


def withdraw(posting: Posting) -> None:
    with transaction.atomic():
        ways.withdraw(letter_id=posting.letter_id, now=NOW)


def test_a_letter_is_taken_back_before_it_is_printed(server: Lob, posting: Posting) -> None:
    letters = Letters()
    sending.work(letters=letters, now=NOW)
    withdraw(posting)
    assert sending.work(letters=letters, now=NOW) == 0
    assert (of(posting), spent(), server.letters) == (("cancelled", "withdrawn"), Decimal(0), {})
    assert [told for *_, told in letters.told] == ["sent", "cancelled"]
    withdraw(posting)
    assert (sending.work(letters=letters, now=NOW), spent(), len(server.requests)) == (0, Decimal(0), 3)


@pytest.mark.parametrize("fault", ["422 not_deletable", "403 feature_limit_reached", "404 not_found"])
def test_a_letter_that_is_printed_already_goes_out(server: Lob, posting: Posting, fault: str) -> None:
    sending.work(letters=Letters(), now=NOW)
    withdraw(posting)
    server.faults = [fault]
    assert sending.work(letters=Letters(), now=NOW) == 0
    assert (of(posting), posting.due_at, spent()) == (("sent", ""), None, COST)


def test_a_letter_is_asked_back_again_until_it_is_mailed(server: Lob, posting: Posting) -> None:
    sending.work(letters=Letters(), now=NOW)
    withdraw(posting)
    server.faults = ["503 service_unavailable"]
    sending.work(letters=Letters(), now=NOW)
    assert (of(posting)[0], posting.due_at) == ("sent", after(minutes=10))
    sending.work(letters=Letters(), now=after(minutes=10))
    assert (of(posting)[0], spent()) == ("cancelled", Decimal(0))


def test_a_letter_that_was_not_sent_yet_is_withdrawn_by_its_page(server: Lob, posting: Posting) -> None:
    withdraw(posting)
    assert (of(posting), posting.due_at) == (("queued", ""), NOW)


def test_nowhere_to_go(server: Lob, posting: Posting) -> None:
    assert sending.work(letters=Letters(address=None), now=NOW) == 0
    assert (of(posting), spent()) == (("undeliverable", "no_address"), Decimal(0))


def test_a_new_address_is_a_new_round(server: Lob, posting: Posting) -> None:
    server.deliverability = "undeliverable"
    letters = Letters()
    sending.work(letters=letters, now=NOW)
    server.deliverability = None
    second = a_posting(letter_id=posting.letter_id, round=2)
    assert sending.work(letters=letters, now=NOW) == 1
    assert (of(posting)[0], of(second)[0], spent()) == ("undeliverable", "sent", COST)
    assert letters.told[-1] == (posting.letter_id, 2, "sent")


def test_many_workers_send_each_letter_once(server: Lob) -> None:
    a_channel()
    for _ in range(12):
        a_posting()
    sent: list[int] = []
    start = threading.Barrier(4)

    def worker() -> None:
        start.wait()
        sent.append(sending.work(letters=Letters(), now=NOW))
        connection.close()

    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sum(sent), len(server.letters), len(server.asked("/letters"))) == (12, 12, 12)


def test_without_the_account_letters_wait(
    server: Lob, posting: Posting, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from saleor_livesales import conf

    caplog.set_level(logging.ERROR)
    for text, told in (("", False), ("{", True), ('{"lob": {"api_key": ["hunter2"]}}', True)):
        monkeypatch.setenv("LIVESALES_LETTER_PROVIDERS", text)
        conf.load.cache_clear()
        caplog.clear()
        try:
            assert sending.work(letters=Letters(), now=NOW) == 0
        except conf.Misconfigured:
            pytest.fail("a task does not fail on a setting")
        assert bool(caplog.text) == told and "hunter2" not in caplog.text
    assert (of(posting), posting.due_at, server.requests) == (("queued", ""), NOW, [])


def test_the_address_is_that_of_the_letter(server: Lob, posting: Posting) -> None:
    sending.work(letters=Letters(), now=NOW)
    assert server.asked("/letters")[0].body["to"]["name"] == ADA.name
