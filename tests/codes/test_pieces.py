"""Printed pieces from their making to their end."""

from __future__ import annotations

import csv
import datetime
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_livesales.codes import files, pieces, queries, redeem
from saleor_livesales.codes.alphabet import Secret, well_formed
from saleor_livesales.codes.alphabet import clean as cleaned
from saleor_livesales.codes.models import Code, CodeDelivery, PrintRecipient
from saleor_livesales.codes.pieces import Recipient
from saleor_livesales.codes.transitions import NotThisState
from saleor_livesales.errors import Invalid, NotFound
from saleor_livesales.ids import uuid7
from saleor_livesales.sessions.models import Session
from saleor_livesales.visitors.models import VisitorPass

from .conftest import HOUR, LAMP, NOW, OWNER, make_piece

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lamp")]


def rows(piece, after=None):
    file = files.download(piece_id=piece.pk, kind="csv", reference=None, after=after)
    return list(csv.DictReader(io.StringIO(file.content.decode()))), file.after


def shared_code(piece) -> Secret:
    return Secret(rows(piece)[0][0]["code"])


def add(piece, *recipients):
    return pieces.add_recipients(piece_id=piece.pk, recipients=recipients, actor_user_id=OWNER, now=NOW)


def enter(code, visitor=None, now=NOW):
    return redeem.redeem(code=code, visitor_id=visitor or uuid7(), network="", now=now)


def test_a_piece_for_everybody_has_one_code_for_any_number_of_visitors():
    piece = make_piece(ends_at=NOW + HOUR)
    code = Code.objects.get()
    assert (code.purpose, code.holder_kind, code.holder_id) == ("print", "piece", str(piece.pk))
    assert (code.opens_kind, code.opens_id, code.max_uses) == ("piece", str(piece.pk), None)
    assert (code.valid_from, code.valid_until, code.channel) == (NOW, NOW + HOUR, "default-channel")
    secret = shared_code(piece)
    assert [enter(secret).pass_.opens_id for _ in range(3)] == [str(piece.pk)] * 3


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"channel": "nowhere"}, "channel"),
        ({"product_id": "UHJvZHVjdDo5OQ=="}, "productId"),
        ({"product_id": ""}, "productId"),
        ({"variant_id": "UHJvZHVjdFZhcmlhbnQ6OQ=="}, "variantId"),
        ({"landing_url": "https://shop.example.com/#top"}, "landingUrl"),
        ({"landing_url": "javascript:alert(1)"}, "landingUrl"),
        ({"landing_url": "https://a:b@shop.example.com/"}, "landingUrl"),
        ({"landing_url": "https://shop example.com/"}, "landingUrl"),
        ({"ends_at": NOW}, "endsAt"),
    ],
)
def test_a_malformed_piece_is_refused_with_its_field(changes, field):
    with pytest.raises(Invalid) as refusal:
        make_piece(**changes)
    assert refusal.value.field == field
    assert Code.objects.count() == 0


def test_recipients_get_a_code_each_and_none_twice():
    piece = make_piece(personal=True)
    assert add(piece, Recipient(reference="1", name="Ada"), Recipient(reference="2"))[1] == 2
    assert add(piece, Recipient(reference="2"), Recipient(reference="3"), Recipient(reference=" 3 "))[1] == 1
    found, after = rows(piece)
    assert [(row["reference"], row["name"]) for row in found] == [("1", "Ada"), ("2", ""), ("3", "")]
    assert after is None
    assert len({row["code"] for row in found}) == 3
    assert all(row["link"] == f"https://shop.example.com/lamp#live={row['code']}" for row in found)
    opened = enter(Secret(found[0]["code"])).pass_
    assert (opened.holder_kind, opened.opens_kind) == ("recipient", "piece")
    assert opened.holder_id == str(PrintRecipient.objects.get(reference="1").pk)
    with pytest.raises(redeem.CodeRefused):
        enter(Secret(found[0]["code"]))


@pytest.mark.parametrize(
    "recipient", [Recipient(reference=""), Recipient(reference="x" * 101), Recipient(reference="\0")]
)
def test_a_malformed_recipient_adds_nobody(recipient):
    piece = make_piece(personal=True)
    with pytest.raises(Invalid):
        add(piece, Recipient(reference="1"), recipient)
    assert PrintRecipient.objects.count() == Code.objects.count() == 0


def test_a_list_is_safe_to_open_in_a_spreadsheet():
    piece = make_piece(personal=True)
    add(piece, Recipient(reference="1", name="=HYPERLINK(1)"), Recipient(reference="-2"))
    assert [(row["reference"], row["name"]) for row in rows(piece)[0]] in (
        [("'-2", ""), ("1", "'=HYPERLINK(1)")],
        [("1", "'=HYPERLINK(1)"), ("'-2", "")],
    )


def test_a_hundred_thousand_codes_and_no_more():
    """How fast is in benchmarks/printing.py; here that each five thousand cost the same statements."""
    piece = make_piece(personal=True)
    statements = []
    for start in range(0, 100_000, pieces.AT_ONCE):
        with CaptureQueriesContext(connection) as captured:
            add(piece, *(Recipient(reference=f"{n:06}", name=f"R {n}") for n in range(start, start + pieces.AT_ONCE)))
        statements.append(len(captured))
    assert len(set(statements)) == 1
    codes, after = [], None
    while True:
        part, after = rows(piece, after)
        codes += [row["code"] for row in part]
        if after is None:
            break
    assert len(set(codes)) == 100_000
    assert all(well_formed(cleaned(code)) for code in codes[:1000])
    with pytest.raises(Invalid):
        add(piece, Recipient(reference="one more"))


