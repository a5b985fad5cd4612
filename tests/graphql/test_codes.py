"""Sign-in codes and printed pieces through the API: who may, what leaks, what is left behind."""

from __future__ import annotations

import base64
import csv
import io
import logging
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import graphene
import pytest

from saleor_livesales.codes import actions
from saleor_livesales.codes.models import Code, CodeTries, PrintPiece, PrintRecipient
from saleor_livesales.graphql.codes.mutations import live_sign_in_code_redeem
from saleor_livesales.graphql.reading import UNSTORABLE_TEXT
from saleor_livesales.ids import to_global_id
from saleor_livesales.visitors.models import Visitor, VisitorPass

from .conftest import CHANNEL, NOBODY, OWNER, PRODUCT, REP, VARIANT, gid, make_session, make_visitor, now, ticket

REDEEM = """mutation($ticket: String!, $code: LiveCode!) { liveSignInCodeRedeem(ticket: $ticket, code: $code) {
  opened { opens name channel until again product { id } variant { id } } errors { field message code } } }"""
CREATE = """mutation($input: LivePrintPieceCreateInput!) { livePrintPieceCreate(input: $input) {
  piece { id name kind state channel landingUrl personal startsAt endsAt printedAt product { id channel } variant { id }
    counts { codes redemptions sessions } } errors { field message code } } }"""
UPDATE = """mutation($id: ID!, $input: LivePrintPieceUpdateInput!) { livePrintPieceUpdate(id: $id, input: $input) {
  piece { name endsAt } errors { field message code } } }"""
ADD = """mutation($id: ID!, $recipients: [LivePrintRecipientInput!]!) {
  livePrintPieceRecipientsAdd(id: $id, recipients: $recipients) { added piece { counts { codes } }
  errors { field message code } } }"""
DOWNLOAD = """mutation($id: ID!, $format: LivePrintFormat!, $reference: String, $after: String) {
  livePrintPieceDownload(id: $id, format: $format, reference: $reference, after: $after) {
  file { name contentType content after } errors { field message code } } }"""
PRINTED = (
    """mutation($id: ID!) { livePrintPiecePrinted(id: $id) { piece { printedAt } errors { field message code } } }"""
)
REVOKE_PIECE = """mutation($id: ID!) { livePrintPieceRevoke(id: $id, reason: "wrong price") { piece { state }
  errors { field message code } } }"""
REVOKE = """mutation($id: ID!) { liveSignInCodeRevoke(id: $id, reason: "lost") { code { state }
  errors { field message code } } }"""
PIECES = """{ livePrintPieces(first: 10) { totalCount edges { node { id name kind product { id } variant { id }
  counts { codes redemptions sessions } } } } }"""
CODES = """query($filter: LiveSignInCodeFilterInput) { liveSignInCodes(first: 10, filter: $filter) { totalCount
  edges { node { id masked state holder opens channel validFrom validUntil uses maxUses createdAt piece { name }
  recipient { reference name } } } } }"""
LETTERS = """query($channel: String!) { liveLetters(first: 1, filter: {channel: $channel}) { totalCount } }"""
INPUT = {
    "name": "Spring catalogue",
    "kind": "CATALOGUE",
    "channel": CHANNEL,
    "productId": PRODUCT,
    "variantId": VARIANT,
    "landingUrl": "https://shop.example.com/lamp",
    "personal": False,
}

Ask = Callable[..., Any]


def make(ask: Ask, **changes: Any) -> str:
    answer = ask(CREATE, OWNER, input={**INPUT, **changes})
    assert answer.codes == []
    return answer.data["piece"]["id"]


def listed(ask: Ask, piece: str) -> list[dict[str, str]]:
    answer = ask(DOWNLOAD, OWNER, id=piece, format="CSV")
    assert answer.codes == []
    return list(csv.DictReader(io.StringIO(base64.b64decode(answer.data["file"]["content"]).decode())))


