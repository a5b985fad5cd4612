"""The signed address of a picture: what it opens, for how long, and what the answer allows."""

from __future__ import annotations

import uuid

import pytest

from saleor_livesales import conf
from saleor_livesales.pictures import serve
from saleor_livesales.pictures.models import Picture
from saleor_livesales.sessions.models import Session
from tests.sessions.build import NOW, later, talking

from .build import read
from .test_send import send

BASE = "http://shop.test/plugins/saleor.livesales/pictures/"


@pytest.fixture
def picture(store):
    session, _ = talking()
    send(session)
    return Picture.objects.get()


def path(picture, size="large", now=NOW):
    address = serve.address(picture.pk, size, now=now)
    assert address.startswith(BASE)
    return address.removeprefix(BASE)


def get(path, *, method="GET", now=NOW):
    return serve.respond(path, method=method, now=now)


def test_it_opens_the_picture_in_both_sizes(picture):
    for size, pixels in (("large", (640, 480)), ("small", (480, 360))):
        answer = get(path(picture, size))
        assert answer.status == 200
        assert read(answer.body).size == pixels
        assert answer.headers == {
            "Content-Type": "image/webp",
            "Content-Length": str(len(answer.body)),
            "Content-Disposition": 'inline; filename="picture.webp"',
            "Cache-Control": "private, max-age=300, immutable",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cross-Origin-Resource-Policy": "cross-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Robots-Tag": "noindex",
        }


def test_head_tells_the_same_without_the_picture(picture):
    head, whole = get(path(picture), method="HEAD"), get(path(picture))
    assert (head.status, head.headers, head.body) == (200, whole.headers, b"")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", ""])
def test_other_methods_are_not_answered(picture, method):
    answer = get(path(picture), method=method)
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_after_five_minutes_it_opens_nothing(picture):
    address = path(picture)
    assert get(address, now=later(299)).status == 200
    assert get(address, now=later(300)).status == 404


def test_no_other_token_opens_a_picture_and_its_own_opens_nothing_else(picture):
    signer = conf.load().signer
    for kind in ("visitor", "visitor-ticket", "rep-ticket"):
        token = signer.sign(kind=kind, subject=picture.pk, now=NOW)
        assert get(f"{token}/large").status == 404
        with pytest.raises(Exception, match="not valid"):
            signer.verify(path(picture).split("/")[0], kind=kind, now=NOW)


def test_nothing_else_is_found(picture):
    token = path(picture).split("/")[0]
    other = path(Picture(pk=uuid.uuid4()))
    forged = token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB")
    bodies = set()
    of_token = [f"{token}{rest}" for rest in ("", "/", "/medium", "/large/", "/../large", "/LARGE")]
    others = [
        "",
        "/",
        "x",
        "x/large",
        other,
        f"{forged}/large",
        "a" * 5000,
        f"{picture.pk}/large",
        "\0/large",
        "é/large",
    ]
    for wrong in of_token + others:
        answer = get(wrong)
        assert answer.status == 404, wrong
        assert (answer.headers["Cache-Control"], answer.headers["X-Content-Type-Options"]) == ("no-store", "nosniff")
        bodies.add(answer.body)
    assert bodies == {b"Not found."}


def test_what_is_gone_is_not_found(picture, shop):
    address = path(picture)
    for size in ("large", "small"):
        shop.storage.delete(f"livesales/pictures/{picture.name}-{size}")
    assert get(address).status == 404


def test_a_picture_of_a_session_that_is_gone_is_not_found(picture):
    address = path(picture)
    Session.objects.filter(pk=picture.session_id).delete()
    assert get(address).status == 404


def test_one_that_was_never_sent_is_not_found(picture):
    Picture.objects.update(number=None)
    assert get(path(picture)).status == 404


def test_a_storage_that_is_away_says_so(picture, shop, monkeypatch):
    monkeypatch.setattr(shop.storage, "open", lambda *_: (_ for _ in ()).throw(ConnectionError("bucket")))
    answer = get(path(picture))
    assert (answer.status, answer.body, answer.headers["Retry-After"]) == (503, b"Not available right now.", "5")
