"""A member's code by post: queued, drawn in a batch, printed, handed over, and whatever else may become of it."""

from __future__ import annotations

import contextlib
import csv
import dataclasses
import io
import threading

import pypdfium2
import pytest
from django.db import connection

from saleor_livesales.codes import actions as codes
from saleor_livesales.codes.models import Code, CodeDelivery
from saleor_livesales.errors import Invalid, NotFound
from saleor_livesales.letters import actions, batches, serve, styles, transitions, vault
from saleor_livesales.letters.models import Letter, LetterBatch, LetterStyle
from saleor_livesales.members import actions as members
from saleor_livesales.members import codes as member_codes
from saleor_livesales.members import mail, orders
from saleor_livesales.members.actors import By
from saleor_livesales.members.models import MemberCode, Membership, Plan
from tests.fakes import FakeShop
from tests.members.build import ADA, CHANNEL, NOW, a_plan, an_order, days

from .build import ADDRESSES

pytestmark = [pytest.mark.django_db(transaction=True)]

OWNER = By(kind="staff", user_id="VXNlcjo5")


def a_member(shop: FakeShop, number: int = 1, country: str | None = "DE") -> Membership:
    user_id = f"user-{number}"
    shop.add_customer(user_id, name=f"Member {number}", email=f"m{number}@example.com")
    if country is not None:
        shop.address_table[user_id] = ADDRESSES[country]
    if not Plan.objects.exists():
        a_plan(sign_in_url="https://shop.example.com/help")
    shop.put_order(an_order(number, user_id=user_id))
    orders.follow(order_id=f"order-{number}", now=NOW)
    member_codes.issue_due(now=NOW)
    return Membership.objects.get(user_id=user_id)


def by_post(membership: Membership) -> Letter:
    return actions.create(membership_id=membership.pk, by=OWNER, now=NOW)


def texts(batch: LetterBatch) -> list[str]:
    data = vault.get(batch.pk, bytes(batch.secret or b""), "pdf")
    assert data is not None
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(data)]


def states() -> list[str]:
    return list(Letter.objects.order_by("id").values_list("state", flat=True))


def a_batch(**after: float) -> LetterBatch:
    batch = actions.batch(channel=CHANNEL, by=OWNER, now=NOW)
    batches.work(now=NOW)
    batch.refresh_from_db()
    return batch


def test_the_same_code_goes_by_post_and_not_by_mail(shop: FakeShop) -> None:
    letter = by_post(a_member(shop))
    assert (letter.state, letter.member_code.mail_state, MemberCode.objects.count()) == ("queued", "post", 1)
    assert by_post(Membership.objects.get()) == letter
    assert mail.mail_due(now=NOW) == 0
    assert "Member" not in letter.number and len(letter.number) == 9


def test_a_code_that_was_mailed_is_followed_by_a_new_one(shop: FakeShop) -> None:
    member = a_member(shop)
    old = MemberCode.objects.get()
    codes.delivered(code_ids=[old.code_id], actor="system", reason="mailed", now=NOW)
    MemberCode.objects.update(mail_state="bounced", due_at=None)
    letter = by_post(member)
    assert letter.member_code_id != old.pk
    assert Code.objects.get(pk=old.code_id).state == "revoked"
    assert list(CodeDelivery.objects.values_list("code_id", flat=True)) == [letter.member_code.code_id]


def test_drawn_printed_and_handed_over(shop: FakeShop) -> None:
    styles.update(
        channel=CHANNEL, changes={"sender": "Shop GmbH\nBerlin", "country": "de"}, actor_user_id=None, now=NOW
    )
    letters = [by_post(a_member(shop, number, country)) for number, country in ((1, "DE"), (2, "JP"))]
    batch = a_batch()
    assert (batch.state, batch.total, batch.drawn, batch.error) == ("ready", 2, 2, "")
    secrets = codes.readable(code_ids=[letter.member_code.code_id for letter in letters])
    pages = texts(batch)
    for letter, page in zip(sorted(letters, key=lambda row: row.pk), pages, strict=True):
        text = secrets[letter.member_code.code_id].reveal()
        assert f"{text[:4]}-{text[4:8]}-{text[8:]}" in page and letter.number in page
    assert "GERMANY" not in "".join(pages) and "JAPAN" in "".join(pages)
    assert "Shop GmbH" in pages[0]
    manifest = vault.get(batch.pk, bytes(batch.secret or b""), "csv")
    assert manifest is not None
    rows = list(csv.reader(io.StringIO(manifest.decode("utf-8-sig"))))
    assert [row[1] for row in rows] == ["name", "Ada Lovelace", "田中 太郎"]
    assert all(text.reveal() not in manifest.decode() for text in secrets.values())

    assert actions.mark(batch_id=batch.pk, state="printed", now=NOW).state == "printed"
    assert states() == ["printed", "printed"]
    handed = actions.mark(batch_id=batch.pk, state="handed_over", now=NOW)
    assert (handed.state, states()) == ("handed_over", ["handed_over"] * 2)
    assert CodeDelivery.objects.count() == 0
    assert actions.mark(batch_id=batch.pk, state="printed", now=NOW).state == "handed_over"
    assert serve.address(handed, "pdf", now=NOW) is None
    batches.work(now=NOW)
    assert shop.storage.listdir("livesales/letters")[1] == []
    batch.refresh_from_db()
    assert (batch.secret, batch.work_at) == (None, None)
    assert Code.objects.filter(state="issued").count() == 2