def test_the_way_of_a_piece(ask: Ask, visitor: Visitor) -> None:
    piece = make(ask)
    [row] = listed(ask, piece)
    answer = ask(REDEEM, ticket=ticket(visitor.pk), code=row["code"].lower())
    assert answer.codes == []
    assert answer.data["opened"] == {
        "opens": "PIECE",
        "name": "Spring catalogue",
        "channel": CHANNEL,
        "until": None,
        "again": False,
        "product": {"id": PRODUCT},
        "variant": {"id": VARIANT},
    }
    make_session(visitor, state="ended")
    [node] = ask(PIECES, OWNER).nodes
    assert node["counts"] == {"codes": 1, "redemptions": 1, "sessions": 1}
    assert (node["id"], node["product"], node["variant"]) == (piece, {"id": PRODUCT}, {"id": VARIANT})

    assert ask(PRINTED, OWNER, id=piece).data["piece"]["printedAt"] is not None
    assert ask(DOWNLOAD, OWNER, id=piece, format="SVG").codes == [("id", "NOT_ALLOWED_IN_STATE")]
    assert ask(UPDATE, OWNER, id=piece, input={"name": "Other"}).data["piece"]["name"] == "Other"
    assert ask(REVOKE_PIECE, OWNER, id=piece).data["piece"]["state"] == "REVOKED"
    assert ask(REDEEM, ticket=ticket(visitor.pk), code=row["code"]).codes == [("code", "CODE_REFUSED")]


def test_recipients_and_masked_codes(ask: Ask) -> None:
    piece = make(ask, personal=True)
    given = [{"reference": "1", "name": "Ada"}, {"reference": "2"}]
    assert ask(ADD, OWNER, id=piece, recipients=given).data["added"] == 2
    assert ask(ADD, OWNER, id=piece, recipients=given).data["added"] == 0
    rows = {row["reference"]: row["code"] for row in listed(ask, piece)}
    nodes = ask(CODES, OWNER, filter={"piece": piece, "state": ["ISSUED"]}).nodes
    assert {node["recipient"]["reference"]: node["masked"] for node in nodes} == {
        reference: f"••••-••••-•{code[-2:]}" for reference, code in rows.items()
    }
    assert {(node["holder"], node["opens"], node["maxUses"], node["uses"], node["state"]) for node in nodes} == {
        ("RECIPIENT", "PIECE", 1, 0, "ISSUED")
    }
    ada = next(node["id"] for node in nodes if node["recipient"]["name"] == "Ada")
    assert ask(REVOKE, OWNER, id=ada).data["code"]["state"] == "REVOKED"
    assert [node["id"] for node in ask(CODES, OWNER, filter={"state": ["REVOKED"]}).nodes] == [ada]
    svg = ask(DOWNLOAD, OWNER, id=piece, format="SVG", reference="2").data["file"]
    assert (svg["contentType"], b"<svg" in base64.b64decode(svg["content"])) == ("image/svg+xml", True)


def test_visitors_never_see_the_recipient_and_reps_do(ask: Ask, visitor: Visitor) -> None:
    piece = make(ask, personal=True)
    ask(ADD, OWNER, id=piece, recipients=[{"reference": "77", "name": "Ada Buyer"}])
    [row] = listed(ask, piece)
    own = """mutation($input: LiveVisitorIdentifyInput!) { liveVisitorIdentify(input: $input) {
      visitor { name opened { name } } } }"""
    told = ask(REDEEM, ticket=ticket(visitor.pk), code=row["code"])
    assert "Ada" not in str(told.data) and "77" not in str(told.data)
    assert ask(own, input={"ticket": ticket(visitor.pk)}).data["visitor"] == {"name": "Vera", "opened": []}
    visitor.refresh_from_db()
    assert (visitor.assurance, visitor.user_id) == ("code", None)
    session = make_session(visitor)
    seen = """query($id: ID!, $ticket: String) { liveSession(id: $id, ticket: $ticket) {
      visitor { opened { opens name recipient { reference name } } } } }"""
    assert ask(seen, REP, id=gid(session)).data["visitor"]["opened"] == [
        {"opens": "PIECE", "name": "Spring catalogue", "recipient": {"reference": "77", "name": "Ada Buyer"}}
    ]
    assert ask(seen, id=gid(session), ticket=ticket(visitor.pk)).data["visitor"] is None


