"""Members' letters by a provider: from the code to what became of it, with a real PDF and a Lob on this machine."""

from __future__ import annotations

import dataclasses
import datetime
import io
from decimal import Decimal

import pypdfium2
import pytest
import time_machine
from django.db import transaction

from saleor_livesales import shop as interface
from saleor_livesales.codes.models import CodeDelivery
from saleor_livesales.letters import actions, fonts, posting, styles, tasks
from saleor_livesales.letters.models import Letter
from saleor_livesales.members import codes
from saleor_livesales.members.actors import By
from saleor_livesales.members.models import MemberCode
from saleor_livesales.postings import tracking
from saleor_livesales.postings.models import Posting, PostingEvent
from tests.carriers.server import Lob
from tests.fakes import FakeShop
from tests.members.build import ADA, CHANNEL, NOW, a_plan, the_member
from tests.members.test_codes import buy
from tests.postings.build import a_channel, spent
from tests.postings.conftest import server  # noqa: F401

pytestmark = [pytest.mark.django_db(transaction=True)]
STAFF = By(kind="staff", user_id="VXNlcjo5")
HOME = interface.PostalAddress(
    name="Ada Lovelace", company="", street_1="5 Secret Lane", street_2="", city="Springfield", city_area="",
    postal_code="62704", country_area="IL", country="US",
)  # fmt: skip
INCH = 72.0  # points


@pytest.fixture
def letter(shop: FakeShop, server: Lob) -> Letter:  # noqa: F811
    """A member's letter that waits, in a channel that posts by Lob."""
    a_channel()
    styles.update(
        channel=CHANNEL, changes={"sender": "Example Books\n210 King St\nSan Francisco"}, actor_user_id=None, now=NOW
    )
    a_plan(sign_in_url="https://shop.example.com/in")
    buy(shop)
    shop.add_customer(ADA)
    shop.address_table[ADA] = HOME
    codes.issue_due(now=NOW)
    return actions.create(membership_id=the_member().pk, by=STAFF, now=NOW)


def after(**pause: float) -> datetime.datetime:
    return NOW + datetime.timedelta(**pause)


def state(letter: Letter) -> str:
    letter.refresh_from_db()
    return letter.state


def replace_code() -> None:
    with transaction.atomic():
        codes.replace(membership=the_member(), by_member=False, now=NOW)


def told(kind: str, *, now: datetime.datetime = NOW) -> None:
    row = Posting.objects.order_by("-created_at", "-id")[0]
    PostingEvent.objects.create(
        key=f"{row.pk}-{kind}", provider="lob", kind=kind, reference=str(row.pk),
        provider_id=row.provider_id or "ltr_0000000000000000", at=now, received_at=now,
    )  # fmt: skip
    tracking.act(letters=posting.Members(), now=now)


def test_a_letter_goes_by_the_provider(letter: Letter, server: Lob) -> None:  # noqa: F811
    assert CodeDelivery.objects.filter(code_id=letter.member_code.code_id).exists()
    assert (posting.work(now=NOW), posting.work(now=after(days=1))) == (1, 0)
    assert (state(letter), letter.round, letter.batch, spent()) == ("handed_over", 1, None, Decimal("1.25"))
    assert not CodeDelivery.objects.filter(code_id=letter.member_code.code_id).exists()  # nobody can read it any more
    [asked] = server.asked("/letters")
    assert asked.body["to"] == {
        "name": "Ada Lovelace", "address_line1": "5 Secret Lane", "address_city": "Springfield",
        "address_state": "IL", "address_zip": "62704", "address_country": "US",
    }  # fmt: skip


def test_the_page_leaves_lobs_windows_free(letter: Letter, server: Lob) -> None:  # noqa: F811
    posting.work(now=NOW)
    document = pypdfium2.PdfDocument(io.BytesIO(server.asked("/letters")[0].files["file"]))
    [page] = list(document)
    assert page.get_size() == (8.5 * INCH, 11 * INCH)
    scale = 2
    picture = page.render(scale=scale).to_pil().convert("L")
    inch = int(INCH * scale)
    assert picture.crop((0, 0, int(4.75 * inch), int(3.5 * inch))).getextrema() == (255, 255)  # no ink
    assert picture.crop((int(4.75 * inch), 0, picture.width, int(3.5 * inch))).getextrema()[0] < 100  # the store's head
    text = page.get_textpage().get_text_range()
    assert "Example Books" in text and letter.number in text and "5 Secret Lane" not in text


def test_letters_beyond_the_limit_wait(letter: Letter, server: Lob) -> None:  # noqa: F811
    a_channel(monthly_limit=Decimal("1"))
    assert (posting.work(now=NOW), state(letter), letter.round, server.requests) == (0, "queued", 0, [])
    a_channel(monthly_limit=Decimal("2"))
    assert (posting.work(now=NOW), state(letter)) == (1, "handed_over")


def test_where_the_store_prints_nothing_is_posted(letter: Letter, server: Lob) -> None:  # noqa: F811
    a_channel(way="print")
    assert (posting.work(now=NOW), state(letter), server.requests) == (0, "queued", [])


def test_a_bad_address_asks_for_another(letter: Letter, server: Lob, shop: FakeShop) -> None:  # noqa: F811
    server.deliverability = "undeliverable"
    assert (posting.work(now=NOW), state(letter), spent()) == (0, "bad_address", Decimal(0))
    assert posting.work(now=after(days=1)) == 0
    server.deliverability = None
    shop.address_table[ADA] = dataclasses.replace(HOME, street_1="7 Open Road")
    actions.retry(letter_id=letter.pk, by=STAFF, now=after(days=1))
    assert (posting.work(now=after(days=1)), state(letter), letter.round) == (1, "handed_over", 2)
    assert server.asked("/letters")[0].body["to"]["address_line1"] == "7 Open Road"
    assert spent() == Decimal("1.25")


