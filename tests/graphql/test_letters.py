"""Letters through the API: for the owner alone."""

from __future__ import annotations

import base64
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from saleor_livesales.ids import to_global_id
from saleor_livesales.letters import batches
from saleor_livesales.letters.models import Letter, LetterStyle
from saleor_livesales.members import codes as member_codes
from saleor_livesales.members import orders
from saleor_livesales.members.models import Membership, Plan
from tests.letters.build import ADDRESSES
from tests.members import build

from .conftest import CHANNEL, CUSTOMER, NOBODY, ONLY_MANAGER, PRODUCT, REP, VARIANT, now

CREATE = """mutation($id: ID!) { liveLetterCreate(membershipId: $id) {
  letter { id number state membership { id } batch { id } } errors { field code } } }"""
BATCH = """mutation { liveLetterBatchCreate(channel: "default-channel") {
  batch { id state total drawn lettersUrl } errors { field code } } }"""
MARK = """mutation($id: ID!, $state: LiveLetterBatchStateEnum!) { liveLetterBatchMark(id: $id, state: $state) {
  batch { state lettersUrl } errors { field code } } }"""
BATCHES = "{ liveLetterBatches(first: 10) { edges { node { state total lettersUrl manifestUrl } } } }"
LETTERS = """query($filter: LiveLetterFilterInput) { liveLetters(first: 50, filter: $filter) { edges { node {
  number state batch { state } membership { plan { name } profile { name } } } } } }"""
STYLE = """mutation($input: LiveLetterStyleInput!) { liveLetterStyleUpdate(channel: "default-channel", input: $input) {
  style { form sender country hasLogo words { language subject own } } errors { field code } } }"""


def a_member(shop, number: int = 1, user_id: str = CUSTOMER) -> str:
    shop.add_customer(user_id)
    shop.address_table[user_id] = ADDRESSES["US"]
    plan = Plan.objects.first() or build.a_plan(product_id=PRODUCT, variant_id=VARIANT)
    shop.put_order(build.an_order(number, build.a_line(number, variant=plan.variant_id), user_id=user_id))
    orders.follow(order_id=f"order-{number}", now=now())
    member_codes.issue_due(now=now())
    return to_global_id("LiveMembership", Membership.objects.get(user_id=user_id).pk)


def test_from_the_members_code_to_the_post(ask, shop):
    member = a_member(shop)
    made = ask(CREATE, ONLY_MANAGER, id=member)
    letter = made.data["letter"]
    assert (made.codes, letter["state"], letter["membership"]["id"], letter["batch"]) == ([], "QUEUED", member, None)
    batch = ask(BATCH, ONLY_MANAGER).data["batch"]
    assert (batch["state"], batch["total"], batch["drawn"], batch["lettersUrl"]) == ("DRAWING", 1, 0, None)
    assert ask(MARK, ONLY_MANAGER, id=batch["id"], state="PRINTED").codes == [("id", "LETTER_STATE")]
    batches.work(now=now())
    [shown] = ask(BATCHES, ONLY_MANAGER).nodes
    assert shown["state"] == "READY" and shown["lettersUrl"].endswith("/letters.pdf")
    assert shown["manifestUrl"].endswith("/letters.csv")
    assert ask(MARK, ONLY_MANAGER, id=batch["id"], state="READY").codes == [("state", "INVALID")]
    marked = ask(MARK, ONLY_MANAGER, id=batch["id"], state="HANDED_OVER").data["batch"]
    assert marked == {"state": "HANDED_OVER", "lettersUrl": None}
    [found] = ask(LETTERS, ONLY_MANAGER, filter={"number": f" {letter['number'][:5].lower()} "}).nodes
    assert found == {
        "number": letter["number"], "state": "HANDED_OVER", "batch": {"state": "HANDED_OVER"},
        "membership": {"plan": {"name": "Circle"}, "profile": {"name": "Ada Buyer"}},
    }  # fmt: skip
    assert ask(LETTERS, ONLY_MANAGER, filter={"state": ["QUEUED"]}).nodes == []


def test_nothing_to_print_is_told(ask, shop):
    assert ask(BATCH, ONLY_MANAGER).codes == [("channel", "NO_LETTERS")]
    assert ask(
        CREATE, ONLY_MANAGER, id=to_global_id("LiveMembership", "0" * 8 + "-0000-7000-8000-" + "0" * 12)
    ).codes == [("id", "NOT_FOUND")]


@pytest.mark.parametrize("by", [REP, NOBODY])
def test_only_the_owner(ask, shop, by):
    member = a_member(shop)
    for document, given in (
        (CREATE, {"id": member}), (BATCH, {}), (BATCHES, {}), (LETTERS, {}), (STYLE, {"input": {"sender": "x"}}),
        ('{ liveLetterPreview(channel: "default-channel", language: "en") { content } }', {}),
        ('{ liveLetterStyle(channel: "default-channel") { sender } }', {}),
    ):  # fmt: skip
        assert ask(document, by, **given).errors
    assert (Letter.objects.count(), LetterStyle.objects.count()) == (0, 0)


def test_the_style_is_set_and_previewed(ask, shop):
    words = [{"language": "de", "subject": "Hallo {name}", "text": "Text", "closing": "Ende"}]
    changed = ask(STYLE, ONLY_MANAGER, input={"form": "US10", "sender": "A\nB", "country": "us", "words": words})
    style = changed.data["style"]
    assert (changed.codes, style["form"], style["sender"], style["country"], style["hasLogo"]) == (
        [], "US10", "A\nB", "US", False,
    )  # fmt: skip
    assert [row["language"] for row in style["words"] if row["own"]] == ["de"]
    back = ask(STYLE, ONLY_MANAGER, input={"words": [{"language": "de"}]}).data["style"]
    assert not any(row["own"] for row in back["words"]) and back["sender"] == "A\nB"
    for wrong, field in (
        ({"logo": "no base64!"}, "logo"), ({"logo": base64.b64encode(b"no picture").decode()}, "logo"),
        ({"sender": None}, "sender"), ({"country": "Germany"}, "country"),
        ({"words": [{"language": "de", "subject": "{code}", "text": "x"}]}, "subject"),
    ):  # fmt: skip
        assert ask(STYLE, ONLY_MANAGER, input=wrong).codes == [(field, "INVALID")], wrong
    preview = '{ liveLetterPreview(channel: "default-channel", language: "de") { content picture } }'
    page = ask(preview, ONLY_MANAGER).data
    assert base64.b64decode(page["content"]).startswith(b"%PDF")
    with Image.open(io.BytesIO(base64.b64decode(page["picture"]))) as picture:
        assert (picture.format, picture.size) == ("PNG", (816, 1056))  # US Letter at 96 dpi


def test_a_list_costs_the_same_however_long_it_is(ask, shop):
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert not ask(LETTERS, ONLY_MANAGER).errors
        return len(queries)

    ask(CREATE, ONLY_MANAGER, id=a_member(shop))
    one = cost()
    for number in range(2, 6):
        ask(CREATE, ONLY_MANAGER, id=a_member(shop, number, f"VXNlcjo{number}"))
    assert cost() == one and CHANNEL