@pytest.mark.parametrize(("kind", "begins"), [("svg", b"<?xml"), ("png", b"\x89PNG\r\n\x1a\n"), ("pdf", b"%PDF-1.")])
def test_qr_codes(kind, begins):
    piece = make_piece()
    file = files.download(piece_id=piece.pk, kind=kind, reference=None, after=None)
    assert file.content.startswith(begins)
    assert (file.name, repr(file)) == (f"code.{kind}", f"File({files.KINDS[kind]})")
    if kind == "png":  # 600 dpi, 1 mm a module
        assert b"pHYs" in file.content and round(int.from_bytes(file.content[16:20]) / files.PIXELS) >= 33


def test_a_personal_qr_code_is_that_of_its_recipient():
    piece = make_piece(personal=True)
    add(piece, Recipient(reference="1"), Recipient(reference="2"))
    one, two = (
        files.download(piece_id=piece.pk, kind="svg", reference=reference, after=None).content
        for reference in ("1", "2")
    )
    expected = {row["reference"]: files.draw(row["link"], kind="svg") for row in rows(piece)[0]}
    assert (one, two) == (expected["1"], expected["2"])
    with pytest.raises(Invalid):
        files.download(piece_id=piece.pk, kind="svg", reference=None, after=None)
    with pytest.raises(NotFound):
        files.download(piece_id=piece.pk, kind="svg", reference="3", after=None)


def test_once_printed_nobody_reads_its_codes_and_they_still_work():
    piece = make_piece()
    secret = shared_code(piece)
    for _ in range(2):
        assert pieces.printed(piece_id=piece.pk, actor_user_id=OWNER, now=NOW).printed_at == NOW
    assert CodeDelivery.objects.count() == 0
    for kind in files.KINDS:
        with pytest.raises(NotThisState):
            files.download(piece_id=piece.pk, kind=kind, reference=None, after=None)
    assert enter(secret).again is False
    with pytest.raises(NotThisState) as refusal:
        pieces.update(piece_id=piece.pk, changes={"landing_url": "https://x.example/"}, actor_user_id=OWNER, now=NOW)
    assert refusal.value.field == "landingUrl"


def test_after_printing_no_recipient_is_added():
    piece = make_piece(personal=True)
    pieces.printed(piece_id=piece.pk, actor_user_id=OWNER, now=NOW)
    with pytest.raises(NotThisState):
        add(piece, Recipient(reference="1"))
    with pytest.raises(NotThisState):
        add(make_piece(), Recipient(reference="1"))


def test_a_revoked_piece_closes_everything_it_opened():
    piece = make_piece(personal=True)
    add(piece, Recipient(reference="1"), Recipient(reference="2"))
    one, two = (Secret(row["code"]) for row in rows(piece)[0])
    enter(one)
    for _ in range(2):
        revoked = pieces.revoke(piece_id=piece.pk, reason="wrong price", actor_user_id=OWNER, now=NOW)
    assert revoked.state == "revoked"
    assert set(Code.objects.values_list("state", flat=True)) == {"revoked"}
    assert VisitorPass.objects.get().revoked_at == NOW
    with pytest.raises(redeem.CodeRefused):
        enter(two)
    assert CodeDelivery.objects.count() == 0


def test_another_period_holds_for_codes_and_for_what_they_opened():
    piece = make_piece()
    secret = shared_code(piece)
    enter(secret)
    end = NOW + datetime.timedelta(days=1)
    pieces.update(piece_id=piece.pk, changes={"ends_at": end}, actor_user_id=OWNER, now=NOW)
    assert (Code.objects.get().valid_until, VisitorPass.objects.get().until) == (end, end)
    with pytest.raises(redeem.CodeRefused):
        enter(secret, now=end)


def test_redemptions_and_sessions_are_counted_for_each_piece():
    piece, other = make_piece(), make_piece()
    secret = shared_code(piece)
    for started in (NOW + HOUR, NOW + datetime.timedelta(days=8), NOW - HOUR):
        visitor = uuid7()
        enter(secret, visitor)
        enter(secret, visitor)
        Session.objects.create(visitor_id=visitor, channel="default-channel", state="ended", created_at=started)
        Session.objects.create(visitor_id=visitor, channel="channel-pln", state="ended", created_at=started)
    found = queries.counts(piece_ids=[piece.pk, other.pk])
    assert found[piece.pk] == queries.Counts(codes=1, redemptions=3, sessions=1)
    assert found[other.pk] == queries.Counts(codes=1, redemptions=0, sessions=0)


def test_the_rep_sees_piece_and_recipient():
    piece = make_piece(personal=True)
    add(piece, Recipient(reference="1", name="Ada"))
    visitor = uuid7()
    enter(Secret(rows(piece)[0][0]["code"]), visitor)
    [shown] = queries.shown(visitor_ids=[visitor], now=NOW)[visitor]
    assert (shown.piece.name, shown.piece.product_id, shown.recipient.name) == ("Spring catalogue", LAMP, "Ada")
    pieces.revoke(piece_id=piece.pk, reason="", actor_user_id=OWNER, now=NOW)
    assert queries.shown(visitor_ids=[visitor], now=NOW) == {}
