"""Pictures through the schema: the mutation, the query, and the field of a message."""

from __future__ import annotations

import datetime
from types import SimpleNamespace
from typing import Any

import jwt
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from saleor_livesales.channels.models import ChannelSettings
from saleor_livesales.ids import to_global_id, uuid7
from saleor_livesales.pictures.models import Picture
from saleor_livesales.sessions.models import Entry, Rep, Session
from saleor_livesales.visitors.models import Visitor
from tests.pictures.build import HTML, photo

from .conftest import (
    APP,
    HANDLE,
    NOBODY,
    ONLY_MANAGER,
    OWNER,
    REP,
    SHOPPER,
    STAFF,
    Answer,
    gid,
    make_session,
    make_visitor,
    requestor,
    ticket,
)

SEND = """mutation($input: LivePictureSendInput!) { livePictureSend(input: $input) {
  message { id number sender text picture { id width height url expiresAt } key } errors { field message code } } }"""
PICTURE = """query($id: ID!, $ticket: String) { livePicture(id: $id, ticket: $ticket) {
  id width height large: url small: url(size: SMALL) expiresAt } }"""
MESSAGES = """query($id: ID!, $ticket: String) { liveSession(id: $id, ticket: $ticket) { messages(first: 10) { edges {
  node { number text picture { id width height url } } } } } }"""


@pytest.fixture
def talk(visitor: Visitor, rep: Rep, channel: ChannelSettings) -> Session:
    rep.load = 1
    rep.save()
    return make_session(visitor, state="active", rep=rep, last_number=0)


@pytest.fixture
def send(db: None, redis: Any, schema: Any) -> Any:
    """``send(session, by, **input)``: the multipart request as the shop hands it on."""

    def send(session: Session, by: Any = NOBODY, *, file: bytes | None = b"", part: Any = "0", **given: Any) -> Answer:
        files = {} if file is None else {"0": SimpleUploadedFile("x.html", file or photo(), "text/html")}
        variables = {"input": {"sessionId": gid(session), "key": str(uuid7()), "image": part, **given}}
        context = SimpleNamespace(requestor=by, FILES=files)
        return Answer(schema.execute(SEND, variable_values=variables, context_value=context))

    return send


def test_both_sides_send_a_picture(send: Any, talk: Session, visitor: Visitor) -> None:
    shown = send(talk, ticket=ticket(visitor.pk), caption="mine")
    assert shown.codes == []
    message = shown.data["message"]
    assert (message["number"], message["sender"], message["text"]) == (1, "VISITOR", "mine")
    picture = Picture.objects.get()
    assert message["picture"]["id"] == to_global_id("LivePicture", picture.pk)
    assert (message["picture"]["width"], message["picture"]["height"]) == (640, 480)
    answer = send(talk, REP)
    assert (answer.codes, answer.data["message"]["number"], answer.data["message"]["sender"]) == ([], 2, "REP")
    assert answer.data["message"]["text"] == ""


def test_the_address_names_the_picture_and_nobody(send: Any, talk: Session, visitor: Visitor) -> None:
    picture = send(talk, ticket=ticket(visitor.pk)).data["message"]["picture"]
    base, _, rest = picture["url"].partition("/pictures/")
    assert base == "http://shop.test/plugins/saleor.livesales"
    token, _, size = rest.partition("/")
    claims = jwt.decode(token, options={"verify_signature": False})
    assert (claims["aud"], claims["sub"], size) == ("picture", str(Picture.objects.get().pk), "large")
    assert claims["exp"] - claims["iat"] == 300
    assert set(claims) == {"aud", "sub", "iat", "exp"}
    expires = datetime.datetime.fromisoformat(picture["expiresAt"])
    assert abs(expires.timestamp() - claims["exp"]) < 3


@pytest.mark.parametrize("by", [NOBODY, SHOPPER, STAFF, APP, ONLY_MANAGER], ids=lambda by: by.name or "nobody")
def test_others_may_not_send(send: Any, talk: Session, by: Any) -> None:
    answer = send(talk, by)
    assert answer.refusals == ["PermissionDenied"]
    assert (Entry.objects.count(), Picture.objects.count()) == (0, 0)


def test_what_is_not_yours_is_not_found(send: Any, talk: Session, other_rep: Rep) -> None:
    stranger = make_visitor()
    assert send(talk, ticket=ticket(stranger.pk)).codes == [("sessionId", "NOT_FOUND")]
    assert send(talk, REP, ticket=ticket(stranger.pk)).codes == [
        ("sessionId", "NOT_FOUND")
    ]  # a ticket makes it a visitor's
    assert send(talk, OWNER).codes == [("sessionId", "NOT_FOUND")]
    assert send(Session(pk=uuid7()), REP).codes == [("sessionId", "NOT_FOUND")]
    assert send(talk, ticket="nonsense").codes == [("ticket", "INVALID_TICKET")]
    assert (Entry.objects.count(), Picture.objects.count()) == (0, 0)


