"""How a channel's letters go, and that no number of processes together passes the month's limit."""

from __future__ import annotations

import datetime
import threading
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction

from saleor_livesales import conf
from saleor_livesales.errors import Invalid, LiveSalesError
from saleor_livesales.ids import uuid7
from saleor_livesales.postings import ways
from saleor_livesales.postings.models import Posting, PostingMonth, PostingSettings
from tests.carriers.server import Lob

from .build import CHANNEL, NOW, a_channel, a_posting, spent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("shop")]


def test_without_settings_the_store_prints(server: Lob) -> None:
    assert (ways.of(CHANNEL).way, ways.available()) == ("print", ["lob"])
    with pytest.raises(ways.PrintedByStore):
        a_posting()
    assert (Posting.objects.count(), PostingMonth.objects.count()) == (0, 0)


def test_a_channel_goes_by_lob(server: Lob) -> None:
    row = a_channel()
    assert (row.currency, row.sender_country, row.updated_by) == ("USD", "US", "user:1")
    posting = a_posting()
    month = ways.month(row, now=NOW)
    assert (month.spent, month.letters, month.month) == (Decimal("1.25"), 1, datetime.date(2026, 11, 1))
    assert (posting.provider, posting.cost, posting.due_at, ways.waiting(channel=CHANNEL)) == ("lob", row.price, NOW, 1)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"way": "pigeon"}, "way"),
    ({"provider": "pigeon"}, "provider"),
    ({"price": Decimal(0)}, "price"),
    ({"price": Decimal("-1")}, "price"),
    ({"price": Decimal("NaN")}, "price"),
    ({"price": Decimal("1.2345")}, "price"),
    ({"monthly_limit": Decimal("1e12")}, "monthly_limit"),
    ({"currency": "dollars"}, "currency"),
    ({"sender_name": ""}, "sender_name"),
    ({"sender_line1": "a\nb"}, "sender_line1"),
    ({"sender_country": "USA"}, "sender_country"),
]


@pytest.mark.parametrize(("changes", "field"), WRONG)
def test_wrong_settings_change_nothing(server: Lob, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(LiveSalesError) as told:
        a_channel(**changes)
    assert (told.value.field, PostingSettings.objects.count()) == (field, 0)


def test_a_provider_without_an_account(monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ("", "{", '{"lob": {}}'):
        monkeypatch.setenv("LIVESALES_LETTER_PROVIDERS", text)
        conf.load.cache_clear()
        assert ways.available() == []
        with pytest.raises(ways.ProviderNotConfigured):
            a_channel()
    conf.load.cache_clear()


def test_a_letter_is_booked_once_a_round(server: Lob) -> None:
    a_channel()
    letter = uuid7()
    assert a_posting(letter_id=letter) == a_posting(letter_id=letter)
    assert a_posting(letter_id=letter, round=2) != a_posting(letter_id=letter)
    assert (Posting.objects.count(), spent()) == (2, Decimal("2.50"))


def test_the_limit_of_a_month(server: Lob) -> None:
    a_channel(monthly_limit=Decimal("2.50"))
    a_posting(), a_posting()
    with pytest.raises(ways.LimitReached):
        a_posting()
    assert (Posting.objects.count(), spent()) == (2, Decimal("2.50"))
    a_posting(now=NOW + datetime.timedelta(days=8))  # December
    assert sorted(PostingMonth.objects.values_list("month", "letters")) == [
        (datetime.date(2026, 11, 1), 2),
        (datetime.date(2026, 12, 1), 1),
    ]


def test_a_claim_that_is_rolled_back_books_nothing(server: Lob) -> None:
    a_channel()
    with pytest.raises(Invalid), transaction.atomic():
        a_posting()
        raise Invalid("the caller changed its mind")
    assert (Posting.objects.count(), spent()) == (0, Decimal(0))


def test_many_at_once_stay_within_the_limit(server: Lob) -> None:
    a_channel(monthly_limit=Decimal("12.50"))  # of ten
    refused: list[str] = []
    start = threading.Barrier(8)

    def claim() -> None:
        start.wait()
        for _ in range(5):
            try:
                with transaction.atomic():
                    a_posting()
            except ways.LimitReached as error:
                refused.append(error.code)
        connection.close()

    threads = [threading.Thread(target=claim) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (Posting.objects.count(), spent(), len(refused)) == (10, Decimal("12.50"), 30)