def test_a_letter_bears_the_date_of_its_plans_time_zone(shop: FakeShop) -> None:
    a_plan(time_zone="Pacific/Auckland")
    by_post(a_member(shop, 1, "GB"))  # at 15:00 UTC it is tomorrow there
    [page] = texts(a_batch())
    assert "2027-02-01" in page and "2027-01-31" not in page


def test_who_has_no_address_waits_for_one(shop: FakeShop) -> None:
    letter = by_post(a_member(shop, 1, None))
    batch = a_batch()
    assert (batch.state, batch.total, states()) == ("empty", 0, ["no_address"])
    with pytest.raises(actions.NothingToPrint):
        a_batch()
    shop.address_table["user-1"] = ADDRESSES["US"]
    assert actions.retry(letter_id=letter.pk, by=OWNER, now=NOW).state == "queued"
    assert (a_batch().state, states()) == ("ready", ["batched"])
    with pytest.raises(transitions.NotThisState):
        actions.retry(letter_id=letter.pk, by=OWNER, now=NOW)


def test_one_that_comes_back_loses_its_code_and_is_followed_by_another(shop: FakeShop) -> None:
    letter = by_post(a_member(shop))
    with pytest.raises(transitions.NotThisState):
        actions.returned(number=letter.number, now=NOW)
    actions.mark(batch_id=a_batch().pk, state="handed_over", now=NOW)
    for _ in range(2):
        assert actions.returned(number=f" {letter.number.lower()} ", now=NOW).state == "undeliverable"
    assert Code.objects.get(pk=letter.member_code.code_id).state == "revoked"
    member_codes.reconcile(now=NOW)
    again = actions.retry(letter_id=letter.pk, by=OWNER, now=NOW)
    assert (again.pk != letter.pk, again.state, states()) == (True, "queued", ["undeliverable", "queued"])
    assert again.member_code.code.state == "issued"


def test_one_that_comes_back_after_its_code_expired_is_noted_all_the_same(shop: FakeShop) -> None:
    letter = by_post(a_member(shop))
    actions.mark(batch_id=a_batch().pk, state="handed_over", now=NOW)
    late = NOW + days(90)
    assert codes.expire_due(now=late) == 1
    assert actions.returned(number=letter.number, now=late).state == "undeliverable"
    assert Code.objects.get(pk=letter.member_code.code_id).state == "expired"


def test_each_letter_is_confirmed_by_its_number(shop: FakeShop) -> None:
    first, second = by_post(a_member(shop, 1)), by_post(a_member(shop, 2))
    a_batch()
    for _ in range(2):
        assert actions.confirm(number=first.number, now=NOW).state == "handed_over"
    assert states() == ["handed_over", "batched"]
    assert list(CodeDelivery.objects.values_list("code_id", flat=True)) == [second.member_code.code_id]
    with pytest.raises(NotFound):
        actions.confirm(number="L00000000", now=NOW)


def test_a_code_that_ends_is_not_printed(shop: FakeShop) -> None:
    ends, waits = a_member(shop, 1), a_member(shop, 2)
    for member in (ends, waits):
        by_post(member)
    members.revoke(membership_id=ends.pk, by=OWNER, reason="gone", now=NOW)
    batch = a_batch()
    assert (batch.total, len(texts(batch))) == (1, 1)
    members.revoke(membership_id=waits.pk, by=OWNER, reason="gone", now=NOW)
    assert actions.cancel_ended(now=NOW) == 2
    assert states() == ["cancelled", "cancelled"]


def test_workers_at_once_and_two_batches_draw_each_letter_once(shop: FakeShop) -> None:
    for number in range(1, 7):
        by_post(a_member(shop, number))
    start, made = threading.Barrier(4), []

    def run() -> None:
        try:
            start.wait()
            with contextlib.suppress(actions.NothingToPrint):
                made.append(actions.batch(channel=CHANNEL, by=OWNER, now=NOW))
            batches.work(now=NOW)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    batches.work(now=NOW + days(0.01))
    assert states() == ["batched"] * 6
    assert sum(LetterBatch.objects.values_list("total", flat=True)) == 6
    assert sum(len(texts(batch)) for batch in LetterBatch.objects.all()) == 6