@pytest.mark.parametrize("part", ["1", "", 7, ["0"], {"a": 1}])
def test_a_request_without_the_file(send: Any, talk: Session, visitor: Visitor, part: Any) -> None:
    assert send(talk, ticket=ticket(visitor.pk), part=part).codes == [("image", "INVALID")]
    assert send(talk, ticket=ticket(visitor.pk), file=None).codes == [("image", "INVALID")]


def test_a_request_that_has_no_files_at_all(ask: Any, talk: Session, visitor: Visitor) -> None:
    given = {"sessionId": gid(talk), "key": str(uuid7()), "image": "0", "ticket": ticket(visitor.pk)}
    assert ask(SEND, input=given).codes == [("image", "INVALID")]


def test_refusals_have_codes_and_fields(send: Any, talk: Session, visitor: Visitor, channel: ChannelSettings) -> None:
    shown = ticket(visitor.pk)
    assert send(talk, ticket=shown, file=HTML).codes == [("image", "NOT_A_PICTURE")]
    assert send(talk, ticket=shown, file=b"\0" * 11_000_000).codes == [("image", "TOO_LARGE")]
    assert send(talk, ticket=shown, caption="x" * 501).codes == [("caption", "TOO_LONG")]
    channel.pictures_allowed = False
    channel.save()
    assert send(talk, ticket=shown).codes == [(None, "PICTURES_NOT_ALLOWED")]
    assert Entry.objects.count() == 0


def test_a_picture_is_read_by_who_sees_the_session(ask: Any, send: Any, talk: Session, visitor: Visitor) -> None:
    sent = send(talk, REP).data["message"]["picture"]["id"]
    for by, shown in ((NOBODY, ticket(visitor.pk)), (REP, None), (ONLY_MANAGER, None)):
        found = ask(PICTURE, by, id=sent, ticket=shown).data
        assert (found["id"], found["width"], found["height"]) == (sent, 640, 480)
        assert (found["large"].rpartition("/")[2], found["small"].rpartition("/")[2]) == ("large", "small")


def test_to_others_there_is_no_such_picture(
    ask: Any, send: Any, talk: Session, visitor: Visitor, other_rep: Rep
) -> None:
    sent = send(talk, REP).data["message"]["picture"]["id"]
    stranger = ticket(make_visitor().pk)
    other = requestor(other_rep.user_id, HANDLE)
    assert ask(PICTURE, NOBODY, id=sent, ticket=stranger).data is None
    assert ask(PICTURE, NOBODY, id=gid(talk), ticket=ticket(visitor.pk)).data is None
    assert ask(PICTURE, NOBODY, id=to_global_id("LivePicture", uuid7()), ticket=ticket(visitor.pk)).data is None
    assert ask(PICTURE, other, id=sent).data is None
    assert ask(PICTURE, NOBODY, id=sent).refusals == ["PermissionDenied"]
    assert ask(PICTURE, STAFF, id=sent).refusals == ["PermissionDenied"]
    assert ask(PICTURE, NOBODY, id=sent, ticket="x").refusals == ["Refused"]


def test_messages_carry_their_pictures(ask: Any, send: Any, talk: Session, visitor: Visitor) -> None:
    sent = send(talk, REP, caption="the clasp").data["message"]["picture"]["id"]
    [node] = [edge["node"] for edge in ask(MESSAGES, id=gid(talk), ticket=ticket(visitor.pk)).data["messages"]["edges"]]
    assert (node["number"], node["text"], node["picture"]["id"]) == (1, "the clasp", sent)
    assert node["picture"]["url"].endswith("/large")


def test_the_owner_switches_pictures_off(ask: Any, channel: ChannelSettings) -> None:
    document = """mutation($c: String!, $i: LiveChannelSettingsInput!) {
      liveChannelSettingsUpdate(channel: $c, input: $i) { settings { picturesAllowed } errors { field code } } }"""
    storefront = "query($c: String!) { liveStorefront(channel: $c) { picturesAllowed } }"
    assert ask(storefront, c=channel.channel).data == {"picturesAllowed": True}
    assert ask(document, OWNER, c=channel.channel, i={"picturesAllowed": False}).data["settings"] == {
        "picturesAllowed": False
    }
    assert ask(storefront, c=channel.channel).data == {"picturesAllowed": False}
    assert ask(storefront, c="nowhere").data == {"picturesAllowed": False}
    assert ask(document, REP, c=channel.channel, i={"picturesAllowed": True}).refusals == ["PermissionDenied"]