def test_without_an_address(letter: Letter, server: Lob, shop: FakeShop) -> None:  # noqa: F811
    del shop.address_table[ADA]
    assert (posting.work(now=NOW), state(letter), spent()) == (0, "no_address", Decimal(0))


def test_a_letter_that_came_back_ends_its_code(letter: Letter, server: Lob) -> None:  # noqa: F811
    posting.work(now=NOW)
    told("returned")
    assert (state(letter), letter.member_code.code.state) == ("undeliverable", "revoked")
    second = actions.retry(letter_id=letter.pk, by=STAFF, now=after(days=1))
    assert (second.pk != letter.pk, posting.work(now=after(days=1)), state(second)) == (True, 1, "handed_over")
    assert len(server.letters) == 2


def test_a_code_that_expired_before_its_letter_came_back(letter: Letter) -> None:
    posting.work(now=NOW)
    MemberCode.objects.get(pk=letter.member_code_id).code.__class__.objects.update(state="expired")
    told("returned")
    assert state(letter) == "undeliverable"


def test_a_letter_that_failed_after_it_was_taken_gets_a_new_code(letter: Letter, server: Lob) -> None:  # noqa: F811
    posting.work(now=NOW)
    told("failed")
    assert state(letter) == "failed"
    second = actions.retry(letter_id=letter.pk, by=STAFF, now=after(hours=1))
    assert second.member_code_id != letter.member_code_id
    assert (posting.work(now=after(hours=1)), len(server.letters)) == (1, 2)


def test_a_letter_that_was_refused_keeps_its_code(letter: Letter, server: Lob) -> None:  # noqa: F811
    server.faults = ["", "422 invalid_file"]
    assert (posting.work(now=NOW), state(letter), spent()) == (0, "failed", Decimal(0))
    again = actions.retry(letter_id=letter.pk, by=STAFF, now=NOW)
    assert (again.pk, again.state, posting.work(now=NOW), state(letter)) == (letter.pk, "queued", 1, "handed_over")


def test_a_code_that_ends_before_the_letter_is_sent(letter: Letter, server: Lob) -> None:  # noqa: F811
    posting.claim_due(now=NOW)
    replace_code()
    actions.cancel_ended(now=NOW)
    assert (posting.work(now=NOW), state(letter), server.requests, spent()) == (0, "cancelled", [], Decimal(0))


def test_a_code_that_ends_after_is_asked_back_once(letter: Letter, server: Lob) -> None:  # noqa: F811
    posting.work(now=NOW)
    replace_code()
    server.faults = ["422 not_deletable"]
    assert (posting.work(now=NOW), state(letter)) == (0, "handed_over")
    asked = len(server.requests)
    assert (posting.work(now=after(days=1)), len(server.requests)) == (0, asked)


def test_a_code_that_ends_in_time_costs_nothing(letter: Letter, server: Lob) -> None:  # noqa: F811
    posting.work(now=NOW)
    replace_code()
    assert (posting.work(now=NOW), state(letter), server.letters, spent()) == (0, "cancelled", {}, Decimal(0))


def test_what_is_told_of_a_former_round_changes_nothing(letter: Letter, server: Lob) -> None:  # noqa: F811
    server.faults = ["", "422 invalid_file"]
    posting.work(now=NOW)
    first = Posting.objects.get()
    actions.retry(letter_id=letter.pk, by=STAFF, now=NOW)
    posting.work(now=NOW)
    posting.Members().changed(first, now=NOW)
    assert (state(letter), letter.round) == ("handed_over", 2)


def test_a_deleted_letter_is_not_sent(letter: Letter, server: Lob) -> None:  # noqa: F811
    posting.claim_due(now=NOW)
    letter.delete()
    assert (posting.work(now=NOW), server.requests, spent()) == (0, [], Decimal(0))
    assert Posting.objects.get().state == "cancelled"


def test_a_letter_that_the_store_prints_after_all_is_left_alone(letter: Letter, server: Lob) -> None:  # noqa: F811
    server.faults = ["", "422 invalid_file"]
    posting.work(now=NOW)
    actions.retry(letter_id=letter.pk, by=STAFF, now=NOW)
    batch = actions.batch(channel=CHANNEL, by=STAFF, now=NOW)
    row = Posting.objects.get()
    row.state = "failed"
    posting.Members().changed(row, now=NOW)
    assert (state(letter), letter.batch) == ("batched", batch)


def test_the_task_does_nothing_while_the_plugin_is_switched_off(letter: Letter, server: Lob, shop: FakeShop) -> None:  # noqa: F811
    shop.is_active = False
    assert (tasks.letters_post(), state(letter)) == (0, "queued")
    shop.is_active = True
    with time_machine.travel(NOW, tick=False):
        assert (tasks.letters_post(), state(letter)) == (1, "handed_over")


def test_without_the_extra_nothing_is_claimed(
    letter: Letter,
    server: Lob,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(fonts, "FILES", {"nobody's": ("a_package_that_nobody_has", "x.ttf")})
    assert (posting.work(now=NOW), state(letter), spent(), server.requests) == (0, "queued", Decimal(0), [])
    assert "saleor-livesales[letters]" in caplog.text
