"""Pictures by HTTP and the socket alone: the multipart request, the hook's answer, and what others get."""

from __future__ import annotations

import io
import urllib.parse
import uuid
from typing import Any

import pytest
from PIL import Image

from saleor_livesales import wire

from ..pictures.build import HTML, SVG, moving, photo, png_header
from .client import Answer, Api
from .people import END, SESSION, Rep, Visitor, codes, configure

SEND = """mutation($input: LivePictureSendInput!) { livePictureSend(input: $input) {
  message { number sender text key picture { id width height url } } errors { field code } } }"""
PICTURE = """query($id: ID!, $ticket: String) { livePicture(id: $id, ticket: $ticket) {
  width height large: url small: url(size: SMALL) } }"""


def send(who: Visitor | Rep, session: str, file: bytes, **given: Any) -> dict[str, Any]:
    shown = {"sessionId": session, "key": str(uuid.uuid4()), **given}
    token = None
    if isinstance(who, Visitor):
        shown.setdefault("ticket", who.ticket)
    else:
        token = who.api.token(who.name)
    answer = who.api.upload(SEND, file, token, **shown)
    assert answer.status == 200, answer.body
    assert "errors" not in answer.json, answer.json
    return answer.json["data"]["livePictureSend"]


def fetch(api: Api, url: str, **headers: str) -> Answer:
    path = urllib.parse.urlsplit(url).path
    return api.http("GET", path, **headers)


def test_a_picture_goes_both_ways(api: Api, visitor: Visitor, rep: Rep, talk: str) -> None:
    sent = send(visitor, talk, photo(1200, 900), caption="the clasp is broken")
    assert codes(sent) == []
    message = sent["message"]
    heard = rep.live.next(wire.Entry, lambda entry: entry.picture is not None)
    assert (heard.number, heard.text, heard.sender) == (message["number"], "the clasp is broken", "visitor")
    assert heard.picture == wire.Picture(id=message["picture"]["id"], width=1200, height=900)

    answer = send(rep, talk, photo(100, 50))["message"]
    seen = visitor.live.next(wire.Entry, lambda entry: entry.sender == "rep" and entry.picture is not None)
    assert (seen.number, seen.picture.width) == (answer["number"], 100)
    assert answer["number"] == message["number"] + 1

    for token, ticket in ((None, visitor.ticket), (api.token("rep"), None)):
        found = api.only(PICTURE, token, id=message["picture"]["id"], ticket=ticket)
        large, small = fetch(api, found["large"]), fetch(api, found["small"])
        assert (large.status, small.status) == (200, 200)
        assert Image.open(io.BytesIO(large.body)).size == (1200, 900)
        assert Image.open(io.BytesIO(small.body)).size == (480, 360)


def test_the_answer_to_the_page_of_the_storefront(api: Api, visitor: Visitor, talk: str) -> None:
    given = {"sessionId": talk, "key": str(uuid.uuid4()), "ticket": visitor.ticket}
    sent = api.upload(SEND, photo(), origin=api.origin, **given)
    assert sent.headers["access-control-allow-origin"] == api.origin
    url = sent.json["data"]["livePictureSend"]["message"]["picture"]["url"]
    assert url.startswith(f"{api.root}/plugins/saleor.livesales/pictures/")
    served = fetch(api, url, Origin=api.origin)
    assert served.headers["access-control-allow-origin"] == api.origin
    told = {
        name: served.headers[name]
        for name in ("content-type", "x-content-type-options", "content-security-policy", "referrer-policy")
    }
    assert told == {
        "content-type": "image/webp",
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; sandbox",
        "referrer-policy": "no-referrer",
    }
    assert served.headers["cache-control"].startswith("private,")
    assert "access-control-allow-origin" not in fetch(api, url, Origin="http://evil.test").headers


