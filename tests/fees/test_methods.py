"""Payment methods: left, replaced, taken away, lost."""

from __future__ import annotations

import datetime
import threading

import pytest
from django.db import connection

from saleor_livesales import errors, fees
from saleor_livesales.fees import methods, work
from saleor_livesales.fees.models import SavedMethod
from tests.collectors.stripe_server import FakeStripe
from tests.fakes import FakeShop

from .build import ADA, BOB, NOW, RETURN, later, leave_card

pytestmark = [pytest.mark.django_db(transaction=True)]


def states(user_id: str = ADA) -> list[str]:
    return list(SavedMethod.objects.filter(user_id=user_id).order_by("id").values_list("state", flat=True))


def test_it_is_left_on_the_providers_page(shop: FakeShop, stripe: FakeStripe) -> None:
    url = methods.ask(user_id=ADA, return_url=RETURN, cancel_url=RETURN, now=NOW)
    assert url.startswith("https://checkout.stripe.com/")
    assert methods.of_user(ADA) is None
    row = SavedMethod.objects.get()
    stripe.leave_card(row.link_ref, last4="4444", brand="mastercard", display_brand="mastercard")
    assert methods.of_user(ADA) is None  # nobody told
    assert work.work(now=later(minutes=3)).users == {ADA}
    saved = methods.of_user(ADA)
    assert saved is not None
    assert (saved.brand, saved.last_digits, saved.expires, saved.work_at) == (
        "mastercard", "4444", datetime.date(2030, 9, 1), None,
    )  # fmt: skip
    assert work.work(now=later(minutes=20)).users == set()
    asked = next(given for _, path, given in stripe.said if path == "/v1/checkout/sessions")
    assert (asked["success_url"], asked["metadata"]["saleor_user"]) == (RETURN, ADA)


def test_the_latest_one_takes_the_place_of_the_one_before(shop: FakeShop, stripe: FakeStripe) -> None:
    first, second = leave_card(stripe), leave_card(stripe, now=later(minutes=1))
    assert methods.of_user(ADA) == second
    assert first.customer_ref == second.customer_ref
    assert len(stripe.tables["customers"]) == 1
    work.work(now=later(minutes=2))
    assert stripe.tables["payment_methods"][first.method_ref]["customer"] is None
    assert stripe.tables["payment_methods"][second.method_ref]["customer"] == second.customer_ref
    assert states() == ["removed", "saved"]


def test_a_page_that_is_filled_in_after_a_newer_one_counts_no_more(shop: FakeShop, stripe: FakeStripe) -> None:
    methods.ask(user_id=ADA, return_url=RETURN, cancel_url=RETURN, now=NOW)
    old = SavedMethod.objects.get()
    newer = leave_card(stripe, now=later(minutes=1))
    late = stripe.leave_card(old.link_ref)
    for minute in (5, 20):
        work.work(now=later(minutes=minute))
    assert methods.of_user(ADA) == newer
    assert stripe.tables["payment_methods"][late["id"]]["customer"] is None


def test_a_page_that_nobody_filled_in_is_forgotten(shop: FakeShop, stripe: FakeStripe) -> None:
    methods.ask(user_id=ADA, return_url=RETURN, cancel_url=RETURN, now=NOW)
    work.work(now=later(minutes=3))
    assert states() == ["asked"]
    stripe.tables["checkout/sessions"][SavedMethod.objects.get().link_ref]["status"] = "expired"
    work.work(now=later(days=2))
    assert states() == ["expired"]
    assert SavedMethod.objects.get().work_at is None


def test_it_is_taken_away_here_at_once_and_there_once_it_answers(shop: FakeShop, stripe: FakeStripe) -> None:
    row = leave_card(stripe)
    leave_card(stripe, user_id=BOB)
    assert methods.remove(method_id=row.pk, owner=BOB, now=NOW) is None
    assert methods.of_user(ADA) == row
    for _ in range(2):
        assert methods.remove(method_id=row.pk, owner=ADA, now=NOW) == row
    stripe.faults = [503]
    work.work(now=later(minutes=1))
    assert (methods.of_user(ADA), stripe.tables["payment_methods"][row.method_ref]["customer"]) == (
        None,
        row.customer_ref,
    )
    work.work(now=later(minutes=3))
    work.work(now=later(hours=3))
    assert stripe.tables["payment_methods"][row.method_ref]["customer"] is None
    assert sum(path.endswith("/detach") for _, path, _ in stripe.said) == 1
    assert methods.of_user(BOB) is not None