@pytest.mark.parametrize("by", [NOBODY, REP], ids=["nobody", "rep"])
def test_only_the_owner_looks_after_codes(ask: Ask, by: Any) -> None:
    piece = make(ask)
    before = Code.objects.count(), PrintPiece.objects.count()
    code = to_global_id("LiveSignInCode", Code.objects.get().pk)
    for document, variables in (
        (CREATE, {"input": INPUT}),
        (UPDATE, {"id": piece, "input": {"name": "x"}}),
        (ADD, {"id": piece, "recipients": []}),
        (DOWNLOAD, {"id": piece, "format": "CSV"}),
        (PRINTED, {"id": piece}),
        (REVOKE_PIECE, {"id": piece}),
        (REVOKE, {"id": code}),
        (PIECES, {}),
        (CODES, {}),
        ("query($id: ID!) { livePrintPiece(id: $id) { name } }", {"id": piece}),
    ):
        answer = ask(document, by, **variables)
        assert [error.message for error in answer.errors] == [
            "To access this path, you need one of the following permissions: MANAGE_LIVE_SALES"
        ], document
    assert (Code.objects.count(), PrintPiece.objects.count()) == before
    assert PrintPiece.objects.get().state == "active" and Code.objects.get().state == "issued"


LITERALS = [
    """mutation($ticket: String!) { liveSignInCodeRedeem(ticket: $ticket, code: "%s") { errors { code message } } }""",
    """mutation($ticket: String!, $code: LiveCode = "%s") { liveSignInCodeRedeem(ticket: $ticket, code: $code) {
      errors { code message } } }""",
    """mutation($ticket: String!) { ...there } fragment there on Mutation {
      liveSignInCodeRedeem(ticket: $ticket, code: ["%s"]) { errors { code message } } }""",
    """mutation($ticket: String!) { liveSignInCodeRedeem(ticket: $ticket, code: {code: "%s"}) {
      errors { code message } } }""",
]


@pytest.mark.parametrize("document", LITERALS)
def test_a_code_in_the_document_is_refused_and_not_repeated(ask: Ask, visitor: Visitor, document: str) -> None:
    [row] = listed(ask, make(ask))
    answer = ask(document % row["code"], ticket=ticket(visitor.pk))
    told = str(answer.errors) + str(answer.data)
    assert row["code"] not in told
    assert VisitorPass.objects.count() == 0
    assert Code.objects.get().uses == 0
    assert "CODE_IN_DOCUMENT" in told or answer.errors


def test_a_literal_is_told_apart_by_its_own_code(ask: Ask, visitor: Visitor) -> None:
    answer = ask(LITERALS[0] % "0123-4567-89T", ticket=ticket(visitor.pk))
    assert answer.data["errors"] == [
        {"code": "CODE_IN_DOCUMENT", "message": "Send the code as a variable, never inside the document."}
    ]
    assert CodeTries.objects.count() == 0


@pytest.mark.parametrize("value", [12345678, True, ["A"], {"a": "SECRET-CODE"}, "", " ", "x" * 100_000])
def test_what_is_no_code_is_refused_like_a_wrong_one(ask: Ask, visitor: Visitor, value: Any) -> None:
    answer = ask(REDEEM, ticket=ticket(visitor.pk), code=value)
    assert answer.codes == [("code", "CODE_REFUSED")]