class Killed(BaseException):
    """What a killed worker does not catch."""


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(("owner", "name"), [(vault, "put"), (batches, "_note"), (batches, "_draw"), (vault, "remove")])
def test_a_worker_that_is_killed_is_followed_by_another(
    shop: FakeShop, monkeypatch: pytest.MonkeyPatch, owner: object, name: str, after: bool
) -> None:
    by_post(a_member(shop))
    batch = actions.batch(channel=CHANNEL, by=OWNER, now=NOW)
    if name == "remove":
        batches.work(now=NOW)
        actions.mark(batch_id=batch.pk, state="handed_over", now=NOW)
    real = getattr(owner, name)

    def dies(*args: object, **kwargs: object) -> None:
        if after:
            real(*args, **kwargs)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, dies)
        with pytest.raises(Killed):
            batches.work(now=NOW)
    batches.work(now=NOW + batches.LEASE)
    batch.refresh_from_db()
    if name == "remove":
        assert (batch.secret, shop.storage.listdir("livesales/letters")[1]) == (None, [])
    else:
        assert (batch.state, len(texts(batch)), states()) == ("ready", 1, ["batched"])


def test_what_can_not_be_drawn_is_tried_again_and_given_up(shop: FakeShop, monkeypatch: pytest.MonkeyPatch) -> None:
    by_post(a_member(shop))
    batch = actions.batch(channel=CHANNEL, by=OWNER, now=NOW)
    monkeypatch.setattr(batches, "_draw", lambda *_, **__: (_ for _ in ()).throw(ValueError("Ada Lovelace")))
    for hour in range(batches.ATTEMPTS + 2):
        batches.work(now=NOW + days(hour / 24))
    batch.refresh_from_db()
    assert (batch.state, batch.error, states()) == ("failed", "ValueError", ["queued"])


def test_a_file_that_nobody_printed_goes_after_a_week(shop: FakeShop) -> None:
    by_post(a_member(shop))
    batch = a_batch()
    batches.work(now=NOW + days(6.9))
    assert serve.downloadable(LetterBatch.objects.get())
    batches.work(now=NOW + days(7))
    assert not serve.downloadable(LetterBatch.objects.get())
    assert batch.pk and shop.storage.listdir("livesales/letters")[1] == []


def test_the_file_is_served_to_whom_it_was_linked_for_and_sealed_at_rest(shop: FakeShop) -> None:
    letter = by_post(a_member(shop))
    batch = a_batch()
    address = serve.address(batch, "pdf", now=NOW)
    assert address is not None and str(batch.pk) not in address
    path = address.removeprefix("http://shop.test/plugins/saleor.livesales/letters/")
    answer = serve.respond(path, method="GET", now=NOW)
    assert (answer.status, answer.body[:5], answer.headers["Cache-Control"]) == (200, b"%PDF-", "private, no-store")
    assert serve.respond(path, method="HEAD", now=NOW).body == b""
    assert (
        serve.respond(path.replace(".pdf", ".csv"), method="GET", now=NOW)
        .headers["Content-Type"]
        .startswith("text/csv")
    )
    for wrong in (path[:-5] + "x.pdf", "x" + path, path.replace(".pdf", ".exe"), "", "a/b/c", "x" * 3000):
        assert serve.respond(wrong, method="GET", now=NOW).status == 404
    assert serve.respond(path, method="GET", now=NOW + days(1)).status == 404
    assert serve.respond(path, method="POST", now=NOW).status == 405
    [name] = [each for each in shop.storage.listdir("livesales/letters")[1] if ".pdf" in each]
    kept = shop.storage.open(f"livesales/letters/{name}").read()
    assert letter.number.encode() not in kept and b"%PDF" not in kept


def test_the_style_is_checked_and_shown(shop: FakeShop) -> None:
    changes = {
        "form": "us10", "sender": " A \n\n B ", "return_line": "A · B", "country": "us",
        "words": {"de": {"subject": "Für {name}", "text": "Guten Tag", "closing": ""}},
    }  # fmt: skip
    row = styles.update(channel=CHANNEL, changes=changes, actor_user_id="VXNlcjo5", now=NOW)
    assert (row.form, row.sender, row.country, row.words["de"]["subject"]) == ("us10", "A\nB", "US", "Für {name}")
    page = pypdfium2.PdfDocument(styles.preview(row, language="de", now=NOW))[0]
    assert "Für Ada Lovelace" in page.get_textpage().get_text_range()
    assert styles.update(channel=CHANNEL, changes={"words": {"de": None}}, actor_user_id=None, now=NOW).words == {}
    for wrong in (
        {"form": "c4"}, {"sender": "x" * 61}, {"sender": "a\n" * 7}, {"country": "DEU"}, {"logo": b"no picture"},
        {"return_line": "x" * 121}, {"words": {"xx": {"subject": "a", "text": "b", "closing": ""}}},
        {"logo": b"x" * 1_000_001},
    ):  # fmt: skip
        with pytest.raises(Invalid):
            styles.update(channel=CHANNEL, changes={"sender": "changed", **wrong}, actor_user_id=None, now=NOW)
    assert LetterStyle.objects.get().sender == "A\nB"
    with pytest.raises(NotFound):
        styles.update(channel="nowhere", changes={}, actor_user_id=None, now=NOW)