def test_what_is_taken_away_at_the_provider_is_lost_here(shop: FakeShop, stripe: FakeStripe) -> None:
    row = leave_card(stripe)
    provider = fees.collector()
    assert provider is not None
    stripe.tables["payment_methods"][row.method_ref]["card"].update(exp_month=1, exp_year=2033, last4="0005")
    assert methods.told(provider=provider, link_ref="", method_ref=row.method_ref, now=NOW) == {ADA}
    row.refresh_from_db()
    assert (row.last_digits, row.expires) == ("0005", datetime.date(2033, 2, 1))
    stripe.tables["payment_methods"][row.method_ref]["customer"] = None
    methods.told(provider=provider, link_ref="", method_ref=row.method_ref, now=NOW)
    assert states() == ["lost"]


def test_an_account_that_is_deleted_leaves_nothing(shop: FakeShop, stripe: FakeStripe) -> None:
    row = leave_card(stripe)
    methods.forget_account(user_id=ADA, now=NOW)
    work.work(now=later(minutes=1))
    assert stripe.tables["payment_methods"][row.method_ref]["customer"] is None
    row.refresh_from_db()
    assert (row.state, row.brand, row.last_digits, row.expires) == ("removed", "", "", None)


def test_a_page_that_is_filled_in_after_its_account_was_deleted_leaves_nothing(
    shop: FakeShop, stripe: FakeStripe
) -> None:
    methods.ask(user_id=ADA, return_url=RETURN, cancel_url=RETURN, now=NOW)
    row = SavedMethod.objects.get()
    methods.forget_account(user_id=ADA, now=NOW)
    work.work(now=later(minutes=1))
    stripe.leave_card(row.link_ref)
    provider = fees.collector()
    assert provider is not None
    for _ in range(2):
        assert methods.told(provider=provider, link_ref=row.link_ref, method_ref="", now=later(minutes=2)) == set()
    row.refresh_from_db()
    assert (row.state, row.last_digits, bool(row.method_ref)) == ("removed", "", True)
    work.work(now=later(minutes=3))
    assert stripe.tables["payment_methods"][row.method_ref]["customer"] is None


def test_told_by_many_at_once_it_is_saved_once(shop: FakeShop, stripe: FakeStripe) -> None:
    methods.ask(user_id=ADA, return_url=RETURN, cancel_url=RETURN, now=NOW)
    row = SavedMethod.objects.get()
    stripe.leave_card(row.link_ref)
    provider = fees.collector()
    assert provider is not None
    changed: list[set[str]] = []

    def tell() -> None:
        try:
            changed.append(methods.told(provider=provider, link_ref=row.link_ref, method_ref="", now=NOW))
        finally:
            connection.close()

    threads = [threading.Thread(target=tell) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(changed, key=len) == [set()] * 5 + [{ADA}]


@pytest.mark.parametrize(
    "url", ["", "shop.example.com", "javascript:alert(1)", "https://", "http://[", "https://x:99999/", "x" * 3000]
)
def test_an_address_to_come_back_to_must_be_one(shop: FakeShop, stripe: FakeStripe, url: str) -> None:
    with pytest.raises(errors.Invalid):
        methods.ask(user_id=ADA, return_url=url, cancel_url=RETURN, now=NOW)
    with pytest.raises(errors.Invalid):
        methods.ask(user_id=ADA, return_url=RETURN, cancel_url=url, now=NOW)
    assert (SavedMethod.objects.count(), stripe.said) == (0, [])


def test_a_store_without_a_provider_says_so(shop: FakeShop) -> None:
    with pytest.raises(methods.NoCollector):
        methods.ask(user_id=ADA, return_url=RETURN, cancel_url=RETURN, now=NOW)
    assert (SavedMethod.objects.count(), work.work(now=NOW).users) == (0, set())


def test_who_asks_often_waits(shop: FakeShop, stripe: FakeStripe) -> None:
    for _ in range(methods.PER_HOUR):
        methods.ask(user_id=ADA, return_url=RETURN, cancel_url=RETURN, now=NOW)
    with pytest.raises(methods.TooManyLinks):
        methods.ask(user_id=ADA, return_url=RETURN, cancel_url=RETURN, now=NOW)
    methods.ask(user_id=BOB, return_url=RETURN, cancel_url=RETURN, now=NOW)
    methods.ask(user_id=ADA, return_url=RETURN, cancel_url=RETURN, now=later(minutes=61))


def test_a_provider_that_is_away_is_told_to_the_member(shop: FakeShop, stripe: FakeStripe) -> None:
    stripe.faults = [500]
    with pytest.raises(methods.CollectorAway):
        methods.ask(user_id=ADA, return_url=RETURN, cancel_url=RETURN, now=NOW)
    assert states() == ["expired"]