def test_nothing_that_goes_wrong_tells_the_code(
    ask: Ask, visitor: Visitor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    [row] = listed(ask, make(ask))
    plain = row["code"].replace("-", "")

    def broken(*_args: Any, **given: Any) -> Any:
        raise RuntimeError(f"broken at {given['code'].reveal()}")

    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(live_sign_in_code_redeem.redeem, "redeem", broken)
    answer = ask(REDEEM, ticket=ticket(visitor.pk), code=row["code"])
    assert answer.data["errors"] == [
        {"field": None, "message": "Something went wrong on our side.", "code": "GRAPHQL_ERROR"}
    ]
    text = caplog.text + str(answer.data) + str(answer.errors)
    assert "Entering a sign-in code failed: RuntimeError" in text
    assert plain not in text and row["code"] not in text


def test_a_bad_ticket_opens_nothing(ask: Ask) -> None:
    [row] = listed(ask, make(ask))
    assert ask(REDEEM, ticket="nonsense", code=row["code"]).codes == [("ticket", "INVALID_TICKET")]
    assert VisitorPass.objects.count() == 0


def test_tries_are_counted_by_the_network_that_a_trusted_proxy_tells(
    schema: graphene.Schema, db: None, redis: Any
) -> None:
    def enter(meta: dict[str, str]) -> int:
        CodeTries.objects.all().delete()
        context = SimpleNamespace(requestor=NOBODY, META=meta)
        for _ in range(2):
            variables = {"ticket": ticket(make_visitor().pk), "code": "0"}
            schema.execute(REDEEM, variable_values=variables, context_value=context)
        return CodeTries.objects.filter(bucket__startswith="network:", number=2).count()

    assert enter({"REMOTE_ADDR": "203.0.113.7"}) == 1
    assert enter({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "198.51.100.9"}) == 1
    assert enter({"REMOTE_ADDR": "10.0.0.1"}) == 0
    assert enter({}) == 0


def test_lists_cost_the_same_with_one_piece_and_with_ten(ask: Ask, django_assert_num_queries: Any) -> None:
    make(ask)
    with django_assert_num_queries(3):
        assert len(ask(PIECES, OWNER).nodes) == 1
    for _ in range(9):
        make(ask)
    with django_assert_num_queries(3):
        assert len(ask(PIECES, OWNER).nodes) == 10


def test_malformed_input_names_its_field(ask: Ask) -> None:
    assert ask(CREATE, OWNER, input={**INPUT, "landingUrl": "shop"}).codes == [("landingUrl", "INVALID")]
    assert ask(CREATE, OWNER, input={**INPUT, "channel": "x"}).codes == [("channel", "INVALID")]
    for moment in ("2027-01-01T00:00:00", "9999-12-31T23:59:59-10:00", "0001-01-01T00:00:00+10:00"):
        for field in ("startsAt", "endsAt"):
            assert ask(CREATE, OWNER, input={**INPUT, field: moment}).codes == [(field, "INVALID")]
    assert PrintPiece.objects.count() == 0
    nowhere = to_global_id("LivePrintPiece", "00000000-0000-0000-0000-000000000001")
    for document in (PRINTED, REVOKE_PIECE):
        assert ask(document, OWNER, id=nowhere).codes == [("id", "NOT_FOUND")]
    assert ask(ADD, OWNER, id=make(ask), recipients=[{"reference": "1"}]).codes == [
        ("recipients", "NOT_ALLOWED_IN_STATE")
    ]
    assert PrintRecipient.objects.count() == 0


def test_half_a_character_is_told_and_no_accident(ask: Ask, caplog: pytest.LogCaptureFixture) -> None:
    """JSON may hold one half of a surrogate pair, which no column takes."""
    piece = make(ask)
    half = {"landingUrl": "https://shop.example.com/\ud800"}
    assert ask(UPDATE, OWNER, id=piece, input=half).codes == [(None, "INVALID")]
    assert ask(LETTERS, OWNER, channel="\ud800").errors[0].message == UNSTORABLE_TEXT
    assert not [record for record in caplog.records if record.name.startswith("saleor_livesales")]


def test_what_members_will_issue_opens_no_piece(ask: Ask, visitor: Visitor) -> None:
    new = actions.NewCode(
        purpose="sign_in", holder_kind="member", holder_id="m1", opens_kind="member", opens_id="m1", valid_from=now()
    )
    [code] = actions.issue(wanted=[new], actor="system", now=now())
    secret = actions.readable(code_ids=[code.pk])[code.pk]
    answer = ask(REDEEM, ticket=ticket(visitor.pk), code=secret.reveal())
    assert answer.data["opened"] == {
        "opens": "MEMBER",
        "name": None,
        "channel": None,
        "until": None,
        "again": False,
        "product": None,
        "variant": None,
    }