def test_sent_again_after_a_lost_answer(api: Api, visitor: Visitor, rep: Rep, talk: str) -> None:
    key = str(uuid.uuid4())
    first = send(visitor, talk, photo(), key=key)["message"]
    again = send(visitor, talk, b"", key=key)["message"]
    assert (again["number"], again["picture"]["id"]) == (first["number"], first["picture"]["id"])
    assert len([entry for entry in visitor.live.resume(talk) if entry.picture]) == 1


def test_nobody_else_can_send_or_see(api: Api, visitor: Visitor, stranger: Visitor, rep: Rep, talk: str) -> None:
    before = api.only(SESSION, id=talk, ticket=visitor.ticket)["lastNumber"]
    assert codes(send(stranger, talk, photo())) == [("sessionId", "NOT_FOUND")]
    assert api.only(SESSION, id=talk, ticket=visitor.ticket)["lastNumber"] == before
    sent = send(visitor, talk, photo())["message"]["picture"]
    assert api.only(PICTURE, id=sent["id"], ticket=stranger.ticket) is None
    refused = api.ask(PICTURE, id=sent["id"])
    assert refused.refusal[0] == "PermissionDenied"
    token = urllib.parse.urlsplit(sent["url"]).path.split("/")[-2]
    for wrong in (sent["id"], token[:-2] + "xx", visitor.ticket):
        assert fetch(api, f"{api.root}/plugins/saleor.livesales/pictures/{wrong}/large").status == 404
    assert fetch(api, sent["url"]).status == 200
    assert api.http("POST", urllib.parse.urlsplit(sent["url"]).path, b"").status == 405


def test_an_ended_session_takes_no_picture_and_still_shows_its_own(
    api: Api, visitor: Visitor, rep: Rep, talk: str
) -> None:
    sent = send(visitor, talk, photo())["message"]["picture"]
    assert codes(api.only(END, api.token("rep"), id=talk)) == []
    assert codes(send(visitor, talk, photo())) == [("sessionId", "SESSION_ENDED")]
    assert codes(send(rep, talk, photo())) == [("sessionId", "SESSION_ENDED")]
    assert fetch(api, api.only(PICTURE, id=sent["id"], ticket=visitor.ticket)["large"]).status == 200


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (SVG, "NOT_A_PICTURE"),
        (HTML, "NOT_A_PICTURE"),
        (moving("GIF"), "NOT_A_PICTURE"),
        (photo(1600, 1200)[:3000], "NOT_A_PICTURE"),
        (png_header(60_000, 60_000), "TOO_LARGE"),
        (b"\0" * 11_000_000, "TOO_LARGE"),
    ],
    ids=["svg", "html", "gif", "truncated", "bomb", "11 MB"],
)
def test_what_is_refused(api: Api, rep: Rep, talk: str, file: bytes, code: str) -> None:
    assert codes(send(rep, talk, file)) == [("image", code)]
    entries = api.only(SESSION, api.token("rep"), id=talk)["messages"]["edges"]
    assert entries == []


def test_a_store_without_pictures(api: Api, visitor: Visitor, rep: Rep, talk: str) -> None:
    configure(api, picturesAllowed=False)
    try:
        assert codes(send(visitor, talk, photo())) == [(None, "PICTURES_NOT_ALLOWED")]
    finally:
        configure(api, picturesAllowed=True)


def test_a_multipart_request_without_an_operation(api: Api) -> None:
    boundary = "----livesales"
    body = f'--{boundary}\r\nContent-Disposition: form-data; name="map"\r\n\r\n{{}}\r\n--{boundary}--\r\n'.encode()
    answer = api.http("POST", "/graphql/", body, Content_Type=f"multipart/form-data; boundary={boundary}")
    assert answer.status == 400
    (error,) = answer.json["errors"]
    assert error["message"] == "Must provide a query string."


def test_a_variable_that_names_no_part(api: Api, visitor: Visitor, talk: str) -> None:
    given = {"sessionId": talk, "key": str(uuid.uuid4()), "ticket": visitor.ticket, "image": "0"}
    assert codes(api.only(SEND, input=given)) == [("image", "INVALID")]