def test_a_logo_is_drawn_anew(shop: FakeShop) -> None:
    from PIL import Image

    picture = io.BytesIO()
    Image.new("RGBA", (3000, 1000), (200, 0, 0, 128)).save(picture, "PNG", pnginfo=None)
    row = styles.update(channel=CHANNEL, changes={"logo": picture.getvalue()}, actor_user_id=None, now=NOW)
    assert row.logo is not None
    with Image.open(io.BytesIO(bytes(row.logo))) as kept:
        assert (kept.format, kept.width) == ("PNG", 1200)
    assert styles.preview(row, language="ar", now=NOW).startswith(b"%PDF")


def test_many_letters_cost_as_many_questions_as_one(shop: FakeShop) -> None:
    """How long a thousand take is in docs/performance.md."""
    member = a_member(shop)
    assert member.user_id == "user-1" and ADA
    for number in range(2, 13):
        a_member(shop, number)
    for row in Membership.objects.all():
        by_post(row)
    shop.calls.clear()
    batch = a_batch()
    assert (batch.total, len(texts(batch))) == (12, 12)
    assert (shop.calls["postal_addresses"], shop.calls["customers"]) == (1, 1)


def test_a_letter_that_can_not_be_set_spoils_no_batch(shop: FakeShop, caplog: pytest.LogCaptureFixture) -> None:
    """One in a script that our fonts lack, one in a country without rules, and one whose name can't be greeted."""
    good, lost, nowhere, quiet = (by_post(a_member(shop, number)) for number in range(1, 5))
    german = ADDRESSES["DE"]
    shop.address_table["user-2"] = dataclasses.replace(german, name="שרה כהן")
    shop.address_table["user-3"] = dataclasses.replace(german, country="EU")
    shop.address_table["user-4"] = dataclasses.replace(german, name="")
    shop.add_customer("user-4", name="שרה כהן", email="m4@example.com")
    batch = a_batch()
    assert (batch.state, batch.total) == ("ready", 3)
    for letter in (good, lost, nowhere, quiet):
        letter.refresh_from_db()
    assert [letter.state for letter in (good, lost, nowhere, quiet)] == ["batched", "bad_address", "batched", "batched"]
    assert lost.batch is None and CodeDelivery.objects.filter(code_id=lost.member_code.code_id).exists()
    pages = "".join(texts(batch))
    assert lost.number not in pages and "Hello," in pages and "\nEU" in pages.replace("\r", "")
    assert "unknown_script" in caplog.text and "שרה" not in caplog.text
    shop.address_table["user-2"] = german
    actions.retry(letter_id=lost.pk, by=OWNER, now=NOW)
    assert (a_batch().total, states()) == (1, ["batched"] * 4)


def test_a_code_that_was_revoked_by_hand_is_not_printed(shop: FakeShop) -> None:
    kept, revoked = by_post(a_member(shop, 1)), by_post(a_member(shop, 2))
    codes.revoke(code_id=revoked.member_code.code_id, actor="user:1", reason="", now=NOW)
    batch = a_batch()
    revoked.refresh_from_db()
    assert (batch.total, revoked.state) == (1, "cancelled")
    assert kept.number in texts(batch)[0]


def test_words_that_can_not_be_printed_are_refused_when_they_are_saved(shop: FakeShop) -> None:
    def say(**changes: object) -> None:
        styles.update(channel=CHANNEL, changes=changes, actor_user_id=None, now=NOW)

    with pytest.raises(Invalid, match="fonts"):
        say(words={"de": {"subject": "Ihr Code", "text": "שלום", "closing": ""}})
    with pytest.raises(Invalid, match="fonts"):
        say(sender="ขายของ")
    with pytest.raises(Invalid, match="longer than a page"):
        say(words={"en": {"subject": "A", "text": "WW " * 499, "closing": "WW " * 333}})
    assert not LetterStyle.objects.exists()
    say(sender="Δημόκριτος 書店", words={"pl": {"subject": "Kod", "text": "Cześć {name}", "closing": ""}})
